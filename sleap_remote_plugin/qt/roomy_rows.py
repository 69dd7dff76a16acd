"""Rows of a table that are high enough for every script, and in its order.

Names in other scripts are higher than the table's own font says, and Qt makes all rows
as high as the first.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from sleap_remote_plugin.qt.direction import isolate

#: Pixels above and below the text together.
_ROOM = 8


class _RoomyRows(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem, index: Any) -> None:
        super().initStyleOption(option, index)
        isolate(option)

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), option.fontMetrics.height() + _ROOM)


def make_roomy(table: QAbstractItemView) -> None:
    """Give each of its rows room for a line of any script."""
    table.setItemDelegate(_RoomyRows(table))
