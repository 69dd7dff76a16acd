"""The table of jobs: what is selected, folded, scrolled to, and what a click means.

Its rows are job_model.py's, its columns job_columns.py's. What the user looks at stays
as it is while jobs come, change and go.
"""

from __future__ import annotations

from typing import Any, Iterable, List, Optional

from qtpy.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QAbstractItemView, QApplication, QTreeView, QWidget

from sleap_remote_plugin.qt.job_cells import NAME, PROGRESS
from sleap_remote_plugin.qt.job_columns import JobColumns
from sleap_remote_plugin.qt.job_delegates import (
    NameDelegate,
    ProgressDelegate,
    RowDelegate,
)
from sleap_remote_plugin.qt.job_drag import can_be_dragged, drag_of
from sleap_remote_plugin.qt.job_filter import Wanted
from sleap_remote_plugin.qt.job_model import PROJECT_ROLE, UID_ROLE, JobModel
from sleap_remote_plugin.qt.states import icon_of
from sleap_remote_plugin.words import tr

_INDENT = 12


class JobTable(QTreeView):
    """The view. A job that a filter hides is selected again when it comes back."""

    selected = Signal(str)  # uid
    project_selected = Signal(str)  # path
    deed_wanted = Signal(str)  # uid: double click or Return
    search_wanted = Signal()
    folded = Signal()  # something was folded or unfolded by the user

    def __init__(self, model: JobModel, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._uid = self._told = ""
        self._pressed: Optional[QPoint] = None  # where a drag may begin
        self._folded: List[str] = []
        self._is_ours = False
        self.setObjectName("remote_job_table")
        self.setAccessibleName(tr("Remote jobs"))
        self.setWhatsThis(
            tr(
                "Jobs by project, the newest first. Double click or Return: what comes "
                "next for a job. Right click: all that can be done with it. Drag a "
                "finished prediction onto the video to load it. Ctrl+F: search. Right "
                "click on a header: columns and order."
            )
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setModel(model)
        self.setIndentation(_INDENT)
        size = max(16, self.fontMetrics().height())
        self.setIconSize(QSize(size, size))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(RowDelegate(self))
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        self.setItemDelegateForColumn(PROGRESS, ProgressDelegate(self))
        self.columns = JobColumns(self)
        self.columns.sort_changed.connect(self._on_sort)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        self.doubleClicked.connect(self._on_double_click)
        self.expanded.connect(self._on_unfolded)
        self.collapsed.connect(self._on_folded)
        model.rowsInserted.connect(self._on_inserted)

    # -- what is selected -------------------------------------------------------------

    def select(self, uid: str) -> None:
        """Select a job and show its row; one that is not known is left."""
        model = self.model()
        if model.job(uid) is None:
            return
        index = model.index_of(uid)
        if index.isValid():
            self._unfold_above(index)
            self.setCurrentIndex(index)
        else:
            self._tell(uid)

    def selected_uid(self) -> str:
        """The selected job's; empty on a project's row."""
        if self.currentIndex().data(PROJECT_ROLE) is not None:
            return ""
        return self._uid if self.model().job(self._uid) is not None else ""

    def remember(self, uid: str) -> None:
        """Select this job once it is there."""
        self._uid = uid

    def show_jobs(self, jobs: Iterable[Any]) -> None:
        """These are the jobs now."""
        self._keeping(lambda: self.model().set_jobs(tuple(jobs)))

    def show_wanted(self, wanted: Wanted) -> None:
        """Only jobs that fit have a row now."""
        self._keeping(lambda: self.model().set_wanted(wanted))

    def _on_sort(self, column: int, descending: bool) -> None:
        self._keeping(lambda: self.model().set_sorted(column, descending))

    def _keeping(self, change: Any) -> None:
        """Change rows; what was selected is selected afterwards, if it is there."""
        project = self.currentIndex().data(PROJECT_ROLE)
        before, self._is_ours = self._is_ours, True
        change()
        self._is_ours = before
        model, uid = self.model(), self._uid
        if project is not None and self.currentIndex().data(PROJECT_ROLE) == project:
            return
        index = model.index_of(uid)
        if not index.isValid() and model.job(uid) is None:
            index = self._nearest()
        if index != self.currentIndex() or index.data(UID_ROLE) != uid:
            self._make_current(index)

    def _nearest(self) -> QModelIndex:
        """Where Qt has put the selection of a job that has gone; else the newest."""
        index = self.currentIndex()
        if index.data(UID_ROLE):
            return index
        jobs = self.model().jobs()
        return self.model().index_of(jobs[0].uid) if jobs else QModelIndex()

    def _make_current(self, index: QModelIndex) -> None:
        """Select it without scrolling to it."""
        scrolls, self._is_ours = self.hasAutoScroll(), True
        self.setAutoScroll(False)
        place = self.verticalScrollBar().value()
        self.setCurrentIndex(index)
        self.verticalScrollBar().setValue(place)
        self.setAutoScroll(scrolls)
        self._is_ours = False
        if not index.isValid():
            self.selectionModel().clear()
        if index.data(UID_ROLE):
            self._tell(index.data(UID_ROLE))
        elif not self.model().jobs():
            self._told = ""

    def _tell(self, uid: str) -> None:
        self._uid = uid
        if uid != self._told:
            self._told = uid
            self.selected.emit(uid)

    def _on_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._is_ours:
            return
        project = current.data(PROJECT_ROLE)
        if project is not None:
            self._told = ""
            self.project_selected.emit(project)
        elif current.isValid():
            self._tell(current.data(UID_ROLE) or "")

    # -- what is folded ---------------------------------------------------------------

    def folded_keys(self) -> List[str]:
        """Projects and jobs whose rows are folded, the last one last."""
        return list(self._folded)

    def fold_keys(self, keys: Iterable[str]) -> None:
        """Fold these, now and when they come."""
        self._folded = list(dict.fromkeys(keys))
        for key in self._folded:
            self._set_open(self.model().index_of(key), False)

    def fold_all(self) -> None:
        """Only projects are seen."""
        for row in range(self.model().rowCount()):
            self.collapse(self.model().index(row, 0))

    def unfold_all(self) -> None:
        self._folded = []
        before, self._is_ours = self._is_ours, True
        self.expandAll()
        self._is_ours = before
        self.folded.emit()

    def _on_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        """What is new is open, unless it was folded before."""
        model, tops = self.model(), []
        if parent.isValid():
            self._open_unless_folded(parent)
        for row in range(first, last + 1):
            index = model.index(row, 0, parent)
            self._open_unless_folded(index)
            for below in range(model.rowCount(index)):
                self._open_unless_folded(model.index(below, 0, index))
            if not parent.isValid():
                tops.append(row)
        for row in tops:
            self.setFirstColumnSpanned(row, QModelIndex(), True)

    def _open_unless_folded(self, index: QModelIndex) -> None:
        branch = self.model().branch(index)
        if branch is not None and branch.children and branch.key not in self._folded:
            self._set_open(index, True)

    def _unfold_above(self, index: QModelIndex) -> None:
        above = index.parent()
        while above.isValid():
            self.expand(above)
            above = above.parent()

    def _set_open(self, index: QModelIndex, is_open: bool) -> None:
        before, self._is_ours = self._is_ours, True
        if index.isValid():
            self.setExpanded(index, is_open)
        self._is_ours = before

    def _on_folded(self, index: QModelIndex) -> None:
        branch = self.model().branch(index)
        if branch is not None and not self._is_ours:
            self._folded = [k for k in self._folded if k != branch.key] + [branch.key]
            self.folded.emit()

    def _on_unfolded(self, index: QModelIndex) -> None:
        branch = self.model().branch(index)
        if branch is not None and not self._is_ours:
            self._folded = [key for key in self._folded if key != branch.key]
            self.folded.emit()

    # -- what a click means -----------------------------------------------------------

    def _on_double_click(self, index: QModelIndex) -> None:
        self._do(index)

    def _do(self, index: QModelIndex) -> None:
        if index.data(PROJECT_ROLE) is not None:
            first = index.sibling(index.row(), 0)
            self.setExpanded(first, not self.isExpanded(first))
        elif index.data(UID_ROLE):
            self.deed_wanted.emit(index.data(UID_ROLE))

    def event(self, event: Any) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and event.matches(
            QKeySequence.StandardKey.Find
        ):
            event.accept()  # here it is ours, whatever it means in SLEAP
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: Any) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.search_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self.currentIndex())
        else:
            super().keyPressEvent(event)

    # -- what is dragged --------------------------------------------------------------

    # By hand, since Qt asks for the flags of every cell that it draws, and a model in
    # Python would have to answer each time.

    def mousePressEvent(self, event: Any) -> None:
        super().mousePressEvent(event)
        is_left = event.button() == Qt.MouseButton.LeftButton
        index = self.indexAt(event.pos())
        job = self.model().job(index.data(UID_ROLE) or "")
        self._pressed = event.pos() if is_left and can_be_dragged(job) else None

    def mouseMoveEvent(self, event: Any) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        way = (event.pos() - self._pressed).manhattanLength()
        if way >= QApplication.startDragDistance():
            self._pressed = None
            self.startDrag(Qt.DropAction.CopyAction)

    def startDrag(self, action: Any) -> None:
        """A finished prediction can be taken to SLEAP's video."""
        job = self.model().job(self.currentIndex().data(UID_ROLE) or "")
        if job is not None and can_be_dragged(job):
            icon = icon_of(job.state, QApplication.palette())
            drag_of(job, icon, self).exec_(action)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.columns.fit()
