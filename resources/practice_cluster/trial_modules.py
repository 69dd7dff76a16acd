"""Modules as other clusters have them, for trying how a SLEAP's version is found.

`module avail trials` lists them; nothing of the SLEAP family is disturbed. They hold
what tells a version and no SLEAP: jobs cannot run with them.
"""

from __future__ import annotations

import shutil

#: name -> what `practice-cluster`'s tests expect to be found: (status, version)
TRIALS = {
    "trials/conda": ("ok", "1.3.4"),
    "trials/uv-tool": ("ok", "1.6.5"),
    "trials/container": ("container", ""),
    "trials/no-sleap": ("none", ""),
    "trials/broken": ("broken", ""),
}
_HEAD = '#%Module5.0\nmodule-whatis "A module to try things with"\n'
_PATH = _HEAD + "prepend-path PATH {}/bin\n"
_TRAP = "#!{}/bin/python\nraise SystemExit('a version is read, SLEAP is not run')\n"
_CONTAINER = '#!/bin/bash\nexec singularity exec /images/sleap.sif {} "$@"\n'


def offer(disk, mount):
    """Write them.

    Parameters
    ----------
    disk : Path
        The shared disk, as this machine sees it.
    mount : str
        The same, as the cluster's hosts do.
    """
    shelf, place = disk / "apps/modulefiles/trials", disk / "apps/trials"
    for folder in (shelf, place):
        shutil.rmtree(str(folder), ignore_errors=True)
        folder.mkdir(parents=True)
    there = mount + "/apps/trials"
    _conda(place / "conda", there + "/conda")
    _tool(place, there)
    for name in ("sleap-train", "sleap-track"):
        _write(place / "container/bin" / name, _CONTAINER.format(name), 0o755)
    (shelf / "conda").write_text(_PATH.format(there + "/conda"))
    (shelf / "uv-tool").write_text(_PATH.format(there + "/uv"))
    (shelf / "container").write_text(_PATH.format(there + "/container"))
    (shelf / "no-sleap").write_text(_HEAD + "setenv POSE_TOOLS none\n")
    (shelf / "broken").write_text(_HEAD + "module load no-such-thing/1.0\n")


def _conda(folder, there):
    for name in ("sleap-train", "sleap-track"):
        _write(folder / "bin" / name, _TRAP.format(there), 0o755)
    about = '{\n  "name": "sleap",\n  "version": "1.3.4"\n}\n'
    _write(folder / "conda-meta/sleap-1.3.4-py37_0.json", about)
    _write(folder / "conda-meta/sleap-io-0.9.5-0.json", about.replace("1.3.4", "0.9.5"))


def _tool(place, there):
    """As ``uv tool install`` has it: links beside each other, the rest elsewhere."""
    tool = place / "uv/tools/sleap"
    packages = tool / "lib/python3.13/site-packages"
    for name in ("sleap", "sleap-label"):
        _write(tool / "bin" / name, _TRAP.format(there + "/uv/tools/sleap"), 0o755)
        link = place / "uv/bin" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(there + "/uv/tools/sleap/bin/" + name)
    _write(packages / "sleap/version.py", '__version__ = "1.6.5"\n')
    _write(packages / "sleap-1.6.3.dist-info/METADATA", "Name: sleap\nVersion: 1.6.3\n")


def _write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
