"""When the last window of SLEAP closes: a word that the jobs on the cluster go on.

It asks nothing, and goes away by itself.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from qtpy.QtCore import QEvent, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QApplication, QLabel, QMainWindow, QWidget

#: Milliseconds for which it is shown; a click closes it.
SHOWN = 4000


class Farewell(QLabel):
    """A line in the middle of where the window was; SLEAP ends with it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setObjectName("remote_farewell")
        self.setWindowFlags(
            Qt.WindowType.Window
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFrameShape(QLabel.Shape.StyledPanel)
        self.setMargin(16)
        QTimer.singleShot(SHOWN, self.close)

    def mousePressEvent(self, _event: Any) -> None:
        self.close()


class Closing(QObject):
    """Watches a window for its close.

    Parameters
    ----------
    sentence : callable
        What is to be said now; empty for nothing.
    """

    closed = Signal()

    def __init__(
        self, window: QWidget, sentence: Callable[[], str], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._sentence = sentence
        self._closes = False
        self.farewell: Optional[Farewell] = None
        window.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        if watched is self._window:
            self._see(event)
        return super().eventFilter(watched, event)

    def _see(self, event: Any) -> None:
        kind = event.type()
        if kind == QEvent.Type.Close:
            self._closes = True  # unless the user goes back at SLEAP's own question
        elif kind == QEvent.Type.Show:
            self._closes = False
        elif kind == QEvent.Type.Hide and self._closes and not event.spontaneous():
            self._closes = False
            self._on_closed()

    def _on_closed(self) -> None:
        self.closed.emit()
        sentence = self._sentence()
        if not sentence or _another_window(self._window):
            return
        self.farewell = Farewell(sentence)
        self.farewell.adjustSize()
        middle = self._window.geometry().center()
        self.farewell.move(middle - self.farewell.rect().center())
        self.farewell.show()


def _another_window(window: QWidget) -> bool:
    """Whether another window of SLEAP stays, which goes on showing the jobs."""
    return any(
        isinstance(top, QMainWindow) and top is not window and top.isVisible()
        for top in QApplication.topLevelWidgets()
    )
