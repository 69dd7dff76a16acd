"""What this machine has mounted, and which of it may be the cluster's disk.

Names and guesses only: nothing here touches a disk. Whether a guess is right is
proven in proof.py.
"""

from __future__ import annotations

import ctypes
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

import psutil

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount, MountMap, is_windows
from sleap_remote_plugin.session.mount import within

#: Seconds that the system may take to list its mounts.
TABLE_DEADLINE = 5.0

#: As many disks as are looked at; more are looked at when named in the profile.
MOST_DISKS = 24

_NETWORK = {
    "9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "gfs2",
    "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "panfs", "remote", "smb2", "smb3",
    "smbfs", "virtiofs", "vboxsf", "vmhgfs", "webdav", "macfuse", "osxfuse",
}  # fmt: skip
_LOCAL_FUSE = {"fuseblk", "fusectl"}
_FUSE_OF_THE_DESKTOP = ("gvfsd", "portal", "lxcfs", "snapfuse", "squashfuse", "encfs")
_NETWORK_DEVICE = re.compile(r"(//|\\\\)|[\w.@-]+:/|[\w.@-]+:$")
_KNOWN_NAMES = ("ceph", "winstor")
_SYSTEM_FOLDERS = ("/proc", "/sys", "/dev", "/run", "/boot", "/efi")

#: Linux tells here what psutil leaves out: disk and folder of each mount.
_MOUNTINFO = Path("/proc/self/mountinfo")


@dataclass(frozen=True)
class MountPoint:
    """One line of the system's mount table.

    Attributes
    ----------
    device : str
        What is mounted: ``//server/share``, ``server:/export``, a disk.
    kind : str
        The file system; ``remote`` for a network drive of Windows.
    disk, root : str
        Which of the system's disks it is, and which folder of that is mounted here:
        two with one disk show the same files (bind mounts). Empty: not known.
    """

    folder: str
    device: str = ""
    kind: str = ""
    disk: str = ""
    root: str = ""

    @property
    def is_network(self) -> bool:
        kind = self.kind.lower()
        if kind == "autofs":  # mounted when it is looked at
            return not self.folder.startswith(_SYSTEM_FOLDERS)
        if any(word in kind + self.device for word in _FUSE_OF_THE_DESKTOP):
            return False
        if kind in _NETWORK or _NETWORK_DEVICE.match(self.device):
            return True
        return kind.startswith("fuse") and kind not in _LOCAL_FUSE


@dataclass(frozen=True)
class Candidate:
    """A disk that may be the cluster's.

    Attributes
    ----------
    local : str
        Its folder here.
    device : str
        What is mounted there, where the system says so.
    folder : str
        A folder on it where the user may write; empty: one is looked for.
    why : str
        ``project``, ``named`` (in the profile, or by the user) or ``network``.
    cluster : str
        Its path on the cluster as the user says it; empty: it is looked for.
    is_mounted : bool
        Whether the system lists something as mounted there.
    """

    local: str
    device: str = ""
    folder: str = ""
    why: str = "network"
    cluster: str = ""
    is_mounted: bool = True


def read_mount_table() -> Tuple[MountPoint, ...]:
    """What is mounted here; raises MountNotProven when the system does not say."""
    return within(TABLE_DEADLINE, _read_now)


def _read_now() -> Tuple[MountPoint, ...]:
    disks = read_mountinfo(_MOUNTINFO)
    parts = psutil.disk_partitions(all=True)
    return tuple(_mount_point(part, disks) for part in parts)


def read_mountinfo(path: Path) -> Dict[str, Tuple[str, str]]:
    """What Linux says of each mounted folder: disk, folder of it; elsewhere nothing."""
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return {}
    found = {}
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) > 6:
            found[_unescaped(fields[4])] = (fields[2], _unescaped(fields[3]))
    return found


def _unescaped(text: str) -> str:
    r"""The kernel writes blanks as ``\040``."""
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m.group(1), 8)), text)


def _mount_point(part: Any, disks: Dict[str, Tuple[str, str]]) -> MountPoint:
    if "remote" in part.opts.split(","):  # a network drive of Windows
        return MountPoint(part.mountpoint, share_of(part.device), "remote")
    disk, root = disks.get(part.mountpoint, ("", ""))
    return MountPoint(part.mountpoint, part.device, part.fstype, disk, root)


