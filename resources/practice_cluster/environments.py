"""The checkout's SLEAP environments: which exist, and what they run from."""

from __future__ import annotations

import re
from pathlib import Path

GENERATIONS = {
    "legacy": ("SLEAP/2023-08-01", "sleap13"),
    "current": ("SLEAP/2026-05-08", "sleap16"),
}


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
    venvs = Path(settings.venvs)
    # The plugin in them is the checkout's own.
    parts = (venvs, venvs.parent / "sleap_remote_plugin", venvs.parent / "resources")
    needed = {str(part) for part in parts if part.is_dir()}
    for _, folder, _ in found(settings).values():
        # bin/python is a link to <installation>/bin/python3.x
        needed.add(str((folder / "python").resolve().parents[1]))
    return sorted(
        path for path in needed if not re.match(r"/(usr|bin|lib|opt)(/|$)", path)
    )
