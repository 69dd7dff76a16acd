"""A prediction on its way: models and videos that the cluster sees, job."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import Any, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.model_kind import generation_of_models
from sleap_remote_plugin.jobs.prediction import (
    PredictionRequest,
    VideoInput,
)
from sleap_remote_plugin.qt import export
from sleap_remote_plugin.qt.dialogs.submit import WhatToRun
from sleap_remote_plugin.qt.endings import Endings
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.project_checks import project_folder, video_files
from sleap_remote_plugin.qt.saving import save_prediction
from sleap_remote_plugin.qt.submission import Submission
from sleap_remote_plugin.session.outside import Wanted
from sleap_remote_plugin.session.plan import input_names
from sleap_remote_plugin.words import tr


class Prediction(Submission):
    """A prediction job, from SLEAP's inference dialog."""

    _request: PredictionRequest
    _models_generation: Optional[Generation] = None
    _is_saving = False
    _endings: Optional[Endings] = None

    @property
    def kind(self) -> JobKind:
        return JobKind.PREDICT

    @property
    def generation(self) -> Generation:
        """The models': they run on the SLEAP that trained them."""
        return self._models_generation or self.host.generation

    def _begin(self) -> None:
        self._request = self.host.prediction_request(self.sleap_dialog)
        models = self._request.models
        self._call = self._files.do(
            lambda: generation_of_models(models), self._on_models, self._not_seen
        )

    def _on_models(self, generation: Optional[Generation]) -> None:
        self._models_generation = generation
        if self.is_cancelled:
            return
        assert self._project is not None
        wanted = list(project_folder(self._project))
        wanted += [Wanted(tr("the model"), path) for path in self._request.models]
        for video in self._request.videos:
            wanted += video_files(self._project, video.index)
        self._see(wanted, self._on_seen)

    def _on_seen(self) -> None:
        assert self._project is not None
        self._look_at_endings()
        names = tuple(video.title for video in self._request.videos)
        models = tuple(Path(model).name for model in self._request.models)
        if len(names) == 1:
            title = names[0]
        else:
            title = tr("{} videos: {}").format(len(names), ", ".join(names))
        count = len(models)
        self._open_dialog(
            WhatToRun(
                title=title,
                detail=(
                    tr("with the model {}") if count == 1 else tr("with the models {}")
                ).format(", ".join(models)),
                name=tr("{} predictions").format(Path(self._project.path).stem),
                parts=names,
            )
        )

    def _preview(self) -> None:
        assert self.dialog is not None
        assert self._project is not None
        request, project = self._request, self._project.path
        asked = self._asked_for(self.dialog)
        self.connection.local(
            lambda session: session.preview_prediction(
                request, asked[0], project=project, name=asked[1], module=asked[2]
            ),
            self._show_script,
            self._script_failed,
        )

    # -- the videos' last frames --------------------------------------------------

    def _look_at_endings(self) -> None:
        """Read them while the user looks at the dialog; `_send` waits for it."""
        self._endings = Endings(
            self.host, self._files, self._request.videos, self._front, parent=self
        )
        self._endings.progressed.connect(self.progressed)
        self._endings.known.connect(self._on_videos)
        self._endings.refused.connect(self._end)
        self._endings.failed.connect(self._on_no_endings)

    def _on_no_endings(self, error: BaseException) -> None:
        if self.dialog is not None:  # else it was closed, or cancelled, meanwhile
            self._fail(error)

    def _send(self) -> None:
        assert self._endings is not None
        self._endings.needed()

    def _on_videos(self, videos: Tuple[VideoInput, ...]) -> None:
        self._request = dataclasses.replace(self._request, videos=videos)
        self._guarded(self._write_inputs)

    def cancel(self) -> None:
        if self._endings is not None:
            self._endings.cancel()
        super().cancel()

    def _end(self, *args: Any) -> None:
        if self._endings is not None:
            self._endings.leave()
        super()._end(*args)

    # -- what stands for a video on the cluster -----------------------------------

    def _write_inputs(self) -> None:
        assert self._project is not None
        self._close_sleap_dialog()
        if self._is_saving:
            self._write_by_hand()
            return
        videos, project = self._request.videos, self._project.path
        if not any(input_names(videos)):
            self._submit_request()
            return
        host, connection = self.host, self.connection

        def write() -> Path:
            return write_inputs(host, connection.session(), project, videos)

        self._show_row(JobState.PREPARING)
        self.progressed.emit(tr("Writing the lists of frames"), 0, 0)
        self._call = self._files.do(write, self._on_written, self._fail)

    def _save_files(self) -> None:
        self._is_saving = True
        self._send()

    def _write_by_hand(self) -> None:
        """The job's folder with what it needs: complete, or not at all."""
        assert self._project is not None
        (resources, name, module), project = self._asked, self._project.path
        host, connection, request = self.host, self.connection, self._request
        about = {"project": project, "name": name, "module": module}

        def write() -> Path:
            session = connection.session()
            return save_prediction(
                host,
                session,
                project,
                request.videos,
                lambda folder: session.prediction_by_hand(
                    request, resources, folder=folder, **about
                ),
            )

        self.progressed.emit(tr("Writing the job's files"), 0, 0)
        self._call = self._files.do(write, self._on_saved, self._fail)

    def _on_written(self, folder: Path) -> None:
        self._folders.append(folder)
        self._guarded(self._submit_request)

    def _submit_request(self) -> None:
        assert self._project is not None
        (resources, name, module), project = self._asked, self._project.path
        request = self._request
        folder = self._folders[-1] if self._folders else None
        self._submit(
            lambda session: session.submit_prediction(
                request,
                resources,
                project=project,
                name=name,
                module=module,
                parent=parent_of(session, request),
                folder=folder,
            )
        )


def write_inputs(
    host: Host, session: Any, project: str, videos: Tuple[VideoInput, ...]
) -> Path:
    """Make a prediction's folder with what stands for its videos (*files lane*)."""
    folder = _new_folder(session, project)
    try:
        names = input_names(videos)
        host.write_inputs(videos, names, folder, session.to_cluster)
    except Exception:
        export.remove_folder(folder)
        raise
    return folder


def _new_folder(session: Any, project: str) -> Path:
    """The job's folder; another window may take a name at the same moment."""
    while True:
        folder = Path(session.prepare_folder(project, JobKind.PREDICT))
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder


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
