"""The jobs that this user follows: one SQLite file, shared by windows and the CLI.

The record on the mount (jobs/record.py) is the truth of a job; this is the list. It
can be lost: beside it, in ``jobs.places``, is a line for each folder that holds jobs,
from which it is made again (session.py).
"""

from __future__ import annotations

import functools
import json
import logging
import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional, Set, Tuple

from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.jobs.history import recorded
from sleap_remote_plugin.jobs.job import Job, job_from_dict, job_to_dict
from sleap_remote_plugin.session.schema import SCHEMA, connect, quarantined, say_whole
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)


class Store:
    """Jobs by uid. Safe from several threads and processes; nothing is held open.

    Parameters
    ----------
    path : Path
        The database file; made with its folder when first written.

    Attributes
    ----------
    notices : list of str
        Sentences on what happened to the list, for the user; taken out by who tells
        them.

    Raises
    ------
    StoreProblem
        From every method: the list cannot be read or written. A damaged file is
        kept aside under another name, and so is that of a newer program; the list
        then begins anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notices: List[str] = []
        self._told_of_newer = False
        self._whole: Set[str] = set()

    def add(self, job: Job, lasting: bool = True) -> None:
        """Write a job, new or not.

        Parameters
        ----------
        lasting : bool
            It must outlive a power cut; else the end of this program only.
        """
        with self._writing(lasting) as connection:
            _put(connection, job)
        self._remember_place(job)

    def update(self, uid: str, change: Callable[[Job], Job]) -> Optional[Job]:
        """Change one job under a lock; returns it, or None where it is not listed."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT data FROM jobs WHERE uid = ?", (uid,)
            ).fetchone()
            before = _read(row[0]) if row else None
            if before is None:
                return None
            after = recorded(before, change(before))
            if after != before:
                _put(connection, after)
            return after

    def remove(self, uid: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM jobs WHERE uid = ?", (uid,))

    def get(self, uid: str) -> Optional[Job]:
        found = self._select("uid = ?", (uid,))
        return found[0] if found else None

    def jobs(self, cluster: str = "") -> Tuple[Job, ...]:
        """All jobs, or one cluster's, newest first."""
        return self._select("? IN ('', cluster)", (cluster,))

    def open_elsewhere(self, cluster: str) -> Tuple[Job, ...]:
        """The open jobs of all other clusters, as they are in the list."""
        others = self._select("cluster != ?", (cluster,))
        return tuple(job for job in others if not job.state.is_final)

    def _select(self, where: str, values: Tuple[str, ...]) -> Tuple[Job, ...]:
        if not self.path.exists():
            return ()
        query = "SELECT data FROM jobs WHERE {} ORDER BY created DESC, uid".format(
            where
        )
        try:
            with self._open() as connection:
                rows = connection.execute(query, values).fetchall()
        except StoreProblem as problem:
            rows = self._rows_of_a_copy(query, values, problem)
        return tuple(job for job in (_read(row[0]) for row in rows) if job is not None)

    # -- made again from the mount ------------------------------------------------

    def places(self, cluster: str) -> Tuple[str, ...]:
        """Folders (cluster spelling) in which there were jobs of a cluster."""
        try:
            text = self._places_file.read_text("utf-8", "replace")
        except OSError:
            return ()
        lines = (line.split("\t", 1) for line in text.splitlines())
        found = {x[1]: None for x in lines if len(x) == 2 and x[0] == cluster}
        return tuple(found)

    def must_be_rebuilt(self, cluster: str) -> bool:
        """Whether the list began anew though there were jobs, and still lacks them."""
        if cluster in self._whole or not self.places(cluster):
            return False
        try:
            with self._open() as connection:
                query = "SELECT 1 FROM facts WHERE name IN ('whole', ?)"
                found = connection.execute(query, ("whole." + cluster,)).fetchall()
        except StoreProblem:
            return False
        if found:
            self._whole.add(cluster)
        return not found

    def is_rebuilt(self, cluster: str) -> None:
        with self._writing() as connection:
            say_whole(connection, "whole." + cluster)

    @property
    def _places_file(self) -> Path:
        return self.path.with_name("jobs.places")

    def _remember_place(self, job: Job) -> None:
        place = job.folder.rpartition("/")[0]
        if place in self.places(job.cluster) or "\n" in place:
            return
        line = "{}\t{}\n".format(job.cluster, place)
        try:
            descriptor = os.open(
                str(self._places_file), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
            )
            with open(descriptor, "ab") as out:
                out.write(line.encode("utf-8"))
        except OSError as error:
            log.warning("%s not written: %s", self._places_file, error)

    # -- the file -----------------------------------------------------------------

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Several writes: SQLite tidies up behind the last who closes, each time."""
        kept = None
        with suppress(sqlite3.Error):  # who writes says why not
            kept = self._connected()
            kept.execute("SELECT COUNT(*) FROM facts").fetchone()
        try:
            yield
        finally:
            if kept is not None:
                kept.close()

    @contextmanager
    def _writing(self, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        with self._open() as connection:
            if not lasting:
                connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # a full disk has rolled back already
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connected()
        except sqlite3.OperationalError as error:
            raise self._problem(error) from error
        except sqlite3.DatabaseError as error:
            connection = self._start_anew(error)
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            connection.close()
            if not isinstance(error, sqlite3.OperationalError):
                self._start_anew(error).close()
            raise self._problem(error) from error
        finally:
            connection.close()

    def _connected(self) -> sqlite3.Connection:
        """A connection to our file, or to our own one beside a newer program's."""
        is_new = not self._places_file.exists()
        connection = connect(self.path, is_new)
        if connection is not None:
            return connection
        if not self._told_of_newer:
            self._told_of_newer = True
            self.notices.append(
                tr(
                    "The list of jobs {} was written by a newer version of this "
                    "program and is left as it is. This one keeps a list of its own, "
                    "made from the records on the mount. Update the plugin."
                ).format(self.path)
            )
        connection = connect(self._beside_a_newer, is_new=False)
        if connection is None:
            raise sqlite3.OperationalError(tr("two lists of a newer version"))
        return connection

    @property
    def _beside_a_newer(self) -> Path:
        return self.path.with_name(
            "{}.version-{}{}".format(self.path.stem, SCHEMA, self.path.suffix)
        )

    def _start_anew(self, why: sqlite3.DatabaseError) -> sqlite3.Connection:
        ending = time.strftime("corrupt-%Y%m%d-%H%M%S")
        try:
            for path in (self.path, self._beside_a_newer):
                aside = path.with_name("{}.{}".format(path.name, ending))
                if quarantined(path, aside):
                    self._whole.clear()
                    self.notices.append(
                        tr(
                            "The list of jobs was damaged and is kept as {}. It is "
                            "made again from the records on the mount; jobs on the "
                            "cluster go on."
                        ).format(aside)
                    )
            return self._connected()
        except (OSError, sqlite3.Error) as error:
            raise self._problem(why) from error

    def _rows_of_a_copy(
        self, query: str, values: Tuple[str, ...], problem: StoreProblem
    ) -> List[Any]:
        """What can be read where nothing can be written: SQLite itself wants to."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder, self.path.name)
                for ending in ("", "-wal"):
                    beside = self.path.with_name(self.path.name + ending)
                    if beside.exists():
                        shutil.copyfile(
                            str(beside), str(copy.with_name(copy.name + ending))
                        )
                connection = sqlite3.connect(str(copy))
                try:
                    rows = connection.execute(query, values).fetchall()
                finally:
                    connection.close()
        except (OSError, sqlite3.Error):
            raise problem from None
        if str(problem) not in self.notices:
            self.notices.append(str(problem))
        return rows

    def _problem(self, error: Exception) -> StoreProblem:
        return StoreProblem(
            tr(
                "The list of jobs {} cannot be used just now ({}). The jobs themselves "
                "and their records on the mount are untouched. Check that the disk has "
                "space and that the file may be written."
            ).format(self.path, error)
        )


@functools.lru_cache(maxsize=2048)
def _read(data: str) -> Optional[Job]:
    """One row; None and a log line for what a newer or a broken program wrote.

    Most rows are as they were a moment ago: a job is never changed, only replaced.
    """
    try:
        return job_from_dict(json.loads(data))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        log.warning("a job in the list cannot be read: %r", error)
        return None


def _put(connection: sqlite3.Connection, job: Job) -> None:
    connection.execute(
        "INSERT INTO jobs (uid, cluster, created, data) VALUES (?, ?, ?, ?) "
        "ON CONFLICT(uid) DO UPDATE SET cluster = excluded.cluster, "
        "created = excluded.created, data = excluded.data",
        (job.uid, job.cluster, job.created, json.dumps(job_to_dict(job))),
    )
