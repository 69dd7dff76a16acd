"""The first set-up of a cluster, step by step: what the wizard and the terminal do.

Cluster, user, connection, SLEAP, profile; the step of the disks is disks.py's. Each is
a call that can be made again; none asks anybody.
"""

from __future__ import annotations

import dataclasses
import getpass
import re
from dataclasses import dataclass
from typing import Any, Iterable, Sequence, Tuple

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.version_match import (
    best_module,
    described,
    install_command,
)
from sleap_remote_plugin.session.check import CheckLine
from sleap_remote_plugin.ssh.jumps import read_jumps
from sleap_remote_plugin.ssh.local import LocalTransport
from sleap_remote_plugin.words import tr

# -- cluster ---------------------------------------------------------------------------


def new_cluster(
    name: str, login: str, jump: str = "", taken: Iterable[str] = ()
) -> ClusterProfile:
    """A cluster that no profile describes yet.

    Parameters
    ----------
    name : str
        What the user calls it; the profile's name is made of it.
    login, jump : str
        ``host`` or ``user@host:port``, or an alias of ssh config; with commas.
    taken : iterable of str
        Names that there are already.

    Raises
    ------
    ProfileError
        A sentence on what is missing or wrong.
    """
    title = " ".join(name.split()) or login.strip()
    short = re.sub(r"[^A-Za-z0-9_.-]+", "-", title).strip("-._").lower()
    if not login.strip():
        raise ProfileError(tr("Say which host has SLURM's commands (sbatch)."))
    if not short:
        raise ProfileError(tr("Give the cluster a name with letters or digits in it."))
    if short in taken:
        raise ProfileError(
            tr(
                "There is a cluster called {} already. Choose it, or give this one "
                "another name."
            ).format(short)
        )
    hosts = _addresses(login)
    if len(hosts) != 1:
        raise ProfileError(tr("Name one login host; the hosts on the way go below it."))
    return ClusterProfile(short, title, hosts[0], jump=_addresses(jump))


def _addresses(text: str) -> Tuple[Address, ...]:
    try:
        return tuple(
            dataclasses.replace(hop, port=hop.port or 22) for hop in read_jumps(text)
        )
    except ValueError as error:
        raise ProfileError(
            tr(
                "“{}” is no host: write host or user@host:port, and commas between "
                "several."
            ).format(text.strip())
        ) from error


# -- user ------------------------------------------------------------------------------


@dataclass(frozen=True)
class User:
    """Who the user may be, and whether that is settled (ssh config, this machine)."""

    name: str
    is_settled: bool
    says: str = ""


def find_user(session: Any) -> User:
    """Whom to sign in as, from the profile, from before, from ssh config, from here."""
    profile = session.profile
    if profile.login is None or isinstance(session.transport, LocalTransport):
        return User(session.user, True, tr("this computer has SLURM itself"))
    said = session.settings.get("user." + profile.name) or profile.user
    if profile.login.user:
        return User(profile.login.user, True, tr("as the profile says"))
    if said:
        return User(said, False)
    if session.user:
        return User(session.user, True, tr("as ~/.ssh/config says"))
    return User(_own_name(), False)


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


# -- connection ------------------------------------------------------------------------


def connect(session: Any) -> CheckLine:
    """Connect, and a line on it. Raises as the session does."""
    session.connect()
    profile = session.profile
    route = ", ".join(str(hop) for hop in profile.jump)
    return CheckLine(
        tr("Connection"),
        "ok",
        tr("Signed in to {} as {}{}.").format(
            profile.login or tr("this computer"),
            session.user,
            tr(" through {}").format(route) if route else "",
        ),
    )


# -- SLEAP -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Modules:
    """The cluster's SLEAP modules, and lines on them."""

    modules: Tuple[SleapModule, ...]
    lines: Tuple[CheckLine, ...]


def look_at_modules(session: Any, sleap_version: str = "") -> Modules:
    """Which SLEAP modules there are, and which fits this machine's SLEAP."""
    modules = tuple(session.read_modules(refresh=True))
    if not modules:
        line = CheckLine(
            tr("SLEAP modules"),
            "fail",
            tr("No module matches {}.").format(session.profile.module_pattern),
            tr(
                "Ask for SLEAP to be installed, or correct `modules: pattern` in the "
                "profile."
            ),
        )
        return Modules((), (line,))
    named = ", ".join(map(described, modules))
    lines = [CheckLine(tr("SLEAP modules"), "ok", named + ".")]
    if sleap_version:
        lines.append(_fit(modules, sleap_version))
    return Modules(modules, tuple(lines))


def _fit(modules: Sequence[SleapModule], version: str) -> CheckLine:
    """How the modules fit this machine's SLEAP."""
    generation = generation_of_version(version)
    near = best_module(modules, generation, version) if generation else None
    if near is not None and near.sleap == version:
        text = tr("{} has SLEAP {}, as this computer.").format(near.name, version)
        return CheckLine(tr("Your SLEAP"), "ok", text)
    told = tr("This computer has SLEAP {}; ").format(version)
    if near is not None:
        return CheckLine(
            tr("Your SLEAP"),
            "warn",
            told
            + tr("the cluster's nearest is {} ({}). Jobs run with that one.").format(
                near.name, near.sleap
            ),
            tr("To have the same here: {}").format(install_command(near.sleap)),
        )
    found = [best_module(modules, one, "") for one in Generation]
    there = [one for one in found if one is not None]
    return CheckLine(
        tr("Your SLEAP"),
        "warn",
        told + tr("no module of the cluster can run its packages."),
        tr(
            "Install a SLEAP here that the cluster has, into an environment of its "
            "own: {}"
        ).format(install_command(there[-1].sleap))
        if there
        else tr("Ask the cluster's people which SLEAP their modules have."),
    )


# -- profile ---------------------------------------------------------------------------


def completed(
    profile: ClusterProfile,
    user: User,
    mounts: Sequence[Mount] = (),
    modules: Sequence[SleapModule] = (),
) -> ClusterProfile:
    """The profile with what was found; a spelling that was proven is put first."""
    kept = list(profile.mounts)
    for mount in mounts:
        if mount in kept:
            continue
        kept = [one for one in kept if one.local != mount.local]
        same = [n for n, one in enumerate(kept) if one.cluster == mount.cluster]
        kept.insert(same[0] if same else 0, mount)
    known = list(profile.modules)
    names = {module.name for module in known if module.sleap}
    read = [m for m in modules if m.sleap and m.is_usable]
    known += [m for m in read if m.name not in names]
    return dataclasses.replace(
        profile,
        user=profile.user if user.is_settled else user.name,
        mounts=tuple(kept),
        modules=tuple(known),
    )
