"""What is known of the selected job: progress, log, resources, files."""

from __future__ import annotations

import html
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFormLayout,
    QLabel,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.metrics import HeadMetrics
from sleap_remote_plugin.jobs.resources import write_memory, write_time
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.job_log import LogPage
from sleap_remote_plugin.qt.loss_plot import LossPlot, best_epoch
from sleap_remote_plugin.qt.metrics import MetricsTable
from sleap_remote_plugin.qt.states import TEXTS


class Findings(NamedTuple):
    """What the files lane found of one job.

    Attributes
    ----------
    metrics : tuple of HeadMetrics
        Of a training that has ended.
    is_usable : bool
        Whether a job that ended early made something of use; `left` says what.
    rounds : str
        The file that tells of the project's rounds.
    """

    progress: Tuple[Any, ...] = ()
    log: str = ""
    diagnosis: Any = None
    folder: str = ""
    metrics: Tuple[HeadMetrics, ...] = ()
    is_usable: bool = False
    left: str = ""
    rounds: str = ""


class FactsPage(QWidget):
    """Named values, each of which can be selected and copied."""

    def __init__(self, names: Sequence[str], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        form = QFormLayout(self)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._values: Dict[str, QLabel] = {}
        for name in names:
            value = QLabel()
            value.setWordWrap(True)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setAccessibleName(name)
            form.addRow(name, value)
            self._values[name] = value

    def show_values(self, values: Dict[str, str]) -> None:
        for name, label in self._values.items():
            text = values.get(name, "") or "–"
            # a zero-width space after each slash lets a long path wrap
            shown = text.replace("/", "/\u200b") if "/" in text else text
            if label.text() != shown:
                label.setText(shown)


class JobDetails(QWidget):
    """The lower half of the dock."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.diagnosis = QLabel()
        self.diagnosis.setObjectName("remote_diagnosis")
        self.diagnosis.setWordWrap(True)
        self.diagnosis.setTextFormat(Qt.TextFormat.RichText)
        self.diagnosis.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        layout.addWidget(self.diagnosis)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        layout.addWidget(self.tabs, 1)
        self.tabs.addTab(self._progress_page(), "Progress")
        self.log = LogPage()
        self.tabs.addTab(self.log, "Log")
        self.resources = FactsPage(
            ("Asked for", "Memory used", "Time / limit", "Node", "SLEAP module")
        )
        self.tabs.addTab(self.resources, "Resources")
        self.files = FactsPage(
            ("Project", "Rounds", "Folder here", "On the cluster", "SLURM job")
        )
        self.tabs.addTab(self.files, "Files")
        self._uid = ""
        self._ended_badly = False

    def _progress_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 0, 0)
        self.plot = LossPlot()
        self.caption = QLabel()
        self.caption.setObjectName("remote_progress_caption")
        self.caption.setWordWrap(True)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.caption)
        self.metrics = MetricsTable()
        layout.addWidget(self.metrics)
        return page

    def show_job(self, job: Job, findings: Findings) -> None:
        ended_badly = job.state.is_final and job.state is not JobState.COMPLETED
        if job.uid != self._uid:
            self._uid = job.uid
            self.tabs.setCurrentIndex(1 if ended_badly else 0)
            self.log.follow()
        elif ended_badly and not self._ended_badly:
            self.tabs.setCurrentIndex(1)  # it failed while it was looked at
        self._ended_badly = ended_badly
        sentence = why(job, findings.diagnosis, findings.left)
        self.diagnosis.setText(sentence)
        self.diagnosis.setVisible(bool(sentence))
        self._show_progress(job, findings.progress)
        self.metrics.show_metrics(findings.metrics, job.generation)
        self.log.show_log(findings.log)
        self.resources.show_values(resource_values(job))
        self.files.show_values(
            {
                "Project": job.project,
                "Rounds": findings.rounds,
                "Folder here": findings.folder,
                "On the cluster": job.folder,
                "SLURM job": job.slurm_id,
            }
        )

    def _show_progress(self, job: Job, progress: Sequence[Any]) -> None:
        curves = [
            (job.tasks[i].title if i < len(job.tasks) else "model", task.curve)
            for i, task in enumerate(progress)
        ]
        if job.kind is JobKind.TRAIN and any(curve for _, curve in curves):
            self.plot.show_curves(curves)
        else:
            self.plot.say(waiting_sentence(job, progress))
        self.caption.setText(caption(job, curves, progress))
        self.caption.setVisible(bool(self.caption.text()))


def why(job: Job, diagnosis: Any, left: str = "") -> str:
    """What the user should know of the state: diagnosis or note, as HTML."""
    if diagnosis is not None:
        found = "<b>{}</b><br>{}".format(
            html.escape(diagnosis.cause), html.escape(diagnosis.remedy)
        )
        missing = job.note if job.state is JobState.INCOMPLETE else ""
        more = " ".join(text for text in (missing, left) if text)
        return found + "<br>" + html.escape(more) if more else found
    sentences = (job.note, left, texts.start_text(job, time.time()))
    return html.escape(" ".join(text for text in sentences if text))


def waiting_sentence(job: Job, progress: Sequence[Any]) -> str:
    """What stands in the plot's place."""
    if job.state in (JobState.PREPARING, JobState.SUBMITTING):
        return "The job is being sent to the cluster."
    if job.state is JobState.UNCONFIRMED:
        return "It is not known yet whether SLURM took the job. It is looked for."
    if job.state is JobState.QUEUED:
        return "Waiting in the queue. SLEAP can be closed; the job keeps its place."
    step = texts.progress_text(job, progress)
    if job.state is JobState.RUNNING and job.kind is JobKind.PREDICT:
        return "Predicting: {}.".format(step) if step else "The prediction begins."
    if job.state is JobState.RUNNING:
        return "No epoch has ended yet. The curve begins with the first one."
    if job.state is JobState.COMPLETED and job.kind is JobKind.PREDICT:
        return "The predictions are ready to be loaded."
    return "{}.".format(TEXTS[job.state])


def caption(job: Job, curves: Sequence[Tuple[str, Any]], progress: Any) -> str:
    """Best epoch of each model, and the time that is left."""
    lines: List[str] = []
    for name, curve in curves:
        best = best_epoch(curve)
        if best is not None:
            lines.append(
                "{}: best validation loss {:.3g} at epoch {}".format(
                    name, best.val_loss, best.epoch + 1
                )
            )
    index = texts.current_task(progress)
    if job.state is JobState.RUNNING and index >= 0:
        left = progress[index].eta
        part = texts.task_text(job, progress) or "this job"
        if left is not None:
            lines.append("About {} left for {}.".format(texts.duration(left), part))
    lines.append(texts.limit_text(job, progress, time.time()))
    return "\n".join(line for line in lines if line)


def resource_values(job: Job) -> Dict[str, str]:
    wanted = job.resources
    asked = "{} CPUs, {}, {}, partition {}{}".format(
        wanted.cpus,
        write_memory(wanted.memory),
        write_time(wanted.time),
        wanted.partition,
        ", " + wanted.gres if wanted.gres else ", no GPU",
    )
    used = texts.size(job.max_rss)
    if used:
        share = 100 * (job.max_rss or 0) / wanted.memory
        used += " ({:.0f} % of what was asked for)".format(share)
    return {
        "Asked for": asked,
        "Memory used": used,
        "Time / limit": texts.time_of_limit(job, time.time()),
        "Node": job.node,
        "SLEAP module": job.module,
    }
