"""How jobs stand, by a real SLURM: held, requeued, cancelled, without its daemons.

The jobs are short scripts. SLURM is asked on the gateway itself; the way there has its
own tests.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import AlreadyEnded, RemoteError
from sleap_remote_plugin.jobs.history import history_of
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.cancel import cancel
from sleap_remote_plugin.session.following import Following
from sleap_remote_plugin.session.monitor import Monitor
from sleap_remote_plugin.session.shared import Turns
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.slurm import commands
from sleap_remote_plugin.ssh.local import LocalTransport
from sleap_remote_plugin.ssh.transport import CommandResult
from tests.practice import CHECKOUT

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        sys.version_info < (3, 8) and (CHECKOUT / ".venvs" / "sleap16").is_dir(),
        reason="SLURM is the same for both: its states are tested beside SLEAP 1.6.",
    ),
]


class Gateway(LocalTransport):
    """Commands on the gateway, as its user."""

    def __init__(self, practice):
        self.practice = practice
        self.asked = []

    def run(self, argv, **_):
        self.asked.extend(set(argv) & {"squeue", "sacct", "scontrol", "scancel"})
        done = self.practice.run("gateway", list(argv))
        return CommandResult(tuple(argv), done.returncode, done.stdout, done.stderr)


class Desk:
    """A user's list of jobs, and one window that follows them."""

    def __init__(self, practice, folder):
        self.practice = practice
        self.folder = folder
        self.transport = Gateway(practice)
        self.store = Store(folder / "jobs.sqlite")
        monitor = Monitor(self.transport, lambda job: folder / job.uid)
        turns = Turns(self.store.path, "c")
        self.following = Following(self.store, monitor, turns, monitor.local_folder)

    def submit(self, line, *options, tasks=1, kind=JobKind.TRAIN):
        uid = "t{}".format(len(self.store.jobs()))
        (self.folder / uid).mkdir()
        job = Job(
            uid,
            kind,
            uid,
            "/p.slp",
            "/f",
            "c",
            Resources(),
            tasks=tuple(Task("t", "models/%d" % n) for n in range(tasks)),
            state=JobState.QUEUED,
            submitted=time.time(),
        )
        argv = ["sbatch", "--parsable", "--job-name=" + job.slurm_name, "--chdir=/tmp"]
        argv += ["--output=/dev/null", "--partition=cpu", "--mem=200M", *options]
        done = self.practice.run("gateway", argv + ["--wrap", line])
        assert done.returncode == 0, done.stderr
        self.store.add(job.changed(slurm_id=done.stdout.split()[-1]))
        return uid

    def look(self, uid):
        self.following.look(self.store.jobs())
        return self.store.get(uid)

    def wait(self, uid, condition, seconds=60.0):
        deadline = time.monotonic() + seconds
        while True:
            try:
                job = self.look(uid)
            except RemoteError:
                job = self.store.get(uid)
            if condition(job):
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.2)

    def as_root(self, *argv):
        done = self.practice.run_as_root("controller", list(argv))
        assert done.returncode == 0, done.stderr

    def end(self, uid):
        return self.wait(uid, lambda job: job.state.is_final)


@pytest.fixture
def desk(whole_practice, tmp_path):
    made = Desk(whole_practice, Path(tmp_path))
    yield made
    whole_practice.mend()
    made.as_root("scancel", "--user=" + whole_practice.user)


def is_running(job):
    return job.state is JobState.RUNNING


def test_a_held_job_says_so_and_runs_when_it_is_released(desk):
    uid = desk.submit("sleep 1", "--hold")
    job = desk.wait(uid, lambda job: job.reason)
    assert (job.state, job.reason) == (JobState.QUEUED, "JobHeldUser")
    assert "scontrol release" in job.note
    desk.as_root("scontrol", "release", job.slurm_id)
    job = desk.wait(uid, lambda job: job.ended)
    assert job.state is JobState.FINISHING  # what it made is looked at next
    assert desk.wait(uid, lambda job: job.exit_code).exit_code == "0:0"


