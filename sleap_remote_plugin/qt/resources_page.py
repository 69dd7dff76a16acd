"""What the selected job used of what it asked for: small bars, always with words."""

from __future__ import annotations

import time
from typing import Dict, List, Optional

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.usage import Usage, other_facts, usage_of
from sleap_remote_plugin.words import tr

_NAMES = (tr("Memory"), tr("Time"), "CPUs", "GPU")
_FACTS = (
    tr("Partition"),
    tr("Node"),
    tr("SLEAP module"),
    tr("SLURM job"),
    tr("Exit code"),
    tr("Left out"),
)


class ResourcesPage(QScrollArea):
    """Used against asked, then what has no measure."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_resources")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(4, 6, 4, 4)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        column.addLayout(self._grid)
        column.addStretch(1)
        self._row = 0
        self.rows: Dict[str, _Row] = {name: self._add_row(name) for name in _NAMES}
        self.facts: Dict[str, List[QLabel]] = {}
        for name in _FACTS:
            title, value = _label(name), _value(name)
            self._add(title, 0)
            self._add(value, 1)
            self._row += 1
            self.facts[name] = [title, value]
        self.setWidget(inner)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def _add(self, widget: QWidget, column: int, span: int = 1) -> None:
        top = Qt.AlignmentFlag.AlignTop
        if column == 0:
            self._grid.addWidget(widget, self._row, column, 1, span, top)
        else:
            self._grid.addWidget(widget, self._row, column, 1, span)

    def _add_row(self, name: str) -> "_Row":
        row = _Row(name)
        self._add(row.title, 0)
        self._add(row.words, 1)
        self._row += 1
        self._add(row.bar, 1)
        self._row += 1
        self._add(row.advice, 1)
        self._grid.setRowMinimumHeight(self._row + 1, 6)
        self._row += 2
        return row

    def show_job(self, job: Job) -> None:
        for usage in usage_of(job, time.time()):
            self.rows[usage.name].show_usage(usage)
        for name, text in other_facts(job):
            title, value = self.facts[name]
            value.setText(text)
            for label in (title, value):
                label.setVisible(bool(text))


class _Row:
    """A kind of resource: words, a bar, advice."""

    def __init__(self, name: str) -> None:
        self.title = _label(name)
        self.words = _value(name)
        self.advice = _value(name + tr(", next time"))
        self.advice.setObjectName("remote_advice_" + name.lower())
        font = self.advice.font()
        font.setItalic(True)
        self.advice.setFont(font)
        self.bar = QProgressBar()
        self.bar.setObjectName("remote_usage_" + name.lower())
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)

    def show_usage(self, usage: Usage) -> None:
        self.words.setText(usage.words)
        self.bar.setVisible(usage.share is not None)
        self.bar.setValue(int(round(100 * min(1.0, usage.share or 0.0))))
        self.bar.setAccessibleName("{}: {}".format(usage.name, usage.words))
        self.advice.setText(usage.advice)
        self.advice.setVisible(bool(usage.advice))


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _value(name: str) -> QLabel:
    value = _label("")
    value.setWordWrap(True)
    value.setAccessibleName(name)
    value.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return value
