"""The jobs that this user follows: one SQLite file, shared by windows and the CLI.

The record on the mount (jobs/record.py) is the truth of a job; this is the list.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, Optional, Tuple

from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.jobs.job import Job, job_from_dict, job_to_dict

_SCHEMA = 1
_BUSY_SECONDS = 10.0


class Store:
    """Jobs by uid. Safe from several threads and processes; nothing is held open.

    Parameters
    ----------
    path : Path
        The database file; made with its folder when first written.

    Raises
    ------
    StoreProblem
        From every method: the list cannot be read or written. A damaged file is
        kept aside under another name, and the list begins anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, job: Job) -> None:
        """Write a job, new or not."""
        with self._writing() as connection:
            _put(connection, job)

    def update(self, uid: str, change: Callable[[Job], Job]) -> Optional[Job]:
        """Change one job under a lock; returns it, or None where it is not listed."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT data FROM jobs WHERE uid = ?", (uid,)
            ).fetchone()
            if row is None:
                return None
            before = job_from_dict(json.loads(row[0]))
            after = change(before)
            if after != before:
                _put(connection, after)
            return after

    def remove(self, uid: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM jobs WHERE uid = ?", (uid,))

    def get(self, uid: str) -> Optional[Job]:
        return next((job for job in self.jobs() if job.uid == uid), None)

    def jobs(self, cluster: str = "") -> Tuple[Job, ...]:
        """All jobs, or one cluster's, newest first."""
        if not self.path.exists():
            return ()
        with self._open() as connection:
            rows = connection.execute(
                "SELECT data FROM jobs WHERE ? IN ('', cluster) "
                "ORDER BY created DESC, uid",
                (cluster,),
            ).fetchall()
        return tuple(job_from_dict(json.loads(row[0])) for row in rows)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise self._problem(error) from error
            connection = self._start_anew(error)
        try:
            yield connection
        except (sqlite3.Error, KeyError, ValueError, TypeError) as error:
            raise self._problem(error) from error
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._problem(error) from error
        connection = sqlite3.connect(
            str(self.path), timeout=_BUSY_SECONDS, isolation_level=None
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > _SCHEMA:
                raise StoreProblem(
                    "The list of jobs {} was written by a newer version of this "
                    "program and is left as it is. Update the plugin.".format(self.path)
                )
            if version < _SCHEMA:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS jobs (uid TEXT PRIMARY KEY, "
                    "cluster TEXT NOT NULL, created REAL NOT NULL, data TEXT NOT NULL)"
                )
                connection.execute("PRAGMA user_version = {}".format(_SCHEMA))
        except BaseException:
            connection.close()
            raise
        return connection

    def _start_anew(self, why: sqlite3.DatabaseError) -> sqlite3.Connection:
        aside = self.path.with_name(
            "{}.damaged-{}".format(self.path.name, time.strftime("%Y%m%d-%H%M%S"))
        )
        try:
            self.path.replace(aside)
            for ending in ("-wal", "-shm"):
                beside = self.path.with_name(self.path.name + ending)
                if beside.exists():
                    beside.replace(aside.with_name(aside.name + ending))
            return self._connect()
        except (OSError, sqlite3.Error) as error:
            raise self._problem(why) from error

    def _problem(self, error: Exception) -> StoreProblem:
        return StoreProblem(
            "The list of jobs {} cannot be used just now ({}). The jobs themselves and "
            "their records on the mount are untouched. Check that the disk has space "
            "and that the file may be written.".format(self.path, error)
        )


def _put(connection: sqlite3.Connection, job: Job) -> None:
    connection.execute(
        "INSERT INTO jobs (uid, cluster, created, data) VALUES (?, ?, ?, ?) "
        "ON CONFLICT(uid) DO UPDATE SET cluster = excluded.cluster, "
        "created = excluded.created, data = excluded.data",
        (job.uid, job.cluster, job.created, json.dumps(job_to_dict(job))),
    )
