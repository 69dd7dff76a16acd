"""Two lines under the resources: what was used last time, and when it would start."""

from __future__ import annotations

import time
from typing import Any, Optional

from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.last_time import LastTime, less
from sleap_remote_plugin.jobs.resources import Resources, write_memory, write_time
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.dialogs.lines import Verdict, sentence
from sleap_remote_plugin.qt.dialogs.resource_fields import ResourceFields
from sleap_remote_plugin.words import tr


class LastTimeLine(QWidget):
    """``9.1 GB, 01:20:00 (of 32 GB, 06:00:00 asked)``, and *Use less*."""

    less_wanted = Signal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        self.text = sentence(name="remote_last_time")
        self.less = QPushButton(tr("&Use less"))
        self.less.setObjectName("remote_use_less")
        self.less.setAutoDefault(False)
        self.less.clicked.connect(self._on_less)
        line.addWidget(self.text, 1)
        line.addWidget(self.less)

    def say(self, last: LastTime) -> None:
        used = [texts.size(last.memory), _time(last.time)]
        asked = [
            texts.size(last.asked.memory) if last.memory else "",
            _time(last.asked.time) if last.time else "",
        ]
        self.text.setText(
            tr("{} (of {} asked)").format(
                ", ".join(filter(None, used)), ", ".join(filter(None, asked))
            )
        )

    def offer_less(self, memory: str, time_limit: str) -> None:
        """What *Use less* would set; empty texts: it would change nothing."""
        words = ", ".join(filter(None, (memory, time_limit)))
        self.less.setVisible(bool(words))
        text = tr("Ask for {}: what was used, with room to spare.").format(words)
        self.less.setToolTip(text)
        self.less.setAccessibleDescription(text)

    def _on_less(self, *_args: Any) -> None:
        self.less_wanted.emit()


def _time(seconds: Optional[float]) -> str:
    """As the field beside it has it: one way of writing limits in the dialog."""
    return write_time(int(seconds)) if seconds else ""


class StartLine(QWidget):
    """How many cards are free, and when SLURM expects the job to start."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.text = sentence(name="remote_start_estimate")
        self.refused = Verdict("remote_start_refused")
        layout.addWidget(self.text)
        layout.addWidget(self.refused)
        self._free = self._start = ""

    def say_free(self, text: str) -> None:
        self._free = text
        self._show()

    def say_start(self, text: str, refusal: str = "") -> None:
        self._start = text
        self.refused.say("warn", refusal)
        self._show()

    @property
    def is_empty(self) -> bool:
        return not self._free and not self._start and not self.refused.label.text()

    def _show(self) -> None:
        text = " ".join(filter(None, (self._start, self._free)))
        self.text.setText(text)
        self.text.setVisible(bool(text))


def start_in_words(estimate: Any) -> str:
    """When a job would start; empty where SLURM does not say."""
    if estimate.wait is None:
        return ""
    if estimate.wait < 60:
        return tr("SLURM expects a start at once.")
    return tr("SLURM expects a start at about {}, in {}.").format(
        texts.clock(time.time() + estimate.wait), texts.duration(estimate.wait)
    )


class Outlook(QObject):
    """Both lines in a dialog's form, and what they say of what is asked for there.

    Attributes
    ----------
    last_time, start
        The lines.
    """

    less_taken = Signal()  # the fields ask for less now
    said = Signal()  # a line is longer or shorter

    def __init__(self, fields: ResourceFields, form: QFormLayout) -> None:
        super().__init__(fields)
        self._fields, self._form = fields, form
        self._last: Optional[LastTime] = None
        self.last_time = LastTimeLine()
        self.last_time.less_wanted.connect(self._on_less)
        self.start = StartLine()
        self._first = form.rowCount()

    def tell_last_time(self, last: Optional[LastTime]) -> None:
        """What a job of that kind used; None: there was none."""
        self._last = last
        if last is not None:
            self.last_time.say(last)
            self._show(self.last_time, True)
        self.refresh()

    def tell_start(self, estimate: Any) -> None:
        """When SLURM expects the job to start; None: it is not known (yet)."""
        text = refusal = ""
        if estimate is not None:
            text = start_in_words(estimate)
            if estimate.refusal:
                refusal = tr("SLURM would not take it: {}.").format(estimate.refusal)
        self.start.say_start(text, refusal)
        self.refresh()

    def refresh(self) -> None:
        """After each change: the cards that are free, and what *Use less* would set."""
        self.start.say_free(self._fields.free_in_words())
        self._show(self.start, not self.start.is_empty)
        if self._last is not None:
            now = self._fields.asked_for_as_far(Resources())
            new = less(now, self._last, self._fields.rules)
            self.last_time.offer_less(
                write_memory(new.memory) if new.memory != now.memory else "",
                write_time(new.time) if new.time != now.time else "",
            )
        self.said.emit()

    def _show(self, line: QWidget, shown: bool) -> None:
        """Show or hide a line, its label too.

        Its row is made when it is first shown: Qt 5's forms leave gaps for hidden ones.
        """
        label = self._form.labelForField(line)
        if label is None and shown:
            label = self._add(line)
        if label is not None:
            line.setVisible(shown)
            label.setVisible(shown)

    def _add(self, line: QWidget) -> QWidget:
        text, row = tr("Last time"), self._first
        if line is self.start:
            text = tr("Start")
            row += self._form.labelForField(self.last_time) is not None
        label = QLabel(text)
        self._form.insertRow(row, label, line)
        if line is self.start:
            label.setAlignment(Qt.AlignmentFlag.AlignTop)  # beside its first line
        elif line.window() is self._fields.time.window():
            QWidget.setTabOrder(self._fields.time, self.last_time.less)
        return label

    def _on_less(self) -> None:
        if self._last is not None:
            now = self._fields.asked_for_as_far(Resources())
            self._fields.fill(less(now, self._last, self._fields.rules))
            self.less_taken.emit()
