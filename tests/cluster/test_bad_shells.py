"""Start-up files that interfere, and login shells that are not bash.

Each goes through a whole session: offers, mount proof, a job, its cancelling. Beside
it lies what is noisy and works, and what ends the shell and is told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import JobState
from tests.cluster.bad_days import TESTED_ONCE, Laptop, assert_sentence
from tests.cluster.laptop import (
    any_generation,
    broken_package,
    submit_training,
    wait_for,
)

pytestmark = [pytest.mark.cluster, TESTED_ONCE]


@pytest.fixture
def laptop(home, alone, whole_practice):
    one = Laptop(home, whole_practice)
    yield one
    one.session.disconnect()


WORK_ALL_THE_SAME = [
    "motd",
    "rc:prints",
    "login-shell:fish",
    "login-shell:zsh",
    "login-shell:tcsh",
]


@pytest.mark.parametrize("fault", WORK_ALL_THE_SAME)
def test_a_whole_session_goes_through(laptop, whole_practice, place, held, fault):
    whole_practice.fail(fault)
    session = laptop.session
    laptop.works()
    partitions = {one.name for one in session.partitions()}
    modules = {one.name for one in session.modules()}
    assert partitions == set(whole_practice.partitions)
    assert modules == set(whole_practice.modules.values())

    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)
    assert (job.state, job.note) == (JobState.QUEUED, "")
    assert job.slurm_id.isdigit()
    job = wait_for(session, job, lambda job: job.reason == "PartitionDown")
    assert session.troubles == ()
    verdicts = {line.subject: line.verdict for line in session.check(folder=place)}
    assert "fail" not in verdicts.values(), verdicts
    job = wait_for(session, session.cancel(job), lambda job: job.state.is_final)
    assert job.state is JobState.CANCELLED


@pytest.mark.parametrize("fault", ["rc:exits", "rc:execs"])
def test_a_shell_that_ends_before_the_command_is_told_and_nothing_is_believed(
    laptop, whole_practice, place, held, fault
):
    session = laptop.session
    laptop.works()
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)
    session.disconnect()
    whole_practice.fail(fault)
    before = laptop.stored()
    with pytest.raises(RemoteError) as caught:
        laptop.works()

    assert_sentence(caught.value, ".bashrc", "gateway")
    # An empty answer is no answer: the job is not taken for gone.
    with pytest.raises(RemoteError):
        session.refresh()
    assert session.jobs() == (job,)
    assert laptop.stored() == before
    with pytest.raises(RemoteError):
        submit_training(session, broken_package(place / "b", package.generation))
    assert session.jobs() == (job,)

    whole_practice.mend()
    laptop.works()
    assert wait_for(session, job, lambda job: job.reason).state is JobState.QUEUED
    session.cancel(job)


def test_the_noise_is_really_there(whole_practice):
    """Else the first test would be of a quiet cluster."""
    argv = ["runuser", "-l", whole_practice.user, "-c", "true"]
    whole_practice.fail("motd")
    heard = whole_practice.run_as_root("gateway", argv, errors="replace")

    assert "rule 200" in heard.stdout
    assert "rule 200" in heard.stderr
    assert "\ufffd" in heard.stdout
    shells = {}
    for shell in ("fish", "zsh", "tcsh"):
        whole_practice.fail("login-shell:" + shell)
        found = whole_practice.run_as_root(
            "gateway", ["getent", "passwd", whole_practice.user]
        )
        shells[shell] = Path(found.stdout.strip().split(":")[-1]).name
    assert shells == {shell: shell for shell in shells}
