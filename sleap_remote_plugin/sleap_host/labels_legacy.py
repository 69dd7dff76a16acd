"""Labels packages of SLEAP 1.3 and 1.4: what only they know."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, List

from sleap_remote_plugin.sleap_host.labels import LabelsSnapshot


def copy_frame(frame: Any) -> Any:
    from sleap import LabeledFrame

    found = frame.user_instances
    if not found:
        return None
    return LabeledFrame(
        video=frame.video,
        frame_idx=frame.frame_idx,
        instances=[_copy(instance) for instance in found],
    )


def reader(video: Any) -> Any:
    from sleap import Video

    converter = Video.cattr()
    return converter.structure(converter.unstructure(video), Video)


def close_reader(video: Any) -> None:
    opened = getattr(video.backend, "_reader_", None)
    if opened is not None and hasattr(opened, "release"):
        opened.release()
        video.backend._reader_ = None


def write_draft(snapshot: LabelsSnapshot, readers: List[Any], path: Path) -> None:
    import numpy as np
    from sleap import LabeledFrame, Labels

    twins = {id(one): reader for one, reader in zip(snapshot.videos, readers)}
    for one in readers:
        one.get_frames = lambda frames: np.zeros((len(frames), 1, 1, 1), "uint8")
    for suggestion in snapshot.suggestions:
        suggestion.video = twins.get(id(suggestion.video), suggestion.video)
    labels = Labels(
        labeled_frames=[
            LabeledFrame(
                video=twins[id(frame.video)],
                frame_idx=frame.frame_idx,
                instances=frame.instances,
            )
            for frame in snapshot.labeled_frames
        ],
        videos=readers,
        skeletons=snapshot.skeletons,
        tracks=snapshot.tracks,
        suggestions=snapshot.suggestions,
        negative_anchors={
            twins.get(id(video), video): anchors
            for video, anchors in snapshot.negative_anchors.items()
        },
        provenance=snapshot.provenance,
    )
    Labels.save_file(
        labels,
        str(path),
        default_suffix="slp",
        save_frame_data=True,
        all_labeled=False,
        suggested=False,
    )


def _copy(instance: Any) -> Any:
    twin = copy.copy(instance)
    twin._points = instance._points.copy()
    twin.from_predicted = None  # predictions stay at home
    return twin
