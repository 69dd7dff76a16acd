"""What lies in a shared folder can be read by those who share it, whatever the umask.

Only what this program puts beside a project: its settings, list and log stay private.
What takes a file's place is for those whom that file was for.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path


def let_the_group_read(path: Path, folder: Path) -> None:
    """Let a folder's group read what is in it, where it may read the folder itself.

    Somebody with a umask of 077 would keep the job from the whole lab. Where the mount
    decides who may read (CIFS, sshfs), nothing changes.

    Parameters
    ----------
    path : Path
        A file or folder of ours; with all that is below it.
    """
    try:
        if not os.stat(str(folder)).st_mode & stat.S_IRGRP:
            return
        for one in [path] + (sorted(path.rglob("*")) if path.is_dir() else []):
            mode = stat.S_IMODE(os.stat(str(one)).st_mode)
            wanted = mode | stat.S_IRGRP | (stat.S_IXGRP if one.is_dir() else 0)
            if wanted != mode:
                os.chmod(str(one), wanted)
    except OSError:
        return


def take_rights(path: Path, like: Path) -> None:
    """Give a file the group, the rights and the access list of another, as one may.

    Where the group cannot be given, the other group that it has then gets no more than
    everybody.
    """
    rights = stat.S_IMODE(os.stat(str(like)).st_mode) & 0o777
    group = os.stat(str(like)).st_gid
    try:
        if os.stat(str(path)).st_gid != group:
            os.chown(str(path), -1, group)
        with contextlib.suppress(OSError):  # a disk without access lists
            shutil.copystat(str(like), str(path))
            os.utime(str(path))
    except (OSError, AttributeError):  # Windows has no chown, and one group
        rights &= 0o707 | (rights & 0o007) << 3
    with contextlib.suppress(OSError):  # the mount decides who may read
        os.chmod(str(path), rights)
