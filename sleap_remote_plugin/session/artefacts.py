"""Whether one file that SLEAP made is there and whole, by its outside alone.

Nothing in it is unpickled, built or believed. Which files a job makes: collect.py.
"""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import BinaryIO, Callable, Optional, Tuple

from sleap_remote_plugin.errors import ResultsMissing
from sleap_remote_plugin.jobs.untrusted import Unfit, open_plain, read_config, shown
from sleap_remote_plugin.words import tr

_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP_END = b"PK\x05\x06"
_ZIP64_END = b"PK\x06\x06"
#: Entries of a folder that are looked at.
_MOST_ENTRIES = 2000


def inside(folder: Path, name: str) -> Path:
    """A path in the job's folder; a link that leads out of it is refused.

    Raises
    ------
    ResultsMissing
        The artefact lies elsewhere.
    """
    path = folder / name
    try:
        root, real = folder.resolve(), path.resolve()
    except (RuntimeError, ValueError) as error:  # a loop of links, a NUL
        raise ResultsMissing(leads_out(path)) from error
    if not name or (real != root and root not in real.parents):
        raise ResultsMissing(leads_out(path))
    return path


def file_fault(path: Path) -> str:
    """A sentence on what is wrong with a ``.slp``, model or config; empty: nothing."""
    checks = {
        ".h5": _check_hdf5,
        ".slp": _check_hdf5,
        ".ckpt": _check_zip,
        ".npz": _check_zip,
    }
    try:
        if path.suffix in checks:
            _check_still(path, checks[path.suffix])
        else:
            read_config(path)
    except Unfit as error:
        return "{} {}.".format(shown(path), error)
    except FileNotFoundError:
        return tr("{} is missing.").format(shown(path))
    except OSError as error:
        return tr("{} cannot be read: {}.").format(shown(path), error.strerror or error)
    return ""


def folder_fault(folder: Path, root: Path) -> str:
    """A sentence if a folder holds what cannot be opened safely; empty if it doesn't.

    SLEAP opens several files of a run folder by their names. Listing it also makes a
    network disk look again.

    Parameters
    ----------
    root : Path
        The job's folder, resolved: links may not lead out of it.
    """
    with os.scandir(str(folder)) as entries:
        for _, entry in zip(range(_MOST_ENTRIES), entries):
            path = Path(entry.path)
            if entry.is_symlink() and root not in path.resolve().parents:
                return leads_out(path)
            mode = entry.stat(follow_symlinks=False).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
                return tr("{} is no ordinary file, so the folder was not used.").format(
                    shown(path)
                )
    return ""


def leads_out(path: Path) -> str:
    return tr("{} leads out of the job's folder, so it was not opened.").format(
        shown(path)
    )


def _check_still(path: Path, check: Callable[[BinaryIO, int], None]) -> None:
    """Check a file, and that nobody writes to it meanwhile.

    Opening it makes a network disk ask its server: what a look by name told may be
    some seconds old.
    """
    with open_plain(path) as file:
        before = os.fstat(file.fileno())
        check(file, before.st_size)
    after = os.stat(str(path))
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise Unfit(tr("is still being written"))


def _check_zip(file: BinaryIO, size: int) -> None:
    """A whole archive ends with its directory (PKWARE's APPNOTE 4.3.16)."""
    file.seek(max(0, size - 65557))
    tail = file.read()
    place = tail.rfind(_ZIP_END)
    if place < 0 or len(tail) - place < 22:
        raise Unfit(tr("is not whole"))
    length, start = struct.unpack("<II", tail[place + 12 : place + 20])
    is_long = 0xFFFFFFFF in (length, start)
    if not is_long and start + length > size:
        raise Unfit(tr("is not whole"))
    if is_long and _ZIP64_END not in tail:
        raise Unfit(tr("is not whole"))


def _check_hdf5(file: BinaryIO, size: int) -> None:
    """The superblock tells where the file ends, and where its first group is.

    (HDF5 file format 3.0, II.A and III.C.) A shorter file was cut short, or is still
    being written.
    """
    head = file.read(128)
    if not head.startswith(_HDF5):
        raise Unfit(tr("is empty or no HDF5 file"))
    found = _places(head.ljust(128, b"\0"))
    if found is None:
        return  # a later version of the format: SLEAP will say
    end, marks = found
    if size < end:
        raise Unfit(tr("is not whole: {} of {} bytes are there").format(size, end))
    for place, wanted in marks:
        file.seek(place)
        if not file.read(8).startswith(wanted):
            raise Unfit(tr("cannot be read: its content is damaged"))


#: Places in a file, and the bytes of which one stands there.
_Marks = Tuple[Tuple[int, Tuple[bytes, ...]], ...]


def _places(head: bytes) -> Optional[Tuple[int, _Marks]]:
    version = head[8]
    if version in (0, 1):
        start, width = (24 if version == 0 else 28), head[13]
    elif version in (2, 3):
        start, width = 12, head[9]
    else:
        return None
    if width not in (2, 4, 8):
        raise Unfit(tr("cannot be read: its content is damaged"))

    def at(place: int) -> int:
        return int.from_bytes(head[place : place + width], "little")

    header = (b"OHDR", b"\x01")
    if version in (2, 3):
        return at(start + 2 * width), ((at(start + 3 * width), header),)
    entry = start + 4 * width  # the first group's: name, header, kind, tree, names
    marks: _Marks = ((at(entry + width), header),)
    if head[entry + 2 * width] == 1:
        scratch = entry + 2 * width + 8
        marks += ((at(scratch), (b"TREE",)), (at(scratch + width), (b"HEAP",)))
    return at(start + 2 * width), marks
