"""How windows are looked at: palettes, fonts, direction, and a clock that stands."""

from __future__ import annotations

import time
from typing import NamedTuple

from qtpy.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from qtpy.QtGui import QColor, QFont, QPalette
from qtpy.QtWidgets import QApplication, QMenu, QProgressBar

#: Sunday, 22 November 2026, 15:40 UTC.
NOW = 1795362000.0


class Look(NamedTuple):
    """`font` is its size as a share of the usual one."""

    name: str
    is_dark: bool = False
    font: float = 1.0
    is_right_to_left: bool = False


LIGHT, DARK, LARGE = Look("light"), Look("dark", True), Look("large", False, 1.5)
#: All that makes a window hard to lay out, at once.
HARD = Look("dark, large font, right to left", True, 1.5, True)


def dark_palette():
    palette = QPalette(QColor("#3a3a3a"), QColor("#2d2d2d"))  # edges fit to these
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, "#2d2d2d"),
        (role.WindowText, "#e8e8e8"),
        (role.Base, "#1e1e1e"),
        (role.AlternateBase, "#262626"),
        (role.Text, "#e8e8e8"),
        (role.Button, "#3a3a3a"),
        (role.ButtonText, "#e8e8e8"),
        (role.Highlight, "#2a6db0"),
        (role.HighlightedText, "#ffffff"),
        (role.ToolTipBase, "#3a3a3a"),
        (role.ToolTipText, "#e8e8e8"),
        (role.PlaceholderText, "#8a8a8a"),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor("#7a7a7a"))
    return palette


class Dressed:
    """The application as a look has it, within a `with`; as it was after that."""

    def __init__(self, look: Look) -> None:
        self.look = look

    def __enter__(self) -> QApplication:
        app = self.app = QApplication.instance()
        self.before = app.style().objectName(), QPalette(app.palette())
        self.before += QFont(app.font()), app.layoutDirection(), app.cursorFlashTime()
        app.setStyle("Fusion")
        app.setPalette(
            dark_palette() if self.look.is_dark else app.style().standardPalette()
        )
        font = QFont(app.font())
        font.setPointSizeF(9.0 * self.look.font)
        app.setFont(font)
        direction = Qt.LayoutDirection
        app.setLayoutDirection(
            direction.RightToLeft
            if self.look.is_right_to_left
            else direction.LeftToRight
        )
        app.setCursorFlashTime(0)
        return app

    def __exit__(self, *_error: object) -> None:
        style, palette, font, direction, flash = self.before
        self.app.setStyle(style)
        self.app.setPalette(palette)
        self.app.setFont(font)
        self.app.setLayoutDirection(direction)
        self.app.setCursorFlashTime(flash)


def stop_the_clock() -> None:
    """Have this process live at `NOW`, in UTC: pictures say the same each time."""
    import os

    os.environ["TZ"] = "UTC"
    time.tzset()
    local = time.localtime
    time.time = lambda: NOW
    time.localtime = lambda moment=None: local(NOW if moment is None else moment)


def come_up(window) -> None:
    """Show it and have it active, as a window that is used: else no focus moves."""
    window.show()
    if isinstance(window, QMenu):  # it has the keys as long as it is open
        settle(20)
        return
    window.activateWindow()
    for _ in range(100):
        settle(10)
        if QApplication.activeWindow() is window:
            return
    raise AssertionError("{} does not become active".format(window.objectName()))


def settle(milliseconds: int = 60) -> None:
    """Let Qt lay out and paint."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()


def still(widget) -> None:
    """Nothing in it moves: a bar that waits stands at its half."""
    for bar in widget.findChildren(QProgressBar):
        if bar.minimum() == bar.maximum() == 0:
            bar.setRange(0, 2)
            bar.setValue(1)


def put_away(widget) -> None:
    """Close it, and have it gone at once; one may delete itself when it is closed.

    What is left for Python to find later may be found by another thread, which must
    not delete what is Qt's.
    """
    widget.close()
    try:
        widget.deleteLater()
    except RuntimeError:
        pass
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
