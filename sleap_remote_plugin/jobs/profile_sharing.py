"""A profile as a file for the lab: without whose it was.

How a file from somebody else becomes one's own is own_profiles.py's.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Pattern, Sequence, Tuple

import yaml

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_file import read_profile
from sleap_remote_plugin.jobs.profile_writing import (
    address_entry,
    changed,
    mount_entries,
)
from sleap_remote_plugin.words import tr

#: What stands where a name stood.
SOMEBODY = "USER"


class Shared(NamedTuple):
    """The file's text, and in words what was left out of it."""

    text: str
    left_out: Tuple[str, ...]


def shared_text(text: str, profile: ClusterProfile, names: Sequence[str]) -> Shared:
    """A profile's text for others: no user names, no address of a person's.

    Folders that are named after the user are spelled ``USER``, in notes too.

    Parameters
    ----------
    names : sequence of str
        Further names of this user: what was typed, what this computer says.

    Raises
    ------
    ProfileError
        What is left would not be a profile.
    """
    hops = (profile.login,) + profile.jump
    said = [profile.user, *(hop.user for hop in hops if hop is not None), *names]
    known = sorted({name for name in said if name}, key=len, reverse=True)
    changes: Dict[str, Any] = {}
    left_out: List[str] = []
    if profile.user:
        changes["user"] = ""
    if profile.login is not None and profile.login.user:
        changes["login"] = _entry(profile.login)
    if any(hop.user for hop in profile.jump):
        changes["jump"] = [_entry(hop) for hop in profile.jump]
    if changes:
        left_out.append(tr("user names"))
    mounts = tuple(_of_somebody(mount, known) for mount in profile.mounts)
    if mounts != profile.mounts:
        changes["mounts"] = mount_entries(mounts)
        left_out.append(tr("your name in the disks' paths"))
    defaults = _without_mail(yaml.safe_load(text).get("defaults"))
    if defaults is not None:
        changes["defaults"] = defaults
        left_out.append(tr("your e-mail address"))
    new = _notes(changed(text, changes) if changes else text, known)
    found = read_profile(new, profile.source or Path("profile.yaml"))
    if found.user or found.mounts != mounts or found.name != profile.name:
        raise ProfileError(
            tr(
                "{} could not be made into a file for others. Nothing was written. "
                "Copy it by hand, and take your name out."
            ).format(profile.source)
        )
    return Shared(new, tuple(left_out))


def _entry(address: Address) -> Dict[str, Any]:
    return address_entry(dataclasses.replace(address, user=""))


def _of_somebody(mount: Mount, names: Sequence[str]) -> Mount:
    return Mount(_spelled(mount.local, names), _spelled(mount.cluster, names))


def _spelled(path: str, names: Sequence[str]) -> str:
    """Folders of these names, in every system's spelling."""
    parts = re.split(r"([\\/])", path)
    return "".join(SOMEBODY if part in names else part for part in parts)


def _without_mail(defaults: Any) -> Any:
    """The defaults without `mail`; None where there is none in them."""
    if not isinstance(defaults, dict):
        return None
    found = False
    for by_generation in defaults.values():
        for asked in (by_generation or {}).values():
            if isinstance(asked, dict) and asked.pop("mail", None):
                found = True
    return defaults if found else None


def _note(line: str, word: Pattern[str]) -> str:
    found = re.search(r"(?:^|\s)#", line)
    start = found.end() if found is not None else len(line)
    return line[:start] + word.sub(SOMEBODY, line[start:])


def _notes(text: str, names: Sequence[str]) -> str:
    """Names in notes; one of two letters would be found in every second word."""
    for name in names:
        if len(name) > 2:
            word = re.compile(r"(?<![\w-]){}(?![\w-])".format(re.escape(name)))
            text = "\n".join(_note(line, word) for line in text.split("\n"))
    return text
