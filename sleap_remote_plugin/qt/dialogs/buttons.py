"""The row of buttons of our dialogs: the platform's order, words without icons."""

from __future__ import annotations

from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QDialogButtonBox, QMessageBox


def plain(box: "QDialogButtonBox | QMessageBox") -> None:
    """Take the theme's icons off: SLEAP's own buttons have none."""
    for button in box.buttons():
        button.setIcon(QIcon())
