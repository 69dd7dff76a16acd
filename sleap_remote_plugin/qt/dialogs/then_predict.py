"""*Then* in the submit dialog: the prediction that follows a training by itself."""

from __future__ import annotations

import dataclasses
from typing import Any, List, Optional, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.frames import count_of, read_frames
from sleap_remote_plugin.jobs.limits import field_problems
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    read_memory,
    read_time,
    write_memory,
    write_time,
)
from sleap_remote_plugin.qt.dialogs.advanced import fold_button, show_fold
from sleap_remote_plugin.qt.elided import ElidedLabel

_TIP = (
    "The prediction is submitted at once, and waits in the queue until the training "
    "has ended well. SLEAP and this computer can be off meanwhile. If the training "
    "fails, it is not run."
)


@dataclasses.dataclass(frozen=True)
class ThenPredict:
    """What may follow a training.

    Attributes
    ----------
    what : str
        ``all of mouse.mp4``, ``200 frames of 3 videos``.
    is_wanted : bool
        Whether the box is ticked at first.
    why_not : str
        A sentence, where nothing can follow.
    """

    what: str = ""
    is_wanted: bool = False
    why_not: str = ""


def frames_in_words(request: PredictionRequest) -> str:
    """On what a request predicts: ``all of mouse.mp4``, ``200 frames of 3 videos``."""
    videos = request.videos
    where = videos[0].title if len(videos) == 1 else "{} videos".format(len(videos))
    is_counted = all(video.frames or video.length for video in videos)
    if not any(video.frames for video in videos) or not is_counted:
        return "all of {}".format(where) if len(videos) == 1 else where
    count = sum(
        count_of(read_frames(video.frames)) if video.frames else video.length
        for video in videos
    )
    return "{:,} frame{} of {}".format(count, "" if count == 1 else "s", where)


