"""What is told of one job beside its state: its history, files, rounds, a way out.

Reads only. Where a mount is away, what is known without it is told.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Callable, Optional, Tuple

from sleap_remote_plugin.errors import PackageProblem, RemoteError
from sleap_remote_plugin.jobs.another_try import offer_of
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.deeds import Batch, Deed, Offer
from sleap_remote_plugin.jobs.diagnosis import Diagnosis
from sleap_remote_plugin.jobs.history import (
    LOAD_UNDONE,
    LOADED,
    HistoryLine,
    history_of,
    with_event,
)
from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.untrusted import Unfit
from sleap_remote_plugin.session.earlier import EarlierCurve, EarlierCurves
from sleap_remote_plugin.session.job_files import FilePlace, places_of
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.smaller import smaller_batches
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.witnesses import Events, Known, read_accounts

log = logging.getLogger(__name__)


class Details:
    """What a session tells of a job that is looked at; session.py has the rest."""

    profile: ClusterProfile
    store: Store
    clock: Callable[[], float]

    def __init__(self) -> None:
        self._earlier = EarlierCurves()
        self._accounts: Known = {}

    def jobs(self) -> Tuple[Job, ...]:
        raise NotImplementedError

    def local_folder(self, job: Job) -> Path:
        raise NotImplementedError

    def rounds_file(self, job: Job) -> str:
        raise NotImplementedError

    def history(self, job: Job) -> Tuple[HistoryLine, ...]:
        """What happened to the job and when, oldest first."""
        return history_of(self.store.get(job.uid) or job, self._account(job))

    def _account(self, job: Job) -> Events:
        if not job.slurm_id:
            return ()
        try:
            folder = self.local_folder(job)
            return within(MOUNT_DEADLINE, lambda: read_accounts(folder, self._accounts))
        except (RemoteError, OSError, Unfit) as error:
            log.info("%s: no account of its own: %s", job.slurm_name, error)
            return ()

    def offer(self, job: Job, diagnosis: Optional[Diagnosis]) -> Optional[Offer]:
        """What a button can do about the job's end; None: it ended well, or goes on."""
        if diagnosis is None:
            return None
        batches: Tuple[Batch, ...] = ()
        if diagnosis.deed is Deed.SMALLER_BATCH:
            try:
                folder = self.local_folder(job)
                batches = within(MOUNT_DEADLINE, lambda: smaller_batches(job, folder))
            except (RemoteError, PackageProblem) as error:
                log.info("%s: no batch sizes: %s", job.slurm_name, error)
        return offer_of(job, diagnosis.deed, self.profile.limits, batches)

    def earlier_curves(self, job: Job) -> Tuple[EarlierCurve, ...]:
        """Loss curves of the rounds before a training."""
        if job.kind is not JobKind.TRAIN:
            return ()
        jobs, look = self.jobs(), self._earlier.of
        try:
            return within(MOUNT_DEADLINE, lambda: look(job, jobs, self.local_folder))
        except RemoteError:  # the mount is away: the details say so
            return ()

    def places_of(self, job: Job) -> Tuple[FilePlace, ...]:
        """The job's files, and which of them are there."""
        folder: Optional[Path] = None
        try:
            folder = self.local_folder(job) if job.folder else None
        except RemoteError:
            pass
        rounds = self.rounds_file(job)
        try:
            return tuple(within(MOUNT_DEADLINE, lambda: places_of(job, folder, rounds)))
        except RemoteError:
            return tuple(
                place._replace(is_there=None) for place in places_of(job, None, rounds)
            )

    def note_load(self, uid: str, project: str, undone: bool = False) -> None:
        """Write into a job's history that its predictions were loaded."""
        what, now = LOAD_UNDONE if undone else LOADED, self.clock()
        name = project.replace("\\", "/").rpartition("/")[2]
        self.store.update(uid, lambda job: with_event(job, now, what, name))
