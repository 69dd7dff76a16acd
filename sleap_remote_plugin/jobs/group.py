"""What lies in a shared folder can be read by those who share it, whatever the umask.

Only what this program puts beside a project: its settings, list and log stay private.
"""

from __future__ import annotations

import os
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
