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
            yield from _twice(point, other, below, mount, table)
    if point.kind == "remote" and share(point.device):  # a drive of Windows
        yield Mount("\\".join((share(point.device),) + below), mount.cluster)


def _twice(
    point: MountPoint,
    other: MountPoint,
    below: Tuple[str, ...],
    mount: Mount,
    table: Sequence[MountPoint],
) -> Iterator[Mount]:
    """The mount as another line of the table shows it too."""
    both = [
        (place + below, root)
        for disk, place in _disks(point)
        for same, root in _disks(other)
        if disk == same
    ]
    if not both:
        return
    place, root = both[0]  # the mount's folder on that disk; what the other line shows
    if place[: len(root)] == root:
        for one in readings(other.folder)[:1]:
            inner = place[len(root) :]
            local = one.joined(inner) if inner else other.folder
            if holder(local, table) is other:  # nothing else is mounted over it
                yield Mount(local, mount.cluster)
    elif root[: len(place)] == place:
        yield Mount(
            other.folder, str(PurePosixPath(mount.cluster, *root[len(place) :]))
        )


def _disks(point: MountPoint) -> Iterator[Tuple[str, Tuple[str, ...]]]:
    """The disks that a line is of, by any name, and the folder on each that it shows.

    Of NFS only ``server:/path`` says it: Linux gives all exports of one of the server's
    file systems one disk, and tells ``/`` as the folder of each.
    """
    server, mark, path = point.device.partition(":/")
    if point.kind.lower().startswith("nfs"):
        if mark:
            yield server.lower() + mark, _names(path)
        return
    if point.disk:
        yield point.disk, _names(point.root)
    if point.is_network and share(point.device):
        yield share(point.device).lower(), _names(point.root)
    elif point.is_network and mark:
        yield server.lower() + mark + path, _names(point.root)


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
