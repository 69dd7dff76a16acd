"""The table's model: projects, their jobs, and what was made from those.

Which rows there are is job_rows.py's, how they are grouped job_groups.py's, what the
cells say job_cells.py's.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Mapping, Optional, Sequence, Tuple

from qtpy.QtCore import QModelIndex, QObject, Qt
from qtpy.QtGui import QColor, QFont, QPalette
from qtpy.QtWidgets import QApplication, QStyleOptionViewItem

from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.qt import job_cells
from sleap_remote_plugin.qt.chaining import with_words
from sleap_remote_plugin.qt.direction import isolate
from sleap_remote_plugin.qt.job_cells import HEADERS, NAME, PROGRESS, STATE, TIME
from sleap_remote_plugin.qt.job_filter import Wanted
from sleap_remote_plugin.qt.job_groups import Branch, grouped, short_name, tried_again
from sleap_remote_plugin.qt.job_rows import Rows
from sleap_remote_plugin.qt.states import COLOURS, icon_of, is_dark

UID_ROLE = Qt.ItemDataRole.UserRole
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
#: The project's path, of its row only.
PROJECT_ROLE = Qt.ItemDataRole.UserRole + 2


class JobModel(Rows):
    """Jobs under their projects; which and in which order, the user says."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._jobs: Tuple[Job, ...] = ()
        self._by_uid: Dict[str, Job] = {}
        self._progress: Dict[str, Tuple[Any, ...]] = {}
        self._wanted = Wanted()
        self._sorted: Tuple[int, bool] = (-1, False)

    # -- what it knows ----------------------------------------------------------------

    def job(self, uid: str) -> Optional[Job]:
        """Also one that is not shown just now."""
        return self._by_uid.get(uid)

    def jobs(self) -> Tuple[Job, ...]:
        return self._jobs

    def progress(self, uid: str) -> Tuple[Any, ...]:
        return self._progress.get(uid, ())

    # -- what it is told --------------------------------------------------------------

    def set_jobs(self, jobs: Sequence[Job]) -> None:
        """Show these jobs, the newest first; rows that stay keep their selection."""
        self._jobs = tuple(jobs)
        self._by_uid = {job.uid: job for job in jobs}
        self._arrange()

    def set_wanted(self, wanted: Wanted) -> None:
        """Show only jobs that fit."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._arrange()

    def set_sorted(self, column: int, descending: bool) -> None:
        """Sort the jobs of each project; column -1: the newest first."""
        self._sorted = (column, descending)
        self._arrange()

    def set_progress(self, found: Mapping[str, Sequence[Any]]) -> None:
        """How far jobs are, by uid; what is known of others stays."""
        changed = []
        for uid, progress in found.items():
            if self._progress.get(uid) != tuple(progress):
                self._progress[uid] = tuple(progress)
                changed.append(uid)
        self.tell_changed(changed)

    def tick(self) -> None:
        """Time has passed: the running jobs' times are drawn anew."""
        running = [job.uid for job in self._jobs if job.state is JobState.RUNNING]
        self.tell_changed(running, TIME, TIME)

    def _arrange(self) -> None:
        column, descending = self._sorted
        key = None
        if column >= 0:
            key = job_cells.sort_key(column, self.progress, time.time())
        wanted: Optional[Callable[[Job], bool]] = None
        if not self._wanted.is_all:
            again = tried_again(self._jobs)
            wanted = lambda job: self._wanted.fits(job, again)  # noqa: E731
        self.arrange(grouped(self._jobs, wanted, key, descending))

    # -- what Qt asks -----------------------------------------------------------------

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and (
            role == Qt.ItemDataRole.DisplayRole
        ):
            return HEADERS[section]
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        node = self.node(index)
        if node is None:
            return None
        if node.job is None:
            return _of_project(node.branch, index.column(), role)
        return self._of_job(node.job, index.column(), role)

    def _of_job(self, job: Job, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(job, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            origin = job_cells.origin_text(job, self.job(job.parent))
            told = with_words(job, self.jobs())
            return job_cells.tooltip(told, self.progress(job.uid), time.time(), origin)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "{}: {}".format(HEADERS[column], self._text(job, column))
        if role == UID_ROLE:
            return job.uid
        if column == STATE and role == Qt.ItemDataRole.DecorationRole:
            return icon_of(job.state, QApplication.palette())
        if column == STATE and role == Qt.ItemDataRole.ForegroundRole:
            return QColor(COLOURS[job.state][is_dark(QApplication.palette())])
        if column == PROGRESS and role == SHARE_ROLE:
            return job_cells.share_of(job, self.progress(job.uid))
        return None

    def fill(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """What a cell looks like, as data() tells it; a name without its project's."""
        node = self.node(index)
        if node is None:
            return
        job, feature = node.job, QStyleOptionViewItem.ViewItemFeature
        column = index.column()
        if job is None:
            option.text = node.branch.title if column == NAME else ""
            option.features |= feature.HasDisplay
            option.font.setBold(True)
            return
        option.text = short_name(job) if column == NAME else self._text(job, column)
        if column != NAME:
            option.textElideMode = Qt.TextElideMode.ElideRight
        isolate(option)
        option.features |= feature.HasDisplay
        if column == STATE:
            palette = QApplication.palette()
            option.icon = icon_of(job.state, palette)
            option.features |= feature.HasDecoration
            size = option.decorationSize
            option.decorationSize = option.icon.actualSize(size)
            colour = QColor(COLOURS[job.state][is_dark(palette)])
            option.palette.setColor(QPalette.ColorRole.Text, colour)

    def share(self, index: QModelIndex) -> Optional[float]:
        """How much of the bar is full; None for no bar."""
        node = self.node(index)
        if node is None or node.job is None:
            return None
        return job_cells.share_of(node.job, self.progress(node.job.uid))

    def told(self, index: QModelIndex) -> str:
        """How a project's jobs stand; empty for a job."""
        node = self.node(index)
        return node.branch.told if node is not None else ""

    def _text(self, job: Job, column: int) -> str:
        return job_cells.text_of(job, column, self.progress(job.uid), time.time())


def _of_project(branch: Branch, column: int, role: int) -> Any:
    if role == PROJECT_ROLE:
        return branch.project
    if role == Qt.ItemDataRole.ToolTipRole:
        return job_cells.plain("\n".join((branch.project or branch.title, branch.told)))
    if role == Qt.ItemDataRole.FontRole:
        font = QFont()
        font.setBold(True)
        return font
    if role == Qt.ItemDataRole.AccessibleTextRole and column == NAME:
        return "Project {}: {}".format(branch.title, branch.told)
    if role == Qt.ItemDataRole.DisplayRole:
        return branch.title if column == NAME else ""
    return None
