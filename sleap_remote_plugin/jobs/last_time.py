"""What a job of that kind used the last time, and what would have been enough."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple, Optional, Sequence

from sleap_remote_plugin.jobs.field_rules import FieldRule, rule_of
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, ran_for
from sleap_remote_plugin.jobs.resources import Resources

_GB, _QUARTER = 2**30, 15 * 60
#: Of what was used: room for more frames, or a slower node.
MEMORY_ROOM, TIME_ROOM = 1.5, 2.0


class LastTime(NamedTuple):
    """
    Attributes
    ----------
    memory : float or None
        Bytes that it used at most; None: not told.
    time : float or None
        Seconds that it ran.
    asked : Resources
        What it had asked for.
    """

    memory: Optional[float]
    time: Optional[float]
    asked: Resources


def last_time(jobs: Sequence[Job], kind: JobKind, project: str) -> Optional[LastTime]:
    """The latest completed job of this project, else of any; None: there is none.

    Parameters
    ----------
    jobs : sequence of Job
        The newest first.
    """
    done = [job for job in jobs if job.kind is kind and job.state is JobState.COMPLETED]
    for job in [j for j in done if j.project == project] + done:
        ran = ran_for(job, 0.0)
        if job.kind is JobKind.PREDICT and len(job.tasks) > 1:
            ran = None  # of all tasks, while each has the limit for itself
        if job.max_rss or ran:
            return LastTime(job.max_rss, ran, job.resources)
    return None


def less(
    wanted: Resources, last: LastTime, rules: Sequence[FieldRule] = ()
) -> Resources:
    """What would do, with room to spare; never more than is asked for already."""
    memory, time = wanted.memory, wanted.time
    if last.memory:
        memory = min(memory, _up(last.memory * MEMORY_ROOM, _GB))
    if last.time:
        time = min(time, _up(last.time * TIME_ROOM, _QUARTER))
    memory = max(memory, min(wanted.memory, rule_of(rules, "memory").least or 0))
    time = max(time, min(wanted.time, rule_of(rules, "time").least or 0))
    return dataclasses.replace(wanted, memory=memory, time=time)


def _up(amount: float, step: int) -> int:
    """The next whole step."""
    return int(-(-amount // step)) * step