class ThenRow(QWidget):
    """A box to tick, and under *change...* what the prediction asks for."""

    changed = Signal()

    def __init__(
        self, then: ThenPredict, resources: Resources, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_then")
        self._base = resources
        self._touched = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.box = QCheckBox("predict, once it has finished")
        self.box.setObjectName("remote_then_predict")
        self.box.setAccessibleName("then predict on " + then.what)
        self.box.setToolTip(then.why_not or _TIP)
        self.box.setWhatsThis(_TIP)
        self.box.setChecked(then.is_wanted and not then.why_not)
        self.box.setEnabled(not then.why_not)
        layout.addWidget(self.box)
        below = QVBoxLayout()
        below.setContentsMargins(22, 0, 0, 0)
        layout.addLayout(below)
        self.what = ElidedLabel("on {}".format(then.what) if then.what else "")
        self.what.setObjectName("remote_then_what")
        self.what.setVisible(bool(then.what))
        below.addWidget(self.what)
        self.why_not = QLabel(then.why_not)
        self.why_not.setObjectName("remote_then_why_not")
        self.why_not.setWordWrap(True)
        self.why_not.setTextFormat(Qt.TextFormat.PlainText)
        self.why_not.setVisible(bool(then.why_not))
        below.addWidget(self.why_not)
        below.addLayout(self._asks())
        below.addWidget(self._page())
        self.box.toggled.connect(self._on_toggled)
        self.suggest(resources)

    # -- parts ------------------------------------------------------------------------

    def _asks(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.asks = QLabel()
        self.asks.setObjectName("remote_then_asks")
        self.asks.setWordWrap(True)
        self.asks.setTextFormat(Qt.TextFormat.PlainText)
        self.change: QToolButton = fold_button("change...", "remote_then_change")
        self.change.setToolTip("What the prediction asks of the cluster.")
        self.change.toggled.connect(self._on_change)
        line.addWidget(self.asks, 1)
        line.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _page(self) -> QWidget:
        self.page = QWidget()
        form = QFormLayout(self.page)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.partition = _line("partition", "The group of nodes that it waits for.")
        self.gpu_type = _line("gpu_type", "A card of this type only.")
        self.gpu_type.setPlaceholderText("any")
        self.gpus, self.cpus = QSpinBox(), QSpinBox()
        self.gpus.setRange(0, 64)
        self.cpus.setRange(1, 4096)
        for name, box, tip in (
            ("gpus", self.gpus, "How many graphics cards; SLEAP uses one."),
            ("cpus", self.cpus, "Processor cores, which load the images."),
        ):
            box.setObjectName("remote_then_" + name)
            box.setToolTip(tip)
            box.valueChanged.connect(self._on_edited)
        self.memory = _line("memory", "Main memory: a number and a unit, such as 64G.")
        self.time = _line("time", "It is ended after this time, such as 2:00:00.")
        for label, widget in (
            ("Partition", self.partition),
            ("GPUs", self.gpus),
            ("GPU type", self.gpu_type),
            ("CPUs", self.cpus),
            ("Memory", self.memory),
            ("Time", self.time),
        ):
            form.addRow(label, widget)
        for line in (self.partition, self.gpu_type, self.memory, self.time):
            line.textChanged.connect(self._on_edited)
        self.page.hide()
        return self.page

    # -- what is asked for ------------------------------------------------------------

    @property
    def is_wanted(self) -> bool:
        return self.box.isChecked()

    def suggest(self, resources: Resources) -> None:
        """What predictions asked for last, unless a field was changed here."""
        if self._touched:
            return
        self._base = resources.for_another_job()
        for widget in self._widgets():
            widget.blockSignals(True)
        self.partition.setText(resources.partition)
        self.gpu_type.setText(resources.gpu_type)
        self.gpus.setValue(resources.gpus)
        self.cpus.setValue(resources.cpus)
        self.memory.setText(write_memory(resources.memory))
        self.time.setText(write_time(resources.time))
        for widget in self._widgets():
            widget.blockSignals(False)
        self._show()

    def resources(self) -> Resources:
        """What the prediction asks for.

        Raises
        ------
        ValueError
            Memory or time cannot be read; the message says what can.
        """
        return dataclasses.replace(
            self._base,
            partition=self.partition.text().strip(),
            gpus=self.gpus.value(),
            gpu_type=self.gpu_type.text().strip(),
            cpus=self.cpus.value(),
            memory=read_memory(self.memory.text()),
            time=read_time(self.time.text()),
        )

    def found_problems(
        self, partitions: Sequence[Partition], rules: Sequence[FieldRule] = ()
    ) -> List[Problem]:
        """What the prediction cannot ask for; nothing where none follows."""
        if not self.is_wanted:
            return []
        try:
            found = field_problems(self.resources(), partitions, rules)
            said = [problem.text for problem in found]
        except ValueError as error:
            text = str(error)
            said = [text[:1].upper() + text[1:] + "."]
        return [Problem("then", "Prediction: " + sentence) for sentence in said]

    # -- reactions --------------------------------------------------------------------

    def _widgets(self) -> List[QWidget]:
        lines: List[QWidget] = [self.partition, self.gpu_type, self.memory, self.time]
        return lines + [self.gpus, self.cpus]

    def _show(self) -> None:
        wanted = self.is_wanted
        self.change.setVisible(wanted)
        self.asks.setVisible(wanted and bool(self.asks_for()))
        self.asks.setText(self.asks_for())
        self.page.setVisible(wanted and self.change.isChecked())

    def asks_for(self) -> str:
        """``16 CPUs, 64G, 02:00:00, partition gpu, 1 GPU``."""
        try:
            asked = self.resources()
        except ValueError:
            return ""
        cards = "no GPU"
        if asked.gpus:
            kind = asked.gpu_type + " " if asked.gpu_type else ""
            cards = "{} {}GPU{}".format(
                asked.gpus, kind, "" if asked.gpus == 1 else "s"
            )
        return "{} CPUs, {}, {}, partition {}, {}".format(
            asked.cpus,
            write_memory(asked.memory),
            write_time(asked.time),
            asked.partition,
            cards,
        )

    def _on_toggled(self, *_args: Any) -> None:
        self._show()
        self.changed.emit()

    def _on_edited(self, *_args: Any) -> None:
        self._touched = True
        self._show()
        self.changed.emit()

    def _on_change(self, shown: bool) -> None:
        show_fold(self.change, shown)
        self._show()
        self.changed.emit()
        if not shown and self.window() is not self:
            self.window().adjustSize()


def _line(name: str, tip: str) -> QLineEdit:
    line = QLineEdit()
    line.setObjectName("remote_then_" + name)
    line.setToolTip(tip)
    return line
