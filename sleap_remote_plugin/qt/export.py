"""Puts a training package on the mount (*files lane*; no Qt here).

The package is written to this machine's disk first and then copied: onto a network
mount that is quicker than writing HDF5 in place, and a break leaves no half package:
the folder gets its real name when it is whole. What a crash left is `leftovers`'.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import Callable, List, Optional

from sleap_remote_plugin.errors import Cancelled, PackageProblem
from sleap_remote_plugin.jobs.group import let_the_group_read
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.qt import leftovers, texts
from sleap_remote_plugin.qt.host import ReportProgress
from sleap_remote_plugin.words import tr

_CHUNK = 2**20
#: Bytes between two times that the disk is waited for: so long a cancel may take.
_SYNCED = 2**26
_SAFE = tr("Nothing was submitted, and your project is as it was.")
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


def check_place(target: Path, needed: int) -> None:
    """See that a package of about that size can be written there, before it is made.

    Raises
    ------
    PackageProblem
        It cannot: no permission, or not enough space.
    """
    partial = _partial(target)
    try:
        partial.mkdir()
        leftovers.remove_partial(partial)
        partial.rmdir()
        _check_space(target.parent, needed)
    except OSError as error:
        raise _refused(target.parent, error) from error


def check_local(folder: Path, needed: int) -> None:
    """The same for this machine's own disk, where a package is written first."""
    _check_space(folder, 2 * needed)


def put_on_mount(
    source: Path,
    target: Path,
    report: ReportProgress,
    check: Optional[Callable[[Path], None]] = None,
) -> TrainingPackage:
    """Copy a package's folder and give it its real name once it is whole.

    Parameters
    ----------
    target : Path
        Did not exist when it was chosen. Should another window have made it since,
        the package gets the next free name.
    report : callable
        Gets (done, total) in bytes; False ends it.
    check : callable, optional
        Looks into the copied folder before it gets its name; raises PackageProblem.

    Raises
    ------
    Cancelled
        `report` returned False; nothing is left.
    PackageProblem
        The disk refused, or the copy is not whole; nothing is left.
    """
    partial = _partial(target)
    try:
        partial.mkdir()
        _check_space(target.parent, size_of(source))
        _copy_files(source, partial, report)
        if check is not None:
            check(partial)
        let_the_group_read(partial, target.parent)
        target = _renamed(partial, target)
    except OSError as error:
        shutil.rmtree(str(partial), ignore_errors=True)
        raise _refused(target.parent, error) from error
    except BaseException:
        shutil.rmtree(str(partial), ignore_errors=True)
        raise
    return load_package(target)


def make_folder(target: Path, fill: Callable[[Path], None]) -> Path:
    """A folder that gets its name when `fill` has written everything into it.

    Raises
    ------
    PackageProblem
        The disk refused; nothing is left. So it is with what `fill` raises.
    """
    partial = _partial(target)
    try:
        partial.mkdir()
        fill(partial)
        let_the_group_read(partial, target.parent)
        return _renamed(partial, target)
    except OSError as error:
        shutil.rmtree(str(partial), ignore_errors=True)
        what = tr("The job's files could not be written to")
        raise _refused(target.parent, error, what) from error
    except BaseException:
        shutil.rmtree(str(partial), ignore_errors=True)
        raise


def remove_folder(folder: Path) -> None:
    """Take a package back that was not submitted."""
    shutil.rmtree(str(folder), ignore_errors=True)


def _partial(target: Path) -> Path:
    return target.with_name(".{}.{}.part".format(target.name, secrets.token_hex(3)))


def _renamed(partial: Path, target: Path) -> Path:
    """Give the package its name, or the next one that is free.

    A rename decides, which no package that is there gives way to.
    """
    stem, number = target.name, 1
    while True:
        if not os.path.lexists(str(target)):
            try:
                os.rename(str(partial), str(target))
            except OSError:
                if not os.path.lexists(str(target)):
                    raise
            else:
                _sync_folder(target.parent)
                return target
        number += 1
        target = target.with_name("{}.{}".format(stem, number))


def _files(source: Path) -> List[Path]:
    return [path for path in sorted(source.rglob("*")) if path.is_file()]


def size_of(source: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in _files(source))


def _copy_files(source: Path, target: Path, report: ReportProgress) -> None:
    folders = [path for path in sorted(source.rglob("*")) if path.is_dir()]
    for folder in folders:  # never one above: a disk that is gone is not made anew
        (target / folder.relative_to(source)).mkdir()
    total, done = size_of(source), 0
    for path in _files(source):
        copy = target / path.relative_to(source)
        with path.open("rb") as reader, copy.open("xb") as writer:
            for chunk in iter(lambda: reader.read(_CHUNK), b""):
                writer.write(chunk)
                done += len(chunk)
                if done % _SYNCED < len(chunk):
                    _sync(writer)
                if not report(done, total):
                    raise Cancelled(
                        tr("The export was cancelled. Nothing was submitted.")
                    )
            _sync(writer)
        if copy.stat().st_size != path.stat().st_size:
            raise PackageProblem(
                tr(
                    "{} was not copied whole. {} Nothing is left there; try again."
                ).format(path.name, _SAFE)
            )
    for folder in [target] + [target / each.relative_to(source) for each in folders]:
        _sync_folder(folder)


def _sync(writer: "object") -> None:
    writer.flush()  # type: ignore[attr-defined]
    os.fsync(writer.fileno())  # type: ignore[attr-defined]


def _sync_folder(folder: Path) -> None:
    """The names in it reach the disk too, where the system can do that."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some network disks know no such thing
        handle = os.open(str(folder), os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(str(folder)).free
    if free < needed:
        raise PackageProblem(
            tr(
                "There is not enough space in {}: the training package needs about {}, "
                "and {} are free. {} Make space there, then try again."
            ).format(folder, texts.size(needed), texts.size(free), _SAFE)
        )


def _refused(
    folder: Path,
    error: OSError,
    what: str = tr("The training package could not be copied to"),
) -> PackageProblem:
    """A sentence for what a disk said."""
    words = error.strerror or str(error)
    why, remedy = words, tr("Check that the disk is there, then try again.")
    if error.errno in _FULL:
        why = tr("there is no space left there, or your share of it is used up")
        remedy = tr("Make space there, then try again.")
    elif error.errno in _DENIED:
        why = tr("you may not write there")
        remedy = tr("Ask its owner for permission, or save the project elsewhere.")
    return PackageProblem(
        tr("{} {}: {}. {} Nothing is left there. {}").format(
            what, folder, why, _SAFE, remedy
        ),
        detail="{!r}: {}".format(error, words),
    )
