"""``sleap-remote check --setup``: the wizard's steps in a terminal.

The steps themselves are in session/setup.py and session/disks.py.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Callable, Iterable, Optional, Tuple, TypeVar

from sleap_remote_plugin.cli.asking import asking
from sleap_remote_plugin.errors import ProfileError, RemoteError
from sleap_remote_plugin.jobs.cluster import ClusterProfile, is_user_name
from sleap_remote_plugin.jobs.profile_file import find_profile
from sleap_remote_plugin.jobs.profile_writing import profile_path, write_profile
from sleap_remote_plugin.qt.profiles import read_profiles
from sleap_remote_plugin.session.check import CheckLine
from sleap_remote_plugin.session.disks import Disks, look_at_disks
from sleap_remote_plugin.session.mount_table import Candidate
from sleap_remote_plugin.session.opening import open_session, open_settings
from sleap_remote_plugin.session.session import Session
from sleap_remote_plugin.session.setup import (
    User,
    completed,
    connect,
    find_user,
    look_at_modules,
    new_cluster,
)

T = TypeVar("T")


def run(arguments: argparse.Namespace) -> int:
    """Cluster, user, connection, disks, SLEAP, profile."""
    if not sys.stdin.isatty() or getattr(arguments, "json", False):
        raise RemoteError(
            "The set-up asks questions, so it needs a terminal, and prints no JSON. "
            "Nothing was changed. Run `sleap-remote check --setup` by hand, or write "
            "the profile as a file."
        )
    profile = _cluster(arguments.cluster)
    session = open_session(profile)
    try:
        return _steps(session, profile, arguments.folder or "")
    finally:
        session.disconnect()


def _steps(session: Session, profile: ClusterProfile, folder: str) -> int:
    user = _user(session)
    if not user.is_settled:
        session.sign_in_as(user.name)
    line, user = _connect(session, user)
    _show((line,))
    disks = _disks(session, folder)
    print("Asking for SLEAP's modules ...")
    modules = _until(lambda: asking(session, lambda: _modules(session)))
    _show(modules.lines)
    done = completed(profile, user, disks.mounts, modules.modules)
    path = profile_path(done)
    if path.exists() and not _yes(
        "Change {}? The file as it is will be kept as .bak".format(path)
    ):
        print("Nothing was written.")
        return 1
    written = _until(lambda: write_profile(done))
    settings = open_settings()
    if not user.is_settled:
        settings.set("user." + profile.name, user.name)
    settings.set("window.profile", profile.name)
    print("Wrote {}".format(written.path))
    if written.backup is not None:
        print("What was there is {}".format(written.backup))
    print("{} is ready for your jobs.".format(profile.title))
    return 0


def _modules(session: Session) -> Any:
    from sleap_remote_plugin.sleap_host import attach

    return look_at_modules(session, attach.sleap_version())


# -- cluster and user ------------------------------------------------------------------


def _cluster(name: Optional[str]) -> ClusterProfile:
    """The named cluster; else one is chosen."""
    if name:
        return find_profile(name)
    profiles = read_profiles()
    for problem in profiles.problems:
        print(problem, file=sys.stderr)
    remembered = profiles.in_use(open_settings().get("window.profile"))
    default = 1
    for number, profile in enumerate(profiles.usable, 1):
        print("  {}  {} ({})".format(number, profile.title, profile.name))
        default = number if profile is remembered else default
    last = len(profiles.usable) + 1
    print("  {}  another cluster".format(last))
    while True:
        answer = _ask("Which cluster?", str(default))
        if answer.isdecimal() and 1 <= int(answer) <= last:
            break
        print("Type a number from 1 to {}.".format(last))
    if int(answer) < last:
        return profiles.usable[int(answer) - 1]
    return _another([profile.name for profile in profiles.usable])


def _another(taken: Iterable[str]) -> ClusterProfile:
    while True:
        login = _ask("Login host (with sbatch; user@host:port or a name of ssh config)")
        jump = _ask("Hosts on the way there, with commas (none, or as ssh config says)")
        name = _ask("What do you call it?", login)
        try:
            return new_cluster(name, login, jump, taken)
        except ProfileError as error:
            print(error)


def _user(session: Session) -> User:
    user = find_user(session)
    if user.is_settled:
        print("User: {} ({}).".format(user.name, user.says))
        return user
    return _ask_user(session, user)


def _ask_user(session: Session, user: User) -> User:
    while True:
        name = _ask("User name on {}".format(session.profile.title), user.name)
        if is_user_name(name):
            return User(name, False)
        print("That is no user name.")


# -- connection and disks --------------------------------------------------------------


def _connect(session: Session, user: User) -> Tuple[CheckLine, User]:
    """Connect; after a failure again, perhaps as somebody else."""
    while True:
        print("Connecting to {} ...".format(session.profile.title))
        try:
            return asking(session, lambda: connect(session)), user
        except RemoteError as error:
            print(error)
            if not _yes("Try again?"):
                raise
        if not user.is_settled:
            user = _ask_user(session, user)
            session.sign_in_as(user.name)


def _disks(session: Session, folder: str) -> Disks:
    """Find and prove the disks; the user may name a folder, as often as it takes."""
    given: Optional[Candidate] = None
    while True:
        print("Looking for the cluster's disks ...")
        try:
            found = asking(
                session,
                lambda: look_at_disks(session, folder, given),  # noqa: B023
            )
        except RemoteError as error:
            found = Disks((), (CheckLine("Disks", "fail", str(error)),))
        _show(found.lines)
        if found.mounts:
            return found
        local = _ask("A folder of yours on that disk (empty: look again, -: go on)")
        if local == "-":
            if session.profile.mounts:
                return found
            print("A profile without a disk is of no use: jobs need one.")
            continue
        given = None
        if local:
            local = str(Path(local).expanduser())
            cluster = _ask("Its path on the cluster (empty: it is looked for)")
            given = Candidate(local, folder=local, why="named", cluster=cluster)


# -- words -----------------------------------------------------------------------------


def _until(call: Callable[[], T]) -> T:
    """Make a call, and again after each failure that the user wants to try again."""
    while True:
        try:
            return call()
        except RemoteError as error:
            print(error)
            if not _yes("Try again?"):
                raise


def _ask(text: str, default: str = "") -> str:
    shown = " [{}]".format(default) if default else ""
    return input("{}{}: ".format(text, shown)).strip() or default


def _yes(text: str) -> bool:
    return input(text + " [Y/n] ").strip().lower() in ("", "y", "yes")


def _show(lines: Iterable[CheckLine]) -> None:
    for line in lines:
        print("{:5} {}: {}".format(line.verdict, line.subject, line.text))
        if line.remedy and line.verdict != "ok":
            print("      {}".format(line.remedy))
