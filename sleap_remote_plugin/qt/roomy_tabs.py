"""Tabs that are high enough for their words.

Fusion in Qt 6 draws a tab that is behind two pixels lower, and cuts what hangs below
the line.
"""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QTabBar, QTabWidget, QWidget


class _RoomyBar(QTabBar):
    def tabSizeHint(self, index: int) -> QSize:
        hint = super().tabSizeHint(index)
        return QSize(hint.width(), hint.height() + 4)


class RoomyTabs(QTabWidget):
    """Pages in document mode: no frame around them."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setTabBar(_RoomyBar(self))
        self.setDocumentMode(True)
