"""A job's predictions files, and what its record tells of their videos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Optional

from sleap_remote_plugin.jobs.job import Job, Task
from sleap_remote_plugin.jobs.prediction import Meant
from sleap_remote_plugin.session.artefacts import inside


@dataclass(frozen=True)
class PredictionFile:
    """A predictions file, and the project's video that it is of (see `Meant`).

    Attributes
    ----------
    video : str
        Path as the project spelled it at submission.
    video_index : int
        Its place in the project, or -1.
    """

    path: Path
    video: str
    video_index: int
    package: str = ""
    dataset: str = ""
    given: Optional[Path] = None

    @property
    def meant(self) -> Meant:
        return Meant(
            self.video, self.video_index, self.package, self.dataset, self.given
        )


def prediction_file(
    job: Job, folder: Path, task: Task, to_local: Callable[[str], Optional[str]]
) -> PredictionFile:
    """A task's predictions; `folder` is the job's, as this machine spells it.

    Raises
    ------
    ResultsMissing
        They lie elsewhere.
    """
    return PredictionFile(
        inside(folder, task.output),
        task.video,
        task.video_index,
        **_asked_for(job, folder, task, to_local),
    )


def _asked_for(
    job: Job, folder: Path, task: Task, to_local: Callable[[str], Optional[str]]
) -> Dict[str, Any]:
    """What the job's record tells of a task's video beside its path and place."""
    videos = job.request.get("videos")
    if not isinstance(videos, list) or len(videos) != len(job.tasks):
        return {}
    video = videos[job.tasks.index(task)]
    if not isinstance(video, dict):
        return {}
    given = str(video.get("cluster", "")) if video.get("as_project") else ""
    mine = job.folder + "/"
    if given.startswith(mine):
        local = str(inside(folder, given[len(mine) :]))
    else:  # an earlier job's
        local = to_local(given) or "" if given else ""
    return {
        "package": str(video.get("package", "")),
        "dataset": str(video.get("dataset", "")),
        "given": Path(local) if local else None,
    }
