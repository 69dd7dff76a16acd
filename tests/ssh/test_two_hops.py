from __future__ import annotations

import os
import signal
import stat
import threading
import time

import pytest

from sleap_remote_plugin.errors import (
    CommandTimedOut,
    ConnectionFailed,
    HostKeyChanged,
    HostKeyUnknown,
)
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.host_keys import HostKeys, fingerprint
from tests.ssh.conftest import connect_trusting
from tests.ssh.servers import USER, free_port, make_key


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        threading.Event().wait(0.01)


# -- host keys ---------------------------------------------------------------------


def test_each_hop_asks_for_its_new_host_key_and_then_connects(two_hops, host_keys):
    transport = two_hops()

    asked = connect_trusting(transport, host_keys)

    assert len(asked) == 2
    assert transport.is_connected
    assert transport.user == USER
    assert transport.run(["echo", "hello"]).stdout == "hello\n"


def test_an_unknown_host_key_is_told_with_type_and_fingerprint(two_hops, bastion):
    with pytest.raises(HostKeyUnknown) as caught:
        two_hops().connect()

    kind, key = bastion.public_key()
    error = caught.value
    assert (error.key_type, error.key) == (kind, key)
    assert error.fingerprint.startswith("SHA256:")
    assert error.fingerprint in str(error)
    assert "Nothing was sent" in str(error)


def test_an_unknown_key_leaves_no_connection_and_no_thread(two_hops):
    before = set(threading.enumerate())
    transport = two_hops()
    with pytest.raises(HostKeyUnknown):
        transport.connect()

    assert not transport.is_connected
    wait_until(lambda: set(threading.enumerate()) <= before)


def test_trusted_keys_are_in_a_private_file_once(two_hops, host_keys):
    transport = two_hops()
    asked = connect_trusting(transport, host_keys)
    host_keys.trust(asked[0])

    lines = host_keys.own_file.read_text().splitlines()
    assert len(lines) == 2
    assert stat.S_IMODE(os.stat(str(host_keys.own_file)).st_mode) == 0o600
    assert "+via+" in lines[1]


@pytest.mark.parametrize("hop", [0, 1])
def test_a_changed_host_key_stops_everything_on_each_hop(
    two_hops, host_keys, tmp_path, hop
):
    connect_trusting(two_hops(), host_keys)
    other = make_key(tmp_path / "other").with_suffix(".pub").read_text().split()[1]
    lines = host_keys.own_file.read_text().splitlines()
    fields = lines[hop].split()
    if fields[1] != "ssh-ed25519":
        pytest.fail("the test expects ed25519 first")
    lines[hop] = " ".join([fields[0], fields[1], other])
    host_keys.own_file.write_text("\n".join(lines) + "\n")

    transport = two_hops()
    with pytest.raises(HostKeyChanged) as caught:
        transport.connect()

    assert "Nothing was sent" in str(caught.value)
    assert not transport.is_connected


def test_the_pinned_type_is_asked_for_so_another_type_is_no_change(
    two_hops, gateway, bastion, host_keys
):
    kind, key = gateway.public_key("rsa")
    host_keys.own_file.parent.mkdir(parents=True)
    host_keys.own_file.write_text(
        "[127.0.0.1]:{1}+via+[127.0.0.1]:{0} {2} {3}\n".format(
            bastion.port, gateway.port, kind, key
        )
    )

    asked = connect_trusting(two_hops(), host_keys)

    assert len(asked) == 1  # the bastion only


def test_the_users_own_known_hosts_is_enough(
    two_hops, bastion, gateway, host_keys, tmp_path
):
    theirs = tmp_path / "theirs"
    theirs.write_text(
        "".join(
            "[127.0.0.1]:{} {} {}\n".format(one.port, *one.public_key())
            for one in (bastion, gateway)
        )
    )
    host_keys.user_files = (theirs,)

    two_hops().connect()

    assert not host_keys.own_file.exists()


