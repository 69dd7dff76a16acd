"""What can be done with trained models. Predictions: results.py."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, List, Optional

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import tell_error
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Lane

log = logging.getLogger(__name__)


class Models(QObject):
    """The deeds behind the buttons of a training."""

    said = Signal(str, bool)  # a sentence, whether it can be undone
    busy = Signal(str)  # what is being done; empty: nothing

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
        self.deeds = {
            "remote_use_models": self.use_models,
            "remote_show_metrics": self.show_metrics,
        }

    def use_models(self, job: Job) -> None:
        self._with_runs(job, self.host.offer_models)

    def show_metrics(self, job: Job) -> None:
        self._with_runs(job, self.host.show_metrics)

    def _with_runs(self, job: Job, deed: Any) -> None:
        connection = self.connection
        self.busy.emit("Looking for the models of " + job.name)
        self._files.do(
            lambda: connection.session().results(job).runs,
            lambda runs: self._on_runs(runs, deed),
            self._fail,
        )

    def _on_runs(self, runs: Any, deed: Any) -> None:
        self.busy.emit("")
        try:
            deed(tuple(runs))
        except Exception as error:
            self._fail(error)

    def predict(self, jobs: Any) -> None:
        """Open SLEAP's inference dialog, with this project's models if there are."""
        project = self.host.project()
        connection = self.connection
        trained = [
            job
            for job in jobs
            if job.kind is JobKind.TRAIN
            and job.state is JobState.COMPLETED
            and project is not None
            and same_file(job.project, project.path)
        ]

        def look() -> List[Path]:
            runs: List[Path] = []
            for job in trained:
                try:
                    runs += connection.session().results(job).runs
                except (RemoteError, OSError) as error:
                    log.warning("No models of %s: %s", job.slurm_name, error)
            return runs

        if trained:
            self.busy.emit("Looking for this project's models")
            self._files.do(look, self._on_models, self._fail)
        else:
            self._on_models(())

    def _on_models(self, runs: Any) -> None:
        self.busy.emit("")
        try:
            if runs:
                self.host.offer_models(tuple(runs))
            else:
                self.host.open_dialog("inference")
        except Exception as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self.busy.emit("")
        if isinstance(error, Cancelled):
            return
        log.warning("%r", error, exc_info=error)
        tell_error(self.host.window, error)


def same_file(one: str, other: str) -> bool:
    """Whether two spellings name one file, by their text: asks no disk."""
    return os.path.normcase(os.path.normpath(one)) == os.path.normcase(
        os.path.normpath(other)
    )
