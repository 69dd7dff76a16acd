from __future__ import annotations

import copy
import os
import pickle
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.keyrings import is_safe

CHECKOUT = Path(__file__).resolve().parents[2]


class Store:
    """A keyring backend in fifteen lines."""

    priority = 5

    def __init__(self):
        self.kept = {}

    def get_password(self, service, name):
        return self.kept.get((service, name))

    def set_password(self, service, name, secret):
        self.kept[(service, name)] = secret

    def delete_password(self, service, name):
        del self.kept[(service, name)]


def made(store, deadline=5.0):
    return Credentials("test", lambda: store, deadline)


def test_what_is_kept_is_there_next_time():
    store = Store()
    assert made(store).remember("jane", "bastion", "pw", keep=True) == ""

    assert made(store).get("jane", "bastion") == "pw"
    assert made(store).get("jane", "gateway") == "pw"
    assert made(store).get("joe", "gateway") is None


def test_what_is_not_kept_is_not_in_the_keyring():
    store = Store()
    credentials = made(store)
    credentials.remember("jane", "bastion", "pw", keep=False)

    assert credentials.get("jane", "bastion") == "pw"
    assert store.kept == {}


def test_a_refused_password_is_gone_everywhere():
    store = Store()
    credentials = made(store)
    credentials.remember("jane", "bastion", "pw", keep=True)
    credentials.refused("jane", "bastion")

    assert credentials.get("jane", "bastion") is None
    assert store.kept == {}


def test_a_hop_that_alone_refuses_gets_a_password_of_its_own():
    store = Store()
    credentials = made(store)
    credentials.remember("jane", "bastion", "pw", keep=True)
    credentials.refused("jane", "gateway", accepted_elsewhere=True)
    assert credentials.get("jane", "gateway") is None
    assert credentials.get("jane", "bastion") == "pw"

    credentials.remember("jane", "gateway", "other", keep=True)

    later = made(store)
    assert later.get("jane", "gateway") == "other"
    assert later.get("jane", "bastion") == "pw"


def test_forgetting_a_user_forgets_all_hosts():
    store = Store()
    credentials = made(store)
    credentials.remember("jane", "bastion", "pw", keep=True)
    credentials.refused("jane", "gateway", accepted_elsewhere=True)
    credentials.remember("jane", "gateway", "other", keep=True)
    credentials.forget("jane", "gateway")

    assert store.kept == {}
    assert credentials.get("jane", "gateway") is None


def test_without_a_keyring_the_password_is_for_now_and_that_is_said():
    credentials = Credentials("test", lambda: None)

    said = credentials.remember("jane", "bastion", "pw", keep=True)

    assert "kept in memory until SLEAP is closed" in said
    assert credentials.get("jane", "bastion") == "pw"
    assert "no safe keyring" in credentials.keyring_problem


def test_a_keyring_that_hangs_is_left_after_the_deadline():
    hang = threading.Event()
    store = Store()
    store.get_password = lambda service, name: hang.wait(60)
    credentials = made(store, deadline=0.1)

    assert credentials.get("jane", "bastion") is None
    said = credentials.remember("jane", "bastion", "pw", keep=True)
    assert "did not answer" in said
    assert credentials.get("jane", "bastion") == "pw"
    hang.set()


def test_a_keyring_that_hangs_is_waited_for_once_and_tried_again_later():
    hang, calls, now = threading.Event(), [], [0.0]
    store = Store()
    find = store.get_password

    def get_password(service, name):
        calls.append(name)
        hang.wait(60)
        return find(service, name)

    store.get_password = get_password
    credentials = Credentials("test", lambda: store, 0.1, clock=lambda: now[0])
    for _ in range(5):
        assert credentials.get("jane", "bastion") is None
    assert "did not answer" in credentials.keyring_problem
    assert len(calls) == 1

    hang.set()
    store.kept[("sleap-remote:test", "jane")] = "pw"
    now[0] = 301.0
    assert credentials.get("jane", "bastion") == "pw"
    assert credentials.keyring_problem == ""


