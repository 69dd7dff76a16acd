"""The dock: connection line, buttons, table of jobs, details, what can be done.

It shows what it is given and says what was clicked; the controller decides.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.chain import is_owed
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.chaining import with_words
from sleap_remote_plugin.qt.connection_line import ConnectionLine, counts_text
from sleap_remote_plugin.qt.dock_line import Line
from sleap_remote_plugin.qt.job_details import Findings, JobDetails
from sleap_remote_plugin.qt.job_menu import JobMenu, ProjectMenu, likeliest_deed
from sleap_remote_plugin.qt.job_model import PROJECT_ROLE
from sleap_remote_plugin.qt.job_panel import JobPanel
from sleap_remote_plugin.qt.project_page import ProjectPage
from sleap_remote_plugin.qt.result_buttons import (
    ResultButtons,
    buttons_for,
    not_in_the_note,
)
from sleap_remote_plugin.qt.saved_files import SavedFiles
from sleap_remote_plugin.words import tr

#: From this width on (pixels), the details are beside the table.
FLOATING = 900

#: What it asks for; words that come later do not take the video's room.
USUAL_SIZE = (400, 480)


class RemoteDock(QWidget):
    """What the *Remote jobs* dock holds."""

    train_clicked = Signal()
    predict_clicked = Signal()
    refresh_clicked = Signal()
    sign_in_clicked = Signal()
    stop_connecting_clicked = Signal()
    disconnect_clicked = Signal()
    check_clicked = Signal()
    log_clicked = Signal()
    undo_clicked = Signal()
    job_selected = Signal(str)
    result_clicked = Signal(str, str)  # objectName of the button, uid
    begin_clicked = Signal(str)  # deed of the empty dock's button
    project_wanted = Signal(str)  # path of a project to be opened

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Remote jobs"))
        self._opened = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        self.line = ConnectionLine()
        self.line.chosen.connect(self._on_line)
        self.connection, self.counts = self.line.text, self.line.counts
        self.sign_in = self.line.sign_in
        layout.addWidget(self.line)
        layout.addLayout(self._main_buttons())
        self.obstacle = QLabel()
        self.obstacle.setObjectName("remote_obstacle")
        self.obstacle.setWordWrap(True)
        self.obstacle.setTextFormat(Qt.TextFormat.PlainText)
        self.obstacle.hide()
        layout.addWidget(self.obstacle)
        self.progress = Line("remote_progress_cancel", tr("Cancel"))
        self.progress.setObjectName("remote_progress")
        self.notice = Line("remote_undo_load", tr("Undo load"))
        self.notice.setObjectName("remote_notice")
        self.notice.clicked.connect(self.undo_clicked)
        layout.addWidget(self.progress)
        layout.addWidget(self.notice)
        self.saved = SavedFiles()
        layout.addWidget(self.saved)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty_page())
        self.pages.addWidget(self._jobs_page())
        layout.addWidget(self.pages, 1)
        self.show_connection("off", tr("Not connected"), True)
        self._show_buttons(None)

    def sizeHint(self) -> QSize:
        """The same whatever is shown: a window gives a dock what its hint grows by."""
        return QSize(*USUAL_SIZE).expandedTo(self.minimumSizeHint())

    # -- parts ------------------------------------------------------------------------

    def _main_buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.train = QPushButton(tr("Train..."))
        self.train.setObjectName("remote_train_button")
        self.train.clicked.connect(self._on_train)
        self.predict = QPushButton(tr("Predict..."))
        self.predict.setObjectName("remote_predict_button")
        self.predict.clicked.connect(self._on_predict)
        self.refresh = QPushButton(tr("Refresh"))
        self.refresh.setObjectName("remote_refresh")
        self.refresh.setToolTip(tr("Ask the cluster now how the jobs stand."))
        self.refresh.clicked.connect(self._on_refresh)
        line.addWidget(self.train)
        line.addWidget(self.predict)
        line.addStretch(1)
        line.addWidget(self.refresh)
        return line

    def _empty_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        self.empty = QLabel()
        self.empty.setObjectName("remote_empty")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.begin = QPushButton()
        self.begin.setObjectName("remote_begin")
        self.begin.clicked.connect(self._on_begin)
        self.begin.hide()
        layout.addStretch(1)
        layout.addWidget(self.empty)
        layout.addSpacing(6)
        layout.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(2)
        self._deed = ""
        return page

    def _jobs_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        self.panel = JobPanel()
        self.model, self.table = self.panel.model, self.panel.table
        self.table.selected.connect(self._on_selected)
        self.table.project_selected.connect(self._on_project_selected)
        self.table.deed_wanted.connect(self._on_deed_wanted)
        self.table.customContextMenuRequested.connect(self._on_menu_wanted)
        lower = self._lower = QWidget()
        self.panel.nothing_fits.connect(self._lower.setHidden)
        lower_layout = QVBoxLayout(lower)
        lower_layout.setContentsMargins(0, 0, 0, 0)
        self.details = JobDetails()
        self.project_page = ProjectPage()
        self.project_page.open_wanted.connect(self.project_wanted)
        self.below = QStackedWidget()
        self.below.addWidget(self.details)
        self.below.addWidget(self.project_page)
        lower_layout.addWidget(self.below, 1)
        self.job_menu: Optional[QMenu] = None
        self._usable = ""
        self._loaded: Tuple[str, ...] = ()
        self._deeds = ResultButtons()
        self._deeds.clicked.connect(self._on_result)
        self.results = self._deeds.buttons
        lower_layout.addWidget(self._deeds)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.panel)
        self.splitter.addWidget(lower)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        layout.addWidget(self.splitter)
        return page

    # -- what is shown ----------------------------------------------------------------

    def show_connection(self, sign: str, text: str, can_connect: bool) -> None:
        """`sign` is one of `states.SIGNS`."""
        self.line.show_state(sign, text, can_connect)

    def show_obstacle(self, sentence: str) -> None:
        """Why *Train* (and perhaps *Predict*) cannot be pressed; empty: they can."""
        self.obstacle.setText(sentence)
        self.obstacle.setVisible(bool(sentence))

    def show_beginning(self, text: str, button: str, deed: str, tip: str = "") -> None:
        """What is said while there is no job, and what its button does."""
        self.empty.setText(text)
        self.begin.setText(button)
        self.begin.setToolTip(tip)
        self.begin.setVisible(bool(deed))
        self._deed = deed

    def show_opened(self, project: str) -> None:
        """Path of the project that is open in SLEAP's window."""
        self._opened = project
        self._show_project()

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        self.panel.show_jobs(jobs)
        self.line.show_counts(counts_text(jobs))
        self.pages.setCurrentIndex(1 if jobs else 0)
        self._show_project()
        self._show_buttons(self.selected_job())

    def _show_project(self) -> None:
        """Below is the selected job; or the project, where its row is selected."""
        branch = self.model.branch(self.table.currentIndex())
        is_project = branch is not None and branch.job is None
        if branch is not None and is_project:
            self.project_page.show_project(branch, self._opened)
        self.below.setCurrentIndex(int(is_project))

    def show_findings(self, uid: str, findings: Findings) -> None:
        self.model.set_progress({uid: findings.progress})
        job = self.model.job(uid)
        if job is not None and uid == self.selected_uid():
            self.details.show_job(with_words(job, self.model.jobs()), findings)
            self._usable = uid if findings.is_usable else ""
            self._show_buttons(job)

    def select(self, uid: str) -> None:
        self.panel.select(uid)

    def selected_uid(self) -> str:
        return self.table.selected_uid()

    def selected_job(self) -> Optional[Job]:
        return self.model.job(self.selected_uid())

    def _show_buttons(self, job: Optional[Job]) -> None:
        wanted = not_in_the_note(self._buttons_for(job), self.details.offered())
        self._deeds.show_for(job, wanted)

    def _buttons_for(self, job: Optional[Job]) -> Tuple[str, ...]:
        if job is None:
            return ()
        return buttons_for(
            job,
            job.uid == self._usable,
            job.uid in self._loaded,
            is_owed(job, self.model.jobs()),
        )

    def show_loaded(self, uids: Sequence[str]) -> None:
        """The jobs whose predictions were loaded."""
        self._loaded = tuple(uids)
        self._show_buttons(self.selected_job())

    # -- what was clicked -------------------------------------------------------------

    def _on_selected(self, uid: str) -> None:
        job = self.model.job(uid)
        self._show_project()
        if job is not None:
            shown = with_words(job, self.model.jobs())
            self.details.show_job(shown, Findings(self.model.progress(uid)))
        self._show_buttons(job)
        if job is not None:
            self.job_selected.emit(uid)

    def _on_project_selected(self, _path: str) -> None:
        self._show_buttons(None)
        self._show_project()

    def _on_deed_wanted(self, uid: str) -> None:
        job = self.model.job(uid)
        if job is not None:
            self._do(likeliest_deed(job, self._buttons_for(job)), uid)

    def _do(self, name: str, uid: str) -> None:
        """A deed of a job: what is shown here is done here."""
        if name not in ("remote_show_log", "remote_show_progress"):
            self.result_clicked.emit(name, uid)
            return
        self.select(uid)
        tabs = self.details.tabs
        is_log = name == "remote_show_log"
        tabs.setCurrentIndex(tabs.indexOf(self.details.log) if is_log else 0)

    def _on_result(self, name: str) -> None:
        if self.selected_uid():
            self.result_clicked.emit(name, self.selected_uid())

    def _on_menu_wanted(self, place: Any) -> None:
        """Also with the keyboard's menu key, for the selected row."""
        job, project = self.selected_job(), self.table.currentIndex().data(PROJECT_ROLE)
        if project is not None:
            self.job_menu = ProjectMenu(project, self._opened, self)
            self.job_menu.chosen.connect(self._on_project_deed)
        elif job is not None:
            self.job_menu = JobMenu(job, self._buttons_for(job), self)
            self.job_menu.chosen.connect(self._do)
        else:
            return
        self.job_menu.popup(self.table.viewport().mapToGlobal(place))

    def _row_place(self) -> Any:
        """Where the selected row is on the screen."""
        row = self.table.visualRect(self.table.currentIndex())
        return self.table.viewport().mapToGlobal(row.bottomLeft())

    def _on_project_deed(self, name: str, project: str) -> None:
        if name == "remote_fold_all":
            self.table.fold_all()
        elif name == "remote_unfold_all":
            self.table.unfold_all()
        elif name == "remote_columns":
            self.table.columns.show_menu(self._row_place())
        else:
            self.project_wanted.emit(project)

    def _on_train(self, *_args: Any) -> None:
        self.train_clicked.emit()

    def _on_predict(self, *_args: Any) -> None:
        self.predict_clicked.emit()

    def _on_begin(self, *_args: Any) -> None:
        self.begin_clicked.emit(self._deed)

    def _on_refresh(self, *_args: Any) -> None:
        self.refresh_clicked.emit()

    def _on_line(self, name: str) -> None:
        signals = {
            "remote_line_connect": self.sign_in_clicked,
            "remote_line_stop": self.stop_connecting_clicked,
            "remote_line_disconnect": self.disconnect_clicked,
            "remote_line_check": self.check_clicked,
            "remote_line_log": self.log_clicked,
        }
        signals[name].emit()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        wide = self.width() >= FLOATING
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.splitter.orientation() != wanted:
            self.splitter.setOrientation(wanted)
            whole = self.width() if wide else self.height()
            table = int(whole * (0.56 if wide else 0.36))
            self.splitter.setSizes([table, whole - table])
