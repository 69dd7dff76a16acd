"""The table's columns: which are shown, where, how wide; by themselves or as chosen.

Until the user chose, a narrow table shows the name, the state and the progress, and
others where the name keeps its room. The name is always there, and first.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QAction, QHeaderView, QMenu, QTreeView

from sleap_remote_plugin.qt.job_cells import (
    HEADERS,
    KEYS,
    KIND,
    NAME,
    NODE,
    PROGRESS,
    STATE,
    SUBMITTED,
    TIME,
)
from sleap_remote_plugin.words import tr

#: Columns that are shown while a usual name keeps its room; else they are left to
#: the tooltip and the details.
SHOWN_WITH_ROOM = (TIME, NODE, KIND, SUBMITTED)
USUAL_NAME = "top-down predictions"
LEAST_NAME = "labels.v"

#: The longest usual words of each column, by which it is as wide as it is.
_USUAL = {
    KIND: "Predict",
    STATE: "Out of memory",
    PROGRESS: "epoch 100/200",
    TIME: "10 h 55 min / 12 h",
    NODE: "gpu-sr670-20 · a4500",
    SUBMITTED: "27 Nov 2026, 18:40",
}
#: The same in a narrow table: a longer word is shortened, the tooltip has it. A state
#: is never shortened: it is what one looks for.
_NARROW = {PROGRESS: "epoch 41/200"}


class JobColumns(QObject):
    """Looks after a table's header.

    `changed` says that the user did something that is worth remembering.
    """

    changed = Signal()
    sort_changed = Signal(int, bool)  # column or -1, descending

    def __init__(self, table: QTreeView) -> None:
        super().__init__(table)
        self.table = table
        self.header = table.header()
        self.menu: Optional[QMenu] = None
        #: The shown columns as the user chose them; None: by themselves.
        self._chosen: Optional[Tuple[int, ...]] = None
        self._own: Dict[int, int] = {}
        self._sorted: Tuple[int, bool] = (-1, False)
        self._is_ours = False
        self._build()
        self.reset()

    def _build(self) -> None:
        header = self.header
        header.setObjectName("remote_job_header")
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setSortIndicatorShown(False)
        header.setToolTip(
            tr(
                "Click: sort the jobs of each project. Drag: move the column. Right "
                "click: choose columns."
            )
        )
        for column in range(len(HEADERS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_menu_wanted)
        header.sectionClicked.connect(self._on_clicked)
        header.sectionResized.connect(self._on_resized)
        header.sectionMoved.connect(self._on_moved)

    # -- which are shown --------------------------------------------------------------

    def fit(self) -> None:
        """Show what there is room for, or what was chosen."""
        before, self._is_ours = self._is_ours, True
        scroll = Qt.ScrollBarPolicy
        wanted = self._chosen if self._chosen is not None else self._with_room()
        self.table.setHorizontalScrollBarPolicy(
            scroll.ScrollBarAlwaysOff
            if self._chosen is None
            else scroll.ScrollBarAsNeeded
        )
        for column in range(1, len(HEADERS)):
            is_hidden = column not in wanted
            if self.table.isColumnHidden(column) != is_hidden:
                self.table.setColumnHidden(column, is_hidden)
        is_narrow = self._chosen is None and TIME not in wanted
        for column in wanted:
            width = self._width(column, is_narrow)
            if self.table.columnWidth(column) != width:
                self.table.setColumnWidth(column, width)
        self._is_ours = before

    def _with_room(self) -> Tuple[int, ...]:
        advance = self.table.fontMetrics().horizontalAdvance
        indent = 2 * self.table.indentation()
        narrow = self._width(STATE, True) + self._width(PROGRESS, True)
        found = [STATE]
        if self.table.width() - indent - narrow >= advance(LEAST_NAME) + 16:
            found.append(PROGRESS)
        room = self.table.width() - self._width(STATE) - self._width(PROGRESS) - indent
        room -= advance(USUAL_NAME) + 16
        for column in SHOWN_WITH_ROOM:
            room -= self._width(column)
            if room >= 0:
                found.append(column)
        return tuple(found)

    def _width(self, column: int, is_narrow: bool = False) -> int:
        if column in self._own:
            return self._own[column]
        words = _USUAL[column]
        if is_narrow:
            words = _NARROW.get(column, words)
        icon = self.table.iconSize().width() + 8 if column == STATE else 0
        space = 10 if is_narrow else 16
        return self.table.fontMetrics().horizontalAdvance(words) + icon + space

    def choose(self, column: int, shown: bool) -> None:
        """Show or hide a column from now on, whatever room there is."""
        now = [c for c in range(1, len(HEADERS)) if not self.table.isColumnHidden(c)]
        rest = [c for c in now if c != column]
        self._chosen = tuple(rest + [column]) if shown else tuple(rest)
        self.fit()
        self.changed.emit()

    def reset(self) -> None:
        """All as it was at first: columns, places, widths, the newest job first."""
        self._is_ours = True
        self._chosen = None
        self._own.clear()
        for column in range(len(HEADERS)):
            self.header.moveSection(self.header.visualIndex(column), column)
            if column != NAME:
                self.table.setColumnWidth(column, self._width(column))
        self._is_ours = False
        self.fit()
        self.sort(-1, False)
        self.changed.emit()

    # -- sorted -----------------------------------------------------------------------

    def sort(self, column: int, descending: bool) -> None:
        self._sorted = (column, descending)
        orders = Qt.SortOrder
        # -1 takes the arrow away; else Qt would put one onto the clicked column.
        self.header.setSortIndicatorShown(column >= 0)
        if column >= 0:
            self.header.setSortIndicator(
                column, orders.DescendingOrder if descending else orders.AscendingOrder
            )
        self.sort_changed.emit(column, descending)

    def _on_clicked(self, column: int) -> None:
        """Up, down, and the third time the newest first again."""
        if self._sorted == (column, False):
            self.sort(column, True)
        elif self._sorted == (column, True):
            self.sort(-1, False)
        else:
            self.sort(column, False)
        self.changed.emit()

    # -- remembered -------------------------------------------------------------------

    def to_dict(self) -> Dict[str, Any]:
        """What the user chose, by the columns' names."""
        order = sorted(range(len(HEADERS)), key=self.header.visualIndex)
        column, descending = self._sorted
        return {
            "shown": None if self._chosen is None else [KEYS[c] for c in self._chosen],
            "order": [KEYS[column] for column in order],
            "widths": {KEYS[column]: width for column, width in self._own.items()},
            "sort": [KEYS[column], descending] if column >= 0 else None,
        }

    def restore(self, values: Any) -> None:
        """Take up what `to_dict` gave; what is not understood is left out."""
        if not isinstance(values, dict):
            return
        self._is_ours = True
        shown = values.get("shown")
        known = [c for c in _columns(shown) if c != NAME]
        if isinstance(shown, list) and (known or not shown):
            self._chosen = tuple(known)
        widths = values.get("widths")
        for key, width in widths.items() if isinstance(widths, dict) else ():
            if key in KEYS and isinstance(width, int) and 40 <= width <= 2000:
                self._own[KEYS.index(key)] = width
                self.table.setColumnWidth(KEYS.index(key), width)
        order = [c for c in _columns(values.get("order")) if c != NAME]
        for place, column in enumerate(order):
            self.header.moveSection(self.header.visualIndex(column), place + 1)
        self._is_ours = False
        self.fit()
        sort = values.get("sort")
        if isinstance(sort, list) and len(sort) == 2 and sort[0] in KEYS:
            self.sort(KEYS.index(sort[0]), bool(sort[1]))

    def _on_resized(self, column: int, _before: int, width: int) -> None:
        if not self._is_ours and column != NAME and width > 0:
            self._own[column] = width
            self.changed.emit()

    def _on_moved(self, *_args: Any) -> None:
        if not self._is_ours:
            self.changed.emit()

    # -- the menu ---------------------------------------------------------------------

    def _on_menu_wanted(self, place: Any) -> None:
        self.show_menu(self.header.mapToGlobal(place))

    def show_menu(self, place: Any) -> None:
        """Choose and sort; for the keyboard too, which cannot click on a header."""
        menu = QMenu(self.table)
        menu.setObjectName("remote_column_menu")
        menu.setToolTipsVisible(True)
        order = menu.addMenu(tr("Sort by"))
        order.setObjectName("remote_sort_menu")
        titles = (tr("Newest first"),) + HEADERS
        for column, title in enumerate(titles, -1):
            name = "remote_sort_" + (KEYS[column] if column >= 0 else "newest")
            is_it = self._sorted[0] == column
            self._add(order, name, title, column, is_it, self._on_sort_chosen)
        menu.addSeparator()
        for column in range(1, len(HEADERS)):
            name, is_shown = KEYS[column], not self.table.isColumnHidden(column)
            self._add(
                menu,
                "remote_column_" + name,
                HEADERS[column],
                column,
                is_shown,
                self._on_chosen,
            )
        menu.addSeparator()
        reset = QAction(tr("Reset columns"), menu)
        reset.setObjectName("remote_reset_columns")
        reset.setToolTip(
            tr("Columns as the table's width allows; the newest job first.")
        )
        reset.triggered.connect(self._on_reset)
        menu.addAction(reset)
        self.menu = menu
        menu.popup(place)

    @staticmethod
    def _add(
        menu: QMenu, name: str, title: str, column: int, checked: bool, slot: Any
    ) -> None:
        action = QAction(title, menu)
        action.setObjectName(name)
        action.setCheckable(True)
        action.setChecked(checked)
        action.setData(column)
        action.triggered.connect(slot)
        menu.addAction(action)

    def _on_sort_chosen(self, *_args: Any) -> None:
        action = self.sender()
        if action is None:
            return
        if int(action.data()) < 0:
            self.sort(-1, False)
            self.changed.emit()
        else:
            self._on_clicked(int(action.data()))

    def _on_chosen(self, checked: bool) -> None:
        action = self.sender()
        if action is not None:
            self.choose(int(action.data()), checked)

    def _on_reset(self, *_args: Any) -> None:
        self.reset()


def _columns(keys: Any) -> List[int]:
    """Columns of these names, each once."""
    known = [k for k in keys if k in KEYS] if isinstance(keys, list) else []
    return [KEYS.index(key) for key in dict.fromkeys(known)]
