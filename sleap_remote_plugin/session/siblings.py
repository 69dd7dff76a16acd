r"""Where a cluster's other disks may be here, once one of them is known: guesses.

Who has ``/ceph`` at ``/media/x/ceph`` has ``/winstor`` at ``/media/x/winstor``, if
anywhere; who has it on ``Y:`` as ``\\server\ceph`` has the other on the drive that
is ``\\server\winstor``. Text only; whether a guess is right is proven in proof.py.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Iterator, List, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.paths import (
    Mount,
    MountMap,
    Spelled,
    is_windows,
    readings,
)
from sleap_remote_plugin.session.mount_table import MountPoint, holder


def guess(
    known: Mount,
    cluster: str,
    table: Sequence[MountPoint] = (),
    before: Sequence[Tuple[str, str]] = (),
) -> Tuple[str, ...]:
    """Local folders where another disk of the cluster may be, the likeliest first.

    Parameters
    ----------
    known : Mount
        What the user says, or what was proven.
    cluster : str
        The other disk, as the cluster spells it.
    before : sequence of (str, str)
        For each earlier spelling of the known disk, that of the other one then: what
        one has moved by, the other has too.
    """
    found: List[str] = []
    for local in _all_guesses(known, cluster, table, before):
        if readings(local) and local not in found and local != known.local:
            found.append(local)
    return tuple(found)


def _all_guesses(
    known: Mount,
    cluster: str,
    table: Sequence[MountPoint],
    before: Sequence[Tuple[str, str]],
) -> Iterator[str]:
    yield from _by_device(known, cluster, table)
    inside = _inside(known, cluster)
    if inside:
        yield inside
    for old, other in before:
        moved = _moved(old, known.local, other)
        if moved:
            yield moved
    place = _beside(known.local, known.cluster, cluster)
    if place:
        yield place


def _inside(known: Mount, cluster: str) -> Optional[str]:
    """A disk within the known one is seen through it."""
    if PurePosixPath(known.cluster) not in PurePosixPath(cluster).parents:
        return None
    return MountMap((known,)).to_local(cluster)


def _moved(old: str, new: str, other: str) -> Optional[str]:
    """`other` moved as the known disk was: ``Z:`` is ``Y:`` now, or its parent."""
    was, now, also = readings(old)[:1], readings(new)[:1], readings(other)[:1]
    if not (was and now and also):
        return None
    if was[0].holds(also[0]):
        return now[0].joined(also[0].parts[len(was[0].parts) :])
    if not was[0].parts or not now[0].parts or was[0].parts[-1] != now[0].parts[-1]:
        return None
    above = Spelled(was[0].anchor, was[0].parts[:-1])
    if not above.holds(also[0]) or not above.parts:
        return None
    return Spelled(now[0].anchor, now[0].parts[:-1]).joined(
        also[0].parts[len(above.parts) :]
    )


def _beside(local: str, known: str, cluster: str) -> Optional[str]:
    """As the two lie to each other on the cluster, so they do here."""
    here, there, other = (
        readings(local)[:1],
        PurePosixPath(known),
        PurePosixPath(cluster),
    )
    if not here:
        return None
    parts = here[0].parts
    share = re.match(r"(\\\\[^\\]+\\)([^\\]+)\\$", here[0].anchor)
    if share and not parts:  # \\server\ceph: its neighbours are the server's shares
        if share.group(2).lower() == there.name.lower() and len(other.parts) == 2:
            return share.group(1) + other.name
        return None
    same = 0
    while (
        same < min(len(parts), len(there.parts) - 1)
        and parts[-1 - same].lower() == there.parts[-1 - same].lower()
    ):
        same += 1
    above = there
    for _ in range(same):
        above = above.parent
    if not same or above not in other.parents:
        return None
    rest = other.parts[len(above.parts) :]
    return Spelled(here[0].anchor, parts[: len(parts) - same]).joined(rest)


def _by_device(
    known: Mount, cluster: str, table: Sequence[MountPoint]
) -> Iterator[str]:
    """Where the same server's other share is mounted."""
    point = holder(known.local, table)
    if point is None or not point.is_network or not point.device:
        return
    wanted = _beside_on_server(point.device, known.cluster, cluster)
    if wanted is None:
        return
    for other in table:
        if _plain(other.device) == _plain(wanted):
            yield other.folder


def _beside_on_server(device: str, known: str, cluster: str) -> Optional[str]:
    """``//gw/ceph`` is /ceph: then /winstor is ``//gw/winstor``."""
    text = device.replace("\\", "/")
    match = re.match(r"(//[^/]+|[\w.@,-]+:)(/.*)$", text)
    if match is None:
        return None
    server, path = match.groups()
    place = _beside("/" + server.strip("/:") + path, known, cluster)
    if place is None:
        return None
    names = place.split("/")[2:]
    return server + "/" + "/".join(names)


def _plain(device: str) -> str:
    text = device.replace("\\", "/").rstrip("/").lower()
    return re.sub(r"^//[^/@]*@", "//", text)


def fits_here(local: str, on_windows: bool) -> bool:
    """Whether a spelling is one of this system's."""
    return is_windows(local) == on_windows
