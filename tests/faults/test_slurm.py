"""What SLURM and its people do to a job that waits or runs: its true end is known."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER
from sleap_remote_plugin.session import monitor
from tests.cluster.laptop import wait_for
from tests.faults.test_witness import predict
from tests.faults.trial import fingerprint, submit

pytestmark = pytest.mark.cluster
long = pytest.mark.faults
NODE = "enc1-node4"  # the only one of the partition that trials use


def is_running(job):
    return job.state is JobState.RUNNING


def begun(folder):
    """Whether the batch script has said so: SLURM calls a job running before that."""
    return (folder / WITNESS_FOLDER / "job.jsonl").exists()


def running(trials, session, **asked):
    """A package whose job runs; its fingerprint; the job."""
    package = trials.package(sleep=60)
    before = fingerprint(package.folder)
    job = submit(session, package, **asked)
    job = wait_for(session, job, lambda job: is_running(job) and begun(package.folder))
    return package, before, job


# -- accounting and nodes ------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "right"),
    [
        pytest.param(0, JobState.COMPLETED, marks=long),
        (3, JobState.FAILED),
    ],
)
def test_slurmdbd_stopped_for_the_whole_life_of_a_job(
    trials, open_it, slurm, code, right
):
    package = trials.package(**({"exit": code} if code else {}))
    before = fingerprint(package.folder)
    session = open_it()
    trials.practice.fail("slurmdbd")
    submit(session, package)
    trials.ended(session)
    step = "whole life, exit code {}".format(code)
    trials.judge(
        "slurmdbd stopped", step, session, package, before, (1, 1), right=right
    )
    trials.practice.mend("slurmdbd")


@long
def test_a_node_that_loses_its_power(trials, open_it, slurm):
    session = open_it()
    package, before, _ = running(trials, session)
    trials.practice.fail("node:" + NODE)
    down = ["State=DOWN", "Reason=power"]  # as SLURM does after SlurmdTimeout
    slurm.admin("scontrol", "update", "NodeName=" + NODE, *down)
    trials.judge(
        "node killed",
        "while it runs",
        session,
        package,
        before,
        (1, 1),
        right=JobState.NODE_FAILED,
    )


# -- preemption, limits --------------------------------------------------------------


def push_aside(slurm, job):
    """A job of more weight takes the whole node for two seconds."""
    node = slurm.field(job.slurm_id, "%N")
    slurm.sbatch("sleep 2", "--partition=fast", "--exclusive", "--nodelist=" + node)


@long
def test_a_training_that_is_preempted_has_ended(trials, open_it, slurm):
    session = open_it()
    package, before, job = running(trials, session, partition="scavenge")
    push_aside(slurm, job)
    trials.judge(
        "preempted, not requeued",
        "while it runs",
        session,
        package,
        before,
        (1, 1),
        right=JobState.PREEMPTED,
    )


@long
def test_a_prediction_that_is_preempted_waits_and_runs_again(trials, open_it, slurm):
    session = open_it()
    package = trials.package()
    before = fingerprint(package.folder)
    slurm.partition("DOWN", "scavenge")  # until its SLEAP knows how long to take
    job, folder = predict(trials, session, 60, package, partition="scavenge")
    slurm.partition("UP", "scavenge")
    wait_for(session, job, lambda job: is_running(job) and begun(folder))
    (folder / "stub-sleep").write_text("0")
    push_aside(slurm, job)
    wait_for(session, job, lambda job: job.state is JobState.QUEUED)
    slurm.start_again(job.slurm_id)
    (after,) = trials.judge(
        "preempted, requeued",
        "while it runs",
        session,
        package,
        before,
        (1, 1),
        folder=folder.name,
    )
    assert after.restarts == 1


@long
def test_a_job_that_needs_more_memory_than_it_asked_for(trials, open_it, slurm):
    package = trials.package(memory=700)
    before = fingerprint(package.folder)
    session = open_it()
    submit(session, package, memory=100 << 20)
    trials.judge(
        "out of memory",
        "while it runs",
        session,
        package,
        before,
        (1, 1),
        right=JobState.OUT_OF_MEMORY,
    )


# -- administrators ------------------------------------------------------------------


@pytest.mark.parametrize(
    "step", [pytest.param("while it waits", marks=long), "while it runs"]
)
def test_a_job_that_an_administrator_cancels(trials, open_it, slurm, step):
    session = open_it()
    if step == "while it runs":
        package, before, job = running(trials, session)
    else:
        package = trials.package()
        before = fingerprint(package.folder)
        slurm.partition("DOWN")
        job = submit(session, package)
    slurm.admin("scancel", job.slurm_id)
    trials.judge(
        "scancel by an administrator",
        step,
        session,
        package,
        before,
        (1, 1),
        right=JobState.CANCELLED,
    )


@long
@pytest.mark.parametrize(
    ("who", "reason"), [("user", "JobHeldUser"), ("admin", "JobHeldAdmin")]
)
def test_a_held_job_waits_and_runs_once_it_is_released(
    trials, open_it, slurm, who, reason
):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    slurm.partition("DOWN")
    job = submit(session, package)
    getattr(slurm, who)("scontrol", "hold", job.slurm_id)
    slurm.partition("UP")
    job = wait_for(session, job, lambda job: job.reason == reason)
    assert job.state is JobState.QUEUED
    getattr(slurm, who)("scontrol", "release", job.slurm_id)
    step = "while it waits, released"
    trials.judge("held by " + who, step, session, package, before, (1, 1))


# -- ids that are given anew ---------------------------------------------------------


@long
def test_an_id_given_anew_while_nobody_looked_is_not_our_job(trials, open_it, slurm):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    slurm.wait(lambda: slurm.field(job.slurm_id, "%T") == "COMPLETED")
    assert trials.on_cluster(package.folder.name) == [job.slurm_id]
    slurm.forget_everything(job.slurm_id)
    assert slurm.sbatch("sleep 60; exit 3", "-Jsomething") == job.slurm_id
    trials.judge("id given anew", "after its end", session, package, before, (1, 1))
    slurm.wait(lambda: slurm.field(job.slurm_id, "%T") == "RUNNING")


@long
def test_an_id_given_anew_while_ours_waited(trials, open_it, slurm, monkeypatch):
    monkeypatch.setattr(monitor, "SILENCE_PATIENCE", 1.0)
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    slurm.partition("DOWN")
    job = submit(session, package)
    assert trials.on_cluster(package.folder.name) == [job.slurm_id]
    slurm.forget_everything(job.slurm_id)
    assert slurm.sbatch("sleep 60", "-Jsomething") == job.slurm_id
    slurm.wait(lambda: slurm.field(job.slurm_id, "%T") == "RUNNING")
    (ours,) = session.refresh()
    assert not is_running(ours)
    session.cancel(ours)  # which must not be the other's end
    assert slurm.field(job.slurm_id, "%T") == "RUNNING"
    trials.judge(
        "id given anew",
        "while it waits",
        session,
        package,
        before,
        (1, 1),
        right=JobState.LOST,
    )
