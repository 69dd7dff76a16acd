"""One file's way onto the cluster's disk: sent, gone on with, and seen to be right.

Which files, and the names that they get, are transfer.py's.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

from sleap_remote_plugin.errors import (
    Cancelled,
    CopyStopped,
    RemoteError,
    SourceChanged,
)
from sleap_remote_plugin.session import transfer_words as words
from sleap_remote_plugin.session.pipe import read_ahead
from sleap_remote_plugin.session.sources import SourceFile
from sleap_remote_plugin.session.target import READ_RATE, Target
from sleap_remote_plugin.session.transfer_progress import Meter
from sleap_remote_plugin.ssh.deadline import OutOfTime, Stopped, within

log = logging.getLogger(__name__)

#: Bytes, and files, that go as one load.
LOAD = 8 << 20
MOST_FILES = 256
#: Seconds that one step may take before the disk counts as hanging.
STEP_DEADLINE = 120.0
#: Seconds for small files to be read back.
CHECK_DEADLINE = 600.0
#: Seconds until the cluster sees what was written here.
VISIBLE_WITHIN = 30.0


class FileCopies:
    """Copies files to a target; `stop` ends it at once."""

    def __init__(self, target: Target, meter: Meter, stop: threading.Event) -> None:
        self.target = target
        self.stop = stop
        self._meter = meter

    # -- small files ------------------------------------------------------------------

    def copy_small(
        self, load: Sequence[SourceFile], part: str, there: Dict[str, int]
    ) -> Dict[str, str]:
        """Read, write and check a load of small files; by name, their digests."""
        data = {file.name: self._read_whole(file) for file in load}
        digests = {n: hashlib.sha256(one).hexdigest() for n, one in data.items()}
        begun = [file.name for file in load if there.get(file.name) == file.size]
        done = self.are_there(part, begun, digests)
        self._meter.file(load[0])
        new = [(part + "/" + n, one) for n, one in data.items() if n not in done]
        if new:
            self.step(lambda: self.target.write_small(new))
            left = [name for name in data if name not in done]
            end = time.monotonic() + VISIBLE_WITHIN
            while len(self.are_there(part, left, digests)) < len(left):
                self._wait_or_fail(end, part)
        for file in load:
            self._meter.add(file.size, file.name not in done)
            self._meter.file_done(file)
        return digests

    def are_there(
        self, part: str, names: Sequence[str], digests: Dict[str, str]
    ) -> List[str]:
        if not names:
            return []
        paths = [part + "/" + name for name in names]
        seen = self.step(lambda: self.target.digests(paths), CHECK_DEADLINE)
        return [n for n, path in zip(names, paths) if seen.get(path) == digests[n]]

    def _read_whole(self, file: SourceFile) -> bytes:
        blocks = list(read_ahead(file.path, 0, file.size + 1, self.stop))
        data = b"".join(blocks)
        self._check_unchanged(file, len(data))
        return data

    # -- a large file -----------------------------------------------------------------

    def copy_file(self, file: SourceFile, name: str) -> str:
        self._meter.file(file)
        start, digest = self._begun(file, name)
        self._meter.add(start, False)
        self.step(lambda: self.target.open(name, start))
        done = start
        try:
            left = file.size - start
            for block in read_ahead(file.path, start, left, self.stop, digest):
                self.step(functools.partial(self.target.write, block))
                done += len(block)
                self._meter.add(len(block), True)
            self._check_unchanged(file, done)
        except SourceChanged:
            self._close_quietly()
            self.step(lambda: self.target.remove(name))
            raise
        except BaseException:
            self._close_quietly()
            raise
        self.step(self.target.close, CHECK_DEADLINE)
        self._meter.check(file)
        end = time.monotonic() + VISIBLE_WITHIN
        while not self.is_there(name, file.size, digest.hexdigest()):
            self._wait_or_fail(end, name)
        self._meter.file_done(file)
        return digest.hexdigest()

    def _begun(self, file: SourceFile, name: str) -> Tuple[int, Any]:
        """Bytes that are there and right, and the digest of as many here."""
        there = self.step(lambda: self.target.size(name)) or 0
        if 0 < there <= file.size:
            self._meter.compare_file(file)
            digest = self.digest_here(file, there)
            if self.is_there(name, there, digest.hexdigest()):
                return there, digest
        return 0, hashlib.sha256()

    def digest_here(self, file: SourceFile, count: int) -> Any:
        digest = hashlib.sha256()
        for block in read_ahead(file.path, 0, count, self.stop):
            digest.update(block)
        return digest

    def is_there(self, name: str, size: int, digest: str) -> bool:
        """Whether the first `size` bytes there have this digest."""
        if self.step(lambda: self.target.size(name)) != size:
            return False
        limit = CHECK_DEADLINE + size / READ_RATE
        seen = self.step(lambda: self.target.digest(name, 0, size), limit)
        return seen == digest

    def _check_unchanged(self, file: SourceFile, count: int) -> None:
        status = os.stat(file.path)
        now = (status.st_size, status.st_mtime_ns)
        if now != (file.size, file.mtime_ns) or count != file.size:
            raise SourceChanged(words.CHANGED.format(file.path))

    # -- steps ------------------------------------------------------------------------

    def step(self, step: Callable[[], Any], seconds: float = STEP_DEADLINE) -> Any:
        """One step of the target, by a deadline; at once over when it is cancelled."""
        if self.stop.is_set():
            raise Cancelled(words.CANCELLED)
        try:
            return within(seconds, step, self.stop)
        except Stopped:
            raise Cancelled(words.CANCELLED) from None
        except OutOfTime:
            raise CopyStopped(words.HANGS.format(self.target.folder)) from None

    def _close_quietly(self) -> None:
        try:
            within(5.0, self.target.close)
        except (OSError, RemoteError, OutOfTime) as error:
            log.info("closing what was copied: %r", error)

    def _wait_or_fail(self, end: float, name: str) -> None:
        """Until the cluster sees it; what is wrong then is taken away."""
        if self.stop.wait(0.5):
            raise Cancelled(words.CANCELLED)
        if time.monotonic() > end:
            self.step(lambda: self.target.remove(name))
            raise CopyStopped(words.DAMAGED.format(self.target.folder))


def loads(files: Sequence[SourceFile], most: int = LOAD) -> Iterator[List[SourceFile]]:
    load: List[SourceFile] = []
    size = 0
    for file in files:
        if load and (size + file.size > most or len(load) >= MOST_FILES):
            yield load
            load, size = [], 0
        load.append(file)
        size += file.size
    if load:
        yield load
