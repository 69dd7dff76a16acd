"""Trained models copied beside the project, where SLEAP finds them by itself.

Only where the user asks: the models stay in the job's folder on the mount, and can be
used from there.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Callable, List, NamedTuple, Sequence, Tuple

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.jobs.untrusted import Unfit, open_plain, shown
from sleap_remote_plugin.words import tr

FOLDER = "models"
_PIECE = 1 << 20
#: Called with (bytes done, bytes in all); False: stop.
Report = Callable[[int, int], bool]


class _File(NamedTuple):
    source: Path
    name: str  # relative to its run
    size: int


def copy_models(runs: Sequence[Path], project: str, report: Report) -> Tuple[Path, ...]:
    """Copy run folders into ``models`` beside a project.

    Each is there whole or not at all. A folder that exists is left as it is: the copy
    gets a number behind its name.

    Returns
    -------
    tuple of Path
        The copies.

    Raises
    ------
    Cancelled
        `report` said stop; copies that were finished stay.
    RemoteError
        There is no space, or something could not be read or written.
    """
    home = Path(project).parent / FOLDER
    try:
        files = [_files(run) for run in runs]
        total = sum(file.size for one in files for file in one)
        home.mkdir(exist_ok=True)
        _check_space(home, total)
        done, made = 0, []
        for run, one in zip(runs, files):
            made.append(_copy_run(run, one, home, _After(report, done, total)))
            done += sum(file.size for file in one)
        return tuple(made)
    except (OSError, Unfit) as error:
        name = getattr(error, "filename", None)
        raise RemoteError(
            tr(
                "The models could not be copied to {}{}: {}. What was copied whole "
                "stays; the models themselves are as they were."
            ).format(
                shown(home),
                " ({})".format(shown(name)) if name else "",
                getattr(error, "strerror", None) or error,
            ),
            detail=repr(error),
        ) from error


class _After:
    """Reports on one run as a part of all."""

    def __init__(self, report: Report, done: int, total: int) -> None:
        self._report, self._done, self._total = report, done, total

    def add(self, count: int) -> None:
        self._done += count
        if not self._report(self._done, max(1, self._total)):
            raise Cancelled(
                tr(
                    "The copy was stopped. What was copied whole stays; the models "
                    "themselves are as they were."
                )
            )


def _files(run: Path) -> List[_File]:
    """The ordinary files below a run; links are left out."""
    found = []
    for folder, _, names in os.walk(str(run)):
        for name in sorted(names):
            path = Path(folder, name)
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                found.append(_File(path, str(path.relative_to(run)), status.st_size))
    return found


def _check_space(home: Path, wanted: int) -> None:
    free = shutil.disk_usage(str(home)).free
    if free < wanted:
        raise RemoteError(
            tr(
                "There is no space for the models beside the project: {:,} MB are "
                "needed and {:,} MB are free at {}. Nothing was copied."
            ).format(-(-wanted // 10**6), free // 10**6, shown(home))
        )


def _copy_run(run: Path, files: Sequence[_File], home: Path, after: _After) -> Path:
    part = home / ".{}.{}.part".format(run.name, os.getpid())
    part.mkdir()
    try:
        for file in files:
            target = part / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy_file(file, target, after)
        return _named(part, home, run.name)
    except BaseException:
        shutil.rmtree(str(part), ignore_errors=True)
        raise


def _copy_file(file: _File, target: Path, after: _After) -> None:
    count = 0
    with open_plain(file.source) as source, target.open("xb") as out:
        while count < file.size:
            piece = source.read(min(_PIECE, file.size - count))
            if not piece:
                break
            out.write(piece)
            count += len(piece)
            after.add(len(piece))
        out.flush()
        os.fsync(out.fileno())
    if count != file.size:
        raise OSError(0, tr("it became shorter while it was copied"), str(file.source))


def _named(part: Path, home: Path, name: str) -> Path:
    """Give a whole copy its name, or the next free one."""
    number = 1
    while True:
        target = home / (name if number == 1 else "{} ({})".format(name, number))
        if not target.exists():
            try:
                os.rename(str(part), str(target))
                return target
            except OSError:
                if not target.exists():  # else somebody was quicker
                    raise
        number += 1
