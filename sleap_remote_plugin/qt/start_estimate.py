"""When the job in the submit dialog would start: asked of SLURM as it is changed.

One question after each change that was followed by a pause, one at a time, and only
while a connection is held: nobody is asked to sign in for it.
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

from qtpy.QtCore import QObject, QTimer

from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog

#: Milliseconds without a change before SLURM is asked.
QUIET = 600


class StartEstimate(QObject):
    """Asks for one dialog, and tells it."""

    def __init__(
        self,
        connection: Connection,
        dialog: SubmitDialog,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.connection = connection
        self._dialog: Optional[SubmitDialog] = dialog
        self._answered: Any = None  # the request that the dialog shows the answer of
        self._is_asking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET)
        self._timer.timeout.connect(self._ask)
        dialog.request_changed.connect(self.ask_soon)
        dialog.finished.connect(self._on_finished)

    def ask_soon(self) -> None:
        """After a pause; what is shown meanwhile is not of what is asked for now."""
        if self._dialog is None:
            return
        request = self._request()
        if request is None or request != self._answered:
            self._answered = None
            self._dialog.tell_start(None)
        self._timer.start()

    def _request(self) -> Optional[Tuple[JobKind, Any, int]]:
        """What would be asked for; None where it cannot be submitted as it stands."""
        dialog = self._dialog
        if dialog is None or dialog.found_problems():
            return None
        wanted = dialog.resources()
        if wanted.dependency:  # SLURM's answer would leave the other job out
            return None
        tasks = len(dialog.what.parts) if dialog.kind is JobKind.PREDICT else 1
        return dialog.kind, wanted, max(1, tasks)

    def _ask(self) -> None:
        request = self._request()
        if request is None or request == self._answered or self._is_asking:
            return
        if not self.connection.is_connected():
            return
        self._is_asking = True
        self.connection.call(
            lambda session: (request, session.estimate_start(*request)),
            self._on_answer,
            self._on_error,
            ask=False,
        )

    def _on_answer(self, answer: Any) -> None:
        self._is_asking = False
        request, estimate = answer
        if self._dialog is None:
            return
        if request == self._request():
            self._answered = request
            self._dialog.tell_start(estimate)
        else:
            self._timer.start()

    def _on_error(self, _error: BaseException) -> None:
        """The connection line tells; the dialog does without."""
        self._is_asking = False

    def _on_finished(self, *_args: Any) -> None:
        self._dialog = None
        self._timer.stop()
