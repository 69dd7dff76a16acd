"""A real ssh-agent on both hops."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess

import pytest

from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from tests.ssh.conftest import connect_trusting
from tests.ssh.servers import USER, make_key


@pytest.fixture
def agent(quiet_home, monkeypatch, tmp_path):
    if shutil.which("ssh-agent") is None:
        pytest.skip("there is no ssh-agent here")
    path = str(tmp_path / "agent")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE)
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
    process.wait()
    process.stdout.close()


def add_keys(*paths):
    for path in paths:
        subprocess.run(["ssh-add", "-q", str(path)], check=True)


@pytest.fixture
def transport(bastion, gateway, host_keys, credentials):
    made = SSHTransport(
        Address("127.0.0.1", gateway.port),
        [Address("127.0.0.1", bastion.port)],
        USER,
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=SshConfig([]),
    )
    yield made
    made.close()


def test_the_agents_keys_open_both_hops(agent, transport, host_keys, bastion, gateway):
    add_keys(bastion.user_key, gateway.user_key)
    connect_trusting(transport, host_keys)

    assert transport.run(["echo", "agent"]).stdout == "agent\n"


def test_an_agent_with_many_keys_offers_the_named_one_first(
    agent, bastion, host_keys, credentials, tmp_path
):
    add_keys(*[make_key(tmp_path / "key{}".format(n)) for n in range(8)])
    add_keys(bastion.user_key)
    path = tmp_path / "config"
    path.write_text("Host *\n IdentityFile {}\n".format(bastion.user_key))
    made = SSHTransport(
        Address("127.0.0.1", bastion.port),
        user=USER,
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=SshConfig([path]),
    )
    connect_trusting(made, host_keys)

    assert sum("refused" in line for line in made.log_lines()) == 0
    made.close()


def test_an_agent_that_hangs_is_left_out(
    agent, bastion, host_keys, credentials, tmp_path
):
    os.kill(agent.pid, signal.SIGSTOP)
    path = tmp_path / "config"
    path.write_text("Host *\n IdentityFile {}\n".format(bastion.user_key))
    from sleap_remote_plugin.ssh.deadline import Deadlines

    made = SSHTransport(
        Address("127.0.0.1", bastion.port),
        user=USER,
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=SshConfig([path]),
        deadlines=Deadlines(probe=0.5),
    )
    connect_trusting(made, host_keys)

    assert any("agent does not answer" in line for line in made.log_lines())
    made.close()
