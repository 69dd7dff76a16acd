"""The cluster check: one line for each thing that a job will need."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.states import SIGNS, is_dark, sign_icon


class CheckDialog(QDialog):
    """Opens at once; the lines come when the cluster has answered."""

    again = Signal()

    def __init__(self, title: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_check_dialog")
        self.setWindowTitle("Check of " + title)
        self.resize(560, 420)
        self._lines: List[Any] = []
        layout = QVBoxLayout(self)
        self.summary = QLabel()
        self.summary.setObjectName("remote_check_summary")
        self.summary.setWordWrap(True)
        layout.addWidget(self.summary)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.StyledPanel)
        layout.addWidget(self.scroll, 1)
        layout.addLayout(self._buttons())
        self.say("Checking: connection, SLURM, modules, mount. This takes a moment.")

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.copy = QPushButton("Copy as text")
        self.copy.setObjectName("remote_check_copy")
        self.copy.clicked.connect(self._on_copy)
        self.repeat = QPushButton("Check again")
        self.repeat.setObjectName("remote_check_again")
        self.repeat.clicked.connect(self._on_again)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self._on_close)
        line.addWidget(self.copy)
        line.addStretch(1)
        line.addWidget(self.repeat)
        line.addWidget(close)
        return line

    def say(self, sentence: str) -> None:
        """A sentence instead of lines."""
        self._lines = []
        self.summary.setText(sentence)
        self.scroll.setWidget(QWidget())
        self.copy.setEnabled(False)

    def show_lines(self, lines: Sequence[Any]) -> None:
        self._lines = list(lines)
        self.summary.setText(summary(lines))
        page = QWidget()
        grid = QGridLayout(page)
        grid.setColumnStretch(2, 1)
        grid.setVerticalSpacing(8)
        dark = is_dark(self.palette())
        for row, line in enumerate(lines):
            word, colours, _ = SIGNS[line.verdict]
            icon = QLabel()
            icon.setPixmap(sign_icon(line.verdict, self.palette()).pixmap(16, 16))
            icon.setAccessibleName(word)
            verdict = QLabel(word)
            verdict.setStyleSheet("color: {}".format(colours[dark]))
            text = QLabel("{}: {}".format(line.subject, _with_remedy(line)))
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for column, widget in enumerate((icon, verdict, text)):
                grid.addWidget(widget, row, column, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(len(lines), 1)
        self.scroll.setWidget(page)
        self.copy.setEnabled(True)

    def as_text(self) -> str:
        return "\n".join(
            "[{}] {}: {}".format(SIGNS[l.verdict][0], l.subject, _with_remedy(l))
            for l in self._lines  # noqa: E741
        )

    def _on_copy(self, *_args: Any) -> None:
        QApplication.clipboard().setText(self.as_text())

    def _on_again(self, *_args: Any) -> None:
        self.say("Checking again. This takes a moment.")
        self.again.emit()

    def _on_close(self, *_args: Any) -> None:
        self.close()


def summary(lines: Sequence[Any]) -> str:
    failed = sum(line.verdict == "fail" for line in lines)
    noted = sum(line.verdict == "warn" for line in lines)
    if failed:
        return "{} of {} checks failed. What to do is said below.".format(
            failed, len(lines)
        )
    if noted:
        return "Jobs can run. {} thing{} to know below.".format(
            noted, "" if noted == 1 else "s"
        )
    return "Everything that a job needs is there."


def _with_remedy(line: Any) -> str:
    return "{}\n{}".format(line.text, line.remedy) if line.remedy else line.text
