"""A training on its way: plan, configs, package, job."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt import leftovers
from sleap_remote_plugin.qt.dialogs.submit import WhatToRun
from sleap_remote_plugin.qt.dialogs.then_predict import ThenPredict, frames_in_words
from sleap_remote_plugin.qt.endings import Endings
from sleap_remote_plugin.qt.exporting import Export
from sleap_remote_plugin.qt.host import TrainingPlan
from sleap_remote_plugin.qt.prediction import write_inputs
from sleap_remote_plugin.qt.project_checks import (
    check_labels,
    check_places,
    video_files,
    whole_project,
)
from sleap_remote_plugin.qt.saving import save_behind
from sleap_remote_plugin.qt.submission import Submission
from sleap_remote_plugin.qt.transfer import Sending
from sleap_remote_plugin.session.chain import Then
from sleap_remote_plugin.session.plan import input_names
from sleap_remote_plugin.words import counted, tr

#: Between the two scripts of *Train then predict*.
_FOLLOWS = "\n\n# ---- {} ----\n\n".format(
    tr("the second job, which SLURM starts when the first has ended well")
)


class Training(Submission):
    """A training job, from SLEAP's training dialog.

    Attributes
    ----------
    then_wanted : bool
        The user came to predict with the models, as soon as they are there.
    """

    then_wanted = False
    _plan: TrainingPlan
    _export: Optional[Export] = None
    _sending: Optional[Sending] = None
    _endings: Optional[Endings] = None
    _package: TrainingPackage
    _request: Optional[PredictionRequest] = None
    _then: Optional[Then] = None
    _is_saving = False

    @property
    def kind(self) -> JobKind:
        return JobKind.TRAIN

    def _check(self) -> None:
        assert self._project is not None
        check_labels(self._project)

    def _begin(self) -> None:
        self._plan = self.host.training_plan(self.sleap_dialog)
        assert self._project is not None
        self._why_not = ""
        try:
            self._request = self.host.request_after_training(self.sleap_dialog)
        except RemoteError as error:
            if self.then_wanted:
                raise
            self._why_not = str(error)
        self._see(whole_project(self._project), self._on_seen)

    def _on_seen(self) -> None:
        assert self._project is not None
        frames = self._project.labelled_frames
        self._open_dialog(
            WhatToRun(
                title="{}: {}".format(self._plan.pipeline, ", ".join(self._plan.heads)),
                detail="{}, {}".format(
                    counted(frames, "labelled frame"), self._plan.labels_name
                ),
                name="{} {}".format(Path(self._project.path).stem, self._plan.pipeline),
                parts=tuple(self._plan.heads),
                warnings=tuple(self._plan.warnings),
                settings=tuple(self._plan.settings),
                rotations=tuple(self._plan.rotations),
                then=self._what_then(),
            )
        )
        generation = self.generation
        self.connection.local(
            lambda session: session.suggest_resources(JobKind.PREDICT, generation),
            self._on_then_resources,
        )

    def _what_then(self) -> ThenPredict:
        if self._request is None:
            return ThenPredict(why_not=self._why_not)
        return ThenPredict(frames_in_words(self._request), self.then_wanted)

    def _on_then_resources(self, resources: Resources) -> None:
        if self.dialog is not None and self.dialog.then is not None:
            self.dialog.then.suggest(resources)

    def _preview(self) -> None:
        assert self.dialog is not None
        assert self._project is not None
        host, labels = self.host, self._plan.labels_name
        configs = host.read_configs(self.sleap_dialog)
        turned = self.dialog.package.full_rotation()
        project = self._project.path
        asked = self._asked_for(self.dialog)
        row, then = self.dialog.then, None
        if row is not None and row.is_wanted and self._request is not None:
            then = Then(self._request, row.resources(), self._then_name())

        def preview(session: Any) -> str:
            with leftovers.local_folder() as name:
                host.write_configs(configs, Path(name), turned)
                (Path(name) / labels).touch()
                package = load_package(Path(name))
            folder = session.prepare_folder(project, JobKind.TRAIN)
            package = dataclasses.replace(package, folder=folder)
            about = {"project": project, "name": asked[1], "module": asked[2]}
            if then is None:
                return session.preview_training(package, asked[0], **about)
            both = session.preview_chain(package, asked[0], then, **about)
            return _FOLLOWS.join(both)

        self.connection.local(preview, self._show_script, self._script_failed)

    def _send(self) -> None:
        assert self.dialog is not None
        row = self.dialog.then
        if row is None or not row.is_wanted or self._request is None:
            self._export_package()
            return
        self._then = Then(self._request, row.resources(), self._then_name())
        project, connection = self._project, self.connection
        assert project is not None
        wanted = [
            file
            for video in self._request.videos
            for file in video_files(project, video.index)
        ]
        self._endings = Endings(
            self.host,
            self._files,
            self._request.videos,
            self._front,
            lambda: check_places(wanted, connection.session()),
            self,
        )
        self._endings.progressed.connect(self.progressed)
        self._endings.known.connect(self._on_videos)
        self._endings.refused.connect(self._end)
        self._endings.failed.connect(self._fail)
        self._endings.needed()

    def _then_name(self) -> str:
        assert self._project is not None
        return tr("{} predictions").format(Path(self._project.path).stem)

    def _on_videos(self, videos: Tuple[VideoInput, ...]) -> None:
        assert self._then is not None
        request = dataclasses.replace(self._then.request, videos=videos)
        self._then = self._then._replace(request=request)
        self._guarded(self._export_package)

    def _export_package(self) -> None:
        export = self._new_export()
        if self._is_saving:
            export.files_beside = self._files_beside()
            export.done.connect(self._on_package_saved)
        else:
            self._show_row(JobState.PREPARING)
            export.done.connect(self._on_package)
        export.start()

    def _new_export(self) -> Export:
        """From SLEAP's dialog, which is closed then."""
        assert self._project is not None
        assert self.dialog is not None
        project, connection = self._project.path, self.connection
        configs = self.host.read_configs(self.sleap_dialog)
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
        self._export.failed.connect(self._fail)
        return self._export

    def cancel(self) -> None:
        if self._export is not None:
            self._export.cancel()
        if self._sending is not None:
            self._sending.cancel()
        if self._endings is not None:
            self._endings.cancel()
        super().cancel()

    def _end(self, *args: Any) -> None:
        if self._endings is not None:
            self._endings.leave()
        super()._end(*args)

    # -- save as files ----------------------------------------------------------------

    def _save_files(self) -> None:
        self._is_saving = True
        self._send()

    def _about(self) -> Dict[str, Any]:
        assert self._project is not None
        _, name, module = self._asked
        return {"project": self._project.path, "name": name, "module": module}

    def _files_beside(self) -> Callable[[TrainingPackage], Dict[str, str]]:
        resources, about, connection = self._asked[0], self._about(), self.connection
        return lambda package: connection.session().training_by_hand(
            package, resources, **about
        )

    def _on_package_saved(self, package: TrainingPackage) -> None:
        then, host, connection = self._then, self.host, self.connection
        if then is None:
            self._on_saved(package.folder)
            return
        resources, about = self._asked[0], self._about()

        def write() -> Path:
            session = connection.session()
            return save_behind(
                host,
                session,
                about["project"],
                package,
                then,
                lambda then: session.chain_by_hand(package, resources, then, **about),
            )

        self._package = package
        self.progressed.emit(tr("Writing the files of the prediction"), 0, 0)
        self._call = self._files.do(write, self._on_both_saved, self._fail)

    def _on_both_saved(self, behind: Path) -> None:
        self._folders.append(behind)
        self._on_saved(self._package.folder)

    def _saved_words(self) -> str:
        if self._then is None:
            return super()._saved_words()
        return tr(
            "Nothing was submitted. Each of the two jobs has a folder with its files "
            "and its batch script; README.txt in them says how to submit both. The "
            "training’s:"
        )

    # -- sending ----------------------------------------------------------------------

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
        then, project = self._then, self._project.path
        if then is None or not any(input_names(then.request.videos)):
            self._submit_all()
            return
        host, connection, videos = self.host, self.connection, then.request.videos

        def write() -> Path:
            return write_inputs(host, connection.session(), project, videos)

        self.progressed.emit(tr("Writing the lists of frames"), 0, 0)
        self._call = self._files.do(write, self._on_written, self._fail)

    def _on_written(self, folder: Path) -> None:
        assert self._then is not None
        self._folders.append(folder)
        self._then = self._then._replace(folder=folder)
        self._guarded(self._submit_all)

    def _submit_all(self) -> None:
        assert self._project is not None
        package, then = self._package, self._then
        resources, about = self._asked[0], self._about()
        if then is None:
            self._submit(
                lambda session: session.submit_training(package, resources, **about)
            )
        else:
            self._submit(
                lambda session: session.submit_chain(package, resources, then, **about)
            )
