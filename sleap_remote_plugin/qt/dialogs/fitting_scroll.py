"""A page as high as what is on it; it scrolls only where there is no room."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import QSize, Qt, QTimer
from qtpy.QtWidgets import QDialog, QFrame, QLabel, QScrollArea, QWidget

#: Pixels of the screen that are left for a window's frame and the taskbar; and lines
#: of text that a dialog opens with at most, as a small screen has them.
_FRAME, _LINES = 60, 38
_GAP = 6


class FittingScroll(QScrollArea):
    """Wants the whole height of its page.

    Parameters
    ----------
    width : int
        Pixels that it would like, at least.
    """

    def __init__(
        self, page: QWidget, width: int, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._width = width
        self._fitted = 0  # the height that the dialog was made to fit last
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._ask_for_lines)

    def wanted_height(self, width: int) -> int:
        """What the page needs at a width, its wrapped lines included."""
        layout = self.widget().layout()
        layout.activate()
        if layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
        return layout.totalSizeHint().height()

    def sizeHint(self) -> QSize:
        """Lines that can be shortened or wrapped do not make it wider."""
        width = max(self._least_width(), self._width)
        most = _LINES * self.fontMetrics().lineSpacing()
        return QSize(width, min(self.wanted_height(width), most))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least_width(), 120)

    def _least_width(self) -> int:
        """With room for the bar, whether it is there or not."""
        bar = self.verticalScrollBar().sizeHint().width() + _GAP
        return self.widget().minimumSizeHint().width() + bar

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._ask_for_lines()

    def _on_range(self, _least: int, most: int) -> None:
        """Leave some room between the page and the bar beside it."""
        gap = _GAP if most else 0
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left, right = (gap, 0) if is_mirrored else (0, gap)
        self.widget().layout().setContentsMargins(left, 0, right, 0)
        self._later.start(0)

    def _ask_for_lines(self) -> None:
        """Qt 5's forms give wrapped labels too little height: they ask for theirs."""
        for label in self.widget().findChildren(QLabel):
            if label.wordWrap() and label.isVisible():
                height = max(0, label.heightForWidth(label.width()))
                if label.minimumHeight() != height:
                    label.setMinimumHeight(height)

    def fit(self, dialog: QDialog) -> None:
        """Give the dialog as much height more, or less, as its page wants since.

        As far as the screen has it; what the user made of its height stays.
        """
        if not dialog.isVisible():
            return
        dialog.layout().activate()
        self._ask_for_lines()
        around = dialog.height() - self.viewport().height()
        wanted = around + self.wanted_height(self.viewport().width())
        before, self._fitted = self._fitted, wanted
        height = wanted
        if before:
            height = min(dialog.height() + max(0, wanted - before), wanted)
        most = _LINES * self.fontMetrics().lineSpacing()
        screen = dialog.screen() if hasattr(dialog, "screen") else None
        if before and screen is not None:
            most = screen.availableGeometry().height() - _FRAME
        height = min(height, most)
        if height != dialog.height() and wanted != before:
            dialog.resize(dialog.width(), height)
