"""A list to choose from or type into, whose entries say more than their name.

The list shows ``a4500 – 3 free now``; the field holds ``a4500``.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QComboBox, QStyledItemDelegate, QWidget

_DETAIL = int(Qt.ItemDataRole.UserRole) + 1


class ChoiceCombo(QComboBox):
    """An editable combo; what was chosen stays, even where it is not on offer."""

    def __init__(self, name: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setMinimumContentsLength(8)
        self._delegate = _Detailed(self)
        self.view().setItemDelegate(self._delegate)

    def offer(self, choices: Sequence[Tuple[str, str]], chosen: str) -> None:
        """Fill the list with (name, what is said of it)."""
        offered = [
            (self.itemText(row), self.itemData(row, _DETAIL))
            for row in range(self.count())
        ]
        if offered != list(choices):
            self.clear()
            for row, (name, detail) in enumerate(choices):
                self.addItem(name)
                self.setItemData(row, detail, _DETAIL)
                shown = with_detail(name, detail)
                self.setItemData(row, shown, int(Qt.ItemDataRole.AccessibleTextRole))
        self.setCurrentText(chosen)

    def details(self) -> Tuple[str, ...]:
        """The list's lines, as they are seen."""
        return tuple(
            with_detail(self.itemText(row), self.itemData(row, _DETAIL) or "")
            for row in range(self.count())
        )

    def showPopup(self) -> None:
        """As wide as its lines, where the screen is."""
        metrics = self.fontMetrics()
        width = max(
            [metrics.boundingRect(text).width() for text in self.details()] or [0]
        )
        self.view().setMinimumWidth(min(width + 48, 640))
        super().showPopup()


class _Detailed(QStyledItemDelegate):
    def initStyleOption(self, option: Any, index: Any) -> None:
        super().initStyleOption(option, index)
        option.text = with_detail(option.text, index.data(_DETAIL) or "")

    def sizeHint(self, option: Any, index: Any) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(hint.height(), option.fontMetrics.height() + 6))


def with_detail(name: str, detail: str) -> str:
    return "{} \u2013 {}".format(name, detail) if detail else name
