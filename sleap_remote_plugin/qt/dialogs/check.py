"""The cluster check: one line for each thing that a job will need.

The lines come one by one, as they are found. Who looks is tools.py's.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.states import SIGNS, is_dark, sign_pixmap
from sleap_remote_plugin.words import counted, tr

#: Pixels: its height while it is empty, and how high lines make it by themselves.
_LOW, _HIGH = 240, 600


class CheckDialog(QDialog):
    """Says what was clicked; shows what it is told."""

    again = Signal()
    gpu_wanted = Signal()
    log_wanted = Signal()
    stopped = Signal()

    def __init__(self, title: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_check_dialog")
        self.setWindowTitle(tr("Check of ") + title)
        self.resize(700, _LOW)
        self._fitted = _LOW
        self._lines: List[Any] = []
        self._rows: List[QLabel] = []
        self._kept = self._begun_at = 0
        self.is_running = False
        self._scrolling = QTimer(self)
        self._scrolling.setSingleShot(True)
        self._scrolling.timeout.connect(self._scroll)
        layout = QVBoxLayout(self)
        self.summary = QLabel()
        self.summary.setObjectName("remote_check_summary")
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self.summary)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.StyledPanel)
        self.scroll.verticalScrollBar().rangeChanged.connect(self._on_range)
        layout.addWidget(self.scroll, 1)
        layout.addLayout(self._progress())
        layout.addLayout(self._buttons())
        self._start_page()
        self._show_buttons()

    def _progress(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setMaximumWidth(120)
        self.bar.setTextVisible(False)
        self.step = ElidedLabel()
        self.step.setObjectName("remote_check_step")
        line.addWidget(self.bar)
        line.addWidget(self.step, 1)
        return line

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.copy = _button(tr("Copy as text"), "remote_check_copy", self._on_copy)
        self.log = _button(tr("Connection log..."), "remote_check_log", self._on_log)
        self.log.setToolTip(tr("Show what happened on the connection, step by step."))
        self.gpu = _button(tr("Check a GPU"), "remote_check_gpu", self._on_gpu)
        self.gpu.setToolTip(
            tr(
                "Run a short job on a GPU node: nvidia-smi, Python, SLEAP's versions, "
                "and whether SLEAP can use the GPU. It takes a minute or more."
            )
        )
        self.repeat = _button(tr("Check again"), "remote_check_again", self._on_again)
        self.cancel = _button(tr("Cancel"), "remote_check_cancel", self._on_cancel)
        self.finish_button = _button(tr("Close"), "remote_check_close", self._on_close)
        self.finish_button.setDefault(True)
        for button in (self.copy, self.log):
            line.addWidget(button)
        line.addStretch(1)
        for button in (self.gpu, self.repeat, self.cancel, self.finish_button):
            line.addWidget(button)
        return line

    # -- what is shown ----------------------------------------------------------------

    def begin(self, sentence: str, keep: bool = False) -> None:
        """A check has begun; `keep` leaves the lines of the one before."""
        if not keep:
            self._kept = 0
        lines = self._lines[: self._kept] if keep else []
        self._lines = []
        self._start_page()
        for line in lines:
            self.add_line(line)
        self._begun_at = len(lines)
        self.summary.setText(sentence)
        self.step.setText("")
        self.is_running = True
        self._show_buttons()

    def show_step(self, text: str) -> None:
        self.step.setText(tr("Looking at {} ...").format(text))

    def add_line(self, line: Any) -> None:
        row = len(self._lines)
        self._lines.append(line)
        widgets = self._row(line)
        self._rows.append(widgets[-1])
        for column, widget in enumerate(widgets):
            self._grid.addWidget(widget, row, column, Qt.AlignmentFlag.AlignTop)
        self._grid.setRowStretch(row, 0)
        self._grid.setRowStretch(row + 1, 1)
        self.copy.setEnabled(True)
        self._scrolling.start(0)

    def end(self, sentence: str = "") -> None:
        """It has ended; without a sentence the lines are summed up."""
        self.is_running = False
        self.summary.setText(sentence or summary(self._lines))
        self._show_buttons()
        self._scrolling.start(0)

    def keep_lines(self) -> None:
        """What stands here now stays when the GPU is looked at again."""
        self._kept = len(self._lines)

    def show_lines(self, lines: Sequence[Any]) -> None:
        """A whole check at once."""
        self.begin("")
        for line in lines:
            self.add_line(line)
        self.keep_lines()
        self.end()

    def as_text(self) -> str:
        return "\n".join(
            "[{}] {}: {}".format(SIGNS[l.verdict][0], l.subject, _with_remedy(l))
            for l in self._lines  # noqa: E741
        )

    def _start_page(self) -> None:
        self._rows = []
        page = QWidget()
        self._grid = QGridLayout(page)
        self._grid.setColumnStretch(3, 1)
        self._grid.setVerticalSpacing(8)
        self.scroll.setWidget(page)
        self.copy.setEnabled(False)

    def _row(self, line: Any) -> Sequence[QLabel]:
        word, colours, _ = SIGNS[line.verdict]
        icon = QLabel()
        icon.setPixmap(sign_pixmap(line.verdict, self))
        icon.setAccessibleName(word)
        verdict = QLabel(word)
        verdict.setStyleSheet("color: {}".format(colours[is_dark(self.palette())]))
        subject = QLabel(line.subject)
        subject.setTextFormat(Qt.TextFormat.PlainText)
        font = subject.font()
        font.setBold(True)
        subject.setFont(font)
        what = tr("What to do: ") + line.remedy if line.remedy else ""
        text = QLabel("\n".join(part for part in (line.text, what) if part))
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return icon, verdict, subject, text

    def _on_range(self, *_args: int) -> None:
        self._scrolling.start(0)  # lines are laid out a while after they were added

    def _scroll(self) -> None:
        """To the end while lines come; then to the first that is not good."""
        self._fit()
        bar = self.scroll.verticalScrollBar()
        new = self._lines[self._begun_at :]
        if self.is_running or not new:
            bar.setValue(bar.maximum())
            return
        bad = [row for row, line in enumerate(new) if line.verdict != "ok"]
        bar.setValue(self._rows[self._begun_at + bad[0]].y() - 6 if bad else 0)

    def _fit(self) -> None:
        """As high as its lines are, unless the user gave it another height."""
        view = self.scroll.viewport().size()
        if self.height() != self._fitted or not self.isVisible():
            return
        page = self._grid.totalHeightForWidth(view.width())
        wanted = self.height() - view.height() + page
        self._fitted = max(self.height(), min(wanted, _HIGH))
        self.resize(self.width(), self._fitted)

    def _show_buttons(self) -> None:
        for widget in (self.bar, self.step, self.cancel):
            widget.setVisible(self.is_running)
        for widget in (self.gpu, self.repeat):
            widget.setVisible(not self.is_running)
        self.cancel.setEnabled(True)

    # -- what was clicked -------------------------------------------------------------

    def _on_copy(self, *_args: Any) -> None:
        QApplication.clipboard().setText(self.as_text())

    def _on_log(self, *_args: Any) -> None:
        self.log_wanted.emit()

    def _on_again(self, *_args: Any) -> None:
        self.again.emit()

    def _on_gpu(self, *_args: Any) -> None:
        self.gpu_wanted.emit()

    def _on_cancel(self, *_args: Any) -> None:
        self.cancel.setEnabled(False)
        self.step.setText("Cancelling ...")
        self.stopped.emit()

    def _on_close(self, *_args: Any) -> None:
        self.close()

    def done(self, result: int) -> None:
        """Closed in whatever way: what still runs is not wanted any more."""
        if self.is_running:
            self.stopped.emit()
        super().done(result)

    def closeEvent(self, event: Any) -> None:
        if self.is_running:
            self.stopped.emit()
        super().closeEvent(event)


def summary(lines: Sequence[Any]) -> str:
    failed = sum(line.verdict == "fail" for line in lines)
    noted = sum(line.verdict == "warn" for line in lines)
    if failed:
        return tr("{} of {} checks failed. What to do is said below.").format(
            failed, len(lines)
        )
    if noted:
        return tr("Jobs can run. {} to know below.").format(counted(noted, "thing"))
    return tr("Everything that a job needs is there.")


def _with_remedy(line: Any) -> str:
    return "{}\n{}".format(line.text, line.remedy) if line.remedy else line.text


def _button(text: str, name: str, clicked: Any) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.clicked.connect(clicked)
    return button
