"""Local path <-> cluster path: one disk, spelled by Windows, macOS, Linux, SLURM.

Pure text: what is really mounted, and whether both sides see the same disk, is
proven in session/submit.py. A local path is text in this machine's or another's
spelling; a cluster path is a PurePosixPath.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Iterable, List, Optional, Tuple

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Mount:
    """One disk seen from both sides."""

    local: str
    cluster: str


def is_windows(path: str) -> bool:
    """Whether a path is spelled as Windows does: drive letter or UNC."""
    return bool(_DRIVE.match(path)) or path.startswith(("\\\\", "//"))


def _parts(path: str) -> Tuple[str, ...]:
    """Comparable parts of a local path: Windows spellings fold letter case."""
    if is_windows(path):
        pure = PureWindowsPath(path)
        return ("windows", pure.anchor.lower().rstrip("\\")) + tuple(pure.parts[1:])
    return ("posix",) + PurePosixPath(path).parts


def _starts(parts: Tuple[str, ...], prefix: Tuple[str, ...]) -> bool:
    if len(parts) < len(prefix):
        return False
    if prefix[0] == "windows":
        return [p.lower() for p in parts[: len(prefix)]] == [p.lower() for p in prefix]
    return parts[: len(prefix)] == prefix


@dataclass(frozen=True)
class MountMap:
    """The mounts of one cluster; the longest prefix wins, in both directions.

    Of several local spellings of one disk, paths from the cluster are given the
    first that is in use here (`preferred`, tried in order).
    """

    mounts: Tuple[Mount, ...]

    def to_cluster(self, local: str) -> Optional[PurePosixPath]:
        """The cluster's spelling; None where no mount holds the path.

        ``..`` in a path is not resolved: such a path is on no mount.
        """
        parts = _parts(local)
        if ".." in parts:
            return None
        best: Optional[Tuple[int, Mount]] = None
        for mount in self.mounts:
            prefix = _parts(mount.local)
            if _starts(parts, prefix) and (best is None or len(prefix) > best[0]):
                best = (len(prefix), mount)
        if best is None:
            return None
        return PurePosixPath(best[1].cluster).joinpath(*parts[best[0] :])

    def to_local(self, cluster: str) -> Optional[str]:
        """Local spelling of a cluster path; None where no mount holds it."""
        pure = PurePosixPath(cluster)
        if ".." in pure.parts:
            return None
        best: Optional[Tuple[int, Mount]] = None
        for mount in self.mounts:
            prefix = PurePosixPath(mount.cluster).parts
            inside = pure.parts[: len(prefix)] == prefix
            if inside and (best is None or len(prefix) > best[0]):
                best = (len(prefix), mount)
        if best is None:
            return None
        rest = pure.parts[best[0] :]
        if is_windows(best[1].local):
            return str(PureWindowsPath(best[1].local).joinpath(*rest))
        return str(PurePosixPath(best[1].local).joinpath(*rest))

    def preferring(self, in_use: Iterable[str]) -> "MountMap":
        """The same map with the local spellings that are in use here put first."""
        used = list(in_use)
        first: List[Mount] = [m for m in self.mounts if m.local in used]
        rest = [m for m in self.mounts if m.local not in used]
        return MountMap(tuple(first + rest))
