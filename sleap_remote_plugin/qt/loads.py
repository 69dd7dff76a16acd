"""What a load of predictions may do to the open project, and what it would do."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Tuple


class LoadMode(enum.Enum):
    """What becomes of the predictions that are in the project already."""

    REPLACE = "replace"  # those on the predicted frames go
    ADD = "add"  # all stay
    CLEAR = "clear"  # all of the project's go


@dataclass(frozen=True)
class LoadVideo:
    """What would be loaded for one of the project's videos."""

    path: str
    frames: int
    instances: int


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

    def removed(self, mode: LoadMode) -> int:
        """How many of the project's predictions would go."""
        if mode is LoadMode.ADD:
            return 0
        return self.on_frames + (self.elsewhere if mode is LoadMode.CLEAR else 0)
