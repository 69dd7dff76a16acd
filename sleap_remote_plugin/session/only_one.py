"""A lock that one thread of one process has at a time, on this computer.

SQLite's lock on a file of its own: it works on every system, and it ends with the
process that had it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any, Optional

log = logging.getLogger(__name__)

#: Seconds between two tries: SQLite tells nobody when another process lets go.
_PAUSE = 0.1


class OnlyOne:
    """Used as `threading.Lock` is.

    Parameters
    ----------
    path : Path
        The file; it is made, and stays. Where it cannot be made, the lock is this
        process's only.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mine = threading.Lock()
        self._held: Optional[sqlite3.Connection] = None

    def acquire(self, timeout: float = -1) -> bool:
        """Whether it is ours now; after `timeout` seconds at the latest, -1: never."""
        until = None if timeout < 0 else time.monotonic() + timeout
        if not self._mine.acquire(timeout=timeout):
            return False
        while not self._take():
            if until is not None and time.monotonic() >= until:
                self._mine.release()
                return False
            time.sleep(_PAUSE)
        return True

    def release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.close()
        self._mine.release()

    def __enter__(self) -> "OnlyOne":
        self.acquire()
        return self

    def __exit__(self, *_: Any) -> None:
        self.release()

    def _take(self) -> bool:
        """False: another process has it."""
        connection = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                str(self.path), timeout=0, isolation_level=None, check_same_thread=False
            )
            connection.execute("BEGIN EXCLUSIVE")
        except (sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            if "locked" in str(error):
                return False
            log.warning("Whether another window is at it is not known: %s", error)
            return True
        self._held = connection
        return True
