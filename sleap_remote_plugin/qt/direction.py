"""Texts that run the other way than the window, as names and paths do.

Qt lays out what it paints by the window's direction: right to left, "2 running" would
be shown as "running 2", and a path with its first slash behind it.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QStyleOptionViewItem


def by_its_own(painter: Any) -> None:
    """Have what a painter writes run as its own letters do."""
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)


def isolate(option: QStyleOptionViewItem) -> None:
    """The same for a cell that a style paints; what is copied stays as it is."""
    if option.direction == Qt.LayoutDirection.RightToLeft and option.text:
        option.text = "\u2068{}\u2069".format(option.text)
