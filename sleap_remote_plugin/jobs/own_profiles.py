"""The user's own profiles as texts: begun, kept, taken away and put back.

What a profile may hold is profile_file.py's; what the set-up changes in one is
profile_writing.py's; giving one to the lab is profile_sharing.py's.
"""

from __future__ import annotations

import dataclasses
import difflib
from pathlib import Path
from typing import NamedTuple, Optional

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import ClusterProfile, config_folder
from sleap_remote_plugin.jobs.profile_file import profile_files, read_profile
from sleap_remote_plugin.jobs.profile_writing import (
    Written,
    changed,
    free_name,
    keep_file,
    not_written,
    profile_path,
)
from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.shipped import shipped
from sleap_remote_plugin.words import tr

#: What a profile begins as that is written by hand.
BLANK = """\
# A cluster. Lines that begin with # are notes, or can be had by taking the # away.

# How commands call it: letters, digits, _ . - and no spaces.
name: {name}

# How windows and menus call it.
title: {name}

# The host that has SLURM's commands: host, user@host:port, or an alias of your
# ~/.ssh/config. null: this computer has them itself.
login: gateway.my-lab.example

# The hosts on the way there, in order.
# jump: [bastion.my-lab.example]

# Your user name there. Empty: it is asked for once, and kept.
user: ""

# Each disk that the cluster and this computer both see: its path on the nodes, and the
# paths that it may have here.
mounts:
  - cluster: /data
    local: [/mnt/data, /Volumes/data, 'Z:\\']

# What `module avail` is asked for.
# modules:
#   pattern: SLEAP

# What a job asks for unless you change it in the dialog.
# defaults:
#   train:
#     current: {{partition: gpu, gpus: 1, cpus: 8, memory: 32G, time: "6:00:00"}}
#   predict:
#     current: {{partition: gpu, gpus: 1, cpus: 8, memory: 32G, time: "2:00:00"}}

# Whom to ask; shown when something is wrong with the cluster itself.
# contact: the lab's IT support
"""


class Change(NamedTuple):
    """What keeping a text would do.

    Attributes
    ----------
    path : Path
        Where it would go.
    before : str
        What is there now, or what it would stand in for; empty: nothing.
    """

    profile: ClusterProfile
    text: str
    path: Path
    before: str

    def difference(self) -> str:
        """Line by line, as ``diff -u`` has it; empty where nothing changes."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.text.splitlines(), "now", "then", lineterm=""
        )
        return "\n".join(lines)


def is_shipped(profile: ClusterProfile) -> bool:
    """Whether it came with the program, so that it cannot be taken away."""
    return profile.source is not None and profile.source.parent == shipped("clusters")


def free_profile_name(begin: str = "my-cluster") -> str:
    taken, name, number = profile_files(), begin, 1
    while name in taken:
        number += 1
        name = "{}-{}".format(begin, number)
    return name


def blank_profile() -> str:
    """A complete text with notes on each line, under a name that is free."""
    return BLANK.format(name=free_profile_name())


def change_of(
    text: str, path: Optional[Path] = None, named: Optional[Path] = None
) -> Change:
    """What keeping this text would do; nothing is written.

    Parameters
    ----------
    path : Path, optional
        The user's own file that was edited. By default the one that has this name, or
        a new one.
    named : Path, optional
        What messages call it, where it came from elsewhere.

    Raises
    ------
    ProfileError
        The text is wrong, or another file of the user's has its name.
    """
    folder = config_folder() / "clusters"
    profile = read_profile(text, path or named or folder / "new.yaml")
    files = profile_files()
    known = files.get(profile.name)
    own = known if known is not None and known.parent != shipped("clusters") else None
    if path is not None and own is not None and own != path:
        raise ProfileError(
            tr(
                "Another profile of yours is called {} already: {}. Give this one "
                "another `name`."
            ).format(profile.name, own),
            line=_line_of_name(text),
        )
    target = path or own or profile_path(dataclasses.replace(profile, source=None))
    before = _read(target) or (_read(known) if known is not None else "")
    return Change(dataclasses.replace(profile, source=target), text, target, before)


def taken_over(text: str, named: Path) -> Change:
    """What keeping somebody else's text would do: who the user is stays.

    Raises
    ------
    ProfileError
        As `change_of`; `named` is what the message calls it.
    """
    change = change_of(text, named=named)
    if change.profile.user or not change.before:
        return change
    try:
        mine = read_profile(change.before, change.path).user
    except ProfileError:
        return change
    return change_of(changed(text, {"user": mine}) if mine else text, named=named)


def keep_text(change: Change) -> Written:
    """Put a text where it is to be; the file that is there is kept as ``.bak``.

    Raises
    ------
    ProfileError
        It could not be written: what was there is as it was.
    """
    path = change.path
    try:
        if _read(path) == change.text:
            return Written(path, None)
        path.parent.mkdir(parents=True, exist_ok=True)
        backup = keep_file(path)
        save_whole(path, change.text.encode("utf-8"))
    except OSError as error:
        raise not_written(path, error) from error
    return Written(path, backup)


def take_away(path: Path) -> Path:
    """Put a file of the user's out of use, under a name that is not read.

    Raises
    ------
    ProfileError
        It came with the program, or could not be renamed.
    """
    if path.parent == shipped("clusters"):
        raise ProfileError(
            tr(
                "{} came with the program and stays. A profile of yours with the same "
                "name stands in for it."
            ).format(path.name)
        )
    try:
        removed = free_name(path, "removed")
        path.rename(removed)
    except OSError as error:
        raise not_written(path, error) from error
    return removed


def put_back(removed: Path, path: Path) -> None:
    """Undo `take_away`.

    Raises
    ------
    ProfileError
        Another file has that name by now, or it could not be renamed.
    """
    if path.exists():
        raise ProfileError(
            tr(
                "{} is there again. The one that was taken away is still {}: compare "
                "the two, and rename the one you want."
            ).format(path, removed)
        )
    try:
        removed.rename(path)
    except OSError as error:
        raise not_written(path, error) from error


def _line_of_name(text: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("name:"):
            return number
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
