"""Which jobs are shown: words that are looked for, and a choice of states."""

from __future__ import annotations

from typing import AbstractSet, Any, Dict, NamedTuple, Optional, Tuple

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.state_words import TEXTS
from sleap_remote_plugin.qt.texts import KINDS
from sleap_remote_plugin.slurm.reasons import needs_somebody
from sleap_remote_plugin.words import tr

ALL, OPEN, COMPLETED, ATTENTION = "all", "open", "completed", "attention"
CHOICES: Tuple[Tuple[str, str, str], ...] = (
    (ALL, tr("All"), tr("All jobs.")),
    (OPEN, tr("Open"), tr("Jobs that run, wait or are being sent.")),
    (
        COMPLETED,
        tr("Completed"),
        tr("Jobs that have made everything that they should."),
    ),
    (
        ATTENTION,
        tr("Needs attention"),
        tr(
            "Jobs that ended badly and were not submitted again, that are held, or in "
            "doubt."
        ),
    ),
)

#: Up to so many jobs nobody needs a search for them.
HANDFUL = 6


class Wanted(NamedTuple):
    """What the user looks for."""

    words: Tuple[str, ...] = ()
    choice: str = ALL

    @property
    def is_all(self) -> bool:
        return not self.words and self.choice == ALL

    def fits(self, job: Job, tried_again: AbstractSet[str] = frozenset()) -> bool:
        """Whether every word is somewhere in the job, and its state is chosen.

        Parameters
        ----------
        tried_again : set of str
            uids of jobs that were submitted again.
        """
        if not _CHOSEN[self.choice](job, tried_again):
            return False
        text = searched(job)
        return all(word.casefold() in text for word in self.words)


def searched(job: Job) -> str:
    """All that can be found of a job."""
    parts = (
        job.name,
        KINDS[job.kind],
        job.project,
        TEXTS[job.state],
        job.node,
        job.slurm_id,
        job.resources.gpu_type,
    )
    return "\n".join(parts).casefold()


def needs_attention(job: Job, tried_again: AbstractSet[str] = frozenset()) -> bool:
    """Whether somebody should look at it."""
    if job.state is JobState.QUEUED:
        return needs_somebody(job.reason)
    if job.state is JobState.UNCONFIRMED:
        return True
    fine = (JobState.COMPLETED, JobState.CANCELLED)
    return job.state.is_final and job.state not in fine and job.uid not in tried_again


_CHOSEN: Dict[str, Any] = {
    ALL: lambda job, _tried: True,
    OPEN: lambda job, _tried: not job.state.is_final,
    COMPLETED: lambda job, _tried: job.state is JobState.COMPLETED,
    ATTENTION: needs_attention,
}


class JobFilter(QWidget):
    """A line to search in, and the choice; it hides where there is little to find."""

    changed = Signal()
    left = Signal()  # Escape, or down: back to the table

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._is_called = False
        self._count = 0
        self.search = QLineEdit()
        self.search.setObjectName("remote_job_search")
        self.search.setAccessibleName(tr("Search jobs"))
        self.search.setPlaceholderText(tr("Search jobs"))
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip(
            tr(
                "Words of the name, project, state, node or SLURM job id. A job is "
                "shown where all of them are found."
            )
        )
        self.search.textChanged.connect(self._on_changed)
        self.search.installEventFilter(self)
        self.choice = QComboBox()
        self.choice.setObjectName("remote_job_choice")
        self.choice.setAccessibleName(tr("Which jobs are shown"))
        for number, (name, title, tip) in enumerate(CHOICES):
            self.choice.addItem(title, name)
            self.choice.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self.choice.setToolTip(tr("Which jobs are shown, by their state."))
        self.choice.currentIndexChanged.connect(self._on_changed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.search, 1)
        layout.addWidget(self.choice)
        self.hide()

    def wanted(self) -> Wanted:
        words = tuple(self.search.text().split())
        return Wanted(words, str(self.choice.currentData()))

    def show_for(self, count: int) -> None:
        """Be there where so many jobs make it worth it, or where it is in use."""
        self._count = count
        is_used = self._is_called or not self.wanted().is_all
        self.setVisible(count > HANDFUL or (count > 0 and is_used))

    def call(self) -> None:
        """The user asked for it."""
        self._is_called = True
        self.show()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def clear(self) -> None:
        """Show all jobs again."""
        before = self.wanted()
        for widget in (self.search, self.choice):
            widget.blockSignals(True)
        self.search.clear()
        self.choice.setCurrentIndex(0)
        for widget in (self.search, self.choice):
            widget.blockSignals(False)
        if self.wanted() != before:
            self.changed.emit()

    def _on_changed(self, *_args: Any) -> None:
        self.changed.emit()

    def eventFilter(self, watched: Any, event: Any) -> bool:
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._is_called = False
                self.clear()
                self.show_for(self._count)
                self.left.emit()
                return True
            if event.key() == Qt.Key.Key_Down:
                self.left.emit()
                return True
        return super().eventFilter(watched, event)
