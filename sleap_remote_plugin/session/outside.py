"""Whether the cluster sees a file of this machine, links followed as it would.

How paths are spelled is jobs/paths.py; which mounts there are, places.py. What is
looked at may hang: call it `within`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import NotOnMount
from sleap_remote_plugin.jobs.paths import Mount, MountMap, is_windows
from sleap_remote_plugin.words import tr

#: So many files are named in a sentence; all of them are under *Details*.
MOST_NAMED = 8


@dataclass(frozen=True)
class Wanted:
    """Something that a job needs.

    Attributes
    ----------
    what : str
        ``video 2``, ``the project``; empty: nothing but its path is known.
    path : str
        The file, or the folder that several lie in.
    files : tuple of str
        Those of that folder; empty: the path itself.
    """

    what: str
    path: str
    files: Tuple[str, ...] = ()

    def __str__(self) -> str:
        what = self.what + ": " if self.what else ""
        if len(self.files) > 1:
            return tr("{}{} files in {}").format(what, len(self.files), self.path)
        return what + self.path


def seen_as(local: str, mounts: MountMap) -> Optional[PurePosixPath]:
    """A local path as the cluster spells it; None where it cannot see the file.

    A link on the mount that leads to a file of this machine is one that it cannot
    see. Of a link with a whole path in it, what it leads to is given: the cluster has
    another path for that. A link that leads nowhere here may lead somewhere there.
    """
    text = mounts.to_cluster(local)
    links = [] if text is None else _links_below_the_mount(local, mounts)
    if text is not None and not links:
        return text
    try:
        real = str(Path(local).resolve())
    except (OSError, RuntimeError):  # a link that leads to itself
        return text
    found = _and_where_mounts_lead(mounts).to_cluster(real)
    if text is None:
        return found
    if found is None:
        return None if os.path.exists(local) else text
    return found if any(os.path.isabs(target) for target in links) else text


def _links_below_the_mount(local: str, mounts: MountMap) -> List[str]:
    """What the links on the way to a file say, as far as they are on the mount."""
    roots = {os.path.normpath(mount.local) for mount in mounts.mounts}
    found, path = [], os.path.normpath(local)
    while path not in roots and mounts.to_cluster(os.path.dirname(path)) is not None:
        if os.path.islink(path):
            found.append(os.readlink(path))
        if os.path.dirname(path) == path:
            break
        path = os.path.dirname(path)
    return found


def _and_where_mounts_lead(mounts: MountMap) -> MountMap:
    """The mounts, and those with the real path of a folder that is a link itself."""
    real = []
    for mount in mounts.mounts:
        if is_windows(mount.local) == (os.name == "nt"):
            place = os.path.realpath(mount.local)
            if place != mount.local:
                real.append(Mount(place, mount.cluster))
    return MountMap(mounts.mounts + tuple(real))


# -- what is told ----------------------------------------------------------------------


def not_on_mount(outside: Sequence[Wanted], mounts: MountMap, title: str) -> NotOnMount:
    """The error that names what the cluster cannot see, and where it would see it."""
    named = ["•  {}{}".format(one, _leads_to(one.path)) for one in outside]
    more = len(named) - MOST_NAMED
    if more > 0:
        named[MOST_NAMED:] = [tr("•  and {} more, under Details").format(more)]
    count, where = len(outside), _tried(mounts)
    text = (
        tr(
            "{} cannot see {} that this job needs, so nothing was exported or "
            "submitted:\n\n{}\n\n{}\n\n{}"
        )
    ).format(
        title,
        "a file" if count == 1 and len(outside[0].files) < 2 else "files",
        "\n".join(named),
        where,
        tr(
            "Move or copy {} there and open the project with the new place, then try "
            "again. If the place is on the cluster's disk already, under another name, "
            "correct the disks in the settings."
        ).format("it" if count == 1 else "them"),
    )
    known = {path: one.what for one in outside for path in one.files or (one.path,)}
    return NotOnMount(
        text,
        detail="\n".join(
            [str(one) for one in outside]
            + [tr("Tried:")]
            + ["{} = {}".format(m.local, m.cluster) for m in mounts.mounts]
        ),
        paths=tuple(known),
        tried=tuple((mount.local, mount.cluster) for mount in mounts.mounts),
        about=tuple(known.values()),
        why=where,
    )


def _leads_to(path: str) -> str:
    """Where a link on the mount leads, if that is why."""
    if not os.path.islink(path):
        return ""
    return tr(", a link to {}").format(os.path.realpath(path))


def _tried(mounts: MountMap) -> str:
    """Which mounts of this system do not hold it; those that are here, if any is."""
    fitting = [m for m in mounts.mounts if is_windows(m.local) == (os.name == "nt")]
    here = mounts.mounts[: mounts.in_use]
    if not here and not fitting:
        return tr("The profile names no disk that the cluster and this computer share.")
    told = [tr("{} (there {})").format(m.local, m.cluster) for m in here or fitting]
    listed = (
        told[0]
        if len(told) == 1
        else tr("{} or {}").format(", ".join(told[:-1]), told[-1])
    )
    if here:
        return tr("It sees what is below {}.").format(listed)
    return tr("It would see what is below {}; nothing is mounted there now.").format(
        listed
    )
