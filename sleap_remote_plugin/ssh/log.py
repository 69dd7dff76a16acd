"""What happened to a connection, line by line; never a secret."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Callable, Deque, List, Tuple

_LOGGER = logging.getLogger(__name__)


class ConnectionLog:
    """The last events: (time, hop, event).

    Parameters
    ----------
    size : int
        How many are kept.
    now : callable
        Seconds since the epoch.
    """

    def __init__(self, size: int = 500, now: Callable[[], float] = time.time) -> None:
        self._entries: Deque[Tuple[float, str, str]] = deque(maxlen=size)
        self._now = now
        self._lock = threading.Lock()

    def add(self, hop: str, event: str) -> None:
        with self._lock:
            self._entries.append((self._now(), hop, event))
        _LOGGER.debug("%s: %s", hop, event)

    @property
    def entries(self) -> List[Tuple[float, str, str]]:
        with self._lock:
            return list(self._entries)

    def lines(self) -> List[str]:
        return [
            "{}  {}: {}".format(
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when)), hop, event
            )
            for when, hop, event in self.entries
        ]
