"""A label that shortens its text with an ellipsis and tells all of it in a tooltip."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QPainter
from qtpy.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from sleap_remote_plugin.qt.direction import by_its_own


class ElidedLabel(QLabel):
    """One line of plain text, never wider than its place."""

    def __init__(self, text: str = "", parent: Optional[QWidget] = None) -> None:
        super().__init__(text, parent)
        self._hint = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, super().minimumSizeHint().height())

    def elided_text(self) -> str:
        width = self.contentsRect().width()
        mode = Qt.TextElideMode.ElideRight
        return self.fontMetrics().elidedText(self.text(), mode, width)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._tell_in_full()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._tell_in_full()

    def set_hint(self, hint: str) -> None:
        """What the tooltip says besides; then it always has the whole text too."""
        self._hint = hint
        self._tell_in_full()

    def _tell_in_full(self) -> None:
        is_short = self.elided_text() == self.text()
        told = "" if is_short and not self._hint else self.text()
        self.setToolTip("\n".join(part for part in (told, self._hint) if part))

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self)
        by_its_own(painter)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(QStyle.visualAlignment(self.layoutDirection(), self.alignment())),
            self.palette(),
            self.isEnabled(),
            self.elided_text(),
            self.foregroundRole(),
        )
