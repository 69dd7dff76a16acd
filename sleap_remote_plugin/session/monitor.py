"""How the open jobs stand: witness files on the mount, then one query for all.

Absence is never an end: a job that nobody speaks of keeps its last state. Whether a
submission that was cut short reached SLURM is settled in recover.py.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import time
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ClusterBusy, MountNotProven, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobKind, JobReport, JobState, advance
from sleap_remote_plugin.jobs.record import (
    WITNESS_FOLDER,
    WitnessEvent,
    read_witness,
    witness_report,
)
from sleap_remote_plugin.session import collect
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.ssh.transport import Transport

log = logging.getLogger(__name__)

#: Seconds that results may take to appear on the mount after the job's end.
ARTEFACT_GRACE = 60.0
#: Seconds that SLURM and the witness may both be silent on a job before it is LOST.
SILENCE_PATIENCE = 3600.0


def next_poll(jobs: Iterable[Job], now: float) -> Optional[float]:
    """Seconds until the next look; None where no job is open.

    5 s in the first ten minutes of a job's life and while it ends, then slower with
    the age of the youngest, up to a minute.
    """
    waits = []
    for job in jobs:
        if job.state.is_final or job.state is JobState.PREPARING:
            continue
        if job.state in (JobState.FINISHING, JobState.UNCONFIRMED):
            return 5.0
        age = now - (job.started or job.submitted or job.created)
        waits.append(min(60.0, max(5.0, age / 120.0)))
    return min(waits) if waits else None


def query(
    jobs: Sequence[Job], transport: Transport
) -> Tuple[Dict[str, List[JobReport]], List[str]]:
    """Reports by SLURM id: one squeue for all, sacct for those it no longer has.

    Returns
    -------
    (dict, list of str)
        The reports, and sentences on what could not be asked.

    Raises
    ------
    ClusterBusy
        Neither squeue nor sacct answered.
    """
    ids = [job.slurm_id for job in jobs if job.slurm_id]
    if not ids:
        return {}, []
    found: Dict[str, List[JobReport]] = {}
    troubles = []
    queue = transport.run(commands.queue(ids), timeout=45.0)
    queue_answered = output.queue_answered(queue)
    if queue_answered:
        for report in output.read_queue(queue.stdout):
            if report.slurm_id in ids:
                found.setdefault(report.slurm_id, []).append(report)
    else:
        troubles.append("SLURM's queue does not answer just now.")
    gone = [i for i in ids if i not in found]
    if gone:
        accounts = transport.run(commands.accounting(gone), timeout=45.0)
        if accounts.exit_code == 0:
            for report in output.read_accounting(accounts.stdout):
                if queue_answered or report.state not in _MAY_RUN_AGAIN:
                    found.setdefault(report.slurm_id, []).append(report)
        else:
            troubles.append("SLURM's accounting does not answer just now.")
            if not queue_answered:
                raise ClusterBusy(
                    "SLURM does not answer just now. Jobs on the cluster go on; what "
                    "is shown is the last that was seen. It is asked again by itself.",
                    detail=queue.stderr + accounts.stderr,
                )
    return found, troubles


#: Ends that a requeue may follow: believed only where squeue was able to say no.
_MAY_RUN_AGAIN = (JobState.PREEMPTED, JobState.NODE_FAILED)


def combined(reports: Sequence[JobReport]) -> Optional[JobReport]:
    """One report of a whole job array: it runs while any task does or may.

    Of tasks that have ended, one that ended badly speaks for all.
    """
    known = [r for r in reports if r.state is not None]
    if len(known) < 2:
        return known[0] if known else None
    still = [r for r in known if not _ended(r)]
    if not still:
        bad = [r for r in known if r.state is not JobState.COMPLETED]
        return (bad or known)[0]
    begun = [r for r in still if r.state is not JobState.QUEUED]
    if begun:
        return max(begun, key=lambda r: r.elapsed or 0.0)
    if len(still) == len(known):
        return still[0]
    return dataclasses.replace(still[0], state=JobState.RUNNING)


def _ended(report: JobReport) -> bool:
    return report.state is not None and report.state.is_final


def read_witnesses(folder: Path) -> Tuple[WitnessEvent, ...]:
    """Every event that the batch script wrote; the folder is listed anew first."""
    found: List[WitnessEvent] = []
    home = folder / WITNESS_FOLDER
    if home.is_dir():
        for path in sorted(home.glob("*.jsonl")):
            found.extend(read_witness(path.read_text("utf-8", "replace")))
    return tuple(found)


class Monitor:
    """Asks how jobs stand.

    Parameters
    ----------
    local_folder : callable
        The job's folder as this machine spells it.
    """

    def __init__(
        self,
        transport: Transport,
        local_folder: Callable[[Job], Path],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.transport = transport
        self.local_folder = local_folder
        self.clock = clock
        self.troubles: Tuple[str, ...] = ()

    def changes(self, jobs: Sequence[Job]) -> Dict[str, Callable[[Job], Job]]:
        """What to do to each open job, by uid.

        Raises
        ------
        RemoteError
            The cluster could not be asked, and the mount told nothing either.
        """
        opened = [job for job in jobs if not job.state.is_final]
        troubles: List[str] = []
        witnessed = self._witnessed(opened, troubles)
        reports: Dict[str, List[JobReport]] = {}
        trouble: Optional[RemoteError] = None
        try:
            reports, words = query(opened, self.transport)
            troubles.extend(words)
        except RemoteError as error:
            trouble = error
        found: Dict[str, Callable[[Job], Job]] = {}
        for job in opened:
            said = combined(reports.get(job.slurm_id, [])) if job.slurm_id else None
            seen = witnessed.get(job.uid, ())
            if said is None and not seen:
                continue
            found[job.uid] = _Change(said, seen, self.clock())
        if trouble is None:
            if not troubles:  # everybody answered: silence means something
                self._notice_silence(opened, reports, witnessed, found)
        elif not any(witnessed.values()):
            raise trouble
        else:
            troubles.append(str(trouble))
        self.troubles = tuple(troubles)
        return found

    def _witnessed(
        self, jobs: Sequence[Job], troubles: List[str]
    ) -> Dict[str, Tuple[WitnessEvent, ...]]:
        folders = {job.uid: self.local_folder(job) for job in jobs}

        def look() -> Dict[str, Tuple[WitnessEvent, ...]]:
            found = {}
            for uid, folder in folders.items():
                try:
                    found[uid] = read_witnesses(folder)
                except OSError as error:
                    troubles.append("{} cannot be read: {}.".format(folder, error))
            return found

        try:
            return within(MOUNT_DEADLINE, look)
        except MountNotProven as error:
            troubles.append(str(error))
            return {}

    def _notice_silence(
        self,
        jobs: Sequence[Job],
        reports: Dict[str, List[JobReport]],
        witnessed: Dict[str, Tuple[WitnessEvent, ...]],
        found: Dict[str, Callable[[Job], Job]],
    ) -> None:
        """Neither squeue nor sacct knows a job: its own account counts, or none."""
        now = self.clock()
        for job in jobs:
            if not job.slurm_id or reports.get(job.slurm_id):
                continue
            own = witness_report(witnessed.get(job.uid, ()))
            if own is not None and own.ended is not None and len(job.tasks) < 2:
                found[job.uid] = functools.partial(_by_own_account, own, now)
            elif now - (job.seen or job.submitted or now) > SILENCE_PATIENCE:
                found[job.uid] = functools.partial(_lost, now)


def _by_own_account(own: JobReport, now: float, job: Job) -> Job:
    """The end as the batch script told it; SLURM has forgotten the job."""
    if own.state is JobState.FINISHING:  # it was told to stop; why, nobody knows now
        own = dataclasses.replace(own, state=JobState.CANCELLED)
    return advance(job, own, now)


def _lost(now: float, job: Job) -> Job:
    hours = (now - (job.seen or job.submitted or now)) / 3600.0
    return job.changed(
        state=JobState.LOST,
        state_since=now,
        note="Neither SLURM nor the job itself has told of it for {:.0f} h. What it "
        "wrote is in its folder. Look there, or ask the cluster's people; submit it "
        "again if nothing came.".format(hours),
    )


class _Change:
    """What one look changes in a job; callable, so that the store can apply it."""

    def __init__(
        self, said: Optional[JobReport], seen: Tuple[WitnessEvent, ...], now: float
    ) -> None:
        self.said = said
        self.seen = seen
        self.now = now

    def __call__(self, job: Job) -> Job:
        job = with_witness(job, self.seen, self.now)
        if self.said is not None:
            job = advance(job, self.said, self.now)
            if job.state is JobState.QUEUED:
                job = job.changed(note=output.reason_in_words(job.reason))
            elif job.state is JobState.RUNNING:
                job = job.changed(note="")
        return job


def with_witness(job: Job, events: Sequence[WitnessEvent], now: float) -> Job:
    """The job after its own account; a plain job's end is believed, an array's is not.

    (Of an array each task has its own account; SLURM tells of the whole.)
    """
    if not events:
        return job
    tasks = list(job.tasks)
    for event in events:
        if event.event == "step" and 0 <= event.index < len(tasks):
            tasks[event.index] = dataclasses.replace(
                tasks[event.index], exit_code=event.exit_code
            )
    job = job.changed(tasks=tuple(tasks))
    report = witness_report(events)
    if report is None:
        return job
    if not job.slurm_id and report.slurm_id:
        job = job.changed(slurm_id=report.slurm_id, state=JobState.QUEUED, note="")
    if report.state is JobState.RUNNING and job.state.rank < JobState.RUNNING.rank:
        return advance(job, report, now)
    is_array = job.kind is JobKind.PREDICT and len(job.tasks) > 1
    if report.state is JobState.COMPLETED and not is_array:
        return advance(job, report, now)
    return job


def judged(job: Job, folder: Path, now: float) -> Job:
    """A job that has ended, judged by what it made.

    COMPLETED means that every artefact exists and is whole. Until a minute after
    the end a missing one may still appear on the mount.
    """
    if job.state not in (JobState.FINISHING, JobState.FAILED) or not job.tasks:
        return job
    faults = within(
        MOUNT_DEADLINE,
        lambda: [
            fault
            for fault in (collect.fault_of(job.kind, folder, t) for t in job.tasks)
            if fault
        ],
    )
    if job.state is JobState.FAILED:
        return _judged_failure(job, folder, faults)
    if not faults:
        return job.changed(state=JobState.COMPLETED, ended=job.ended or now, note="")
    if now - (job.state_since or 0.0) < ARTEFACT_GRACE:
        return job
    return job.changed(
        state=JobState.INCOMPLETE,
        note="The job ended without an error, but: {} Read its log, then run it "
        "again.".format(" ".join(faults)),
    )


def _judged_failure(job: Job, folder: Path, faults: Sequence[str]) -> Job:
    """An error code though everything is there: SLEAP failed after its work."""
    ended_well = job.kind is JobKind.PREDICT or all(
        collect.is_finished_run(folder / task.output) for task in job.tasks
    )
    if faults or not ended_well:
        return job
    return job.changed(
        state=JobState.COMPLETED,
        note="The job ended with exit code {}, though everything that it should make "
        "is there and whole.".format(job.exit_code or "unknown"),
    )
