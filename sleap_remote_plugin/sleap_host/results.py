"""What came back: models for SLEAP's dialogs, predictions for the open project."""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    ProjectNotReady,
    RemoteError,
    ResultsDamaged,
    ResultsMissing,
)
from sleap_remote_plugin.qt.host import MergeSummary
from sleap_remote_plugin.sleap_host import match, merge
from sleap_remote_plugin.sleap_host.base import SleapHost

PIPELINES = {
    "centroid": "top-down",
    "centered_instance": "top-down",
    "multi_class_topdown": "top-down-id",
    "multi_instance": "bottom-up",
    "bottomup": "bottom-up",
    "multi_class_bottomup": "bottom-up-id",
    "single_instance": "single",
}


class ResultsHost(SleapHost):
    """What a host does with models and predictions."""

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self._merged: List[merge.MergeStep] = []

    def offer_models(self, runs: Sequence[Path]) -> Any:
        configs = [self._run_config(run) for run in runs]
        dialog = self.open_dialog("inference")
        if dialog is None:
            raise ProjectNotReady("SLEAP did not open its inference dialog.")
        getter = dialog._cfg_getter
        infos = [getter.try_loading_path(str(config)) for config in configs]
        _check_loaded(configs, infos)
        ours = {str(config) for config in configs}
        getter._configs[:] = [i for i in getter._configs if str(i.path) not in ours]
        for info in reversed(infos):
            getter.insert_first(info)
        heads = [info.head_name for info in infos]
        # A centroid model alone does not say which pipeline; the other one does.
        head = next((name for name in heads if name != "centroid"), heads[0])
        dialog.pipeline_form_widget.current_pipeline = PIPELINES[head]
        for info in reversed(infos):
            if info.head_name in dialog.shown_tab_names:
                _select_config(dialog.tabs[info.head_name], info)
        dialog._validate_pipeline()
        return dialog

    def show_metrics(self, runs: Sequence[Path]) -> Any:
        from sleap.gui.dialogs.metrics import MetricsTableDialog

        configs = [self._run_config(run) for run in runs]
        dialog = MetricsTableDialog("")
        infos = [dialog._cfg_getter.try_loading_path(str(c)) for c in configs]
        _check_loaded(configs, infos)
        dialog.table_model.items = [self.with_all_metrics(info) for info in infos]
        dialog.table_view.resizeColumnsToContents()
        self.window._child_windows["metrics"] = dialog
        dialog.show()
        return dialog

    def _run_config(self, run: Path) -> Path:
        for name in self.config_names:
            if (run / name).is_file():
                return run / name
        raise ResultsMissing(
            "The model folder {} has no {}: the training did not get that far, or the "
            "model is of another generation of SLEAP than this one ({}).".format(
                run, " or ".join(self.config_names), self.version
            )
        )

    def read_predictions(self, path: Path, videos: Sequence[Tuple[str, int]]) -> Any:
        labels = self.labels
        match.check_file(path)
        try:
            file = self.load_predictions(path)
        except Exception as error:
            raise match.damaged(path, "cannot be read by this SLEAP", error) from error
        ours = match.match_videos(
            path, file.videos, videos, labels.videos, self.video_path
        )
        video_of = {id(theirs): our for theirs, our in zip(file.videos, ours)}
        fits: Dict[int, Tuple[Any, Optional[List[int]]]] = {}
        found = []
        for frame in file.labeled_frames:
            kept = [i for i in frame.instances
                    if self.is_predicted(i) and self.is_visible(i)]  # fmt: skip
            for instance in kept:
                skeleton = instance.skeleton
                if id(skeleton) not in fits:
                    fits[id(skeleton)] = match.match_skeleton(
                        path, skeleton.node_names, labels.skeletons
                    )
                self.adopt(instance, *fits[id(skeleton)])
            if kept:
                found.append(merge.LoadedFrame(
                    video_of[id(frame.video)], int(frame.frame_idx), tuple(kept)
                ))  # fmt: skip
        return merge.LoadedPredictions(labels, tuple(found))

    def merge_predictions(self, loaded: Any) -> MergeSummary:
        if loaded.labels is not self.labels:
            raise ResultsDamaged(
                "Another project was opened while the predictions were read. Nothing "
                "was loaded; open the project that they belong to and load them again."
            )
        step, summary = merge.merge(loaded, self.is_predicted, self.new_frame)
        self._merged.append(step)
        self._show_changes(summary.frames)
        return summary

    def undo_merge(self) -> None:
        self._merged = [step for step in self._merged if step.labels is self.labels]
        if not self._merged:
            raise RemoteError("There is no load of predictions to take back.")
        merge.undo(self._merged.pop(), self.is_predicted)
        self._show_changes(1)

    def _show_changes(self, count: int) -> None:
        self.refresh_caches()
        self.window._handle_learning_finished(count)

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def load_predictions(self, path: Path) -> Any:
        """SLEAP's labels of a file, no video opened."""

    @abc.abstractmethod
    def is_predicted(self, instance: Any) -> bool: ...

    @abc.abstractmethod
    def is_visible(self, instance: Any) -> bool:
        """Whether it has any point."""

    @abc.abstractmethod
    def adopt(self, instance: Any, skeleton: Any, order: Optional[List[int]]) -> None:
        """Make an instance one of the project's skeleton."""

    @abc.abstractmethod
    def new_frame(self, video: Any, frame_idx: int, instances: List[Any]) -> Any: ...

    @abc.abstractmethod
    def refresh_caches(self) -> None:
        """Labelled frames were changed in place."""

    def with_all_metrics(self, info: Any) -> Any:
        """A run's config that SLEAP's metrics table can show."""
        return info


def _check_loaded(configs: Sequence[Path], infos: Sequence[Any]) -> None:
    for config, info in zip(configs, infos):
        if info is None or info.head_name not in PIPELINES:
            raise ResultsMissing(
                "The model {} cannot be read by this SLEAP.".format(config.parent)
            )
        if not info.has_trained_model:
            raise ResultsMissing(
                "The model folder {} has no trained weights. Look at the job's log, "
                "and train again if need be.".format(config.parent)
            )


def _select_config(tab: Any, info: Any) -> None:
    tab.update_file_list()
    menu = tab._cfg_list_widget
    for index, candidate in enumerate(menu._cfg_list):
        if candidate is info:
            menu.setCurrentIndex(index + menu._menu_cfg_idx_offset)
            tab.acceptSelectedConfigInfo(info)
