"""The parts of a job's log: one an array task, one a model of a pipeline.

An array's tasks have files of their own. A pipeline's models follow one another in one
file, each after the line with its command.
"""

from __future__ import annotations

import re
from typing import List, Tuple

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.untrusted import shown

#: What the batch script says before each model or video.
_COMMAND = re.compile(r"(?m)^\+ sleap\S* .*$")


def is_array(job: Job) -> bool:
    return job.kind is JobKind.PREDICT and len(job.tasks) > 1


def part_titles(job: Job) -> Tuple[str, ...]:
    """What can be chosen beside the whole; empty: there is one part only."""
    if len(job.tasks) < 2:
        return ()
    return tuple(
        "{}: {}".format(place + 1, shown(task.title))
        for place, task in enumerate(job.tasks)
    )


def part_of(text: str, job: Job, part: int) -> str:
    """The lines of one of a pipeline's models; empty where the text has none of it.

    Parameters
    ----------
    text : str
        The end of the log, safe to show.
    part : int
        Which of the job's tasks.
    """
    begins = [match.start() for match in _COMMAND.finditer(text)]
    if not begins:
        return text if part == _last(job) else ""
    first = _last(job) - len(begins) + 1
    bounds: List[int] = begins + [len(text)]
    place = part - first
    if place == -1:  # it began before this end of the log
        return text[: bounds[0]]
    if not 0 <= place < len(begins):
        return ""
    return text[bounds[place] : bounds[place + 1]]


def _last(job: Job) -> int:
    """Which task was begun last, by what the job's own account has told."""
    ended = [n for n, task in enumerate(job.tasks) if task.exit_code is not None]
    last = ended[-1] if ended else -1
    goes_on = not job.state.is_final and job.state is not JobState.FINISHING
    failed = last >= 0 and job.tasks[last].exit_code != 0
    if last < 0 or (goes_on and not failed):
        last += 1
    return min(last, len(job.tasks) - 1)
