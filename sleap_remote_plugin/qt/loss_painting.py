"""Paints loss curves: axes, lines, stars, a legend. Where points lie: loss_axes.py."""

from __future__ import annotations

import math
from typing import Any, List, Sequence, Tuple

from qtpy.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF

from sleap_remote_plugin.qt.loss_axes import (
    Curve,
    Frame,
    Range,
    best_epoch,
    dashes,
    epoch_ticks,
    loss_ticks,
)
from sleap_remote_plugin.qt.states import is_dark
from sleap_remote_plugin.words import tr

#: Okabe and Ito's colours (colour-blind safe), one a model: on light, on dark.
MODELS = (("#0072b2", "#56b4e9"), ("#b34700", "#ff9d5c"), ("#00704f", "#2fc795"))
#: How much of its colour an earlier round has.
_FAINT = 0.4


class LossPainting:
    """One picture; `frame` is where its curves are, once it is painted."""

    def __init__(
        self, painter: QPainter, palette: QPalette, shown: Range, size: QSize
    ) -> None:
        self._painter = painter
        self._palette = palette
        self._range = shown
        self._size = size
        self._metrics = QFontMetricsF(painter.font())
        self.frame = Frame(0.0, 0.0, 1.0, 1.0, shown)

    def paint(
        self, curves: Sequence[Curve], colours: Sequence[int], earlier: int
    ) -> None:
        """Each curve in the colour of its number, over `earlier` rounds of it."""
        ticks = loss_ticks(self._range.low, self._range.high)
        wide = self._metrics.horizontalAdvance
        left = max(wide(text) for _, text in ticks) + 10
        top = self._paint_legend(curves, colours, left)
        bottom = self._metrics.height() + 8
        width = max(20.0, self._size.width() - left - 10)
        height = max(20.0, self._size.height() - top - bottom)
        self.frame = Frame(left, top, width, height, self._range)
        self._paint_axes(ticks)
        self._painter.setClipRect(QRectF(left - 6, top - 6, width + 12, height + 12))
        for curve, number in zip(curves, colours):
            colour = self._faint(self._colour(number))
            for _, points in curve.earlier[:earlier]:
                self._paint_line(points, "val_loss", QPen(colour, 1.2))
        for curve, number in zip(curves, colours):
            self._paint_curve(curve, self._colour(number))

    def _colour(self, number: int) -> QColor:
        return QColor(MODELS[number % len(MODELS)][is_dark(self._palette)])

    def _faint(self, colour: QColor) -> QColor:
        """Between a colour and the ground; without alpha, which pieces would show."""
        ground = self._palette.color(QPalette.ColorRole.Window)
        parts = zip(colour.getRgbF()[:3], ground.getRgbF()[:3])
        return QColor.fromRgbF(*(_FAINT * a + (1 - _FAINT) * b for a, b in parts))

    def _ink(self, share: float = 1.0) -> QColor:
        ink = QColor(self._palette.color(QPalette.ColorRole.WindowText))
        ink.setAlphaF(share)
        return ink

    def _paint_axes(self, ticks: Sequence[Tuple[float, str]]) -> None:
        painter, metrics = self._painter, self._metrics
        frame, height = self.frame, metrics.height()
        area = QRectF(frame.left, frame.top, frame.width, frame.height)
        for power, text in ticks:
            y = self.frame.y(power)
            painter.setPen(QPen(self._ink(0.15), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(self._ink())
            place = QRectF(0, y - height / 2, area.left() - 6, height)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, int(flags), text)
        painter.setPen(QPen(self._ink(0.6), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.setPen(self._ink())
        word = metrics.horizontalAdvance(tr("epoch"))
        end = area.right() + 8
        wide = metrics.horizontalAdvance(str(self._range.last)) + 16
        most = int(max(2, area.width() / wide))
        for epoch in epoch_ticks(self._range.last, most):
            x = self.frame.x(epoch)
            half = metrics.horizontalAdvance(str(epoch)) / 2
            if x + half > end - word - 8 and epoch > 1:
                continue  # the axis's name stands there
            place = QRectF(x - 40, area.bottom() + 4, 80, height)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), str(epoch))
        place = QRectF(end - word - 2, area.bottom() + 4, word + 2, height)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignRight), tr("epoch"))

    def _paint_curve(self, curve: Curve, colour: QColor) -> None:
        self._paint_line(curve.points, "loss", QPen(colour, 1.3), broken=True)
        self._paint_line(curve.points, "val_loss", QPen(colour, 1.7))
        best = best_epoch(curve.points)
        if best is not None and best.val_loss > 0:
            (place,) = self.frame.places([best], "val_loss")
            self._paint_star(QPointF(*place), colour)

    def _paint_line(
        self,
        points: Sequence[Any],
        field: str,
        pen: QPen,
        broken: bool = False,
    ) -> None:
        """Piece by piece: Qt takes many times longer for one long path."""
        painter = self._painter
        places = self.frame.places(points, field)
        if broken:
            pieces = [QLineF(*one) for one in dashes(places, 2.0, 3.0)]
        else:
            pieces = [QLineF(*one, *two) for one, two in zip(places, places[1:])]
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if pieces:
            painter.drawLines(pieces)
        if len(places) < 3:
            painter.setBrush(pen.color())
            for x, y in places:
                painter.drawEllipse(QPointF(x, y), 2.0, 2.0)

    def _paint_star(self, place: QPointF, colour: QColor) -> None:
        painter = self._painter
        painter.setPen(QPen(self._palette.color(QPalette.ColorRole.Window), 1))
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(_star(place, 6.0)))

    def _paint_legend(
        self, curves: Sequence[Curve], colours: Sequence[int], left: float
    ) -> float:
        """Models by colour, then what the lines mean; the height that it takes."""
        painter, metrics = self._painter, self._metrics
        x, y, line = left, 4.0, metrics.height()
        signs: List[Tuple[str, Any]] = [
            (curve.name, QPen(self._colour(number), 2.5))
            for curve, number in zip(curves, colours)
            if len(curves) > 1
        ]
        signs += [
            (tr("validation"), QPen(self._ink(), 1.7)),
            (tr("train"), QPen(self._ink(), 1.3, Qt.PenStyle.DotLine)),
            (tr("best"), None),
        ]
        for text, pen in signs:
            room = self._size.width() - 8 - 30
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
            wide = 24 + metrics.horizontalAdvance(shown) + 12
            if x > left and x + wide > self._size.width():
                x, y = left, y + line
            middle = QPointF(x + 9, y + line / 2)
            if pen is None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._ink())
                painter.drawPolygon(QPolygonF(_star(middle, 5.0)))
            else:
                painter.setPen(pen)
                across = QPointF(8, 0)
                painter.drawLine(middle - across, middle + across)
            painter.setPen(self._ink())
            place = QRectF(x + 22, y, wide, line)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft), shown)
            x += wide
        return y + line + 8


def _star(middle: QPointF, radius: float) -> List[QPointF]:
    found = []
    for number in range(10):
        angle = math.pi * (number / 5.0 - 0.5)
        far = radius if number % 2 == 0 else 0.45 * radius
        found.append(middle + QPointF(far * math.cos(angle), far * math.sin(angle)))
    return found
