"""A training and the prediction behind it: both once, whatever ends in between."""

from __future__ import annotations

import re

import pytest

from sleap_remote_plugin.errors import AlreadySubmitted, RemoteError
from sleap_remote_plugin.jobs.chain import is_owed
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.record import SCRIPT_NAME, load_record
from tests.cluster.laptop import wait_for
from tests.faults.child import THEN_STEPS
from tests.faults.trial import (
    STUB,
    fingerprint,
    preview_chain,
    save_chain,
    submit_chain,
)
from tests.ssh.waiting import wait_until

pytestmark = pytest.mark.cluster
long = pytest.mark.faults

NOT_SENT = list(THEN_STEPS)[: list(THEN_STEPS).index("then: ready to send") + 1]
SHORT = [("then: folder claimed", "before"), ("then: answer read", "before")]


def by_kind(session):
    return {job.kind: job for job in session.jobs()}


def script_of(session, job):
    """What SLURM was given."""
    return without_uids((session.local_folder(job) / SCRIPT_NAME).read_text())


def without_uids(script):
    """The jobs' own names in our list are new each time."""
    return re.sub(r"\b[0-9a-f]{10}\b", "UID", script)


def predictions_on(trials):
    """SLURM ids of all predictions that the cluster has heard of."""
    line = (
        "squeue -h -t all -o '%A|%j'; "
        "sacct -X -D -n -P -S now-1hours -o JobIDRaw,JobName"
    )
    shown = trials.practice.run("gateway", ["bash", "-lc", line]).stdout.splitlines()
    return {one.split("|")[0] for one in shown if "|sleap-predict-" in one}


def on_gateway(trials, line):
    done = trials.practice.run("gateway", ["bash", "-lc", line])
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_prediction_follows_its_training_by_itself_and_is_sent_once(trials, session):
    before = predictions_on(trials)
    package = trials.package(sleep=3)
    shown = preview_chain(session, package)
    sent = submit_chain(session, package)
    assert sent.problem == ""
    known = shown[1].replace("<id of the training>", sent.training.slurm_id)
    assert script_of(session, sent.training) == without_uids(shown[0])
    assert script_of(session, sent.prediction) == without_uids(known)
    assert sent.prediction.parent == sent.training.uid
    waiting = wait_for(session, sent.prediction, lambda job: job.note)
    assert waiting.state is JobState.QUEUED
    assert waiting.note == "It waits for its training to finish."
    with pytest.raises(AlreadySubmitted, match=sent.prediction.slurm_id):
        session.submit_then(sent.training, STUB)
    session.forget(sent.prediction)  # the list's, not the cluster's
    assert is_owed(sent.training, session.jobs())
    with pytest.raises(AlreadySubmitted, match="Nothing was sent a second time"):
        session.submit_then(sent.training, STUB)

    trials.ended(session)
    ends = by_kind(session)
    assert {job.state for job in ends.values()} == {JobState.COMPLETED}
    (found,) = session.results(ends[JobKind.PREDICT]).predictions
    assert found.path.name == "mouse.mp4.predictions.slp"
    assert predictions_on(trials) - before == {sent.prediction.slurm_id}
    with pytest.raises(AlreadySubmitted):
        session.submit_then(sent.training, STUB)


def test_both_run_by_hand_one_after_the_other_as_often_as_wanted(trials, session):
    package = trials.package(sleep=2)
    folder = package.folder.parent / "by hand's folder"
    readme = save_chain(session, package, folder)
    words = "\n".join(re.findall(r"^  (.*)$", readme, re.M))
    output = folder / "predictions" / "mouse.mp4.predictions.slp"
    for _ in range(2):
        said = on_gateway(trials, "set -e\n" + words)
        (second,) = re.findall(r"Submitted batch job (\d+)", said)
        assert "(Dependency)" in said
        wait_until(lambda: not on_gateway(trials, "squeue -h --me"))
        ended = on_gateway(trials, "sacct -n -X -P -o State -j " + second)
        assert ended.split() == ["COMPLETED"]
        assert output.is_file()
        output.unlink()
    assert session.refresh() == ()


def test_a_prediction_whose_training_failed_ends_in_words_and_follows_the_next(
    trials, session
):
    package = trials.package(exit=3)
    sent = submit_chain(session, package)
    trials.ended(session)
    ends = by_kind(session)
    assert ends[JobKind.TRAIN].state is JobState.FAILED
    prediction = wait_for(session, sent.prediction, lambda job: "Not run" in job.note)
    assert prediction.state is JobState.CANCELLED
    assert prediction.note == "Not run, because “labels top-down” failed."
    assert session.diagnose(prediction).cause == prediction.note
    assert load_record(session.local_folder(prediction)).note == prediction.note
    with pytest.raises(RemoteError, match="failed, so there are no whole models"):
        session.resubmit(prediction)
    asked = sent.training.resources
    again = session.resubmit_chain(ends[JobKind.TRAIN], asked, asked, "again", STUB)
    assert again.problem == ""
    trials.ended(session)
    known = {job.uid: job.state for job in session.jobs()}
    assert known[again.training.uid] is JobState.COMPLETED
    assert known[again.prediction.uid] is JobState.COMPLETED


def test_a_cancelled_training_takes_its_prediction_along(trials, session):
    sent = submit_chain(session, trials.package(sleep=60))
    session.cancel(sent.training)
    prediction = wait_for(session, sent.prediction, lambda job: "Not run" in job.note)
    assert prediction.state is JobState.CANCELLED
    assert prediction.note == "Not run, because “labels top-down” was cancelled."


def killed_cases():
    for step in THEN_STEPS:
        for when in ("before", "after"):
            marks = () if (step, when) in SHORT else (long,)
            yield pytest.param(step, when, marks=marks)


@pytest.mark.parametrize(("step", "when"), list(killed_cases()))
def test_a_program_killed_between_the_two_leaves_one_of_each(
    trials, open_it, step, when
):
    package = trials.package(sleep=2)
    before, others = fingerprint(package.folder), predictions_on(trials)
    child = trials.child(package, step=step, when=when, chain=True)
    out, err = child.communicate(timeout=60)
    assert child.returncode == -9, out + err

    session = open_it()
    trials.settled(session)
    jobs = session.jobs()
    (training,) = [job for job in jobs if job.kind is JobKind.TRAIN]
    if is_owed(training, jobs):
        session.submit_then(training, STUB)
    elif step in NOT_SENT:  # it was begun, and given up in words
        (given_up,) = [job for job in jobs if job.kind is JobKind.PREDICT]
        assert "submit it again" in given_up.note.lower()
        session.resubmit(given_up, module=STUB)
    trials.ended(session)
    where = "{} {}".format(when, step)
    trials.judge("killed", where, session, package, before, (1, 1))
    sent = predictions_on(trials) - others
    assert len(sent) == 1
    predicted = [job for job in session.jobs() if job.slurm_id in sent]
    assert [job.state for job in predicted] == [JobState.COMPLETED]
