"""A cluster profile as a file of the user's own: written whole, comments kept.

What a profile may hold, and how it is read, is profile_file.py's.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import yaml

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, config_folder
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.shipped import shipped
from sleap_remote_plugin.words import tr

_HEADER = tr("""\
# How to reach this cluster and what it shares with this computer. Written by the
# set-up; yours to edit. No profile holds a password.
""")


class Written(NamedTuple):
    """Where a profile is, and where the file is kept that was there before."""

    path: Path
    backup: Optional[Path]


def profile_path(profile: ClusterProfile) -> Path:
    """The file of the user's own that this profile goes to.

    The one that it was read from; of a shipped or new profile, a file called like it
    that holds no other profile.
    """
    source = profile.source
    if source is not None and source.parent != shipped("clusters"):
        return source
    folder = config_folder() / "clusters"
    path, number = folder / (profile.name + ".yaml"), 1
    while _holds_another(path, profile.name):
        number += 1
        path = folder / "{}-{}.yaml".format(profile.name, number)
    return path


def _holds_another(path: Path, name: str) -> bool:
    if not path.exists():
        return False
    try:
        return load_profile(path).name != name
    except ProfileError:
        return False  # not usable: it is kept beside the new one


def write_profile(profile: ClusterProfile) -> Written:
    """Put a profile into the user's configuration folder.

    A file that is there is kept as ``.bak``; one that says it already stays as it is.

    Raises
    ------
    ProfileError
        It could not be written, or would not be read as it is meant.
    """
    path = profile_path(profile)
    text = profile_text(profile)
    try:
        before = path.read_text("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError):
        before = ""
    if before == text:
        return Written(path, None)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _check(profile, text, path)
        backup = keep_file(path)
        save_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise not_written(path, error) from error
    return Written(path, backup)


def not_written(path: Path, error: OSError) -> ProfileError:
    return ProfileError(
        tr(
            "The cluster profile {} could not be written: {}. What was there is as it "
            "was. Check the folder and its space, then try again."
        ).format(path, error.strerror or error)
    )


def _check(profile: ClusterProfile, text: str, path: Path) -> None:
    """Read the text as a profile before it takes the place of anything."""
    trial = path.with_name(".{}.{}.trial".format(path.name, os.getpid()))
    try:
        trial.write_text(text, "utf-8")
        found = load_profile(trial)
    finally:
        if trial.exists():
            trial.unlink()
    if (found.name, found.user, found.mounts) != (
        profile.name,
        profile.user,
        profile.mounts,
    ):
        raise ProfileError(
            tr(
                "The cluster profile {} would not be read as it is meant. Nothing was "
                "written. Name another user or folder."
            ).format(path)
        )


def keep_file(path: Path) -> Optional[Path]:
    """Copy the file that is there to a free name beside it."""
    if not path.exists():
        return None
    backup = free_name(path, "bak")
    shutil.copy2(str(path), str(backup))
    return backup


def free_name(path: Path, ending: str) -> Path:
    """``NAME.yaml.ENDING``, ``NAME.yaml.ENDING2``: the first one that is free."""
    free, number = path.with_name("{}.{}".format(path.name, ending)), 1
    while free.exists():
        number += 1
        free = path.with_name("{}.{}{}".format(path.name, ending, number))
    return free


# -- text ------------------------------------------------------------------------------


def profile_text(profile: ClusterProfile) -> str:
    """The file that the profile was read from, with what has changed since."""
    before, text = _source(profile)
    changes: Dict[str, Any] = {}
    if before is None or before.user != profile.user:
        changes["user"] = profile.user
    if before is None or before.mounts != profile.mounts:
        changes["mounts"] = mount_entries(profile.mounts)
    if before is None or before.modules != profile.modules:
        changes["modules"] = {
            "pattern": profile.module_pattern,
            "known": [_filled(name=m.name, sleap=m.sleap) for m in profile.modules],
        }
    return changed(text, changes)


def _source(profile: ClusterProfile) -> Tuple[Optional[ClusterProfile], str]:
    """What the profile's file says now, and its text; a new one's first lines."""
    if profile.source is not None:
        try:
            text = profile.source.read_text("utf-8")
            return load_profile(profile.source), text
        except (OSError, UnicodeDecodeError, ProfileError):
            pass
    begun: Dict[str, Any] = {"name": profile.name, "title": profile.title}
    begun["login"] = address_entry(profile.login) if profile.login is not None else None
    if profile.jump:
        begun["jump"] = [address_entry(hop) for hop in profile.jump]
    return None, _HEADER + _dump(begun)


def address_entry(address: Address) -> Dict[str, Any]:
    port = address.port if address.port not in (0, 22) else None
    return _filled(host=address.host, port=port, user=address.user)


def mount_entries(mounts: Sequence[Mount]) -> List[Dict[str, Any]]:
    """Neighbours on one disk of the cluster become one entry."""
    entries: List[Dict[str, Any]] = []
    for mount in mounts:
        if entries and entries[-1]["cluster"] == mount.cluster:
            entries[-1]["local"].append(mount.local)
        else:
            entries.append({"cluster": mount.cluster, "local": [mount.local]})
    return entries


def _filled(**values: Any) -> Dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _dump(values: Dict[str, Any]) -> str:
    return yaml.safe_dump(
        values, sort_keys=False, allow_unicode=True, default_flow_style=False
    )


def changed(text: str, changes: Dict[str, Any]) -> str:
    """YAML with some of its uppermost keys changed; comments elsewhere stay.

    Where that is not possible line by line, the comments are lost, never the values.
    """
    wanted = dict(yaml.safe_load(text), **changes)
    new = text
    for key, value in changes.items():
        new = _with_block(new, key, _dump({key: value}))
    try:
        if yaml.safe_load(new) == wanted:
            return new
    except yaml.YAMLError:
        pass
    return _HEADER + _dump(wanted)


def _with_block(text: str, key: str, block: str) -> str:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    try:
        root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return text
    for name, value in root.value:
        if name.value != key:
            continue
        start, end = name.start_mark.line, value.end_mark.line
        if value.end_mark.column:
            end += 1
        while end > start + 1 and lines[end - 1].strip()[:1] in ("", "#"):
            end -= 1  # what stands before the next key belongs to that one
        return "".join(lines[:start]) + block + "".join(lines[end:])
    return "".join(lines) + block
