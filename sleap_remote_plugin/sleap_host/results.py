"""Predictions for the open project. Models: models.py."""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError, ResultsDamaged
from sleap_remote_plugin.qt.host import MergeSummary
from sleap_remote_plugin.sleap_host import match, merge
from sleap_remote_plugin.sleap_host.base import SleapHost


class ResultsHost(SleapHost):
    """What a host does with predictions."""

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self._merged: List[merge.MergeStep] = []

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
