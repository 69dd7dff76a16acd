"""How far a copy is: bytes, rate, time left, which file of how many."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Callable, Deque, Optional, Sequence, Tuple

from sleap_remote_plugin.session.sources import Item, SourceFile
from sleap_remote_plugin.words import tr

#: Seconds over which the rate is taken.
_SPAN = 10.0
_BETWEEN = 0.1


@dataclass(frozen=True)
class Progress:
    """What is shown of a copy.

    Attributes
    ----------
    step : str
        ``Copying``, ``Comparing`` (with what is there already), ``Checking``.
    file : str
        Name of the file in work.
    number, count : int
        Which file, of how many.
    done, total : int
        Bytes.
    rate : float or None
        Bytes a second of late; None: not known yet.
    eta : float or None
        Seconds.
    """

    step: str
    file: str
    number: int
    count: int
    done: int
    total: int
    rate: Optional[float] = None
    eta: Optional[float] = None


Told = Callable[[Progress], None]


class Meter:
    """Counts what a copy does, and tells at most ten times a second."""

    def __init__(
        self,
        items: Sequence[Item],
        told: Told,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = sum(item.size for item in items)
        self._count = sum(len(item.files) for item in items)
        self._told = told
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        self._done = self._copied = self._number = 0
        self._step, self._file = tr("Looking"), ""
        self._last = self._clock() - _BETWEEN
        self._points: Deque[Tuple[float, int]] = deque([(self._clock(), 0)])

    # -- what happens -----------------------------------------------------------------

    def compare(self, item: Item) -> None:
        self._show(tr("Comparing"), item.name)

    def compare_file(self, file: SourceFile) -> None:
        self._show(tr("Comparing"), _name(file))

    def file(self, file: SourceFile) -> None:
        self._show(tr("Copying"), _name(file))

    def check(self, file: SourceFile) -> None:
        self._show(tr("Checking"), _name(file))

    def add(self, count: int, is_copied: bool) -> None:
        """Bytes that are there; `is_copied`: now, and not found there."""
        self._done += count
        if is_copied:
            self._copied += count
            now = self._clock()
            self._points.append((now, self._copied))
            while len(self._points) > 2 and now - self._points[0][0] > _SPAN:
                self._points.popleft()
        self._tell()

    def file_done(self, file: SourceFile) -> None:
        self._number += 1
        self._tell(self._number == self._count)

    def skip(self, item: Item) -> None:
        """All of an item was there already."""
        self._done += item.size
        self._number += len(item.files)
        self._show(tr("Copying"), item.name)

    # -- what is told -----------------------------------------------------------------

    def _show(self, step: str, file: str) -> None:
        is_new = step != self._step
        self._step, self._file = step, file
        self._tell(is_new)

    def _tell(self, at_once: bool = False) -> None:
        now = self._clock()
        if at_once or now - self._last >= _BETWEEN:
            self._last = now
            self._told(self.progress())

    def progress(self) -> Progress:
        (then, before), now = self._points[0], self._clock()
        rate = None
        if now - then >= 0.5 and self._copied > before:
            rate = (self._copied - before) / (now - then)
        return Progress(
            self._step,
            self._file,
            min(self._number + 1, self._count),
            self._count,
            self._done,
            self._total,
            rate,
            (self._total - self._done) / rate if rate else None,
        )


def _name(file: SourceFile) -> str:
    return file.name or file.path.replace("\\", "/").rpartition("/")[2]
