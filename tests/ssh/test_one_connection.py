"""One connection for everything: many calls, much output, dead peers, *Cancel*."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from paramiko import Channel, Transport
from paramiko.common import cMSG_CHANNEL_EOF

from sleap_remote_plugin.errors import (
    ConnectionClosed,
    ConnectionFailed,
    ShellTrouble,
)
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh import watch
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.watch import SleepDetector, local_addresses
from tests.ssh.conftest import NOBODYS_HOME, connect_trusting
from tests.ssh.servers import USER, Sshd
from tests.ssh.test_two_hops import wait_until


def wait_while(condition, seconds):
    """As long as something is so, but not longer."""
    end = time.monotonic() + seconds
    while condition() and time.monotonic() < end:
        time.sleep(0.01)


def at_once(transport, count):
    """What `count` commands say that are all given at once."""
    said = {}

    def work(number):
        result = transport.run(["echo", str(number)], timeout=60, login_shell=False)
        said[number] = result.stdout

    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return said


@pytest.mark.parametrize(("calls", "most"), [(200, 10), (12, 2), (12, 1)])
def test_many_calls_at_once_are_all_answered_over_one_connection(
    quiet_home, bastion, tmp_path, host_keys, credentials, config_for, calls, most
):
    extra = "{}\nMaxSessions {}".format(NOBODYS_HOME, most)
    server = Sshd(tmp_path / "server", extra=extra)
    transport = SSHTransport(
        Address("hop0"),
        user=USER,
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=config_for(server),
    )
    try:
        connect_trusting(transport, host_keys)
        assert at_once(transport, calls) == {n: "%d\n" % n for n in range(calls)}
        wait_until(lambda: server.connections() == 1)
    finally:
        transport.close()
        server.stop()


def test_the_end_of_what_is_read_never_comes_after_the_channels_own(
    connected, gateway, monkeypatch
):
    """sshd hangs up on everybody over it; a quick command ends just then."""
    transport = connected()
    transport.run(["true"])
    channels = []
    made = Channel._send_eof
    monkeypatch.setattr(
        Channel, "_send_eof", lambda self: channels.append(self) or made(self)
    )
    put = Transport._send_user_message

    def late(self, message):
        if message.asbytes()[:1] == cMSG_CHANNEL_EOF:
            wait_while(lambda: not channels[-1].closed, 0.5)
        put(self, message)

    monkeypatch.setattr(Transport, "_send_user_message", late)
    for _ in range(3):
        transport.run(["true"])

    assert transport.probe()
    assert not any("closed" in line for line in transport.log_lines())


def test_a_hundred_megabytes_are_a_sentence_and_the_connection_stays(connected):
    transport = connected()

    with pytest.raises(ShellTrouble, match="more than 64 MB") as caught:
        transport.run(["head", "-c", "100000000", "/dev/zero"], timeout=60)

    assert caught.value.sent
    assert transport.run(["echo", "still here"]).stdout == "still here\n"


# -- dead peers ------------------------------------------------------------------------


def test_a_peer_that_falls_silent_is_found_while_nobody_asks(connected, gateway):
    transport = connected(idle=0.4, probe=0.5)
    gateway.signal_sessions(signal.SIGSTOP)
    try:
        wait_until(lambda: not transport.is_connected)
    finally:
        gateway.signal_sessions(signal.SIGCONT)

    assert "no answer to a probe" in "\n".join(transport.log_lines())


def test_an_idle_connection_that_is_alive_stays(connected):
    transport = connected(idle=0.2)
    sessions = transport._runner.link.sessions
    heard = sessions._heard
    wait_until(lambda: sessions._heard > heard)

    assert transport.is_connected


def test_another_network_address_ends_the_connection_at_once(connected, monkeypatch):
    transport = connected(idle=0.2)
    monkeypatch.setattr(watch, "local_addresses", lambda: frozenset(["192.0.2.7"]))

    wait_until(lambda: not transport.is_connected)

    assert "another network address" in "\n".join(transport.log_lines())


def test_own_addresses_are_known():
    assert "127.0.0.1" in local_addresses()


@pytest.mark.parametrize(
    ("wall", "monotonic", "slept"),
    [
        (2.0, 2.0, False),
        (4.0, 4.0, False),  # a busy machine
        (3602.0, 2.0, True),  # Linux, macOS: the monotonic clock stood still
        (3602.0, 3602.0, True),  # Windows: it went on
        (-3600.0, 2.0, False),  # the clock was set back
    ],
)
def test_a_sleep_is_seen_by_the_clocks(wall, monotonic, slept):
    times = {"wall": [100.0, 100.0 + wall], "monotonic": [7.0, 7.0 + monotonic]}
    detector = SleepDetector(
        lambda: times["wall"].pop(0), lambda: times["monotonic"].pop(0)
    )

    assert detector.slept(2.0) is slept


# -- a connect that is stopped ---------------------------------------------------------


def sockets_to(port):
    """This process's own ends of connections to a port, from outside its server."""
    own = "socket:[{}]"
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].split(":")[1], 16) == port and fields[9] != "0":
            found.append(own.format(fields[9]))
    held = [
        os.readlink(str(fd))
        for fd in Path("/proc/self/fd").iterdir()
        if fd.is_symlink()
    ]
    return [one for one in found if one in held]


