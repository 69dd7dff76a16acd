"""The selected job's files: where they are here and on the cluster, opened, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Sequence, Tuple

from qtpy.QtCore import QEvent, QPoint, Qt, Signal
from qtpy.QtGui import QGuiApplication, QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.roomy_rows import make_roomy
from sleap_remote_plugin.qt.wrapping_row import WrappingRow
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.session.job_files import FilePlace

NO_FILES = tr("The job's files have not been looked at yet.")
NOT_THERE = tr("not there")
NOT_SEEN = tr("cannot be looked at just now")
NOT_HERE = tr("on no disk of this computer")


class FilesPage(QWidget):
    """A line for each file; the buttons are for the selected one."""

    open_wanted = Signal(str, bool)  # path on this machine, whether it is a text

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.table = QTreeWidget()
        self.table.setObjectName("remote_files")
        self.table.setAccessibleName(tr("Files of the job"))
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        make_roomy(self.table)
        self.table.setColumnCount(2)
        self.table.setHeaderLabels([tr("What"), tr("Where")])
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.table.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.table.setColumnWidth(0, 110)
        self.table.currentItemChanged.connect(self._on_current)
        self.table.itemActivated.connect(self._on_activated)
        self.table.installEventFilter(self)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu_wanted)
        self.empty = QLabel(NO_FILES)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.table)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self._buttons())
        self._places: Tuple[FilePlace, ...] = ()
        self.menu: Optional[QMenu] = None
        self._on_current()

    def _buttons(self) -> WrappingRow:
        line = WrappingRow()
        line.setObjectName("remote_file_buttons")
        self.open = QPushButton(tr("Open"))
        self.open.setObjectName("remote_file_open")
        self.open.clicked.connect(self._on_open)
        self.copy = QPushButton(tr("Copy path"))
        self.copy.setObjectName("remote_file_copy")
        self.copy.clicked.connect(self._on_copy)
        self.copy_there = QPushButton(tr("Copy cluster path"))
        self.copy_there.setObjectName("remote_file_copy_there")
        self.copy_there.clicked.connect(self._on_copy_there)
        for button in (self.open, self.copy, self.copy_there):
            line.add(button, at_end=True)
        return line

    # -- what is shown ----------------------------------------------------------------

    def show_places(self, places: Sequence[FilePlace]) -> None:
        """Show them; the selected line stays selected."""
        if tuple(places) == self._places:
            return
        before = self.place()
        self._places = tuple(places)
        self.table.clear()
        for place in self._places:
            item = QTreeWidgetItem([place.title, where(place)])
            item.setToolTip(0, place.title)
            item.setToolTip(1, tip(place))
            if place.is_there is False:
                font = item.font(1)
                font.setItalic(True)
                item.setFont(1, font)
            self.table.addTopLevelItem(item)
        self.pages.setCurrentIndex(1 if places else 0)
        titles = [place.title for place in self._places]
        wanted = before.title if before is not None else tr("Folder")
        if titles:
            row = titles.index(wanted) if wanted in titles else 0
            self.table.setCurrentItem(self.table.topLevelItem(row))
        self._on_current()

    def resizeEvent(self, event: Any) -> None:
        """The names get what they need, up to a part of the width."""
        super().resizeEvent(event)
        wanted = max(self.table.sizeHintForColumn(0) + 8, 80)
        self.table.setColumnWidth(0, min(wanted, int(0.36 * self.width())))

    def place(self) -> Optional[FilePlace]:
        """The selected one."""
        item = self.table.currentItem()
        row = self.table.indexOfTopLevelItem(item) if item is not None else -1
        return self._places[row] if 0 <= row < len(self._places) else None

    def _on_current(self, *_args: Any) -> None:
        place = self.place()
        can_open = place is not None and bool(place.here) and place.is_there is True
        is_text = place is not None and (place.is_text or place.title == tr("Folder"))
        self.open.setText(tr("Open") if is_text or place is None else tr("Open folder"))
        _allow(self.open, "" if can_open else _why_not_open(place), tr("Show it."))
        _allow(
            self.copy,
            "" if place is not None and place.here else _why_not_open(place),
            tr("The path on this computer (Ctrl+C)."),
        )
        _allow(
            self.copy_there,
            ""
            if place is not None and place.there
            else tr("The cluster has no such path."),
            tr("The path as the cluster spells it."),
        )

    # -- what is done -----------------------------------------------------------------

    def _on_activated(self, *_args: Any) -> None:
        if self.open.isEnabled():
            self._on_open()

    def _on_open(self, *_args: Any) -> None:
        place = self.place()
        if place is not None and place.here:
            self.open_wanted.emit(place.here, place.is_text)

    def _on_copy(self, *_args: Any) -> None:
        place = self.place()
        if place is not None and place.here:
            QGuiApplication.clipboard().setText(place.here)

    def _on_copy_there(self, *_args: Any) -> None:
        place = self.place()
        if place is not None and place.there:
            QGuiApplication.clipboard().setText(place.there)

    def _on_menu_wanted(self, spot: QPoint) -> None:
        self.menu = QMenu(self)
        self.menu.setObjectName("remote_file_menu")
        self.menu.setToolTipsVisible(True)
        for button, deed in (
            (self.open, self._on_open),
            (self.copy, self._on_copy),
            (self.copy_there, self._on_copy_there),
        ):
            action = self.menu.addAction(button.text())
            action.setObjectName(button.objectName() + "_entry")
            action.setToolTip(button.toolTip())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(deed)
        self.menu.popup(self.table.viewport().mapToGlobal(spot))

    def eventFilter(self, watched: Any, event: Any) -> bool:
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() in kinds and event.matches(QKeySequence.StandardKey.Copy):
            event.accept()  # here it is ours, whatever it means in SLEAP
            if event.type() == QEvent.Type.KeyPress:
                self._on_copy()
            return True
        return super().eventFilter(watched, event)


def _allow(button: QPushButton, why_not: str, does: str) -> None:
    """Enable a button, or grey it out and say why."""
    button.setEnabled(not why_not)
    button.setToolTip(why_not or does)


def _why_not_open(place: Optional[FilePlace]) -> str:
    if place is None:
        return tr("No file is selected.")
    words = NOT_HERE if not place.here else NOT_THERE
    if place.here and place.is_there is None:
        words = NOT_SEEN
    return words[:1].upper() + words[1:] + "."


def where(place: FilePlace) -> str:
    """A file's place on one line: why it cannot be opened comes first."""
    if not place.here:
        return "{} ({})".format(place.there, NOT_HERE)
    if place.is_there is False:
        return "{}: {}".format(NOT_THERE, place.here)
    if place.is_there is None:
        return "{}: {}".format(NOT_SEEN, place.here)
    return place.here


def tip(place: FilePlace) -> str:
    """Both spellings in full."""
    lines = [where(place)]
    if place.there and place.here:
        lines.append(tr("On the cluster: ") + place.there)
    return "\n".join(lines)
