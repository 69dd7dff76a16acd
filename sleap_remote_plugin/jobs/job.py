"""A job: one submission on the cluster, its state, and how reports change it.

What SLURM's words mean is in slurm/output.py; texts, colours and icons are in qt.
"""

from __future__ import annotations

import dataclasses
import enum
import secrets
from dataclasses import dataclass
from typing import Any, Dict, NamedTuple, Optional, Tuple

from sleap_remote_plugin.jobs.resources import Resources, resources_from_dict


class JobState(enum.Enum):
    """How a job stands. A state never moves backwards except on a requeue."""

    PREPARING = "preparing"
    SUBMITTING = "submitting"
    UNCONFIRMED = "unconfirmed"
    QUEUED = "queued"
    RUNNING = "running"
    FINISHING = "finishing"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CANCELLED = "cancelled"
    NODE_FAILED = "node_failed"
    PREEMPTED = "preempted"
    LOST = "lost"

    @property
    def is_final(self) -> bool:
        return self.rank == 6

    @property
    def rank(self) -> int:
        """Position in a job's life, 0 to 6; all ends have the same one."""
        return _RANKS.get(self, 6)


_RANKS = {
    JobState.PREPARING: 0,
    JobState.SUBMITTING: 1,
    JobState.UNCONFIRMED: 2,
    JobState.QUEUED: 3,
    JobState.RUNNING: 4,
    JobState.FINISHING: 5,
}


class JobKind(enum.Enum):
    """What a job does."""

    TRAIN = "train"
    PREDICT = "predict"


@dataclass(frozen=True)
class Task:
    """One part of a job: a model to train, or a video to predict on.

    Attributes
    ----------
    title : str
        The head (``centroid``) or the video's name.
    output : str
        What it makes, relative to the job's folder: a run folder
        (``models/...``) or a predictions file.
    video : str
        Predictions only: the video as the *open project* spells it.
    video_index : int
        Predictions only: the video's place in the project, or -1.
    exit_code : int or None
        From the witness; None while it is not known.
    """

    title: str
    output: str
    video: str = ""
    video_index: int = -1
    exit_code: Optional[int] = None


class Event(NamedTuple):
    """Something that happened to a job; what is one of history.py's words."""

    time: float
    what: str
    words: str = ""


@dataclass(frozen=True)
class Job:
    """One submission on the cluster.

    Attributes
    ----------
    uid : str
        Made before anything leaves this machine; part of the SLURM job name.
    project : str
        Local path of the project that it was made from.
    folder : str
        The job's folder as the cluster spells it. Its local spelling is the
        mount map's business.
    cluster : str
        Name of the profile.
    slurm_id : str
        Empty until SLURM gave one.
    reason : str
        Why it waits, or how it ended, in SLURM's words.
    exit_code : str
        SLURM's ``code:signal``.
    submitted, started, ended, seen, state_since : float or None
        Seconds since the epoch; `seen` is when SLURM last told of it, and
        `state_since` when its state was first seen. `started` and `ended` are by the
        cluster's clock, the others by this machine's.
    elapsed : float or None
        Seconds of running.
    max_rss : float or None
        Bytes of memory used, from accounting.
    start_estimate : float or None
        When SLURM expects a waiting job to start, by the cluster's clock.
    silent_since : float or None
        Since when neither SLURM nor the job itself has told of it, though asked.
    unknown_since : float or None
        When SLURM first said that it knows no such job, for one whose submission
        is in doubt; by the cluster's clock.
    parent : str
        uid of the job that this one was made from or waits for.
    user : str
        Whose it is on the cluster; empty: this user's.
    note : str
        A sentence for the user about the state (what went wrong, what to do).
    request : dict
        A prediction's models, videos and options as they were asked for (plain
        values), so that it can be submitted again; see session/resubmit.py.
    cpu_seconds : float or None
        Computing time of all its CPUs together, as SLURM's accounts have it.
    events : tuple of Event
        What was seen to happen to it, oldest first; see history.py.
    then : dict
        Of a training: the prediction that is to follow, as `job_to_dict` writes it;
        see chain.py.
    """

    uid: str
    kind: JobKind
    name: str
    project: str
    folder: str
    cluster: str
    resources: Resources
    tasks: Tuple[Task, ...] = ()
    module: str = ""
    generation: str = ""
    slurm_id: str = ""
    state: JobState = JobState.PREPARING
    reason: str = ""
    exit_code: str = ""
    node: str = ""
    created: float = 0.0
    submitted: Optional[float] = None
    started: Optional[float] = None
    ended: Optional[float] = None
    seen: Optional[float] = None
    state_since: Optional[float] = None
    elapsed: Optional[float] = None
    max_rss: Optional[float] = None
    restarts: int = 0
    parent: str = ""
    note: str = ""
    user: str = ""
    unknown_since: Optional[float] = None
    start_estimate: Optional[float] = None
    silent_since: Optional[float] = None
    request: Dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)
    cpu_seconds: Optional[float] = None
    events: Tuple[Event, ...] = ()
    then: Dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)

    def changed(self, **values: Any) -> "Job":
        return dataclasses.replace(self, **values)

    @property
    def slurm_name(self) -> str:
        """SLURM job name: safe characters only, unique by the uid."""
        return "sleap-{}-{}".format(self.kind.value, self.uid)


