"""The upper half of the dock: a search where it is of use, and the table under it."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.job_filter import CHOICES, JobFilter, Wanted
from sleap_remote_plugin.qt.job_model import JobModel
from sleap_remote_plugin.qt.job_table import JobTable
from sleap_remote_plugin.words import tr


class JobPanel(QWidget):
    """Table and filter; where nothing fits, it says so and offers to show all."""

    #: Whether no job fits what is searched for.
    nothing_fits = Signal(bool)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.model = JobModel(self)
        self.table = JobTable(self.model)
        self.filter = JobFilter()
        self.filter.changed.connect(self._on_filter)
        self.filter.left.connect(self._on_left)
        self.table.search_wanted.connect(self.filter.call)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self._nothing_page())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.filter)
        layout.addWidget(self.stack, 1)
        QWidget.setTabOrder(self.filter.search, self.filter.choice)
        QWidget.setTabOrder(self.filter.choice, self.table)

    def _nothing_page(self) -> QWidget:
        page = QWidget()
        self.nothing = QLabel()
        self.nothing.setObjectName("remote_no_match")
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.show_all = QPushButton(tr("Show all jobs"))
        self.show_all.setObjectName("remote_show_all_jobs")
        self.show_all.setToolTip(tr("Clear the search."))
        self.show_all.clicked.connect(self._on_show_all)
        layout = QVBoxLayout(page)
        layout.addStretch(1)
        layout.addWidget(self.nothing)
        layout.addWidget(self.show_all, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(2)
        return page

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        self.table.show_jobs(jobs)
        self.filter.show_for(len(jobs))
        self._tell_of_nothing()

    def select(self, uid: str) -> None:
        """Select a job; a filter that hides it is cleared."""
        if self.model.job(uid) is not None and not self.model.index_of(uid).isValid():
            self.filter.clear()
        self.table.select(uid)

    def _on_filter(self) -> None:
        self.table.show_wanted(self.filter.wanted())
        self._tell_of_nothing()

    def _tell_of_nothing(self) -> None:
        is_empty = bool(self.model.jobs()) and not self.model.rowCount()
        if is_empty:
            self.nothing.setText(nothing_text(self.filter.wanted()))
        self.stack.setCurrentIndex(int(is_empty))
        self.nothing_fits.emit(is_empty)

    def _on_show_all(self, *_args: Any) -> None:
        self.filter.clear()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_left(self) -> None:
        widget = self.show_all if self.stack.currentIndex() else self.table
        widget.setFocus(Qt.FocusReason.OtherFocusReason)


def nothing_text(wanted: Wanted) -> str:
    """``No job fits “mouse”.``"""
    title = {name: title for name, title, _ in CHOICES}[wanted.choice]
    words = "“{}”".format(" ".join(wanted.words)) if wanted.words else ""
    chosen = "“{}”".format(title) if wanted.choice != "all" else ""
    return tr("No job fits {}.").format(
        tr(" and ").join(w for w in (words, chosen) if w)
    )
