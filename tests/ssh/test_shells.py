"""Login shells of all kinds, and start-up files that print, wait, leave or loop."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.errors import ConnectionFailed, ShellTrouble
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh import command
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.shell import (
    LoginShell,
    Markers,
    Stream,
    direct_line,
    login_line,
    plain_line,
    read_login_shell,
)
from tests.ssh.conftest import NOBODYS_HOME, connect_trusting
from tests.ssh.servers import USER, Sshd

SHELLS = ("sh", "bash", "zsh", "tcsh", "fish")
ENVIRONMENT = LoginShell({"PATH": "/usr/bin:/bin:/it's/$(x)!\\"}, "0022", frozenset())
LINES = {
    "plain": plain_line,
    "login": login_line,
    "direct": lambda argv, markers: direct_line(argv, ENVIRONMENT, markers),
}
HOSTILE = ("it's", "!!", "a!b", "a\\b", "\\", "\\'", "$(id)", "`id`", "a\nb", "%s\r")
ARGUMENT = st.text(
    st.one_of(
        st.sampled_from("'\"!\\$`\n\r\t ;&|<>(){}[]*?~#%^-=@,:+"),
        st.characters(blacklist_characters="\x00", blacklist_categories=("Cs",)),
    ),
    max_size=20,
)


def said_through(shell, line_of, argv):
    """What a program's output is when `shell` reads its line, as sshd has it read."""
    markers = Markers()
    done = subprocess.run(
        [shell, "-c", line_of(argv, markers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={"HOME": "/nonexistent", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    stream = Stream(markers)
    stream.take(done.stdout)
    assert stream.begun
    return stream.output().decode("utf-8")


@pytest.mark.parametrize("kind", list(LINES))
@pytest.mark.parametrize("shell", SHELLS)
def test_every_login_shell_hands_hostile_text_on_unchanged(shell, kind):
    if shutil.which(shell) is None:
        pytest.skip(shell + " is not installed")
    assert said_through(shell, LINES[kind], ("printf", "<%s>") + HOSTILE) == "".join(
        "<{}>".format(word) for word in HOSTILE
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_every_login_shell_hands_any_text_on_unchanged(shell):
    if shutil.which(shell) is None:
        pytest.skip(shell + " is not installed")

    @settings(max_examples=15, deadline=None)
    @given(st.lists(ARGUMENT, min_size=1, max_size=3))
    def arrives(words):
        said = said_through(shell, plain_line, ["printf", "%s\\0"] + words)
        assert said == "".join(word + "\0" for word in words)

    arrives()


# -- what is noise and what is output --------------------------------------------------


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(1, 9))
def test_output_is_what_lies_between_the_markers_however_it_is_cut(noise, said, step):
    markers = Markers("0123")
    whole = noise + markers["begin"] + said + markers["end"] + noise
    stream = Stream(markers)
    for start in range(0, len(whole), step):
        stream.take(whole[start : start + step])

    assert stream.output() == said
    assert stream.noise == noise.decode("utf-8", "replace")


def test_noise_without_end_is_not_kept():
    stream = Stream(Markers())
    for _ in range(1000):
        stream.take(b"noise\n" * 1000)

    assert len(stream.noise) <= 2000
    assert len(stream.output()) < 10000


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ("PATH=/a:/b|SLURM_CONF=/c|USER=x||0022\ncd\nmodule\n", "/a:/b"),
        ("", None),
        ("PATH=/a||nonsense\n", None),
        ("HOME=/a||0022\n", None),
        ("PATH=/a|SLURM_JWT=secret||0022\n", None),
    ],
)
def test_what_a_login_shell_has_for_programs(answer, path):
    found = read_login_shell(answer.replace("|", "\0").encode())

    assert (found and found.variables["PATH"]) == path
    if found:
        assert found.variables == {"PATH": "/a:/b", "SLURM_CONF": "/c"}
        assert "module" in found.own_words


# -- a real sshd, whose user's start-up files are these --------------------------------


@pytest.fixture
def with_start_up(quiet_home, bastion, tmp_path, host_keys, credentials, config_for):
    """A transport to a user whose login shell is bash, with these files at home."""
    servers, transports = [], []

    def make(shell=30.0, **files):
        home = tmp_path / "their home"
        home.mkdir()
        for name, text in files.items():
            (home / ("." + name)).write_text(text + "\n")
        login = tmp_path / "login_shell"
        login.write_text(
            "#!/bin/sh\nexport HOME='{}' SHLVL=0\n"
            'exec bash -c "$SSH_ORIGINAL_COMMAND"\n'.format(home)
        )
        login.chmod(login.stat().st_mode | stat.S_IXUSR)
        server = Sshd(
            tmp_path / "server", extra=NOBODYS_HOME + "\nForceCommand {}".format(login)
        )
        servers.append(server)
        transport = SSHTransport(
            Address("hop0"),
            user=USER,
            credentials=credentials,
            host_keys=host_keys,
            ssh_config=config_for(server),
            deadlines=Deadlines(shell=shell),
        )
        transports.append(transport)
        connect_trusting(transport, host_keys)
        return transport

    yield make
    for transport in transports:
        transport.close()
    for server in servers:
        server.stop()


BOTH = "echo out; echo err >&2; exit 7"
HARMLESS = {
    "prints": "echo hello; echo warning >&2; printf 'no end of line'",
    "prints what is not UTF-8": "printf '\\377\\000'",
    "asks": "read -p 'Which project? ' answer",
    "is slow": "sleep 0.5",
    "shows what it runs": "set -x",
    "says goodbye": "trap 'echo goodbye; echo goodbye >&2' EXIT",
}


@pytest.mark.parametrize("login_shell", [True, False])
@pytest.mark.parametrize("what", list(HARMLESS))
def test_a_start_up_file_changes_no_output(with_start_up, what, login_shell):
    transport = with_start_up(bashrc=HARMLESS[what], bash_profile=HARMLESS[what])

    result = transport.run(["sh", "-c", BOTH], login_shell=login_shell)

    assert (result.exit_code, result.stdout, result.stderr) == (7, "out\n", "err\n")


def test_a_function_of_the_login_shell_is_without_its_noise_too(with_start_up):
    text = "echo hello; trap 'echo goodbye' EXIT; module() { echo \"module: $*\"; }"
    transport = with_start_up(bash_profile=text)

    result = transport.run(["module", "avail", "a b"])

    assert result.stdout == "module: avail a b\n"


@pytest.mark.parametrize(
    "text", ["exit 0", "exit 1", "exec /bin/cat", "exec sh", "exec true", "kill -9 $$"]
)
@pytest.mark.parametrize("login_shell", [True, False])
def test_a_start_up_file_that_leaves_is_told(with_start_up, text, login_shell):
    transport = with_start_up(bashrc="echo 'quota: 81%'; " + text)

    with pytest.raises(ShellTrouble, match="start-up files") as caught:
        transport.run(["echo", "x"], login_shell=login_shell)

    assert "quota: 81%" in caught.value.detail
    assert transport.is_connected


def test_what_is_for_a_command_is_not_run_by_a_start_up_file(with_start_up, tmp_path):
    transport = with_start_up(bashrc="exec sh")
    trace = tmp_path / "was run"

    with pytest.raises((ShellTrouble, ConnectionFailed)):
        transport.run(["cat"], stdin="touch '{}'\n".format(trace).encode(), timeout=1.0)

    assert not trace.exists()


def test_a_login_shell_that_leaves_before_sbatch_leaves_no_doubt(with_start_up):
    transport = with_start_up(bash_profile="exit 0")

    with pytest.raises(ShellTrouble) as caught:
        transport.run(["sbatch", "script"])

    assert not caught.value.sent


def test_a_login_shell_that_never_answers_is_told(with_start_up):
    transport = with_start_up(bash_profile="sleep 60", shell=0.5)

    with pytest.raises(ShellTrouble, match="gave no answer within") as caught:
        transport.run(["sbatch", "script"])

    assert not caught.value.sent
    assert transport.run(["echo", "x"], login_shell=False).stdout == "x\n"


@pytest.mark.parametrize("stream", ["", " >&2"])
def test_a_start_up_file_that_prints_without_end_is_told(
    with_start_up, stream, monkeypatch
):
    monkeypatch.setattr(command, "MOST_OUTPUT", 1 << 20)
    transport = with_start_up(bashrc="yes" + stream)

    with pytest.raises(ShellTrouble, match="printed more than"):
        transport.run(["true"])

    assert transport.is_connected


def test_programs_are_found_as_the_login_shell_finds_them(with_start_up, tmp_path):
    place = tmp_path / "it's a $(place)"
    place.mkdir()
    program = place / "sbatch"
    program.write_text('#!/bin/sh\necho "$SLURM_CONF $(umask) $$ $PPID"\n')
    program.chmod(0o755)
    settings = 'export PATH="$HOME/../it\'s a \\$(place):$PATH"\n'
    settings += "export SLURM_CONF='/a b'; umask 0002; echo hello"
    transport = with_start_up(bash_profile=settings)

    assert transport.run(["sbatch"]).stdout.startswith("/a b 0002 ")


def test_the_login_shell_is_asked_once(with_start_up, tmp_path):
    count = tmp_path / "count"
    transport = with_start_up(bash_profile="echo x >> '{}'".format(count))

    for _ in range(4):
        transport.run(["ls", "/"])

    assert count.read_text() == "x\n"


def test_a_function_of_the_login_shell_waits_for_its_check_too(with_start_up):
    text = 'echo hello; sbatch() { echo "wrapped: $*"; }'
    transport = with_start_up(bash_profile=text)

    def run(answer):
        return transport.run_checked(["echo", "x"], ["sbatch", "a b"], answer)

    assert run(lambda _: False) is None
    assert run(lambda seen: seen == "x\n").stdout == "wrapped: a b\n"
