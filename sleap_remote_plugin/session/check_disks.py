"""The check's lines about the mount: is it here, the same there, and is there room.

The proof itself is proof.py's.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from sleap_remote_plugin.errors import MountNotProven, NothingWritable, RemoteError
from sleap_remote_plugin.jobs.paths import Mount, MountMap
from sleap_remote_plugin.session.check_line import Asked, CheckLine
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, mounted_folders, within
from sleap_remote_plugin.session.mount_table import (
    Candidate,
    holder,
    is_own_disk,
    read_mount_table,
)
from sleap_remote_plugin.session.proof import (
    prove_both_ways,
    remove_nonce,
    write_nonce,
)
from sleap_remote_plugin.words import tr

Lines = Iterator[Union[str, CheckLine]]

#: Bytes below which a training may fill the disk; below which nothing can be written.
LITTLE_ROOM, NO_ROOM = 10 * 10**9, 10**8
#: Share of a disk or a quota from which on it counts as nearly full.
NEARLY_FULL = 0.9

_REMEDY_MOUNT = tr(
    "Mount the cluster's disk on this computer (from outside the institute, connect "
    "the VPN first), or correct `mounts` in the cluster profile."
)
_REMEDY_WRITE = tr(
    "Look at the free space below; make a folder there that you may write to, or open "
    "a project in such a folder and check again."
)
_REMEDY_ROOM = tr(
    "Delete or move what is no longer needed, old models and predictions first, or ask "
    "{} for more room."
)


def mount_lines(asked: Asked) -> Lines:
    """Whether one of the profile's disks is here; proven only when connected."""
    yield tr("the mount on this computer")
    here = mounts_here(asked)
    if not here:
        wanted = ", ".join(mount.local for mount in asked.session.mounts.mounts)
        text = tr("None of these is mounted here: {}.").format(
            wanted or tr("none is named")
        )
        yield CheckLine(tr("Mount"), "fail", text, _REMEDY_MOUNT)
        return
    if not asked.can_run:
        for mount in here:
            yield _unproven(mount)
        return
    yield tr("whether both sides see the same disk")
    yield from _proofs(asked, here)


def _unproven(mount: Mount) -> CheckLine:
    if not is_mounted(mount.local):
        text = tr(
            "Nothing is mounted at {}: it is a folder of this computer's own disk."
        )
        return CheckLine(tr("Mount"), "fail", text.format(mount.local), _REMEDY_MOUNT)
    text = tr("{} is mounted here. Whether it is {} there was not looked at.").format(
        mount.local, mount.cluster
    )
    return CheckLine(
        tr("Mount"), "warn", text, tr("Mend the connection, and check again.")
    )


def is_mounted(local: str) -> bool:
    """Whether a folder is on a disk by itself, not on the system's."""
    point = holder(local, read_mount_table())
    return point is not None and is_own_disk(point)


def mounts_here(asked: Asked) -> List[Mount]:
    """The mounts that this machine has now; of the given folder, only its own."""
    mounts = asked.session.mounts.mounts
    points = set(mounted_folders())
    there = within(
        MOUNT_DEADLINE,
        lambda: [m for m in mounts if m.local in points or Path(m.local).is_dir()],
    )
    if asked.folder is None:
        return there
    asked.session.to_cluster(str(asked.folder))  # raises NotOnMount, with its advice
    held = [m for m in there if MountMap((m,)).to_cluster(str(asked.folder))]
    return sorted(held, key=lambda m: -len(m.local))[:1]


def _proofs(asked: Asked, here: Sequence[Mount]) -> Iterator[CheckLine]:
    for mount in here:
        candidate = Candidate(
            mount.local,
            folder=str(asked.folder or ""),
            cluster=mount.cluster,
        )
        try:
            yield _proof(asked, candidate)
        except NothingWritable as error:
            yield CheckLine(tr("Mount"), "fail", str(error), _REMEDY_WRITE)
        except MountNotProven as error:
            yield CheckLine(tr("Mount"), "fail", str(error), _REMEDY_MOUNT)


def _proof(asked: Asked, candidate: Candidate) -> CheckLine:
    session = asked.session
    nonce = within(MOUNT_DEADLINE, lambda: write_nonce(candidate, session.user))
    try:
        proof = prove_both_ways(
            nonce, candidate, session.mounts.mounts, session.transport
        )
    finally:
        _quietly(lambda: remove_nonce(nonce))
    text = tr(
        "{} is {} there: what was written in {} was read there, and the other way "
        "round."
    ).format(candidate.local, candidate.cluster, nonce.folder)
    if proof.owner in ("", proof.user):
        return CheckLine(tr("Mount"), "ok", text)
    return CheckLine(
        tr("Mount"),
        "warn",
        tr("{} Files that are written here belong to {} there, not to {}.").format(
            text, proof.owner, proof.user
        ),
        tr(
            "Jobs may not be allowed to write into folders that are made here: mount "
            "the disk with your own account."
        ),
    )


