"""The list of jobs kept true to the mount: settled, rebuilt, followed when it moves.

Before SLURM is asked how jobs stand (monitor.py), what a crash, a lost list, a renamed
folder or a hand-edited record left is put right here.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import NotOnMount, RemoteError, StoreProblem
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.jobs.record import RECORD_NAME, load_record
from sleap_remote_plugin.session import find
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.recover import Recovery, is_unsettled
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds between two looks at the record of one job.
RECORD_LOOKED_AT = 60.0


class Upkeep:
    """Looks after one cluster's jobs in the list.

    Parameters
    ----------
    to_local, to_cluster : callable
        This machine's spelling of a cluster path, and the other way.
    is_mine : callable
        Whether a job is this user's; others' are never written.

    Attributes
    ----------
    told : tuple of str
        Sentences on what the last look put right, or could not.
    """

    def __init__(
        self,
        cluster: str,
        transport: Transport,
        store: Store,
        to_local: Callable[[str], Path],
        to_cluster: Callable[[str], object],
        is_mine: Callable[[Job], bool],
        clock: Callable[[], float],
    ) -> None:
        self.cluster = cluster
        self.store = store
        self.to_local = to_local
        self.to_cluster = to_cluster
        self.is_mine = is_mine
        self.recovery = Recovery(transport, store, to_local, clock)
        self.told: Tuple[str, ...] = ()
        self._looked_at: Dict[str, float] = {}

    def look_after(self, jobs: Sequence[Job]) -> Optional[RemoteError]:
        """Put right what can be; the error where the cluster could not be asked.

        Somebody else's jobs follow their records.
        """
        told: List[str] = []
        trouble: Optional[RemoteError] = None
        if self.store.must_be_rebuilt(self.cluster):
            told.extend(self._rebuild())
            jobs = self.store.jobs(self.cluster)
        opened = [job for job in jobs if not job.state.is_final]
        try:
            told.extend(self._look_at(opened))
        except (
            RemoteError,
            OSError,
        ) as error:  # the monitor tells of a mount's silence
            log.warning("the jobs' folders were not looked at: %s", error)
        try:
            told.extend(
                self.recovery.settle([job for job in opened if self.is_mine(job)])
            )
        except RemoteError as error:
            trouble = error
        told = self.store.notices + told
        self.store.notices = []
        self.told = tuple(told)
        return trouble

    def find(self, folder: Path, deep: int = find.DEEP) -> find.Found:
        return find.find_jobs(
            folder,
            self.cluster,
            self.store,
            self.to_cluster,
            self.to_local,
            self.is_mine,
            deep,
        )

    def _rebuild(self) -> List[str]:
        """The list as the records on the mount tell it."""
        told: List[str] = []
        number = looked_into = 0
        for place in self.store.places(self.cluster):
            try:
                folder = self.to_local(place)
                if not within(MOUNT_DEADLINE, folder.is_dir):
                    told.append(tr("{} is not there just now.").format(folder))
                    continue
                looked_into += 1
                found = self.find(folder, deep=1)
            except RemoteError as error:
                told.append(str(error))
                continue
            number += len(found.added)
            told.extend(found.troubles)
        if not looked_into:  # nothing is mounted: the next look does it
            return told
        self.store.is_rebuilt(self.cluster)
        text = tr(
            "The list of jobs was made again from the records on the mount: {} jobs."
        )
        return [text.format(number)] + told

    def _look_at(self, jobs: Sequence[Job]) -> List[str]:
        """Folders that were renamed, records that were spoiled; others' records."""
        mine = [job for job in jobs if self.is_mine(job)]
        self._follow_records([job for job in jobs if not self.is_mine(job)])
        folders = self._folders(mine)
        gone = within(
            MOUNT_DEADLINE,
            lambda: [uid for uid, folder in folders.items() if not folder.is_dir()],
        )
        told = []
        for job in mine:
            if job.uid in gone:
                if self.followed(job).folder != job.folder:
                    text = tr("{}: its folder was renamed, and found again.")
                    told.append(text.format(job.name))
            elif job.uid in folders and not is_unsettled(job) and self._is_due(job):
                try:
                    told.append(find.mend_record(job, folders[job.uid]))
                except (RemoteError, OSError) as error:
                    log.warning("%s: record not looked at: %s", job.slurm_name, error)
        return [text for text in told if text]

    def _folders(self, jobs: Sequence[Job]) -> Dict[str, Path]:
        """Jobs' folders as this machine spells them; those on no mount are left out."""
        found = {}
        for job in jobs:
            with contextlib.suppress(NotOnMount):
                found[job.uid] = self.to_local(job.folder)
        return found

    def _is_due(self, job: Job) -> bool:
        now = time.monotonic()
        if now < self._looked_at.get(job.uid, 0.0):
            return False
        self._looked_at[job.uid] = now + RECORD_LOOKED_AT
        return True

    def followed(self, job: Job) -> Job:
        """The job in the folder that it has now; one that is not found stays."""
        moved = find.find_moved(job, self.to_local(job.folder))
        if moved is None:
            return job
        there = str(self.to_cluster(str(moved)))
        return find.move(job, there, moved, self.store, self.is_mine(job))

    def _follow_records(self, jobs: Sequence[Job]) -> None:
        """Others' jobs stand as their own programs say."""
        folders = self._folders(jobs)
        records = within(
            MOUNT_DEADLINE,
            lambda: {uid: _record(folder) for uid, folder in folders.items()},
        )
        for job in jobs:
            record = records.get(job.uid)
            if record is not None and record.uid == job.uid:
                after = record.changed(folder=job.folder, user=job.user)
                self.store.update(job.uid, functools.partial(_so, after))


def _so(after: Job, _: Job) -> Job:
    return after


def _record(folder: Path) -> Optional[Job]:
    """A folder's record; None where there is none that can be read."""
    try:
        return load_record(folder) if (folder / RECORD_NAME).exists() else None
    except StoreProblem as error:
        log.warning("%s (%s)", error, error.detail)
        return None
