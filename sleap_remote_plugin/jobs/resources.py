"""What a job asks of SLURM: partition, GPUs, CPUs, memory, time; their spellings.

SLURM's option names are in slurm/commands.py and the batch script; what of it cannot
be had is told by limits.py.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from sleap_remote_plugin.words import tr

_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


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
        raise ValueError(tr("memory is a number and a unit, such as 32G or 500M"))
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
        raise ValueError(
            tr("time is hours:minutes:seconds or days-hours, such as 6:00:00")
        )
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
        raise ValueError(tr("time must be more than nothing, such as 6:00:00"))
    return total


def write_time(seconds: int) -> str:
    """SLURM's ``D-HH:MM:SS`` or ``HH:MM:SS``."""
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    text = "{:02d}:{:02d}:{:02d}".format(hours, *divmod(rest, 60))
    return "{}-{}".format(days, text) if days else text


@dataclass(frozen=True)
class GpuCount:
    """Cards of one type in a partition.

    Attributes
    ----------
    gpu_type : str
        Empty for cards without a type.
    total : int
        Cards on nodes that take jobs.
    free : int or None
        Those that no job has, on nodes that have a CPU left; None: not told.
    """

    gpu_type: str
    total: int
    free: Optional[int] = None


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
    nodes : int or None
        Those that take jobs.
    gpus : tuple of GpuCount
        By type, as the cluster counted them; empty: not asked.
    """

    name: str
    time_limit: Optional[int] = None
    cpus: Optional[int] = None
    memory: Optional[int] = None
    gpu_types: Tuple[str, ...] = ()
    gpus_per_node: Optional[int] = None
    is_default: bool = False
    is_up: bool = True
    nodes: Optional[int] = None
    gpus: Tuple[GpuCount, ...] = ()

    def free_gpus(self, gpu_type: str = "") -> Optional[int]:
        """How many cards of a type (empty: of any) are free; None: not known."""
        counts = [g.free for g in self.gpus if not gpu_type or g.gpu_type == gpu_type]
        if not counts or None in counts:
            return None
        return sum(count or 0 for count in counts)
