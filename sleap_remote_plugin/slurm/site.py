"""What a cluster has, by its own word: its name, partitions of sinfo, module names."""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Tuple

from sleap_remote_plugin.jobs.resources import GpuCount, Partition, read_time
from sleap_remote_plugin.jobs.site import Association
from sleap_remote_plugin.slurm.text import fields_of, lines_of

#: States of nodes with CPUs that a job could have.
_WITH_ROOM = ("idle", "mix", "comp", "plnd")


def read_partitions(text: str) -> Tuple[Partition, ...]:
    """Partitions of commands.partitions(): the largest node of each counts."""
    found: Dict[str, Partition] = {}
    for line in lines_of(text):
        fields = fields_of(line, 10) + [""] * 3
        name = fields[0].rstrip("*")
        if len(fields) < 10 or not re.fullmatch(r"[\w.+-]+", name):
            continue
        state, count = fields[6], int(re.sub(r"\D", "", fields[7])[:6] or 0)
        here = _gpus(fields[5])
        before = found.get(name, Partition(name, is_up=False))
        cores, memory = (re.sub(r"\D", "", field)[:12] for field in fields[3:5])
        kinds, most = tuple(here), max(here.values(), default=0)
        is_usable = _usable(state)
        gpus = _counted(here, fields[8], state, count) if is_usable else ()
        found[name] = Partition(
            name=name,
            time_limit=_limit(fields[2]),
            cpus=max(before.cpus or 0, int(cores or 0)) or None,
            memory=max(before.memory or 0, int(memory or 0) * 2**20) or None,
            gpu_types=tuple(dict.fromkeys(before.gpu_types + kinds)),
            gpus_per_node=max(before.gpus_per_node or 0, most) or None,
            is_default=fields[0].endswith("*"),
            is_up=before.is_up or (fields[1] == "up" and is_usable),
            nodes=(before.nodes or 0) + (count if is_usable else 0),
            gpus=_together(before.gpus + gpus),
        )
    return tuple(found.values())


def _usable(state: str) -> bool:
    return not re.match(r"(down|drain|drng|fail|maint|inval|unk)|.*\*$", state)


def _counted(
    here: Dict[str, int], used_text: str, state: str, nodes: int
) -> Tuple[GpuCount, ...]:
    """Cards of such nodes; free are those that no job has, where a CPU is left too."""
    used = _gpus(used_text)
    has_room = re.sub(r"[^a-z].*", "", state) in _WITH_ROOM
    found = []
    for kind, each in here.items():
        free: Optional[int] = None
        if "gpu" in used_text:
            free = max(0, each - used.get(kind, 0)) * nodes if has_room else 0
        found.append(GpuCount(kind, each * nodes, free))
    return tuple(found)


def _together(counts: Tuple[GpuCount, ...]) -> Tuple[GpuCount, ...]:
    found: Dict[str, GpuCount] = {}
    for one in counts:
        known = found.get(one.gpu_type, GpuCount(one.gpu_type, 0, 0))
        free = None
        if known.free is not None and one.free is not None:
            free = known.free + one.free
        found[one.gpu_type] = GpuCount(one.gpu_type, known.total + one.total, free)
    return tuple(found.values())


def _limit(text: str) -> Optional[int]:
    try:
        return read_time(text)
    except ValueError:
        return None


def _gpus(text: str) -> Dict[str, int]:
    """Cards by type in ``gpu:a100:2(S:0-1),shard:8``, or in ``gpu:(null):1(IDX:0)``."""
    found: Dict[str, int] = {}
    for part in re.sub(r"\([^)]*\)", "", text).split(","):
        match = re.fullmatch(r"gpu(?::([\w.+-]*?))?:(\d{1,4})", part.strip(), re.ASCII)
        if match:
            kind = match.group(1) or ""
            found[kind] = found.get(kind, 0) + int(match.group(2))
    return found


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


def read_associations(text: str) -> Tuple[Association, ...]:
    """What commands.associations() tells, of those with an account."""
    found = []
    name = re.compile(r"[\w.@+-]+", re.ASCII)
    for line in lines_of(text)[:1000]:
        fields = fields_of(line, 5)
        if len(fields) < 4 or not name.fullmatch(fields[0]):
            continue
        qos = tuple(one for one in fields[2].split(",") if name.fullmatch(one))
        default = fields[3] if name.fullmatch(fields[3]) else ""
        partition = fields[1] if name.fullmatch(fields[1]) else ""
        found.append(Association(fields[0], partition, qos, default))
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
