"""The cluster profile that ``up`` writes for the program, and ``down`` removes."""

from __future__ import annotations

import os
from pathlib import Path

from .settings import PracticeClusterError

FOLDERS_MADE = "folders-made"
FIRST_LINE = "# Written by practice-cluster ({}); `practice-cluster down` removes it.\n"
TEXT = """\
name: {s.name}
title: Practice cluster{suffix}
login: {{host: {s.gateway_host}, port: {s.gateway_port}}}
jump: [{{host: {s.bastion_host}, port: {s.bastion_port}}}]
user: {s.user}
mounts:
  - cluster: {s.cluster_mount}
    local: [{s.local_mount}]
modules:
  pattern: SLEAP
  known:{known}
defaults:
  train:
    legacy:  {{partition: gpu, gpus: 1, cpus: 2, memory: 8G, time: "1:00:00"}}
    current: {{partition: gpu, gpus: 1, cpus: 2, memory: 8G, time: "1:00:00"}}
  predict:
    legacy:  {{partition: gpu, gpus: 1, cpus: 2, memory: 8G, time: "0:30:00"}}
    current: {{partition: gpu, gpus: 1, cpus: 2, memory: 8G, time: "0:30:00"}}
"""


def path_for(name, home):
    """Where a user's profile called `name` is."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path(home) / ".config")
    return Path(base) / "sleap-remote" / "clusters" / (name + ".yaml")


def check_free(path, state):
    """Refuse to take the place of somebody's profile."""
    path = Path(path)
    if path.exists() and not is_ours(path, state):
        raise PracticeClusterError(
            "{} exists and was not written by this practice cluster. Nothing was "
            "started; move it away, or choose another --name.".format(path)
        )


def is_ours(path, state):
    first = Path(path).read_text().split("\n", 1)[0] + "\n"
    return first == FIRST_LINE.format(state)


def write(settings):
    """Write the profile, newest module first, owned by the laptop's user."""
    path = Path(settings.profile)
    make_folders(path.parent, settings)
    lines = [
        "    - {{name: {}, sleap: {}}}".format(name, version)
        for name, version in sorted(settings.sleap_versions.items(), reverse=True)
    ]
    known = "\n" + "\n".join(lines) if lines else " []"
    suffix = "" if settings.name == "practice" else " ({})".format(settings.name)
    text = FIRST_LINE.format(settings.state)
    new = path.with_suffix(".new")
    new.write_text(text + TEXT.format(s=settings, suffix=suffix, known=known))
    os.chown(str(new), settings.laptop_uid, settings.laptop_gid)
    new.replace(path)


def remove(settings):
    """Remove the profile if it is ours."""
    path = Path(settings.profile)
    if path.exists() and is_ours(path, settings.state):
        path.unlink()


def make_folders(folder, settings):
    """Make a folder and its parents for the laptop's user, listing the new ones.

    ``down`` removes those on the list that are empty then.
    """
    folder = Path(folder)
    if folder.is_dir():
        return
    make_folders(folder.parent, settings)
    folder.mkdir()
    os.chown(str(folder), settings.laptop_uid, settings.laptop_gid)
    with Path(settings.state, FOLDERS_MADE).open("a") as made:
        made.write("{}\n".format(folder))
