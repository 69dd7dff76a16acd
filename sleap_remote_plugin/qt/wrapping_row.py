"""Buttons beside each other, in as many lines as the width asks for."""

from __future__ import annotations

from typing import Any, List, Optional, Set, Tuple

from qtpy.QtCore import QEvent, QRect, QSize
from qtpy.QtWidgets import QSizePolicy, QStyle, QWidget

#: Pixels between buttons, and between lines.
_GAP = 6


class WrappingRow(QWidget):
    """As narrow as its widest widget; those that are hidden take no room.

    Widgets that were added with `at_end` stand at the other end of their line.
    """

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._widgets: List[QWidget] = []
        self._at_end: Set[int] = set()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget, at_end: bool = False) -> None:
        """Put a widget behind the others; those at the end come last."""
        widget.setParent(self)
        if at_end:
            self._at_end.add(len(self._widgets))
        self._widgets.append(widget)

    # -- how much room it takes -------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arranged(width)[1]

    def sizeHint(self) -> QSize:
        sizes = [widget.sizeHint() for _, widget in self._shown()]
        gaps = _GAP * max(0, len(sizes) - 1)
        return QSize(sum(size.width() for size in sizes) + gaps, _highest(sizes))

    def minimumSizeHint(self) -> QSize:
        sizes = [widget.sizeHint() for _, widget in self._shown()]
        return QSize(max([size.width() for size in sizes] or [0]), _highest(sizes))

    def _shown(self) -> List[Tuple[int, QWidget]]:
        found = enumerate(self._widgets)
        return [(place, widget) for place, widget in found if not widget.isHidden()]

    # -- where each is ----------------------------------------------------------------

    def _lines(self, width: int) -> List[List[Tuple[int, QWidget]]]:
        """What stands in each line: the ones at the end stay together if they can."""
        lines: List[List[Tuple[int, QWidget]]] = []
        room, is_end = 0, False
        shown = self._shown()
        ends = [
            w.sizeHint().width() + _GAP for place, w in shown if self._is_end(place)
        ]
        for place, widget in shown:
            wanted = widget.sizeHint().width()
            needed = wanted
            if self._is_end(place) and not is_end:
                is_end = True
                needed = min(sum(ends) - _GAP, width)
            if not lines or room < needed:
                lines.append([])
                room = width
            lines[-1].append((place, widget))
            room -= wanted + _GAP
        return lines

    def _is_end(self, place: int) -> bool:
        return place in self._at_end

    def _arranged(self, width: int) -> Tuple[List[Tuple[QWidget, QRect]], int]:
        """Each widget with its rectangle, left to right; and the height of all."""
        found: List[Tuple[QWidget, QRect]] = []
        y = 0
        for line in self._lines(width):
            sizes = [widget.sizeHint() for _, widget in line]
            left = width - sum(size.width() for size in sizes) - _GAP * (len(line) - 1)
            x, was_end = 0, False
            for (place, widget), size in zip(line, sizes):
                if self._is_end(place) and not was_end:
                    x, was_end = x + max(0, left), True
                found.append(
                    (widget, QRect(x, y, min(size.width(), width), size.height()))
                )
                x += size.width() + _GAP
            y += _highest(sizes) + _GAP
        return found, max(0, y - _GAP)

    def _arrange(self) -> None:
        for widget, place in self._arranged(self.width())[0]:
            widget.setGeometry(
                QStyle.visualRect(self.layoutDirection(), self.rect(), place)
            )

    # -- when that changes ------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: Any) -> bool:
        """A widget came, went, or says something else."""
        kinds = (QEvent.Type.LayoutRequest, QEvent.Type.LayoutDirectionChange)
        if event.type() in kinds:
            self.updateGeometry()
            self._arrange()
        return super().event(event)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._arrange()


def _highest(sizes: List[QSize]) -> int:
    return max([size.height() for size in sizes] or [0])
