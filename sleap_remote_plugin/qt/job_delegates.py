"""How the table's cells are drawn: quickly, and mirrored where text runs that way.

They ask the model themselves, once a cell: Qt would for each role, and wait each time
until the other threads let Python go.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QRect, QSize, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QPalette
from qtpy.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from sleap_remote_plugin.qt.direction import by_its_own

#: Pixels between a project's name and what is said of its jobs.
_GAP = 12


class RowDelegate(QStyledItemDelegate):
    """Rows with room for a thin bar under the text."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Any) -> None:
        option.index = index
        index.model().fill(option, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), option.fontMetrics.height() + 12)


class NameDelegate(RowDelegate):
    """A job's name; or a project's, with how its jobs stand at the end of the row."""

    def paint(self, painter: Any, option: QStyleOptionViewItem, index: Any) -> None:
        told = index.model().told(index)
        if not told:
            super().paint(painter, option, index)
            return
        whole = QRect(option.rect)
        style = option.widget.style() if option.widget else QApplication.style()
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        style.drawPrimitive(panel, option, painter, option.widget)
        metrics = option.fontMetrics
        bold = QFont(option.font)
        bold.setBold(True)
        title = QFontMetrics(bold).horizontalAdvance(index.model().branch(index).title)
        room = max(whole.width() // 2, whole.width() - title - 2 * _GAP)
        width = min(metrics.horizontalAdvance(told) + 2, room)
        name = QRect(whole)
        name.setWidth(max(0, whole.width() - width - _GAP))
        option.rect = QStyle.visualRect(option.direction, whole, name)
        super().paint(painter, option, index)
        place = QRect(whole.right() - width - 3, whole.top(), width, whole.height())
        self._draw_told(
            painter,
            option,
            QStyle.visualRect(option.direction, whole, place),
            metrics.elidedText(told, Qt.TextElideMode.ElideRight, width),
        )
        option.rect = whole

    @staticmethod
    def _draw_told(
        painter: Any, option: QStyleOptionViewItem, place: QRect, text: str
    ) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        roles = QPalette.ColorRole
        role = roles.HighlightedText if selected else roles.Text
        colour = QColor(option.palette.color(role))
        colour.setAlphaF(1.0 if selected else 0.72)
        alignment = QStyle.visualAlignment(
            option.direction,
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
        )
        painter.save()
        by_its_own(painter)
        painter.setPen(colour)
        painter.setFont(option.font)
        painter.drawText(place, int(alignment), text)
        painter.restore()


class ProgressDelegate(RowDelegate):
    """The progress as text, with a thin bar under it."""

    def paint(self, painter: Any, option: QStyleOptionViewItem, index: Any) -> None:
        super().paint(painter, option, index)
        share = index.model().share(index)
        if share is None:
            return
        groove, bar = bar_rects(option.rect, share, option.direction)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = (
            QPalette.ColorRole.HighlightedText
            if selected
            else QPalette.ColorRole.Highlight
        )
        back = QColor(option.palette.color(QPalette.ColorRole.Text))
        back.setAlpha(45)
        painter.fillRect(groove, back)
        painter.fillRect(bar, option.palette.color(role))


def bar_rects(cell: QRect, share: float, direction: Any) -> Any:
    """(groove, bar) of a progress bar in a cell; it fills from where text begins."""
    left, width = cell.left() + 4, cell.width() - 10
    groove = QRect(left, cell.bottom() - 3, width, 3)
    bar = QRect(left, groove.top(), max(1, int(width * share)), 3)
    mirrored = [QStyle.visualRect(direction, cell, part) for part in (groove, bar)]
    return mirrored[0], mirrored[1]