# -- commands ----------------------------------------------------------------------


def test_exit_code_stdout_and_stderr_are_kept_apart(connected):
    result = connected().run(["sh", "-c", "echo out; echo err >&2; exit 7"])

    assert (result.exit_code, result.stdout, result.stderr) == (7, "out\n", "err\n")


@pytest.mark.parametrize("login_shell", [True, False])
def test_ten_megabytes_on_both_streams_do_not_deadlock(connected, login_shell):
    code = (
        "import sys\nfor i in range(160):\n"
        " sys.stderr.write('e'*65536); sys.stdout.write('o'*65536)"
    )

    result = connected().run(
        ["python3", "-c", code], timeout=60, login_shell=login_shell
    )

    assert result.exit_code == 0
    assert result.stdout == "o" * (160 * 65536)
    assert result.stderr == "e" * (160 * 65536)


def test_stdin_arrives_whole_while_output_comes_back(connected):
    data = os.urandom(5000000)

    result = connected().run(["base64", "-w0"], stdin=data, timeout=60)

    import base64

    assert base64.b64decode(result.stdout) == data


def test_a_command_that_does_not_read_its_stdin_ends_well(connected):
    result = connected().run(["true"], stdin=b"x" * 8000000, timeout=30)

    assert result.exit_code == 0


def test_bytes_that_are_not_utf8_are_kept_as_replacements(connected):
    result = connected().run(["printf", "a\\377b"])

    assert result.stdout == "a\ufffdb"


def test_a_login_shell_is_one_and_without_it_is_none(connected):
    transport = connected()
    ask = ["sh", "-c", "ps -o args= -p $PPID"]
    test = ["bash", "-c", "true; shopt -q login_shell && echo login || echo plain"]

    assert transport.run(["shopt", "login_shell"]).stdout.split()[-1] == "on"
    assert transport.run(test, login_shell=False).stdout == "plain\n"
    assert transport.run(ask, login_shell=False).exit_code == 0


def test_a_command_killed_by_a_signal_is_not_a_lost_connection(connected):
    transport = connected()

    result = transport.run(["sh", "-c", "kill -9 $$"], login_shell=False)

    assert result.exit_code in (137, 255)
    assert transport.is_connected


def test_a_program_left_in_the_background_does_not_hold_us(connected):
    start = time.monotonic()
    result = connected().run(["sh", "-c", "sleep 30 & echo started"], timeout=20)

    assert result.stdout == "started\n"
    assert time.monotonic() - start < 10


