"""Environment modules for the checkout's SLEAP environments.

A module exists where its environment exists. Its files are reached at the path that
they have on this machine; where folders above them are closed to others, the hosts see
those folders, and only those, as passable.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from string import Template

from . import hosts
from .settings import FOLDER

GENERATIONS = {
    "legacy": ("SLEAP/2023-08-01", "sleap13"),
    "current": ("SLEAP/2026-05-08", "sleap16"),
}
FOLDER_ON_DISK = "apps/modulefiles"


def found(settings):
    """The environments that are there.

    Returns
    -------
    dict
        ``{generation: (module name, bin folder, version of SLEAP)}``.
    """
    there = {}
    for generation, (name, environment) in GENERATIONS.items():
        folder = Path(settings.venvs) / environment
        version = _sleap_version(folder)
        if version and (folder / "bin" / "python").exists():
            there[generation] = (name, folder / "bin", version)
    return there


def _sleap_version(folder):
    for path in folder.glob("lib/python*/site-packages/sleap-*.dist-info"):
        match = re.fullmatch(r"sleap-([0-9][^-]*)\.dist-info", path.name)
        if match:
            return match.group(1)
    return None


def needed_folders(settings):
    """Folders outside the usual system ones that the environments run from."""
    needed = {str(Path(settings.venvs))} if Path(settings.venvs).is_dir() else set()
    for _, folder, _ in found(settings).values():
        # bin/python is a link to <installation>/bin/python3.x
        needed.add(str((folder / "python").resolve().parents[1]))
    return sorted(
        path for path in needed if not re.match(r"/(usr|bin|lib|opt)(/|$)", path)
    )


def open_ways(settings, layer):
    """Make the folders above the environments passable inside the hosts."""
    for needed in needed_folders(settings):
        for folder in [Path(needed)] + list(Path(needed).parents):
            if folder == Path("/") or not folder.exists():
                continue
            info = folder.stat()
            place = layer / str(folder).lstrip("/")
            place.mkdir(parents=True, exist_ok=True)
            mode = 0o755 if folder == Path(needed) else info.st_mode | 0o011
            place.chmod(mode & 0o7777)
            os.chown(str(place), info.st_uid, info.st_gid)


def offer(settings):
    """Write the modules; return ``(modules, versions)`` as `Settings` has them."""
    there = found(settings)
    shelf = hosts.inside(settings) / "ceph" / FOLDER_ON_DISK
    for folder in (shelf / "cuda", shelf / "SLEAP"):
        folder.mkdir(parents=True, exist_ok=True)
    (shelf / "cuda" / "11.8").write_text((FOLDER / "etc/cuda.tcl").read_text())
    text = Template((FOLDER / "etc/sleap.tcl").read_text())
    for old in (shelf / "SLEAP").iterdir():
        old.unlink()
    for name, folder, version in there.values():
        path = shelf / name
        path.write_text(text.substitute(version=version, bin=folder))
    names = {generation: what[0] for generation, what in there.items()}
    return names, {what[0]: what[2] for what in there.values()}
