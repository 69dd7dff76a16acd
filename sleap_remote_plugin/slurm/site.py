"""What a cluster has, by its own word: its name, partitions of sinfo, module names."""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Tuple

from sleap_remote_plugin.jobs.resources import Partition, read_time
from sleap_remote_plugin.slurm.text import fields_of, lines_of


def read_partitions(text: str) -> Tuple[Partition, ...]:
    """Partitions of commands.partitions(): the largest node of each counts."""
    found: Dict[str, Partition] = {}
    for line in lines_of(text):
        fields = fields_of(line, 8)
        name = fields[0].rstrip("*")
        if len(fields) < 7 or not re.fullmatch(r"[\w.+-]+", name):
            continue
        kinds, most = _gpus(fields[5])
        before = found.get(name, Partition(name, is_up=False))
        cores, memory = (re.sub(r"\D", "", field)[:12] for field in fields[3:5])
        found[name] = Partition(
            name=name,
            time_limit=_limit(fields[2]),
            cpus=max(before.cpus or 0, int(cores or 0)) or None,
            memory=max(before.memory or 0, int(memory or 0) * 2**20) or None,
            gpu_types=tuple(dict.fromkeys(before.gpu_types + kinds)),
            gpus_per_node=max(before.gpus_per_node or 0, most) or None,
            is_default=fields[0].endswith("*"),
            is_up=before.is_up or (fields[1] == "up" and _usable(fields[6])),
        )
    return tuple(found.values())


def _usable(state: str) -> bool:
    return not re.match(r"(down|drain|drng|fail|maint|inval|unk)", state)


def _limit(text: str) -> Optional[int]:
    try:
        return read_time(text)
    except ValueError:
        return None


def _gpus(text: str) -> Tuple[Tuple[str, ...], int]:
    """Types and number of the cards in ``gpu:a100:2(S:0-1),shard:8``."""
    kinds, most = [], 0
    for part in re.sub(r"\([^)]*\)", "", text).split(","):
        match = re.fullmatch(r"gpu(?::([\w.+-]+?))?:(\d{1,4})", part.strip())
        if match:
            kinds.append(match.group(1) or "")
            most = max(most, int(match.group(2)))
    return tuple(dict.fromkeys(kinds)), most


def read_cluster_name(text: str) -> str:
    """SLURM's name of its cluster, of commands.configuration(); empty: not there."""
    for line in lines_of(text):
        match = re.fullmatch(r"ClusterName\s*=\s*([\w.-]+)\s*", line, re.ASCII)
        if match:
            return match.group(1)
    return ""


def read_version(text: str) -> str:
    """SLURM's version in ``slurm 23.11.4`` or ``slurm-wlm 22.05.8``; else empty."""
    for line in lines_of(text):
        match = re.fullmatch(r"slurm(?:-wlm)? (\d[\w.~+-]*)", line.strip())
        if match:
            return match.group(1)
    return ""


def read_associations(text: str) -> Tuple[Tuple[str, str], ...]:
    """(account, partition or empty) of commands.associations(), those with one."""
    found = []
    for line in lines_of(text):
        fields = fields_of(line, 4)
        if len(fields) == 4 and re.fullmatch(r"[\w.@+-]+", fields[0]):
            found.append((fields[0], fields[1]))
    return tuple(dict.fromkeys(found))


def read_modules(text: str) -> Tuple[str, ...]:
    """Module names of ``module avail``, terse or not, of either module system."""
    found: List[str] = []
    listed = columns = False
    for line in lines_of(text):
        line = line.strip()
        if re.fullmatch(r"/\S*:", line):
            listed, columns = True, False
        elif line.startswith("---"):
            listed = columns = True
        elif re.match(r"(Where|Key):", line):
            listed = False
        else:
            plain = re.sub(r"\s*(\([\w, ]+\)|<[\w, :]+>)", " ", line)
            words = plain.split()
            if columns or len(words) == 1:
                found += [w for w in words if listed or "/" in w]
    good = re.compile(r"[A-Za-z0-9][\w.+-]*(/[\w.+-]+)*", re.ASCII)
    return tuple(w for w in dict.fromkeys(found) if good.fullmatch(w))[:1000]
