"""Files on the login host, over the connection that is there: SFTP on a channel of it.

What is copied, and how it is checked, is the session's. Errors of the host's disk are
OSError, as those of a disk here; those of the connection are ConnectionFailed.
"""

from __future__ import annotations

import errno
import functools
import socket
import stat
from typing import Any, Callable, Dict, Iterator, NamedTuple, Optional, TypeVar

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.ssh import failures
from sleap_remote_plugin.ssh.deadline import Clock
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.link import Link
from sleap_remote_plugin.words import tr

T = TypeVar("T")

#: Seconds for a channel; and for one answer, while others use the connection too.
_OPENING = 30.0
_ANSWER = 60.0
#: What SFTP carries at once.
_PACKET = 32768
#: Bytes that are read at once, and packets that are asked for ahead.
_BLOCK = 1 << 20
_UNDER_WAY = 128


class FileStatus(NamedTuple):
    size: int
    is_folder: bool


class Sftp:
    """One conversation about files; one thread at a time uses it.

    Parameters
    ----------
    link : Link
        Opened; the conversation takes one of its places for commands.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        clock = Clock(_OPENING)
        if not link.sessions.enter(clock):
            raise failures.no_session(link.last_hop, None)
        self._is_open = True
        self._file: Any = None
        try:
            self._channel = link.open_session(clock)
            self._client = self._begin(self._channel)
        except BaseException:
            self.close()
            raise

    def _begin(self, channel: Any) -> Any:
        channel.settimeout(_ANSWER)
        try:
            channel.invoke_subsystem("sftp")
            return paramiko.SFTPClient(channel)
        except (paramiko.SSHException, paramiko.SFTPError, EOFError, OSError) as error:
            if not self._link.is_active or not self._link.probe():
                raise failures.lost(self._link.last_hop, False, error) from error
            raise RemoteError(
                tr(
                    "{} takes no files over SSH: its SFTP is switched off, or a "
                    "start-up file of yours (such as ~/.bashrc) prints something "
                    "before it. Nothing was copied. Ask the cluster's people, or mount "
                    "its disk on this computer."
                ).format(self._link.last_hop),
                detail=repr(error),
            ) from error

    def close(self) -> None:
        """End it; from any thread, and more than once."""
        if not self._is_open:
            return
        self._is_open = False
        channel = getattr(self, "_channel", None)
        if channel is not None:
            channel.close()
        self._link.sessions.leave()

    # -- looking ----------------------------------------------------------------------

    def status(self, path: str) -> Optional[FileStatus]:
        """None where nothing is; links are followed."""
        try:
            found = self._do(lambda: self._client.stat(path))
        except FileNotFoundError:
            return None
        return FileStatus(found.st_size or 0, stat.S_ISDIR(found.st_mode or 0))

    def sizes(self, folder: str) -> Dict[str, int]:
        """Sizes of the files in a folder, not below it; -1 of folders in it."""
        entries = self._do(lambda: self._client.listdir_attr(folder))
        return {
            entry.filename: -1
            if stat.S_ISDIR(entry.st_mode or 0)
            else (entry.st_size or 0)
            for entry in entries
        }

    # -- writing ----------------------------------------------------------------------

    def open(self, path: str, size: int) -> None:
        """Go on writing a file at `size`, which it is cut to; made if need be."""

        def begin() -> Any:
            file = self._client.open(path, "r+b" if size else "wb")
            file.truncate(size)
            file.seek(size)
            return file

        self._file = self._do(begin)

    def write(self, data: bytes) -> None:
        """Write on; returns when the host has taken all of it.

        Many packets are under way at once, whatever the way takes.
        """
        file = self._file
        last = max(0, len(data) - _PACKET)

        def send() -> None:
            file.set_pipelined(True)
            if last:
                file.write(data[:last])
            file.set_pipelined(False)
            file.write(data[last:])  # waits for the answers to all

        self._do(send)

    def close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            self._do(file.close)

    def blocks(self, path: str, start: int, end: int) -> Iterator[bytes]:
        """A file's bytes, in blocks; many packets are under way at once."""
        file = self._do(lambda: self._client.open(path, "rb"))
        try:
            self._do(lambda: file.seek(start))
            self._do(lambda: file.prefetch(end, _UNDER_WAY))
            while start < end:
                count = min(_BLOCK, end - start)
                block = self._do(functools.partial(file.read, count))
                if not block:
                    return
                start += len(block)
                yield block
        finally:
            if self._is_open:
                self._do(file.close)

    def make_folder(self, path: str) -> None:
        if self.status(path) is None:
            self._do(lambda: self._client.mkdir(path))

    def rename(self, path: str, to: str) -> None:
        """Raises FileExistsError where the name is taken."""
        if self.status(to) is not None:
            raise FileExistsError(errno.EEXIST, tr("it is there already"), to)
        self._do(lambda: self._client.rename(path, to))

    def remove(self, path: str) -> None:
        self._do(lambda: self._client.remove(path))

    # -- errors -----------------------------------------------------------------------

    def _do(self, deed: Callable[[], T]) -> T:
        try:
            answer = deed()
        except socket.timeout as error:
            raise failures.lost(self._link.last_hop, True, error) from error
        except (paramiko.SSHException, paramiko.SFTPError, EOFError) as error:
            raise failures.lost(self._link.last_hop, True, error) from error
        except OSError as error:
            if not self._is_open or not self._link.is_active:
                raise failures.lost(self._link.last_hop, True, error) from error
            raise
        self._link.sessions.heard()
        return answer
