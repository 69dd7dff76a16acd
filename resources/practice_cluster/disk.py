"""The shared disk as the laptop sees it: another path, its own owner's files.

The disk itself is a size-limited memory disk in the cluster's namespace; bindfs shows
it on the laptop with owners exchanged, as an SMB mount does.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import hosts, processes
from .settings import PracticeClusterError

MADE = "mount-point-made"
_TRIES = 10


def check_mount_point(path, state):
    """Refuse a mount point that is in use by anything else."""
    path = Path(path)
    if os.path.ismount(str(path)):
        what = "something is mounted there already"
    elif path.exists() and not path.is_dir():
        what = "it is not a folder"
    elif path.exists() and any(path.iterdir()):
        what = "it is not empty"
    elif Path(state) == path or path in Path(state).parents:
        what = "the state folder lies in it"
    else:
        return
    raise PracticeClusterError(
        "The shared disk cannot be shown at {}: {}. Nothing was started; choose "
        "another folder with --mount.".format(path, what)
    )


def make_mount_point(settings):
    """Make the laptop's mount point, remembering it if it was not there before."""
    path = Path(settings.local_mount)
    if not path.is_dir():
        Path(settings.state, MADE).touch()
        path.mkdir(parents=True)


def mounted(settings):
    """Whether this cluster's disk is mounted on the laptop."""
    source_end = "/root{}/inside/ceph".format(settings.state)
    for line in Path("/proc/self/mounts").read_text().splitlines():
        source, target = line.encode().decode("unicode_escape").split(" ")[:2]
        if target == settings.local_mount and source.endswith(source_end):
            return True
    return False


def mount(settings):
    """Show the disk on the laptop, the cluster user's files as the laptop user's."""
    if mounted(settings):
        return
    uids = "--map={0}/{2}:@{1}/@{3}".format(
        settings.uid, settings.gid, settings.laptop_uid, settings.laptop_gid
    )
    processes.call(
        [
            "bindfs",
            uids,
            "--create-for-user={}".format(settings.uid),
            "--create-for-group={}".format(settings.gid),
            "--chown-ignore",
            "--chgrp-ignore",
            "-o",
            "nonempty",  # files written while the disk was unmounted lie beneath it
            hosts.inside(settings) / "ceph",
            settings.local_mount,
        ],
        env=dict(
            processes.CLEAN,
            **{
                processes.CLUSTER_MARK: settings.state,
                processes.HOST_MARK: "laptop",
            },
        ),
        start_new_session=True,
    )


def unmount(settings):
    """Take the disk from the laptop, whoever has files open on it."""
    if mounted(settings):
        processes.call(["umount", "-l", settings.local_mount])
    processes.end(processes.marked(settings, "laptop"))


def remove_mount_point(settings):
    """Remove the mount point if `up` made it, with what was put there meanwhile.

    Files can be in it only if they were written while the disk was unmounted.
    """
    path = Path(settings.local_mount)
    made = Path(settings.state, MADE).exists()
    if made and path.is_dir() and not os.path.ismount(str(path)):
        shutil.rmtree(str(path))


def fill(settings):
    """Leave no room: the disk shrinks to what is on it.

    It cannot shrink to less, and somebody may write while it is looked at.
    """
    for left in reversed(range(_TRIES)):
        used = os.statvfs(str(hosts.inside(settings) / "ceph"))
        kept = (used.f_blocks - used.f_bfree) * used.f_frsize
        try:
            _remount(settings, "size={}".format(max(kept, used.f_frsize)))
            return
        except PracticeClusterError:
            if not left:
                raise


def unfill(settings):
    _remount(settings, "size=" + settings.disk_size)


def _remount(settings, options):
    place = settings.state + "/inside/ceph"
    hosts.call(settings, hosts.CLUSTER, ["mount", "-o", "remount," + options, place])


def make_readonly(settings):
    """Make the laptop's mount read-only; the cluster goes on writing."""
    _remount_local(settings, "ro")


def make_writable(settings):
    if mounted(settings):
        _remount_local(settings, "rw")


def _remount_local(settings, how):
    words = ["mount", "-o", "remount,bind," + how, settings.local_mount]
    if processes.call(words, check=False).returncode:
        raise PracticeClusterError(
            "{} cannot be made read-only while a program on the laptop has a file open "
            "for writing there. Nothing was changed.".format(settings.local_mount)
        )
