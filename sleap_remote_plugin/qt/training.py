"""A training on its way: plan, configs, package, job."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.qt import leftovers
from sleap_remote_plugin.qt.dialogs.submit import WhatToRun
from sleap_remote_plugin.qt.exporting import Export
from sleap_remote_plugin.qt.host import TrainingPlan
from sleap_remote_plugin.qt.project_checks import check_labels, whole_project
from sleap_remote_plugin.qt.submission import Submission
from sleap_remote_plugin.qt.transfer import Sending


class Training(Submission):
    """A training job, from SLEAP's training dialog."""

    _plan: TrainingPlan
    _export: Optional[Export] = None
    _sending: Optional[Sending] = None
    _package: TrainingPackage

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
                settings=tuple(self._plan.settings),
                rotations=tuple(self._plan.rotations),
            )
        )

    def _preview(self) -> None:
        assert self.dialog is not None
        assert self._project is not None
        host, labels = self.host, self._plan.labels_name
        configs = host.read_configs(self.sleap_dialog)
        turned = self.dialog.package.full_rotation()
        project = self._project.path
        asked = self._asked_for(self.dialog)

        def preview(session: Any) -> str:
            with leftovers.local_folder() as name:
                host.write_configs(configs, Path(name), turned)
                (Path(name) / labels).touch()
                package = load_package(Path(name))
            folder = session.prepare_folder(project, JobKind.TRAIN)
            package = dataclasses.replace(package, folder=folder)
            return session.preview_training(
                package, asked[0], project=project, name=asked[1], module=asked[2]
            )

        self.connection.local(preview, self._show_script, self._script_failed)

    def _send(self) -> None:
        assert self._project is not None
        assert self.dialog is not None
        project, connection = self._project.path, self.connection
        configs = self.host.read_configs(self.sleap_dialog)
        self._show_row(JobState.PREPARING)
        self._close_sleap_dialog()
        self._export = Export(
            self.host,
            self._files,
            configs,
            self._plan.labels_name,
            project,
            lambda: connection.session().prepare_folder(project, JobKind.TRAIN),
            self.dialog.package.full_rotation(),
            self,
        )
        self._export.progressed.connect(self.progressed)
        self._export.done.connect(self._on_package)
        self._export.failed.connect(self._fail)
        self._export.start()

    def cancel(self) -> None:
        if self._export is not None:
            self._export.cancel()
        if self._sending is not None:
            self._sending.cancel()
        super().cancel()

    def _on_package(self, package: TrainingPackage) -> None:
        assert self._project is not None
        self._package = package
        self._folders.append(package.folder)
        self._sending = Sending(self.connection, package.folder, self)
        self._sending.progressed.connect(self.progressed)
        self._sending.done.connect(self._on_sent)
        self._sending.failed.connect(self._fail)
        self._sending.start()

    def _on_sent(self) -> None:
        assert self._project is not None
        package = self._package
        (resources, name, module), project = self._asked, self._project.path
        self._submit(
            lambda session: session.submit_training(
                package, resources, project=project, name=name, module=module
            )
        )
