"""A folder on the cluster's disk that is copied to: the contract.

Each call does one step and may block; deadlines and cancelling are file_copy.py's.
Names are relative to the folder, with ``/``. On a mount: mount_target.py; over SSH:
ssh_target.py.
"""

from __future__ import annotations

import abc
from pathlib import PurePosixPath
from typing import Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.session.room import Room

#: Bytes a second that a disk is read with at least, when what is there is checked.
READ_RATE = 10 << 20


class Target(abc.ABC):
    """Where copies go.

    Attributes
    ----------
    folder : str
        As the user knows it.
    cluster : PurePosixPath
        The same, as the cluster spells it.
    """

    folder: str
    cluster: PurePosixPath

    @abc.abstractmethod
    def begin(self) -> None:
        """Make the folder, and whatever is needed to write there."""

    @abc.abstractmethod
    def room(self) -> Room: ...

    @abc.abstractmethod
    def size(self, name: str) -> Optional[int]:
        """Of a file; -1 of a folder; None: it is not there."""

    @abc.abstractmethod
    def sizes(self, folder: str) -> Dict[str, int]:
        """Of the files below a folder, by name below it."""

    @abc.abstractmethod
    def make_folders(self, names: Sequence[str]) -> None:
        """Make those that are not there; the ones above come first."""

    @abc.abstractmethod
    def open(self, name: str, size: int) -> None:
        """Go on writing a file at `size`, which is cut to that; made if need be."""

    @abc.abstractmethod
    def write(self, data: bytes) -> None:
        """Write on in the opened file."""

    @abc.abstractmethod
    def close(self) -> None:
        """All that was written is on the disk. Also after an error."""

    @abc.abstractmethod
    def write_small(self, files: Sequence[Tuple[str, bytes]]) -> None:
        """Write whole small files, many at a time."""

    @abc.abstractmethod
    def digest(self, name: str, start: int, count: int) -> str:
        """SHA-256 of a part of a file."""

    @abc.abstractmethod
    def digests(self, names: Sequence[str]) -> Dict[str, str]:
        """SHA-256 of small files; of those that are there."""

    @abc.abstractmethod
    def rename(self, name: str, to: str) -> None:
        """Give a name that is free. Raises FileExistsError."""

    @abc.abstractmethod
    def remove(self, name: str) -> None:
        """Take away a file or folder of ours; it may be gone."""

    def interrupt(self) -> None:
        """From another thread: let the step that is being waited for end."""
        return None

    def end(self) -> None:
        """Let everything go."""
        return None


def folders_of(names: Sequence[str]) -> List[str]:
    """The folders that files of these names lie in, the upper ones first."""
    found = {
        str(parent)
        for name in names
        for parent in PurePosixPath(name).parents
        if str(parent) != "."
    }
    return sorted(found, key=lambda name: (name.count("/"), name))
