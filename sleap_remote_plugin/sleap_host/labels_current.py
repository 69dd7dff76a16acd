"""Labels packages of SLEAP 1.5 and newer: what only they know."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Callable, List

from sleap_remote_plugin.sleap_host.labels import LabelsSnapshot


def copy_frame(frame: Any) -> Any:
    import sleap_io

    found = frame.user_instances
    if not found and not frame.is_negative:
        return None
    return sleap_io.LabeledFrame(
        video=frame.video,
        frame_idx=frame.frame_idx,
        instances=[_copy(instance) for instance in found],
        is_negative=frame.is_negative,
    )


def reader(video: Any) -> Any:
    import numpy as np
    import sleap_io

    class Reader(sleap_io.Video):
        """A video that shows one pixel, once it is for a draft."""

        is_draft = False

        def __getitem__(self, frames: Any) -> Any:
            if self.is_draft:
                return np.zeros((1, 1, 1), "uint8")
            return super().__getitem__(frames)

    return Reader(
        filename=video.filename,
        backend_metadata=dict(video.backend_metadata),
        source_video=video.source_video,
        open_backend=True,
    )


def copies_images(video: Any) -> bool:
    """SLEAP copies encoded images, and has its own way with a cropped video."""
    from sleap_io.io import video_reading

    backend = video.backend
    copied = (video_reading.ImageVideo, video_reading.CropVideoBackend)
    if isinstance(backend, copied):
        return True
    return bool(getattr(backend, "has_embedded_images", False))


def write_draft(
    snapshot: LabelsSnapshot,
    readers: List[Any],
    path: Path,
    tell: Callable[..., bool],
) -> None:
    import sleap_io

    twins = {id(one): reader for one, reader in zip(snapshot.videos, readers)}
    for one in readers:
        one.is_draft = not copies_images(one)
    for suggestion in snapshot.suggestions:
        suggestion.video = twins.get(id(suggestion.video), suggestion.video)
    labels = sleap_io.Labels(
        labeled_frames=[
            sleap_io.LabeledFrame(
                video=twins[id(frame.video)],
                frame_idx=frame.frame_idx,
                instances=frame.instances,
                is_negative=frame.is_negative,
            )
            for frame in snapshot.labeled_frames
        ],
        videos=readers,
        skeletons=snapshot.skeletons,
        tracks=snapshot.tracks,
        suggestions=snapshot.suggestions,
        provenance=snapshot.provenance,
    )
    sleap_io.save_file(
        labels,
        str(path),
        format="slp",
        embed="user",
        embed_inplace=True,
        plugin="opencv",
        verbose=False,
        progress_callback=tell,
    )


def _copy(instance: Any) -> Any:
    twin = copy.copy(instance)
    twin.points = instance.points.copy()
    twin.from_predicted = None  # predictions stay at home
    return twin
