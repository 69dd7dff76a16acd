"""The file of the list of jobs: its versions, how one becomes the next, damage.

What is in it is store.py's.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Optional

log = logging.getLogger(__name__)

_BUSY_SECONDS = 10.0
#: What makes version n + 1 of the file out of version n, each in one transaction.
_MIGRATIONS = (
    (
        "CREATE TABLE IF NOT EXISTS jobs (uid TEXT PRIMARY KEY, "
        "cluster TEXT NOT NULL, created REAL NOT NULL, data TEXT NOT NULL)",
    ),
    (
        "CREATE INDEX jobs_by_cluster ON jobs (cluster, created)",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
)
SCHEMA = len(_MIGRATIONS)


def connect(path: Path, is_new: bool) -> Optional[sqlite3.Connection]:
    """A connection to a file of our version, made so if need be; None: a newer one.

    `is_new`: should there be no file, then there were no jobs before either.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise sqlite3.OperationalError(str(error)) from error
    connection = sqlite3.connect(str(path), timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            connection.close()
            return None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # outlives a power cut
        if version < SCHEMA:
            migrate(connection, is_new)
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection, is_new: bool) -> None:
    """Bring the file to our version; another window may be doing so as well."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for steps in _MIGRATIONS[version:]:
            for step in steps:
                connection.execute(step)
        if version == 1 or (version == 0 and is_new):
            say_whole(connection, "whole")
        connection.execute("PRAGMA user_version = {}".format(SCHEMA))
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def quarantined(path: Path, aside: Path) -> bool:
    """Put a file aside if it is damaged; another window may have been quicker."""
    if not path.exists():
        return False
    check = sqlite3.connect(str(path), timeout=_BUSY_SECONDS)
    try:
        if check.execute("PRAGMA quick_check").fetchall() == [("ok",)]:
            return False
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        log.warning("%s is damaged", path)
    finally:
        check.close()
    for ending in ("-wal", "-shm", ""):
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + ending))
    return True


def say_whole(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, 'yes')", (name,))
