"""A training and its prediction: what is owed, what waits, and why one was not run."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs import chain
from sleap_remote_plugin.jobs.diagnosis import diagnose
from sleap_remote_plugin.jobs.job import (
    Job,
    JobKind,
    JobState,
    job_from_dict,
    job_to_dict,
)
from sleap_remote_plugin.jobs.resources import Resources


def a_job(uid, kind=JobKind.TRAIN, **values):
    given = {
        "name": "mice",
        "project": "/mnt/lab/labels.slp",
        "folder": "/ceph/lab/labels.slp.{}_job".format(kind.value),
        "cluster": "practice",
        "resources": Resources(),
        "slurm_id": "7",
    }
    given.update(values)
    return Job(uid=uid, kind=kind, **given)


def following(**values):
    values.setdefault("state", JobState.QUEUED)
    return a_job("p1", JobKind.PREDICT, request={"after": "t1"}, **values)


def training(**values):
    then = job_to_dict(following(slurm_id=""))
    values.setdefault("state", JobState.RUNNING)
    return a_job("t1", **dict({"then": then}, **values))


def test_a_record_keeps_the_prediction_that_is_to_follow():
    kept = job_from_dict(job_to_dict(training()))
    then = chain.then_of(kept)
    assert then is not None
    assert (then.uid, chain.trained_by(then)) == ("p1", "t1")


@pytest.mark.parametrize(
    "edited",
    [
        {"folder": "/ceph/other/place"},
        {"folder": "/ceph/lab/.."},
        {"folder": 3},
        {"uid": None},
        {"kind": "train"},
        {"request": {"after": "another"}},
        {"request": ["after"]},
        {"tasks": 5},
    ],
)
def test_an_edited_record_says_nothing_of_what_is_to_follow(edited):
    values = dict(job_to_dict(following()), **edited)
    assert chain.then_of(training(then=values)) is None


@pytest.mark.parametrize(
    ("state", "others", "owed"),
    [
        (JobState.QUEUED, (), True),
        (JobState.RUNNING, (), True),
        (JobState.COMPLETED, (), True),
        (JobState.FAILED, (), False),
        (JobState.CANCELLED, (), False),
        (JobState.RUNNING, (following(),), False),
        (JobState.RUNNING, (following(state=JobState.UNCONFIRMED),), False),
    ],
)
def test_a_prediction_is_owed_while_there_is_none_and_models_may_come(
    state, others, owed
):
    job = training(state=state)
    assert chain.is_owed(job, (job, *others)) is owed


def test_nothing_is_owed_by_a_training_alone_or_one_that_slurm_may_not_have():
    assert not chain.is_owed(training(then={}), ())
    assert not chain.is_owed(training(slurm_id=""), ())


def test_it_waits_for_the_training_by_name_until_that_has_ended():
    job = following()
    assert chain.waits_for(job, (training(),)) == "Waits for “mice” to finish."
    assert chain.waits_for(job, (training(state=JobState.COMPLETED),)) == ""
    assert chain.waits_for(job, ()) == ""


def test_what_slurm_says_of_its_dependency_is_said_of_its_training():
    waiting = following(reason="Dependency")
    assert chain.waiting_words(waiting) == "It waits for its training to finish."
    never = following(reason="DependencyNeverSatisfied")
    assert "did not end well" in chain.waiting_words(never)
    assert chain.waiting_words(following(reason="Priority")) == ""
    assert chain.waiting_words(training(reason="Dependency")) == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (JobState.FAILED, "failed"),
        (JobState.TIMED_OUT, "reached its time limit"),
        (JobState.OUT_OF_MEMORY, "ran out of memory"),
        (JobState.CANCELLED, "was cancelled"),
        (JobState.COMPLETED, "ended with an error code"),
    ],
)
def test_one_that_slurm_ended_for_its_dependency_says_why(state, words):
    ended = following(
        state=JobState.CANCELLED, reason="DependencyNeverSatisfied", started=90.0
    )
    told = chain.without_training(ended, training(state=state), 100.0)
    assert told.state is JobState.CANCELLED
    assert told.note.startswith("Not run, because “mice” " + words)
    assert chain.was_not_run(told)
    found = diagnose(told, "")
    assert found is not None
    assert found.cause == told.note
    assert "Submit the training again" in found.remedy
    again = chain.without_training(told, training(state=JobState.FAILED), 200.0)
    assert again == told


def test_one_that_nobody_speaks_of_any_more_is_not_waited_for():
    """The laptop was closed: squeue has forgotten it, and the accounts too."""
    silent = following(silent_since=90.0)
    told = chain.without_training(silent, training(state=JobState.FAILED), 100.0)
    assert told.state is JobState.CANCELLED
    assert told.note == "Not run, because “mice” failed."
    assert told.silent_since is None


@pytest.mark.parametrize(
    ("job", "before"),
    [
        (following(), training()),
        (following(), training(state=JobState.FAILED)),
        (following(silent_since=90.0), training(state=JobState.COMPLETED)),
        (following(state=JobState.RUNNING, started=5.0), training()),
        (following(state=JobState.FAILED, node="n1"), training()),
        (following(state=JobState.CANCELLED), training()),
        (
            following(state=JobState.CANCELLED, reason="Dependency", elapsed=3.0),
            training(state=JobState.FAILED),
        ),
        # the user cancelled it, and the training failed afterwards
        (
            following(state=JobState.CANCELLED, reason="Dependency", state_since=10.0),
            training(state=JobState.FAILED, state_since=200.0),
        ),
        # it waited for a GPU, and the user cancelled it
        (
            following(state=JobState.CANCELLED, reason="Priority", state_since=30.0),
            training(state=JobState.COMPLETED, state_since=20.0),
        ),
    ],
)
def test_others_stay_as_slurm_tells_of_them(job, before):
    assert chain.without_training(job, before, 100.0) == job


def test_the_accounts_word_counts_when_it_comes_with_or_after_the_trainings_end():
    job = following(state=JobState.CANCELLED, reason="Dependency", state_since=20.0)
    before = training(state=JobState.FAILED, state_since=20.0)
    assert chain.was_not_run(chain.without_training(job, before, 100.0))
    assert not chain.was_not_run(chain.without_training(job, None, 100.0))
