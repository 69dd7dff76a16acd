"""Videos as a project file or a predictions file names them: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Sequence, Tuple

import numpy as np


@dataclass(frozen=True)
class FileVideo:
    """A video as a file, or the open project, names it.

    Attributes
    ----------
    files : tuple of str
        All images of a series, or one file; empty where it is not told.
    is_inside : bool
        Of the project's: it lies inside a package.
    """

    files: Tuple[str, ...]
    dataset: str = ""
    is_inside: bool = False

    @property
    def path(self) -> str:
        return self.files[0] if self.files else ""


def videos_in(items: Sequence[Dict[str, Any]]) -> Tuple[FileVideo, ...]:
    return tuple(_video(item) for item in items)


def _video(item: Dict[str, Any]) -> FileVideo:
    backend = item.get("backend") or {}
    path = backend.get("filenames") or backend.get("filename") or item.get("filename")
    files = path if isinstance(path, (list, tuple)) else [path]
    return FileVideo(
        tuple(str(one) for one in files if one not in (None, "", ".")),
        str(backend.get("dataset") or ""),
    )


def places_of(video: Any, videos: Sequence[FileVideo]) -> Any:
    """Place in the list of each video number.

    Of videos inside a file, the number is the one in their dataset's name:
    ``video15/video``.
    """
    names = [one.dataset.split("/")[0] for one in videos]
    numbers = [int(n[5:]) for n in names if n[:5] == "video" and n[5:].isdecimal()]
    if len(numbers) != len(videos) or not len(video) or int(video.max()) < len(videos):
        return video
    place = {number: i for i, number in enumerate(numbers)}
    return np.array([place.get(int(number), -1) for number in video], np.int64)
