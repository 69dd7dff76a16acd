"""Modules whose SLEAP does everything but the neural network, in seconds.

`module avail stand-in` lists them, one for each environment of the checkout; nothing
of the SLEAP family is disturbed. What they do is in etc/stand_in_sleap.py.
"""

from __future__ import annotations

import shutil

from .settings import FOLDER

PROGRAMS = {"legacy": ("sleap-train", "sleap-track"), "current": ("sleap",)}
_MODULE = (
    '#%Module5.0\nmodule-whatis "SLEAP {0} without a neural network"\n'
    "prepend-path PATH {1}\nsetenv OMP_NUM_THREADS 1\n"
)


def offer(there, disk, mount):
    """Write them.

    Parameters
    ----------
    there : dict
        ``{generation: (module name, bin folder, version of SLEAP)}``.
    disk : Path
        The shared disk, as this machine sees it.
    mount : str
        The same, as the cluster's hosts do.
    """
    shelf, place = disk / "apps/modulefiles/stand-in", disk / "apps/stand-in"
    for folder in (shelf, place):
        shutil.rmtree(str(folder), ignore_errors=True)
        folder.mkdir(parents=True)
    body = (FOLDER / "etc/stand_in_sleap.py").read_text()
    for generation, (_, programs, version) in there.items():
        home = place / version / "bin"
        home.mkdir(parents=True)
        for name in PROGRAMS[generation]:
            (home / name).write_text("#!{}/python\n{}".format(programs, body))
            (home / name).chmod(0o755)
        path = "{}/apps/stand-in/{}/bin".format(mount, version)
        (shelf / version).write_text(_MODULE.format(version, path))
