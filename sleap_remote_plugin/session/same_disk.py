r"""The other spellings that a known mount has on this machine; the system says so.

A mapped drive is a server's share (``Z:\`` is ``\\server\share``), a share may be
mounted where the profile does not expect it, and a bind mount shows a folder twice.
Text only: the table is mount_table.py's. What nobody says is guessed in siblings.py.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Iterator, List, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.paths import Mount, MountMap, readings
from sleap_remote_plugin.session.mount_table import MountPoint, holder

#: More are never needed, and a table can be long.
MOST = 24


def with_other_spellings(mounts: MountMap, table: Sequence[MountPoint]) -> MountMap:
    """The map with what the mount table makes of it; what is known stays first."""
    known = list(mounts.mounts)
    added: List[Mount] = []
    for mount in _found(mounts, table):
        if len(added) < MOST and not _is_said(mount.local, known + added):
            added.append(mount)
    first = known[: mounts.in_use]
    return MountMap(tuple(first + added + known[mounts.in_use :]), len(first + added))


def _is_said(local: str, mounts: Sequence[Mount]) -> bool:
    """Whether a spelling is there already: what the user says of it counts."""
    return any(readings(m.local)[:1] == readings(local)[:1] for m in mounts)


def _found(mounts: MountMap, table: Sequence[MountPoint]) -> Iterator[Mount]:
    for point in table:  # a share that the profile names
        cluster = mounts.to_cluster(share(point.device)) if point.is_network else None
        if cluster is not None:
            yield Mount(point.folder, str(cluster))
    for mount in mounts.mounts:
        yield from _elsewhere(mount, table)


def _elsewhere(mount: Mount, table: Sequence[MountPoint]) -> Iterator[Mount]:
    """One mount as the other lines of the table show it."""
    point = holder(mount.local, table)
    if point is None:
        return
    below = _below(point.folder, mount.local)
    for other in table:
        if other is not point:
            yield from _twice(point, other, below, mount)
    if point.kind == "remote" and share(point.device):  # a drive of Windows
        yield Mount("\\".join((share(point.device),) + below), mount.cluster)


def _twice(
    point: MountPoint, other: MountPoint, below: Tuple[str, ...], mount: Mount
) -> Iterator[Mount]:
    """The mount as another line of the table shows it too."""
    if not _is_same_disk(point, other):
        return
    place = _names(point.root) + below  # the folder on that disk which is the mount's
    root = _names(other.root)
    if place[: len(root)] == root:
        for one in readings(other.folder)[:1]:
            inner = place[len(root) :]
            local = one.joined(inner) if inner else other.folder
            yield Mount(local, mount.cluster)
    elif root[: len(place)] == place:
        yield Mount(
            other.folder, str(PurePosixPath(mount.cluster, *root[len(place) :]))
        )


def _is_same_disk(one: MountPoint, other: MountPoint) -> bool:
    if one.disk and other.disk and one.disk == other.disk:
        return True
    if not (one.is_network and other.is_network):
        return False
    device = share(one.device) or one.device
    names_a_place = bool(share(one.device)) or ":/" in one.device
    return (
        names_a_place
        and device.lower() == (share(other.device) or other.device).lower()
    )


def share(device: str) -> str:
    r"""What a device is to Windows: ``//jo@server/share`` -> ``\\server\share``."""
    text = device.replace("/", "\\")
    if not text.startswith("\\\\"):
        return ""
    return re.sub(r"^\\\\[^\\@]*@", r"\\\\", text).rstrip("\\")


def _names(path: str) -> Tuple[str, ...]:
    return tuple(name for name in path.split("/") if name)


def _below(folder: str, path: str) -> Tuple[str, ...]:
    inside: Optional[PurePosixPath] = MountMap((Mount(folder, "/"),)).to_cluster(path)
    return () if inside is None else inside.parts[1:]
