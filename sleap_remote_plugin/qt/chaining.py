"""*Train then predict...*: SLEAP's dialog for it, and a prediction that is still owed.

How both are sent is training.py's and session/chain.py's.
"""

from __future__ import annotations

import logging
import time
from typing import Any, Optional, Sequence, Set

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import AlreadySubmitted
from sleap_remote_plugin.jobs.chain import is_owed, trained_by, waits_for
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import tell_error
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds after a training's submission in which its prediction may be on its way.
ON_ITS_WAY = 30.0
OWED = tr(
    "The prediction that was to follow was not submitted. Press Submit prediction to "
    "do it now."
)
_OWED_NOTICE = tr(
    "The prediction that was to follow “{}” was not submitted. Choose that job and "
    "press Submit prediction."
)


class Chaining(QObject):
    """One window's part in it."""

    said = Signal(str)
    busy = Signal(str)  # what is being done; empty: nothing
    submitted = Signal(object)  # Job
    changed = Signal()  # the list may have

    def __init__(self, host: Host, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.host = host
        self._dialog: Any = None
        self._told: Set[str] = set()

    def open(self) -> None:
        """Show SLEAP's training dialog, with frames to predict on afterwards."""
        dialog = self.host.open_dialog("training")
        if dialog is None:
            return
        self.host.offer_frames(dialog)
        self._dialog = dialog
        dialog.finished.connect(self._on_finished)

    def is_meant(self, dialog: Any) -> bool:
        """Whether this dialog was opened to train and then predict."""
        return dialog is not None and dialog is self._dialog

    def _on_finished(self, *_args: Any) -> None:
        """SLEAP uses the same dialog again: next time it may be for training alone."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.finished.disconnect(self._on_finished)

    # -- a prediction that was not sent -----------------------------------------------

    def look(self, jobs: Sequence[Job]) -> None:
        """Tell once of each training whose prediction was not sent."""
        for job in jobs:
            is_old = time.time() - (job.submitted or 0.0) > ON_ITS_WAY
            if job.then and is_old and job.uid not in self._told and is_owed(job, jobs):
                self._told.add(job.uid)
                self.said.emit(_OWED_NOTICE.format(job.name))

    @staticmethod
    def what_came(selected: str, before: Sequence[Job], now: Sequence[Job]) -> str:
        """Uid of the prediction that has just come of the selected training, if any."""
        known = {job.uid: job for job in before}
        for job in now:
            earlier = known.get(job.uid)
            is_new = earlier is not None and not earlier.state.is_final
            if (
                trained_by(job) == selected
                and job.state is JobState.COMPLETED
                and is_new
            ):
                return job.uid
        return ""

    def send(self, connection: Connection, training: Job) -> None:
        """Submit the prediction that was to follow a training."""
        self.busy.emit(tr("Submitting the prediction"))
        connection.call(
            lambda session: session.submit_then(training),
            self._on_sent,
            self._on_not_sent,
            parent=self.host.window,
        )

    def _on_sent(self, job: Job) -> None:
        self.busy.emit("")
        self.submitted.emit(job)

    def _on_not_sent(self, error: BaseException) -> None:
        self.busy.emit("")
        log.warning("%r", error, exc_info=error)
        tell_error(self.host.window, error)
        if isinstance(error, AlreadySubmitted):
            self.changed.emit()


def with_words(job: Job, jobs: Sequence[Job]) -> Job:
    """The job with a note on the one that it waits for, or that should follow it."""
    words = waits_for(job, jobs)
    if not words and job.then and is_owed(job, jobs):
        words = OWED
    return job.changed(note=words) if words else job