def test_a_keyring_that_is_locked_when_it_is_read_is_said_before_one_types():
    class KeyringLocked(Exception):
        pass

    store = Store()
    find = store.get_password

    def locked(service, name):
        raise KeyringLocked("dismissed")

    store.get_password = locked
    credentials = made(store)
    assert credentials.get("jane", "bastion") is None
    assert "is locked" in credentials.keyring_problem

    store.get_password = find
    credentials.ask_anew()  # the user has unlocked it, and wants to sign in
    assert credentials.keyring_problem == ""
    assert credentials.remember("jane", "bastion", "pw", keep=True) == ""


def test_what_a_keyring_would_not_let_go_of_is_said():
    store = Store()
    credentials = made(store)
    credentials.remember("jane", "bastion", "pw", keep=True)

    def broken(service, name):
        raise RuntimeError("pw")

    store.delete_password = broken
    assert "failed (RuntimeError)" in credentials.forget("jane", "bastion")
    assert credentials.get("jane", "bastion") is None


def test_without_any_keyring_there_is_nothing_to_forget():
    assert Credentials("test", lambda: None).forget("jane", "bastion") == ""


def test_asking_anew_keeps_the_old_password_until_there_is_another():
    store = Store()
    credentials = made(store)
    credentials.remember("jane", "bastion", "old", keep=True)
    credentials.ask_anew()
    assert credentials.get("jane", "bastion") is None
    assert list(store.kept.values()) == ["old"]

    credentials.remember("jane", "bastion", "new", keep=True)
    assert credentials.get("jane", "bastion") == "new"
    assert list(store.kept.values()) == ["new"]


def test_a_keyring_that_forgets_is_found_by_reading_back():
    store = Store()
    store.set_password = lambda service, name, secret: None
    credentials = made(store)

    assert "did not give the password back" in credentials.remember(
        "jane", "bastion", "pw", keep=True
    )
    assert credentials.get("jane", "bastion") == "pw"


def test_a_locked_keyring_is_said_without_its_own_words():
    class KeyringLocked(Exception):
        pass

    def locked(service, name, secret):
        raise KeyringLocked("could not store " + secret)

    store = Store()
    store.set_password = locked
    said = made(store).remember("jane", "bastion", "pw-M4RKER", keep=True)

    assert "is locked" in said
    assert "M4RKER" not in said


def test_credentials_show_and_give_away_nothing():
    credentials = Credentials("test", lambda: None)
    credentials.remember("jane", "bastion", "pw-M4RKER", keep=True)

    assert "M4RKER" not in repr(credentials)
    for give in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            give(credentials)


@pytest.mark.parametrize(
    ("module", "name", "priority", "safe"),
    [
        ("keyring.backends.SecretService", "Keyring", 5, True),
        ("keyring.backends.macOS", "Keyring", 5, True),
        ("keyring.backends.Windows", "WinVaultKeyring", 5, True),
        ("keyring.backends.fail", "Keyring", 0, False),
        ("keyring.backends.null", "Keyring", -1, False),
        ("keyrings.alt.file", "PlaintextKeyring", 0.5, False),
        ("keyrings.alt.file", "PlaintextKeyring", 9, False),
        ("somewhere.else", "MyPlaintextKeyring", 9, False),
        ("somewhere.else", "Weak", 0.9, False),
    ],
)
def test_backends_are_judged_by_what_they_are(module, name, priority, safe):
    kind = type(name, (), {"priority": priority})
    kind.__module__ = module

    assert is_safe(kind()) is safe


@pytest.mark.parametrize(
    ("members", "chosen"),
    [
        ((("keyrings.alt.file", 9), ("keyring.backends.SecretService", 5)), 1),
        ((("keyring.backends.kwallet", 4.9), ("keyring.backends.null", -1)), 0),
        ((("keyrings.alt.file", 9), ("keyring.backends.null", 8)), None),
        ((), None),
    ],
)
def test_of_a_chain_only_a_safe_member_is_used(monkeypatch, members, chosen):
    import keyring
    from keyring.backends.chainer import ChainerBackend

    from sleap_remote_plugin.ssh.keyrings import chosen_backend

    backends = []
    for module, priority in members:
        kind = type("Keyring", (), {"priority": priority})
        kind.__module__ = module
        backends.append(kind())
    chain = type("Chain", (ChainerBackend,), {"backends": backends})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)

    expected = None if chosen is None else backends[chosen]
    assert chosen_backend() is expected


