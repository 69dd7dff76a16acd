"""The loss curves of one training job: train and validation, log scale, best epoch.

Painted once for the same curves, size and colours, and kept: loss_painting.py. Where
points lie and what is said of them is loss_axes.py's.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from qtpy.QtCore import QEvent, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPixmap
from qtpy.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QWidget

from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.loss_axes import (
    Curve,
    Frame,
    Range,
    description,
    range_of,
    values_at,
)
from sleap_remote_plugin.qt.loss_painting import LossPainting
from sleap_remote_plugin.words import tr

NO_EPOCH = tr("No epoch has ended yet. The curve begins with the first one.")


class LossCanvas(QWidget):
    """The plot. The arrow keys and the mouse read its values."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_loss_plot")
        self.setAccessibleName(tr("Loss by epoch"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("")
        self._curves: Tuple[Curve, ...] = ()
        self._colours: Tuple[int, ...] = ()
        self._earlier = 0
        self._range: Optional[Range] = None
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
        if self._range is not None and self._frame is not None:
            share = (place.x() - self._frame.left) / self._frame.width
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
        if self._range is not None:
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self.font())
            painting = LossPainting(painter, self.palette(), self._range, self.size())
            painting.paint(self._curves, self._colours, self._earlier)
            self._frame = painting.frame
            painter.end()
        return picture

    def _paint_values(self, painter: QPainter) -> None:
        """The values of one epoch, in a small box beside its line."""
        assert self._frame is not None
        x, top = self._frame.x(self.epoch), self._frame.top
        palette = self.palette()
        ink = QColor(palette.color(QPalette.ColorRole.WindowText))
        ink.setAlphaF(0.5)
        painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, top), QPointF(x, top + self._frame.height))
        lines = values_at(self._curves, self.epoch)
        metrics = QFontMetricsF(self.font())
        wide = max(metrics.horizontalAdvance(line) for line in lines) + 12
        high = metrics.height() * len(lines) + 8
        left = x + 8 if x + 8 + wide < self.width() else max(0.0, x - 8 - wide)
        box = QRectF(left, top, wide, high)
        painter.setPen(QPen(ink, 1))
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
        self.sentence.setContentsMargins(16, 0, 16, 0)
        self.canvas = LossCanvas()
        self._layout.addWidget(self.sentence)
        self._layout.addWidget(self.canvas)

    def say(self, sentence: str) -> None:
        self.sentence.setText(texts.breakable(sentence))
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
