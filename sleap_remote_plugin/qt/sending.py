"""Submissions under way in this window: who began them, their rows, their end.

One submission's steps are submission.py's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.jobs.deeds import Offer
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Lane

# What submits is imported with the first submission: SLEAP's start does not pay for it.
if TYPE_CHECKING:
    from sleap_remote_plugin.qt.submission import Submission


class Sending(QObject):
    """Starts submissions and tells of them.

    Attributes
    ----------
    under_way : list of Submission
    """

    rows_changed = Signal()
    row_added = Signal(str)  # uid of a job that is not in the store yet
    started = Signal(object)  # Submission
    submitted = Signal(object)  # Job
    stopped = Signal(str)  # a sentence: the user stopped it
    dock_wanted = Signal()  # by a click: it tells how far one is
    saved = Signal(str, str)  # a sentence, and the folder that has the files
    said = Signal(str)  # a sentence on what came of one

    def __init__(
        self, host: Host, files: Lane, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.host = host
        self._files = files
        self.under_way: List[Submission] = []
        self._rows: Dict[str, Job] = {}

    def send(
        self, connection: Connection, mode: str, dialog: Any, then: bool = False
    ) -> None:
        """Send what SLEAP's training or inference dialog is set to; once.

        Parameters
        ----------
        then : bool
            Whether a prediction is to follow the training.
        """
        from sleap_remote_plugin.qt.prediction import Prediction
        from sleap_remote_plugin.qt.training import Training

        if self._is_on_its_way(connection, dialog):
            return
        if mode != "training":
            self._start(Prediction(self.host, connection, self._files, dialog, self))
            return
        training = Training(self.host, connection, self._files, dialog, self)
        training.then_wanted = then
        self._start(training)

    def send_again(
        self, connection: Connection, job: Job, offer: Optional[Offer] = None
    ) -> None:
        """Send an ended job once more, with changes: those of an offer, if any."""
        from sleap_remote_plugin.qt.resubmission import Resubmission

        again = Resubmission(self.host, connection, self._files, job, self, offer)
        self._start(again)

    def rows(self, cluster: str) -> Tuple[Job, ...]:
        """Jobs on their way to a cluster, not in the store yet; the newest first."""
        found = [job for job in self._rows.values() if job.cluster == cluster]
        return tuple(sorted(found, key=lambda job: -job.created))

    def has(self, uid: str) -> bool:
        """Whether a row is of a job that is not in the store yet."""
        return uid in self._rows

    def _is_on_its_way(self, connection: Connection, sleap_dialog: Any) -> bool:
        """Show what is made of this dialog already; for another cluster it stops."""
        for one in list(self.under_way):
            if one.sleap_dialog is not sleap_dialog or not one.needs_sleap_dialog:
                continue
            if one.connection is not connection:
                one.cancel()
                continue
            if one.dialog is not None and one.dialog.isVisible():
                one.dialog.raise_()
                one.dialog.activateWindow()
            else:
                self.dock_wanted.emit()
            return True
        return False

    def _start(self, submission: Submission) -> None:
        submission.row_changed.connect(self._on_row)
        submission.row_gone.connect(self._on_row_gone)
        submission.submitted.connect(self.submitted)
        submission.stopped.connect(self.stopped)
        submission.agreed.connect(self.dock_wanted)
        submission.saved.connect(self.saved)
        submission.said.connect(self.said)
        submission.ended.connect(self._on_ended)
        self.under_way.append(submission)
        self.started.emit(submission)
        submission.start()

    def _on_row(self, job: Job) -> None:
        is_new = job.uid not in self._rows
        self._rows[job.uid] = job
        self.rows_changed.emit()
        if is_new:
            self.row_added.emit(job.uid)

    def _on_row_gone(self, uid: str) -> None:
        self._rows.pop(uid, None)
        self.rows_changed.emit()

    def _on_ended(self, submission: Submission) -> None:
        if submission in self.under_way:
            self.under_way.remove(submission)
            submission.deleteLater()
