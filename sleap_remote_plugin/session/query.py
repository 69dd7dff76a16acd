"""What SLURM says of jobs: one squeue for all, sacct for what it says better.

A question to squeue costs the controller two requests, whatever the number of jobs;
sacct costs it none.
"""

from __future__ import annotations

import dataclasses
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ClusterBusy
from sleap_remote_plugin.jobs.job import Job, JobReport, JobState
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.ssh.transport import CommandResult, Transport
from sleap_remote_plugin.words import tr

#: Reports of one job by array task (``""`` for a plain job).
Tasks = Dict[str, JobReport]

#: Ends that a requeue may follow: believed only where squeue was able to say no.
_MAY_RUN_AGAIN = (JobState.PREEMPTED, JobState.NODE_FAILED)
_NO_QUEUE = tr("SLURM's queue does not answer just now.")
_NO_ACCOUNTS = tr("SLURM's accounting does not answer just now.")
_BUSY = tr(
    "SLURM does not answer just now. Jobs on the cluster go on; what is shown is the "
    "last that was seen. It is asked again by itself."
)


class Answer(NamedTuple):
    """What SLURM said.

    Attributes
    ----------
    reports : dict
        By SLURM id, then by array task.
    troubles : tuple of str
        Sentences on what could not be asked.
    knows_all : bool
        Whether all that could know a job was able to answer, so that silence on one
        means that SLURM does not know it.
    """

    reports: Dict[str, Tasks]
    troubles: Tuple[str, ...] = ()
    knows_all: bool = False


class Query:
    """Asks SLURM. Remembers whether the controller was down, to ask less of it."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._queue_was_down = False

    def ask(self, jobs: Sequence[Job]) -> Answer:
        """How these jobs stand; jobs without a SLURM id are passed over.

        Raises
        ------
        ClusterBusy
            Neither squeue nor sacct answered.
        ConnectionFailed, SignInNeeded, HostKeyUnknown, ...
            As a transport raises them.
        """
        names = _names(jobs)
        if not names:
            return Answer({}, (), True)
        queue = self._queue(list(names))
        answered = queue is not None and output.queue_answered(queue)
        self._queue_was_down = not answered
        found: Dict[str, Tasks] = {}
        if queue is not None and answered:
            found = _by_id(output.read_queue(queue.stdout), names)
        troubles: Tuple[str, ...] = () if answered else (_NO_QUEUE,)
        asked = [job for job in jobs if _is_better_known(job, found)]
        if not asked:
            return Answer(found, troubles, answered)
        accounts = self._accounts(asked, names)
        if accounts is None and not answered:
            raise ClusterBusy(_BUSY, detail=queue.stderr if queue else "")
        troubles += (
            () if accounts else (tr("SLURM's accounting does not answer just now."),)
        )
        for slurm_id, tasks in (accounts.reports if accounts else {}).items():
            found[slurm_id] = merged(found.get(slurm_id, {}), tasks, answered)
        return Answer(found, troubles, answered and accounts is not None)

    def ask_accounts(self, jobs: Sequence[Job]) -> Answer:
        """What the accounts alone say; the controller is not asked."""
        names = _names(jobs)
        accounts = self._accounts(jobs, names) if names else None
        if accounts is None:
            return Answer({})
        found = {i: merged({}, t, False) for i, t in accounts.reports.items()}
        return Answer(found)

    def _queue(self, ids: List[str]) -> Optional[CommandResult]:
        """The answer of squeue; None where the controller is down still."""
        if self._queue_was_down:
            there = self.transport.run(commands.ping(), timeout=20.0)
            if there.exit_code != 0:
                return None
        return self.transport.run(commands.queue(ids), timeout=30.0)

    def _accounts(self, jobs: Sequence[Job], names: Dict[str, str]) -> Optional[Answer]:
        """None: sacct was not able to answer. No accounts at all are an answer."""
        ids = [job.slurm_id for job in jobs if job.slurm_id]
        result = self.transport.run(commands.accounting(ids), timeout=45.0)
        if output.accounting_is_absent(result):
            return Answer({})
        if result.exit_code != 0:
            return None
        return Answer(_by_id(output.read_accounting(result.stdout), names))


def _names(jobs: Sequence[Job]) -> Dict[str, str]:
    return {job.slurm_id: job.slurm_name for job in jobs if job.slurm_id}


def _by_id(reports: Sequence[JobReport], names: Dict[str, str]) -> Dict[str, Tasks]:
    """SLURM may give an id to another job one day: the name tells them apart."""
    found: Dict[str, Tasks] = {}
    for report in reports:
        wanted = names.get(report.slurm_id)
        if wanted is not None and report.name in ("", wanted):
            found.setdefault(report.slurm_id, {})[report.task] = report
    return found


def _is_better_known(job: Job, found: Dict[str, Tasks]) -> bool:
    """Whether the accounts say more of a job than the queue.

    Of a job that has ended the queue has no exit code and no memory, and forgets it
    after some minutes: an array's tasks one by one.
    """
    return bool(job.slurm_id) and all(
        has_ended(report) for report in found.get(job.slurm_id, {}).values()
    )


def merged(queue: Tasks, accounts: Tasks, queue_answered: bool) -> Tasks:
    """The reports of one job's tasks, of two sources.

    The queue has the last word on a state: the accounts lag behind, and call a
    requeued job PREEMPTED while it waits.
    """
    found = dict(queue)
    for task, told in accounts.items():
        seen = queue.get(task)
        if seen is None:
            if queue_answered or told.state not in _MAY_RUN_AGAIN:
                found[task] = told
        elif has_ended(seen) and told.state is seen.state:
            found[task] = told
    return found


def has_ended(report: JobReport) -> bool:
    return report.state is not None and report.state.is_final


def combined(reports: Sequence[JobReport], tasks: int = 1) -> Optional[JobReport]:
    """One report of a whole job array: it runs while any task does or may.

    Of tasks that have ended, one that ended badly speaks for all. None where nothing
    is known, or where all have ended but fewer than `tasks` are known.
    """
    known = [r for r in reports if r.state is not None]
    still = [r for r in known if not has_ended(r)]
    if not known or (not still and len(known) < tasks):
        return None
    if not still:
        bad = [r for r in known if r.state is not JobState.COMPLETED]
        return _whole((bad or known)[0], known)
    running = [r for r in still if r.state is JobState.RUNNING]
    if running:
        return max(running, key=lambda r: r.elapsed or 0.0)
    if all(r.state is JobState.FINISHING for r in still) and len(known) >= tasks:
        return still[0]
    if all(r.state is JobState.QUEUED for r in known):
        return still[0]
    return _as_running(still[0])


def _as_running(report: JobReport) -> JobReport:
    return dataclasses.replace(
        report,
        state=JobState.RUNNING,
        raw_state="",
        ended=None,
        exit_code="",
        start_estimate=None,
    )


def _whole(report: JobReport, tasks: Sequence[JobReport]) -> JobReport:
    """An array's end: from the first start to the last end, the most memory."""
    if len(tasks) < 2:
        return report
    starts = [r.started for r in tasks if r.started]
    ends = [r.ended for r in tasks if r.ended]
    memory = [r.max_rss for r in tasks if r.max_rss]
    return dataclasses.replace(
        report,
        started=min(starts) if starts else None,
        ended=max(ends) if ends else None,
        elapsed=max(ends) - min(starts) if starts and ends else report.elapsed,
        max_rss=max(memory) if memory else None,
        cpu_seconds=None,  # its tasks' own, beside a time that is not theirs
    )
