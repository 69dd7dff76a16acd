"""Writes a training package and puts it on the mount (*files lane*; no Qt here).

The package is written to this machine's disk first and then copied: onto a network
mount that is quicker than writing HDF5 in place, and a break leaves no half package:
the folder gets its real name when it is whole.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from sleap_remote_plugin.errors import Cancelled, PackageProblem
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.qt.host import Host, ReportProgress

_CHUNK = 2**20


def write_package(
    host: Host, snapshot: Any, folder: Path, labels_name: str, report: ReportProgress
) -> None:
    """The labels with their images, into a folder that has the configs."""
    host.write_labels(snapshot, folder / labels_name, report)


def put_on_mount(source: Path, target: Path, report: ReportProgress) -> TrainingPackage:
    """Copy a package's folder and give it its real name once it is whole.

    Parameters
    ----------
    target : Path
        Did not exist when it was chosen. Should another window have made it since,
        the package gets the next free name.

    Raises
    ------
    Cancelled
        `report` returned False; nothing is left.
    PackageProblem
        The disk refused; nothing is left.
    """
    token = secrets.token_hex(3)
    partial = target.with_name(".{}.{}.part".format(target.name, token))
    try:
        partial.mkdir()
        _copy_files(source, partial, report)
        target = _renamed(partial, target)
    except OSError as error:
        shutil.rmtree(str(partial), ignore_errors=True)
        raise PackageProblem(
            "The training package could not be copied to {}: {}. Nothing was "
            "submitted, and your project is as it was. Check that the disk is there "
            "and has space, then try again.".format(
                target.parent, error.strerror or error
            )
        ) from error
    except BaseException:
        shutil.rmtree(str(partial), ignore_errors=True)
        raise
    return load_package(target)


def _renamed(partial: Path, target: Path) -> Path:
    """Give the package its name, or the next one that is free; a rename decides."""
    stem, number = target.name, 1
    while True:
        try:
            target.mkdir()  # only one can; a rename replaces an empty folder
        except FileExistsError:
            number += 1
            target = target.with_name("{}.{}".format(stem, number))
            continue
        try:
            if os.name == "nt":
                target.rmdir()
            os.rename(str(partial), str(target))
        except OSError:
            with contextlib.suppress(OSError):
                target.rmdir()
            raise
        return target


def _copy_files(source: Path, target: Path, report: ReportProgress) -> None:
    found = sorted(source.rglob("*"))
    for folder in found:  # never one above: a disk that is gone is not made anew
        if folder.is_dir():
            (target / folder.relative_to(source)).mkdir()
    files = [path for path in found if path.is_file()]
    total = sum(path.stat().st_size for path in files)
    done = 0
    for path in files:
        copy = target / path.relative_to(source)
        with path.open("rb") as reader, copy.open("wb") as writer:
            while True:
                chunk = reader.read(_CHUNK)
                if not chunk:
                    break
                writer.write(chunk)
                done += len(chunk)
                if not report(done, total):
                    raise Cancelled("The export was cancelled. Nothing was submitted.")
            writer.flush()
            os.fsync(writer.fileno())


def remove_folder(folder: Path) -> None:
    """Take a package back that was not submitted."""
    shutil.rmtree(str(folder), ignore_errors=True)
