"""A prediction to be made: which models, on which frames of which videos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple


@dataclass(frozen=True)
class VideoInput:
    """One video to predict on.

    Attributes
    ----------
    path : str
        Local path, as the open project spells it.
    index : int
        Its place in the project, or -1 where there is no project.
    frames : str
        ``"0-99"`` or ``"1,5,9"`` (0-based, inclusive); empty for all.
    dataset : str
        For HDF5 videos: the dataset in the file.
    """

    path: str
    index: int = -1
    frames: str = ""
    dataset: str = ""


@dataclass(frozen=True)
class PredictionRequest:
    """What to predict with, and on.

    Attributes
    ----------
    models : tuple of str
        Local paths of run folders, in pipeline order (centroid first).
    tracking : tuple of (str, str)
        Tracker options by SLEAP's own names, without dashes: ``tracking.tracker``.
    options : tuple of (str, str)
        Others of SLEAP's inference options, by name: ``max_instances``,
        ``batch_size``, ``peak_threshold``, ``filter_overlapping`` (value empty),
        ``filter_overlapping_method``, ``filter_overlapping_threshold``.
    """

    models: Tuple[str, ...]
    videos: Tuple[VideoInput, ...]
    tracking: Tuple[Tuple[str, str], ...] = ()
    options: Tuple[Tuple[str, str], ...] = ()
