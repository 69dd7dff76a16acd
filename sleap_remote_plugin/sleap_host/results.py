"""Predictions for the open project; as one of their own: alone.py."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, Generator, List, Optional, Sequence, Set, Tuple

from sleap_remote_plugin.errors import RemoteError, ResultsDamaged
from sleap_remote_plugin.jobs.prediction import Meant
from sleap_remote_plugin.qt import collector
from sleap_remote_plugin.qt.host import MergeSummary
from sleap_remote_plugin.qt.loads import LoadMode, LoadPreview, LoadVideo
from sleap_remote_plugin.sleap_host import (
    file_videos,
    inputs,
    match,
    merge,
    tables,
    undo,
)
from sleap_remote_plugin.sleap_host.alone import AloneHost
from sleap_remote_plugin.sleap_host.counts import count_predictions
from sleap_remote_plugin.words import tr


@dataclass(frozen=True)
class LoadedPredictions:
    """A predictions file as it was read, for the project whose `labels` these are.

    `cluster_files` are the cluster's spellings of the files of the project's videos,
    where they were needed to know which is meant.
    """

    labels: Any
    tables: tables.Tables
    wanted: Tuple[match.Wanted, ...]
    cluster_files: Dict[match.Files, match.Files] = field(default_factory=dict)

    @property
    def instances(self) -> int:
        return self.tables.instances


class ResultsHost(AloneHost):
    """What a host does with predictions."""

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self._merged: List[undo.MergeStep] = []

    def count_predictions(self, path: Path) -> int:
        return count_predictions(path)

    def read_predictions(
        self,
        path: Path,
        videos: Sequence[Meant],
        cluster_path: Optional[Callable[[str], str]] = None,
    ) -> LoadedPredictions:
        read = tables.read_tables(path)
        wanted = tuple(
            match.Wanted(one.path, one.place, one.package, one.dataset, given)
            for one in (Meant(*video) for video in videos)
            for given in [tables.read_given(one.given)]
        )
        asked: Dict[match.Files, match.Files] = {}

        def ask(files: match.Files) -> match.Files:
            if files not in asked and cluster_path is not None:
                asked[files] = match.all_of(inputs.by_folder(cluster_path), files)
            return asked.get(files, ())

        labels = self.labels
        loaded = LoadedPredictions(labels, read, wanted, asked)
        match.match_videos(read, wanted, self._videos(labels), ask)
        for kind in _used(read.skeleton):
            names = [skeleton.node_names for skeleton in labels.skeletons]
            match.match_skeleton(path, read.skeletons[kind], names)
        return loaded

    def preview_predictions(self, loaded: Sequence[Any]) -> LoadPreview:
        with collector.at_rest():
            return self._preview(loaded)

    def _preview(self, loaded: Sequence[Any]) -> LoadPreview:
        labels = self._same_project(loaded)
        counts: Dict[int, List[int]] = {}
        keys: Set[Tuple[int, int]] = set()
        for one in loaded:
            read, videos = one.tables, self._fit(one).videos
            for place, video_object in enumerate(videos):
                if video_object is None:
                    continue
                rows = (read.video == place).nonzero()[0]
                video = id(video_object)
                count = counts.setdefault(video, [0, 0, 0])
                count[0] += len(rows)
                count[1] += int((read.begin[rows + 1] - read.begin[rows]).sum())
                count[2] += int((read.frame[rows] >= self._end_of(video_object)).sum())
                keys.update((video, number) for number in read.frame[rows].tolist())
        on_frames = elsewhere = labelled = 0
        for frame in list(labels.labeled_frames):
            predicted = sum(map(self.is_predicted, frame.instances))
            if (id(frame.video), frame.frame_idx) in keys:
                on_frames += predicted
                labelled += predicted < len(frame.instances)
            else:
                elsewhere += predicted
        return LoadPreview(
            tuple(
                LoadVideo(self.video_path(video), *counts[id(video)])
                for video in labels.videos
                if id(video) in counts
            ),
            sum(count[0] for count in counts.values()),
            sum(count[1] for count in counts.values()),
            sum(one.tables.empty for one in loaded),
            on_frames,
            elsewhere,
            labelled,
        )

    def _end_of(self, video: Any) -> float:
        """The number after a video's last frame, where it is known."""
        if not self.video_path(video):  # those of a package are its original's
            return math.inf
        return self.video_frames(video) or math.inf

    def merging(
        self, loaded: Sequence[Any], mode: LoadMode
    ) -> Generator[Tuple[int, int], None, MergeSummary]:
        with collector.at_rest():
            work = self._merge(loaded, mode)
            yield from work.slices(lambda: [self._fit(one) for one in loaded])
            self._same_project(loaded)
            step, summary = work.commit()
        self._merged.append(step)
        try:
            yield summary.instances, summary.instances
        finally:
            self.show_changes()
        yield summary.instances, summary.instances  # to let go of it all takes a while
        return summary

    def merge_at_once(
        self, loaded: Sequence[Any], mode: LoadMode = LoadMode.REPLACE
    ) -> MergeSummary:
        """All of `merging`, for who has no window to keep alive."""
        slices = self.merging(loaded, mode)
        while True:
            try:
                next(slices)
            except StopIteration as end:
                return end.value

    def merge_predictions(self, loaded: Any) -> MergeSummary:
        return self.merge_at_once([loaded])

    def is_predicted(self, instance: Any) -> bool:
        return self.objects.is_predicted(instance)

    def undo_merge(self) -> int:
        if not self.can_undo:
            raise RemoteError(tr("There is no load of predictions to take back."))
        with collector.at_rest():
            left = undo.undo(self._merged.pop(), self.objects)
        self.show_changes()
        return left

    @property
    def can_undo(self) -> bool:
        self._merged = [step for step in self._merged if step.labels is self.labels]
        return bool(self._merged)

    def show_changes(self) -> None:
        """Have SLEAP's window show the labels anew, and know that they are unsaved."""
        self.window._handle_learning_finished(1)

    # -- the open project -------------------------------------------------------------

    @property
    def shown_skeleton(self) -> Any:
        """Of several equal skeletons, the one that the window works with."""
        return self.window.state["skeleton"]

    def _merge(self, loaded: Sequence[Any], mode: LoadMode) -> merge.Merge:
        return merge.Merge(self._same_project(loaded), self.objects, mode)

    def _same_project(self, loaded: Sequence[Any]) -> Any:
        if any(one.labels is not self.labels for one in loaded):
            raise ResultsDamaged(
                tr(
                    "Another project was opened while the predictions were read. "
                    "Nothing was loaded; open the project that they belong to and load "
                    "them again."
                )
            )
        return self.labels

    def _videos(self, labels: Any) -> List[file_videos.FileVideo]:
        return [
            file_videos.FileVideo(
                self.video_files(video),
                self.video_dataset(video),
                not self.video_path(video),
            )
            for video in labels.videos
        ]

    def _fit(self, one: LoadedPredictions) -> merge.Fit:
        """What the file means in the project as it is now."""
        labels, read = one.labels, one.tables
        places = match.match_videos(
            read,
            one.wanted,
            self._videos(labels),
            lambda files: one.cluster_files.get(files, ()),
        )
        shown = self.shown_skeleton
        skeletons = sorted(labels.skeletons, key=lambda each: each is not shown)
        names = [list(skeleton.node_names) for skeleton in skeletons]
        fits: Dict[int, Tuple[int, Optional[List[int]]]] = {
            kind: match.match_skeleton(read.path, read.skeletons[kind], names)
            for kind in _used(read.skeleton)
        }
        kinds = [fits.get(kind, (0, None)) for kind in range(len(read.skeletons))]
        return merge.Fit(
            read,
            tuple(labels.videos[place] if place >= 0 else None for place in places),
            tuple(skeletons[place] if skeletons else None for place, _ in kinds),
            tuple(order for _, order in kinds),
        )


def _used(numbers: Any) -> List[int]:
    return sorted(set(numbers.tolist()))