def test_a_requeued_job_waits_runs_again_and_is_cancelled_by_an_administrator(desk):
    uid = desk.submit("sleep 60", "--requeue")
    job = desk.wait(uid, is_running)
    desk.as_root("scontrol", "requeue", job.slurm_id)
    job = desk.wait(uid, lambda job: job.state is JobState.QUEUED)
    assert (job.restarts, job.started) == (1, None)
    for _ in range(2):  # and it stays so
        assert desk.look(uid).restarts == 1
    desk.as_root("scontrol", "update", "JobId=" + job.slurm_id, "StartTime=now")
    desk.wait(uid, is_running)
    desk.as_root("scancel", job.slurm_id)
    assert desk.end(uid).state is JobState.CANCELLED
    job = desk.wait(uid, lambda job: " by " in job.reason)
    told = [line.words for line in history_of(job, ())]
    assert "SLURM put it back into the queue." in told
    assert told[-1] == "Cancelled by an administrator (root)."


def test_a_job_that_needs_too_much_memory_is_out_of_memory(desk):
    uid = desk.submit("python3 -c 'bytearray(600 << 20)'", "--mem=50M")
    assert desk.end(uid).state is JobState.OUT_OF_MEMORY
    assert desk.wait(uid, lambda job: job.cpu_seconds is not None).cpu_seconds >= 0


def test_one_failed_task_of_an_array_fails_the_whole(desk):
    line = "exit $(( SLURM_ARRAY_TASK_ID == 0 ? 3 : 0 ))"
    uid = desk.submit(line, "--array=0-2%1", tasks=3, kind=JobKind.PREDICT)
    assert desk.end(uid).state is JobState.FAILED
    job = desk.wait(uid, lambda job: job.exit_code)
    assert job.exit_code == "3:0"


def test_a_job_that_lives_and_ends_without_accounting_is_judged_right(desk):
    desk.practice.fail("slurmdbd")
    uid = desk.submit("exit 3")
    assert desk.end(uid).state is JobState.FAILED
    assert any("accounting" in text for text in desk.following.troubles)


def test_a_controller_that_is_down_ends_no_job_and_is_only_pinged(desk, monkeypatch):
    monkeypatch.setattr(commands, "QUEUE_PATIENCE", 2)
    # Held: one that runs would be forgotten by a controller that is killed too soon,
    # and its node be shut for a job whose id is given anew.
    uid = desk.submit("sleep 1", "--hold")
    desk.wait(uid, lambda job: job.reason)
    before = desk.transport.asked.count("squeue")
    desk.practice.fail("slurmctld")
    for _ in range(2):
        assert desk.look(uid).state is JobState.QUEUED
    assert any("queue does not answer" in text for text in desk.following.troubles)
    assert desk.transport.asked.count("squeue") - before == 1
    desk.practice.mend("slurmctld")
    job = desk.wait(uid, lambda job: not desk.following.troubles)
    assert not job.state.is_final


def test_a_cancelled_job_is_seen_to_be_cancelled_and_only_once(desk):
    uid = desk.submit("sleep 60")
    desk.wait(uid, is_running)
    job = cancel(desk.store.get(uid), desk.transport, lambda: desk.look(uid))
    assert job.state in (JobState.CANCELLED, JobState.FINISHING)
    assert desk.end(uid).state is JobState.CANCELLED
    with pytest.raises(AlreadyEnded, match="is cancelled. Nothing was cancelled"):
        cancel(job, desk.transport, lambda: desk.look(uid))


def test_one_task_of_an_array_is_cancelled_and_the_others_go_on(desk):
    uid = desk.submit("sleep 60", "--array=0-1", tasks=2, kind=JobKind.PREDICT)
    job = desk.wait(uid, is_running)
    job = cancel(job, desk.transport, lambda: desk.look(uid), task="0")
    assert (job.state, job.note) == (JobState.RUNNING, "")
    shown = desk.practice.run(
        "gateway", ["squeue", "-h", "-r", "-t", "R,PD", "-j", job.slurm_id, "-o", "%K"]
    )
    assert shown.stdout.split() == ["1"]
