"""How far the selected job is: loss curves, patience, time left, metrics."""

from __future__ import annotations

import time
from typing import Any, List, Optional, Sequence, Tuple

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.progress import time_needed
from sleap_remote_plugin.jobs.state_words import TEXTS
from sleap_remote_plugin.jobs.untrusted import shown
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.findings import Findings
from sleap_remote_plugin.qt.loss_axes import Curve, best_text
from sleap_remote_plugin.qt.loss_plot import NO_EPOCH, LossPlot
from sleap_remote_plugin.qt.metrics import MetricsTable
from sleap_remote_plugin.qt.selectable import SelectableLabel
from sleap_remote_plugin.words import tr


class ProgressPage(QWidget):
    """A plot or a sentence, and what it means in words."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setObjectName("remote_progress_page")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        outer.addWidget(scroll)
        inner = QWidget()
        scroll.setWidget(inner)
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        self.model = QComboBox()
        self.model.setObjectName("remote_loss_model")
        self.model.setAccessibleName(tr("Models that are drawn"))
        self.model.setToolTip(tr("All models of the job, or one of them."))
        self.model.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self.model.setMinimumWidth(90)
        self.model.activated.connect(self._on_chosen)
        self.earlier = QCheckBox(tr("Earlier rounds"))
        self.earlier.setObjectName("remote_loss_earlier")
        self.earlier.setToolTip(
            tr(
                "Draw the validation loss of this project's earlier trainings behind "
                "it, as faint lines of the same colour."
            )
        )
        self.earlier.setChecked(True)
        self.earlier.toggled.connect(self._on_chosen)
        line = QHBoxLayout()
        line.setContentsMargins(4, 0, 4, 0)
        line.addWidget(self.model, 1)
        line.addWidget(self.earlier)
        line.addStretch(0)
        layout.addLayout(line)
        self.plot = LossPlot()
        layout.addWidget(self.plot, 1)
        self.caption = SelectableLabel()
        self.caption.setObjectName("remote_progress_caption")
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.caption.setContentsMargins(4, 0, 4, 0)
        layout.addWidget(self.caption)
        self.metrics = MetricsTable()
        layout.addWidget(self.metrics)
        self._uid = ""
        self._curves: Tuple[Curve, ...] = ()

    def show_job(self, job: Job, findings: Findings) -> None:
        curves = curves_of(job, findings)
        if job.uid != self._uid:
            self._uid = job.uid
            self.model.setCurrentIndex(0)
        self._curves = curves if any(curve.points for curve in curves) else ()
        self._offer_choice()
        if self._curves:
            self._draw()
        else:
            self.plot.say(waiting_sentence(job, findings.progress))
        told = caption(job, curves, findings.progress)
        self.caption.setText(texts.breakable(told))
        self.caption.setVisible(bool(self.caption.text()))
        self.metrics.show_metrics(findings.metrics, job.generation)

    def _offer_choice(self) -> None:
        """A choice only where there is something to choose."""
        names = [curve.name for curve in self._curves if curve.points]
        wanted = [tr("All models")] + names if len(names) > 1 else []
        now = [self.model.itemText(n) for n in range(self.model.count())]
        if wanted != now:
            chosen = self.model.currentIndex()
            self.model.clear()
            self.model.addItems(wanted)
            if 0 <= chosen < len(wanted):
                self.model.setCurrentIndex(chosen)
        self.model.setVisible(bool(wanted))
        self.earlier.setVisible(any(curve.earlier for curve in self._curves))

    def _on_chosen(self, *_args: Any) -> None:
        if self._curves:
            self._draw()

    def _draw(self) -> None:
        places = [n for n, curve in enumerate(self._curves) if curve.points]
        chosen = self.model.currentIndex()
        only = places[chosen - 1] if 0 < chosen <= len(places) else -1
        self.plot.show_curves(self._curves, only, self.earlier.isChecked())


def curves_of(job: Job, findings: Findings) -> Tuple[Curve, ...]:
    """The curves of a training's models; none of a prediction."""
    if job.kind is not JobKind.TRAIN:
        return ()
    found = []
    for place, task in enumerate(findings.progress):
        name = job.tasks[place].title if place < len(job.tasks) else "model"
        earlier = tuple((e.name, e.curve) for e in findings.earlier if e.head == name)
        found.append(Curve(shown(name), task.curve, earlier, task.stopping))
    return tuple(found)


def waiting_sentence(job: Job, progress: Sequence[Any]) -> str:
    """What stands in the plot's place."""
    if job.state in (JobState.PREPARING, JobState.SUBMITTING):
        return tr("The job is being sent to the cluster.")
    if job.state is JobState.UNCONFIRMED:
        return tr("It is not known yet whether SLURM took the job. It is looked for.")
    if job.state is JobState.QUEUED:
        return tr("Waiting in the queue. SLEAP can be closed; the job keeps its place.")
    if job.state is JobState.RUNNING and job.kind is JobKind.PREDICT:
        return _predicting(job, progress)
    if job.state is JobState.RUNNING:
        return NO_EPOCH
    if job.state is JobState.COMPLETED and job.kind is JobKind.PREDICT:
        return tr("The predictions are ready to be loaded.")
    if job.kind is JobKind.TRAIN:
        return tr("{}. No epoch was finished.").format(TEXTS[job.state])
    return "{}.".format(TEXTS[job.state])


def _predicting(job: Job, progress: Sequence[Any]) -> str:
    step = texts.progress_text(job, progress)
    if len(job.tasks) < 2:
        return "Predicting: {}.".format(step) if step else tr("The prediction begins.")
    done = sum(task.exit_code == 0 for task in job.tasks)
    failed = sum(task.exit_code not in (None, 0) for task in job.tasks)
    words = tr("{} of {} videos are predicted").format(done, len(job.tasks))
    if failed:
        words += tr(", {} failed").format(failed)
    going = texts.task_text(job, progress)
    if step and going:
        return "{}.\n{}: {}.".format(words, going, step)
    return words + "."


def caption(job: Job, curves: Sequence[Curve], progress: Sequence[Any]) -> str:
    """The time that is left, and the best epoch of each model."""
    now = time.time()
    lines: List[str] = []
    index = texts.current_task(progress)
    if job.state is JobState.RUNNING and index >= 0:
        left = progress[index].eta
        part = texts.task_text(job, progress) or tr("this job")
        if left is not None:
            lines.append(tr("About {} left for {}.").format(texts.duration(left), part))
    late = texts.limit_text(job, progress, now)
    lines.append(late or in_time_text(job, progress, now))
    lines += [best_text(curve) for curve in curves]
    return "\n".join(line for line in lines if line)


def in_time_text(job: Job, progress: Sequence[Any], now: float) -> str:
    """That a running job will be done within its time limit; empty if not known."""
    if job.state is not JobState.RUNNING or not job.started:
        return ""
    if job.kind is JobKind.PREDICT and len(job.tasks) > 1:
        return ""
    limit = job.started + job.resources.time
    needed = time_needed(progress, len(job.tasks))
    if limit <= now:
        return ""
    if needed is None:
        return tr("Its time limit is at {}.").format(texts.clock(limit))
    if now + needed > limit:
        return ""
    return tr("Done at about {} at the latest; its time limit is at {}.").format(
        texts.clock(now + needed), texts.clock(limit)
    )