def share_of(drive: str) -> str:
    r"""What a drive letter of Windows stands for (``\\server\share``), if known."""
    windll = getattr(ctypes, "windll", None)
    if windll is None:
        return ""
    size = ctypes.c_ulong(1024)
    name = ctypes.create_unicode_buffer(size.value)
    ask = windll.mpr.WNetGetConnectionW
    failed = ask(drive.rstrip("\\"), name, ctypes.byref(size))
    return "" if failed else name.value


def find_mounts(
    profile: ClusterProfile,
    table: Sequence[MountPoint],
    project_folder: str = "",
) -> Tuple[Candidate, ...]:
    """What may be the cluster's disk, the likeliest first.

    The open project's disk, then what the profile names, then network file systems,
    those with a telling name first. Each folder is there once.
    """
    found: List[Candidate] = []
    if project_folder:
        found.append(candidate_of(project_folder, table))
    for mount in profile.mounts:
        point = holder(mount.local, table)
        if point is not None and is_own_disk(point):
            found.append(Candidate(mount.local, point.device, why="named"))
        elif _fits_this_system(mount.local):
            found.append(Candidate(mount.local, why="named", is_mounted=False))
    names = _telling_names(profile)
    # Of two on one folder the later one is seen: the disk that autofs has mounted.
    last = {point.folder: point for point in table}
    others = [point for point in last.values() if point.is_network]
    for point in sorted(others, key=lambda p: not _is_telling(p, names)):
        found.append(Candidate(point.folder, point.device))
    return _each_once(found)


def candidate_of(folder: str, table: Sequence[MountPoint]) -> Candidate:
    """The disk that a folder of the user's lies on."""
    point = holder(folder, table)
    if point is None or not is_own_disk(point):
        # This machine's own disk: only the folder itself can be shared.
        return Candidate(folder, folder=folder, why="project", is_mounted=False)
    return Candidate(point.folder, point.device, folder, "project")


def holder(path: str, table: Iterable[MountPoint]) -> Optional[MountPoint]:
    """The mount that holds a path: the deepest; None where none does."""
    best: Optional[MountPoint] = None
    for point in table:
        holds = MountMap((Mount(point.folder, "/"),)).to_cluster(path) is not None
        if holds and (best is None or len(point.folder) >= len(best.folder)):
            best = point
    return best


def is_own_disk(point: MountPoint) -> bool:
    """Whether a mount is one by itself: not the system's root or system drive."""
    return point.is_network or point.folder not in ("/", "C:\\", "C:")


def device_spellings(device: str) -> Tuple[str, ...]:
    """Paths that a device's own name suggests: ``//gw/ceph/lab`` -> ``/ceph/lab``, ...

    The longest first; without the server.
    """
    text = device.replace("\\", "/")
    if text.startswith("//"):
        path = text[2:].partition("/")[2]
    elif re.match(r"[\w.@,-]+:/", text):
        path = text.partition(":")[2]
    else:
        return ()
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return tuple("/" + "/".join(parts[start:]) for start in range(len(parts)))


def _fits_this_system(path: str) -> bool:
    return is_windows(path) == (os.name == "nt")


def _telling_names(profile: ClusterProfile) -> Tuple[str, ...]:
    own = [PurePosixPath(mount.cluster).name.lower() for mount in profile.mounts]
    return tuple(name for name in own if name) + _KNOWN_NAMES


def _is_telling(point: MountPoint, names: Sequence[str]) -> bool:
    text = (point.folder + " " + point.device).lower()
    return any(name in text for name in names)


def _each_once(candidates: Iterable[Candidate]) -> Tuple[Candidate, ...]:
    kept: List[Candidate] = []
    seen = set()
    for one in candidates:
        key = _folded(one.local)
        if key in seen or (len(kept) >= MOST_DISKS and one.why == "network"):
            continue
        seen.add(key)
        kept.append(one)
    return tuple(kept)


def _folded(path: str) -> str:
    if is_windows(path):
        return str(PureWindowsPath(path)).lower().rstrip("\\")
    return str(PurePosixPath(path))
