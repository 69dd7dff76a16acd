"""A job's folder, to be read: on the mount, or over the connection where there is none.

Names are relative to the folder, as the job has them; nothing is listed or written.
"""

from __future__ import annotations

import abc
import base64
import binascii
import re
import stat
from pathlib import Path
from typing import Dict, NamedTuple, Sequence

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.untrusted import open_plain
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr


class Status(NamedTuple):
    """Bytes, and when it was written by the file server's clock."""

    size: int
    written: float


class Files(abc.ABC):
    """Files of one folder. A file may be gone, or shorter, at the next look."""

    @abc.abstractmethod
    def status(self, names: Sequence[str]) -> Dict[str, Status]:
        """Of those files that are there. Raises OSError, RemoteError."""

    @abc.abstractmethod
    def read(self, name: str, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`. Raises OSError, RemoteError."""


class MountFiles(Files):
    """The folder as this machine sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def status(self, names: Sequence[str]) -> Dict[str, Status]:
        found = {}
        for name in names:
            try:
                status = (self.folder / name).lstat()
            except (FileNotFoundError, NotADirectoryError):
                continue
            if stat.S_ISREG(status.st_mode):  # a pipe would keep its reader waiting
                found[name] = Status(status.st_size, status.st_mtime)
        return found

    def read(self, name: str, offset: int, count: int) -> bytes:
        with open_plain(self.folder / name) as file:
            file.seek(offset)
            return file.read(count)


_STATUS = (
    'cd -- "$1" && shift && for name; do '
    'if [ -f "$name" ]; then stat -c "=%s %Y %n" -- "$name"; fi; done'
)
_READ = 'cd -- "$1" && tail -c "+$3" -- "$2" | head -c "$4" | base64'


class ClusterFiles(Files):
    """The folder as the cluster sees it; one command a call."""

    def __init__(self, transport: Transport, folder: str) -> None:
        self.transport = transport
        self.folder = folder

    def status(self, names: Sequence[str]) -> Dict[str, Status]:
        text = self._run(_STATUS, *names)
        lines = re.findall(r"(?m)^=(\d{1,18}) (\d{1,12}) (.+)$", text)
        wanted = set(names)
        return {
            name: Status(int(size), float(written))
            for size, written, name in lines
            if name in wanted
        }

    def read(self, name: str, offset: int, count: int) -> bytes:
        text = self._run(_READ, name, str(offset + 1), str(count))
        try:
            return base64.b64decode(re.sub(r"\s", "", text), validate=True)[:count]
        except (binascii.Error, ValueError):
            return b""  # a login script's words: the next look may be luckier

    def _run(self, script: str, *arguments: str) -> str:
        argv = ["sh", "-c", script, "sh", self.folder]
        result = self.transport.run(argv + list(arguments), login_shell=False)
        if result.exit_code != 0:
            raise RemoteError(
                tr(
                    "The job's folder {} cannot be read on the cluster just now: {} "
                    "The job goes on."
                ).format(self.folder, result.stderr.strip()[:300]),
                detail=result.stderr,
            )
        return result.stdout


class Tail:
    """The new bytes of a file that grows; one that began again is read anew.

    Parameters
    ----------
    first : int
        Bytes that the first look takes, from the end; 0: all.
    """

    _MARK = 64

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self._offset = 0
        self._mark = b""  # the bytes before the offset
        self.began_again = False

    def new(self, files: Files, name: str, size: int, most: int = 1 << 22) -> bytes:
        """Bytes since the last call; `began_again` tells that they are from the start.

        Parameters
        ----------
        size : int
            The file's, as its status has it.
        most : int
            Bytes to take at once; the rest comes with the next call.
        """
        self.began_again = False
        if size == self._offset:
            return b""
        back = len(self._mark)
        data = b""
        if size > self._offset:
            start = self._offset - back
            if not self._offset and self.first and size > self.first:
                start = self._offset = size - self.first
            data = files.read(name, start, most + back)
        if not data.startswith(self._mark):  # another file, or written anew
            self._offset, self._mark, back = 0, b"", 0
            self.began_again = True
            data = files.read(name, 0, most)
        data = data[back:]
        self._offset += len(data)
        self._mark = (self._mark + data)[-self._MARK :]
        return data
