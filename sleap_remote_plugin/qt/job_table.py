"""The table of jobs: a model that keeps selection and scroll through updates."""

from __future__ import annotations

import itertools
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from qtpy.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    Qt,
    Signal,
)
from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from sleap_remote_plugin.jobs.chain import waits_for
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.states import COLOURS, TEXTS, icon_of, is_dark

NAME, KIND, STATE, PROGRESS, TIME, NODE = range(6)
HEADERS = ("Job", "Kind", "State", "Progress", "Time / limit", "Node")
#: Columns that are shown while a usual name keeps its room; else they are left to
#: the tooltip and the details.
SHOWN_WITH_ROOM = (TIME, KIND, NODE)
USUAL_NAME = "labels.v001 top-down"
LEAST_NAME = "labels.v"

UID_ROLE = Qt.ItemDataRole.UserRole
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1


class JobModel(QAbstractTableModel):
    """Jobs, one a row, in the order in which they are given."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._jobs: List[Job] = []
        self._rows: Dict[str, int] = {}
        self._progress: Dict[str, Tuple[Any, ...]] = {}

    def job(self, uid: str) -> Optional[Job]:
        row = self.row_of(uid)
        return self._jobs[row] if row >= 0 else None

    def jobs(self) -> Tuple[Job, ...]:
        return tuple(self._jobs)

    def row_of(self, uid: str) -> int:
        row = self._rows.get(uid, -1)
        if not 0 <= row < len(self._jobs) or self._jobs[row].uid != uid:
            self._rows = {job.uid: row for row, job in enumerate(self._jobs)}
        return self._rows.get(uid, -1)

    def progress(self, uid: str) -> Tuple[Any, ...]:
        return self._progress.get(uid, ())

    def set_jobs(self, jobs: Sequence[Job]) -> None:
        """Show these jobs; rows that stay keep their selection.

        Qt is told once for many rows: each time it is, other threads get their turn.
        """
        wanted = {job.uid for job in jobs}
        self._remove([job.uid in wanted for job in self._jobs])
        present = {job.uid for job in self._jobs}
        row = 0
        while row < len(jobs):
            new = list(itertools.takewhile(lambda x: x.uid not in present, jobs[row:]))
            if new:
                self._insert(row, new)
                row += len(new)
                continue
            self._move(self.row_of(jobs[row].uid), row)
            row += 1
        changed = [
            row for row, job in enumerate(jobs) if not _same(self._jobs[row], job)
        ]
        self._jobs = list(jobs)
        self._changed(changed)

    def _remove(self, stays: Sequence[bool]) -> None:
        row = len(stays) - 1
        while row >= 0:
            last = row
            while row >= 0 and not stays[row]:
                row -= 1
            if row < last:
                self.beginRemoveRows(QModelIndex(), row + 1, last)
                del self._jobs[row + 1 : last + 1]
                self.endRemoveRows()
            row -= 1

    def _insert(self, row: int, jobs: Sequence[Job]) -> None:
        self.beginInsertRows(QModelIndex(), row, row + len(jobs) - 1)
        self._jobs[row:row] = jobs
        self.endInsertRows()

    def _move(self, now_at: int, row: int) -> None:
        if now_at != row:
            self.beginMoveRows(QModelIndex(), now_at, now_at, QModelIndex(), row)
            self._jobs.insert(row, self._jobs.pop(now_at))
            self.endMoveRows()

    def set_progress(self, found: Mapping[str, Sequence[Any]]) -> None:
        """How far jobs are, by uid; what is known of others stays."""
        changed = []
        for uid, progress in found.items():
            if self._progress.get(uid) != tuple(progress):
                self._progress[uid] = tuple(progress)
                changed.append(self.row_of(uid))
        self._changed([row for row in changed if row >= 0])

    def tick(self) -> None:
        """Time has passed: the running jobs' times are drawn anew."""
        jobs = enumerate(self._jobs)
        running = [row for row, job in jobs if job.state is JobState.RUNNING]
        self._changed(running, TIME, TIME)

    def _changed(self, rows: Sequence[int], first: int = 0, last: int = NODE) -> None:
        """Rows between them are drawn too, those that are in sight."""
        if rows:
            ends = self.index(min(rows), first), self.index(max(rows), last)
            self.dataChanged.emit(*ends)

    # -- what Qt asks -----------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._jobs)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and (
            role == Qt.ItemDataRole.DisplayRole
        ):
            return HEADERS[section]
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        if not index.isValid() or index.row() >= len(self._jobs):
            return None
        job = self._jobs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(job, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(job)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "{}: {}".format(
                HEADERS[index.column()], self._text(job, index.column())
            )
        if role == UID_ROLE:
            return job.uid
        palette = QApplication.palette()
        if index.column() == STATE and role == Qt.ItemDataRole.DecorationRole:
            return icon_of(job.state, palette)
        if index.column() == STATE and role == Qt.ItemDataRole.ForegroundRole:
            return QColor(COLOURS[job.state][is_dark(palette)])
        if index.column() == PROGRESS and role == SHARE_ROLE:
            return texts.progress_share(job, self.progress(job.uid))
        return None

    def fill(self, option: QStyleOptionViewItem, row: int, column: int) -> None:
        """What a cell looks like, as data() tells it too."""
        if not 0 <= row < len(self._jobs):
            return
        job, feature = self._jobs[row], QStyleOptionViewItem.ViewItemFeature
        option.text = self._text(job, column)
        option.features |= feature.HasDisplay
        if column == STATE:
            palette = QApplication.palette()
            option.icon = icon_of(job.state, palette)
            option.features |= feature.HasDecoration
            size = option.decorationSize
            option.decorationSize = option.icon.actualSize(size)
            colour = QColor(COLOURS[job.state][is_dark(palette)])
            option.palette.setColor(QPalette.ColorRole.Text, colour)

    def _text(self, job: Job, column: int) -> str:
        if column == NAME:
            return job.name
        if column == KIND:
            return texts.KINDS[job.kind]
        if column == STATE:
            return TEXTS[job.state]
        if column == PROGRESS:
            return texts.progress_text(job, self.progress(job.uid))
        if column == TIME:
            return texts.time_of_limit(job, time.time())
        return job.node

    def _tooltip(self, job: Job) -> str:
        lines = ["{} · {}".format(job.name, texts.KINDS[job.kind])]
        state = TEXTS[job.state]
        progress = self.progress(job.uid)
        steps = [texts.task_text(job, progress), texts.progress_text(job, progress)]
        lines.append(" · ".join([state] + [step for step in steps if step]))
        start = texts.start_text(job, time.time())
        note = waits_for(job, self._jobs) or job.note
        lines.extend(text for text in (note, start) if text)
        lines.append("Time / limit: " + texts.time_of_limit(job, time.time()))
        if job.node:
            lines.append("Node: " + job.node)
        if job.slurm_id:
            lines.append("SLURM job: " + job.slurm_id)
        return "\n".join(lines)


def _same(one: Job, other: Job) -> bool:
    return one is other or one == other


class RowDelegate(QStyledItemDelegate):
    """Rows with room for a thin bar under the text.

    It asks the model itself, once a cell: Qt would for each role, and wait each time
    until the other threads let Python go.
    """

    def initStyleOption(self, option: QStyleOptionViewItem, index: Any) -> None:
        option.index = index
        index.model().fill(option, index.row(), index.column())

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), option.fontMetrics.height() + 12)


