"""The TCP connection to the first hop: can be stopped, and leaves nothing over."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from typing import Any, List, Optional

from sleap_remote_plugin.ssh.deadline import Clock, OutOfTime, Stopped, within
from sleap_remote_plugin.words import tr

_MOMENT = 0.05


class PromptSocket(socket.socket):
    """Acknowledges at once what it gets, where the system can be told so (Linux).

    sshd sends small packets one by one and waits for the acknowledgement of each
    (Nagle's algorithm): 40 ms a time where ours is delayed.
    """

    def recv(self, *arguments: Any) -> bytes:
        data = super().recv(*arguments)
        if hasattr(socket, "TCP_QUICKACK"):
            try:
                self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            except OSError:  # closed by another thread meanwhile
                pass
        return data


def reach(hostname: str, port: int, seconds: float, stop: threading.Event) -> Any:
    """A connected socket; every address of the name is tried, within one deadline.

    Raises
    ------
    OSError, UnicodeError
        As the resolver or the last address said.
    OutOfTime, Stopped
    """
    clock = Clock(seconds)
    found: List[Any] = within(
        seconds,
        lambda: socket.getaddrinfo(hostname, port, 0, socket.SOCK_STREAM),
        stop=stop,
    )
    problem: Optional[BaseException] = None
    for number, (family, kind, protocol, _, address) in enumerate(found):
        share = Clock(clock.left / (len(found) - number))
        try:
            return _connected(
                PromptSocket(family, kind, protocol), address, share, stop
            )
        except (OSError, OutOfTime) as error:
            problem = error
    raise problem or OSError(tr("no address was found for {}").format(hostname))


def _connected(sock: Any, address: Any, clock: Clock, stop: threading.Event) -> Any:
    try:
        sock.setblocking(False)
        try:
            sock.connect(address)
        except BlockingIOError:
            _wait_until_connected(sock, clock, stop)
        sock.setblocking(True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    except BaseException:
        sock.close()
        raise


def _wait_until_connected(sock: Any, clock: Clock, stop: threading.Event) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while not selector.select(min(clock.left, _MOMENT)):
            if stop.is_set():
                raise Stopped
            if clock.is_over:
                raise OutOfTime
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
