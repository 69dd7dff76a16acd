"""The proof that a disk here and a folder of the cluster are the same, both ways.

A nonce that is written here is looked for there, and one that is written there is
read here. What both sides may do with each other's files comes out of it too. Which
disks are tried is mount_table.py's.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Dict, Iterator, List, Sequence, Tuple

from sleap_remote_plugin.errors import MountNotProven, NothingWritable
from sleap_remote_plugin.jobs.paths import Mount, MountMap, is_windows
from sleap_remote_plugin.session.mount import within
from sleap_remote_plugin.session.mount_table import Candidate, device_spellings
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

#: Folders that are listed, and tried, until one is found that can be written.
MOST_LISTED, MOST_TRIED = 200, 60

#: Where clusters have their disks, if nothing else says it.
USUAL_ROOTS = ("/ceph", "/winstor", "/data", "/scratch", "/nfs")


@dataclass(frozen=True)
class Deadlines:
    """Seconds for a local disk, the search on the cluster, a file from there.

    `looks` is how often a disk is looked for, `between` the seconds before it is
    looked for again: files may come late.
    """

    local: float = 6.0
    search: float = 25.0
    arrival: float = 10.0
    looks: int = 2
    between: float = 0.5


@dataclass(frozen=True)
class Nonce:
    """A file that was written here, and what it says."""

    folder: Path
    name: str
    text: str

    @property
    def answer(self) -> Path:
        """What the cluster writes beside it."""
        return self.folder / (self.name + ".back")


@dataclass(frozen=True)
class Proof:
    """Both sides have read what the other wrote.

    Attributes
    ----------
    mount : Mount
        The disk's two spellings, as a profile has them.
    user, owner : str
        Who we are there, and whom the file that was written here belongs to there.
    """

    mount: Mount
    user: str
    owner: str


# -- here ------------------------------------------------------------------------------


def write_nonce(candidate: Candidate, user: str) -> Nonce:
    """Write a nonce where the user may write on that disk. May hang: call it `within`.

    Raises
    ------
    MountNotProven
        There is no such folder, or none that can be written.
    """
    local = Path(candidate.folder or candidate.local)
    if not local.is_dir():
        raise MountNotProven(tr("There is no folder {} here.").format(local))
    reason = ""
    for folder in itertools.islice(_places(candidate, user), MOST_TRIED):
        name = ".remote-proof-" + secrets.token_hex(4)
        nonce = Nonce(folder, name, secrets.token_hex(16))
        try:
            with (folder / name).open("x", encoding="utf-8") as out:
                out.write(nonce.text + "\n")
            return nonce
        except FileNotFoundError:
            continue
        except OSError as error:
            reason = reason or error.strerror or str(error)
    raise NothingWritable(
        tr("No folder was found on {} that you may write to ({}).").format(
            candidate.local, reason or tr("there is none")
        )
    )


def _places(candidate: Candidate, user: str) -> Iterator[Path]:
    """Folders to be tried: the given one; those called like the user; own; any."""
    if candidate.folder:
        yield Path(candidate.folder)
        return
    local = Path(candidate.local)
    yield local / user if user else local
    first = _folders_in(local)
    second = [one for folder in first for one in _folders_in(folder)]
    listed = [local] + (first + second)[:MOST_LISTED]
    named = [one for one in listed[1:] if user and one.name == user]
    called = named + [one / user for one in first if user and (one / user).is_dir()]
    for folder in called + sorted(listed, key=lambda one: not _is_own(one)):
        yield folder


def _folders_in(folder: Path) -> List[Path]:
    try:
        with os.scandir(str(folder)) as entries:
            listed = itertools.islice(entries, MOST_LISTED)
            names = sorted(e.name for e in listed if e.is_dir(follow_symlinks=False))
    except OSError:
        return []
    return [folder / name for name in names if not name.startswith(".")]


def _is_own(folder: Path) -> bool:
    try:
        return hasattr(os, "getuid") and folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def remove_nonce(nonce: Nonce) -> None:
    """Take both files away; what stays (the mount went) does no harm."""
    for path in (nonce.folder / nonce.name, nonce.answer):
        try:
            path.unlink()
        except OSError:
            continue


# -- there -----------------------------------------------------------------------------

#: Name, nonce, answer, rest of the path below a root, how many guesses there are, the
#: guesses, the roots.
_SEARCH = r"""
name=$1 nonce=$2 answer=$3 rest=$4 count=$5; shift 5
tell() {
  printf '%s found %s\n' "$nonce" "$1"
  printf '%s user %s\n' "$nonce" "$(id -un)"
  printf '%s owner %s\n' "$nonce" "$(stat -c %U -- "$1/$name" 2>/dev/null)"
  if (printf '%s\n' "$answer" > "$1/$name.back") 2>/dev/null
  then printf '%s written yes\n' "$nonce"; fi
  exit 0
}
try() {
  [ -f "$1/$name" ] || return 0
  IFS= read -r line < "$1/$name" && [ "$line" = "$nonce" ] && tell "$1"
  return 0
}
look() {
  n=0
  for place; do
    n=$((n + 1))
    if [ "$n" -le "$count" ]; then try "$place"; continue; fi
    for one in "$place$rest" "$place"/*"$rest" "$place"/*/*"$rest"; do
      try "$one"
    done
  done
}
if [ "$#" -gt "$count" ]; then
  set -f
  set -- "$@" $(awk '$3 ~ /^(nfs|cifs|smb|ceph|lustre|gpfs|beegfs|panfs|fuse)/ \
    && $2 ~ /^\/./ {print $2}' /proc/mounts 2>/dev/null | head -n 30)
  set +f
