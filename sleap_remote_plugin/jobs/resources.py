"""What a job asks of SLURM: partition, GPUs, CPUs, memory, time; their spellings.

SLURM's option names are in slurm/commands.py and the batch script.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from sleap_remote_plugin.jobs.sbatch_options import option_problems

_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SAFE_NAME = re.compile(r"[A-Za-z0-9_.+-]+(,[A-Za-z0-9_.+-]+)*")


@dataclass(frozen=True)
class Resources:
    """What a job asks for.

    Attributes
    ----------
    gpus : int
        Cards; 0 for none.
    gpu_type : str
        SLURM's gres type (``a4500``); empty for any.
    memory : int
        Bytes, for all CPUs together.
    time : int
        Seconds.
    exclude : str
        Node names to stay away from, separated by commas.
    constraint, begin, dependency : str
        As sbatch spells them.
    mail : str
        Address that SLURM writes to at the end.
    at_once : int
        Array tasks (videos) at the same time; 0 for the usual number.
    extra : str
        Further options of sbatch, one a line.
    """

    partition: str = "gpu"
    gpus: int = 1
    gpu_type: str = ""
    cpus: int = 8
    memory: int = 32 * 2**30
    time: int = 6 * 3600
    account: str = ""
    qos: str = ""
    exclude: str = ""
    constraint: str = ""
    begin: str = ""
    dependency: str = ""
    mail: str = ""
    at_once: int = 0
    extra: str = ""

    @property
    def gres(self) -> str:
        """SLURM's spelling of the GPUs: ``gpu:a4500:1``; empty for none."""
        if not self.gpus:
            return ""
        parts = ["gpu"] + ([self.gpu_type] if self.gpu_type else [])
        return ":".join(parts + [str(self.gpus)])

    def for_another_job(self) -> Resources:
        """Without what was meant for one job: when to begin, and after which jobs."""
        return dataclasses.replace(self, begin="", dependency="")


def resources_from_dict(values: Dict[str, Any]) -> Resources:
    """Inverse of `dataclasses.asdict`; unknown keys (a newer program's) are left out.

    Raises
    ------
    TypeError
        The values are no resources.
    """
    known = {field.name for field in dataclasses.fields(Resources)}
    return Resources(**{key: value for key, value in values.items() if key in known})


def read_memory(text: str) -> int:
    """Bytes of SLURM's ``32G``, ``500M`` or ``1000`` (megabytes).

    Raises
    ------
    ValueError
        The text is none of these; the message says what is.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", text, re.I)
    if match is None or float(match.group(1)) <= 0:
        raise ValueError("memory is a number and a unit, such as 32G or 500M")
    return int(float(match.group(1)) * _UNITS[match.group(2).upper() or "M"])


def write_memory(size: int) -> str:
    """SLURM's shortest exact spelling of a number of bytes, rounded up to 1 M."""
    megabytes = -(-size // 2**20)
    if megabytes % 1024 == 0:
        return "{}G".format(megabytes // 1024)
    return "{}M".format(megabytes)


def read_time(text: str) -> int:
    """Seconds of SLURM's times: ``M``, ``M:S``, ``H:M:S``, ``D-H``, ``D-H:M[:S]``.

    Raises
    ------
    ValueError
        The text is none of these.
    """
    match = re.fullmatch(r"\s*(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?\s*", text)
    if match is None:
        raise ValueError("time is hours:minutes:seconds or days-hours, such as 6:00:00")
    days, first, second, third = (int(g) if g else None for g in match.groups())
    assert first is not None
    if days is not None:
        hours, minutes, seconds = first, second or 0, third or 0
    elif third is not None:
        hours, minutes, seconds = first, second or 0, third
    elif second is not None:
        hours, minutes, seconds = 0, first, second
    else:
        hours, minutes, seconds = 0, first, 0
    total = (days or 0) * 86400 + hours * 3600 + minutes * 60 + seconds
    if total <= 0:
        raise ValueError("time must be more than nothing, such as 6:00:00")
    return total


def write_time(seconds: int) -> str:
    """SLURM's ``D-HH:MM:SS`` or ``HH:MM:SS``."""
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    text = "{:02d}:{:02d}:{:02d}".format(hours, *divmod(rest, 60))
    return "{}-{}".format(days, text) if days else text


@dataclass(frozen=True)
class Partition:
    """A partition as the cluster or the profile describes it; None: not known.

    Attributes
    ----------
    time_limit : int or None
        Seconds.
    memory : int or None
        Bytes on the largest node.
    gpu_types : tuple of str
        Types of the cards there; ``""`` stands for cards without a type.
    """

    name: str
    time_limit: Optional[int] = None
    cpus: Optional[int] = None
    memory: Optional[int] = None
    gpu_types: Tuple[str, ...] = ()
    gpus_per_node: Optional[int] = None
    is_default: bool = False
    is_up: bool = True


def problems(wanted: Resources, partitions: Tuple[Partition, ...]) -> Tuple[str, ...]:
    """Sentences on what cannot be had, before SLURM leaves the job waiting for ever.

    Over-limit requests are accepted by many clusters and then stay pending.
    `partitions` may be empty (not known yet): then only the request itself is checked.
    """
    found = []
    for label, text in (
        ("partition", wanted.partition),
        ("GPU type", wanted.gpu_type),
        ("account", wanted.account),
        ("QoS", wanted.qos),
        ("list of excluded nodes", wanted.exclude),
    ):
        if text and not _SAFE_NAME.fullmatch(text):
            found.append("The {} may have letters, digits, _ . + - only.".format(label))
    found += option_problems(
        wanted.constraint, wanted.mail, wanted.begin, wanted.dependency, wanted.extra
    )
    if wanted.gpus < 0 or wanted.cpus < 1 or wanted.memory < 2**20 or wanted.time < 60:
        found.append("Ask for at least 1 CPU, 1 MB of memory and 1 minute.")
    known = {partition.name: partition for partition in partitions}
    if not wanted.partition:
        found.append("Choose a partition.")
    elif known and wanted.partition not in known:
        found.append(
            "There is no partition {}; there are {}.".format(
                wanted.partition, ", ".join(sorted(known))
            )
        )
    elif known:
        found.extend(_over_limits(wanted, known[wanted.partition]))
    return tuple(found)


def _over_limits(wanted: Resources, partition: Partition) -> Tuple[str, ...]:
    name = partition.name
    found = []
    if partition.time_limit and wanted.time > partition.time_limit:
        found.append(
            "Partition {} allows {} at most.".format(
                name, write_time(partition.time_limit)
            )
        )
    if partition.cpus and wanted.cpus > partition.cpus:
        found.append(
            "No node of partition {} has more than {} CPUs.".format(
                name, partition.cpus
            )
        )
    if partition.memory and wanted.memory > partition.memory:
        found.append(
            "No node of partition {} has more than {} of memory.".format(
                name, write_memory(partition.memory)
            )
        )
    if wanted.gpus and not partition.gpu_types:
        found.append("Partition {} has no GPUs.".format(name))
    elif wanted.gpus and wanted.gpu_type and wanted.gpu_type not in partition.gpu_types:
        found.append(
            "Partition {} has no {} GPU; it has {}.".format(
                name, wanted.gpu_type, ", ".join(partition.gpu_types)
            )
        )
    elif partition.gpus_per_node and wanted.gpus > partition.gpus_per_node:
        found.append(
            "No node of partition {} has more than {} GPUs.".format(
                name, partition.gpus_per_node
            )
        )
    return tuple(found)
