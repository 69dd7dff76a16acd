"""A folder on a mount of this machine, as a target of copies.

Where the cluster is connected, it says itself what has arrived.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any, Dict, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import CopyStopped, RemoteError
from sleap_remote_plugin.session.digests import many_digests, range_digest
from sleap_remote_plugin.session.mount import prove_mount
from sleap_remote_plugin.session.room import Room, look_for_room
from sleap_remote_plugin.session.target import Target
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

_BLOCK = 1 << 20
#: Small files that are written at the same time: each waits for the file server.
_AT_ONCE = 8
#: A disk with less room than this is full: not even a proof can be written.
_FULL = 1 << 16


class MountTarget(Target):
    """A folder on a mount of this machine.

    Parameters
    ----------
    transport : Transport, optional
        Where it is connected, the cluster itself says what has arrived.
    """

    def __init__(
        self,
        folder: Path,
        cluster: PurePosixPath,
        transport: Optional[Transport] = None,
    ) -> None:
        self.folder = str(folder)
        self.cluster = cluster
        self._path = folder
        self._transport = transport
        self._file: Any = None
        self._disk: Optional[int] = None

    def begin(self) -> None:
        above = self._path if self._path.is_dir() else self._path.parent
        if not above.is_dir():
            raise CopyStopped(
                tr(
                    "The folder {} is not there. Check that the disk is mounted."
                ).format(above)
            )
        if shutil.disk_usage(str(above)).free < _FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._is_connected:
            assert self._transport is not None
            cluster = self.cluster if above == self._path else self.cluster.parent
            prove_mount(above, str(cluster), self._transport)
        self._path.mkdir(exist_ok=True)
        self._disk = self._path.stat().st_dev

    def room(self) -> Room:
        here = Room(
            shutil.disk_usage(self.folder).free,
            tr("the disk's room"),
            os.access(self.folder, os.W_OK),
        )
        if not self._is_connected:
            return here
        there = self._asked()
        if there is None or there.free is None:
            return here
        tighter = there if there.free < (here.free or 0) else here
        return tighter._replace(is_writable=here.is_writable and there.is_writable)

    def _asked(self) -> Optional[Room]:
        assert self._transport is not None
        try:
            return look_for_room(self._transport, str(self.cluster))
        except RemoteError:
            return None

    @property
    def _is_connected(self) -> bool:
        return self._transport is not None and self._transport.is_connected

    def size(self, name: str) -> Optional[int]:
        self._check_disk()
        path = self._path / name
        try:
            return -1 if path.is_dir() else path.stat().st_size
        except FileNotFoundError:
            return None

    def sizes(self, folder: str) -> Dict[str, int]:
        top = self._path / folder
        return {
            path.relative_to(top).as_posix(): path.stat().st_size
            for path in top.rglob("*")
            if path.is_file()
        }

    def make_folders(self, names: Sequence[str]) -> None:
        self._check_disk()
        for name in names:
            (self._path / name).mkdir(exist_ok=True)

    def open(self, name: str, size: int) -> None:
        self._check_disk()
        path = self._path / name
        self._file = path.open("r+b" if path.exists() else "xb", buffering=0)
        self._file.truncate(size)
        self._file.seek(size)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while len(view):
            view = view[self._file.write(view) :]

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with file:
                os.fsync(file.fileno())

    def write_small(self, files: Sequence[Tuple[str, bytes]]) -> None:
        self._check_disk()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(self._write_one, files):
                pass

    def _write_one(self, file: Tuple[str, bytes]) -> None:
        name, data = file
        with (self._path / name).open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())

    def digest(self, name: str, start: int, count: int) -> str:
        if self._is_connected:
            said = self._cluster_digest(name, start, count)
            if said:
                return said
        with (self._path / name).open("rb") as file:
            _forget_cached(file)
            file.seek(start)
            digest = hashlib.sha256()
            while count > 0:
                block = file.read(min(_BLOCK, count))
                if not block:
                    break
                digest.update(block)
                count -= len(block)
        return digest.hexdigest()

    def _cluster_digest(self, name: str, start: int, count: int) -> str:
        """What the cluster reads; empty where it sees less, or cannot be asked."""
        assert self._transport is not None
        try:
            return range_digest(self._transport, self.cluster, name, start, count)
        except RemoteError:
            return ""

    def digests(self, names: Sequence[str]) -> Dict[str, str]:
        if self._is_connected:
            assert self._transport is not None
            try:
                return many_digests(self._transport, self.cluster, names)
            except RemoteError:  # read here then
                pass
        found: Dict[str, str] = {}
        for name in names:
            path = self._path / name
            if path.is_file():
                found[name] = self.digest(name, 0, path.stat().st_size)
        return found

    def rename(self, name: str, to: str) -> None:
        self._check_disk()
        if os.path.lexists(str(self._path / to)):
            raise FileExistsError(to)
        os.rename(str(self._path / name), str(self._path / to))

    def remove(self, name: str) -> None:
        path = self._path / name
        if path.is_dir():
            shutil.rmtree(str(path))
        elif path.exists():
            path.unlink()

    def _check_disk(self) -> None:
        """A disk that was unmounted leaves an empty folder of this machine's own."""
        if self._disk is not None and self._path.stat().st_dev != self._disk:
            raise FileNotFoundError(2, tr("the disk is not mounted any more"))


def _forget_cached(file: Any) -> None:
    """Have what is read come from the disk, where this system can be told so."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
