"""A prediction to be made: which models, on which frames of which videos."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, NamedTuple, Optional, Tuple


@dataclass(frozen=True)
class VideoInput:
    """One video to predict on.

    Attributes
    ----------
    path : str
        Local path, as the open project spells it (of a series of images: the first);
        empty for a video inside the project.
    index : int
        Its place in the project, or -1 where there is no project.
    frames : str
        ``"0-99,105"`` (0-based, inclusive; see frames.py); empty for all.
    dataset : str
        For HDF5 videos: the dataset in the file.
    input_format : str
        For HDF5 videos: ``channels_first`` or ``channels_last``; empty: the latter.
    length : int
        Number of frames; 0 if not known.
    entry : dict
        The video as SLEAP writes it into a project file, with local paths.
    as_project : bool
        The cluster gets a small project file made from `entry`, since no command line
        can name this video (or all of its frames).
    labels : str
        Local path of that small project file, once it is written.
    package : str
        For a video inside a package: the package's local path.
    """

    path: str
    index: int = -1
    frames: str = ""
    dataset: str = ""
    input_format: str = ""
    length: int = 0
    entry: Dict[str, Any] = field(default_factory=dict, hash=False, compare=False)
    as_project: bool = False
    labels: str = ""
    package: str = ""

    @property
    def title(self) -> str:
        """What the user calls it: the file's name, or which of the project's it is."""
        name = re.split(r"[\\/]", self.path)[-1]
        return name or "video {}".format(self.index + 1)


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
    existing : str
        What becomes of the project's predictions when these are loaded: ``replace``,
        ``add``, ``clear``; empty where SLEAP's dialog does not ask.
    after : str
        uid of the training that is going to make `models`; empty: they are there.
    """

    models: Tuple[str, ...]
    videos: Tuple[VideoInput, ...]
    tracking: Tuple[Tuple[str, str], ...] = ()
    options: Tuple[Tuple[str, str], ...] = ()
    existing: str = ""
    after: str = ""


class Meant(NamedTuple):
    """A video as it stood in the project when its prediction was submitted.

    Attributes
    ----------
    path : str
        Local path, as `VideoInput` has it: empty for a video inside a package.
    place : int
        Its place in the project; -1 where the job was not made from one.
    package, dataset : str
        Of a video inside a package: the package's local path, and where in it. Empty
        where the job's record does not tell.
    given : Path or None
        The small project that the cluster was given for it, as this machine spells it.
    """

    path: str
    place: int
    package: str = ""
    dataset: str = ""
    given: Optional[Path] = None


@dataclass(frozen=True)
class BadEnding:
    """A video of a request whose last frames cannot be read.

    Attributes
    ----------
    place : int
        Which of the request's videos.
    first_bad : int
        The first of the wanted frames at the end that cannot be read.
    lost : int
        How many of the wanted frames come from there on.
    instead : VideoInput or None
        The same video without these; None where no frame is left.
    """

    place: int
    first_bad: int
    lost: int
    instead: Optional[VideoInput]
