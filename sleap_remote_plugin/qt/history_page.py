"""What happened to the selected job, line by line; the newest is at the bottom."""

from __future__ import annotations

import html
import time
from typing import Any, Optional, Sequence, Tuple

from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.history import HistoryLine
from sleap_remote_plugin.words import tr

NOTHING = tr("Nothing is known of it yet: its history begins when it is submitted.")


class HistoryPage(QWidget):
    """Times and words, to be read and copied."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.text = QTextEdit()
        self.text.setObjectName("remote_history")
        self.text.setAccessibleName(tr("History of the job"))
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setPlaceholderText(NOTHING)
        self.copy = QPushButton(tr("Copy as text"))
        self.copy.setObjectName("remote_history_copy")
        self.copy.clicked.connect(self._on_copy)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addStretch(1)
        line.addWidget(self.copy)
        layout.addWidget(self.text, 1)
        layout.addLayout(line)
        self._lines: Tuple[HistoryLine, ...] = ()

    def show_lines(self, lines: Sequence[HistoryLine]) -> None:
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        bar = self.text.verticalScrollBar()
        place, at_end = bar.value(), bar.value() >= bar.maximum() - 2
        self.text.setHtml(as_html(self._lines) if lines else "")
        bar.setValue(bar.maximum() if at_end else place)
        self.copy.setEnabled(bool(lines))

    def _on_copy(self, *_args: Any) -> None:
        QGuiApplication.clipboard().setText(as_text(self._lines))


def moments(lines: Sequence[HistoryLine]) -> Tuple[str, ...]:
    """A time for each line; with the date where it is another day than before."""
    found, day = [], ""
    for line in lines:
        then = time.localtime(line.time)
        date = time.strftime("%d %b", then)
        clock = time.strftime("%H:%M", then)
        found.append(clock if date == day else "{}, {}".format(date, clock))
        day = date
    return tuple(found)


def as_html(lines: Sequence[HistoryLine]) -> str:
    """A table of two columns, so that long sentences wrap beside their time."""
    row = (
        '<tr><td align="right" style="white-space: pre; padding-right: 8px">{}</td>'
        "<td>{}</td></tr>"
    )
    rows = [
        row.format(html.escape(moment), html.escape(line.words))
        for moment, line in zip(moments(lines), lines)
    ]
    return '<table cellspacing="0" cellpadding="1">{}</table>'.format("".join(rows))


def as_text(lines: Sequence[HistoryLine]) -> str:
    form = "%Y-%m-%d %H:%M:%S"
    return "\n".join(
        "{}  {}".format(time.strftime(form, time.localtime(line.time)), line.words)
        for line in lines
    )