IN_A_REAL_KEYRING = """
import sys
from sleap_remote_plugin.ssh.credentials import Credentials
first = Credentials("test")
said = first.remember("jane", "bastion", "p\\u00e4ss", keep=True)
assert said == "", said
assert Credentials("test").get("jane", "gateway") == "p\\u00e4ss"
first.forget("jane")
assert Credentials("test").get("jane", "bastion") is None
print("real keyring: fine")
"""

NO_KEYRING = """
from sleap_remote_plugin.ssh.credentials import Credentials
credentials = Credentials("test")
said = credentials.remember("jane", "bastion", "pw", keep=True)
assert "in memory" in said, said
assert credentials.get("jane", "bastion") == "pw"
print("session only: fine")
"""


def child(code, home, before=(), **more):
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DBUS_", "XDG_", "DISPLAY"))
    }
    env.update(HOME=str(home), PYTHONPATH=str(CHECKOUT), **more)
    return subprocess.run(
        [*before, sys.executable, "-W", "ignore", "-c", code],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        timeout=120,
    )


@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="there is no Secret Service to start here",
)
def test_a_real_secret_service_keeps_and_forgets(tmp_path):
    # The daemon ends with its bus, which ends with this command.
    start = (
        "echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null;"
        ' "$@"'
    )
    done = child(
        IN_A_REAL_KEYRING,
        tmp_path,
        before=["dbus-run-session", "--", "bash", "-c", start, "bash"],
    )

    assert "real keyring: fine" in done.stdout, done.stdout


LOCKED = """
from sleap_remote_plugin.ssh.credentials import Credentials
credentials = Credentials("test")
assert credentials.get("jane", "bastion") is None
print(credentials.keyring_problem)
assert "in memory" in credentials.remember("jane", "bastion", "pw", keep=True)
assert credentials.get("jane", "bastion") == "pw"
"""
FILLED = """
from sleap_remote_plugin.ssh.credentials import Credentials
assert Credentials("test").remember("jane", "bastion", "pw", keep=True) == ""
"""


@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="there is no Secret Service to start here",
)
def test_a_real_keyring_that_nobody_unlocks_is_said_to_be_locked(tmp_path):
    def bus(how):
        daemon = "echo -n pw | gnome-keyring-daemon {} --components=secrets".format(how)
        start = daemon + ' >/dev/null 2>&1; "$@"'
        return ["dbus-run-session", "--", "bash", "-c", start, "bash"]

    filled = child(FILLED, tmp_path, before=bus("--unlock"))
    assert filled.returncode == 0, filled.stdout
    done = child(LOCKED, tmp_path, before=bus("--start"))

    assert done.returncode == 0, done.stdout
    assert "This computer's keyring is locked." in done.stdout


def test_without_a_bus_the_password_is_for_the_session(tmp_path):
    done = child(NO_KEYRING, tmp_path)

    assert "session only: fine" in done.stdout, done.stdout


def test_the_null_backend_is_not_believed(tmp_path):
    done = child(
        NO_KEYRING, tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring"
    )

    assert "session only: fine" in done.stdout, done.stdout


def test_a_plaintext_backend_is_refused_and_writes_nothing(tmp_path):
    package = tmp_path / "lib" / "keyrings" / "alt"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "file.py").write_text(
        "import os, keyring.backend\n"
        "class PlaintextKeyring(keyring.backend.KeyringBackend):\n"
        "    priority = 0.5\n"
        "    def get_password(self, service, name): return None\n"
        "    def set_password(self, service, name, secret):\n"
        "        open(os.path.expanduser('~/leaked'), 'w').write(secret)\n"
        "    def delete_password(self, service, name): pass\n"
    )
    code = "import sys; sys.path.insert(0, {!r})\n".format(str(tmp_path / "lib"))
    done = child(
        code + NO_KEYRING,
        tmp_path,
        PYTHON_KEYRING_BACKEND="keyrings.alt.file.PlaintextKeyring",
    )

    assert "session only: fine" in done.stdout, done.stdout
    assert not (tmp_path / "leaked").exists()
