"""A folder on the cluster that this machine has no mount of, as a target of copies.

Large files go over SFTP, many small ones as an archive that is unpacked there: one
command for hundreds of them.
"""

from __future__ import annotations

import errno
import io
import posixpath
import tarfile
from pathlib import PurePosixPath
from typing import Callable, Dict, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import CopyStopped, RemoteError
from sleap_remote_plugin.session.digests import many_digests, range_digest
from sleap_remote_plugin.session.room import Room, look_for_room
from sleap_remote_plugin.session.target import Target
from sleap_remote_plugin.ssh.sftp import Sftp
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

_UNPACK = 'cd -- "$1" && exec tar -x -f - --no-same-owner -m'
_MAKE = 'umask -S >/dev/null; mkdir -p -- "$1" && cd -- "$1" && pwd -P'
_REMOVE = 'cd -- "$1" && rm -rf -- "./$2"'
_SIZES = 'cd -- "$1/$2" && find . -type f -printf "%s %P\\0"'
#: A disk with less room than this is full.
_FULL = 1 << 20


class SshTarget(Target):
    """A folder on the cluster.

    Parameters
    ----------
    open_sftp : callable
        A new conversation over the transport's connection.
    """

    def __init__(
        self,
        folder: PurePosixPath,
        transport: Transport,
        open_sftp: Callable[[], Sftp],
    ) -> None:
        self.folder = str(folder)
        self.cluster = folder
        self._transport = transport
        self._open_sftp = open_sftp
        self._sftp: Optional[Sftp] = None

    def begin(self) -> None:
        made = self._run(_MAKE, self.folder)
        self.cluster = PurePosixPath(made.strip("\n").rpartition("\n")[2])
        self._sftp = self._open_sftp()

    def end(self) -> None:
        sftp, self._sftp = self._sftp, None
        if sftp is not None:
            sftp.close()

    def interrupt(self) -> None:
        sftp = self._sftp
        if sftp is not None:
            sftp.close()

    def room(self) -> Room:
        return look_for_room(self._transport, self.folder)

    def size(self, name: str) -> Optional[int]:
        status = self._files.status(self._path(name))
        if status is None:
            return None
        return -1 if status.is_folder else status.size

    def sizes(self, folder: str) -> Dict[str, int]:
        found = {}
        for entry in self._run(_SIZES, self.folder, folder).split("\0"):
            size, _, name = entry.partition(" ")
            if size.isdecimal():
                found[name] = int(size)
        return found

    def make_folders(self, names: Sequence[str]) -> None:
        for name in names:
            self._files.make_folder(self._path(name))

    def open(self, name: str, size: int) -> None:
        self._files.open(self._path(name), size)

    def write(self, data: bytes) -> None:
        try:
            self._files.write(data)
        except OSError as error:
            raise self._why_refused(error) from error

    def close(self) -> None:
        if self._sftp is not None:
            self._sftp.close_file()

    def write_small(self, files: Sequence[Tuple[str, bytes]]) -> None:
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, data in files:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), 0o666
                tar.addfile(entry, io.BytesIO(data))
        argv = ["sh", "-c", _UNPACK, "sh", self.folder]
        result = self._transport.run(
            argv, stdin=archive.getvalue(), timeout=600.0, login_shell=False
        )
        if result.exit_code != 0:
            raise self._why_refused(OSError(result.stderr.strip()[-300:]))

    def digest(self, name: str, start: int, count: int) -> str:
        return range_digest(self._transport, self.cluster, name, start, count)

    def digests(self, names: Sequence[str]) -> Dict[str, str]:
        return many_digests(self._transport, self.cluster, names)

    def rename(self, name: str, to: str) -> None:
        self._files.rename(self._path(name), self._path(to))

    def remove(self, name: str) -> None:
        self._run(_REMOVE, self.folder, name)

    # -- the cluster ------------------------------------------------------------------

    @property
    def _files(self) -> Sftp:
        if self._sftp is None:
            raise CopyStopped(tr("The copy has ended."))
        return self._sftp

    def _path(self, name: str) -> str:
        return posixpath.join(self.folder, name)

    def _run(self, script: str, *arguments: str) -> str:
        argv = ["sh", "-c", script, "sh"] + list(arguments)
        result = self._transport.run(argv, timeout=60.0, login_shell=False)
        if result.exit_code != 0:
            raise self._why_refused(OSError(result.stderr.strip()[-300:]))
        return result.stdout

    def _why_refused(self, error: OSError) -> OSError:
        """SFTP says "Failure" for a full disk and a used-up quota: look for oneself."""
        if error.errno is not None:
            return error
        try:
            room = self.room()
        except RemoteError:
            return error
        if not room.is_writable:
            return OSError(errno.EACCES, tr("you may not write there"))
        if room.free is not None and room.free < _FULL:
            is_disk = room.limit == "the disk's room"
            number = errno.ENOSPC if is_disk else errno.EDQUOT
            return OSError(number, room.limit)
        return error
