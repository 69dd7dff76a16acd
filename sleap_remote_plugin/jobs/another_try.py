"""What to ask for when a job is submitted again: more of what it lacked.

Why it ended is diagnosis.py's.
"""

from __future__ import annotations

import dataclasses
from typing import Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.causes import ScriptExit
from sleap_remote_plugin.jobs.deeds import TEXTS, Batch, Deed, Offer
from sleap_remote_plugin.jobs.diagnosis import exit_of
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    write_memory,
    write_time,
)
from sleap_remote_plugin.words import tr


def another_try(
    job: Job,
    partitions: Sequence[Partition],
    offer: Optional[Offer] = None,
) -> Tuple[Resources, str]:
    """What to ask for next time, and a sentence on what is other than before.

    Parameters
    ----------
    partitions : sequence of Partition
        The cluster's limits, which are not passed.
    offer : Offer, optional
        The button that was pressed; by default what the job's end suggests.

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
    deed = offer.deed if offer is not None else _suggested(job)
    if deed is Deed.MORE_MEMORY:
        memory = _doubled(asked.memory, limit.memory if limit else None)
        changed = dataclasses.replace(asked, memory=memory)
        return changed, _said("memory", write_memory, asked.memory, memory)
    if deed is Deed.MORE_TIME:
        time = _doubled(asked.time, limit.time_limit if limit else None)
        changed = dataclasses.replace(asked, time=time)
        return changed, _said("time", write_time, asked.time, time)
    if deed is Deed.WITHOUT_NODE and has_one_node(job):
        nodes = [node for node in asked.exclude.split(",") if node]
        if job.node not in nodes:
            nodes.append(job.node)
        return (
            dataclasses.replace(asked, exclude=",".join(nodes)),
            tr("{} gave no GPU last time and is left out.").format(job.node),
        )
    if deed is Deed.OTHER_MODULE:
        words = tr("{} did not do last time: choose another module.")
        return asked, words.format(job.module or tr("The module"))
    if offer is not None and offer.batches:
        return asked, " ".join(map(_batch_said, offer.batches))
    return asked, ""


def offer_of(
    job: Job,
    deed: Deed,
    partitions: Sequence[Partition],
    batches: Sequence[Batch] = (),
) -> Offer:
    """The deed as a button, with its numbers; one that can be done.

    Parameters
    ----------
    batches : sequence of Batch
        What SMALLER_BATCH would change; empty: nothing can be made smaller.
    """
    if not deed.submits:
        return Offer(deed, TEXTS[deed])
    asked = job.resources
    wanted, _ = another_try(job, partitions, Offer(deed, ""))
    if deed is Deed.MORE_MEMORY and wanted.memory > asked.memory:
        return Offer(deed, tr("Submit again with {}").format(_memory(wanted.memory)))
    if deed is Deed.MORE_TIME and wanted.time > asked.time:
        return Offer(deed, tr("Submit again with {}").format(_hours(wanted.time)))
    if deed is Deed.WITHOUT_NODE and wanted.exclude:
        return Offer(deed, tr("Submit again without {}").format(job.node))
    if deed is Deed.SMALLER_BATCH and batches:
        sizes = sorted({batch.after for batch in batches})
        if len(sizes) == 1:
            text = tr("Submit again with batch size {}").format(sizes[0])
        else:
            text = tr("Submit again with batch sizes halved")
        return Offer(deed, text, tuple(batches))
    if deed is Deed.OTHER_MODULE:
        return Offer(deed, TEXTS[deed])
    return Offer(Deed.AGAIN, TEXTS[Deed.AGAIN])


def _suggested(job: Job) -> Deed:
    if job.state is JobState.OUT_OF_MEMORY:
        return Deed.MORE_MEMORY
    if job.state is JobState.TIMED_OUT:
        return Deed.MORE_TIME
    return Deed.WITHOUT_NODE if exit_of(job)[0] == ScriptExit.GPU else Deed.AGAIN


def has_one_node(job: Job) -> bool:
    """Whether it is known on which node it ran: of an array, on which one?"""
    return bool(job.node) and not set(job.node) & set(",[ ")


def _batch_said(batch: Batch) -> str:
    of = " of {}".format(batch.title) if batch.title else ""
    return tr(
        "The batch size{} is {} now, instead of {}, for which the GPU had not enough "
        "memory."
    ).format(of, batch.after, batch.before)


def _memory(size: int) -> str:
    """``64 GB``; as SLURM writes it where it is no number of gigabytes."""
    text = write_memory(size)
    return text[:-1] + " GB" if text.endswith("G") else text


def _hours(seconds: int) -> str:
    """``12 h``; as SLURM writes it where it is no number of hours."""
    hours, rest = divmod(seconds, 3600)
    return write_time(seconds) if rest else "{} h".format(hours)


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
            tr(
                "{} {} were not enough last time, and the partition has no more. "
                "Choose another partition, or ask the job for less."
            ).format(what, write(before))
        ).capitalize()
    return tr("The {} is {} now; {} were not enough last time.").format(
        what, write(now), write(before)
    )
