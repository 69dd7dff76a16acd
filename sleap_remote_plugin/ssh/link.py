"""One chain of SSH sessions, hop through hop, and how it is closed or found dead.

Made by connection.py; runs no commands.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Callable, List, Optional, Sequence

from sleap_remote_plugin.errors import HostKeyUnknown, SignInNeeded, SignInRefused
from sleap_remote_plugin.ssh import failures
from sleap_remote_plugin.ssh.client import ClientTransport
from sleap_remote_plugin.ssh.deadline import (
    Clock,
    Deadlines,
    OutOfTime,
    Stopped,
    wait_for,
)
from sleap_remote_plugin.ssh.host_certificates import ALGORITHMS as CERTIFICATES
from sleap_remote_plugin.ssh.host_keys import HostKeys, fingerprint
from sleap_remote_plugin.ssh.library import PARAMIKO_LOG, paramiko
from sleap_remote_plugin.ssh.log import ConnectionLog, decoded_banner
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.sessions import Sessions, is_refusal
from sleap_remote_plugin.ssh.tcp import reach
from sleap_remote_plugin.ssh.watch import Watch
from sleap_remote_plugin.words import tr

_KEEPALIVE = 30


class Link:
    """Sessions to all hops.

    Parameters
    ----------
    sign_in : callable
        Given a hop's transport and the hop; raises where it fails.
    """

    def __init__(
        self,
        hops: Sequence[Hop],
        sign_in: Callable[[Any, Hop], None],
        host_keys: HostKeys,
        deadlines: Deadlines,
        log: ConnectionLog,
    ) -> None:
        self.hops = tuple(hops)
        self.deadlines = deadlines
        self.sessions = Sessions(self._open_channel)
        self._sign_in = sign_in
        self._host_keys = host_keys
        self._log = log
        self._closed = threading.Event()
        self._transports: List[Any] = []
        self._sockets: List[Any] = []
        self._lock = threading.Lock()
        self._probing = threading.Lock()

    @property
    def last_hop(self) -> Hop:
        return self.hops[-1]

    @property
    def is_active(self) -> bool:
        with self._lock:
            return len(self._transports) == len(self.hops) and all(
                transport.is_active() for transport in self._transports
            )

    @property
    def is_closed(self) -> bool:
        """Whether it was closed from this side."""
        return self._closed.is_set()

    def wait_closed(self, seconds: float) -> bool:
        return self._closed.wait(seconds)

    # -- opening --------------------------------------------------------------------

    def open(self) -> None:
        """Connect and sign in, hop by hop; nothing is left over when it fails.

        Raises
        ------
        ConnectionFailed, HostKeyUnknown, HostKeyChanged, SignInNeeded, SignInRefused
        """
        self._log.begin([hop.label for hop in self.hops])
        for hop in self.hops:
            try:
                self._open_hop(hop)
            except BaseException as error:
                asks = isinstance(error, (SignInNeeded, HostKeyUnknown))
                asks = asks and not isinstance(error, SignInRefused)
                word = tr("stopped to ask") if asks else "failed"
                self._log.add(hop.label, "{}: {}".format(word, error))
                stopped = self.is_closed
                self.close()
                if stopped and isinstance(error, Exception):
                    raise failures.stopped() from error
                raise
        for transport in self._transports:
            transport.set_keepalive(_KEEPALIVE)  # for routers; it finds no dead peer
        self.sessions.heard()
        Watch(self, self._sockets[0]).start()

    def _open_hop(self, hop: Hop) -> None:
        began = time.monotonic()
        self._log.add(
            hop.label, tr("connecting to {}:{}").format(hop.hostname, hop.port)
        )
        sock = self._lead_on(hop) if self._transports else self._reach(hop)
        transport = self._session_over(sock, hop)
        try:
            self._sign_in(transport, hop)
        finally:
            for line in decoded_banner(transport.get_banner()):
                self._log.add(hop.label, tr("it says: ") + line)
        seconds = time.monotonic() - began
        signed_in = tr("signed in as {} after {:.2f} s").format(hop.user, seconds)
        self._log.learn(hop.label, signed_in, user=hop.user, seconds=seconds)

    def _reach(self, hop: Hop) -> Any:
        seconds = self.deadlines.connect
        try:
            sock = reach(hop.hostname, hop.port, seconds, self._closed)
        except (OSError, UnicodeError, OutOfTime, Stopped) as error:
            raise failures.not_reached(hop, error, seconds) from error
        address = _address(sock)
        self._log.learn(hop.label, tr("reached at ") + address, address=address)
        self._keep(self._sockets, sock)
        return sock

    def _lead_on(self, hop: Hop) -> Any:
        before = self.hops[len(self._transports) - 1]
        try:
            channel = self._transports[-1].open_channel(
                "direct-tcpip",
                (hop.hostname, hop.port),
                ("127.0.0.1", 0),
                timeout=self.deadlines.connect,
            )
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise failures.not_forwarded(hop, before, error) from error
        _close_quietly(channel)
        way = "through {}".format(before)
        self._log.learn(hop.label, "reached " + way, address=way)
        self._keep(self._sockets, channel)
        return channel

    def _session_over(self, sock: Any, hop: Hop) -> Any:
        seconds = self.deadlines.handshake
        transport = ClientTransport(sock)
        transport.set_log_channel(PARAMIKO_LOG)
        transport.banner_timeout = transport.handshake_timeout = seconds
        self._order_key_types(transport, hop)
        self._keep(self._transports, transport)
        negotiated = threading.Event()
        try:
            transport.start_client(event=negotiated)
            wait_for(negotiated, seconds, stop=self._closed)
        except (OutOfTime, Stopped, paramiko.SSHException) as error:
            raise failures.no_handshake(hop, error, seconds) from error
        if not transport.is_active():
            ended = transport.get_exception()
            raise failures.no_handshake(hop, ended, seconds) from ended
        key = transport.get_remote_server_key()
        print_of_key = "{} {}".format(key.get_name(), fingerprint(key))
        software = transport.remote_version
        self._log.learn(
            hop.label,
            tr("{} shows the host key {}").format(software, print_of_key),
            software=software,
            key=print_of_key,
        )
        where = self._host_keys.check(
            hop.known_as,
            key,
            route=hop.route,
            shown=self._shown(hop),
            files=hop.known_hosts,
            strict=hop.strict,
        )
        self._log.learn(hop.label, tr("that key is pinned: ") + where, pinned=where)
        return transport

    def _keep(self, items: List[Any], item: Any) -> None:
        with self._lock:
            items.append(item)
            closed = self._closed.is_set()
        if closed:
            item.close()

    def _order_key_types(self, transport: Any, hop: Hop) -> None:
        """Ask for the pinned types first: another key is not a changed one."""
        place = (hop.known_as, hop.route, hop.known_hosts)
        for complaint in self._host_keys.complaints(*place):
            self._log.add(hop.label, complaint)
        options = transport.get_security_options()
        usual = list(options.key_types)
        wanted = self._host_keys.algorithms(*place)
        first = [kind for kind in wanted if kind in usual or kind in CERTIFICATES]
        options.key_types = first + [kind for kind in usual if kind not in first]

    def _shown(self, hop: Hop) -> str:
        before = self.hops[: self.hops.index(hop)]
        if not before:
            return hop.label
        return tr("{} (reached through {})").format(hop, before[-1])

    # -- using ----------------------------------------------------------------------

    def _open_channel(self, seconds: float) -> Any:
        return self._transports[-1].open_session(timeout=seconds)

    def open_session(self, clock: Clock) -> Any:
        """A channel for one command, for one who has a place in `sessions`.

        Raises
        ------
        ConnectionFailed
            Nothing was sent. When the link is dead it is closed.
        """
        try:
            return self.sessions.open(clock, self.deadlines.channel)
        except (paramiko.SSHException, EOFError, OSError, OutOfTime) as error:
            if self.probe():
                raise failures.no_session(self.last_hop, error) from error
            raise failures.lost(self.last_hop, False, error) from error

    def probe(self) -> bool:
        """Whether the last hop still answers; a dead link is closed.

        Any answer counts, a refused session too. Blocks for `deadlines.probe`.
        """
        with self._probing:
            if not self.is_active:
                self.close()
                return False
            try:
                self.sessions.open_now(self.deadlines.probe).close()
            except (paramiko.SSHException, EOFError, OSError, OutOfTime) as error:
                if is_refusal(error) and self.is_active:
                    return True
                self.close(tr("no answer to a probe ({})").format(type(error).__name__))
                return False
            return True

    def close(self, reason: str = "") -> None:
        """Close every hop; from any thread, without waiting for any host."""
        if reason and not self.is_closed:
            self._log.add(self.last_hop.label, "closed: " + reason)
        self._closed.set()
        with self._lock:
            parts = self._transports + self._sockets
        # The outermost first: an inner one would say goodbye through it and wait.
        for part in parts:
            part.close()
            if isinstance(part, ClientTransport):
                part.packetizer.complete_handshake()  # ends its timer's thread

    @property
    def why_ended(self) -> Optional[BaseException]:
        """What paramiko saved of its end, for the log."""
        errors = [transport.get_exception() for transport in self._transports]
        return next((error for error in errors if error is not None), None)


def _address(sock: Any) -> str:
    try:
        return sock.getpeername()[0]
    except OSError:  # it was closed already: the handshake will say so
        return tr("an address that has gone")


def _close_quietly(channel: Any) -> None:
    """Let the inner session's thread end without a traceback on the screen.

    It closes the way that it came on, which says goodbye on an outer session that
    may be gone by then.
    """
    close = channel.close

    def quietly() -> None:
        try:
            close()
        except (paramiko.SSHException, EOFError, OSError):
            logging.getLogger(PARAMIKO_LOG).debug("the way to the hop was gone")

    channel.close = quietly
