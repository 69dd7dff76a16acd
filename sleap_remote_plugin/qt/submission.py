"""From SLEAP's dialog to a job on the cluster, each step on its lane.

project checked -> submit dialog -> signed in -> configs and snapshot (GUI thread)
-> package written and copied (files lane) -> submitted (network lane). A cancel at
any step leaves nothing behind.
"""

from __future__ import annotations

import dataclasses
import logging
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, List, Optional

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.errors import Cancelled, ProjectNotReady, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task, new_uid
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.qt import export
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import ask, tell_error
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog, WhatToRun
from sleap_remote_plugin.qt.host import Host, Project, TrainingPlan
from sleap_remote_plugin.qt.project_checks import check_labels, check_saved
from sleap_remote_plugin.qt.worker import Call, Lane

log = logging.getLogger(__name__)


class Submission(QObject):
    """One job on its way to the cluster."""

    row_changed = Signal(object)  # Job that is not in the store yet
    row_gone = Signal(str)  # its uid
    progressed = Signal(str, int, int)  # text, done, total; total 0: not known
    submitted = Signal(object)  # Job
    ended = Signal(object)  # this

    def __init__(
        self,
        host: Host,
        connection: Connection,
        files: Lane,
        sleap_dialog: Any,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.connection = connection
        self._files = files
        self.sleap_dialog = sleap_dialog
        self.dialog: Optional[SubmitDialog] = None
        self._call: Optional[Call] = None
        self._row: Optional[Job] = None
        self._project: Optional[Project] = None
        self._folder: Optional[Path] = None
        self._local: Any = None
        self.is_cancelled = False

    @property
    def kind(self) -> JobKind:
        raise NotImplementedError

    # -- the project ------------------------------------------------------------------

    def start(self) -> None:
        """Check the project, offer to save it, then go on with `_begin`."""
        try:
            self._project = check_saved(self.host.project())
            self._check()
        except RemoteError as error:
            self._fail(error)
            return
        if self._project.has_changes:
            ask(
                self._front(),
                "The project has changes that are not saved. The job is made from "
                "the project as it is saved, so it has to be saved first.",
                "Save and go on",
                "Cancel",
                self._save_and_begin,
                name="remote_save_question",
                on_no=self._end,
            )
        else:
            self._guarded(self._begin)

    def _check(self) -> None:
        """What this kind of job needs of the project; raises ProjectNotReady."""

    def _save_and_begin(self) -> None:
        self._guarded(self._save)

    def _save(self) -> None:
        self.host.save_project()
        self._project = check_saved(self.host.project())
        if self._project.has_changes:
            raise ProjectNotReady("The project was not saved. Nothing was submitted.")
        self._begin()

    def _begin(self) -> None:
        """Read SLEAP's dialog, then `_open_dialog`."""
        raise NotImplementedError

    def _see(self, paths: List[str], on_seen: Callable[[], None]) -> None:
        """Go on if the cluster can see these files; else NotOnMount's sentence."""

        def look() -> None:
            session = self.connection.session()
            for path in paths:
                session.to_cluster(path)

        self._call = self._files.do(look, lambda _: on_seen(), self._fail)

    # -- the submit dialog ------------------------------------------------------------

    def _open_dialog(self, what: WhatToRun) -> None:
        if self.is_cancelled:
            self._end()
            return
        dialog = SubmitDialog(
            self.connection.profile,
            what,
            self.kind,
            self.host.generation,
            self._front(),
        )
        self.dialog = dialog
        dialog.accepted.connect(self._on_submit)
        dialog.rejected.connect(self._end)
        dialog.script_wanted.connect(self._on_script_wanted)
        self._ask_choices()
        dialog.open()

    def _ask_choices(self) -> None:
        """Choices come when they come; the dialog does not wait for them."""
        dialog, generation, version = self.dialog, self.host.generation, ""
        version = self.host.version
        assert dialog is not None
        self.connection.local(
            lambda session: session.suggest_resources(self.kind, generation),
            dialog.suggest_resources,
        )
        self.connection.call(
            lambda session: session.partitions(), dialog.offer_partitions, ask=False
        )
        self.connection.call(
            lambda session: session.modules(), dialog.offer_modules, ask=False
        )
        self.connection.call(
            lambda session: session.choose_module(generation, version),
            dialog.suggest_module,
            dialog.tell_module_problem,
            ask=False,
        )

    def _on_script_wanted(self) -> None:
        self._guarded(self._preview)

    def _preview(self) -> None:
        raise NotImplementedError

    def _show_script(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.show_script(text)

    def _script_failed(self, error: BaseException) -> None:
        self._show_script("# The script cannot be shown: {}".format(error))

    def _on_submit(self) -> None:
        """Sign in first: later nobody expects to be asked."""
        self.progressed.emit("Connecting to " + self.connection.profile.title, 0, 0)
        self.connection.call(
            lambda session: session.connect(),
            self._on_connected,
            self._fail,
            parent=self._front(),
        )

    def _on_connected(self, _result: Any) -> None:
        if self.is_cancelled:
            self._fail(Cancelled("It was cancelled. Nothing was submitted."))
        else:
            self._guarded(self._send)

    def _send(self) -> None:
        raise NotImplementedError

    # -- the row in the table ---------------------------------------------------------

    def _show_row(self, state: JobState) -> None:
        assert self.dialog is not None
        assert self._project is not None
        if self._row is None:
            self._row = Job(
                uid="new-" + new_uid(),
                kind=self.kind,
                name=self.dialog.name(),
                project=self._project.path,
                folder="",
                cluster=self.connection.profile.name,
                resources=self.dialog.resources(),
                tasks=tuple(Task(title, "") for title in self.dialog.what.parts),
                created=time.time(),
            )
        self._row = self._row.changed(state=state)
        self.row_changed.emit(self._row)

    def _close_sleap_dialog(self) -> None:
        try:
            self.sleap_dialog.close()
        except RuntimeError:  # Qt's half is gone already
            pass

    # -- the end ----------------------------------------------------------------------

    def cancel(self) -> None:
        """Stop at the next step."""
        self.is_cancelled = True
        if self._call is not None:
            self._call.cancel()

    def _submit(self, function: Callable[[Any], Job]) -> None:
        if self.is_cancelled:
            self._fail(Cancelled("It was cancelled. Nothing was submitted."))
            return
        self._show_row(JobState.SUBMITTING)
        self.progressed.emit("Submitting", 0, 0)
        self.connection.call(function, self._on_submitted, self._fail)

    def _on_submitted(self, job: Job) -> None:
        self._folder = None
        self.submitted.emit(job)
        self._end()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        parent = self._front()
        folder, self._folder = self._folder, None
        if folder is not None and isinstance(error, Cancelled):
            self._files.do(lambda: export.remove_folder(folder))
        self._end()
        if isinstance(error, Cancelled):
            log.info("Not submitted: %s", error)
        else:
            log.warning("Not submitted: %r", error, exc_info=error)
            tell_error(parent, error)

    def _end(self, *_args: Any) -> None:
        local, self._local = self._local, None
        if local is not None:
            self._files.do(local.cleanup)
        if self._row is not None:
            self.row_gone.emit(self._row.uid)
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
        self.ended.emit(self)

    def _front(self) -> QWidget:
        """The widget that a question belongs before."""
        try:
            if self.sleap_dialog is not None and self.sleap_dialog.isVisible():
                return self.sleap_dialog
        except RuntimeError:
            pass
        return self.host.window


class Training(Submission):
    """A training job, from SLEAP's training dialog."""

    _plan: TrainingPlan

    @property
    def kind(self) -> JobKind:
        return JobKind.TRAIN

    def _check(self) -> None:
        assert self._project is not None
        check_labels(self._project)

    def _begin(self) -> None:
        self._plan = self.host.training_plan(self.sleap_dialog)
        assert self._project is not None
        self._see([str(Path(self._project.path).parent)], self._on_seen)

    def _on_seen(self) -> None:
        assert self._project is not None
        frames = self._project.labelled_frames
        self._open_dialog(
            WhatToRun(
                title="{}: {}".format(self._plan.pipeline, ", ".join(self._plan.heads)),
                detail="{} labelled frame{}, {}".format(
                    frames, "" if frames == 1 else "s", self._plan.labels_name
                ),
                name="{} {}".format(Path(self._project.path).stem, self._plan.pipeline),
                parts=tuple(self._plan.heads),
                warnings=tuple(self._plan.warnings),
            )
        )

    def _configs(self) -> Any:
        """A temporary folder of this machine with the configs in it."""
        local = tempfile.TemporaryDirectory(prefix="sleap-remote-")
        self.host.write_configs(self.sleap_dialog, Path(local.name))
        return local

    def _preview(self) -> None:
        assert self.dialog is not None
        assert self._project is not None
        local, labels = self._configs(), self._plan.labels_name
        project = self._project.path
        asked = (self.dialog.resources(), self.dialog.name(), self.dialog.module())

        def preview(session: Any) -> str:
            with local:
                (Path(local.name) / labels).touch()
                package = load_package(Path(local.name))
            folder = session.prepare_folder(project, JobKind.TRAIN)
            package = dataclasses.replace(package, folder=folder)
            return session.preview_training(
                package, asked[0], project=project, name=asked[1], module=asked[2]
            )

        self.connection.local(preview, self._show_script, self._script_failed)

    def _send(self) -> None:
        assert self._project is not None
        self._local = self._configs()
        snapshot = self.host.labels_snapshot()
        self._show_row(JobState.PREPARING)
        self._close_sleap_dialog()
        local, project = Path(self._local.name), self._project.path
        host, labels, session_of = self.host, self._plan.labels_name, self.connection

        def write(report: Callable[[int, int], bool]) -> TrainingPackage:
            export.write_package(host, snapshot, local, labels, report)
            target = session_of.session().prepare_folder(project, JobKind.TRAIN)
            return export.put_on_mount(local, target, report)

        text = "Exporting {}".format(self._plan.labels_name)
        self.progressed.emit(text, 0, 0)
        self._call = self._files.do(
            write,
            self._on_package,
            self._fail,
            lambda done, total: self.progressed.emit(text, *_scaled(done, total)),
        )

    def _on_package(self, package: TrainingPackage) -> None:
        assert self.dialog is not None
        assert self._project is not None
        self._folder = package.folder
        resources, name = self.dialog.resources(), self.dialog.name()
        module, project = self.dialog.module(), self._project.path
        self._submit(
            lambda session: session.submit_training(
                package, resources, project=project, name=name, module=module
            )
        )


class Prediction(Submission):
    """A prediction job, from SLEAP's inference dialog."""

    _request: PredictionRequest

    @property
    def kind(self) -> JobKind:
        return JobKind.PREDICT

    def _begin(self) -> None:
        self._request = self.host.prediction_request(self.sleap_dialog)
        assert self._project is not None
        paths = [str(Path(self._project.path).parent)]
        paths += list(self._request.models)
        paths += [video.path for video in self._request.videos]
        self._see(paths, self._on_seen)

    def _on_seen(self) -> None:
        assert self._project is not None
        names = tuple(Path(video.path).name for video in self._request.videos)
        models = tuple(Path(model).name for model in self._request.models)
        if len(names) == 1:
            title = names[0]
        else:
            title = "{} videos: {}".format(len(names), ", ".join(names))
        count = len(models)
        self._open_dialog(
            WhatToRun(
                title=title,
                detail="with the model{} {}".format(
                    "" if count == 1 else "s", ", ".join(models)
                ),
                name="{} predictions".format(Path(self._project.path).stem),
                parts=names,
            )
        )

    def _preview(self) -> None:
        assert self.dialog is not None
        assert self._project is not None
        request, project = self._request, self._project.path
        asked = (self.dialog.resources(), self.dialog.name(), self.dialog.module())
        self.connection.local(
            lambda session: session.preview_prediction(
                request, asked[0], project=project, name=asked[1], module=asked[2]
            ),
            self._show_script,
            self._script_failed,
        )

    def _send(self) -> None:
        assert self.dialog is not None
        assert self._project is not None
        resources, name = self.dialog.resources(), self.dialog.name()
        module, project = self.dialog.module(), self._project.path
        request = self._request
        self._close_sleap_dialog()
        self._submit(
            lambda session: session.submit_prediction(
                request,
                resources,
                project=project,
                name=name,
                module=module,
                parent=parent_of(session, request),
            )
        )


def parent_of(session: Any, request: PredictionRequest) -> str:
    """Find the uid of the training job that made the models; empty if none did."""
    models = {Path(model) for model in request.models}
    for job in session.jobs():
        if job.kind is not JobKind.TRAIN:
            continue
        try:
            folder = session.local_folder(job)
        except RemoteError:
            continue
        if any(folder / task.output in models for task in job.tasks):
            return job.uid
    return ""


def _scaled(done: int, total: int) -> tuple:
    """Qt's progress bars count in 32 bits; packages have more bytes than that."""
    if total <= 0:
        return 0, 0
    return int(1000 * min(1.0, done / total)), 1000
