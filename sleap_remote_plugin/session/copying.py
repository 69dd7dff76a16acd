"""What to offer for files that the cluster cannot see, and the copy that is chosen.

The copy itself is transfer.py's. All of this touches disks: not for the GUI thread.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

from sleap_remote_plugin.errors import CopyStopped, NotOnMount, RemoteError
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.mount_target import MountTarget
from sleap_remote_plugin.session.project_copy import ProjectTransfer
from sleap_remote_plugin.session.sources import Item, find_items
from sleap_remote_plugin.session.target import Target
from sleap_remote_plugin.session.transfer import Transfer
from sleap_remote_plugin.session.transfer_progress import Progress
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.session.session import Session

_LAST = "copies.folder."
_LAST_THERE = "copies.folder there."
#: Suggested where nothing is mounted.
_AT_HOME = "~/sleap"
#: So many folders are suggested.
_MOST = 6


class Offer(NamedTuple):
    """Files that the cluster cannot see, and folders that they may be copied to.

    Attributes
    ----------
    project : str
        Whose jobs they are for.
    has_home : bool
        Whether the project's jobs have a folder that the cluster sees.
    folders : tuple of str
        As this machine spells them, the likeliest first; over SSH the cluster's.
    over_ssh : bool
        None of the cluster's disks is mounted here.
    """

    project: str
    has_home: bool
    items: Tuple[Item, ...]
    folders: Tuple[str, ...]
    over_ssh: bool = False

    @property
    def size(self) -> int:
        return sum(item.size for item in self.items)


def look(session: "Session", paths: Sequence[str], project: str) -> Offer:
    """What could be copied where.

    Parameters
    ----------
    paths : sequence of str
        Those that the cluster cannot see; the project and its folder need no copy,
        only another folder for their jobs.

    Raises
    ------
    NotOnMount
        There is no way to the cluster's disk.
    CopyStopped
        A file cannot be read.
    """
    own = (project, os.path.dirname(project))
    wanted = [path for path in paths if path not in own]
    items = within(MOUNT_DEADLINE, lambda: find_items(wanted))
    from sleap_remote_plugin.ssh.connection import SSHTransport  # slow: not at start

    if not session.places.has_mount and isinstance(session.transport, SSHTransport):
        last = str(session.settings.get(_LAST_THERE + session.profile.name))
        homes = session.copies.homes()
        there = dict.fromkeys([homes.get(project, ""), last, _AT_HOME])
        folders = tuple(one for one in there if one)
        return Offer(project, project in homes, items, folders, True)
    folders = within(MOUNT_DEADLINE, lambda: _folders(session, project))
    if not folders:
        raise NotOnMount(
            tr(
                "No disk of {} is mounted on this computer, so there is nowhere to "
                "copy to. Mount it, then try again. Nothing was submitted."
            ).format(session.profile.title)
        )
    return Offer(project, has_home(session, project), items, folders)


def has_home(session: "Session", project: str) -> bool:
    """Whether the cluster sees the folder for a project's jobs."""
    try:
        session.places.home(project)
    except NotOnMount:
        return False
    return True


def can_do_without(session: "Session", kind: JobKind, project: str) -> bool:
    """Whether the user chose a folder for the jobs and left the videos where they are.

    A training has its images in its package.
    """
    return kind is JobKind.TRAIN and project in session.copies.homes()


def _folders(session: "Session", project: str) -> Tuple[str, ...]:
    """Where copies may go: where they went, where jobs are, the disks themselves."""
    found: List[str] = []
    if has_home(session, project):
        found.append(str(session.places.home(project)))
    found.append(str(session.settings.get(_LAST + session.profile.name)))
    for job in session.jobs()[:20]:
        try:
            found.append(str(session.local_folder(job).parent))
        except RemoteError:  # on a disk that is not here
            continue
    session.places.look()
    found += [mount.local for mount in session.mounts.mounts]
    there = [one for one in dict.fromkeys(found) if one and os.path.isdir(one)]
    return tuple(there[:_MOST])


def cluster_folder(session: "Session", folder: str) -> PurePosixPath:
    """The cluster's spelling of a folder that was chosen. Raises CopyStopped."""
    try:
        return session.to_cluster(os.path.abspath(folder))
    except NotOnMount as error:
        raise CopyStopped(
            tr(
                "{} is on this computer only, so a copy there would not help. Choose a "
                "folder on a disk that {} sees too."
            ).format(folder, session.profile.title),
            detail=error.detail,
        ) from error


def begin(
    session: "Session",
    offer: Offer,
    folder: str,
    told: Callable[[Progress], None],
) -> Transfer:
    """A transfer of what was offered; its `run` copies.

    Raises
    ------
    CopyStopped
        The cluster cannot see that folder.
    """
    return Transfer(offer.items, _target(session, offer, folder), session.copies, told)


def begin_project(
    session: "Session",
    offer: Offer,
    folder: str,
    copied: Dict[str, str],
    scratch: Path,
    told: Callable[[Progress], None],
) -> Transfer:
    """A transfer of the project file as it was saved; its videos are their copies.

    Parameters
    ----------
    copied : dict
        What the transfer of the videos gave.
    scratch : Path
        An empty folder of this machine's own, there until the copy is made.

    Raises
    ------
    CopyStopped
        The file is none of SLEAP's present ones. Its `run` raises it too where SLEAP
        would take another file in that folder for one of the videos.
    """
    target = _target(session, offer, folder)
    return ProjectTransfer(session, offer.project, target, copied, scratch, told)


def _target(session: "Session", offer: Offer, folder: str) -> Target:
    if not offer.over_ssh:
        cluster = cluster_folder(session, folder)
        here = Path(os.path.abspath(folder))
        return MountTarget(here, cluster, session.transport)
    there = folder[2:] if folder.startswith("~/") else folder
    if not there or re.search(r"[\x00-\x1f\x7f]", there):
        raise CopyStopped(
            tr(
                "{} is no folder's name on the cluster. Give one such as /ceph/lab, or "
                "~/sleap for one in your home folder there."
            ).format(ascii(folder))
        )
    transport: Any = session.transport
    from sleap_remote_plugin.session.ssh_target import SshTarget  # slow: not at start

    return SshTarget(PurePosixPath(there), transport, transport.open_sftp)


def settle(session: "Session", offer: Offer, folder: str, done: Transfer) -> None:
    """Remember the folder that was chosen; the project's jobs go there from now on."""
    last = _LAST_THERE if offer.over_ssh else _LAST
    session.settings.set(last + session.profile.name, folder)
    session.copies.keep_home(offer.project, str(done.target.cluster))
