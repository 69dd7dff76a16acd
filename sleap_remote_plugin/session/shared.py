"""One window asks SLURM for all: whose turn it is, and what could not be asked.

A small table beside the list of jobs. What was learned is in the list itself, so that
a window whose turn it is not reads that and asks nobody.
"""

from __future__ import annotations

import contextlib
import enum
import json
import logging
import secrets
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional, Sequence, Tuple

from sleap_remote_plugin.session.schema import SCHEMA
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds that another window waits longer than the one that asked last, so that one
#: connection does for all.
GRACE = 3.0
#: Seconds between two automatic questions at least.
LEAST = 4.5

_TABLE = (
    "CREATE TABLE IF NOT EXISTS asked (cluster TEXT PRIMARY KEY, at REAL NOT NULL, "
    "who TEXT NOT NULL, troubles TEXT NOT NULL)"
)


class Turn(enum.Enum):
    """What a window may ask now."""

    ALL = "squeue for all jobs, and sacct"
    ENDS = "sacct, for jobs that seem to have ended"
    NOBODY = "another window asks"


class Turns:
    """Whose turn it is to ask one cluster; safe from several processes.

    Parameters
    ----------
    path : Path
        The list of jobs. Where it cannot be used, each window asks for itself.
    """

    def __init__(self, path: Path, cluster: str) -> None:
        self.path = path
        self.cluster = cluster
        self.me = secrets.token_hex(4)
        self._failed = False

    def take(self, now: float, wait: Optional[float], at_once: bool = False) -> Turn:
        """What may be asked now; ALL is this window's until `wait` seconds are over.

        Parameters
        ----------
        wait : float or None
            Seconds between two questions; None where no job is open: then only the
            window that asked last may ask for what came late.
        at_once : bool
            The user wants it.
        """
        if not self.path.exists():  # no job was ever listed; the store makes the file
            return Turn.ALL
        if at_once:
            self._note(now, self.me)
            return Turn.ALL
        try:
            with self._open() as connection:
                return self._take(connection, now, wait)
        except (sqlite3.Error, OSError) as error:
            log.warning("Whose turn it is to ask SLURM is not known: %s", error)
            return Turn.ALL

    def _take(
        self, connection: sqlite3.Connection, now: float, wait: Optional[float]
    ) -> Turn:
        if wait is None:
            return Turn.ENDS if self._row(connection)[1] == self.me else Turn.NOBODY
        connection.execute("BEGIN IMMEDIATE")
        at, who, _ = self._row(connection)
        mine = who in ("", self.me) and not self._failed
        age = now - at if at <= now else wait * 2 + GRACE  # a clock was put back
        if age < max(LEAST, wait * 0.9 if mine else wait * 1.5 + GRACE):
            connection.execute("COMMIT")
            return Turn.ENDS if who == self.me else Turn.NOBODY
        self._write(connection, now, self.me, ())
        connection.execute("COMMIT")
        return Turn.ALL

    def answered(self, now: float, troubles: Sequence[str]) -> None:
        """Note that SLURM told this window; the others see the same `troubles`."""
        self._failed = False
        self._note(now, self.me, troubles)

    def failed(self, now: float) -> None:
        """Note that this window could not ask: any other may, and sooner."""
        self._failed = True
        self._note(now, "")

    @property
    def troubles(self) -> Tuple[str, ...]:
        """What the window that asked last could not ask."""
        try:
            with self._open() as connection:
                return self._row(connection)[2]
        except (sqlite3.Error, OSError):
            return ()

    def _note(self, now: float, who: str, troubles: Sequence[str] = ()) -> None:
        if not self.path.exists():
            return
        try:
            with self._open() as connection:
                self._write(connection, now, who, troubles)
        except (sqlite3.Error, OSError) as error:
            log.warning("The turn to ask SLURM is not noted: %s", error)

    def _row(self, connection: sqlite3.Connection) -> Tuple[float, str, Tuple]:
        row = connection.execute(
            "SELECT at, who, troubles FROM asked WHERE cluster = ?", (self.cluster,)
        ).fetchone()
        if row is None:
            return 0.0, "", ()
        with contextlib.suppress(ValueError, TypeError):
            return float(row[0]), str(row[1]), tuple(json.loads(row[2]))
        return 0.0, "", ()

    def _write(
        self,
        connection: sqlite3.Connection,
        now: float,
        who: str,
        troubles: Sequence[str],
    ) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO asked VALUES (?, ?, ?, ?)",
            (self.cluster, now, who, json.dumps(list(troubles))),
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():  # SQLite would make an empty one
            raise OSError(tr("there is no list of jobs"))
        connection = sqlite3.connect(str(self.path), timeout=2.0, isolation_level=None)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] > SCHEMA:
                raise OSError(tr("the list of jobs is a newer program's"))
            connection.execute(_TABLE)
            yield connection
        finally:
            connection.close()
