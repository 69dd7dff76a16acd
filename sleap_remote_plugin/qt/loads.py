"""What a load of predictions may do to the open project, and what it would do."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Tuple

from sleap_remote_plugin.words import counted, tr


class LoadMode(enum.Enum):
    """What becomes of the predictions that are in the project already."""

    REPLACE = "replace"  # those on the predicted frames go
    ADD = "add"  # all stay
    CLEAR = "clear"  # all of the project's go


@dataclass(frozen=True)
class LoadVideo:
    """What would be loaded for one of the project's videos.

    Attributes
    ----------
    beyond : int
        Frames among them whose numbers the video does not have.
    """

    path: str
    frames: int
    instances: int
    beyond: int = 0


@dataclass(frozen=True)
class LoadPreview:
    """What a load would change.

    Attributes
    ----------
    empty : int
        Frames that were predicted on and have no animal.
    on_frames : int
        Predictions of the project on the same frames.
    elsewhere : int
        Its predictions on other frames.
    labelled : int
        Frames among those to be loaded that have labels of the user's, which stay.
    """

    videos: Tuple[LoadVideo, ...]
    frames: int
    instances: int
    empty: int = 0
    on_frames: int = 0
    elsewhere: int = 0
    labelled: int = 0

    @property
    def beyond(self) -> str:
        """A sentence on frames that the videos do not have; empty: none."""
        videos = [video for video in self.videos if video.beyond]
        if not videos:
            return ""
        frames = counted(sum(video.beyond for video in videos), "frame")
        where = re.split(r"[\\/]", videos[0].path)[-1]
        if len(videos) > 1:
            where = counted(len(videos), "video")
        return tr(
            "Beyond the end of {} as it is here: {}. Perhaps the file was cut, encoded "
            "anew or replaced. Then look whether the other frames fit."
        ).format(where, frames)

    def removed(self, mode: LoadMode) -> int:
        """How many of the project's predictions would go."""
        if mode is LoadMode.ADD:
            return 0
        return self.on_frames + (self.elsewhere if mode is LoadMode.CLEAR else 0)
