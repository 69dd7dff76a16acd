"""Whether this machine is one of the cluster's own: it then needs no SSH.

A managed desktop may have SLURM's commands itself. They are used only for the very
cluster of the profile, never for another one:

1. a disk of the profile lies here at the cluster's own path, and sbatch and squeue
   are there (on PATH, or for a login shell);
2. the profile's `slurm_cluster` is SLURM's ClusterName here;
3. a profile without `slurm_cluster`: all its disks lie here so, SLURM here has every
   partition that it names, and one of its SLEAP modules is offered here.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Callable, NamedTuple, Sequence, Set, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.session.mount import within
from sleap_remote_plugin.slurm import commands
from sleap_remote_plugin.slurm.site import (
    read_cluster_name,
    read_modules,
    read_partitions,
)
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

_DEADLINE = 10.0
_PROGRAMS = ("sh", "-c", "command -v sbatch && command -v squeue")


class Finding(NamedTuple):
    """`is_here`, and a sentence for the connection log; empty: nothing to tell."""

    is_here: bool
    why: str = ""


def look_here(
    profile: ClusterProfile,
    here: Transport,
    is_folder: Callable[[str], bool] = os.path.isdir,
) -> Finding:
    """Whether SLURM's commands on this machine are those of the profile's cluster.

    Parameters
    ----------
    here : Transport
        Runs commands on this machine.
    is_folder : callable
        May hang, as a network disk does.
    """
    try:
        return _look(profile, here, is_folder)
    except RemoteError as error:
        return Finding(False, tr("This machine's SLURM is not used: {}").format(error))


def _look(
    profile: ClusterProfile, here: Transport, is_folder: Callable[[str], bool]
) -> Finding:
    paths = tuple(dict.fromkeys(mount.cluster for mount in profile.mounts))
    there = within(_DEADLINE, lambda: {path for path in paths if is_folder(path)})
    if not there or here.run(_PROGRAMS, timeout=_DEADLINE).exit_code != 0:
        return Finding(False)
    asked = here.run(commands.configuration(), timeout=_DEADLINE)
    name = read_cluster_name(asked.stdout)
    if asked.exit_code != 0 or not name:
        return Finding(
            False, tr("This machine has sbatch, but SLURM does not answer it.")
        )
    if profile.slurm_cluster:
        if name == profile.slurm_cluster:
            return _yes(name)
        return _no(profile, name, tr("the profile names ") + profile.slurm_cluster)
    missing = _missing(profile, here, [path for path in paths if path not in there])
    return _no(profile, name, missing) if missing else _yes(name)


def _missing(profile: ClusterProfile, here: Transport, disks: Sequence[str]) -> str:
    """What the profile speaks of and this machine does not have."""
    if disks:
        return tr("{} is not here").format(disks[0])
    partitions, modules = _names(profile)
    if not partitions or not modules:
        return tr("the profile names no partitions and modules to tell it by")
    asked = here.run(commands.partitions(), timeout=_DEADLINE)
    unknown = partitions - {one.name for one in read_partitions(asked.stdout)}
    if unknown:
        return tr("SLURM has no partition {} here").format(sorted(unknown)[0])
    asked = here.run(commands.module_avail(profile.module_pattern), timeout=_DEADLINE)
    if not modules.intersection(read_modules(asked.stdout)):
        return tr("none of its modules is here")
    return ""


def _names(profile: ClusterProfile) -> Tuple[Set[str], Set[str]]:
    """The partitions of a profile, and those of its modules that have a version."""
    partitions = {resources.partition for _, resources in profile.defaults}
    partitions.update(partition.name for partition in profile.limits)
    modules = {module.name for module in profile.modules if "/" in module.name}
    return partitions - {""}, modules


def _yes(name: str) -> Finding:
    return Finding(
        True,
        tr(
            "This machine has the commands of SLURM's cluster {} itself: no SSH is "
            "needed."
        ).format(name),
    )


def _no(profile: ClusterProfile, name: str, why: str) -> Finding:
    return Finding(
        False,
        tr(
            "This machine has the commands of SLURM's cluster {}, which may be another "
            "than {} ({}): SSH is used. If it is the same, write `slurm_cluster: {}` "
            "into the profile."
        ).format(name, profile.title, why, name),
    )


def without_ssh(profile: ClusterProfile) -> ClusterProfile:
    """The profile as it is on a machine of the cluster: its disks under their names."""
    paths = dict.fromkeys(mount.cluster for mount in profile.mounts)
    own = tuple(Mount(path, path) for path in paths)
    others = tuple(mount for mount in profile.mounts if mount not in own)
    return dataclasses.replace(profile, login=None, jump=(), mounts=own + others)
