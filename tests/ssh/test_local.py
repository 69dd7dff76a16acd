"""This machine as a transport: a desktop that has sbatch itself."""

from __future__ import annotations

import getpass
import os
import threading

import pytest

from sleap_remote_plugin.errors import (
    CommandTimedOut,
    ConnectionFailed,
    ShellTrouble,
)
from sleap_remote_plugin.ssh.local import LocalTransport
from tests.ssh.waiting import has_ended, wait_until


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A transport whose user has nothing but an empty home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    made = LocalTransport()
    yield made
    made.close()


def test_exit_code_and_streams_are_kept_apart(here):
    result = here.run(["sh", "-c", "echo out; echo err >&2; exit 7"])

    assert (result.exit_code, result.stdout, result.stderr) == (7, "out\n", "err\n")


def test_who_we_are_is_known_without_asking(here):
    assert here.user == getpass.getuser()
    assert here.is_connected


@pytest.mark.parametrize("login_shell", [True, False])
def test_much_goes_both_ways_at_once(here, login_shell):
    sent = os.urandom(1 << 20)
    result = here.run(["od", "-An", "-v", "-tx1"], stdin=sent, login_shell=login_shell)

    assert bytes.fromhex(result.stdout.replace(" ", "").replace("\n", "")) == sent


def test_a_command_that_does_not_read_its_stdin_ends_well(here):
    assert here.run(["true"], stdin=b"x" * (1 << 20)).exit_code == 0


def test_without_stdin_a_reader_sees_the_end_at_once(here):
    assert here.run(["cat"]).stdout == ""


def test_bytes_that_are_not_utf8_are_shown_as_replacements(here):
    assert here.run(["printf", r"caf\351"]).stdout == "caf\ufffd"


def test_noise_of_the_login_shell_is_not_the_commands(here, tmp_path):
    (tmp_path / ".bash_profile").write_text("echo Welcome; echo Mind >&2\n")

    result = here.run(["sh", "-c", "echo out; echo err >&2"])

    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_a_login_shell_that_ends_before_the_command_is_told(here, tmp_path):
    (tmp_path / ".bash_profile").write_text("echo bye; exit 0\n")

    with pytest.raises(ShellTrouble, match="start-up files"):
        here.run(["touch", str(tmp_path / "touched")])
    assert not (tmp_path / "touched").exists()
    assert here.run(["echo", "x"], login_shell=False).stdout == "x\n"


@pytest.mark.parametrize("login_shell", [True, False])
def test_at_the_deadline_all_that_was_started_ends(here, tmp_path, login_shell):
    script = "sleep 600 & echo $! > {}; sleep 600".format(tmp_path / "pid")

    with pytest.raises(CommandTimedOut) as caught:
        here.run(["sh", "-c", script], timeout=2.0, login_shell=login_shell)

    assert caught.value.sent
    wait_until(lambda: has_ended(tmp_path / "pid"))


def test_closing_ends_what_runs_and_says_so(here, tmp_path):
    script = "sleep 600 & echo $! > {}; wait".format(tmp_path / "pid")
    errors = []

    def run():
        try:
            here.run(["sh", "-c", script], timeout=600)
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    here.close()
    thread.join(60)

    assert [error.sent for error in errors] == [True]
    wait_until(lambda: has_ended(tmp_path / "pid"))
    assert here.run(["echo", "again"]).stdout == "again\n"


def test_a_program_left_in_the_background_does_not_hold_us(here, tmp_path):
    script = "sleep 600 & echo $! > {}; echo done".format(tmp_path / "pid")
    try:
        assert here.run(["sh", "-c", script], timeout=300).stdout == "done\n"
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 9)


def test_a_program_that_is_not_there_is_told(here):
    with pytest.raises(ConnectionFailed, match="could not be started") as caught:
        here.run(["no-such-program"], login_shell=False)
    assert not caught.value.sent
    assert here.run(["no-such-program"]).exit_code == 127


def test_what_sleaps_own_environment_has_does_not_reach_slurm(here, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "SLURM_JOB_ID", "SBATCH_PARTITION"):
        monkeypatch.setenv(name, "/x")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm/slurm.conf")

    lines = here.run(["env"], login_shell=False).stdout.splitlines()

    names = {line.split("=")[0] for line in lines}
    assert "SLURM_CONF" in names
    assert not {one for one in names if one.startswith(("PYTHON", "SLURM_J", "SBATCH"))}


def test_it_does_not_run_in_a_folder_that_may_be_gone(here, tmp_path):
    assert here.run(["pwd"], login_shell=False).stdout == "{}\n".format(tmp_path)


def test_failures_are_in_the_connection_log(here):
    with pytest.raises(ConnectionFailed):
        here.run(["no-such-program"], login_shell=False)

    assert "no-such-program" in here.log_lines()[-1]
    assert "why not" in LocalTransport("why not").log_lines()[0]
