"""How a job's state looks: text, colour and icon, each a table.

State is never told by colour alone: every icon has its own shape. Icons are drawn,
not loaded, so that they are sharp at every scale and need no image plugin.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Dict, Tuple

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap, QPolygonF
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.words import tr

#: (on a light window, on a dark window): Okabe and Ito's blue, green, orange,
#: vermilion, made darker or lighter until text in them has a contrast over 4.5.
_GREY = ("#5f6368", "#a8adb3")
_BLUE = ("#00639c", "#56b4e9")
_GREEN = ("#00704f", "#2fc795")
_ORANGE = ("#8f5b00", "#e6a532")
_RED = ("#b3400a", "#ff8a57")

COLOURS: Dict[JobState, Tuple[str, str]] = {
    JobState.PREPARING: _GREY,
    JobState.SUBMITTING: _GREY,
    JobState.UNCONFIRMED: _ORANGE,
    JobState.QUEUED: _GREY,
    JobState.RUNNING: _BLUE,
    JobState.FINISHING: _BLUE,
    JobState.COMPLETED: _GREEN,
    JobState.INCOMPLETE: _ORANGE,
    JobState.FAILED: _RED,
    JobState.TIMED_OUT: _RED,
    JobState.OUT_OF_MEMORY: _RED,
    JobState.CANCELLED: _GREY,
    JobState.NODE_FAILED: _RED,
    JobState.PREEMPTED: _ORANGE,
    JobState.LOST: _ORANGE,
}

#: Names of shapes that `_draw` knows.
ICONS: Dict[JobState, str] = {
    JobState.PREPARING: "dots",
    JobState.SUBMITTING: "arrow",
    JobState.UNCONFIRMED: "question",
    JobState.QUEUED: "clock",
    JobState.RUNNING: "play",
    JobState.FINISHING: "flag",
    JobState.COMPLETED: "tick",
    JobState.INCOMPLETE: "half",
    JobState.FAILED: "cross",
    JobState.TIMED_OUT: "late",
    JobState.OUT_OF_MEMORY: "chip",
    JobState.CANCELLED: "minus",
    JobState.NODE_FAILED: "bolt",
    JobState.PREEMPTED: "pause",
    JobState.LOST: "lost",
}

#: Verdicts of a check, and how the connection stands: (text, colour, icon).
SIGNS: Dict[str, Tuple[str, Tuple[str, str], str]] = {
    "ok": ("OK", _GREEN, "tick"),
    "warn": (tr("Note"), _ORANGE, "bang"),
    "fail": (tr("Failed"), _RED, "cross"),
    "off": (tr("Offline"), _GREY, "minus"),
    "busy": (tr("Busy"), _BLUE, "dots"),
    "connecting": (tr("Connecting"), _BLUE, "dots"),
}

_LINES: Dict[str, Tuple[Tuple[Tuple[float, float], ...], ...]] = {
    "tick": (((4, 8.4), (7, 11), (12, 5.2)),),
    "cross": (((5, 5), (11, 11)), ((11, 5), (5, 11))),
    "minus": (((4.5, 8), (11.5, 8)),),
    "bang": (((8, 3.8), (8, 9)), ((8, 11.6), (8, 12))),
    "clock": (((8, 4), (8, 8.2), (11, 10)),),
    "late": (((8, 4), (8, 8.2), (5, 10)), ((11.5, 3.5), (11.5, 7))),
    "pause": (((6, 5), (6, 11)), ((10, 5), (10, 11))),
    "arrow": (((8, 12), (8, 4.5)), ((5, 7.5), (8, 4.5), (11, 7.5))),
    "dots": (((4.4, 8), (4.6, 8)), ((7.9, 8), (8.1, 8)), ((11.4, 8), (11.6, 8))),
    "bolt": (((9, 3.5), (6, 8.5), (10, 8), (7, 12.5)),),
    "flag": (((5.5, 12.5), (5.5, 4), (11.5, 6.2), (5.5, 8.5)),),
    "question": (
        ((5.6, 6), (6.6, 4.4), (9.2, 4.2), (10.3, 5.8), (8, 8), (8, 9)),
        ((8, 11.6), (8, 12)),
    ),
    "lost": (((5, 11.5), (5, 11.6)), ((8, 8), (8, 8.1)), ((11, 4.5), (11, 4.6))),
    "chip": (
        ((5, 5), (11, 5), (11, 11), (5, 11), (5, 5)),
        ((8, 3), (8, 5)),
        ((8, 11), (8, 13)),
    ),
    "half": (((8, 4), (8, 12)), ((8, 4), (11.4, 6), (11.4, 10), (8, 12))),
}


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def colour_of(state: JobState, palette: QPalette) -> QColor:
    return QColor(COLOURS[state][is_dark(palette)])


def icon_of(state: JobState, palette: QPalette) -> QIcon:
    return _icon(ICONS[state], COLOURS[state][is_dark(palette)], is_dark(palette))


def sign_icon(name: str, palette: QPalette) -> QIcon:
    """Icon of one of `SIGNS`."""
    _, colours, shape = SIGNS[name]
    return _icon(shape, colours[is_dark(palette)], is_dark(palette))


def sign_pixmap(name: str, widget: QWidget) -> QPixmap:
    """The same as a picture, as high as the widget's text."""
    size = max(16, widget.fontMetrics().height())
    return sign_icon(name, widget.palette()).pixmap(size, size)


@lru_cache(maxsize=128)
def _icon(shape: str, colour: str, dark: bool) -> QIcon:
    icon = QIcon()
    ink = QColor("#1b1b1b" if dark else "white")
    for size in (16, 24, 32, 48, 64):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / 16, size / 16)
        _draw(painter, shape, QColor(colour), ink)
        painter.end()
        icon.addPixmap(pixmap)
        icon.addPixmap(_ringed(pixmap, ink), QIcon.Mode.Selected)
    return icon


def _ringed(pixmap: QPixmap, ink: QColor) -> QPixmap:
    """For a selected row: Qt would mix the row's colour into ours."""
    ringed = QPixmap(pixmap)
    painter = QPainter(ringed)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(pixmap.width() / 16, pixmap.height() / 16)
    painter.setPen(QPen(ink, 1.2))
    painter.drawEllipse(QRectF(0.6, 0.6, 14.8, 14.8))
    painter.end()
    return ringed


def _draw(painter: QPainter, shape: str, colour: QColor, ink: QColor) -> None:
    """A disc in the state's colour with the shape on it, in a square of 16."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QRectF(0.5, 0.5, 15, 15))
    if shape == "play":
        painter.setBrush(ink)
        corners = [QPointF(6, 4.5), QPointF(12, 8), QPointF(6, 11.5)]
        painter.drawPolygon(QPolygonF(corners))
        return
    pen = QPen(ink, 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in _LINES[shape]:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
