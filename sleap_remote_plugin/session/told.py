"""What the user was told: by one window of all, and once.

A small table beside the list of jobs, as shared.py's. What is worth telling, and how,
is qt/notices.py's and qt/notify.py's.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Sequence, Tuple

from sleap_remote_plugin.session.schema import SCHEMA
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: What was told, as (subject, what of it): a job's uid and the state it is in.
Mark = Tuple[str, str]

#: Seconds after which what is about no job (a sign-in) may be told again.
AGAIN = 600.0
#: Seconds for which it is kept what was told of jobs.
_KEPT = 90 * 86400.0

_TABLE = (
    "CREATE TABLE IF NOT EXISTS told (subject TEXT NOT NULL, what TEXT NOT NULL, "
    "at REAL NOT NULL, PRIMARY KEY (subject, what))"
)


class TellOnce:
    """Who tells what; safe from several processes.

    Parameters
    ----------
    path : Path
        The list of jobs. Where it cannot be used, each window tells for itself.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def first(self, marks: Sequence[Mark], now: float) -> Tuple[Mark, ...]:
        """Those of `marks` that nobody has told yet; they count as told now.

        A mark whose what is empty is told again after `AGAIN` seconds.
        """
        if not self.path.exists():
            return tuple(marks)
        try:
            with closing(self._connected()) as connection:
                return self._first(connection, marks, now)
        except (sqlite3.Error, OSError) as error:
            log.warning("Whether another window has told it is not known: %s", error)
            return tuple(marks)

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(str(self.path), timeout=2.0, isolation_level=None)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] > SCHEMA:
                raise OSError(tr("the list of jobs is a newer program's"))
        except BaseException:
            connection.close()
            raise
        return connection

    def _first(
        self, connection: sqlite3.Connection, marks: Sequence[Mark], now: float
    ) -> Tuple[Mark, ...]:
        connection.execute(_TABLE)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM told WHERE at < ?", (now - _KEPT,))
        found = []
        for subject, what in marks:
            if not what:
                aged = (subject, now - AGAIN, now)  # or told in a future: a wrong clock
                line = "DELETE FROM told WHERE subject = ? AND NOT at BETWEEN ? AND ?"
                connection.execute(line, aged)
            row = (subject, what, now)
            done = connection.execute(
                "INSERT OR IGNORE INTO told VALUES (?, ?, ?)", row
            )
            if done.rowcount:
                found.append((subject, what))
        connection.execute("COMMIT")
        return tuple(found)
