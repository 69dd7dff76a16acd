"""A page as high as what is on it; it scrolls only where the screen is too low."""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

#: Pixels of the screen that are left for a window's frame and the taskbar.
_FRAME = 60


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
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)

    def wanted_height(self, width: int) -> int:
        """What the page needs at a width, its wrapped lines included."""
        layout = self.widget().layout()
        layout.activate()
        if layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
        return layout.totalSizeHint().height()

    def sizeHint(self) -> QSize:
        """Lines that can be shortened or wrapped do not make it wider."""
        width = max(self.widget().minimumSizeHint().width(), self._width)
        return QSize(width, self.wanted_height(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.widget().minimumSizeHint().width(), 120)


def fit(dialog: QDialog, scroll: FittingScroll, shrink: bool = False) -> None:
    """Give a dialog the height that its page wants, as far as the screen has it."""
    if not dialog.isVisible():
        return
    dialog.layout().activate()
    around = dialog.height() - scroll.viewport().height()
    wanted = around + scroll.wanted_height(scroll.viewport().width())
    screen = dialog.screen() if hasattr(dialog, "screen") else None
    if screen is not None:
        wanted = min(wanted, screen.availableGeometry().height() - _FRAME)
    if wanted > dialog.height() or (shrink and wanted < dialog.height()):
        dialog.resize(dialog.width(), wanted)
