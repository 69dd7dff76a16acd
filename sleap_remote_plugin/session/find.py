"""*Find my jobs*: records on the mount that the list does not know, or knows elsewhere.

From another computer, from a list that was lost, from a folder that was renamed; and
colleagues' jobs, which can be looked at only. Nothing is asked of the cluster.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Callable, List, NamedTuple, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError, StoreProblem
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.jobs.record import (
    RECORD_NAME,
    WITNESS_FOLDER,
    load_record,
    save_record,
)
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.words import counted, tr

log = logging.getLogger(__name__)

#: Folders below the one that is named, and seconds for all of them.
DEEP = 6
PATIENCE = 60.0

_NOT_LOOKED_INTO = ("models", "predictions", WITNESS_FOLDER)


class Found(NamedTuple):
    """What *Find my jobs* came upon.

    Attributes
    ----------
    jobs : tuple of Job
        All jobs of this cluster that have a record there, as they are in the list.
    added, moved : tuple of Job
        Those that are new in the list; those whose folder has another name now.
    troubles : tuple of str
        Sentences on records that could not be used.
    """

    jobs: Tuple[Job, ...] = ()
    added: Tuple[Job, ...] = ()
    moved: Tuple[Job, ...] = ()
    troubles: Tuple[str, ...] = ()

    def __str__(self) -> str:
        text = tr("{} found; {} new in the list").format(
            counted(len(self.jobs), "job"), len(self.added)
        )
        if self.moved:
            text += tr(", {} in another folder than before").format(len(self.moved))
        return text + "."


def find_jobs(
    folder: Path,
    cluster: str,
    store: Store,
    to_cluster: Callable[[str], object],
    to_local: Callable[[str], Path],
    is_mine: Callable[[Job], bool],
    deep: int = DEEP,
) -> Found:
    """Put the jobs whose records lie below a folder into the list.

    Parameters
    ----------
    folder : Path
        As this machine spells it.
    cluster : str
        The profile's name; other clusters' jobs are passed over.
    to_cluster, to_local : callable
        The cluster's spelling of a local path, and the other way.
    is_mine : callable
        Whether a job is this user's; others' records are not written.

    Raises
    ------
    MountNotProven, StoreProblem
    """
    records, troubles = within(
        PATIENCE + MOUNT_DEADLINE, lambda: records_below(folder, deep)
    )
    jobs: List[Job] = []
    added: List[Job] = []
    moved: List[Job] = []
    for place, job in records:
        if job.cluster != cluster:
            troubles.append(
                tr("{} is a job of the cluster profile {}; it was passed over.").format(
                    place, job.cluster
                )
            )
            continue
        job = job.changed(folder=str(to_cluster(str(place))))
        known = store.get(job.uid)
        if known is None:
            store.add(job)
            added.append(job)
        elif known.folder != job.folder:
            if _is_there(to_local(known.folder), job.uid):
                troubles.append(
                    tr("{} is a copy of {}; the job stays there.").format(
                        place, known.folder
                    )
                )
                continue
            job = move(known, job.folder, place, store, is_mine(known))
            moved.append(job)
        else:
            job = known
        jobs.append(job)
    return Found(tuple(jobs), tuple(added), tuple(moved), tuple(troubles))


def records_below(folder: Path, deep: int) -> Tuple[List[Tuple[Path, Job]], List[str]]:
    """Folders with a job's record, and sentences on what could not be read."""
    found: List[Tuple[Path, Job]] = []
    troubles: List[str] = []
    until = time.monotonic() + PATIENCE

    def note(error: OSError) -> None:
        troubles.append(
            tr("{} cannot be read: {}.").format(error.filename, error.strerror or error)
        )

    top = str(folder)
    for here, below, names in os.walk(top, onerror=note):
        if RECORD_NAME in names:
            try:
                found.append((Path(here), load_record(Path(here))))
            except StoreProblem as error:
                troubles.append(str(error))
        depth = len(Path(here).relative_to(folder).parts)
        wanted = [n for n in below if not n.startswith(".")]
        below[:] = sorted(n for n in wanted if n not in _NOT_LOOKED_INTO)
        if depth >= deep:
            below[:] = []
        if time.monotonic() > until:
            troubles.append(
                tr(
                    "{} is too large to be looked through in {:.0f} s. Name a smaller "
                    "folder."
                ).format(folder, PATIENCE)
            )
            break
    return found, troubles


def _is_there(folder: Path, uid: str) -> bool:
    def look() -> bool:
        if not (folder / RECORD_NAME).exists():
            return False
        return load_record(folder).uid == uid

    try:
        return within(MOUNT_DEADLINE, look)
    except StoreProblem:
        return True  # there is one, and it cannot be read: nothing is moved


def move(job: Job, folder: str, place: Path, store: Store, is_mine: bool) -> Job:
    """The job in its new folder (`place` here), in the list and in our own record."""
    kept = store.update(job.uid, lambda now: now.changed(folder=folder))
    after = kept or job.changed(folder=folder)
    if not is_mine:
        return after
    try:
        within(MOUNT_DEADLINE, lambda: save_record(place, after))
    except RemoteError as error:  # a disk that is read-only just now
        log.warning("%s: record not updated: %s", job.slurm_name, error)
    return after


def find_moved(job: Job, folder: Path) -> Optional[Path]:
    """Where a job's folder went that is not there any more: beside its old place."""

    def look() -> Optional[Path]:
        if folder.is_dir() or not folder.parent.is_dir():
            return None
        records, _ = records_below(folder.parent, 1)
        places = [place for place, found in records if found.uid == job.uid]
        return places[0] if len(places) == 1 else None

    return within(MOUNT_DEADLINE, look)


def mend_record(job: Job, folder: Path) -> str:
    """Write a record anew that was deleted or spoiled; what was done, in a sentence.

    What is in the list is the job as SLURM told of it; a record that says otherwise
    was edited by hand. A spoiled one is kept beside it.
    """

    def look() -> str:
        if not folder.is_dir():
            return ""
        path = folder / RECORD_NAME
        if not path.exists():
            save_record(folder, job)
            return tr("{}: its record was gone, and was written again.").format(
                job.name
            )
        try:
            found = load_record(folder)
        except StoreProblem:
            found = None
        if found is not None and found.uid != job.uid:
            return ""  # a later job of the same folder
        if found is not None and _same(found, job):
            return ""
        aside = folder / "{}.{}".format(
            RECORD_NAME, time.strftime("damaged-%Y%m%d-%H%M%S")
        )
        os.replace(str(path), str(aside))
        save_record(folder, job)
        return tr(
            "{}: its record was changed by hand and was written again. The changed one "
            "is {}."
        ).format(job.name, aside)

    return within(MOUNT_DEADLINE, look)


def _same(one: Job, other: Job) -> bool:
    """Whether two accounts are of the same job, as far as nobody but SLURM changes."""
    return _facts(one) == _facts(other)


def _facts(job: Job) -> Tuple[object, ...]:
    made = tuple(task.output for task in job.tasks)
    return job.uid, job.slurm_id, job.kind, job.cluster, made
