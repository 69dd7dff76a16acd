"""Submitting again what was submitted before: from the kept package or request.

The earlier job's folder, models and predictions stay as they are; the new job has a
folder of its own and knows its parent.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Sequence, Set, Tuple

from sleap_remote_plugin.errors import PackageProblem, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package, taken_along
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.session.collect import fault_of
from sleap_remote_plugin.words import tr

_UNKNOWN = tr(
    "How this prediction was asked for is not in its record, which an older version of "
    "this program wrote. Nothing was submitted. Submit it from the menu."
)


def was_never_sent(job: Job) -> bool:
    """Whether SLURM never had the job: its folder is as it was exported."""
    return not job.slurm_id and job.state in (JobState.CANCELLED, JobState.LOST)


def copied_package(folder: Path, to: Path) -> TrainingPackage:
    """The package alone, in a new folder; not what the earlier job made there.

    Trained models that it took along come with it.

    Raises
    ------
    PackageProblem
        It is not whole any more, or cannot be copied.
    """
    package = load_package(folder)
    configs = [model.config for model in package.models]
    labels = {model.labels for model in package.models} | {package.labels}
    try:
        to.mkdir(parents=True)
        for name in ["jobs.yaml"] + configs:
            shutil.copyfile(str(folder / name), str(to / name))
        for name in sorted(labels):
            _linked_or_copied(folder / name, to / name)
        for name in taken_along(package):
            shutil.copytree(str(folder / name), str(to / name), ignore=_links)
    except OSError as error:
        raise PackageProblem(
            tr(
                "The package could not be copied to {}: {}. Nothing was submitted."
            ).format(to, error.strerror or error)
        ) from error
    return load_package(to)


def _links(folder: str, names: Sequence[str]) -> Set[str]:
    """What is not copied of a model: anybody may have made a link of it."""
    return {name for name in names if os.path.islink(os.path.join(folder, name))}


def _linked_or_copied(source: Path, target: Path) -> None:
    """Labels are large and nobody writes to them: a second name does."""
    try:
        os.link(str(source), str(target))
    except OSError:  # many network disks have no links
        shutil.copyfile(str(source), str(target))


def request_to_dict(
    request: PredictionRequest, models: Sequence[str], videos: Sequence[str]
) -> Dict[str, Any]:
    """Plain values of a request, for the job's record.

    Parameters
    ----------
    models, videos : sequence of str
        As the cluster spells them, so that another machine understands them.
    """
    return {
        "models": list(models),
        "videos": [
            {
                "path": video.path,
                "cluster": cluster,
                "index": video.index,
                "frames": video.frames,
                "dataset": video.dataset,
                "input_format": video.input_format,
                "as_project": video.as_project,
                "package": video.package,
            }
            for video, cluster in zip(request.videos, videos)
        ],
        "tracking": [list(pair) for pair in request.tracking],
        "options": [list(pair) for pair in request.options],
        "existing": request.existing,
        "after": request.after,
    }


def read_elsewhere(job: Job) -> Tuple[str, ...]:
    """Models and videos that a prediction reads, as the cluster spells them."""
    request = job.request
    videos = [str(video.get("cluster", "")) for video in request.get("videos", ())]
    paths = [str(model) for model in request.get("models", ())] + videos
    inside = job.folder + "/"
    return tuple(p for p in paths if p.startswith("/") and not p.startswith(inside))


def request_of(job: Job, to_local: Callable[[str], Optional[str]]) -> PredictionRequest:
    """The request that a prediction was made from.

    Raises
    ------
    RemoteError
        Its record does not tell.
    """

    def here(cluster: str) -> str:
        local = to_local(cluster)
        if local is None:
            raise RemoteError(
                tr("{} is on no disk of this machine. Nothing was submitted.").format(
                    cluster
                )
            )
        return local

    try:
        return PredictionRequest(
            tuple(here(str(model)) for model in job.request["models"]),
            tuple(_video(one, here) for one in job.request["videos"]),
            tuple((str(a), str(b)) for a, b in job.request["tracking"]),
            tuple((str(a), str(b)) for a, b in job.request["options"]),
            str(job.request.get("existing", "")),
            str(job.request.get("after", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RemoteError(_UNKNOWN, detail=repr(error)) from error


def still_wanted(job: Job, folder: Path) -> Tuple[int, ...]:
    """Which of a prediction's videos to predict on again: those without predictions.

    All of them where none has any, and where none is without.
    """
    places = range(len(job.tasks))
    bad = [place for place in places if fault_of(job.kind, folder, job.tasks[place])]
    return tuple(bad or places)


def with_videos(request: PredictionRequest, places: Sequence[int]) -> PredictionRequest:
    """The same request for these of its videos."""
    videos = tuple(request.videos[p] for p in places if p < len(request.videos))
    return dataclasses.replace(request, videos=videos)


def _video(values: Dict[str, Any], here: Callable[[str], str]) -> VideoInput:
    """The video as the project spelled it, where that is on this machine."""
    path, cluster = str(values["path"]), str(values["cluster"])
    as_project = bool(values.get("as_project"))
    if not as_project and not os.path.exists(path):
        path = here(cluster)
    return VideoInput(
        path,
        int(values["index"]),
        str(values["frames"]),
        str(values["dataset"]),
        str(values.get("input_format", "")),
        as_project=as_project,
        labels=_still_there(here(cluster)) if as_project else "",
        package=str(values.get("package", "")),
    )


def _still_there(labels: str) -> str:
    if not os.path.isfile(labels):
        raise RemoteError(
            tr(
                "The earlier job's list of frames, {}, is not there any more. Nothing "
                "was submitted. Submit it from the menu."
            ).format(labels)
        )
    return labels
