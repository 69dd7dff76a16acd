"""A check first: as long as its answer is not agreed to, the command has not begun."""

from __future__ import annotations

import shutil
import subprocess
import threading

import pytest

from sleap_remote_plugin.errors import ConnectionFailed
from sleap_remote_plugin.ssh.shell import (
    LoginShell,
    Markers,
    Stream,
    checked,
    direct_line,
    login_line,
)
from tests.ssh.test_shells import ENVIRONMENT, HOSTILE, SHELLS
from tests.ssh.test_two_hops import wait_until

CHECK = ("sh", "-c", "echo seen; echo noise >&2; cat")


@pytest.fixture
def there(connected):
    """A connected transport."""
    return connected()


@pytest.fixture
def trace(tmp_path):
    return tmp_path / "it's run"


def cut_when(path, transport):
    """Close the connection as soon as a file is there."""

    def cut():
        wait_until(path.exists)
        transport.close()

    cutting = threading.Thread(target=cut, daemon=True)
    cutting.start()
    return cutting


def touching(trace):
    return ("sh", "-c", 'echo done; echo said >&2; touch "$0"; exit 3', str(trace))


def test_the_command_runs_once_its_check_is_agreed_to(there, trace):
    seen = []

    def decide(printed):
        seen.append((printed, trace.exists()))
        return True

    result = there.run_checked(CHECK, touching(trace), decide)

    assert seen == [("seen\n", False)]
    assert (result.exit_code, result.stdout, result.stderr) == (3, "done\n", "said\n")
    assert trace.exists()


def test_a_command_whose_check_is_not_agreed_to_is_not_begun(there, trace):
    assert there.run_checked(CHECK, touching(trace), lambda _: False) is None

    assert there.run(["true"]).exit_code == 0
    assert not trace.exists()


def test_what_is_raised_about_the_check_is_raised_and_nothing_begun(there, trace):
    def decide(printed):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        there.run_checked(CHECK, touching(trace), decide)

    assert there.run(["true"]).exit_code == 0
    assert not trace.exists()


def test_a_check_that_does_not_end_is_told_and_nothing_was_sent(there, trace):
    with pytest.raises(ConnectionFailed, match="Nothing was sent") as caught:
        there.run_checked(["sleep", "60"], touching(trace), None, timeout=1.0)

    assert not caught.value.sent
    assert not trace.exists()


def test_a_connection_lost_while_it_checks_leaves_no_doubt(there, trace):
    began = trace.with_name("check began")
    check = ("sh", "-c", 'touch "$0"; sleep 60', str(began))

    cutting = cut_when(began, there)
    with pytest.raises(ConnectionFailed, match="Nothing was sent") as caught:
        there.run_checked(check, touching(trace), None)
    cutting.join()

    assert not caught.value.sent
    assert not trace.exists()


def test_a_connection_lost_after_the_word_is_a_doubt(there, trace):
    going = trace.with_name("going")

    cutting = cut_when(going, there)
    argv = ("sh", "-c", 'touch "$0"; sleep 60', str(going))
    with pytest.raises(ConnectionFailed) as caught:
        there.run_checked(CHECK, argv, lambda _: True)
    cutting.join()

    assert caught.value.sent


@pytest.mark.parametrize("word", [b"go\n", b"", b"no\n", b"go"])
@pytest.mark.parametrize("kind", ["login", "direct"])
@pytest.mark.parametrize("shell", SHELLS)
def test_every_login_shell_waits_for_the_word(shell, kind, word):
    if shutil.which(shell) is None:
        pytest.skip(shell + " is not installed")
    markers = Markers()
    argv = ("printf", "<%s>") + HOSTILE
    first = checked(("printf", "%s,") + HOSTILE, markers)
    plain = LoginShell({"PATH": "/usr/bin:/bin"}, "0022", frozenset())
    if kind == "login":
        line = login_line(argv, markers, first)
    else:
        line = direct_line(argv, ENVIRONMENT if word else plain, markers, first)

    done = subprocess.run([shell, "-c", line], input=word, stdout=subprocess.PIPE)

    stream = Stream(markers)
    stream.take(done.stdout)
    seen = "".join(one + "," for one in HOSTILE).encode("utf-8")
    assert stream.before(markers["checked"]) == seen
    said = "".join("<{}>".format(one) for one in HOSTILE).encode("utf-8")
    answer = stream.output().partition(markers["checked"])[2]
    assert answer == (said if word == b"go\n" else b"")
