"""Signing in with real accounts, two hops and every method that sshd has."""

from __future__ import annotations

import os
import secrets
import threading
import time
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import ConnectionFailed, SignInNeeded, SignInRefused
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.session import sign_in
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.giving import give
from sleap_remote_plugin.ssh.host_keys import HostKeys
from tests.ssh.conftest import connect_trusting
from tests.ssh.test_two_hops import wait_until

pytestmark = pytest.mark.cluster


@pytest.fixture
def to_practice(practice, quiet_home, credentials, tmp_path):
    made = []

    def make(method="any", with_key=False, **deadlines):
        path = tmp_path / "config"
        path.write_text(
            "Host *\n IdentityFile {}\n".format(practice.key) if with_key else ""
        )
        transport = SSHTransport(
            Address(practice.gateway_host, practice.gateway_port),
            [Address(practice.bastion_host, practice.sign_in_ports[method])],
            practice.user,
            credentials=credentials,
            host_keys=HostKeys(tmp_path / "own", user_files=[practice.known_hosts]),
            ssh_config=SshConfig([path]),
            deadlines=Deadlines(**deadlines),
        )
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


@pytest.mark.parametrize("method", ["any", "password", "keyboard-interactive"])
def test_one_password_opens_both_hops_and_slurm_is_there(
    to_practice, practice, credentials, method
):
    transport = to_practice(method)
    with pytest.raises(SignInNeeded) as caught:
        transport.connect()
    credentials.remember(
        caught.value.user, caught.value.host, practice.password, keep=False
    )

    assert transport.run(["whoami"]).stdout == practice.user + "\n"
    assert "squeue" in transport.run(["which", "squeue"]).stdout
    assert transport.run(["module", "--version"]).exit_code == 0


def test_a_key_opens_both_hops_without_any_question(to_practice, practice):
    assert to_practice(with_key=True).run(["whoami"]).stdout == practice.user + "\n"


def test_a_key_and_then_a_password_open_a_host_that_wants_both(
    to_practice, practice, credentials
):
    credentials.remember(practice.user, "any", practice.password, keep=False)
    transport = to_practice("key+keyboard-interactive", with_key=True)

    assert transport.run(["whoami"]).stdout == practice.user + "\n"
    assert any("accepted, more wanted" in line for line in transport.log_lines())


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_a_wrong_password_is_tried_once_by_each_method(
    to_practice, practice, credentials, method
):
    credentials.remember(practice.user, "any", "wr0ng", keep=False)
    transport = to_practice(method)
    with pytest.raises(SignInRefused) as caught:
        transport.connect()

    assert "wr0ng" not in str(caught.value)
    refusals = [line for line in transport.log_lines() if method + ": refused" in line]
    assert len(refusals) == 1
    assert credentials.get(practice.user, caught.value.host) is None


def test_a_bastion_that_forbids_forwarding_is_told(to_practice):
    with pytest.raises(ConnectionFailed, match="TCP forwarding is switched off"):
        to_practice("no-forwarding", with_key=True).connect()


def test_host_keys_of_the_gateway_are_asked_for_where_nobody_knows_them(
    to_practice, practice, tmp_path
):
    transport = to_practice(with_key=True)
    transport._host_keys = nobody = HostKeys(tmp_path / "new", user_files=())

    asked = connect_trusting(transport, nobody)

    assert len(asked) == 2
    assert practice.gateway_host in str(asked[1])
    assert "reached through" in str(asked[1])


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks into /proc")
def test_no_password_is_in_any_argv_or_environment(to_practice, practice, credentials):
    marked = practice.password
    credentials.remember(practice.user, "any", marked, keep=False)
    transport = to_practice("password")
    transport.connect()

    own = "/proc/{}/".format(os.getpid())
    for name in ("cmdline", "environ"):
        with open(own + name, "rb") as file:
            assert marked.encode() not in file.read()
    assert marked not in "\n".join(transport.log_lines())


# -- faults --------------------------------------------------------------------------