def _quietly(clear: Callable[[], None]) -> None:
    try:
        within(MOUNT_DEADLINE, clear)
    except (RemoteError, OSError):
        return  # what is left of a proof does no harm


# -- room ------------------------------------------------------------------------------

#: df, then the nearest quota of ceph above the folder, then the user's own quotas.
_ROOM = r"""
LC_ALL=C df -Pk -- "$1" 2>/dev/null | sed 's/^/df /'
place=$1
while command -v getfattr >/dev/null 2>&1; do
  most=$(getfattr --only-values -n ceph.quota.max_bytes -- "$place" 2>/dev/null)
  if [ "${most:-0}" != 0 ]; then
    used=$(getfattr --only-values -n ceph.dir.rbytes -- "$place" 2>/dev/null)
    printf 'ceph %s %s %s\n' "$most" "${used:-0}" "$place"
    break
  fi
  [ "$place" = / ] && break
  place=$(dirname -- "$place")
done
command -v quota >/dev/null 2>&1 && LC_ALL=C quota -w 2>/dev/null | sed 's/^/quota /'
exit 0
"""


def room_lines(asked: Asked) -> Lines:
    """Free space on both sides, and quotas where the cluster tells them."""
    session = asked.session
    yield tr("free space")
    here = mounts_here(asked)
    for mount in here:
        if is_mounted(mount.local):
            place = str(asked.folder or mount.local)
            yield room_line(asked, place + " (here)", *_room_here(place))
    if not asked.can_run:
        return
    folders = [mount.cluster for mount in here or session.mounts.mounts]
    if asked.folder is not None:
        folders = [str(session.to_cluster(str(asked.folder)))]
    told: Dict[str, str] = {}
    for folder in dict.fromkeys(folders):
        argv = ["sh", "-c", _ROOM, "sh", folder]
        told[folder] = session.transport.run(argv, login_shell=False).stdout
    for folder, text in told.items():
        yield from room_lines_of(asked, folder, text)


def _room_here(place: str) -> Tuple[int, int]:
    usage = within(MOUNT_DEADLINE, lambda: shutil.disk_usage(place))
    return usage.free, usage.total


def room_lines_of(asked: Asked, folder: str, text: str) -> Iterator[CheckLine]:
    """Lines of what the cluster told of one folder."""
    disk = read_disk(text)
    if disk is not None:
        yield room_line(asked, folder + " (there)", *disk)
    for name, used, most in read_quotas(text):
        yield quota_line(asked, name, used, most)


def room_line(asked: Asked, place: str, free: int, total: int) -> CheckLine:
    text = tr("{} free of {} at {}.").format(size(free), size(total), place)
    if free < NO_ROOM:
        return CheckLine(tr("Free space"), "fail", text, _room_remedy(asked))
    if free < LITTLE_ROOM or free < (1 - NEARLY_FULL) * total:
        return CheckLine(tr("Free space"), "warn", text, _room_remedy(asked))
    return CheckLine(tr("Free space"), "ok", text)


def quota_line(asked: Asked, name: str, used: int, most: int) -> CheckLine:
    text = tr("{} of {} used of the quota of {}.").format(size(used), size(most), name)
    if used >= most:
        return CheckLine(tr("Quota"), "fail", text, _room_remedy(asked))
    if most - used < LITTLE_ROOM or used > NEARLY_FULL * most:
        return CheckLine(tr("Quota"), "warn", text, _room_remedy(asked))
    return CheckLine(tr("Quota"), "ok", text)


def _room_remedy(asked: Asked) -> str:
    return _REMEDY_ROOM.format(asked.whom_to_ask)


def read_disk(text: str) -> Optional[Tuple[int, int]]:
    """(free, total) bytes of ``df -Pk``'s one disk; None where it says nothing."""
    for line in text.splitlines():
        match = re.fullmatch(r"df .*\s(\d{1,18})\s+\d{1,18}\s+(-?\d{1,18})\s+.*", line)
        if match:
            return max(0, int(match.group(2))) * 1024, int(match.group(1)) * 1024
    return None


def read_quotas(text: str) -> List[Tuple[str, int, int]]:
    """(of what, used, limit) in bytes, of ceph's attributes and of ``quota -w``."""
    found = []
    for line in text.splitlines():
        ceph = re.fullmatch(r"ceph (\d{1,20}) (\d{1,20}) (/.*)", line)
        own = re.fullmatch(r"quota\s+(\S+)\s+(\d{1,18})\*?\s+(\d+)\s+(\d+)\b.*", line)
        if ceph:
            found.append((ceph.group(3), int(ceph.group(2)), int(ceph.group(1))))
        elif own:
            most = int(own.group(4)) or int(own.group(3))
            if most:
                found.append((own.group(1), int(own.group(2)) * 1024, most * 1024))
    return found


def size(count: float) -> str:
    """``12 GB``, ``1.5 TB``: as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return _three_digits(count) + " " + unit
        count /= 1000
    return _three_digits(count) + " TB"


def _three_digits(count: float) -> str:
    return "{:.0f}".format(count) if count >= 99.5 else "{:.3g}".format(count)