class ProgressDelegate(RowDelegate):
    """The progress as text, with a thin bar under it."""

    def paint(self, painter: Any, option: QStyleOptionViewItem, index: Any) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE_ROLE)
        if share is None:
            return
        area = option.rect.adjusted(4, 0, -6, 0)
        groove = QRect(area.left(), area.bottom() - 3, area.width(), 3)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = (
            QPalette.ColorRole.HighlightedText
            if selected
            else QPalette.ColorRole.Highlight
        )
        back = QColor(option.palette.color(QPalette.ColorRole.Text))
        back.setAlpha(45)
        painter.fillRect(groove, back)
        groove.setWidth(max(1, int(groove.width() * share)))
        painter.fillRect(groove, option.palette.color(role))


class JobTable(QTreeView):
    """The view: narrow, it shows name, state and progress; wide, all columns."""

    selected = Signal(str)

    def __init__(self, model: JobModel, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_job_table")
        self.setAccessibleName("Remote jobs")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(RowDelegate(self))
        self.setItemDelegateForColumn(PROGRESS, ProgressDelegate(self))
        self._set_header()
        self._show_columns()
        self.selectionModel().currentRowChanged.connect(self._on_row)

    def select(self, uid: str) -> None:
        row = self.model().row_of(uid)
        if row >= 0:
            self.setCurrentIndex(self.model().index(row, 0))

    def selected_uid(self) -> str:
        return self.currentIndex().data(UID_ROLE) or ""

    def _on_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.selected.emit(current.data(UID_ROLE) or "")

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._show_columns()

    def _show_columns(self) -> None:
        """The name is read first: others are shown where it keeps its room."""
        advance = self.fontMetrics().horizontalAdvance
        room = self.width() - self._widths[STATE] - self._widths[PROGRESS]
        self.setColumnHidden(PROGRESS, room < advance(LEAST_NAME) + 16)
        room -= advance(USUAL_NAME) + 16
        for column in SHOWN_WITH_ROOM:
            room -= self._widths[column]
            if self.isColumnHidden(column) != (room < 0):
                self.setColumnHidden(column, room < 0)

    def _set_header(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        for column in range(len(HEADERS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self._set_widths()

    def _set_widths(self) -> None:
        """Widths by the longest usual words in the font in use."""
        width = self.fontMetrics().horizontalAdvance
        self._widths: Dict[int, int] = {}
        for column, words in (
            (KIND, "Predict"),
            (STATE, "Out of memory"),
            (PROGRESS, "epoch 100/200"),
            (TIME, "10 h 55 min / 12 h"),
            (NODE, "gpu-sr670-20"),
        ):
            icon = 24 if column == STATE else 0
            self._widths[column] = width(words) + icon + 16
            self.setColumnWidth(column, self._widths[column])