def test_many_commands_at_once_share_one_connection(connected, bastion):
    transport = connected()
    results = {}

    def work(number):
        results[number] = transport.run(["echo", str(number)], login_shell=False).stdout

    threads = [threading.Thread(target=work, args=(n,)) for n in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert results == {n: "{}\n".format(n) for n in range(60)}
    # That of the first look at the host's key may take a moment to end.
    wait_until(lambda: bastion.connections() == 1)


def test_many_threads_that_find_no_connection_open_one(two_hops, host_keys, bastion):
    first = two_hops()
    connect_trusting(first, host_keys)
    first.close()
    wait_until(lambda: not bastion.children())
    transport = two_hops()
    threads = [threading.Thread(target=transport.connect) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert transport.is_connected
    assert sum("connecting" in line for line in transport.log_lines()) == 2


# -- bad days ----------------------------------------------------------------------


def test_a_command_without_an_end_times_out_and_the_connection_stays(connected):
    transport = connected()

    with pytest.raises(CommandTimedOut) as caught:
        transport.run(["sleep", "60"], timeout=0.5)

    assert caught.value.sent
    assert transport.run(["echo", "still here"]).stdout == "still here\n"


def test_a_stopped_sshd_is_found_and_an_unsent_command_takes_a_new_connection(
    connected, gateway
):
    transport = connected(channel=1.0, probe=0.5)
    gateway.signal_sessions(signal.SIGSTOP)
    try:
        result = transport.run(["echo", "x"], timeout=20)
    finally:
        gateway.signal_sessions(signal.SIGCONT)

    assert result.stdout == "x\n"
    assert "no answer to a probe" in "\n".join(transport.log_lines())


def test_an_sshd_that_stops_under_a_command_is_found_before_its_deadline(
    connected, gateway
):
    transport = connected(quiet=0.5, probe=0.5)
    caught = run_in_thread(transport, ["sleep", "50"])
    wait_until(lambda: has_command(gateway, "sleep"))
    gateway.signal_sessions(signal.SIGSTOP)
    try:
        error = caught()
    finally:
        gateway.signal_sessions(signal.SIGCONT)

    assert isinstance(error, ConnectionFailed)
    assert error.sent
    wait_until(lambda: not transport.is_connected)


def test_an_sshd_killed_under_a_command_is_a_lost_connection(connected, gateway):
    transport = connected()
    caught = run_in_thread(transport, ["sleep", "50"])
    wait_until(lambda: has_command(gateway, "sleep"))
    gateway.signal_sessions(signal.SIGKILL)
    error = caught()

    assert isinstance(error, ConnectionFailed)
    assert error.sent
    assert "lost" in str(error)
    assert transport.run(["echo", "again"]).stdout == "again\n"


def test_closing_while_a_command_runs_ends_it_at_once(connected, gateway):
    transport = connected()
    caught = run_in_thread(transport, ["sleep", "50"])
    wait_until(lambda: has_command(gateway, "sleep"))
    start = time.monotonic()
    transport.close()
    error = caught()

    assert isinstance(error, ConnectionFailed)
    assert time.monotonic() - start < 2
    assert not transport.is_connected
    assert transport.run(["echo", "reopened"]).stdout == "reopened\n"


def test_closing_while_connecting_ends_that_at_once(quiet_home, host_keys, credentials):
    import socket

    from sleap_remote_plugin.ssh.config import SshConfig

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        transport = SSHTransport(
            Address("127.0.0.1", silent.getsockname()[1]),
            user="jane",
            credentials=credentials,
            host_keys=host_keys,
            ssh_config=SshConfig([]),
        )
        caught = run_in_thread(transport, ["true"])
        wait_until(lambda: transport.log_lines())
        transport.close()

        error = caught()
    assert isinstance(error, ConnectionFailed)
    assert not error.sent
    assert "closed from this side" in str(error)


def run_in_thread(transport, argv):
    errors = []

    def work():
        try:
            transport.run(argv, timeout=40, login_shell=False)
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()

    def ended():
        thread.join(20)
        assert not thread.is_alive()
        return errors[0] if errors else None

    return ended


def has_command(server, word):
    import psutil

    for pid in server.children():
        try:
            if word in " ".join(psutil.Process(pid).cmdline()):
                return True
        except psutil.NoSuchProcess:
            continue
    return False


# -- sentences ---------------------------------------------------------------------


def plain_transport(host, port, host_keys, credentials, **deadlines):
    from sleap_remote_plugin.ssh.config import SshConfig
    from sleap_remote_plugin.ssh.deadline import Deadlines

    return SSHTransport(
        Address(host, port),
        user="jane",
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=SshConfig([]),
        deadlines=Deadlines(**deadlines),
    )


def test_a_closed_port_is_told(quiet_home, host_keys, credentials):
    transport = plain_transport("127.0.0.1", free_port(), host_keys, credentials)

    with pytest.raises(ConnectionFailed, match="nothing listens there") as caught:
        transport.run(["true"])
    assert not caught.value.sent
    assert "Nothing was sent" in str(caught.value)


def test_an_unknown_name_is_told(quiet_home, host_keys, credentials):
    transport = plain_transport("no-such-host.invalid", 22, host_keys, credentials)

    with pytest.raises(ConnectionFailed, match="is not known") as caught:
        transport.connect()
    assert "VPN" in str(caught.value)


@pytest.mark.parametrize(
    ("greeting", "sentence"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not as an SSH server"),
        (b"Too many connections\r\n", "closed the connection before the sign-in"),
        (b"", "did not speak within"),
    ],
)
def test_a_port_that_is_no_ssh_is_told(
    quiet_home, host_keys, credentials, greeting, sentence
):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(5)
        port = other.getsockname()[1]
        kept = []

        def greet():
            client, _ = other.accept()
            kept.append(client)
            client.recv(100)
            client.sendall(greeting * (200 if b"HTTP" in greeting else 1))
            if greeting:
                client.close()

        threading.Thread(target=greet, daemon=True).start()
        transport = plain_transport(
            "127.0.0.1", port, host_keys, credentials, handshake=1.0
        )
        with pytest.raises(ConnectionFailed, match=sentence):
            transport.connect()
        for client in kept:
            client.close()


def test_a_gateway_that_is_down_names_the_bastion_and_it(
    two_hops, host_keys, config_for, bastion, credentials
):
    transport = SSHTransport(
        Address("127.0.0.1", free_port()),
        [Address("hop0")],
        USER,
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=config_for(bastion),
    )
    with pytest.raises(ConnectionFailed, match="was reached, but could not") as caught:
        connect_trusting(transport, host_keys)
    assert "hop0" in str(caught.value)


def test_a_bastion_that_forbids_forwarding_is_told(
    quiet_home, tmp_path, config_for, host_keys, credentials, gateway
):
    from tests.ssh.servers import Sshd

    strict = Sshd(tmp_path / "strict", forwarding="no")
    try:
        transport = SSHTransport(
            Address("hop1"),
            [Address("hop0")],
            USER,
            credentials=credentials,
            host_keys=host_keys,
            ssh_config=config_for(strict, gateway),
        )
        with pytest.raises(ConnectionFailed, match="TCP forwarding is switched off"):
            connect_trusting(transport, host_keys)
        assert not transport.is_connected
    finally:
        strict.stop()


def test_a_host_that_takes_only_keys_says_so(
    quiet_home, bastion, host_keys, credentials
):
    transport = plain_transport("127.0.0.1", bastion.port, host_keys, credentials)

    with pytest.raises(ConnectionFailed, match="only by publickey") as caught:
        connect_trusting(transport, host_keys)
    assert "ssh-copy-id" in str(caught.value)


def test_a_locked_key_that_the_host_does_not_take_is_named(
    quiet_home, bastion, host_keys, credentials
):
    make_key(quiet_home / ".ssh" / "id_ed25519", passphrase="long enough")
    transport = plain_transport("127.0.0.1", bastion.port, host_keys, credentials)

    with pytest.raises(ConnectionFailed, match="tried: locked key") as caught:
        connect_trusting(transport, host_keys)
    assert "id_ed25519" in str(caught.value)


def test_the_log_tells_hops_and_methods(connected):
    lines = "\n".join(connected().log_lines())

    assert "hop0" in lines
    assert "hop1" in lines
    assert "publickey" in lines
    assert "signed in as" in lines


def test_two_clusters_with_equal_gateways_do_not_share_a_pin(tmp_path):
    from sleap_remote_plugin.ssh.host_keys import route_name
    from sleap_remote_plugin.ssh.library import paramiko

    keys = HostKeys(tmp_path / "known_hosts", user_files=())
    one, two = (paramiko.RSAKey.generate(1024) for _ in range(2))
    here = route_name(["bastion-a", "gateway"])
    there = route_name(["bastion-b", "gateway"])
    for route, key in ((here, one), (there, two)):
        with pytest.raises(HostKeyUnknown) as caught:
            keys.check("gateway", key, route=route)
        keys.trust(caught.value)
        keys.check("gateway", key, route=route)

    assert fingerprint(one) != fingerprint(two)
