"""Keyrings that are locked, hang, are not there or keep passwords readable.

With a real gnome-keyring where there is one. Each time the user signs in all the same,
is told that the password is for this session, and nothing readable is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.bad_days import NO_SENTENCE, TESTED_ONCE
from tests.practice import CHECKOUT

pytestmark = [pytest.mark.cluster, TESTED_ONCE]

UNLOCK = (
    "printf test | gnome-keyring-daemon --components=secrets --unlock >/dev/null 2>&1; "
)
# Waiting starts no other one; a call to it does.
WAIT = "gdbus wait --session --timeout 20 org.freedesktop.secrets; "
FOR_NOW = "kept in memory until SLEAP is closed"


@dataclass(frozen=True)
class Trouble:
    """How the keyring comes to be so, what is said of it, what puts it right."""

    line: str
    says: str
    mend: str = ""
    bus: bool = True
    backend: str = ""


TROUBLES = {
    # The second bus starts the daemon by itself, and nobody has unlocked it.
    "locked": Trouble(
        "env -u XDG_RUNTIME_DIR dbus-run-session -- bash -c '{unlock} {wait}'; "
        "exec dbus-run-session -- bash -c '{program}'",
        "keyring is locked",
        mend=UNLOCK.replace("--unlock", "--replace --unlock") + WAIT,
    ),
    "hanging": Trouble(
        "exec dbus-run-session -- bash -c '"
        "gnome-keyring-daemon --components=secrets --unlock --foreground "
        "< <(printf test) >/dev/null 2>&1 & "
        "export DAEMON=$!; {wait} kill -STOP $DAEMON; {program}; code=$?; "
        "kill -CONT $DAEMON; exit $code'",
        "did not answer within 5 seconds",
        mend="kill -CONT $DAEMON",
    ),
    "absent": Trouble("{program}", "no safe keyring", bus=False),
    "plaintext": Trouble(
        "{program}",
        "no safe keyring",
        bus=False,
        backend="keyrings.alt.file.PlaintextKeyring",
    ),
    "null": Trouble(
        "{program}",
        "no safe keyring",
        bus=False,
        backend="keyring.backends.null.Keyring",
    ),
}
PLAINTEXT = """
import os, keyring.backend
class PlaintextKeyring(keyring.backend.KeyringBackend):
    priority = 9
    def get_password(self, service, name): return None
    def set_password(self, service, name, secret):
        open(os.path.expanduser("~/leaked"), "w").write(secret)
    def delete_password(self, service, name): pass
"""


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=list(TROUBLES))
def test_the_user_signs_in_and_is_told_that_it_is_for_this_session(
    home, whole_practice, trouble
):
    if trouble.bus and not all(map(shutil.which, ("dbus-run-session", "gdbus"))):
        pytest.skip("there is no session bus to start here")
    package = home / "lib" / "keyrings" / "alt"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "file.py").write_text(PLAINTEXT)
    answer = run(home, whole_practice, trouble)

    (said,) = answer["told"]
    assert trouble.says in said
    assert FOR_NOW in said
    assert not NO_SENTENCE.search(said), said
    assert answer["user"] == whole_practice.user
    assert answer["again"] == []
    if trouble.mend:
        assert answer["mended"] == [""]  # kept now, and nothing to tell
    secret = whole_practice.password.encode()
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if secret in path.read_bytes()] == []


def run(home, practice, trouble):
    program = '"$PYTHON" -m tests.cluster.keyring_cycle "$MEND"'
    line = trouble.line.format(unlock=UNLOCK, wait=WAIT, program=program)
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DBUS_", "XDG_", "SSH_", "DISPLAY", "PYTHON_KEYRING"))
    }
    (home / "run").mkdir(mode=0o700)
    env.update(
        HOME=str(home),
        XDG_RUNTIME_DIR=str(home / "run"),  # where a running daemon is unlocked
        PYTHON=sys.executable,
        PYTHONPATH="{}:{}".format(CHECKOUT, home / "lib"),
        MEND=trouble.mend,
    )
    if trouble.backend:
        env["PYTHON_KEYRING_BACKEND"] = trouble.backend
    done = subprocess.run(
        ["bash", "-c", line],
        input=json.dumps({"profile": practice.profile, "password": practice.password}),
        env=env,
        cwd=str(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_readable_keyring_would_have_been_seen(home):
    """The plaintext one of this test does what it is feared for."""
    (home / "kept.py").write_text(PLAINTEXT)
    code = "import kept; kept.PlaintextKeyring().set_password('s', 'n', 'the secret')"
    env = dict(os.environ, HOME=str(home))
    subprocess.run([sys.executable, "-c", code], env=env, cwd=str(home), check=True)

    assert Path(home, "leaked").read_text() == "the secret"
