"""What to ask for when a job is submitted again: more of what it lacked.

Why it ended is diagnosis.py's.
"""

from __future__ import annotations

import dataclasses
from typing import Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.diagnosis import ScriptExit, exit_of
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    write_memory,
    write_time,
)


def another_try(job: Job, partitions: Sequence[Partition]) -> Tuple[Resources, str]:
    """What to ask for next time, and a sentence on what is other than before.

    Parameters
    ----------
    partitions : sequence of Partition
        The cluster's limits, which are not passed.

    Returns
    -------
    resources : Resources
        Twice the memory or time where that was too little; a node that gave no GPU is
        left out; else what the job asked for.
    sentence : str
        Empty where nothing is changed.
    """
    asked = job.resources.for_another_job()
    limit = _partition(partitions, asked.partition)
    if job.state is JobState.OUT_OF_MEMORY:
        memory = _doubled(asked.memory, limit.memory if limit else None)
        changed = dataclasses.replace(asked, memory=memory)
        return changed, _said("memory", write_memory, asked.memory, memory)
    if job.state is JobState.TIMED_OUT:
        time = _doubled(asked.time, limit.time_limit if limit else None)
        changed = dataclasses.replace(asked, time=time)
        return changed, _said("time", write_time, asked.time, time)
    one_node = job.node and not set(job.node) & set(",[ ")  # of an array: which one?
    if exit_of(job)[0] == ScriptExit.GPU and one_node:
        nodes = [node for node in asked.exclude.split(",") if node]
        if job.node not in nodes:
            nodes.append(job.node)
        return (
            dataclasses.replace(asked, exclude=",".join(nodes)),
            "{} gave no GPU last time and is left out.".format(job.node),
        )
    return asked, ""


def _partition(partitions: Sequence[Partition], name: str) -> Optional[Partition]:
    for partition in partitions:
        if partition.name == name:
            return partition
    return None


def _doubled(amount: int, most: Optional[int]) -> int:
    """Twice as much, as far as the partition allows; never less than before."""
    return max(amount, min(2 * amount, most) if most else 2 * amount)


def _said(what: str, write, before: int, now: int) -> str:
    if now == before:
        return (
            "{} {} were not enough last time, and the partition has no more. Choose "
            "another partition, or ask the job for less.".format(what, write(before))
        ).capitalize()
    return "The {} is {} now; {} were not enough last time.".format(
        what, write(now), write(before)
    )
