"""A training on its way: plan, configs, package, job."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any, Callable

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.qt import export
from sleap_remote_plugin.qt.dialogs.submit import WhatToRun
from sleap_remote_plugin.qt.host import TrainingPlan
from sleap_remote_plugin.qt.project_checks import check_labels, whole_project
from sleap_remote_plugin.qt.submission import Submission


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
        self._see(whole_project(self._project), self._on_seen)

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
        asked = self._asked_for(self.dialog)

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
        assert self._project is not None
        self._folder = package.folder
        (resources, name, module), project = self._asked, self._project.path
        self._submit(
            lambda session: session.submit_training(
                package, resources, project=project, name=name, module=module
            )
        )


def _scaled(done: int, total: int) -> tuple:
    """Qt's progress bars count in 32 bits; packages have more bytes than that."""
    if total <= 0:
        return 0, 0
    return int(1000 * min(1.0, done / total)), 1000