fi
look "$@"
"""


def prove_both_ways(
    nonce: Nonce,
    candidate: Candidate,
    mounts: Sequence[Mount],
    transport: Transport,
    deadlines: Deadlines = Deadlines(),
) -> Proof:
    """Find what was written here on the cluster, and read here what is written there.

    Raises
    ------
    MountNotProven
        It was not found; or the cluster's user may not write there; or what the
        cluster wrote did not come.
    """
    answer = secrets.token_hex(16)
    told = _search(nonce, answer, candidate, mounts, transport, deadlines)
    place = PurePosixPath(told["found"])
    user, owner = told.get("user", ""), told.get("owner", "")
    if "written" not in told:
        raise MountNotProven(
            tr("{} is {} on the cluster, but {} may not write there.").format(
                nonce.folder, place, user or tr("your user")
            )
        )
    if not _arrives(nonce.answer, answer, deadlines):
        left = str(place / nonce.answer.name)
        transport.run(["rm", "-f", "--", left], login_shell=False)
        raise MountNotProven(
            tr(
                "{} is {} on the cluster, but a file that was written there could not "
                "be read here within {:.0f} seconds."
            ).format(nonce.folder, place, deadlines.arrival)
        )
    return Proof(spellings(candidate, nonce.folder, place), user, owner)


def _search(
    nonce: Nonce,
    answer: str,
    candidate: Candidate,
    mounts: Sequence[Mount],
    transport: Transport,
    deadlines: Deadlines,
) -> Dict[str, str]:
    """What the cluster tells of a nonce: found, user, owner, written."""
    rest = "".join("/" + part for part in _below(candidate.local, nonce.folder))
    guesses = guesses_for(candidate, nonce.folder, rest, mounts)
    roots: List[str] = []
    if not candidate.cluster:
        roots = [mount.cluster for mount in mounts if mount.cluster != "/"]
        roots += USUAL_ROOTS
    argv = ["sh", "-c", _SEARCH, "sh", nonce.name, nonce.text, answer, rest]
    argv += [str(len(guesses))] + guesses + list(dict.fromkeys(roots))
    found = transport.run(argv, timeout=deadlines.search, login_shell=False)
    told = dict(
        re.findall(r"^{} (\w+) (.*)$".format(nonce.text), found.stdout, re.MULTILINE)
    )
    if not told.get("found", "").startswith("/"):
        where = tr(" at {}").format(candidate.cluster) if candidate.cluster else ""
        raise MountNotProven(
            tr("What was written into {} was not found on the cluster{}.").format(
                nonce.folder, where
            ),
            detail=found.stderr,
        )
    return told


def guesses_for(
    candidate: Candidate, folder: Path, rest: str, mounts: Sequence[Mount]
) -> List[str]:
    """Where the folder may be on the cluster, the likeliest first."""
    if candidate.cluster:
        given = candidate.cluster.rstrip("/")
        return list(dict.fromkeys([given + rest or "/", given or "/"]))
    guesses = []
    known = MountMap(tuple(mounts)).to_cluster(str(folder))
    if known is not None:
        guesses.append(str(known))
    spelled = device_spellings(candidate.device)
    guesses += [path + rest for path in spelled]
    for mount in mounts:
        guesses += [mount.cluster + path + rest for path in spelled]
    if not is_windows(str(folder)):
        guesses.append(str(folder))
    return list(dict.fromkeys(guesses))


def _below(local: str, folder: Path) -> Tuple[str, ...]:
    """Parts of the folder's path below the mount; none where it is not below it."""
    inside = MountMap((Mount(local, "/"),)).to_cluster(str(folder))
    return () if inside is None else inside.parts[1:]


def spellings(candidate: Candidate, folder: Path, place: PurePosixPath) -> Mount:
    """The disk's two spellings, from one folder's.

    What both end with is taken off, but never more than leads up to the mount here.
    """
    local = PureWindowsPath(folder) if is_windows(str(folder)) else folder
    parts = _below(candidate.local, folder)
    for part in reversed(parts):
        if place.name != part or str(place.parent) == "/":
            return Mount(str(local), str(place))
        local, place = local.parent, place.parent
    return Mount(candidate.local, str(place))


def _arrives(path: Path, text: str, deadlines: Deadlines) -> bool:
    """Whether a file with that text comes; a network disk may take a moment."""
    end = time.monotonic() + deadlines.arrival
    while True:
        try:
            if within(deadlines.local, lambda: path.read_text("utf-8")) == text + "\n":
                return True
        except (OSError, UnicodeDecodeError):
            pass
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
