"""The loss curves of one training job: train and validation, log scale, best epoch.

Painted once for the same curves, size and colours, and kept. Where points lie and what
is said of them is loss_axes.py's.
"""

from __future__ import annotations

import math
from typing import Any, List, Optional, Sequence, Tuple

from qtpy.QtCore import QEvent, QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QPolygonF,
)
from qtpy.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QWidget

from sleap_remote_plugin.qt.loss_axes import (
    Curve,
    Frame,
    Range,
    best_epoch,
    dashes,
    description,
    epoch_ticks,
    loss_ticks,
    range_of,
    values_at,
)
from sleap_remote_plugin.qt.states import is_dark

#: Okabe and Ito's colours (colour-blind safe), one a model: on light, on dark.
MODELS = (("#0072b2", "#56b4e9"), ("#b34700", "#ff9d5c"), ("#00704f", "#2fc795"))

NO_EPOCH = "No epoch has ended yet. The curve begins with the first one."
#: How much of its colour an earlier round has.
_FAINT = 0.4


class LossCanvas(QWidget):
    """The plot. The arrow keys and the mouse read its values."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_loss_plot")
        self.setAccessibleName("Loss by epoch")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("")
        self._curves: Tuple[Curve, ...] = ()
        self._colours: Tuple[int, ...] = ()
        self._earlier = 0
        self._range: Optional[Range] = None
        self._area = QRectF()
        self._frame: Optional[Frame] = None
        self._picture: Optional[QPixmap] = None
        self.times_drawn = 0
        self.epoch = 0  # whose values are shown; 0: none

    def show_curves(
        self, curves: Sequence[Curve], colours: Sequence[int], earlier: int
    ) -> None:
        """Draw these, each in the colour of that number; the same again costs nothing.

        Parameters
        ----------
        earlier : int
            Earlier rounds of each model that are drawn behind it.
        """
        wanted = (tuple(curves), tuple(colours), earlier)
        if wanted == (self._curves, self._colours, self._earlier):
            return
        self._curves, self._colours, self._earlier = wanted
        self._range = range_of(self._curves, earlier)
        self._picture = None
        if self._range is not None:
            self.epoch = min(self.epoch, self._range.last)
        self._describe()
        self.update()

    def _describe(self) -> None:
        words = description(self._curves)
        if self.epoch:
            words = "; ".join(values_at(self._curves, self.epoch)) + ". " + words
        self.setAccessibleDescription(words)

    # -- reading values ---------------------------------------------------------------

    def read(self, epoch: int) -> None:
        """Show the values of one epoch; 0: of none."""
        last = self._range.last if self._range is not None else 0
        epoch = max(1, min(epoch, last)) if epoch and last else 0
        if epoch != self.epoch:
            self.epoch = epoch
            self._describe()
            self.update()

    def mouseMoveEvent(self, event: Any) -> None:
        place = event.position() if hasattr(event, "position") else event.localPos()
        if self._range is not None and self._area.width() > 0:
            share = (place.x() - self._area.left()) / self._area.width()
            self.read(int(round(1 + share * max(self._range.last - 1, 1))) or 1)

    def leaveEvent(self, event: Any) -> None:
        if not self.hasFocus():
            self.read(0)
        super().leaveEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        if self._range is not None and not self.epoch:
            self.read(self._range.last)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.read(0)

    def keyPressEvent(self, event: Any) -> None:
        last = self._range.last if self._range is not None else 0
        places = {
            Qt.Key.Key_Left: self.epoch - 1,
            Qt.Key.Key_Right: self.epoch + 1,
            Qt.Key.Key_PageUp: self.epoch - 10,
            Qt.Key.Key_PageDown: self.epoch + 10,
            Qt.Key.Key_Home: 1,
            Qt.Key.Key_End: last,
        }
        if event.key() in places and last:
            self.read(max(1, places[event.key()]))
        else:
            super().keyPressEvent(event)

    # -- painting ---------------------------------------------------------------------

    def changeEvent(self, event: Any) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._picture = None
            self.update()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._picture = None

    def paintEvent(self, _event: Any) -> None:
        if self._picture is None:
            self._picture = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self.epoch and self._frame is not None:
            self._paint_values(painter)
        if self.hasFocus():
            pen = QPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.setPen(pen)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw(self) -> QPixmap:
        self.times_drawn += 1
        ratio = self.devicePixelRatioF()
        picture = QPixmap(
            max(1, int(self.width() * ratio)), max(1, int(self.height() * ratio))
        )
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        if self._range is None:
            return picture
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        ticks = loss_ticks(self._range.low, self._range.high)
        left = max(metrics.horizontalAdvance(text) for _, text in ticks) + 10
        top = self._paint_legend(painter, metrics, left)
        bottom = metrics.height() + 8
        self._area = QRectF(
            left,
            top,
            max(20.0, self.width() - left - 10),
            max(20.0, self.height() - top - bottom),
        )
        area = self._area
        self._frame = Frame(
            area.left(), area.top(), area.width(), area.height(), self._range
        )
        self._paint_axes(painter, metrics, ticks)
        painter.setClipRect(self._area.adjusted(-6, -6, 6, 6))
        for curve, number in zip(self._curves, self._colours):
            colour = self._faint(self._colour(number))
            for _, points in curve.earlier[: self._earlier]:
                self._paint_line(painter, points, "val_loss", QPen(colour, 1.2))
        for curve, number in zip(self._curves, self._colours):
            self._paint_curve(painter, curve, self._colour(number))
        painter.end()
        return picture

    def _colour(self, number: int) -> QColor:
        return QColor(MODELS[number % len(MODELS)][is_dark(self.palette())])

    def _faint(self, colour: QColor) -> QColor:
        """Between a colour and the ground; without alpha, which pieces would show."""
        ground = self.palette().color(QPalette.ColorRole.Window)
        parts = zip(colour.getRgbF()[:3], ground.getRgbF()[:3])
        return QColor.fromRgbF(*(_FAINT * a + (1 - _FAINT) * b for a, b in parts))

    def _ink(self, share: float = 1.0) -> QColor:
        ink = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        ink.setAlphaF(share)
        return ink

    def _paint_axes(
        self,
        painter: QPainter,
        metrics: QFontMetricsF,
        ticks: Sequence[Tuple[float, str]],
    ) -> None:
        assert self._range is not None
        assert self._frame is not None
        area, height = self._area, metrics.height()
        for power, text in ticks:
            y = self._frame.y(power)
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
        word = metrics.horizontalAdvance("epoch")
        end = area.right() + 8
        wide = metrics.horizontalAdvance(str(self._range.last)) + 16
        most = int(max(2, area.width() / wide))
        for epoch in epoch_ticks(self._range.last, most):
            x = self._frame.x(epoch)
            half = metrics.horizontalAdvance(str(epoch)) / 2
            if x + half > end - word - 8 and epoch > 1:
                continue  # the axis's name stands there
            place = QRectF(x - 40, area.bottom() + 4, 80, height)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), str(epoch))
        place = QRectF(end - word - 2, area.bottom() + 4, word + 2, height)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignRight), "epoch")

    def _paint_curve(self, painter: QPainter, curve: Curve, colour: QColor) -> None:
        self._paint_line(painter, curve.points, "loss", QPen(colour, 1.3), broken=True)
        self._paint_line(painter, curve.points, "val_loss", QPen(colour, 1.7))
        best = best_epoch(curve.points)
        if best is not None and best.val_loss > 0:
            assert self._frame is not None
            (place,) = self._frame.places([best], "val_loss")
            self._paint_star(painter, QPointF(*place), colour)

    def _paint_line(
        self,
        painter: QPainter,
        points: Sequence[Any],
        field: str,
        pen: QPen,
        broken: bool = False,
    ) -> None:
        """Piece by piece: Qt takes many times longer for one long path."""
        assert self._frame is not None
        places = self._frame.places(points, field)
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

    def _paint_star(self, painter: QPainter, place: QPointF, colour: QColor) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Window), 1))
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(_star(place, 6.0)))

    def _paint_legend(
        self, painter: QPainter, metrics: QFontMetricsF, left: float
    ) -> float:
        """Models by colour, then what the lines mean; the height that it takes."""
        x, y, line = left, 4.0, metrics.height()
        signs: List[Tuple[str, Any]] = [
            (curve.name, QPen(self._colour(number), 2.5))
            for curve, number in zip(self._curves, self._colours)
            if len(self._curves) > 1
        ]
        signs += [
            ("validation", QPen(self._ink(), 1.7)),
            ("train", QPen(self._ink(), 1.3, Qt.PenStyle.DotLine)),
            ("best", None),
        ]
        for text, pen in signs:
            room = self.width() - 8 - 30
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
            wide = 24 + metrics.horizontalAdvance(shown) + 12
            if x > left and x + wide > self.width():
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

    def _paint_values(self, painter: QPainter) -> None:
        """The values of one epoch, in a small box beside its line."""
        assert self._frame is not None
        x = self._frame.x(self.epoch)
        painter.setPen(QPen(self._ink(0.5), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, self._area.top()), QPointF(x, self._area.bottom()))
        lines = values_at(self._curves, self.epoch)
        metrics = QFontMetricsF(self.font())
        wide = max(metrics.horizontalAdvance(line) for line in lines) + 12
        high = metrics.height() * len(lines) + 8
        left = x + 8 if x + 8 + wide < self.width() else max(0.0, x - 8 - wide)
        box = QRectF(left, self._area.top(), wide, high)
        palette = self.palette()
        painter.setPen(QPen(self._ink(0.3), 1))
        painter.setBrush(palette.color(QPalette.ColorRole.ToolTipBase))
        painter.drawRect(box)
        painter.setPen(palette.color(QPalette.ColorRole.ToolTipText))
        place = box.adjusted(6, 4, -6, -4)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft), "\n".join(lines))


class LossPlot(QWidget):
    """A plot, or a sentence where there is nothing to plot."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(10 * self.fontMetrics().height())
        self._layout = QStackedLayout(self)
        self.sentence = QLabel()
        self.sentence.setObjectName("remote_progress_sentence")
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.canvas = LossCanvas()
        self._layout.addWidget(self.sentence)
        self._layout.addWidget(self.canvas)

    def say(self, sentence: str) -> None:
        self.sentence.setText(sentence)
        self._layout.setCurrentWidget(self.sentence)

    def show_curves(
        self, curves: Sequence[Curve], only: int = -1, earlier: bool = False
    ) -> None:
        """Draw the curves of all models, or `only` that of one of them.

        Parameters
        ----------
        earlier : bool
            With earlier rounds behind: the last one of each of several models, all
            that are known of one.
        """
        places = range(len(curves)) if only < 0 else [only]
        places = [place for place in places if curves[place].points]
        if not places:
            self.say(NO_EPOCH)
            return
        rounds = 0 if not earlier else (1 if len(places) > 1 else 3)
        self.canvas.show_curves([curves[place] for place in places], places, rounds)
        self._layout.setCurrentWidget(self.canvas)


def _star(middle: QPointF, radius: float) -> List[QPointF]:
    found = []
    for number in range(10):
        angle = math.pi * (number / 5.0 - 0.5)
        far = radius if number % 2 == 0 else 0.45 * radius
        found.append(middle + QPointF(far * math.cos(angle), far * math.sin(angle)))
    return found