class Silent:
    """A server that takes connections and says so much, then nothing."""

    def __init__(self, greeting=b""):
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(5)
        self.port = self.sock.getsockname()[1]
        self.greeting = greeting
        self.clients = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.sock.accept()
            except OSError:
                return
            client.sendall(self.greeting)
            self.clients.append(client)

    def close(self):
        for one in [self.sock] + self.clients:
            one.close()


@pytest.fixture
def full_queue():
    """A port where a connection is neither taken nor refused."""
    made = [socket.socket()]
    made[0].bind(("127.0.0.1", 0))
    made[0].listen(0)
    address = made[0].getsockname()
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(address)
        made.append(client)
    yield address[1]
    for one in made:
        one.close()


def stop_when(transport, is_there):
    """Connect in a thread, close when `is_there`; no thread is left.

    Returns the error; None where it was connected before.
    """
    errors = []
    before = set(threading.enumerate())

    def work():
        try:
            transport.connect()
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    wait_until(is_there)
    transport.close()
    thread.join(5)
    assert not thread.is_alive()
    wait_until(lambda: set(threading.enumerate()) <= before)
    assert not transport.is_connected
    return errors[0] if errors else None


def one_hop(port, host_keys, credentials):
    return SSHTransport(
        Address("127.0.0.1", port),
        user="jane",
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=SshConfig([]),
        deadlines=Deadlines(30.0, 30.0, 30.0),
    )


def test_a_connect_that_no_host_answers_is_stopped(
    quiet_home, host_keys, credentials, full_queue
):
    transport = one_hop(full_queue, host_keys, credentials)

    error = stop_when(transport, lambda: transport.log_lines())

    assert isinstance(error, ConnectionClosed)
    # The four that fill the queue are there still.
    wait_until(lambda: len(sockets_to(full_queue)) <= 4)


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH_9.2p1\r\n"])
def test_a_connect_to_a_host_that_falls_silent_is_stopped(
    quiet_home, host_keys, credentials, greeting
):
    silent = Silent(greeting)
    try:
        transport = one_hop(silent.port, host_keys, credentials)
        error = stop_when(transport, lambda: silent.clients)
        wait_until(lambda: not sockets_to(silent.port))
    finally:
        silent.close()

    assert isinstance(error, ConnectionClosed)
    assert "Nothing was sent" in str(error)


@pytest.mark.parametrize("which", ["bastion", "gateway"])
def test_a_sign_in_that_hangs_is_stopped_on_each_hop(
    request, two_hops, host_keys, bastion, gateway, which
):
    """sshd is held (SIGSTOP) as soon as it has begun a session."""
    server = request.getfixturevalue(which)
    first = two_hops()
    connect_trusting(first, host_keys)
    first.close()
    wait_until(lambda: not bastion.children() and not gateway.children())
    transport = two_hops()

    def held():
        server.signal_sessions(signal.SIGSTOP)
        return bool(server.children())

    error = None
    while error is None:  # it may have been quicker than we
        try:
            error = stop_when(transport, held)
        finally:
            server.signal_sessions(signal.SIGCONT)
        wait_until(lambda: not bastion.children() and not gateway.children())

    assert isinstance(error, ConnectionClosed)


def test_a_stopped_connect_can_be_made_again(two_hops, host_keys):
    transport = two_hops()
    transport.close()
    connect_trusting(transport, host_keys)

    assert transport.run(["echo", "x"]).stdout == "x\n"


def test_an_sshd_held_in_the_middle_of_a_connect_is_told(
    two_hops, host_keys, bastion, gateway
):
    first = two_hops()
    connect_trusting(first, host_keys)
    first.close()
    wait_until(lambda: not bastion.children())
    transport = two_hops(handshake=0.5, sign_in=0.5, channel=0.5, connect=0.5)
    errors = []

    def work():
        try:
            transport.connect()
        except ConnectionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()

    def held():
        bastion.signal_sessions(signal.SIGSTOP)
        return errors or not thread.is_alive()

    wait_until(held)
    bastion.signal_sessions(signal.SIGCONT)
    thread.join(5)

    assert "Nothing was sent" in str(errors[0]) or "signing in" in str(errors[0])
    assert transport.run(["echo", "back"]).stdout == "back\n"
