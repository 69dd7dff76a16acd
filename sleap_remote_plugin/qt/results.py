"""What can be done with a job: load, cancel, open its folder. Models: models.py."""

from __future__ import annotations

import logging
import os
from typing import Any, List, Optional

from qtpy.QtCore import QObject, QUrl, Signal
from qtpy.QtGui import QDesktopServices

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import ask, tell, tell_error
from sleap_remote_plugin.qt.host import Host, MergeSummary
from sleap_remote_plugin.qt.models import Models, same_file
from sleap_remote_plugin.qt.worker import Lane

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
        self._merged = 0
        self.models = Models(host, connection, files, self)
        self.models.said.connect(self.said)
        self.models.busy.connect(self.busy)
        self._deeds = {
            "remote_load_predictions": self.load,
            **self.models.deeds,
            "remote_cancel_job": self.cancel,
            "remote_open_folder": self.open_folder,
        }

    def do(self, name: str, job: Job) -> None:
        """The deed of the button with this objectName."""
        self._deeds[name](job)

    # -- predictions ------------------------------------------------------------------

    def load(self, job: Job) -> None:
        """Read on the files lane, merge here."""
        project = self.host.project()
        if project is None or not same_file(project.path, job.project):
            tell(
                self.host.window,
                "These predictions were made for another project: {}. Nothing was "
                "loaded. Open that project, then load them.".format(job.project),
            )
            return
        host, connection, path = self.host, self.connection, project.path

        def read() -> List[Any]:
            found = connection.session().results(job).predictions
            return [
                host.read_predictions(one.path, [(one.video, one.video_index)])
                for one in found
            ]

        self.busy.emit("Reading the predictions of " + job.name)
        self._files.do(read, lambda loaded: self._merge(loaded, path), self._fail)

    def _merge(self, loaded: List[Any], path: str) -> None:
        self.busy.emit("")
        project = self.host.project()
        if project is None or project.path != path:
            self.said.emit(
                "Another project was opened meanwhile. Nothing was loaded.", False
            )
            return
        if not any(one.instances for one in loaded):
            self.said.emit(NOTHING_PREDICTED, False)
            return
        summaries: List[MergeSummary] = []
        self._merged = 0
        try:
            for one in loaded:
                summaries.append(self.host.merge_predictions(one))
                self._merged += 1
        except Exception as error:
            self._take_back()
            self._fail(error)
            return
        self.said.emit(loaded_sentence(summaries), True)

    def undo(self) -> None:
        """Take the last load back."""
        try:
            self._take_back()
        except Exception as error:
            self._fail(error)
        else:
            self.said.emit("The load was undone. The project is as before.", False)

    def _take_back(self) -> None:
        while self._merged:
            self._merged -= 1
            self.host.undo_merge()

    def forget_undo(self) -> None:
        """The project changed hands: the last load can't be taken back any more."""
        self._merged = 0

    def predict(self, jobs: Any) -> None:
        self.models.predict(jobs)

    # -- the job ----------------------------------------------------------------------

    def cancel(self, job: Job) -> None:
        ask(
            self.host.window,
            "Stop “{}” on the cluster? What it has written so far stays.".format(
                job.name
            ),
            "Stop the job",
            "Let it go on",
            lambda: self._cancel(job),
            name="remote_cancel_question",
        )

    def _cancel(self, job: Job) -> None:
        self.busy.emit("Stopping " + job.name)
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
                    "The job's folder {} is not there. Check that the disk is mounted "
                    "and that nobody moved it.".format(folder)
                )
            return str(folder)

        self._files.do(find, self._on_folder, self._fail)

    def _on_folder(self, folder: str) -> None:
        self.folder_opened.emit(folder)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            self.said.emit("The files are in " + folder, False)

    def _fail(self, error: BaseException) -> None:
        self.busy.emit("")
        if isinstance(error, Cancelled):
            return
        log.warning("%r", error, exc_info=error)
        tell_error(self.host.window, error)


NOTHING_PREDICTED = (
    "The models found no animal on any frame, so nothing was loaded and your project "
    "is as it was. Label more frames or train for longer, and predict again."
)


def loaded_sentence(summaries: List[MergeSummary]) -> str:
    frames = sum(summary.frames for summary in summaries)
    instances = sum(summary.instances for summary in summaries)
    replaced = sum(summary.replaced for summary in summaries)
    text = "Loaded {:,} predicted instances on {:,} frames".format(instances, frames)
    if replaced:
        text += "; {:,} earlier predictions were replaced".format(replaced)
    return text + ". Your labels are as they were; nothing is saved yet."
