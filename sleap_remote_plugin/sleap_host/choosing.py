"""Videos and frames to predict on, as words of a command line choose them.

The same choices as in SLEAP's inference dialog (see prediction.py), of a project file
or of videos without one.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, List, Sequence, Set, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.frames import (
    Span,
    chosen,
    count_of,
    number_at,
    spans_of,
    without,
)
from sleap_remote_plugin.jobs.prediction import VideoInput
from sleap_remote_plugin.words import tr

#: Endings of the files in a folder that are taken for a series of images.
IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


@dataclass(frozen=True)
class Choice:
    """What to predict on.

    Attributes
    ----------
    target : str
        ``labelled``, ``suggested``, ``predicted``, ``random``; empty for `frames`.
    frames : str
        See jobs/frames.py; empty for whole videos.
    count : int
        For ``random``: how many of each video.
    skip_labelled : bool
        Leave out the frames that the user labelled.
    videos : tuple of int
        Numbers of the project's videos, from 1; empty for all.
    """

    target: str = ""
    frames: str = ""
    count: int = 0
    skip_labelled: bool = False
    videos: Tuple[int, ...] = ()


def without_project(
    host: Any, paths: Sequence[str], dataset: str, input_format: str
) -> Any:
    """What stands for a project where only videos are named.

    Parameters
    ----------
    paths : sequence of str
        Video files; a folder is a series of images, in the order of their names.

    Raises
    ------
    ProjectNotReady
        One of them is no video.
    """
    videos = []
    for path in paths:
        is_series = os.path.isdir(path)
        names = _images(Path(path)) if is_series else [path]
        try:
            videos.append(host.new_video(names, is_series, dataset, input_format))
        except Exception as error:  # as each reader pleases
            raise ProjectNotReady(
                tr("{} cannot be opened as a video: {}. Nothing was submitted.").format(
                    path, error
                ),
                detail=repr(error),
            ) from error
    return SimpleNamespace(
        videos=videos, user_labeled_frames=(), suggestions=(), labeled_frames=()
    )


def inputs_of(host: Any, choice: Choice) -> List[VideoInput]:
    """The videos of the host's project with the frames that are chosen.

    Raises
    ------
    ProjectNotReady
        There is no such video, or no such frame.
    RemoteError
        The frames are not understood, or a video is shorter.
    """
    videos = host.labels.videos
    missing = [n for n in choice.videos if not 1 <= n <= len(videos)]
    if missing:
        raise ProjectNotReady(
            tr(
                "There is no video {}: the project has {}, numbered from 1. Nothing "
                "was submitted."
            ).format(missing[0], len(videos))
        )
    found = []
    for number, video in enumerate(videos, 1):
        if choice.videos and number not in choice.videos:
            continue
        one = _input(host, video, choice)
        if one is not None:
            found.append(one)
    if not found:
        raise ProjectNotReady(
            tr(
                "There are no {} to predict on. Nothing was submitted; choose other "
                "frames."
            ).format(_WORDS.get(choice.target, "frames"))
        )
    return found


_WORDS = {
    "labelled": tr("labelled frames"),
    "suggested": tr("suggested frames without labels"),
    "predicted": tr("frames with predictions"),
}


def _input(host: Any, video: Any, choice: Choice) -> Any:
    labelled = _frames(host.labels.user_labeled_frames, video)
    whole = not (choice.target or choice.frames or (choice.skip_labelled and labelled))
    if whole:
        return host.video_input(video, (), whole=True)
    spans = _spans(host, video, choice, labelled)
    if choice.skip_labelled:
        spans = without(spans, labelled)
    return host.video_input(video, spans) if spans else None


def _spans(
    host: Any, video: Any, choice: Choice, labelled: Set[int]
) -> Tuple[Span, ...]:
    labels = host.labels
    if choice.target == "labelled":
        return spans_of(labelled)
    if choice.target == "suggested":
        return spans_of(_frames(labels.suggestions, video) - labelled)
    if choice.target == "predicted":
        predicted = [f for f in labels.labeled_frames if f.has_predicted_instances]
        return spans_of(_frames(predicted, video))
    there = _there(host, video)
    if choice.target == "random":
        pool = without(there, labelled) if choice.skip_labelled else there
        size = count_of(pool)
        places = random.sample(range(size), min(choice.count, size))
        return spans_of(number_at(pool, place) for place in places)
    if not choice.frames:
        return there
    length = there[-1][1] + 1 if host.video_path(video) else 0
    return chosen(choice.frames, length, host.video_path(video))


def _there(host: Any, video: Any) -> Tuple[Span, ...]:
    """The frames that a video has."""
    if not host.video_path(video):
        return spans_of(host.frames_inside(video))
    length = host.video_frames(video) or host.open_video(host.video_entry(video))[0]
    return ((0, int(length) - 1),)


def _frames(frames: Sequence[Any], video: Any) -> Set[int]:
    return {int(frame.frame_idx) for frame in frames if frame.video is video}


def _images(folder: Path) -> List[str]:
    found = sorted(str(p) for p in folder.iterdir() if p.suffix.lower() in IMAGES)
    if not found:
        raise ProjectNotReady(
            tr(
                "The folder {} has no images. Nothing was submitted; name a folder "
                "with images, a video or a project."
            ).format(folder)
        )
    return found
