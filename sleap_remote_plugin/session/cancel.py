"""Cancelling: SLURM is asked, and then seen to have done it."""

from __future__ import annotations

import logging
import time
from typing import Callable, Sequence

from sleap_remote_plugin.errors import AlreadyEnded, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.ssh.transport import Transport

log = logging.getLogger(__name__)

#: Seconds in which SLURM should be seen to have cancelled a job.
CONFIRMED_WITHIN = 15.0
_NOT_SEEN = (
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
            "This job had ended already: it is {}. Nothing was cancelled.".format(
                job.state.value.replace("_", " ")
            )
        )
    result = transport.run(_request(job, task, transport))
    if result.exit_code != 0:
        raise RemoteError(
            "SLURM did not cancel the job: {} It goes on. Try again in a "
            "moment.".format(result.stderr.strip()[:300] or "no reason was given."),
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
    """Cancel the jobs that wait for one that was cancelled: they would for ever."""
    for other in jobs:
        waits = other.reason.startswith("Dependency") and not other.state.is_final
        if other.parent == job.uid and other.slurm_id and waits:
            transport.run(commands.cancel_by_name(other.slurm_name))


def _request(job: Job, task: str, transport: Transport) -> commands.Argv:
    """What cancels this job and no other that was given its id."""
    if not task:
        return commands.cancel_by_name(job.slurm_name)
    shown = transport.run(commands.queue([job.slurm_id]))
    names = {report.name for report in output.read_queue(shown.stdout)}
    if output.queue_answered(shown) and job.slurm_name not in names:
        raise AlreadyEnded(
            "SLURM does not have this job any more. Nothing was cancelled."
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
