"""A prediction on its way: models and videos that the cluster sees, job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.qt.dialogs.submit import WhatToRun
from sleap_remote_plugin.qt.project_checks import project_folder
from sleap_remote_plugin.qt.submission import Submission
from sleap_remote_plugin.session.outside import Wanted


class Prediction(Submission):
    """A prediction job, from SLEAP's inference dialog."""

    _request: PredictionRequest

    @property
    def kind(self) -> JobKind:
        return JobKind.PREDICT

    def _begin(self) -> None:
        self._request = self.host.prediction_request(self.sleap_dialog)
        assert self._project is not None
        wanted = list(project_folder(self._project))
        wanted += [Wanted("the model", path) for path in self._request.models]
        for video in self._request.videos:
            wanted.append(Wanted("video {}".format(video.index + 1), video.path))
        self._see(wanted, self._on_seen)

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
        asked = self._asked_for(self.dialog)
        self.connection.local(
            lambda session: session.preview_prediction(
                request, asked[0], project=project, name=asked[1], module=asked[2]
            ),
            self._show_script,
            self._script_failed,
        )

    def _send(self) -> None:
        assert self._project is not None
        (resources, name, module), project = self._asked, self._project.path
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
