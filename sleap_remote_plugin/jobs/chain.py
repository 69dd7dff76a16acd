"""A training and the prediction that is to follow it: what each says of the other.

The training's record holds the prediction as it is to be sent (`Job.then`); the
prediction's request names the training (``after``). Sending is session/chain.py's.
"""

from __future__ import annotations

import posixpath
from typing import Optional, Sequence

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, job_from_dict
from sleap_remote_plugin.words import tr

#: How a training can end without models to predict with, in words.
_ENDS = {
    JobState.CANCELLED: tr("was cancelled"),
    JobState.TIMED_OUT: tr("reached its time limit"),
    JobState.OUT_OF_MEMORY: tr("ran out of memory"),
    JobState.NODE_FAILED: tr("lost its node"),
    JobState.PREEMPTED: tr("had to make way for another job"),
    JobState.LOST: tr("cannot be found"),
    JobState.COMPLETED: tr("ended with an error code, though its models are there"),
}
NOT_RUN = tr("Not run, because ")
#: Seconds that SLURM takes to clear up behind a training before it says how it ended.
_CLEARING_UP = 60.0


def then_of(training: Job) -> Optional[Job]:
    """The prediction that is to follow a training, as it was to be sent.

    None: nothing was to follow; or the record was edited, and says nothing of use.
    """
    if training.kind is not JobKind.TRAIN or not training.then:
        return None
    try:
        job = job_from_dict(training.then)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    is_whole = isinstance(job.uid, str) and isinstance(job.folder, str)
    if not is_whole or not _is_beside(job.folder, training.folder):
        return None
    is_ours = job.kind is JobKind.PREDICT and trained_by(job) == training.uid
    return job if is_ours else None


def _is_beside(folder: str, other: str) -> bool:
    """Whether both are in one folder: an edited record leads nowhere else."""
    place, name = posixpath.split(folder)
    return name not in ("", ".", "..") and place == posixpath.dirname(other)


def trained_by(prediction: Job) -> str:
    """The uid of the training that makes a prediction's models; empty for none."""
    request = prediction.request
    uid = request.get("after", "") if isinstance(request, dict) else ""
    return uid if isinstance(uid, str) else ""


def training_of(prediction: Job, jobs: Sequence[Job]) -> Optional[Job]:
    """The training that a prediction follows, if it is in the list."""
    wanted = trained_by(prediction)
    return next((job for job in jobs if wanted and job.uid == wanted), None)


def is_owed(training: Job, jobs: Sequence[Job]) -> bool:
    """Whether a prediction was to follow, and was not sent though it could be."""
    if not training.slurm_id or ended_badly(training):
        return False
    then = then_of(training)
    return then is not None and all(job.uid != then.uid for job in jobs)


def ended_badly(training: Job) -> bool:
    """Whether no whole models come of a training."""
    return training.state.is_final and training.state is not JobState.COMPLETED


def waits_for(job: Job, jobs: Sequence[Job]) -> str:
    """``Waits for “mice top-down” to finish.``; empty where it waits for none."""
    training = training_of(job, jobs)
    if job.state is not JobState.QUEUED or training is None or training.state.is_final:
        return ""
    return tr("Waits for “{}” to finish.").format(training.name)


#: Why SLURM does not start a prediction behind a training, in words.
_WAITING = {
    "Dependency": tr("It waits for its training to finish."),
    "DependencyNeverSatisfied": tr(
        "Its training did not end well: SLURM takes it out of the queue in a moment."
    ),
}


def waiting_words(prediction: Job) -> str:
    """Why it waits, where that has to do with its training; else empty."""
    return _WAITING.get(prediction.reason, "") if trained_by(prediction) else ""


def without_training(prediction: Job, training: Optional[Job], now: float) -> Job:
    """A prediction that SLURM does not run, since its training did not end well.

    SLURM says so (by `kill-on-invalid-dep`), or does not speak of it any more. One
    that the user cancelled before stays as it is.
    """
    if training is None or not training.state.is_final:
        return prediction
    if was_not_run(prediction) or _has_run(prediction):
        return prediction
    is_told = prediction.state is JobState.CANCELLED
    since = (training.state_since or 0.0) - _CLEARING_UP
    came_later = (prediction.state_since or 0.0) >= since
    # Once it has ended, SLURM may give no reason: the note has the last one then.
    waited = "Dependency" in prediction.reason or prediction.note in _WAITING.values()
    is_ours = "DependencyNeverSatisfied" in prediction.reason or (
        came_later and (waited or training.state is JobState.CANCELLED)
    )
    is_forgotten = prediction.state is JobState.QUEUED and (
        prediction.silent_since is not None and ended_badly(training)
    )
    if not ((is_told and is_ours) or is_forgotten):
        return prediction
    return prediction.changed(
        state=JobState.CANCELLED,
        state_since=prediction.state_since if is_told else now,
        silent_since=None,
        note="{}“{}” {}.".format(NOT_RUN, training.name, how_it_ended(training)),
    )


def was_let_down(prediction: Job) -> bool:
    """The same, where nobody cancelled the training."""
    by_somebody = _ENDS[JobState.CANCELLED] + "."
    return was_not_run(prediction) and not prediction.note.endswith(by_somebody)


def _has_run(job: Job) -> bool:
    """Whether it ever had a node: SLURM gives a start to one that never had, too."""
    return bool(job.node or job.elapsed)


def how_it_ended(training: Job) -> str:
    """``failed``, ``was cancelled``, ...: why there is no model to predict with."""
    return _ENDS.get(training.state, "failed")


def was_not_run(prediction: Job) -> bool:
    """Whether a prediction ended because its training did."""
    return bool(trained_by(prediction)) and prediction.note.startswith(NOT_RUN)
