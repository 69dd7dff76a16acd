"""A cluster without accounts: no sacct, and a queue that forgets a job at its end."""

from __future__ import annotations

import os

import pytest

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.session import recover
from tests.cluster.laptop import wait_for
from tests.cluster.test_session import AnswerLost, Killed
from tests.faults.conftest import install_stub
from tests.faults.trial import Trials, submit
from tests.practice import bring_up, command

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def practice(practice_cluster_possible, tmp_path_factory):
    """A practice cluster of this module's own."""
    folder = tmp_path_factory.mktemp("no_accounts")
    name, state = "n{}".format(os.getpid()), folder / "state"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        settings = bring_up(name, state, "--mount", folder / "ceph", "--no-accounting")
    try:
        install_stub(settings)
        yield settings
    finally:
        command("down", "--name", name, "--state", state)


@pytest.fixture(scope="module")
def fingerprints(practice):
    published = practice.status()["fingerprints"]
    return {one for kinds in published.values() for one in kinds.values()}


@pytest.fixture
def trials(practice, place, home, fingerprints):
    return Trials(practice, place, home, fingerprints, [])


def queue(practice):
    """SLURM ids that the queue still knows, ended jobs too."""
    return practice.run("gateway", ["squeue", "-h", "-t", "all", "-o", "%A"]).stdout


def wait_until_forgotten(practice, job):
    line = "until ! squeue -h -t all -o %A | grep -qx {}; do sleep 0.2; done"
    argv = ["timeout", "60", "bash", "-lc", line.format(job.slurm_id)]
    assert practice.run("gateway", argv).returncode == 0


def test_ends_are_right_though_nobody_keeps_accounts(trials, open_it, practice):
    asked = practice.run("gateway", ["sacct"])
    assert "accounting storage is disabled" in asked.stderr
    session = open_it()
    good, bad = trials.package(), trials.package(exit=3)
    long, lost = trials.package(sleep=60), trials.package()
    jobs = [submit(session, package) for package in (good, bad, long)]
    wait_for(session, jobs[2], lambda job: job.state is JobState.RUNNING)
    transport, session.transport = session.transport, AnswerLost(session.transport)
    jobs.append(submit(session, lost))
    session.transport = transport
    assert jobs[3].state is JobState.UNCONFIRMED

    cancelled = session.cancel(jobs[2])
    ends = {job.uid: job for job in trials.ended(session)}

    assert cancelled.state in (JobState.FINISHING, JobState.CANCELLED)
    wanted = [JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED]
    states = [ends[job.uid].state for job in jobs]
    assert states == wanted + [JobState.COMPLETED]
    assert session.troubles == ()
    assert session.results(ends[jobs[0].uid]).runs


def test_an_end_that_the_queue_forgot_is_told_by_the_jobs_own_account(
    trials, open_it, practice
):
    session = open_it()
    jobs = [submit(session, trials.package()), submit(session, trials.package(exit=3))]
    for job in jobs:
        wait_until_forgotten(practice, job)
    assert queue(practice).split() == []

    ends = {job.uid: job.state for job in trials.ended(session)}

    assert [ends[job.uid] for job in jobs] == [JobState.COMPLETED, JobState.FAILED]


def test_what_was_never_taken_is_lost_in_words(trials, open_it, monkeypatch):
    monkeypatch.setattr(recover, "DOUBT_PATIENCE", 1.0)
    session = open_it()
    package = trials.package()
    transport, session.transport = session.transport, Killed(session.transport)
    with pytest.raises(KeyboardInterrupt):
        submit(session, package)
    session.transport = transport

    (job,) = trials.settled(session)

    assert job.state is JobState.LOST
    assert "submit it again" in job.note
    assert submit(session, package).slurm_id
