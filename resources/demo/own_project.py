"""A copy of somebody's own project and its videos, on the practice cluster's disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any


def copy_project(source: Path, folder: Path) -> Path:
    """Copy a project and its videos into a folder; the original stays as it is.

    A video that is not where the project says is looked for beside the project.

    Raises
    ------
    FileNotFoundError
        A video is in neither place.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.name
    try:
        import sleap_io
    except ImportError:
        _copy_legacy(source, target)
    else:
        _copy_current(source, target, sleap_io)
    return target


def _copied(name: str, source: Path, folder: Path) -> str:
    for candidate in (Path(name), source.parent / Path(name.replace("\\", "/")).name):
        if candidate.is_file():
            target = folder / candidate.name
            if not target.exists():
                shutil.copyfile(str(candidate), str(target))
            return str(target)
    raise FileNotFoundError(
        "The project's video {} is neither there nor beside the project.".format(name)
    )


def _copy_legacy(source: Path, target: Path) -> None:
    from sleap import Labels

    def find(videos: Any) -> None:
        for item in videos:
            backend = item["backend"]
            backend["filename"] = _copied(backend["filename"], source, target.parent)

    labels = Labels.load_file(str(source), video_search=find)
    Labels.save_file(labels, str(target))


def _copy_current(source: Path, target: Path, sleap_io: Any) -> None:
    labels = sleap_io.load_slp(str(source), open_videos=False)
    for video in labels.videos:
        video.replace_filename(
            _copied(str(video.filename), source, target.parent), open=False
        )
    labels.save(str(target), embed=False)


def user_instances_a_frame(project: Path) -> int:
    """The most user instances on one frame."""
    try:
        import sleap_io
    except ImportError:
        from sleap import Labels

        labels = Labels.load_file(str(project))
    else:
        labels = sleap_io.load_slp(str(project), open_videos=False)
    return max((len(frame.user_instances) for frame in labels), default=0)
