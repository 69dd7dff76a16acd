"""Python's garbage collector, run by the GUI thread alone.

Python runs it in whichever thread makes the object that is one too many. What it finds
may be widgets, and Qt's objects must go in the thread that they live in: with one that
a worker's thread ended, the two threads waited for each other for good (seen with
PySide6), or the process may crash (PySide2). So it is switched off, and its turn comes
from Qt's event loop.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import Iterator, List, Optional

from qtpy.QtCore import QObject, QTimer
from qtpy.QtWidgets import QApplication

#: Milliseconds between two looks at whether there is something to do.
INTERVAL = 100
#: As Python's own rule: all is looked through once it has grown by a quarter.
_GROWN = 1.25


class Collector(QObject):
    """One for the program; `start` makes it."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_collector")
        gc.disable()
        self._known = sys.getallocatedblocks()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.turn)
        self._timer.start(INTERVAL)

    def turn(self) -> None:
        """Collect what Python itself would have by now."""
        if _at_rest:
            return
        counts, most = gc.get_count(), gc.get_threshold()
        if counts[0] <= most[0] or not most[0]:
            return
        if counts[1] <= most[1]:
            gc.collect(0)
        elif counts[2] <= most[2] or not self._has_grown():
            gc.collect(1)
        else:
            gc.collect(2)
            self._known = sys.getallocatedblocks()

    def _has_grown(self) -> bool:
        return sys.getallocatedblocks() > _GROWN * self._known


_one: List[Collector] = []


def start() -> Collector:
    """Begin, if that was not done; from the GUI thread, before others are begun."""
    if not _one:
        _one.append(Collector(QApplication.instance()))
    return _one[0]


_at_rest: List[bool] = []


@contextlib.contextmanager
def at_rest() -> Iterator[None]:
    """Nothing is collected meanwhile: of the many new objects all are to stay."""
    was_on, begun = gc.isenabled(), len(_one)
    gc.disable()
    _at_rest.append(True)
    try:
        yield
    finally:
        _at_rest.pop()
        if was_on and len(_one) == begun:  # one that began meanwhile keeps it off
            gc.enable()
