"""The log of the selected job: its end, live, and a search in it.

What is shown is the end that was read so far, at most `MOST_LINES` lines of it. New
lines are added to what is there; the window never holds a whole log.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QKeySequence, QTextCursor, QTextDocument
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.words import tr

#: Places that are marked at most; a search for "e" shall not stop the window.
MOST_MARKS = 500
#: Lines that are kept; the oldest go first.
MOST_LINES = 5000
#: Places at which the beginning of a log's end is looked for in what is shown.
_MOST_TRIES = 20

NO_LOG = tr("The log begins when the job runs.")
NOT_RUN = tr("The job was not run, so it has no log.")
NOT_FOUND = tr("No log of this job was found.")
NO_LINES = tr(
    "The end of the log that is read here has no line of this part. “Whole log” opens "
    "all of it."
)

_MARK = QColor(255, 200, 0, 110)
_HERE = QColor(255, 140, 0, 200)


def none_of(job: Job) -> str:
    """Why a job has no log, as far as that is known."""
    if not job.state.is_final:
        return NO_LOG
    # SLURM gives a start to one that never had a node, too.
    was_run = job.node or job.elapsed or job.state is not JobState.CANCELLED
    return NOT_FOUND if was_run else NOT_RUN


class LogPage(QWidget):
    """A log that follows its end until the reader scrolls up."""

    part_chosen = Signal(int)  # which of the job's tasks; -1: all
    whole_wanted = Signal(int)  # the log of that task is to be opened

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.part = QComboBox()
        self.part.setObjectName("remote_log_part")
        self.part.setAccessibleName(tr("Part of the log"))
        self.part.setToolTip(tr("The log of the whole job, or of one of its parts."))
        self.part.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self.part.activated.connect(self._on_part)
        self.part.hide()
        layout.addWidget(self.part)
        self.text = QPlainTextEdit()
        self.text.setObjectName("remote_job_log")
        self.text.setAccessibleName(tr("End of the job's log"))
        self.text.setReadOnly(True)
        self.text.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as it is written
        self.text.setMaximumBlockCount(MOST_LINES)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(fixed_font())
        self.text.setPlaceholderText(NO_LOG)
        layout.addWidget(self.text)
        layout.addLayout(self._search_line())
        self._none = NO_LOG
        self._whole = ""  # the lines of the last end that are whole
        self._rest = ""  # what came of the next one
        self._places: List[QTextCursor] = []
        self._at = -1
        self._filling = False
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.timeout.connect(self._to_the_end)
        self.text.verticalScrollBar().rangeChanged.connect(self._on_range)
        self.text.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def _search_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.search = QLineEdit()
        self.search.setObjectName("remote_log_search")
        self.search.setAccessibleName(tr("Search the log"))
        self.search.setPlaceholderText(tr("Search the log"))
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip(
            tr("Enter goes to the place before, Shift+Enter to the next one.")
        )
        self.search.textChanged.connect(self._on_search)
        self.search.installEventFilter(self)
        self.found = QLabel()
        self.found.setObjectName("remote_log_found")
        self.follows = QCheckBox(tr("Follow"))
        self.follows.setObjectName("remote_log_follow")
        self.follows.setToolTip(tr("Stay at the end of the log while it grows."))
        self.follows.setChecked(True)
        self.follows.toggled.connect(self._on_follow)
        line.addWidget(self.search, 1)
        line.addWidget(self.found)
        line.addWidget(self.follows)
        self.whole = QPushButton(tr("Whole log"))
        self.whole.setObjectName("remote_log_whole")
        self.whole.setToolTip(tr("Open the log's file, from its first line on."))
        self.whole.clicked.connect(self._on_whole)
        line.addWidget(self.whole)
        self.text.installEventFilter(self)
        return line

    # -- what is shown ----------------------------------------------------------------

    def follow(self) -> None:
        """Another job's log: show its end."""
        self.follows.setChecked(True)

    def offer_parts(self, titles: Sequence[str], all_of_them: str) -> None:
        """Offer a choice between these; none where there are no two.

        Parameters
        ----------
        all_of_them : str
            What is said of all of them: ``All models``.
        """
        wanted = [all_of_them] + list(titles) if titles else []
        now = [self.part.itemText(n) for n in range(self.part.count())]
        if wanted != now:
            self.part.clear()
            self.part.addItems(wanted)
        self.part.setVisible(bool(wanted))

    def chosen_part(self) -> int:
        """Which of the job's tasks is shown; -1: all."""
        return max(self.part.currentIndex(), 0) - 1

    def clear(self) -> None:
        """Another job's log, or another part: nothing is known of it yet."""
        self.show_log("")
        self.follow()

    def say_without(self, job: Job) -> None:
        """What to say where this job has no log."""
        self._none = none_of(job)
        self._say_none()

    def _say_none(self) -> None:
        self.text.setPlaceholderText(self._none if self.chosen_part() < 0 else NO_LINES)

    def show_log(self, log: str) -> None:
        """Show the end; a reader who scrolled up is left where they are."""
        if log == self._whole + self._rest:
            return
        whole, end, rest = log.rpartition("\n")
        whole += end
        new = lines_since(self._whole, whole)
        bar = self.text.verticalScrollBar()
        place = bar.value()
        self._filling = True
        if new is None:
            self.text.setPlainText(log)
        else:
            place -= self._append(new + rest)
        self._whole, self._rest = whole, rest
        bar.setValue(bar.maximum() if self.follows.isChecked() else max(0, place))
        self._filling = False
        self._say_none()
        self._look()

    def _append(self, text: str) -> int:
        """Put text in the last, unfinished line's place; tell how many lines went."""
        document = self.text.document()
        before = document.blockCount()
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        keep = QTextCursor.MoveMode.KeepAnchor
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, keep)
        cursor.insertText(text)
        cursor.endEditBlock()
        return before + text.count("\n") - document.blockCount()

    def _on_part(self, *_args: Any) -> None:
        self.clear()
        self.part_chosen.emit(self.chosen_part())

    def _on_whole(self, *_args: Any) -> None:
        self.whole_wanted.emit(self.chosen_part())

    def _on_scrolled(self, *_args: int) -> None:
        bar = self.text.verticalScrollBar()
        if not self._filling and self.isVisible():
            self._set_follow(bar.value() >= bar.maximum() - 2)

    def _on_range(self, *_args: int) -> None:
        """A page that was laid out only now still shows the end of the log.

        Once more when that is done: Qt 5 sets the place that it had before last.
        """
        if self.follows.isChecked():
            self._to_the_end()
            self._laid_out.start(0)

    def _to_the_end(self) -> None:
        if self.follows.isChecked():
            bar = self.text.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _on_follow(self, wanted: bool) -> None:
        if wanted:
            self._to_the_end()

    def _set_follow(self, wanted: bool) -> None:
        self.follows.blockSignals(True)
        self.follows.setChecked(wanted)
        self.follows.blockSignals(False)

    # -- the search -------------------------------------------------------------------

    def _on_find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _on_search(self, *_args: Any) -> None:
        self._at = -1
        self._look()
        if self._places:
            self._go(len(self._places) - 1)

    def _look(self) -> None:
        """Find the places; the latest are the ones that are marked."""
        word, document = self.search.text(), self.text.document()
        places: List[QTextCursor] = []
        place = QTextCursor(document)
        place.movePosition(QTextCursor.MoveOperation.End)
        while word and len(places) < MOST_MARKS:
            place = document.find(word, place, QTextDocument.FindFlag.FindBackward)
            if place.isNull():
                break
            places.append(place)
        self._places = places[::-1]
        self._at = min(self._at, len(self._places) - 1)
        self._mark()

    def _go(self, index: int) -> None:
        self._at = index % len(self._places)
        self._set_follow(False)
        cursor = QTextCursor(self._places[self._at])
        cursor.clearSelection()
        self.text.setTextCursor(cursor)
        self.text.centerCursor()
        self._mark()

    def _mark(self) -> None:
        marks = []
        for index, place in enumerate(self._places):
            mark = QTextEdit.ExtraSelection()
            mark.format.setBackground(_HERE if index == self._at else _MARK)
            mark.cursor = place
            marks.append(mark)
        self.text.setExtraSelections(marks)
        self.found.setText(self._said())

    def _said(self) -> str:
        if not self.search.text():
            return ""
        if not self._places:
            return tr("not found")
        if self._at < 0:
            return tr("{} found").format(len(self._places))
        return tr("{} of {}").format(self._at + 1, len(self._places))

    def eventFilter(self, watched: Any, event: Any) -> bool:
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() in kinds and event.matches(QKeySequence.StandardKey.Find):
            event.accept()  # here it is ours, whatever it means in SLEAP
            if event.type() == QEvent.Type.KeyPress:
                self._on_find()
            return True
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            return self._key_in_search(event)
        return super().eventFilter(watched, event)

    def _key_in_search(self, event: Any) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            if self._places:
                self._go(self._at + (1 if shifted else -1))
            return True
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return True
        return False


def lines_since(before: str, now: str) -> Optional[str]:
    r"""What an end of a log has that an earlier end of it had not.

    None where they have nothing in common, so that it is not known what lies between.

    Examples
    --------
    >>> lines_since("a\nb\nc\n", "b\nc\nd\n")
    'd\n'
    """
    if not before:
        return None
    if now.startswith(before):
        return now[len(before) :]
    head = now[:200]
    place = before.find(head) if head else -1
    for _ in range(_MOST_TRIES):
        if place < 0:
            return None
        rest = len(before) - place
        if before.endswith(now[:rest]) and len(now) >= rest:
            return now[rest:]
        place = before.find(head, place + 1)
    return None
