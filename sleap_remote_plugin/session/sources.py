"""What is to be copied to the cluster's disk: files, folders, series of images.

Looks at this machine only; how it is copied is transfer.py's.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from typing import Dict, Iterator, List, Sequence, Tuple

from sleap_remote_plugin.errors import CopyStopped
from sleap_remote_plugin.words import tr

_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
#: So many images of one folder are one series.
SERIES = 8


@dataclass(frozen=True)
class SourceFile:
    """One file.

    Attributes
    ----------
    path : str
        On this machine.
    name : str
        Below the item, with ``/``; empty where the item is this file.
    """

    path: str
    name: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Item:
    """One thing that is copied whole or not at all.

    Attributes
    ----------
    source : str
        As the project spells it.
    name : str
        What it is to be called there.
    """

    source: str
    name: str
    files: Tuple[SourceFile, ...]
    is_folder: bool = False

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def newest(self) -> int:
        return max([file.mtime_ns for file in self.files] or [0])

    @property
    def key(self) -> str:
        """The same for the same source, unchanged: names what is half copied."""
        text = "\n".join(
            [self.source, str(self.is_folder)]
            + ["{0.name} {0.size} {0.mtime_ns}".format(file) for file in self.files]
        )
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def find_items(sources: Sequence[str]) -> Tuple[Item, ...]:
    """The items of these paths; what is named twice, by whatever link, is one.

    Raises
    ------
    CopyStopped
        A path is not there, cannot be read, is no file, or leads into itself.
    """
    found: List[Item] = []
    known: Dict[str, str] = {}
    for source in _grouped(sources):
        try:
            item = _item(source)
        except OSError as error:
            raise CopyStopped(
                tr(
                    "{} cannot be read: {}. Nothing was copied. Check that it is there "
                    "and that you may read it."
                ).format(source[0], error.strerror or error)
            ) from error
        real = os.path.realpath(source[0])
        if real not in known or source[1]:
            found.append(item)
        known.setdefault(real, item.source)
    return tuple(found)


def _grouped(sources: Sequence[str]) -> List[Tuple[str, List[str]]]:
    """(path, files): a series of images is its folder, with those of its files."""
    groups: Dict[str, List[str]] = {}
    for path in dict.fromkeys(sources):
        if path.lower().endswith(_IMAGES):
            groups.setdefault(os.path.dirname(path), []).append(path)
    series = {folder: files for folder, files in groups.items() if len(files) > SERIES}
    found: Dict[str, List[str]] = {}
    for path in dict.fromkeys(sources):
        folder = os.path.dirname(path)
        if path.lower().endswith(_IMAGES) and folder in series:
            found[folder] = series[folder]
        else:
            found[path] = []
    return list(found.items())


def _item(source: Tuple[str, List[str]]) -> Item:
    path, only = source
    if only:
        files = [_file(one, os.path.basename(one)) for one in only]
        return Item(path, _name(path), tuple(files), True)
    if os.path.isdir(path):
        files = list(_below(path, "", ()))
        return Item(path, _name(path), tuple(files), True)
    return Item(path, _name(path), (_file(path, ""),))


def _name(path: str) -> str:
    parts = [part for part in re.split(r"[\\/]", path) if part]
    return parts[-1] if parts else "folder"


def _file(path: str, name: str) -> SourceFile:
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise CopyStopped(
            tr("{} is no file that can be copied. Nothing was copied.").format(path)
        )
    return SourceFile(path, name, status.st_size, status.st_mtime_ns)


def _below(path: str, name: str, above: Tuple[str, ...]) -> Iterator[SourceFile]:
    """The files of a folder, links followed once."""
    real = os.path.realpath(path)
    if real in above:
        raise CopyStopped(
            tr(
                "{} is a link to a folder that it lies in, so there is no end to it. "
                "Nothing was copied. Take the link away, then try again."
            ).format(path)
        )
    for entry in sorted(os.listdir(path)):
        inner = os.path.join(path, entry)
        inner_name = "{}/{}".format(name, entry) if name else entry
        if os.path.isdir(inner):
            for file in _below(inner, inner_name, above + (real,)):
                yield file
        else:
            yield _file(inner, inner_name)