@dataclass(frozen=True)
class JobReport:
    """What one source said of one job (or array task) at one moment.

    Attributes
    ----------
    slurm_id : str
        Without the task part.
    task : str
        Array task (``"3"``, or a pending range ``"4-10"``); empty for a plain job.
    state : JobState or None
        None where SLURM's word is not in the table.
    raw_state : str
        SLURM's own word.
    source : str
        ``squeue``, ``sacct`` or ``witness``.
    start_estimate : float or None
        Seconds since the epoch (cluster's clock), for a pending job.
    """

    slurm_id: str
    state: Optional[JobState]
    raw_state: str = ""
    task: str = ""
    reason: str = ""
    exit_code: str = ""
    elapsed: Optional[float] = None
    max_rss: Optional[float] = None
    node: str = ""
    name: str = ""
    source: str = ""
    started: Optional[float] = None
    ended: Optional[float] = None
    restarts: int = 0
    start_estimate: Optional[float] = None
    cpu_seconds: Optional[float] = None


def new_uid() -> str:
    """A fresh uid: ten hexadecimal digits (40 bits)."""
    return secrets.token_hex(5)


#: Seconds that two hosts' clocks may differ, where times of both are compared.
_CLOCKS = 30.0


def ran_for(job: Job, now: float) -> Optional[float]:
    """Seconds of running up to now; None before the start."""
    if job.state is JobState.RUNNING and job.started:
        return max(job.elapsed or 0.0, now - job.started)
    if job.elapsed is not None:
        return job.elapsed
    if job.started and job.ended:
        return job.ended - job.started
    return None


def advance(job: Job, report: JobReport, now: float) -> Job:
    """The job after a report; `now` in seconds since the epoch.

    A state moves forward only, except on a requeue. COMPLETED from SLURM becomes
    FINISHING here, with the time of its end: it is COMPLETED once its artefacts were
    seen (session/judge.py). FINISHING without that time is a job whose end nobody
    has told yet.
    """
    state = report.state
    if state is None:
        return job
    if state is JobState.COMPLETED:
        state = JobState.FINISHING
    requeued = is_requeue(job, report)
    if state.rank < job.state.rank and not requeued:
        return job
    if job.state.is_final and state.is_final and report.source != "sacct":
        return job
    changes: Dict[str, Any] = {"state": state, "seen": now, "silent_since": None}
    if state is not job.state:
        changes["state_since"] = now
    if requeued:
        changes.update(started=None, ended=None, elapsed=None, note="")
        changes["restarts"] = max(job.restarts + 1, report.restarts)
    changes["reason"] = _cancelled_by(report) or report.reason
    changes["start_estimate"] = report.start_estimate
    changes.update(_told(report))
    if report.state is JobState.COMPLETED and not (report.ended or job.ended):
        changes["ended"] = now
    return job.changed(**changes)


def completed(job: Job, report: JobReport) -> Job:
    """A job that has ended, with what the accounts told of it a little later."""
    if not job.state.is_final or report.source != "sacct" or not report.ended:
        return job
    late = {k: v for k, v in _told(report).items() if getattr(job, k) in (None, "")}
    return job.changed(**late)


def is_requeue(job: Job, report: JobReport) -> bool:
    """Whether squeue shows a job that had begun waiting, or running, once more.

    A job that has told its own end may be shown running a little longer: only a
    later start is a new one.
    """
    if report.source != "squeue" or job.state.rank < JobState.RUNNING.rank:
        return False
    if job.state in (JobState.COMPLETED, JobState.INCOMPLETE):
        return False
    if report.state is JobState.QUEUED:
        return True
    if report.state is not JobState.RUNNING or not report.started:
        return False
    if job.ended:
        return report.started > job.ended - 1.0
    return report.started > (job.started or report.started) + _CLOCKS


def _told(report: JobReport) -> Dict[str, Any]:
    """What a report knows, and nothing of what it doesn't."""
    names = ("exit_code", "node")
    told = {name: getattr(report, name) for name in names if getattr(report, name)}
    for name in ("elapsed", "max_rss", "started", "ended", "cpu_seconds"):
        if getattr(report, name) is not None:
            told[name] = getattr(report, name)
    return told


def _cancelled_by(report: JobReport) -> str:
    """SLURM's ``CANCELLED by 20001``; its other words say no more than the state."""
    return report.raw_state if " by " in report.raw_state else ""


def job_to_dict(job: Job) -> Dict[str, Any]:
    """Plain values only, for JSON."""
    values = dataclasses.asdict(job)
    values["kind"] = job.kind.value
    values["state"] = job.state.value
    values["tasks"] = [dataclasses.asdict(task) for task in job.tasks]
    return values


def job_from_dict(values: Dict[str, Any]) -> Job:
    """Inverse of `job_to_dict`; unknown keys (a newer program's) are left out.

    Raises
    ------
    KeyError, ValueError, TypeError
        The values are not a job's.
    """
    known = {f.name for f in dataclasses.fields(Job)}
    chosen = {key: value for key, value in values.items() if key in known}
    chosen["kind"] = JobKind(chosen["kind"])
    chosen["state"] = JobState(chosen["state"])
    chosen["resources"] = resources_from_dict(chosen["resources"])
    task_fields = {f.name for f in dataclasses.fields(Task)}
    chosen["tasks"] = tuple(
        Task(**{k: v for k, v in task.items() if k in task_fields})
        for task in chosen.get("tasks", ())
    )
    chosen["events"] = tuple(map(_event, list(chosen.get("events", ()))[-60:]))
    return Job(**chosen)


def _event(values: Any) -> Event:
    moment, what, words = values
    return Event(float(moment), str(what)[:40], str(words)[:300])
