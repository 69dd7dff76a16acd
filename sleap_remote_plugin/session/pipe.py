"""A file read ahead of whoever uses it, in bounded memory; a disk may hang."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any, Iterator

from sleap_remote_plugin.errors import Cancelled, CopyStopped
from sleap_remote_plugin.session import transfer_words as words

#: Bytes of a block, and blocks that wait.
BLOCK = 4 << 20
_WAITING = 3
#: Seconds for which a disk may be silent.
_SILENCE = 120.0


def read_ahead(
    path: str, start: int, count: int, stop: threading.Event, digest: Any = None
) -> Iterator[bytes]:
    """The blocks of a part of a file; fewer bytes where the file is shorter.

    Parameters
    ----------
    digest : optional
        Is given the blocks while others are used; it has all of them at the end.

    Raises
    ------
    Cancelled
        `stop` was set.
    CopyStopped
        Its disk does not answer.
    OSError
    """
    blocks: "queue.Queue[Any]" = queue.Queue(_WAITING)
    ended = threading.Event()
    work = threading.Thread(
        target=_read, args=(path, start, count, blocks, ended, digest), daemon=True
    )
    work.start()
    try:
        while True:
            block = _next(blocks, path, stop)
            if isinstance(block, BaseException):
                raise block
            if not block:
                return
            yield block
    finally:
        ended.set()


def _next(blocks: "queue.Queue[Any]", path: str, stop: threading.Event) -> Any:
    silent_since = time.monotonic()
    while True:
        if stop.is_set():
            raise Cancelled(words.CANCELLED)
        try:
            return blocks.get(timeout=0.1)
        except queue.Empty:
            if time.monotonic() - silent_since > _SILENCE:
                raise CopyStopped(words.HANGS.format(path)) from None


def _read(
    path: str,
    start: int,
    count: int,
    blocks: "queue.Queue[Any]",
    ended: threading.Event,
    digest: Any,
) -> None:
    try:
        with open(path, "rb", buffering=0) as file:
            file.seek(start)
            while count > 0 and not ended.is_set():
                block = file.read(min(BLOCK, count))
                if not block:
                    break
                count -= len(block)
                if digest is not None:
                    digest.update(block)
                _put(blocks, block, ended)
        _put(blocks, b"", ended)
    except Exception as error:  # handed to the reader
        if isinstance(error, OSError) and not error.filename:
            error.filename = path
        _put(blocks, error, ended)


def _put(blocks: "queue.Queue[Any]", value: Any, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            blocks.put(value, timeout=0.2)
            return
        except queue.Full:
            continue
