"""A job and its batch script, from what the user asked for; nothing is written here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.job import Job, JobKind, Task, new_uid
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.record import safe_stem
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.resubmit import request_to_dict
from sleap_remote_plugin.slurm import script


class Order(NamedTuple):
    """What the user says of a job beside what it shall do."""

    resources: Resources
    project: str
    name: str
    module: SleapModule
    parent: str = ""


class Plan(NamedTuple):
    """A job ready to be submitted.

    `files` are names in the job's folder that must have arrived before it starts.
    """

    job: Job
    script: str
    files: Tuple[str, ...]


def plan_training(
    package: TrainingPackage, order: Order, folder: str, cluster: str, now: float
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
    """
    tasks = tuple(Task(model.head, model.run_path) for model in package.models)
    job = _job(JobKind.TRAIN, order, tasks, folder, cluster, now)
    files = (package.labels,) + tuple(model.config for model in package.models)
    return Plan(job, script.render_training(job, package, order.module), files)


def plan_prediction(
    request: PredictionRequest,
    order: Order,
    folder: str,
    cluster: str,
    now: float,
    to_cluster: Callable[[str], Any],
) -> Plan:
    """Predict on videos; `to_cluster` gives the cluster's spelling of a local path."""
    tasks = tuple(
        Task(Path(video.path).name, output, video.path, video.index)
        for video, output in zip(request.videos, prediction_names(request.videos))
    )
    job = _job(JobKind.PREDICT, order, tasks, folder, cluster, now)
    models = tuple(str(to_cluster(model)) for model in request.models)
    videos = tuple(str(to_cluster(video.path)) for video in request.videos)
    job = job.changed(request=request_to_dict(request, models, videos))
    text = script.render_prediction(job, request, models, videos, order.module)
    return Plan(job, text, ())


def prediction_names(videos: Sequence[VideoInput]) -> Tuple[str, ...]:
    """One output name for each video, unique even for equal file names."""
    names: List[str] = []
    for video in videos:
        stem = safe_stem(re.split(r"[\\/]", video.path)[-1])
        name, number = stem, 1
        while "predictions/{}.predictions.slp".format(name) in names:
            number += 1
            name = "{}.{}".format(stem, number)
        names.append("predictions/{}.predictions.slp".format(name))
    return tuple(names)


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
        uid=new_uid(),
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
