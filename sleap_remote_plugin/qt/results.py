"""What can be done with a job: load, cancel, open its folder. Models: models.py."""

from __future__ import annotations

import logging
import os
from typing import Any, Optional, Sequence

from qtpy.QtCore import QObject, QUrl, Signal
from qtpy.QtGui import QDesktopServices

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import ask, tell_error
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.loading import Loading
from sleap_remote_plugin.qt.models import Models
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)


class Results(QObject):
    """The deeds behind the buttons under the table."""

    said = Signal(str, bool)  # a sentence, whether it can be undone
    busy = Signal(str)  # what is being done; empty: nothing
    cancelled = Signal(object)  # Job
    folder_opened = Signal(str)  # local path

    def __init__(
        self,
        host: Host,
        connection: Connection,
        files: Lane,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.connection = connection
        self._files = files
        self.loading = Loading(host, connection, files, self)
        self.loading.said.connect(self.said)
        self.models = Models(host, connection, files, self)
        self.models.said.connect(self.said)
        self._deeds = {
            "remote_load_predictions": self.load,
            **self.models.deeds,
            "remote_open_folder": self.open_folder,
        }

    def do(self, name: str, job: Job) -> None:
        """The deed of the button with this objectName."""
        self._deeds[name](job)

    # -- predictions ------------------------------------------------------------------

    def load(self, job: Job) -> None:
        self.loading.load(job)

    def undo(self) -> None:
        """Take the last load back."""
        self.loading.undo()

    def leave(self) -> None:
        """Another cluster is chosen, whose *Cancel* would not stop these."""
        self.loading.leave()
        self.models.stop()

    def predict(self, jobs: Any) -> None:
        self.models.predict(jobs)

    # -- the job ----------------------------------------------------------------------

    def cancel(self, job: Job, waiting: Sequence[Job] = ()) -> None:
        """Ask, then stop a job; `waiting` are those that are cancelled with it."""
        sentences = [
            tr("Stop “{}” on the cluster? What it has written so far stays.").format(
                job.name
            )
        ]
        sentences += [
            tr("“{}” is cancelled too: it waits for this job to end well.").format(
                one.name
            )
            for one in waiting
        ]
        ask(
            self.host.window,
            "\n\n".join(sentences),
            tr("Stop these jobs") if waiting else tr("Stop the job"),
            tr("Let them go on") if waiting else tr("Let it go on"),
            lambda: self._cancel(job),
            name="remote_cancel_question",
        )

    def _cancel(self, job: Job) -> None:
        self.busy.emit(tr("Stopping ") + job.name)
        self.connection.call(
            lambda session: session.cancel(job), self._on_cancelled, self._fail
        )

    def _on_cancelled(self, job: Job) -> None:
        self.busy.emit("")
        self.cancelled.emit(job)

    def open_folder(self, job: Job) -> None:
        connection = self.connection

        def find() -> str:
            folder = connection.session().local_folder(job)
            if not os.path.isdir(str(folder)):
                raise RemoteError(
                    tr(
                        "The job's folder {} is not there. Check that the disk is "
                        "mounted and that nobody moved it."
                    ).format(folder)
                )
            return str(folder)

        self._files.do(find, self._on_folder, self._fail)

    def open_path(self, path: str, is_text: bool) -> None:
        """Open a file or folder with the desktop's own program.

        Parameters
        ----------
        is_text : bool
            Whether a file is to be opened itself; else its folder is.
        """

        def find() -> str:
            if not os.path.exists(path):
                raise RemoteError(
                    tr(
                        "{} is not there. Check that the disk is mounted and that "
                        "nobody moved it."
                    ).format(path)
                )
            return path if is_text or os.path.isdir(path) else os.path.dirname(path)

        self._files.do(find, self._on_folder, self._fail)

    def _on_folder(self, folder: str) -> None:
        self.folder_opened.emit(folder)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            self.said.emit(tr("The files are in ") + folder, False)

    def _fail(self, error: BaseException) -> None:
        self.busy.emit("")
        if isinstance(error, Cancelled):
            return
        log.warning("%r", error, exc_info=error)
        tell_error(self.host.window, error)
