"""The user's own ~/.ssh/config, with real servers behind it."""

from __future__ import annotations

import shutil
import socket
import subprocess

import pytest

from sleap_remote_plugin.errors import ConnectionFailed, HostKeyUnknown
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.connection import SSHTransport
from tests.ssh.conftest import connect_trusting
from tests.ssh.servers import USER, Sshd
from tests.ssh.waiting import wait_until


@pytest.fixture
def configured(quiet_home, bastion, gateway, host_keys, credentials):
    """A transport to the alias ``gw`` and nothing else, by the config's own words."""
    made = []

    def make(text):
        folder = quiet_home / ".ssh"
        folder.mkdir(exist_ok=True)
        values = {
            "bastion": bastion.port,
            "gateway": gateway.port,
            "bastion_key": bastion.user_key,
            "gateway_key": gateway.user_key,
            "user": USER,
        }
        (folder / "config").write_text(text.format(**values))
        (folder / "config").chmod(0o600)
        transport = SSHTransport(
            Address("gw"), credentials=credentials, host_keys=host_keys
        )
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


HOSTS = (
    "Host gw door\n HostName 127.0.0.1\n User {user}\n IdentitiesOnly yes\n"
    "Host gw\n Port {gateway}\n IdentityFile {gateway_key}\n"
    "Host door\n Port {bastion}\n IdentityFile {bastion_key}\n"
)


@pytest.mark.parametrize(
    "way",
    [
        "ProxyJump door",
        "ProxyJump {user}@door:{bastion}",
        "ProxyCommand ssh -W %h:%p door",
    ],
)
def test_an_alias_is_all_that_a_profile_needs(configured, host_keys, way):
    transport = configured(HOSTS + "Host gw\n " + way + "\n")

    asked = connect_trusting(transport, host_keys)

    assert len(asked) == 2
    assert transport.run(["echo", "there"]).stdout == "there\n"
    assert transport.user == USER


def test_a_command_of_the_users_decides_on_the_way(configured, host_keys, tmp_path):
    away = tmp_path / "away"
    transport = configured(
        HOSTS + 'Match originalhost gw exec "test -e ' + str(away) + '"\n'
        " ProxyJump door\n"
    )
    assert len(connect_trusting(transport, host_keys)) == 1

    transport.close()
    away.write_text("")
    connect_trusting(transport, host_keys)
    assert [hop.label for hop in transport.route()][0].startswith("door")


def test_what_is_left_out_is_in_the_connection_log(configured, host_keys):
    transport = configured("Rubbish\nMatch tagged x\n User no\n" + HOSTS)

    connect_trusting(transport, host_keys)

    told = [line for line in transport.log_lines() if "ssh config: " in line]
    assert any("line 1 is not understood" in line for line in told)
    assert any("line 2: Match tagged is not followed" in line for line in told)


def test_a_circle_of_jumps_is_a_sentence_and_in_the_log(configured):
    transport = configured(
        HOSTS + "Host gw\n ProxyJump door\nHost door\n ProxyJump gw\n"
    )

    with pytest.raises(ConnectionFailed, match="round in a circle"):
        transport.connect()
    assert any("round in a circle" in line for line in transport.log_lines())


@pytest.mark.parametrize("given", ["{}", '"{}"', "~/agent.sock", "$MY_AGENT"])
def test_an_agent_of_its_own_is_asked(
    configured, host_keys, quiet_home, gateway, monkeypatch, given
):
    if shutil.which("ssh-agent") is None:
        pytest.skip("there is no ssh-agent here")
    path = str(quiet_home / "agent.sock")
    monkeypatch.setenv("MY_AGENT", path)
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE)
    try:
        agent.stdout.readline()
        subprocess.run(
            ["ssh-add", "-q", str(gateway.user_key)],
            check=True,
            env={"SSH_AUTH_SOCK": path},
        )
        transport = configured(
            "Host gw\n HostName 127.0.0.1\n User {user}\n Port {gateway}\n"
            " IdentityAgent " + given.format(path) + "\n"
        )
        connect_trusting(transport, host_keys)
        assert transport.is_connected
    finally:
        agent.kill()
        agent.wait()
        agent.stdout.close()


@pytest.mark.parametrize(
    "line",
    [
        "PubkeyAuthentication no",
        "PreferredAuthentications password",
        "IdentityFile none",
    ],
)
def test_keys_that_the_user_does_not_want_offered_stay_home(
    configured, host_keys, line
):
    text = (
        HOSTS if line != "IdentityFile none" else HOSTS.replace("{gateway_key}", "none")
    )
    transport = configured(line + "\n" + text)

    with pytest.raises(ConnectionFailed, match="only by publickey; tried: nothing"):
        connect_trusting(transport, host_keys)


def test_keys_that_the_users_files_know_are_not_asked_for(
    configured, tmp_path, gateway
):
    known = tmp_path / "my hosts"
    known.write_text(
        "[127.0.0.1]:{} {}\n".format(gateway.port, " ".join(gateway.public_key()))
    )
    transport = configured('UserKnownHostsFile "' + str(known) + '"\n' + HOSTS)

    transport.connect()

    assert any("pinned: {}".format(known) in line for line in transport.log_lines())


def test_a_known_hosts_that_cannot_be_read_is_in_the_log(
    configured, host_keys, tmp_path
):
    (tmp_path / "folder").mkdir()
    transport = configured(
        "UserKnownHostsFile " + str(tmp_path / "folder") + "\n" + HOSTS
    )

    connect_trusting(transport, host_keys)

    assert any("folder cannot be read" in line for line in transport.log_lines())


def test_the_question_about_a_key_may_take_longer_than_sshd_waits(
    configured, host_keys, tmp_path
):
    impatient = Sshd(tmp_path / "impatient", extra="LoginGraceTime 3")
    try:
        transport = configured(
            HOSTS.replace("{gateway}", str(impatient.port)).replace(
                "{gateway_key}", str(impatient.user_key)
            )
        )
        with pytest.raises(HostKeyUnknown) as caught:
            transport.connect()
        # While the user thinks, nobody holds a connection; and sshd throws out one
        # who came later, so its patience with us would be over too.
        wait_until(lambda: impatient.connections() == 0)
        with socket.create_connection(("127.0.0.1", impatient.port)) as another:
            while another.recv(4096):
                pass
        impatient.stop()
        impatient.extra = ""
        impatient.start()

        host_keys.trust(caught.value)
        transport.connect()
        assert transport.is_connected
    finally:
        impatient.stop()
