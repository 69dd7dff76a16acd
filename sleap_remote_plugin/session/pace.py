"""How often to look: at the mount often, since it is free; at SLURM rarely."""

from __future__ import annotations

from typing import Iterable, List, Optional

from sleap_remote_plugin.jobs.job import Job, JobState

#: Seconds between two looks at the mount, at least and at most.
FASTEST, SLOWEST = 5.0, 30.0
#: Seconds between two questions to SLURM at most: below 120 requests to the controller
#: in any hour, each question being two.
RAREST = 120.0
#: Seconds after a job's end in which what came late is fetched: exit codes from the
#: mount, memory from the accounts.
SETTLING = 8.0
#: Seconds between two questions while SLURM clears a job up and nobody told its end.
_ENDING = 15.0


def is_followed(job: Job, now: float) -> bool:
    """Whether a job is looked at: until its end, and a moment longer."""
    if job.state is JobState.PREPARING:
        return False
    if not job.state.is_final:
        return True
    if job.state is JobState.LOST or job.state_since is None:
        return False
    return 0.0 <= now - job.state_since < SETTLING


def next_poll(jobs: Iterable[Job], now: float) -> Optional[float]:
    """Seconds until the next look; None where no job is open.

    5 s in the first ten minutes of a job's life and while it ends, then slower with
    the age of the youngest.
    """
    waits: List[float] = []
    for job in jobs:
        if not is_followed(job, now):
            continue
        if job.state.is_final or job.state in (
            JobState.FINISHING,
            JobState.UNCONFIRMED,
        ):
            return FASTEST
        waits.append(min(SLOWEST, max(FASTEST, _age(job, now) / 120.0)))
    return min(waits) if waits else None


def slurm_wait(jobs: Iterable[Job], now: float, factor: float = 1.0) -> Optional[float]:
    """Seconds between two questions to SLURM; None where no job is open.

    The age since the last submission sets the pace, not what happens to jobs: so it
    costs the same for one job and for three hundred. Starts and ends are seen on the
    mount meanwhile.

    Parameters
    ----------
    factor : float
        At least 1: so many times as long between two questions.
    """
    waits: List[float] = []
    for job in jobs:
        if job.state.is_final or job.state is JobState.PREPARING:
            continue
        age = max(0.0, now - (job.submitted or job.created))
        wait = min(RAREST, max(FASTEST, age / 8.0))
        if job.state is JobState.FINISHING and job.ended is None:
            wait = min(wait, _ENDING)
        waits.append(wait)
    return min(waits) * max(1.0, factor) if waits else None


def _age(job: Job, now: float) -> float:
    return now - (job.started or job.submitted or job.created)
