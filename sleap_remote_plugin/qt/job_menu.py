"""The menus of a job's and of a project's row, and a job's likeliest deed."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Set

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QAction, QApplication, QMenu, QWidget

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.qt.job_deeds import JOB_DEEDS, text_of_deed
from sleap_remote_plugin.session.collect import is_ended_early
from sleap_remote_plugin.words import tr

#: objectNames; empty: a line between them
ENTRIES = (
    "remote_load_predictions",
    "remote_next_round",
    "remote_use_models",
    "remote_show_metrics",
    "remote_copy_models",
    "",
    "remote_submit_then",
    "remote_resubmit",
    "remote_cancel_job",
    "",
    "remote_show_log",
    "remote_open_folder",
    "remote_copy_id",
    "remote_forget_job",
)


class JobMenu(QMenu):
    """Says which deed was chosen (objectName) for which job (uid).

    Parameters
    ----------
    buttons : sequence of str
        Names of the deeds that apply to the job and have a button, too.
    """

    chosen = Signal(str, str)

    def __init__(
        self, job: Job, buttons: Sequence[str], parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_job_menu")
        self.setToolTipsVisible(True)
        self._job = job
        wanted = set(buttons) | also_for(job)
        likeliest = likeliest_deed(job, buttons)
        is_part = is_ended_early(job)
        for name in ENTRIES:
            if not name:
                self.addSeparator()
            elif name in wanted:
                action = QAction(text_of_deed(name, is_part), self)
                action.setObjectName(name)
                action.setToolTip(JOB_DEEDS[name].does)
                action.triggered.connect(self._on_triggered)
                self.addAction(action)
                if name == likeliest:
                    self.setDefaultAction(action)  # bold: a double click does it

    def _on_triggered(self, *_args: Any) -> None:
        name = self.sender().objectName()
        if name == "remote_copy_id":
            QApplication.clipboard().setText(self._job.slurm_id)
        else:
            self.chosen.emit(name, self._job.uid)


def likeliest_deed(job: Job, buttons: Sequence[str]) -> str:
    """What a double click does: what most people want next of such a job."""
    if job.state is JobState.COMPLETED:
        wanted = {
            JobKind.PREDICT: "remote_load_predictions",
            JobKind.TRAIN: "remote_use_models",
        }[job.kind]
        return wanted if wanted in buttons else "remote_show_log"
    return "remote_show_log" if job.state.is_final else "remote_show_progress"


def also_for(job: Job) -> Set[str]:
    """Deeds of a job that have no button."""
    if job.state in (JobState.PREPARING, JobState.SUBMITTING):
        return set()
    names = {"remote_copy_id"} if job.slurm_id else set()
    names.add("remote_show_log")
    if job.state.is_final:
        names |= {"remote_resubmit", "remote_forget_job"}
    if job.state is JobState.COMPLETED and job.kind is JobKind.TRAIN:
        names.add("remote_copy_models")
    return names


#: objectName, text, what it does
PROJECT_DEEDS = (
    (
        "remote_open_this_project",
        tr("Open this project"),
        tr("SLEAP's own File > Open Project, with this file."),
    ),
    ("remote_copy_path", tr("Copy path"), ""),
    ("", "", ""),
    ("remote_fold_all", tr("Fold all"), tr("Show only the projects.")),
    ("remote_unfold_all", tr("Unfold all"), ""),
    (
        "remote_columns",
        tr("Columns and order..."),
        tr("What a right click on a header has."),
    ),
)


class ProjectMenu(QMenu):
    """Says which deed was chosen (objectName) for which project (path).

    Parameters
    ----------
    opened : str
        Path of the project that is open in SLEAP's window.
    """

    chosen = Signal(str, str)

    def __init__(
        self, project: str, opened: str, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_project_menu")
        self.setToolTipsVisible(True)
        self._project = project
        for name, text, tip in PROJECT_DEEDS:
            if not name:
                self.addSeparator()
                continue
            if name == "remote_open_this_project" and project in ("", opened):
                continue
            action = QAction(text, self)
            action.setObjectName(name)
            action.setToolTip(tip)
            action.triggered.connect(self._on_triggered)
            self.addAction(action)

    def _on_triggered(self, *_args: Any) -> None:
        name = self.sender().objectName()
        if name == "remote_copy_path":
            QApplication.clipboard().setText(self._project)
        else:
            self.chosen.emit(name, self._project)
