"""Where a cluster's folders are on this machine, and this machine's on the cluster.

How paths are spelled is jobs/paths.py; whether a mount is what it says, proof.py.
"""

from __future__ import annotations

import secrets
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Optional

from sleap_remote_plugin.errors import MountNotProven, NotOnMount, RemoteError
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.names import fitted
from sleap_remote_plugin.jobs.paths import MountMap
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, mounts_in_use, within
from sleap_remote_plugin.session.mount_table import read_mount_table
from sleap_remote_plugin.session.outside import Wanted, not_on_mount, seen_as
from sleap_remote_plugin.session.same_disk import with_other_spellings
from sleap_remote_plugin.words import tr

#: Bytes of a folder's name for a number, and for its name while it is written.
SPARE = 40


class Places:
    """The mounts of one profile, those first that are there, and what is copied there.

    Parameters
    ----------
    copies : Copies, optional
        A file with a copy on the cluster's disk is seen as that copy.
    """

    def __init__(
        self, profile: ClusterProfile, copies: Optional[Copies] = None
    ) -> None:
        self.profile = profile
        self.copies = copies
        self.mounts = MountMap(profile.mounts)
        self._known = False

    def to_cluster(self, local: str) -> PurePosixPath:
        """The cluster's spelling of a local path.

        Raises
        ------
        NotOnMount
            No mount holds it, or it is a link to what none holds, and it has no copy.
        """
        cluster = self._on_mount(local)
        copies = self.copies
        if cluster is None and copies is not None:
            cluster = within(MOUNT_DEADLINE, lambda: copies.stands_for(local))
        if cluster is None:
            raise not_on_mount([Wanted("", local)], self.mounts, self.profile.title)
        return cluster

    def _on_mount(self, local: str) -> Optional[PurePosixPath]:
        self.look()
        return within(MOUNT_DEADLINE, lambda: seen_as(local, self.mounts))

    def to_local(self, folder: str) -> Path:
        """A cluster's folder as this machine spells it. Raises NotOnMount."""
        half = self.copies.half_here(folder) if self.copies is not None else ""
        if half:
            return Path(half)
        self.look()
        local = self.mounts.to_local(folder)
        refused = self.mounts.windows_cannot(folder)
        if refused:
            raise NotOnMount(
                tr(
                    "{}. The job goes on; what is in {} can be seen on the cluster, or "
                    "on Linux and macOS."
                ).format(refused, folder)
            )
        hidden = self.mounts.hidden(folder)
        if hidden:
            raise NotOnMount(
                tr(
                    "The folder {} of this job cannot be seen here: at {} this "
                    "computer has another disk. The job goes on. To see it, mount its "
                    "disk at another place too, and add that to the profile {}."
                ).format(folder, hidden, self.profile.name)
            )
        if local is None:
            raise NotOnMount(
                tr(
                    "The folder {} of this job is on no mount of the profile {}. The "
                    "job goes on; add the mount to the profile to see it."
                ).format(folder, self.profile.name)
            )
        return Path(local)

    def look(self) -> None:
        """Look which of the mounts are there, until one is: it may be mounted later."""
        if not self._known:
            mounts, is_there = mounts_in_use(MountMap(self.profile.mounts))
            try:
                table = read_mount_table()
            except MountNotProven:  # the system does not say: the profile's then
                table = ()
            self.mounts = with_other_spellings(mounts, table)
            self._known = is_there or self.mounts.in_use > 0

    @property
    def has_mount(self) -> bool:
        """Whether any of the cluster's disks is mounted here."""
        self.look()
        return self._known

    def home(self, project: str) -> Path:
        """The folder for a project's jobs: its own, or the one that was chosen for it.

        Without any mount it is the project's own: what is in it is sent.

        Raises
        ------
        NotOnMount
            It is not on a mount, and none was chosen.
        """
        place = Path(project).parent
        if self._on_mount(str(place)) is not None:
            return place
        homes = self.copies.homes() if self.copies is not None else {}
        if project not in homes:
            about = Wanted(tr("the project's folder"), str(place))
            raise not_on_mount([about], self.mounts, self.profile.title)
        if self.mounts.to_local(homes[project]) is None or not self._known:
            return place
        return self.to_local(homes[project])

    def free_folder(self, project: str, kind: JobKind) -> Path:
        """A free name for a job's folder beside the project (local; not made).

        As SLEAP names its packages: ``labels.v001.slp.training_job``, then numbered.
        """
        place = self.home(project)
        word = "training_job" if kind is JobKind.TRAIN else "prediction_job"
        stem = fitted(Path(project).name, "." + word, SPARE)

        def free() -> Path:
            path, number = place / stem, 1
            while path.exists():
                number += 1
                path = place / "{}.{}".format(stem, number)
            return path

        found = within(MOUNT_DEADLINE, free)
        if self.copies is not None and self._on_mount(str(place)) is None:
            other = "{}/{}.{}".format(
                self.copies.homes()[project], found.name, secrets.token_hex(3)
            )
            self.copies.keep_mirror(str(found), other)
        return found


def speller(session: Any) -> Callable[[str], str]:
    """Spells a local path as a session's cluster does; empty where it cannot."""

    def cluster_path(local: str) -> str:
        try:
            return str(session.to_cluster(local))
        except (RemoteError, OSError):
            return ""

    return cluster_path
