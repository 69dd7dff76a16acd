"""A training package out of SLEAP's training dialog and the open project."""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

from sleap_remote_plugin.errors import Cancelled, PackageProblem, ProjectNotReady
from sleap_remote_plugin.qt.host import ReportProgress, TrainingPlan
from sleap_remote_plugin.sleap_host import package
from sleap_remote_plugin.sleap_host.base import SleapHost


class TrainingHost(SleapHost):
    """What a host does for training."""

    def training_plan(self, dialog: Any) -> TrainingPlan:
        project = self._saved_project()
        if project.is_package:
            raise ProjectNotReady(
                "{} is a training package, not a project: it holds the labelled images "
                "only. Open the project that it was made from, and train from "
                "there.".format(Path(project.path).name)
            )
        if not project.labelled_frames:
            raise ProjectNotReady(
                "The project has no labelled frames to learn from. Label some frames, "
                "save the project, and run again."
            )
        self._check_dialog(dialog)
        heads = tuple(name for name in dialog.shown_tab_names
                      if not _is_reused(dialog.tabs[name]))  # fmt: skip
        if not heads:
            raise ProjectNotReady(
                "Nothing is to be trained: every model is set to be used as it is. "
                "Choose at least one to be trained in SLEAP's training dialog."
            )
        for name in heads:
            if dialog.tabs[name].resume_training:
                raise ProjectNotReady(
                    "The {} model is set to resume from a trained model on this "
                    "computer, which the cluster cannot see. Untick it in SLEAP's "
                    "training dialog to train from the start.".format(name)
                )
        return TrainingPlan(
            pipeline=dialog.current_pipeline,
            heads=heads,
            labels_name=package.labels_name(project.path),
            warnings=tuple(self.training_warnings(dialog, heads)),
        )

    def write_configs(self, dialog: Any, folder: Path) -> None:
        plan = self.training_plan(dialog)
        try:
            with package.working_directory_kept():
                form = self.dialog_form(dialog)
                infos = [
                    info
                    for info in dialog.get_every_head_config_data(form)
                    if not info.dont_retrain
                ]
                for info in infos:
                    self.make_fit_for_cluster(info.config)
                self.write_files(folder, plan.labels_name, infos, form)
        except Exception as error:
            raise package.could_not_write(error) from error
        package.tidy(folder)

    def write_labels(self, snapshot: Any, path: Path, report: ReportProgress) -> None:
        cancelled = False

        def tell(done: int, total: int, *_: Any) -> bool:
            nonlocal cancelled
            cancelled = cancelled or not report(done, total)
            return not cancelled

        whole = False
        try:
            self.save_labels(snapshot, path, tell)
            whole = not cancelled
        except Exception as error:
            if not cancelled:
                raise self._could_not_export(snapshot, error) from error
        finally:
            if not whole and path.exists():
                path.unlink()
        if cancelled:
            raise Cancelled("The export was stopped. Nothing was submitted.")

    def _could_not_export(self, snapshot: Any, error: Exception) -> PackageProblem:
        where = ""
        for frame in snapshot.labeled_frames:
            try:
                frame.video[frame.frame_idx]
            except Exception:
                where = " at frame {} of {}".format(
                    frame.frame_idx, self.video_path(frame.video) or "a video"
                )
                break
        return PackageProblem(
            "The labelled images could not be exported{}: {}. Nothing was submitted, "
            "and the project is as it was.".format(where, error),
            detail=repr(error),
        )

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def training_warnings(self, dialog: Any, heads: Sequence[str]) -> List[str]: ...

    @abc.abstractmethod
    def make_fit_for_cluster(self, config: Any) -> None:
        """Take out of a training config what must not or need not leave."""

    @abc.abstractmethod
    def write_files(
        self, folder: Path, labels_name: str, infos: Sequence[Any], form: Dict[str, Any]
    ) -> None:
        """Have SLEAP write configs and jobs.yaml, with nothing to predict on."""

    @abc.abstractmethod
    def save_labels(
        self, snapshot: Any, path: Path, tell: Callable[..., bool]
    ) -> None: ...


def _is_reused(tab: Any) -> bool:
    return bool(tab.use_trained and tab.trained_config_info_to_use is not None)
