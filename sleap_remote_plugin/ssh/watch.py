"""Looks after a link while nobody uses it: dead peers, a sleep, another network.

A link that is found dead is closed; connecting again is others' business.
"""

from __future__ import annotations

import socket
import threading
import time
from typing import Any, Callable, FrozenSet, Optional

import psutil

from sleap_remote_plugin.words import tr

#: A clock that is so much (s) further than it should be: the computer was asleep.
ASLEEP = 5.0


class SleepDetector:
    """Tells whether the computer slept since the last look.

    The wall clock goes on while it sleeps; on some systems the monotonic one stands
    still, on others it goes on too.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clocks = (wall, monotonic)
        self._last = self._now()

    def slept(self, expected: float) -> bool:
        """Whether much more than `expected` seconds went by since the last call."""
        before, self._last = self._last, self._now()
        return any(b - a - expected > ASLEEP for a, b in zip(before, self._last))

    def _now(self) -> tuple:
        return tuple(clock() for clock in self._clocks)


def local_addresses() -> FrozenSet[str]:
    """All IP addresses of this computer."""
    kinds = (socket.AF_INET, socket.AF_INET6)
    return frozenset(
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in kinds
    )


def own_address(sock: Any) -> Optional[str]:
    """The address of this computer that a socket came from."""
    try:
        return str(sock.getsockname()[0]).partition("%")[0]
    except (OSError, IndexError):
        return None


class Watch:
    """A daemon thread beside one link, until that is closed.

    Parameters
    ----------
    link : Link
    sock : socket
        Of its first hop.
    """

    def __init__(self, link: Any, sock: Any) -> None:
        self._link = link
        self._address = own_address(sock)
        self._detector = SleepDetector()

    def start(self) -> None:
        threading.Thread(
            target=self._watch, name="sleap-remote-watch", daemon=True
        ).start()

    def _watch(self) -> None:
        idle = self._link.deadlines.idle
        pause = min(2.0, idle / 4)
        while not self._link.wait_closed(pause):
            if not self._link.is_active:
                self._link.close(tr("the other side ended it"))
            elif self._has_moved():
                self._link.close(tr("this computer has another network address now"))
            elif self._detector.slept(pause) or self._link.sessions.silence > idle:
                self._link.probe()

    def _has_moved(self) -> bool:
        return bool(self._address) and self._address not in local_addresses()
