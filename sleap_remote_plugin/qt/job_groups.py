"""Which jobs stand under which: projects, chains, tries; filtered and sorted.

Plain values, no Qt: the model makes its rows of them.
"""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
)

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.words import tr

NO_PROJECT = tr("Without a project")

#: What a project's row counts, in this order: words and the states that are meant.
COUNTED: Tuple[Tuple[str, Tuple[JobState, ...]], ...] = (
    (tr("running"), (JobState.RUNNING, JobState.FINISHING)),
    (tr("queued"), (JobState.QUEUED,)),
    (tr("submitting"), (JobState.PREPARING, JobState.SUBMITTING)),
    (tr("unconfirmed"), (JobState.UNCONFIRMED,)),
    (
        tr("failed"),
        (
            JobState.FAILED,
            JobState.TIMED_OUT,
            JobState.OUT_OF_MEMORY,
            JobState.NODE_FAILED,
        ),
    ),
    (tr("completed"), (JobState.COMPLETED,)),
    (tr("incomplete"), (JobState.INCOMPLETE,)),
    (tr("cancelled"), (JobState.CANCELLED,)),
    (tr("preempted"), (JobState.PREEMPTED,)),
    (tr("lost"), (JobState.LOST,)),
)


class Branch(NamedTuple):
    """A row with the rows under it.

    Attributes
    ----------
    key : str
        The job's uid; of a project's row ``project:`` and its path.
    job : Job or None
        None for a project's row.
    project : str
        Path of the project.
    title, told : str
        Of a project's row: its short name, and how its jobs stand.
    """

    key: str
    job: Optional[Job]
    project: str
    children: Tuple["Branch", ...] = ()
    title: str = ""
    told: str = ""


def grouped(
    jobs: Sequence[Job],
    wanted: Optional[Callable[[Job], bool]] = None,
    key: Optional[Callable[[Job], Any]] = None,
    descending: bool = False,
) -> Tuple[Branch, ...]:
    """Jobs by project and chain.

    A job stands under the one that made its models, and another try beside the first
    one. Projects are in the order of their newest jobs.

    Parameters
    ----------
    jobs : sequence of Job
        The newest first.
    wanted : callable, optional
        Which jobs are shown; a job over a wanted one is shown with it.
    key : callable, optional
        What jobs beside each other are sorted by; by default the newest is first.
    """
    known = {job.uid: job for job in jobs}
    place = {job.uid: number for number, job in enumerate(jobs)}
    under: Dict[str, List[Job]] = {}
    projects: Dict[str, List[Job]] = {}
    for job in jobs:
        projects.setdefault(job.project, []).append(job)
        above = _above(job, known)
        under.setdefault(above or key_of(job.project), []).append(job)
    families = _families(jobs, known, place)

    def rows(parent: str) -> Tuple[Branch, ...]:
        beside = sorted(under.get(parent, ()), key=lambda j: families[j.uid])
        if key is not None:
            beside.sort(key=key, reverse=descending)
        found = []
        for job in beside:
            children = rows(job.uid)
            if children or wanted is None or wanted(job):
                found.append(Branch(job.uid, job, job.project, children))
        return tuple(found)

    titles = project_titles(projects)
    groups = [
        Branch(key_of(path), None, path, rows(key_of(path)), titles[path], counts(mine))
        for path, mine in projects.items()
    ]
    return tuple(group for group in groups if group.children)


def key_of(project: str) -> str:
    return "project:" + project


def counts(jobs: Iterable[Job]) -> str:
    """``1 running, 1 failed, 2 completed``."""
    states = [job.state for job in jobs]
    numbers = [(sum(s in which for s in states), word) for word, which in COUNTED]
    return ", ".join("{} {}".format(n, word) for n, word in numbers if n)


def project_titles(projects: Iterable[str]) -> Dict[str, str]:
    """File names without their ending; with the folder where two are the same."""
    paths = {project: _path(project) for project in projects}
    stems = [path.stem for path in paths.values()]
    titles = {}
    for project, path in paths.items():
        title = path.stem or NO_PROJECT
        if stems.count(path.stem) > 1 and path.parent.name:
            title = "{} ({})".format(title, path.parent.name)
        titles[project] = title
    return titles


def short_name(job: Job) -> str:
    """A job's name as it is read under its project's: without that."""
    stem = _path(job.project).stem
    rest = job.name[len(stem) :].lstrip(" ·-–_")
    return rest if stem and job.name.startswith(stem + " ") and rest else job.name


def tried_again(jobs: Iterable[Job]) -> Set[str]:
    """Uids of jobs of which there is another try."""
    found = list(jobs)
    known = {job.uid: job for job in found}
    return {job.parent for job in found if _is_try(job, known)}


def _path(project: str) -> Any:
    windows = "\\" in project and "/" not in project
    return PureWindowsPath(project) if windows else PurePosixPath(project)


def _is_try(job: Job, known: Dict[str, Job]) -> bool:
    first = known.get(job.parent)
    return first is not None and first.kind is job.kind and first is not job


def _first_try(job: Job, known: Dict[str, Job]) -> Job:
    seen = {job.uid}
    while _is_try(job, known) and job.parent not in seen:
        job = known[job.parent]
        seen.add(job.uid)
    return job


def _above(job: Job, known: Dict[str, Job]) -> str:
    """Uid of the training that a prediction stands under; empty for none."""
    first = _first_try(job, known)
    above = known.get(first.parent)
    if above is None or above.project != job.project:
        return ""
    is_made_from_it = (above.kind, first.kind) == (JobKind.TRAIN, JobKind.PREDICT)
    return above.uid if is_made_from_it else ""


def _families(
    jobs: Sequence[Job], known: Dict[str, Job], place: Dict[str, int]
) -> Dict[str, Tuple[int, int]]:
    """What to sort by so that tries of one thing stay together, the newest first."""
    firsts = {job.uid: _first_try(job, known).uid for job in jobs}
    newest: Dict[str, int] = {}
    for job in jobs:
        newest.setdefault(firsts[job.uid], place[job.uid])
    return {uid: (newest[first], place[uid]) for uid, first in firsts.items()}
