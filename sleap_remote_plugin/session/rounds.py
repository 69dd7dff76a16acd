"""A new round on disk: its file is taken, never another one's; and it is told of.

What stands in the file of rounds is jobs/rounds.py's; SLEAP does the saving.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Any, Dict, Tuple

from sleap_remote_plugin.errors import RoundNotBegun
from sleap_remote_plugin.jobs.rounds import HEAD, next_names, read_name, rounds_name
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.words import tr

#: Programs that may be after the same name at the same time.
_TRIES = 1000
_LOADED = "rounds.loaded"
#: Projects whose loads are remembered, and loads of each.
_PROJECTS, _LOADS = 50, 20


def take_next(project: Path) -> Path:
    """Take the next round's name: an empty file of ours is there now.

    Raises
    ------
    RoundNotBegun
        The folder cannot be written.
    MountNotProven
        It does not answer.
    """
    return within(MOUNT_DEADLINE, lambda: _take(project))


def _take(project: Path) -> Path:
    try:
        there = os.listdir(str(project.parent))
        names = iter(next_names(project.name, there))
        for _ in range(_TRIES):
            path = project.with_name(next(names))
            try:
                with path.open("xb"):  # somebody else's file or link is left alone
                    return path
            except FileExistsError:
                continue
        raise OSError(tr("no name is free"))
    except OSError as error:
        raise RoundNotBegun(
            tr(
                "The next round was not begun: a file cannot be made in {}: {}. {} is "
                "open and unchanged on disk. Check that the disk is there, has space, "
                "and that you may write there."
            ).format(project.parent, error.strerror or error, project.name)
        ) from error


def give_back(path: Path) -> None:
    """Remove the file that `take_next` made and SLEAP did not come to fill."""

    def remove() -> None:
        if path.exists():
            path.unlink()

    within(MOUNT_DEADLINE, remove)


def tell_round(project: Path, section: str) -> Path:
    """Add a section to the file of rounds beside a project; what is there stays.

    Where that file cannot be written (a colleague's), one of the round's own is made.

    Returns
    -------
    Path
        The file that has the section.

    Raises
    ------
    RoundNotBegun
        Neither can be written; the message has the section's words.
    """
    return within(MOUNT_DEADLINE, lambda: _tell(project, section))


def _tell(project: Path, section: str) -> Path:
    path = project.with_name(rounds_name(project.name))
    own = project.with_name(project.stem + ".rounds.md")
    head = HEAD.format(base=read_name(project.name).base or tr("this project"))
    for place in (path, own):
        try:
            _append(place, head, section)
            return place
        except OSError as error:
            refused = error
    raise RoundNotBegun(
        tr(
            "{} is saved and open. What came before it could not be written down in "
            "{}: {}. Copy it from here if you want to keep it:\n\n{}"
        ).format(project.name, path.name, refused.strerror or refused, section)
    )


def _append(path: Path, head: str, section: str) -> None:
    """One write at the end: what others add at the same moment stays whole too.

    Some network disks let two writers take the same end: it is read back.
    """
    text = section.encode("utf-8", "replace")
    for _ in range(3):
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        descriptor = os.open(str(path), flags, 0o664)
        try:
            size = os.fstat(descriptor).st_size
            before = b"\n"
            if size == 0:
                before = head.encode("utf-8") + b"\n"
                _share(path)
            else:
                os.lseek(descriptor, size - 1, os.SEEK_SET)
                if os.read(descriptor, 1) != b"\n":  # an editor that ends no last line
                    before = b"\n\n"
            _write_once(descriptor, before + text)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if text in path.read_bytes():
            return
    raise OSError(tr("what was written is not there"))


def _share(path: Path) -> None:
    """Where a group may write to the folder, it may write to the file too."""
    if path.parent.stat().st_mode & stat.S_IWGRP:
        with contextlib.suppress(OSError):
            path.chmod(0o664)


def _write_once(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    if written != len(data):
        raise OSError(tr("only {} of {} bytes were written").format(written, len(data)))


def rounds_file(project: Path) -> str:
    """The file of rounds of a project; empty where there is none."""
    for name in (project.stem + ".rounds.md", rounds_name(project.name)):
        if project.with_name(name).is_file():
            return str(project.with_name(name))
    return ""


class Loads:
    """Which jobs' predictions were loaded into a project, this window or an earlier."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def of(self, project: str) -> Tuple[str, ...]:
        """uids, the oldest first."""
        found = self._read().get(project, [])
        return tuple(map(str, found)) if isinstance(found, list) else ()

    def add(self, project: str, uid: str) -> None:
        self._write(project, [one for one in self.of(project) if one != uid] + [uid])

    def remove(self, project: str, uid: str) -> None:
        self._write(project, [one for one in self.of(project) if one != uid])

    def _read(self) -> Dict[str, Any]:
        values = self.settings.get(_LOADED, None)
        return dict(values) if isinstance(values, dict) else {}

    def _write(self, project: str, uids: Any) -> None:
        values = self._read()
        values.pop(project, None)
        if uids:
            values[project] = list(uids)[-_LOADS:]
        while len(values) > _PROJECTS:
            values.pop(next(iter(values)))
        self.settings.set(_LOADED, values)
