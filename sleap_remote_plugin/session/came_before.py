"""What came before a new round: trainings, loaded predictions, the last settings."""

from __future__ import annotations

import logging
import ntpath
import os
import posixpath
from pathlib import Path
from typing import Any, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import PackageProblem, RemoteError
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, new_uid
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.rounds import JobTold, Round, is_same_family

log = logging.getLogger(__name__)


class LastTraining(NamedTuple):
    """What the next training begins with.

    Attributes
    ----------
    job : Job or None
        None: none of this project is known here.
    configs : tuple of Path
        As they were sent.
    runs : tuple of Path
        The models that came of it; none where it did not get that far.
    """

    job: Optional[Job] = None
    configs: Tuple[Path, ...] = ()
    runs: Tuple[Path, ...] = ()


def last_training(session: Any, project: str, jobs: Iterable[Job]) -> LastTraining:
    """The settings and models of the last training of any round (*files lane*)."""
    ours = [
        job
        for job in jobs
        if job.kind is JobKind.TRAIN and is_same_family(job.project, project)
    ]
    ours.sort(
        key=lambda job: (job.state is JobState.COMPLETED, job.created), reverse=True
    )
    for job in ours:
        try:
            package = load_package(session.local_folder(job))
        except (PackageProblem, RemoteError, OSError) as error:
            log.info("No settings of %s: %s", job.slurm_name, error)
            continue
        configs = tuple(package.folder / model.config for model in package.models)
        return LastTraining(job, configs, _runs(session, job))
    return LastTraining()


def _runs(session: Any, job: Job) -> Tuple[Path, ...]:
    try:
        return tuple(session.results(job).runs)
    except (RemoteError, OSError) as error:
        log.info("No models of %s: %s", job.slurm_name, error)
        return ()


def told_round(
    session: Any, parent: Path, project: Path, labelled: int, jobs: Sequence[Job]
) -> Round:
    """What is written about a round that begins (*files lane*).

    Parameters
    ----------
    parent, project : Path
        The file that it comes from, and the new one.
    labelled : int
        Frames with labels of the user's.
    """
    loaded = session.loads.of(str(parent))
    by_uid = {job.uid: job for job in jobs}
    trained = [
        job
        for job in sorted(jobs, key=lambda one: one.created)
        if job.kind is JobKind.TRAIN
        and job.state is JobState.COMPLETED
        and same_path(job.project, str(parent))
    ]
    return Round(
        project=project.name,
        parent=parent.name,
        uid=new_uid(),
        begun=session.clock(),
        user=session.user,
        labelled=labelled,
        trained=tuple(_told(session, job, parent) for job in trained),
        loaded=tuple(
            _told(session, by_uid[uid], parent) for uid in loaded if uid in by_uid
        ),
    )


def _told(session: Any, job: Job, parent: Path) -> JobTold:
    files: List[Tuple[str, str]] = []
    place = _Place(session, job, parent)
    if job.kind is JobKind.TRAIN:
        files.append(("package", place.path("")))
    files += [(task.title, place.path(task.output)) for task in job.tasks]
    return JobTold(
        name=job.name,
        cluster=session.profile.title,
        slurm_id=job.slurm_id,
        module=job.module,
        ended=job.ended or 0.0,
        files=tuple(files),
    )


class _Place:
    """Where a job's files are: beside the project, or as the cluster calls it."""

    def __init__(self, session: Any, job: Job, parent: Path) -> None:
        self._folder = job.folder
        try:
            beside = os.path.relpath(str(session.local_folder(job)), str(parent.parent))
        except (RemoteError, ValueError):
            return
        if not beside.startswith(os.pardir):
            self._folder = beside.replace(os.sep, "/")

    def path(self, name: str) -> str:
        return posixpath.join(self._folder, name) if name else self._folder


def same_path(one: str, other: str) -> bool:
    """Whether two spellings name one file, by their text, on any system."""
    kind: Any = ntpath if "\\" in one + other else posixpath
    return kind.normcase(kind.normpath(one)) == kind.normcase(kind.normpath(other))
