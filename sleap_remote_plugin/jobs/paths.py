r"""Local path <-> cluster path: one disk, spelled by Windows, macOS, Linux, SLURM.

Pure text: what is really mounted is session/mount_table.py's, whether both sides see
the same disk session/proof.py's. A local path is text in this machine's or another's
spelling; a cluster path is a PurePosixPath.

What is below a mount is kept to the letter, so that the way back gives the same text.
Only the mount's own part is compared as its system does: Windows (``Z:\``,
``\\server\share``, ``\\?\UNC\server\share``) and macOS (``/Volumes``, ``/Users``)
know no letter case and no two ways to write an accent; Linux knows both.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.names import windows_refuses
from sleap_remote_plugin.words import tr

_DRIVE = re.compile(r"[A-Za-z]:")
_MAC = ("volumes", "users")


@dataclass(frozen=True)
class Mount:
    """One disk seen from both sides."""

    local: str
    cluster: str


class Spelled(NamedTuple):
    r"""A local path, read.

    Attributes
    ----------
    anchor : str
        ``Z:\``, ``\\server\share\`` or ``/``.
    parts : tuple of str
        The names below it.
    """

    anchor: str
    parts: Tuple[str, ...]

    @property
    def is_windows(self) -> bool:
        return self.anchor != "/"

    @property
    def folds(self) -> bool:
        """Whether the system that spells so takes ``Ceph`` for ``ceph``."""
        return self.is_windows or any(_fold(p) in _MAC for p in self.parts[:1])

    def holds(self, other: "Spelled") -> bool:
        """Whether `other` is this folder, or below it."""
        if _fold(self.anchor) != _fold(other.anchor):
            return False
        theirs = other.parts[: len(self.parts)]
        if theirs == self.parts:
            return True
        if not (self.folds and other.folds):
            return False
        return [_fold(p) for p in theirs] == [_fold(p) for p in self.parts]

    def joined(self, names: Sequence[str]) -> str:
        """Text of a path below this one."""
        mark = "\\" if self.is_windows else "/"
        return self.anchor + mark.join(self.parts + tuple(names))


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())


def is_windows(path: str) -> bool:
    """Whether a path is spelled as Windows does: drive letter or UNC."""
    return bool(_DRIVE.match(path)) or path.startswith(("\\\\", "//"))


def readings(path: str) -> Tuple[Spelled, ...]:
    r"""How a local path can be read, the likeliest first; none for one that leads out.

    ``//server/share`` is Windows' or, with a slash too many, a path of Linux. On
    Windows ``..`` goes up as the text says; elsewhere a link may lead away, so that
    only the disk can tell.
    """
    path = str(path)
    if "\0" in path:
        return ()
    found = [_read_windows(path), _read_posix(path)]
    return tuple(one for one in found if one is not None)


def _read_windows(path: str) -> Optional[Spelled]:
    text = path.replace("/", "\\")
    if text.startswith(("\\\\?\\", "\\\\.\\")):  # the long form, of \\?\ or of a device
        text = text[4:]
        if text[:4].lower() == "unc\\":
            text = "\\\\" + text[4:]
        elif not re.match(r"[A-Za-z]:\\", text):
            return None
    if re.match(r"[A-Za-z]:(\\|$)", text):
        anchor, rest = text[:2] + "\\", text[3:]
    elif text.startswith("\\\\"):
        server, _, rest = text[2:].partition("\\")
        share, _, rest = rest.partition("\\")
        if not server.strip(" .") or not share.strip(" ."):
            return None
        anchor = "\\\\{}\\{}\\".format(server, share)
    else:
        return None
    parts: List[str] = []
    for name in rest.split("\\"):
        if name == "..":
            if not parts:
                return None
            parts.pop()
        elif name not in ("", "."):
            parts.append(name)
    return Spelled(anchor, tuple(parts))


def _read_posix(path: str) -> Optional[Spelled]:
    if not path.startswith("/"):
        return None
    parts = tuple(name for name in path.split("/") if name not in ("", "."))
    return None if ".." in parts else Spelled("/", parts)


def _cluster_parts(path: object) -> Optional[Tuple[str, ...]]:
    spelled = None if "\0" in str(path) else _read_posix(str(path))
    return None if spelled is None else spelled.parts


class _Held(NamedTuple):
    """A cluster path on a mount; `below` are its names there."""

    mount: Mount
    below: Tuple[str, ...]

    def local(self) -> str:
        return readings(self.mount.local)[0].joined(self.below)

    def path(self) -> PurePosixPath:
        there = _cluster_parts(self.mount.cluster) or ()
        return PurePosixPath("/", *there, *self.below)

    def refusal(self) -> str:
        """Why Windows cannot open it through this mount; empty: it can."""
        if not readings(self.mount.local)[0].is_windows:
            return ""
        for name in self.below:
            reason = windows_refuses(name)
            if reason:
                return tr("“{}” cannot be opened on Windows, because {}").format(
                    name, reason
                )
        return ""


@dataclass(frozen=True)
class MountMap:
    """The mounts of one cluster; the longest prefix wins, in both directions.

    Attributes
    ----------
    mounts : tuple of Mount
        A disk of the cluster may have several local spellings. Paths from the cluster
        are given the longest, the first of equals.
    in_use : int
        So many of the first are in use here: the others are looked at only where none
        of those fits.
    """

    mounts: Tuple[Mount, ...]
    in_use: int = 0

    def to_cluster(self, local: str) -> Optional[PurePosixPath]:
        """The cluster's spelling; None where no mount holds the path."""
        for path in readings(local):
            best: Optional[Tuple[int, Mount]] = None
            for mount in self.mounts:
                for held in readings(mount.local)[:1]:
                    deeper = best is None or len(held.parts) > best[0]
                    if deeper and held.holds(path):
                        best = (len(held.parts), mount)
            if best is not None:
                there = _cluster_parts(best[1].cluster) or ()
                return PurePosixPath("/", *there, *path.parts[best[0] :])
        return None

    def to_local(self, cluster: str) -> Optional[str]:
        """Local spelling of a cluster path; None where no mount holds it.

        None too where Windows would take the path for another one (`windows_cannot`),
        and where this machine has another disk mounted over the place (`hidden`).
        """
        seen = self._seen(cluster)
        return None if seen is None or seen.refusal() else seen.local()

    def windows_cannot(self, cluster: str) -> str:
        """Why Windows cannot open a cluster path, naming the part; empty: it can.

        Empty too where the path is on no mount, or on one of another system.
        """
        seen = self._seen(cluster)
        return "" if seen is None else seen.refusal()

    def hidden(self, cluster: str) -> str:
        """Where a cluster path would be here, were no other disk mounted over it.

        Empty where it can be seen, and where it is on no mount.
        """
        held = self._holding(cluster)
        return held[0].local() if held and self._seen(cluster) is None else ""

    def _seen(self, cluster: str) -> Optional[_Held]:
        """A cluster path on the mount through which it is seen: the way back too."""
        for held in self._holding(cluster):
            if held.refusal() or self.to_cluster(held.local()) == held.path():
                return held
        return None

    def _holding(self, cluster: str) -> List[_Held]:
        """A cluster path on each of the mounts that hold it, the longest first."""
        parts = _cluster_parts(cluster)
        for mounts in (self.mounts[: self.in_use], self.mounts):
            found: List[_Held] = []
            for mount in mounts:
                prefix = _cluster_parts(mount.cluster)
                if parts is None or prefix is None or not readings(mount.local):
                    continue
                if parts[: len(prefix)] == prefix:
                    found.append(_Held(mount, parts[len(prefix) :]))
            if found:
                return sorted(found, key=lambda held: len(held.below))
        return []

    def preferring(self, in_use: Iterable[str]) -> "MountMap":
        """The same map with the local spellings that are in use here put first."""
        used = set(in_use)
        first: List[Mount] = [m for m in self.mounts if m.local in used]
        rest = [m for m in self.mounts if m.local not in used]
        return MountMap(tuple(first + rest), len(first))
