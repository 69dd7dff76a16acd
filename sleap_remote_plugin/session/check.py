"""The cluster check: the how-to's prerequisites as a list of lines.

Each line says how something stands and what to do about it; a line that cannot be
looked at because an earlier one failed is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.generation import generation_of_version
from sleap_remote_plugin.session.mount import (
    MOUNT_DEADLINE,
    mounted_folders,
    prove_mount,
    within,
)
from sleap_remote_plugin.slurm import commands

if TYPE_CHECKING:
    from sleap_remote_plugin.session.session import Session


@dataclass(frozen=True)
class CheckLine:
    """One line: `verdict` is ``ok``, ``warn`` or ``fail``."""

    subject: str
    verdict: str
    text: str
    remedy: str = ""


def check_cluster(
    session: "Session", sleap_version: str = "", folder: Optional[Path] = None
) -> Tuple[CheckLine, ...]:
    """Look at everything that a job will need.

    Parameters
    ----------
    sleap_version : str
        This machine's SLEAP, to be compared with the cluster's modules.
    folder : Path or None
        A folder on the mount to be proven; else the first mount that is there.

    Raises
    ------
    SignInNeeded, HostKeyUnknown
        As connect() does: the user is asked, and the check is run again.
    """
    session.connect()
    route = [str(hop) for hop in session.profile.jump]
    lines = [
        CheckLine(
            "Connection",
            "ok",
            "Signed in to {} as {}{}.".format(
                session.profile.login or "this machine",
                session.user,
                " through " + ", ".join(route) if route else "",
            ),
        )
    ]
    looks: Tuple[Callable[[], Iterator[CheckLine]], ...] = (
        lambda: _programs(session),
        lambda: _partitions(session),
        lambda: _modules(session, sleap_version),
        lambda: _mount(session, folder),
    )
    for look in looks:
        try:
            lines.extend(look())
        except RemoteError as error:
            lines.append(CheckLine("Check", "fail", str(error)))
    return tuple(lines)


def _programs(session: "Session") -> Iterator[CheckLine]:
    programs = ("sbatch", "squeue", "sacct", "scancel", "sinfo")
    found = session.transport.run(["which"] + list(programs)).stdout
    missing = [
        name
        for name in programs
        if not any(line.endswith("/" + name) for line in found.splitlines())
    ]
    if missing:
        yield CheckLine(
            "SLURM's commands",
            "fail",
            "{} not found on the login host.".format(", ".join(missing)),
            "Check the profile's `login`: it must be the host where sbatch works.",
        )
    else:
        yield CheckLine("SLURM's commands", "ok", "All are there.")
    accounts = session.transport.run(commands.accounting(["1"]))
    if accounts.exit_code == 0:
        yield CheckLine("Accounting", "ok", "sacct answers.")
    else:
        yield CheckLine(
            "Accounting",
            "warn",
            "sacct does not answer: {}".format(accounts.stderr.strip()[:200]),
            "Jobs run all the same; their end is read from the mount meanwhile.",
        )


def _partitions(session: "Session") -> Iterator[CheckLine]:
    partitions = session.partitions(refresh=True)
    if not partitions:
        yield CheckLine(
            "Partitions",
            "fail",
            "sinfo shows no partition.",
            "SLURM may be down: try again later, or ask the cluster's people.",
        )
        return
    text = "; ".join(
        p.name
        + (
            " ({})".format(", ".join(t or "any" for t in p.gpu_types))
            if p.gpu_types
            else ""
        )
        for p in partitions
    )
    yield CheckLine("Partitions", "ok", text + ".")


def _modules(session: "Session", sleap_version: str) -> Iterator[CheckLine]:
    modules = session.modules(refresh=True)
    if not modules:
        yield CheckLine(
            "SLEAP modules",
            "fail",
            "No module matches {}.".format(session.profile.module_pattern),
            "Check the profile's `modules: pattern`, or ask for SLEAP to be installed.",
        )
        return
    described = ", ".join(
        "{} ({})".format(m.name, m.sleap or "version unknown") for m in modules
    )
    yield CheckLine("SLEAP modules", "ok", described + ".")
    if not sleap_version:
        return
    generation = generation_of_version(sleap_version)
    if any(m.sleap == sleap_version for m in modules):
        yield CheckLine(
            "Version match", "ok", "SLEAP {} is there too.".format(sleap_version)
        )
    elif any(m.generation is generation for m in modules):
        yield CheckLine(
            "Version match",
            "warn",
            "Yours is SLEAP {}; the cluster has others of its kind.".format(
                sleap_version
            ),
            "Training works; predict with the version that trained.",
        )
    else:
        yield CheckLine(
            "Version match",
            "fail",
            "No module fits SLEAP {}.".format(sleap_version),
            "Install a SLEAP that the cluster has, or ask for a module.",
        )


def _mount(session: "Session", folder: Optional[Path]) -> Iterator[CheckLine]:
    if folder is None:
        points = set(mounted_folders())
        there = [
            m
            for m in session.mounts.mounts
            if m.local in points or within(MOUNT_DEADLINE, Path(m.local).is_dir)
        ]
        if not there:
            yield CheckLine(
                "Mount",
                "fail",
                "None of these is mounted here: {}.".format(
                    ", ".join(m.local for m in session.mounts.mounts)
                ),
                "Mount the cluster's disk, or correct the profile's `mounts`.",
            )
            return
        for mount in there:
            yield CheckLine(
                "Mount", "ok", "{} is {} there.".format(mount.local, mount.cluster)
            )
        yield CheckLine(
            "Mount",
            "warn",
            "Not proven: a folder that you may write to is needed for that.",
            "Open a project on the mount and check again.",
        )
        return
    cluster = session.to_cluster(str(folder))
    prove_mount(folder, str(cluster), session.transport)
    yield CheckLine(
        "Mount", "ok", "{} is {} there, both can write.".format(folder, cluster)
    )
