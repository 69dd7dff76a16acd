"""Two hops on loopback, and a transport that uses nothing of this machine's user."""

from __future__ import annotations

import shutil

import pytest

from sleap_remote_plugin.errors import HostKeyUnknown
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.host_keys import HostKeys
from tests.ssh.servers import SSHD, USER, Sshd

#: Start-up files of whoever runs the tests are left alone: tests kill shells.
NOBODYS_HOME = "SetEnv HOME=/nonexistent"


@pytest.fixture
def quiet_home(tmp_path, monkeypatch):
    """A home without keys, agent or known hosts."""
    place = tmp_path / "quiet_home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return place


@pytest.fixture(scope="module")
def bastion(tmp_path_factory):
    if SSHD is None or shutil.which("ssh-keygen") is None:
        pytest.skip("there is no OpenSSH server here")
    server = Sshd(tmp_path_factory.mktemp("bastion"), extra=NOBODYS_HOME)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, bastion):
    place = tmp_path_factory.mktemp("gateway")
    server = Sshd(place, kinds=("ed25519", "rsa"), extra=NOBODYS_HOME)
    yield server
    server.stop()


@pytest.fixture
def host_keys(tmp_path):
    return HostKeys(tmp_path / "own" / "known_hosts", user_files=())


@pytest.fixture
def credentials():
    return Credentials("test", keyring_backend=lambda: None)


@pytest.fixture
def config_for(tmp_path):
    """An SshConfig that gives each of our servers its key."""

    def make(*servers, extra=""):
        lines = [extra]
        for number, server in enumerate(servers):
            lines.append(
                "Host hop{}\n HostName 127.0.0.1\n Port {}\n IdentityFile {}\n"
                " IdentitiesOnly yes".format(number, server.port, server.user_key)
            )
        path = tmp_path / "ssh_config"
        path.write_text("\n".join(lines) + "\n")
        return SshConfig([path])

    return make


@pytest.fixture
def two_hops(quiet_home, bastion, gateway, host_keys, credentials, config_for):
    """A transport over both hops; no host key is trusted yet."""
    made = []

    def make(**deadlines):
        transport = SSHTransport(
            Address("hop1"),
            [Address("hop0")],
            USER,
            credentials=credentials,
            host_keys=host_keys,
            ssh_config=config_for(bastion, gateway),
            deadlines=Deadlines(**deadlines),
        )
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def connected(two_hops, host_keys):
    """A connected transport."""

    def make(**deadlines):
        transport = two_hops(**deadlines)
        connect_trusting(transport, host_keys)
        return transport

    return make


def connect_trusting(transport, host_keys):
    """Connect as a user who says yes to each new host key; the keys that were asked."""
    asked = []
    while True:
        try:
            transport.connect()
            return asked
        except HostKeyUnknown as error:
            asked.append(error)
            assert len(asked) < 9
            host_keys.trust(error)
