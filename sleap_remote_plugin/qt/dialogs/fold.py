"""A button that unfolds what is below it."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QToolButton


def fold_button(text: str, name: str) -> QToolButton:
    """A flat button with an arrow."""
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setCheckable(True)
    button.setAutoRaise(True)
    show_fold(button, False)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def show_fold(button: QToolButton, shown: bool) -> None:
    """Turn its arrow."""
    arrow = Qt.ArrowType
    is_mirrored = button.layoutDirection() == Qt.LayoutDirection.RightToLeft
    folded = arrow.LeftArrow if is_mirrored else arrow.RightArrow
    button.setArrowType(arrow.DownArrow if shown else folded)
