"""A job and its batch script, from what the user asked for; nothing is written here."""

from __future__ import annotations

import posixpath
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Set, Tuple

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.job import Job, JobKind, Task, new_uid
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.record import safe_stem
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.resubmit import request_to_dict
from sleap_remote_plugin.slurm import script

#: Bytes of a video's name that are in the names of its files.
_STEM = 160


class Order(NamedTuple):
    """What the user says of a job beside what it shall do."""

    resources: Resources
    project: str
    name: str
    module: SleapModule
    parent: str = ""
    uid: str = ""  # empty: a new one


class Plan(NamedTuple):
    """A job ready to be submitted.

    `files` are names in the job's folder that must have arrived before it starts.
    """

    job: Job
    script: str
    files: Tuple[str, ...]


def plan_training(
    package: TrainingPackage,
    order: Order,
    folder: str,
    cluster: str,
    now: float,
    by_hand: bool = False,
) -> Plan:
    """Train a package.

    Parameters
    ----------
    folder : str
        The package's, as the cluster spells it.
    cluster : str
        The profile's name.
    now : float
        Seconds since the epoch.
    by_hand : bool
        The user submits the script.
    """
    tasks = tuple(Task(model.head, model.run_path) for model in package.models)
    job = _job(JobKind.TRAIN, order, tasks, folder, cluster, now)
    files = (package.labels,) + tuple(model.config for model in package.models)
    text = script.render_training(job, package, order.module, by_hand)
    return Plan(job, text, files)


def plan_prediction(
    request: PredictionRequest,
    order: Order,
    folder: str,
    cluster: str,
    now: float,
    to_cluster: Callable[[str], Any],
    by_hand: bool = False,
) -> Plan:
    """Predict on videos; `to_cluster` gives the cluster's spelling of a local path."""
    tasks = tuple(
        Task(video.title, output, video.path, video.index)
        for video, output in zip(request.videos, prediction_names(request.videos))
    )
    job = _job(JobKind.PREDICT, order, tasks, folder, cluster, now)
    models = tuple(str(to_cluster(model)) for model in request.models)
    videos = tuple(
        posixpath.join(folder, name) if name else str(to_cluster(v.labels or v.path))
        for v, name in zip(request.videos, input_names(request.videos))
    )
    job = job.changed(request=request_to_dict(request, models, videos))
    text = script.render_prediction(job, request, models, videos, order.module, by_hand)
    files = tuple(name for name in input_names(request.videos) if name)
    return Plan(job, text, files)


def prediction_names(videos: Sequence[VideoInput]) -> Tuple[str, ...]:
    """One output name for each video, unique even for equal file names."""
    return tuple("predictions/{}.predictions.slp".format(n) for n in _names(videos))


def input_names(videos: Sequence[VideoInput]) -> Tuple[str, ...]:
    """For each video that goes as a small project file, its name in the job's folder.

    Empty where the cluster is given the video itself, or an earlier job's file.
    """
    return tuple(
        "inputs/{}.slp".format(name) if video.as_project and not video.labels else ""
        for video, name in zip(videos, _names(videos))
    )


def _names(videos: Sequence[VideoInput]) -> List[str]:
    """Unique on disks too that do not tell upper from lower case."""
    names: List[str] = []
    taken: Set[str] = set()
    numbers: Dict[str, int] = {}
    for video in videos:
        # A name has 255 bytes, of which endings and a number take their part.
        stem = safe_stem(video.title).encode("utf-8")[:_STEM].decode("utf-8", "ignore")
        name = stem
        while name.lower() in taken:
            numbers[stem] = numbers.get(stem, 1) + 1
            name = "{}.{}".format(stem, numbers[stem])
        taken.add(name.lower())
        names.append(name)
    return names


def _job(
    kind: JobKind,
    order: Order,
    tasks: Tuple[Task, ...],
    folder: str,
    cluster: str,
    now: float,
) -> Job:
    generation = order.module.generation
    return Job(
        uid=order.uid or new_uid(),
        kind=kind,
        name=order.name,
        project=order.project,
        folder=folder,
        cluster=cluster,
        resources=order.resources,
        tasks=tasks,
        module=order.module.name,
        generation=generation.value if generation else "",
        created=now,
        parent=order.parent,
    )
