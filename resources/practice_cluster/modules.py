"""Environment modules for the checkout's SLEAP environments.

A module exists where its environment exists. Its files are reached at the path that
they have on this machine; where folders above them are closed to others, the hosts see
those folders, and only those, as passable.
"""

from __future__ import annotations

import os
from pathlib import Path
from string import Template

from . import environments, hosts, stand_in_modules, trial_modules
from .settings import FOLDER

FOLDER_ON_DISK = "apps/modulefiles"


def open_ways(settings, layer):
    """Make the folders above the environments passable inside the hosts."""
    for needed in environments.needed_folders(settings):
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
    there = environments.found(settings)
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
    trial_modules.offer(hosts.inside(settings) / "ceph", "/ceph")
    stand_in_modules.offer(there, hosts.inside(settings) / "ceph", "/ceph")
    names = {generation: what[0] for generation, what in there.items()}
    return names, {what[0]: what[2] for what in there.values()}
