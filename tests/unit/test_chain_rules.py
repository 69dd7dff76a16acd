"""A profile's rules hold for both jobs of a chain, before anything is sent."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sleap_remote_plugin.errors import RequestNotAllowed
from sleap_remote_plugin.jobs.chain import was_not_run, without_training
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, job_to_dict
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.chain import Chains, Then
from tests.qt.standins import a_job

GOOD, TOO_MANY = Resources(cpus=8), Resources(cpus=64)


class Untouched(Chains):
    """A session that has its profile alone: a further step would fail otherwise."""

    def __init__(self):
        self.profile = SimpleNamespace(rules=(FieldRule("cpus", most=16),), contact="")


@pytest.mark.parametrize(
    ("training", "prediction"), [(TOO_MANY, GOOD), (GOOD, TOO_MANY)]
)
def test_neither_job_is_sent_where_one_asks_for_too_much(training, prediction):
    then = Then(None, prediction, "predictions")
    with pytest.raises(RequestNotAllowed, match="Nothing was submitted"):
        Untouched().submit_chain(None, training, then, project="", name="", module=None)


@pytest.mark.parametrize(
    ("training", "prediction"), [(TOO_MANY, GOOD), (GOOD, TOO_MANY)]
)
def test_nor_is_the_package_copied_to_submit_them_again(training, prediction):
    following = Job(
        uid="p1",
        kind=JobKind.PREDICT,
        name="predictions",
        project="/mnt/lab/labels.slp",
        folder="/ceph/lab/labels.slp.prediction_job",
        cluster="practice",
        resources=GOOD,
        request={
            "after": "t1",
            "models": ["/ceph/lab/labels.slp.training_job/models/a"],
            "videos": [],
            "tracking": [],
            "options": [],
        },
    )
    job = following.changed(uid="t1", kind=JobKind.TRAIN, then=job_to_dict(following))
    with pytest.raises(RequestNotAllowed, match="Nothing was submitted"):
        AtHome().resubmit_chain(job, training, prediction, "", None)


class AtHome(Untouched):
    """The same; it knows where the folders are."""

    def _here(self, training, then, cluster):
        return cluster


@pytest.mark.parametrize(
    ("reason", "note", "since", "is_explained"),
    [
        ("Dependency", "", 100.0, True),
        ("DependencyNeverSatisfied", "", 100.0, True),
        # Asked when it had ended, SLURM gave no reason: the last one is in the note.
        ("", "It waits for its training to finish.", 100.0, True),
        ("", "It waits for its training to finish.", 10.0, False),  # long before
        ("", "", 100.0, False),
    ],
)
def test_a_prediction_that_its_training_let_down_is_told_from_a_cancelled_one(
    reason, note, since, is_explained
):
    training = a_job("t1", state=JobState.FAILED, state_since=100.0)
    prediction = a_job(
        "p1",
        kind=JobKind.PREDICT,
        request={"after": "t1"},
        state=JobState.CANCELLED,
        state_since=since,
        reason=reason,
        note=note,
    )
    found = without_training(prediction, training, 101.0)
    assert was_not_run(found) == is_explained
    assert (found == prediction) == (not is_explained)