@pytest.mark.parametrize("cable", ["network", "inner-network"])
def test_a_cut_network_is_found_and_mended_without_a_word(
    to_practice, whole_practice, cable
):
    transport = to_practice(with_key=True, channel=2.0, probe=1.0, connect=2.0)
    transport.connect()
    whole_practice.fail(cable)
    start = time.monotonic()
    with pytest.raises(ConnectionFailed) as caught:
        transport.run(["echo", "x"], timeout=20)
    assert not caught.value.sent
    assert time.monotonic() - start < 20
    assert not transport.is_connected

    whole_practice.mend()
    assert transport.run(["echo", "back"]).stdout == "back\n"


def test_a_network_cut_under_a_command_is_found_long_before_its_deadline(
    to_practice, whole_practice
):
    transport = to_practice(with_key=True, quiet=1.0, probe=1.0)
    transport.connect()
    errors = []
    begun = Path(whole_practice.local_mount, "begun-{}".format(secrets.token_hex(4)))
    there = "{}/{}".format(whole_practice.cluster_mount, begun.name)

    def work():
        try:
            transport.run(
                ["sh", "-c", 'touch "$1"; sleep 300', "sh", there], timeout=200
            )
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    wait_until(begun.exists)
    whole_practice.fail("network")
    thread.join(20)

    assert not thread.is_alive()
    assert not transport.is_connected
    assert "lost" in str(errors[0])


def test_a_gateway_without_sshd_is_told_with_both_names(to_practice, whole_practice):
    whole_practice.fail("gateway")
    with pytest.raises(ConnectionFailed, match="was reached, but could not") as caught:
        to_practice(with_key=True).connect()

    assert whole_practice.gateway_host in str(caught.value)


def test_a_frozen_sshd_is_told_within_our_deadline(to_practice, whole_practice):
    whole_practice.fail("sshd-frozen")
    start = time.monotonic()
    with pytest.raises(ConnectionFailed, match="did not speak within"):
        to_practice(with_key=True, handshake=2.0).connect()

    assert time.monotonic() - start < 10


# -- a second factor and keys, by PAM and real homes ---------------------------------


@pytest.fixture
def second_question(practice):
    """The bastion asks for something after the password, and takes any answer."""
    from practice_cluster import hosts

    file = "/etc/pam.d/sshd"
    asks = "auth required pam_ftp.so users={}".format(practice.user)
    edit = "cp {0} {0}.plain && sed -i '/@include common-auth/a {1}' {0}"
    script = edit.format(file, asks)
    hosts.call(practice, "bastion", ["bash", "-ec", script])
    yield
    hosts.call(practice, "bastion", ["mv", file + ".plain", file])


def test_a_second_question_of_a_real_pam_is_asked_and_never_kept(
    to_practice, practice, credentials, second_question
):
    credentials.remember(practice.user, "any", practice.password, keep=False)
    transport = to_practice("keyboard-interactive")
    for _ in range(2):  # and once more after a reconnect
        with pytest.raises(SignInNeeded) as caught:
            transport.connect()
        assert len(caught.value.prompts) == 1
        assert not caught.value.password_prompt
        give(credentials, caught.value, ["jane@example.org"], keep=True)
        transport.connect()
        transport.close()


@pytest.fixture
def without_the_key(practice):
    """The user's keys, one file for both hops, as they were before the test."""
    from practice_cluster import hosts

    file = "/home/{}/.ssh/authorized_keys".format(practice.user)
    hosts.call(practice, "gateway", ["cp", "-a", file, file + ".plain"])
    yield
    hosts.call(practice, "gateway", ["mv", "-f", file + ".plain", file])


def test_a_password_is_used_once_to_install_a_new_key_on_both_hops(
    to_practice, practice, credentials, without_the_key, quiet_home
):
    transport = to_practice("any")
    keys = HostKeys(quiet_home / "own", user_files=[practice.known_hosts])
    with pytest.raises(SignInNeeded) as caught:
        sign_in.install_key(transport, credentials, keys)
    give(credentials, caught.value, [practice.password], keep=False)
    results = sign_in.install_key(transport, credentials, keys)
    assert [result.works for result in results] == [True, True]

    credentials.forget(practice.user)
    assert transport.run(["whoami"]).stdout == practice.user + "\n"
    assert any("key {}".format(quiet_home) in line for line in transport.log_lines())
