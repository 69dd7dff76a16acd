"""Work that waits until a window is on the screen, and is done a piece at a time.

SLEAP's start is not held up by what the user cannot see yet; between two pieces the
window is painted and takes clicks.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator, Optional

from qtpy.QtCore import QEvent, QObject, QTimer


class Starting(QObject):
    """Does the work of one window, beginning when it was first painted.

    Parameters
    ----------
    pieces : iterator
        Does a piece of the work each time that it is asked for the next one.
    failed : callable
        Gets the exception of a piece that failed; there are no more pieces then.
    """

    def __init__(
        self,
        window: Any,
        pieces: Iterator[None],
        failed: Callable[[Exception], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._pieces: Optional[Iterator[None]] = pieces
        self._failed = failed
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.turn)
        window.installEventFilter(self)

    @property
    def is_over(self) -> bool:
        return self._pieces is None

    def eventFilter(self, _watched: Any, event: Any) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            self._timer.start(0)
        return False

    def turn(self) -> None:
        """Do the next piece."""
        if self._pieces is None:
            return
        try:
            next(self._pieces)
        except StopIteration:
            self._end()
        except Exception as error:  # not swallowed: `failed` logs it and tells the user
            self._end()
            self._failed(error)

    def finish(self) -> None:
        """Do all that is left at once: somebody needs it now."""
        while not self.is_over:
            self.turn()

    def _end(self) -> None:
        self._pieces = None
        self._timer.stop()
        self._window.removeEventFilter(self)
