"""What is being done: each thing has a line of the dock's, and its own *Cancel*."""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QBoxLayout, QWidget

from sleap_remote_plugin.qt.dock_line import Line
from sleap_remote_plugin.words import tr


class Doing(QObject):
    """One thing that is done now and then. Signals are connected to its methods.

    Parameters
    ----------
    stop : callable, optional
        What *Cancel* does.
    stopping : str
        What the line says until it has stopped, where that takes time.
    """

    def __init__(
        self,
        doings: Doings,
        stop: Optional[Callable[[], Any]] = None,
        stopping: str = "",
    ) -> None:
        super().__init__(doings)
        self._doings = doings
        self._stop = stop
        self._stopping = stopping
        self._is_over = False

    def show_progress(self, text: str, done: int, total: int) -> None:
        """How far it is; total 0: not known; empty text: nothing is done."""
        if not text or self._is_over:
            self._doings.free(self)
        else:
            self._doings.line_of(self).show_progress(text, done, total)

    def show_looking(self, text: str) -> None:
        """The same where nobody knows how far it is."""
        self.show_progress(text, 0, 0)

    def show_busy(self, text: str) -> None:
        """It cannot be stopped; empty: nothing is done."""
        if not text or self._is_over:
            self._doings.free(self)
        else:
            self._doings.line_of(self).say(text)

    def end(self) -> None:
        """Nothing is done at the moment."""
        self._doings.free(self)

    def close(self, *_args: Any) -> None:
        """Nothing will be done any more."""
        self._is_over = True
        self._doings.free(self)
        self.deleteLater()

    def stop(self) -> None:
        if self._stop is not None:
            self._stop()
        if self._stopping and self._doings.has(self):
            self._doings.line_of(self).say(self._stopping)


class Doings(QObject):
    """The lines: one that is taken stays with whom it belongs to, until the end.

    Parameters
    ----------
    first : Line
        In the dock's layout; as many more as are needed come below it.
    """

    def __init__(self, first: Line, parent: QObject) -> None:
        super().__init__(parent)
        self.lines = [first]
        self._whose: List[Optional[Doing]] = [None]
        first.clicked.connect(self._on_clicked)

    def add(
        self, stop: Optional[Callable[[], Any]] = None, stopping: str = ""
    ) -> Doing:
        return Doing(self, stop, stopping)

    def has(self, doing: Doing) -> bool:
        """Whether it is being done."""
        return doing in self._whose

    def line_of(self, doing: Doing) -> Line:
        """Its own, or the first that is free."""
        if doing not in self._whose:
            if None not in self._whose:
                self._add_line()
            self._whose[self._whose.index(None)] = doing
        return self.lines[self._whose.index(doing)]

    def free(self, doing: Doing) -> None:
        if doing in self._whose:
            number = self._whose.index(doing)
            self._whose[number] = None
            self.lines[number].say("")

    def _add_line(self) -> None:
        last, number = self.lines[-1], len(self.lines) + 1
        line = Line("remote_progress_cancel_{}".format(number), tr("Cancel"))
        line.setObjectName("remote_progress_{}".format(number))
        line.clicked.connect(self._on_clicked)
        layout = last.parentWidget().layout()
        assert isinstance(layout, QBoxLayout)
        layout.insertWidget(layout.indexOf(last) + 1, line)
        QWidget.setTabOrder(last.button, line.button)
        self.lines.append(line)
        self._whose.append(None)

    def _on_clicked(self) -> None:
        doing = self._whose[self.lines.index(self.sender())]
        if doing is not None:
            doing.stop()
