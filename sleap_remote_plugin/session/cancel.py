"""Cancelling: SLURM is asked, and then seen to have done it."""

from __future__ import annotations

import logging
import re
import time
from typing import Callable, List, Sequence, Tuple

from sleap_remote_plugin.errors import AlreadyEnded, ClusterBusy, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.state_words import TEXTS
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds in which SLURM should be seen to have cancelled a job.
CONFIRMED_WITHIN = 15.0
_NOT_SEEN = tr(
    "SLURM took the request to cancel this job, and has not been seen to do it yet. It "
    "is asked again by itself."
)


def cancel(
    job: Job,
    transport: Transport,
    look: Callable[[], Job],
    task: str = "",
    patience: float = CONFIRMED_WITHIN,
) -> Job:
    """Cancel a job, or one task of an array; what the job is then.

    Parameters
    ----------
    look : callable
        Asks SLURM now, and gives the job.
    patience : float
        Seconds.

    Raises
    ------
    AlreadyEnded
        There was nothing to cancel.
    RemoteError
        SLURM said no, or could not be asked; the job goes on.
    """
    job = look()
    if job.state.is_final:
        raise AlreadyEnded(
            tr("This job had ended already: it is {}. Nothing was cancelled.").format(
                TEXTS[job.state].lower()
            )
        )
    result = transport.run(_request(job, task, transport))
    if result.exit_code != 0:
        raise RemoteError(
            tr(
                "SLURM did not cancel the job: {} It goes on. Try again in a moment."
            ).format(result.stderr.strip()[:300] or tr("no reason was given.")),
            detail=result.stderr,
        )
    deadline, pause = time.monotonic() + patience, 0.25
    while True:
        try:
            job = look()
            if _is_over(job, task, transport):
                return job
        except RemoteError as error:
            log.warning("%s: cancelled, and not seen yet: %s", job.slurm_name, error)
        if time.monotonic() + pause > deadline:
            return job.changed(note=_NOT_SEEN)
        time.sleep(pause)
        pause = min(3.0, pause * 2)


def cancel_waiting(job: Job, jobs: Sequence[Job], transport: Transport) -> None:
    """Cancel the jobs that wait for the good end of one that was cancelled.

    They would wait for ever. Where SLURM cannot be asked they do, and say so.
    """
    for other in waiting_for(job, jobs):
        try:
            transport.run(commands.cancel_by_name(other.slurm_name))
        except RemoteError as error:
            log.warning("%s: not cancelled: %s", other.slurm_name, error)


def waiting_for(job: Job, jobs: Sequence[Job]) -> Tuple[Job, ...]:
    """Open jobs that cannot begin without a job's good end, and those behind them."""
    found: List[Job] = []
    gone = [job]
    while gone:
        first = gone.pop()
        behind = [x for x in jobs if _needs(x, first.slurm_id) and x not in found]
        found.extend(behind)
        gone.extend(behind)
    return tuple(found)


def _needs(job: Job, slurm_id: str) -> bool:
    """Whether a job must have this one's good end; afterany and others begin all the
    same, and of several with a question mark between them another may do.
    """
    asked = job.resources.dependency
    if job.state is not JobState.QUEUED or not slurm_id or "?" in asked:
        return False
    wanted = [
        re.split(r"[_+]", one)[0]
        for kind, *ids in (part.strip().split(":") for part in asked.split(","))
        for one in ids
        if kind in ("afterok", "aftercorr")
    ]
    return slurm_id in wanted


def _request(job: Job, task: str, transport: Transport) -> commands.Argv:
    """What cancels this job and no other that was given its id."""
    if not task:
        return commands.cancel_by_name(job.slurm_name)
    shown = transport.run(commands.queue([job.slurm_id]))
    names = {report.name for report in output.read_queue(shown.stdout)}
    if not output.queue_answered(shown):
        raise ClusterBusy(
            tr(
                "SLURM does not answer just now, so nothing was cancelled. Try again "
                "in a moment."
            ),
            detail=shown.stderr,
        )
    if job.slurm_name not in names:
        raise AlreadyEnded(
            tr("SLURM does not have this job any more. Nothing was cancelled.")
        )
    return commands.cancel_task(job.slurm_id, task)


def _is_over(job: Job, task: str, transport: Transport) -> bool:
    if job.state.is_final or job.state is JobState.FINISHING:
        return True
    if not task:
        return False
    result = transport.run(commands.queue([job.slurm_id]))
    shown = [r for r in output.read_queue(result.stdout) if r.task == task]
    going = (JobState.QUEUED, JobState.RUNNING)
    return output.queue_answered(result) and not any(r.state in going for r in shown)
