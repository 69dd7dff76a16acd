"""The cluster's disks as the settings show them: where each is here, and how we know.

A disk is proven (proof.py), said by the user, guessed from another one (siblings.py),
named by the profile, or missing. What was proven is remembered, and what the user says
is put into the profile; nothing else is.
"""

from __future__ import annotations

import dataclasses
import enum
import os
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Sequence, Tuple

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount, MountMap
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.jobs.profile_writing import write_profile
from sleap_remote_plugin.session.disks import Disks, look_at_disks
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.mount_table import (
    Candidate,
    MountPoint,
    holder,
    is_own_disk,
    read_mount_table,
)
from sleap_remote_plugin.session.proven import proven, remember
from sleap_remote_plugin.session.setup import User, completed
from sleap_remote_plugin.session.siblings import fits_here, guess
from sleap_remote_plugin.words import tr


class How(enum.Enum):
    """How it is known where a disk is."""

    PROVEN = tr("proven")
    SAID = tr("you say so")
    GUESSED = tr("guessed")
    NAMED = tr("in the profile")
    MISSING = tr("not found")
    REFUTED = tr("not proven")


@dataclass(frozen=True)
class KnownDisk:
    """One disk of the cluster; `local` is empty where it is not found."""

    cluster: str
    local: str
    how: How
    words: str

    @property
    def mount(self) -> Mount:
        return Mount(self.local, self.cluster)

    @property
    def is_open(self) -> bool:
        """Whether there is something that a proof could settle."""
        return bool(self.local) and self.how in (How.SAID, How.GUESSED, How.NAMED)


# -- what is known ---------------------------------------------------------------------


def known_disks(session: Any) -> Tuple[KnownDisk, ...]:
    """One line for each disk that the profile names. May hang: on a lane only."""
    session.places.look()
    mounts: MountMap = session.places.mounts
    here = mounts.mounts[: mounts.in_use]
    proofs = proven(session.settings, session.profile.name)
    found = []
    for cluster in dict.fromkeys(mount.cluster for mount in session.profile.mounts):
        spellings = [mount for mount in here if mount.cluster == cluster]
        spellings.sort(key=lambda mount: mount not in proofs)
        if spellings:
            found.append(_there(spellings[0], proofs))
        else:
            found.append(missing(cluster, mounts))
    return tuple(found)


def _there(mount: Mount, proofs: Dict[Mount, float]) -> KnownDisk:
    when = proofs.get(mount)
    if when is None:
        text = tr("The folder is there; that it is the cluster's is not proven yet.")
        return KnownDisk(mount.cluster, mount.local, How.NAMED, text)
    return KnownDisk(mount.cluster, mount.local, How.PROVEN, proven_words(when))


def proven_words(when: float) -> str:
    day = time.strftime("%d %b %Y, %H:%M", time.localtime(when))
    return tr("Proven on {}: each side read what the other wrote.").format(day)


def missing(cluster: str, mounts: MountMap, tried: Sequence[str] = ()) -> KnownDisk:
    """A disk that is not here, with the places that were looked at."""
    places = list(tried)
    for mount in mounts.mounts:
        fits = fits_here(mount.local, os.name == "nt")
        if mount.cluster == cluster and fits and mount.local not in places:
            places.append(mount.local)
    text = tr("Not found on this computer{}. Mount it, or say where it is.").format(
        tr("; looked at {}").format(" and ".join(places)) if places else ""
    )
    return KnownDisk(cluster, "", How.MISSING, text)


# -- one correction --------------------------------------------------------------------


def corrected(
    disks: Sequence[KnownDisk], old: str, new: Mount, mounts: MountMap
) -> Tuple[KnownDisk, ...]:
    """The disks after the user said where one is; its siblings are guessed from it.

    What is proven, or said by the user, stays. May hang: on a lane only.

    Parameters
    ----------
    old : str
        The disk that is corrected, as the cluster spells it; empty: a new one.
    """
    table = read_mount_table()
    said = KnownDisk(
        new.cluster, new.local, How.SAID, tr("As you say. It is not proven yet.")
    )
    before = {disk.cluster: disk.local for disk in disks}
    changed = [disk for disk in disks if disk.cluster not in (old, new.cluster)]
    place = [disk.cluster for disk in disks].index(old) if old in before else len(disks)
    result = []
    for disk in changed:
        keep = disk.how in (How.PROVEN, How.SAID, How.NAMED) and disk.local != new.local
        result.append(disk if keep else _guessed(disk, old, new, mounts, table, before))
    result.insert(min(place, len(result)), said)
    return tuple(result)


def _guessed(
    disk: KnownDisk,
    old: str,
    new: Mount,
    mounts: MountMap,
    table: Sequence[MountPoint],
    before: Dict[str, str],
) -> KnownDisk:
    pairs = [(before.get(old, ""), before.get(disk.cluster, ""))]
    for mount in mounts.mounts:
        if mount.cluster in (old, new.cluster):
            pairs += [
                (mount.local, other.local)
                for other in mounts.mounts
                if other.cluster == disk.cluster
            ]
    guesses = guess(new, disk.cluster, table, [pair for pair in pairs if all(pair)])
    is_there = within(MOUNT_DEADLINE, lambda: [os.path.isdir(one) for one in guesses])
    for local, there in zip(guesses, is_there):
        if there:
            text = tr("Guessed, since {} is {}. It is not proven yet.").format(
                new.local, new.cluster
            )
            return KnownDisk(disk.cluster, local, How.GUESSED, text)
    return missing(disk.cluster, mounts, guesses)


# -- the proof -------------------------------------------------------------------------


def prove(session: Any, disk: KnownDisk) -> KnownDisk:
    """Prove a disk both ways; that it is proven is remembered. Connected, on a lane."""
    local = disk.local.rstrip("/\\") if len(disk.local) > 3 else disk.local
    point = holder(local, read_mount_table())
    device = point.device if point is not None and is_own_disk(point) else ""
    given = Candidate(local, device, why="named", cluster=disk.cluster)
    found: Disks = look_at_disks(session, given=given)
    if not found.mounts:
        line = found.lines[0]
        return dataclasses.replace(disk, how=How.REFUTED, words=line.text)
    when = time.time()
    # What was proven may be a folder above or below: what the user said is proven too.
    remember(session.settings, session.profile.name, disk.mount, when)
    return dataclasses.replace(disk, how=How.PROVEN, words=proven_words(when))


# -- the profile -----------------------------------------------------------------------


def with_disks(profile: ClusterProfile, disks: Sequence[KnownDisk]) -> ClusterProfile:
    """The profile with what the user said, and what was proven or guessed from it."""
    wanted: List[Mount] = [
        disk.mount
        for disk in disks
        if disk.local and disk.how in (How.SAID, How.PROVEN, How.GUESSED)
    ]
    return completed(profile, User(profile.user, True), wanted)


def keep_disks(
    session: Any,
    disks: Sequence[KnownDisk],
    load: Callable[..., ClusterProfile] = load_profile,
) -> ClusterProfile:
    """Write the disks into the user's profile, and go on with it.

    Raises
    ------
    ProfileError
        It could not be written; what was there is as it was.
    """
    profile = with_disks(session.profile, disks)
    if profile.mounts == session.profile.mounts:
        return profile
    written = load(write_profile(profile).path)
    session.use_profile(written)
    return written
