"""A dialog as high as its wrapped sentences are.

Qt reckons their height for another width than they get, and makes no dialog higher than
two thirds of the screen by itself: on a low one its parts would lie on each other.
"""

from __future__ import annotations

from qtpy.QtWidgets import QDialog


def take_own_height(dialog: QDialog) -> None:
    """To be called as it is shown, and when it has more to say."""
    layout = dialog.layout()
    layout.activate()
    width = max(dialog.width(), layout.totalMinimumSize().width())
    dialog.resize(width, layout.totalHeightForWidth(width))
