"""How reports become states: arrays, witnesses, silence."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import ClusterBusy
from sleap_remote_plugin.jobs.job import Job, JobKind, JobReport, JobState, Task
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER, WitnessEvent
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.monitor import (
    SILENCE_PATIENCE,
    Monitor,
    combined,
    next_poll,
    query,
    with_witness,
)
from sleap_remote_plugin.ssh.transport import CommandResult

Q, R, C, F, X = (
    JobState.QUEUED,
    JobState.RUNNING,
    JobState.COMPLETED,
    JobState.FAILED,
    JobState.CANCELLED,
)


def make_job(state=JobState.QUEUED, tasks=1, kind=JobKind.TRAIN, **values):
    return Job(
        uid="a1",
        kind=kind,
        name="n",
        project="/p.slp",
        folder="/ceph/f",
        cluster="c",
        resources=Resources(),
        tasks=tuple(Task(str(n), "models/%d" % n) for n in range(tasks)),
        slurm_id="7",
        state=state,
        **values,
    )


class Answers:
    """A stand-in for the connection: squeue and sacct say what the test wants."""

    def __init__(self, queue=(0, "", ""), accounts=(0, "", "")):
        self.said = {"squeue": queue, "sacct": accounts}
        self.asked = []

    def run(self, argv, **_):
        program = next(word for word in argv if word in self.said)
        self.asked.append(program)
        return CommandResult(tuple(argv), *self.said[program])


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ([Q, Q], Q),
        ([Q, R], R),
        ([Q, C], R),  # some are done, some wait: the job has begun
        ([R, C], R),
        ([C, C], C),
        ([C, F], F),
        ([C, X], X),
        ([C, None], C),
        ([], None),
        ([None], None),
    ],
)
def test_a_job_array_is_as_its_tasks_are(states, whole):
    reports = [JobReport("7", state, task=str(n)) for n, state in enumerate(states)]
    found = combined(reports)
    assert (found and found.state) is whole


def test_a_job_that_squeue_no_longer_has_is_looked_for_in_the_accounts():
    transport = Answers()
    query([make_job()], transport)
    assert transport.asked == ["squeue", "sacct"]


def test_silence_of_both_changes_nothing():
    assert query([make_job()], Answers())[0] == {}


def test_accounting_that_is_down_is_a_trouble_not_an_end():
    transport = Answers(accounts=(1, "", "Connection refused"))
    found, troubles = query([make_job()], transport)
    assert found == {}
    assert "accounting" in troubles[0]


def test_neither_answering_is_said():
    down = (1, "", "Unable to contact slurm controller")
    with pytest.raises(ClusterBusy):
        query([make_job()], Answers(queue=down, accounts=down))


def test_no_job_asks_nothing():
    transport = Answers()
    query([], transport)
    assert transport.asked == []


# -- the witness ---------------------------------------------------------------------


def event(what, time=10.0, **values):
    return WitnessEvent(what, time, "node1", "7", **values)


def test_a_started_job_runs_though_slurm_is_silent():
    job = with_witness(make_job(), [event("started")], 20.0)
    assert (job.state, job.node) == (JobState.RUNNING, "node1")


def test_the_witness_of_a_doubtful_submission_gives_it_its_id():
    doubtful = make_job(JobState.UNCONFIRMED).changed(slurm_id="")
    job = with_witness(doubtful, [event("started")], 20.0)
    assert (job.slurm_id, job.state) == ("7", JobState.RUNNING)


def test_each_models_exit_code_is_kept():
    events = [event("started"), event("step", index=0, exit_code=0)]
    events += [event("step", index=1, exit_code=3)]
    job = with_witness(make_job(tasks=2), events, 20.0)
    assert [task.exit_code for task in job.tasks] == [0, 3]


def test_a_good_end_is_believed_before_slurm_tells():
    events = [event("started"), event("ended", exit_code=0)]
    assert with_witness(make_job(), events, 20.0).state is JobState.FINISHING


def test_one_tasks_end_does_not_end_the_array():
    events = [event("started"), event("ended", exit_code=0)]
    job = with_witness(make_job(tasks=3, kind=JobKind.PREDICT), events, 20.0)
    assert not job.state.is_final
    assert job.state is not JobState.FINISHING


def test_an_ended_job_is_not_brought_back_by_its_old_witness():
    job = make_job(JobState.CANCELLED)
    assert with_witness(job, [event("started")], 20.0).state is JobState.CANCELLED


# -- silence -------------------------------------------------------------------------


def look(job, folder, now, transport=None):
    """What one look changes in a job."""
    monitor = Monitor(transport or Answers(), lambda _: folder, lambda: now)
    change = monitor.changes([job]).get(job.uid)
    return change(job) if change else job


def write_witness(folder, *lines):
    (folder / WITNESS_FOLDER).mkdir()
    (folder / WITNESS_FOLDER / "job.jsonl").write_text("\n".join(lines) + "\n")


def test_a_job_that_nobody_knows_stays_as_it_was_for_an_hour(tmp_path):
    job = make_job(R, seen=1000.0)
    assert look(job, tmp_path, 1000.0 + SILENCE_PATIENCE) == job


def test_a_job_that_nobody_knows_for_longer_is_lost_in_words(tmp_path):
    job = look(make_job(R, seen=1000.0), tmp_path, 1001.0 + SILENCE_PATIENCE)
    assert job.state is JobState.LOST
    assert "for 1 h" in job.note


def test_a_job_is_not_lost_while_accounting_is_down(tmp_path):
    down = Answers(accounts=(1, "", "Connection refused"))
    job = make_job(R, seen=1000.0)
    assert look(job, tmp_path, 1e6, down) == job


def test_a_failure_that_only_the_job_itself_told_is_a_failure(tmp_path):
    write_witness(
        tmp_path,
        '{"event": "started", "job": "7", "time": 10}',
        '{"event": "ended", "job": "7", "time": 20, "exit_code": 3}',
    )
    job = look(make_job(R, seen=1000.0), tmp_path, 1010.0)
    assert (job.state, job.exit_code) == (F, "3:0")


# -- when to look again --------------------------------------------------------------


def test_no_open_job_needs_no_look():
    assert next_poll([make_job(JobState.COMPLETED)], 0.0) is None


@pytest.mark.parametrize(
    ("age", "wait"), [(0, 5.0), (600, 5.0), (3600, 30.0), (86400, 60.0)]
)
def test_looks_get_rarer_with_a_jobs_age(age, wait):
    assert next_poll([make_job(submitted=1000.0)], 1000.0 + age) == wait


def test_the_youngest_job_sets_the_pace():
    jobs = [make_job(submitted=0.0), make_job(submitted=86400.0)]
    assert next_poll(jobs, 86400.0) == 5.0
