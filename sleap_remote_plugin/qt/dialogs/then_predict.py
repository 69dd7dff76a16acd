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
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.frames import count_of, read_frames
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import (
    Partition,
    Resources,
    write_memory,
    write_time,
)
from sleap_remote_plugin.qt.dialogs.explained import explain
from sleap_remote_plugin.qt.dialogs.fold import fold_button, show_fold
from sleap_remote_plugin.qt.dialogs.lines import sentence
from sleap_remote_plugin.qt.dialogs.resource_fields import ResourceFields
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.words import counted, tr

_TIP = tr(
    "The prediction is submitted at once, and waits in the queue until the training "
    "has ended well. SLEAP and this computer can be off meanwhile. If the training "
    "fails, it is not run."
)


#: What the fields of its problems begin with.
_PART = "then_"


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
    where = videos[0].title if len(videos) == 1 else counted(len(videos), "video")
    is_counted = all(video.frames or video.length for video in videos)
    if not any(video.frames for video in videos) or not is_counted:
        return tr("all of {}").format(where) if len(videos) == 1 else where
    count = sum(
        count_of(read_frames(video.frames)) if video.frames else video.length
        for video in videos
    )
    return tr("{} of {}").format(counted(count, "frame"), where)


class ThenRow(QWidget):
    """A box to tick, and under *Change* what the prediction asks for."""

    changed = Signal()
    folded = Signal()  # its fields are shown, or hidden

    def __init__(
        self,
        then: ThenPredict,
        resources: Resources,
        profile: ClusterProfile,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_then")
        self._base = resources
        self._touched = False
        self.fields = ResourceFields(profile, self, "remote_then_")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.box = QCheckBox(tr("Predict when it has finished"))
        self.box.setObjectName("remote_then_predict")
        self.box.setAccessibleName(tr("Then predict on {}").format(then.what))
        self.box.setToolTip(then.why_not or _TIP)
        self.box.setWhatsThis(_TIP)
        self.box.setChecked(then.is_wanted and not then.why_not)
        self.box.setEnabled(not then.why_not)
        layout.addWidget(self.box)
        below = QVBoxLayout()
        below.setContentsMargins(22, 0, 0, 0)
        layout.addLayout(below)
        self.what = ElidedLabel(tr("On {}").format(then.what) if then.what else "")
        self.what.setObjectName("remote_then_what")
        self.what.setVisible(bool(then.what))
        below.addWidget(self.what)
        self.why_not = sentence(then.why_not, "remote_then_why_not")
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
        self.change: QToolButton = fold_button(tr("Change"), "remote_then_change")
        explain(self.change, tr("What the prediction asks of the cluster."))
        self.change.toggled.connect(self._on_change)
        line.addWidget(self.asks, 1)
        line.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _page(self) -> QWidget:
        self.page = QWidget()
        form = QFormLayout(self.page)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.rows = self.fields.add_to(form)
        self.memory, self.time = self.fields.memory, self.fields.time
        self.fields.changed.connect(self._on_edited)
        self.free = sentence(name="remote_then_free")
        form.addRow("", self.free)
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
        self.fields.fill(resources)
        self._show()

    def offer(self, partitions: Sequence[Partition], asked: float) -> None:
        """As `ResourceFields.offer`."""
        self.fields.offer(partitions, asked)
        self._show()

    def resources(self) -> Resources:
        """What the prediction asks for.

        Raises
        ------
        ValueError
            Memory or time cannot be read; the message says what can.
        """
        return self.fields.asked_for(self._base)

    # -- what is wrong with it --------------------------------------------------------

    def found_problems(self) -> List[Problem]:
        """What the prediction cannot ask for; nothing where none follows."""
        if not self.is_wanted:
            return []
        return [
            Problem(_PART + one.field, tr("Prediction: ") + one.text)
            for one in self.fields.problems(self._base)
        ]

    def judge(self, notes: Sequence[Problem]) -> None:
        """Say beside each field what is wrong with it, or what should be known."""
        said = {one.field: ("warn", one.text) for one in reversed(notes)}
        found = self.fields.problems(self._base)
        said.update({one.field: ("fail", one.text) for one in reversed(found)})
        for field, row in self.rows.items():
            row.say(field, *said.get(field, ("", "")))

    def has(self, field: str) -> bool:
        """Whether a problem is one of the prediction's."""
        return field.startswith(_PART)

    def is_beside(self, field: str) -> bool:
        """Whether `judge` says it where it can be seen."""
        name = field[len(_PART) :]
        row = self.rows.get(name)
        is_open = self.is_wanted and self.change.isChecked()
        return is_open and row is not None and name in row.fields

    def go_to(self, field: str) -> None:
        """Unfold the fields, and give the focus to this one."""
        name = field[len(_PART) :]
        self.change.setChecked(True)
        row = self.rows.get(name)
        if row is not None and name in row.fields:
            row.fields[name].setFocus(Qt.FocusReason.OtherFocusReason)

    # -- reactions --------------------------------------------------------------------

    def _show(self) -> None:
        wanted = self.is_wanted
        self.change.setVisible(wanted)
        self.asks.setVisible(wanted and bool(self.asks_for()))
        self.asks.setText(self.asks_for())
        self.page.setVisible(wanted and self.change.isChecked())
        self.free.setText(self.fields.free_in_words())
        self.free.setVisible(bool(self.free.text()))

    def asks_for(self) -> str:
        """``Partition gpu, 1 GPU, 16 CPUs, 64G, 02:00:00``: as the fields lie."""
        if self.fields.unreadable():
            return ""
        asked = self.resources()
        cards = tr("no GPU")
        if asked.gpus:
            kind = asked.gpu_type + " " if asked.gpu_type else ""
            cards = counted(asked.gpus, kind + "GPU")
        return tr("Partition {}, {}, {}, {}, {}").format(
            asked.partition,
            cards,
            counted(asked.cpus, "CPU"),
            write_memory(asked.memory),
            write_time(asked.time),
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
        self.folded.emit()
