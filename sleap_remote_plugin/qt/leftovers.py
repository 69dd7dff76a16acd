"""What an export left behind when SLEAP or the computer was ended in its midst.

Only what is ours by its name and its owner, and old: another window, here or on
another computer, may be exporting beside us.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Iterator

log = logging.getLogger(__name__)

#: A package on its way has a new byte far more often than this.
OLD = 24 * 3600.0
LOCAL_PREFIX = "sleap-remote-export-"

_PARTIAL = re.compile(r"\..+\.[0-9a-f]{6}\.part")


def local_folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder of this machine for a package, gone when it is no longer needed."""
    return tempfile.TemporaryDirectory(prefix=LOCAL_PREFIX)


def remove_local() -> None:
    """Take away what earlier exports left on this machine's disk."""
    here = Path(tempfile.gettempdir())
    with contextlib.suppress(OSError):
        with tempfile.TemporaryDirectory(prefix=LOCAL_PREFIX) as mark:
            now = Path(mark).stat().st_mtime
            for path in here.glob(LOCAL_PREFIX + "*"):
                _remove_if_old(path, now)


def remove_partial(beside: Path) -> None:
    """Take away what earlier exports left where this one begins.

    Parameters
    ----------
    beside : Path
        This export's own temporary folder, just made: it has the disk's time.
    """
    with contextlib.suppress(OSError):
        now = beside.stat().st_mtime
        for path in beside.parent.iterdir():
            if path != beside and _PARTIAL.fullmatch(path.name):
                _remove_if_old(path, now)


def _remove_if_old(path: Path, now: float) -> None:
    with contextlib.suppress(OSError):
        if path.is_symlink() or not path.is_dir() or not _is_ours(path):
            return
        if now - max(each.lstat().st_mtime for each in _all_of(path)) < OLD:
            return
        log.info("Left by an earlier export, removed: %s", path)
        shutil.rmtree(str(path), ignore_errors=True)


def _is_ours(path: Path) -> bool:
    return os.name == "nt" or path.lstat().st_uid == os.getuid()


def _all_of(path: Path) -> Iterator[Path]:
    yield path
    for each in path.rglob("*"):
        yield each
