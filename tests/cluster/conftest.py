"""What the tests of the practice cluster share: signing in as a user would."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.session.opening import open_session
from tests.cluster.laptop import connect


@pytest.fixture
def ssh(practice, tmp_path):
    """Call ``ssh(host, line)``: OpenSSH with the user's key, through the bastion."""
    config = tmp_path / "ssh_config"
    config.write_text(
        "Host *\n  User {0.user}\n  IdentityFile {0.key}\n  BatchMode yes\n"
        "  UserKnownHostsFile {0.known_hosts}\n  StrictHostKeyChecking yes\n"
        "  ConnectTimeout 2\n"
        "Host bastion\n  HostName {0.bastion_host}\n  HostKeyAlias {0.bastion_host}\n"
        "Host gateway\n  ProxyJump bastion\n"
        "Host straight-to-gateway\n  HostName {1}\n".format(
            practice, practice.address("gateway")
        )
    )

    def call(host, line, *options):
        command = ["ssh", "-F", str(config)] + list(options) + [host, line]
        # Files: the ssh to the bastion may live on for a while, and holds pipes open.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=60
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(
                command, done.returncode, out.read(), err.read()
            )

    return call


@pytest.fixture
def folder(practice):
    """A fresh folder on the shared disk: ``(on the laptop, on the cluster)``."""
    local = Path(practice.local_mount, "test")
    local.mkdir()
    cluster = practice.cluster_mount + "/test"
    yield local, cluster
    practice.run_as_root("gateway", ["rm", "-rf", cluster])


@pytest.fixture(scope="session")
def qapp_args(screen):
    """Qt's application begins once there is a screen."""
    return ["sleap"]


@pytest.fixture(scope="session")
def fingerprints(practice):
    """What the cluster's people publish: the fingerprints of all its host keys."""
    published = practice.status()["fingerprints"]
    return {one for kinds in published.values() for one in kinds.values()}


@pytest.fixture
def open_it(whole_practice, fingerprints, home, monkeypatch):
    """Open sessions of this test's user, as the program does; closed at the end."""
    for name in ("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    made = []

    def make(sign_in=True):
        session = open_session(load_profile(Path(whole_practice.profile)))
        made.append(session)
        if sign_in:
            connect(session, whole_practice.password, fingerprints)
        return session

    yield make
    for session in made:
        session.disconnect()


@pytest.fixture
def session(open_it):
    return open_it()


@pytest.fixture
def place(whole_practice):
    """The user's folder on the laptop's mount; its jobs and files go afterwards."""
    local = Path(whole_practice.local_mount, "mouse project")
    local.mkdir()
    yield local
    whole_practice.mend()
    clear(whole_practice)


def clear(practice):
    """End the user's jobs, and remove what they left."""
    folder = practice.cluster_mount + "/mouse project"
    line = (
        "scancel --user={0.user}; "
        'while [ -n "$(squeue -h --user={0.user})" ]; do sleep 0.2; done; '
        "rm -rf '{1}'"
    ).format(practice, folder)
    done = practice.run_as_root("gateway", ["timeout", "60", "bash", "-lc", line])
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def holding(practice):
    """The partition ``gpu`` takes jobs and starts none until it is released."""

    def turn(state):
        argv = ["scontrol", "update", "PartitionName=gpu", "State=" + state]
        done = practice.run_as_root("controller", argv)
        assert done.returncode == 0, done.stderr

    turn("DOWN")
    try:
        yield lambda: turn("UP")
    finally:
        practice.mend()
        turn("UP")


@pytest.fixture
def held(whole_practice):
    with holding(whole_practice) as release:
        yield release


@pytest.fixture(scope="session")
def stand_in(practice):
    """Call ``stand_in(mount)``: a profile whose SLEAP has no network and is quick.

    `mount` is where the cluster's disk would be on this computer.
    """

    def profile(mount):
        text = Path(practice.profile).read_text("utf-8")
        text, known, rest = re.split(r"(?ms)(^  known:.*?)(?=^\w)", text, maxsplit=1)
        assert "SLEAP" in known
        local = "local: [{}]".format(practice.local_mount)
        assert local in text
        text = text.replace(local, "local: [{}]".format(json.dumps(str(mount))))
        return text.replace("pattern: SLEAP", "pattern: stand-in") + rest

    return profile


@pytest.fixture
def alone(monkeypatch):
    """No agent and no keyring but what the test brings."""
    for name in ("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
