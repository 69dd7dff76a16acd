"""One look at all open jobs of a cluster, and what it changes in the list.

Who is asked: monitor.py. Whose turn it is: shared.py. What an end is: judge.py.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Callable, Dict, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.chain import trained_by, was_not_run, without_training
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.jobs.record import save_record
from sleap_remote_plugin.session.judge import is_to_be_judged, judged
from sleap_remote_plugin.session.monitor import Monitor
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.pace import slurm_wait
from sleap_remote_plugin.session.shared import Turn, Turns
from sleap_remote_plugin.session.store import Store

log = logging.getLogger(__name__)


class Following:
    """Follows the jobs of one cluster.

    Parameters
    ----------
    local_folder : callable
        The job's folder as this machine spells it.
    slower : callable
        How many times as long as usual SLURM is left alone; at least 1.
    """

    def __init__(
        self,
        store: Store,
        monitor: Monitor,
        turns: Turns,
        local_folder: Callable[[Job], Path],
        slower: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.store = store
        self.monitor = monitor
        self.turns = turns
        self.local_folder = local_folder
        self._slower = slower
        self.troubles: Tuple[str, ...] = ()

    def look(self, jobs: Sequence[Job], at_once: bool = True) -> None:
        """Ask how `jobs` stand, and write down what is new.

        Parameters
        ----------
        at_once : bool
            The user wants it. Else SLURM is asked only when it is due, and by one
            window for all.

        Raises
        ------
        RemoteError
            Nobody could be asked; the last known states stay.
        """
        now = self.monitor.clock()
        wait = slurm_wait(jobs, now, self._slower())
        turn = self.turns.take(now, wait, at_once)
        try:
            changes = self.monitor.changes(jobs, turn)
        except RemoteError:
            if turn is Turn.ALL:
                self.turns.failed(now)
            raise
        if turn is Turn.ALL:
            self.turns.answered(now, self.monitor.troubles)
            self.troubles = self.monitor.troubles
        else:
            self.troubles = self.monitor.troubles + self.turns.troubles
        self._apply(jobs, changes)

    def judge(self, jobs: Sequence[Job]) -> None:
        """What became of jobs that have ended, by what is here of them now."""
        self._apply(jobs, {})

    def _apply(
        self, jobs: Sequence[Job], changes: Dict[str, Callable[[Job], Job]]
    ) -> None:
        before = {job.uid: job for job in jobs}
        after = dict(before)
        with self.store.kept_open():
            for uid, change in changes.items():
                after[uid] = self.store.update(uid, change) or before[uid]
            for uid, job in after.items():
                if is_to_be_judged(job) and not self.monitor.witnesses.hangs:
                    after[uid] = self._judge(job)
            for uid, job in after.items():
                if trained_by(job):
                    after[uid] = self._without_training(job, after)
        for uid, job in after.items():
            is_explained = was_not_run(job) and not was_not_run(before[uid])
            if job.state is not before[uid].state or is_explained:
                self._keep_record(job)

    def _without_training(self, job: Job, jobs: Dict[str, Job]) -> Job:
        """A prediction whose training has ended, and not well, does not run."""
        uid, now = trained_by(job), self.monitor.clock()
        training = jobs.get(uid) or self.store.get(uid)
        verdict = without_training(job, training, now)
        if verdict == job:
            return job
        return self.store.update(job.uid, lambda n: verdict if n == job else n) or job

    def _judge(self, job: Job) -> Job:
        try:
            verdict = judged(job, self.local_folder(job), self.monitor.clock())
        except RemoteError as error:
            log.warning("%s: not judged yet: %s", job.slurm_name, error)
            return job
        if verdict == job:
            return job
        return self.store.update(job.uid, lambda n: verdict if n == job else n) or job

    def _keep_record(self, job: Job) -> None:
        """The record on the mount follows each change of state."""
        if self.monitor.witnesses.hangs:
            log.warning("%s: record not updated: the mount hangs", job.slurm_name)
            return
        try:
            folder = self.local_folder(job)
            within(MOUNT_DEADLINE, lambda: save_record(folder, job))
        except RemoteError as error:
            log.warning("%s: record not updated: %s", job.slurm_name, error)
