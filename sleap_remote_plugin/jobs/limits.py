"""What of a request cannot be had: by the partition's limits, by the profile's rules.

Each problem belongs to a field of `Resources`, so that it can be said beside it.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Tuple

from sleap_remote_plugin.jobs.field_rules import FieldRule, rule_problems
from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    write_memory,
    write_time,
)
from sleap_remote_plugin.jobs.sbatch_options import option_problems
from sleap_remote_plugin.words import tr

_SAFE_NAME = re.compile(r"[A-Za-z0-9_.+-]+(,[A-Za-z0-9_.+-]+)*")
_NAMES = (
    ("partition", "partition"),
    ("gpu_type", tr("GPU type")),
    ("account", "account"),
    ("qos", "QoS"),
)


def problems(
    wanted: Resources,
    partitions: Sequence[Partition],
    rules: Sequence[FieldRule] = (),
) -> Tuple[str, ...]:
    """The sentences of `field_problems`."""
    return tuple(one.text for one in field_problems(wanted, partitions, rules))


def field_problems(
    wanted: Resources,
    partitions: Sequence[Partition],
    rules: Sequence[FieldRule] = (),
) -> Tuple[Problem, ...]:
    """What cannot be had, before SLURM leaves the job waiting for ever.

    Over-limit requests are accepted by many clusters and then stay pending.

    Parameters
    ----------
    partitions : sequence of Partition
        Empty (not known yet): only the request itself is checked.
    rules : sequence of FieldRule
        The profile's.
    """
    found = [
        Problem(
            field, tr("The {} may have letters, digits, _ . + - only.").format(label)
        )
        for field, label in _NAMES
        if getattr(wanted, field) and not _SAFE_NAME.fullmatch(getattr(wanted, field))
    ]
    found += option_problems(wanted)
    found += _too_little(wanted)
    found += rule_problems(wanted, rules)
    known = {partition.name: partition for partition in partitions}
    if not wanted.partition:
        found.append(Problem("partition", tr("Choose a partition.")))
    elif known and wanted.partition not in known:
        text = tr("There is no partition {}; there are {}.").format(
            wanted.partition, ", ".join(sorted(known))
        )
        found.append(Problem("partition", text))
    elif known:
        found += _over_limits(wanted, known[wanted.partition])
    return tuple(found)


def _too_little(wanted: Resources) -> List[Problem]:
    found = []
    for field, least, words in (
        ("gpus", 0, tr("no GPU, or some")),
        ("cpus", 1, tr("at least 1 CPU")),
        ("memory", 2**20, tr("at least 1 MB of memory")),
        ("time", 60, tr("at least 1 minute")),
    ):
        if getattr(wanted, field) < least:
            found.append(Problem(field, tr("Ask for {}.").format(words)))
    return found


def _over_limits(wanted: Resources, partition: Partition) -> List[Problem]:
    name = partition.name
    found = []
    if partition.time_limit and wanted.time > partition.time_limit:
        text = tr("Partition {} allows {} at most.")
        limit = write_time(partition.time_limit)
        found.append(Problem("time", text.format(name, limit)))
    if partition.cpus and wanted.cpus > partition.cpus:
        text = tr("No node of partition {} has more than {} CPUs.")
        found.append(Problem("cpus", text.format(name, partition.cpus)))
    if partition.memory and wanted.memory > partition.memory:
        text = tr("No node of partition {} has more than {} of memory.")
        limit = write_memory(partition.memory)
        found.append(Problem("memory", text.format(name, limit)))
    if wanted.gpus and not partition.gpu_types:
        found.append(Problem("gpus", tr("Partition {} has no GPUs.").format(name)))
    elif wanted.gpus and wanted.gpu_type and wanted.gpu_type not in partition.gpu_types:
        text = tr("Partition {} has no {} GPU; it has {}.")
        there = ", ".join(
            kind or tr("cards without a type") for kind in partition.gpu_types
        )
        found.append(Problem("gpu_type", text.format(name, wanted.gpu_type, there)))
    elif partition.gpus_per_node and wanted.gpus > partition.gpus_per_node:
        text = tr("No node of partition {} has more than {} GPUs.")
        found.append(Problem("gpus", text.format(name, partition.gpus_per_node)))
    return found
