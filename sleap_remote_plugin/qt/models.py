"""What can be done with trained models. Predictions: results.py."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, List, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.model_kind import generation_of_model
from sleap_remote_plugin.jobs.package import with_reused
from sleap_remote_plugin.jobs.rounds import is_same_family
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import tell_error
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.session.model_copies import copy_models
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Trainings whose models are listed in SLEAP's dialogs.
MOST_TRAININGS = 5


class Models(QObject):
    """The deeds behind the buttons of a training."""

    said = Signal(str, bool)  # a sentence, whether it can be undone
    busy = Signal(str)  # what is being done; empty: nothing
    progressed = Signal(str, int, int)  # the same, with (done, total)

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
        self._copy: Optional[Call] = None
        self.deeds = {
            "remote_use_models": self.use_models,
            "remote_show_metrics": self.show_metrics,
            "remote_copy_models": self.copy_models,
        }

    # -- deeds ------------------------------------------------------------------------

    def use_models(self, job: Job) -> None:
        connection = self.connection
        self.busy.emit(tr("Looking for the models of ") + job.name)
        self._files.do(
            lambda: _used(connection.session().results(job)),
            self._on_results,
            self._fail,
        )

    def _on_results(self, found: Any) -> None:
        runs, note = found
        self.busy.emit("")
        try:
            self.host.offer_models(runs)
        except Exception as error:
            self._fail(error)
            return
        if note:
            self.said.emit(note, False)

    def show_metrics(self, job: Job) -> None:
        connection, host = self.connection, self.host

        def read() -> Any:
            runs = tuple(connection.session().results(job).runs)
            return runs, host.read_metrics(runs)

        self.busy.emit(tr("Reading the metrics of ") + job.name)
        self._files.do(read, self._on_metrics, self._fail)

    def _on_metrics(self, found: Any) -> None:
        self.busy.emit("")
        try:
            self.host.show_metrics(*found)
        except Exception as error:
            self._fail(error)

    # -- a copy beside the project ----------------------------------------------------

    def copy_models(self, job: Job) -> None:
        """Copy the models to where SLEAP finds them without the mount."""
        connection = self.connection
        text = tr("Copying the models of ") + job.name

        def copy(report: Any) -> Any:
            runs = connection.session().results(job).runs
            return copy_models(runs, job.project, report)

        self.progressed.emit(text, 0, 0)
        self._copy = self._files.do(
            copy,
            self._on_copied,
            self._fail,
            lambda done, total: self.progressed.emit(text, *in_mb(done, total)),
        )

    def stop(self) -> None:
        """Stop a copy; nothing half is left."""
        if self._copy is not None:
            self._copy.cancel()

    def _on_copied(self, copies: Any) -> None:
        self._copy = None
        self.busy.emit("")
        self.said.emit(
            tr(
                "The models were copied to {}. SLEAP lists them for this project."
            ).format(copies[0].parent),
            False,
        )

    # -- SLEAP's dialogs --------------------------------------------------------------

    def add_to(self, dialog: Any, jobs: Sequence[Job]) -> None:
        """List this project's trained models in a dialog that SLEAP has made."""
        trained = self._trained(jobs)
        if trained:
            self._files.do(
                lambda: self._runs_of(trained), lambda runs: self._add(dialog, runs)
            )

    def _add(self, dialog: Any, runs: List[Path]) -> None:
        if not runs:
            return
        try:
            self.host.add_models(dialog, tuple(runs))
        except (RemoteError, RuntimeError) as error:  # the dialog may be gone
            log.warning("Models were not listed in SLEAP's dialog: %s", error)

    def predict(self, jobs: Any) -> None:
        """Open SLEAP's inference dialog, with this project's models if there are."""
        trained = self._trained(jobs)
        if trained:
            self.busy.emit(tr("Looking for this project's models"))
            self._files.do(lambda: self._runs_of(trained), self._on_models, self._fail)
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

    def _trained(self, jobs: Sequence[Job]) -> List[Job]:
        """Finished trainings of the open project, newest first."""
        project = self.host.project()
        found = [
            job
            for job in jobs
            if job.kind is JobKind.TRAIN
            and job.state is JobState.COMPLETED
            and project is not None
            and is_same_family(job.project, project.path)
        ]
        return found[:MOST_TRAININGS]

    def _runs_of(self, trained: Sequence[Job]) -> List[Path]:
        """Their run folders, of those that this SLEAP can load (*files lane*)."""
        runs: List[Path] = []
        for job in trained:
            try:
                runs += with_reused(self.connection.session().results(job).runs)
            except (RemoteError, OSError) as error:
                log.warning("No models of %s: %s", job.slurm_name, error)
        return [r for r in runs if generation_of_model(r) is self.host.generation]

    def _fail(self, error: BaseException) -> None:
        self._copy = None
        self.busy.emit("")
        if isinstance(error, Cancelled):
            self.said.emit(str(error), False)
            return
        log.warning("%r", error, exc_info=error)
        tell_error(self.host.window, error)


def same_file(one: str, other: str) -> bool:
    """Whether two spellings name one file, by their text: asks no disk."""
    return os.path.normcase(os.path.normpath(one)) == os.path.normcase(
        os.path.normpath(other)
    )


def in_mb(done: int, total: int) -> Tuple[int, int]:
    """A bar counts up to two thousand million only."""
    return done // 10**6, max(1, total // 10**6)


def _used(results: Any) -> Tuple[Tuple[Path, ...], str]:
    """Runs, with the trained models that a training used as they were; and the note."""
    return with_reused(results.runs), results.note
