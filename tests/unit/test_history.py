"""What happened to a job: from its events, its own account, its state."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.history import (
    CANCEL_ASKED,
    LOADED,
    MOST_EVENTS,
    REQUEUED,
    history_of,
    recorded,
    with_event,
)
from sleap_remote_plugin.jobs.job import (
    Job,
    JobKind,
    JobReport,
    JobState,
    Task,
    advance,
    job_from_dict,
    job_to_dict,
)
from sleap_remote_plugin.jobs.record import WitnessEvent
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.store import Store


def a_job(state=JobState.QUEUED, **values):
    return Job(
        **{
            "uid": "u1",
            "kind": JobKind.TRAIN,
            "name": "n",
            "project": "p",
            "folder": "/c/f",
            "cluster": "c",
            "resources": Resources(),
            "tasks": (Task("centroid", "a"), Task("instance", "b")),
            "slurm_id": "7",
            "state": state,
            "created": 50.0,
            "submitted": 100.0,
            **values,
        }
    )


def words(job, account=()):
    return [line.words for line in history_of(job, account)]


def event(name, time, **values):
    return WitnessEvent(name, time, "gpu-1", "7", **values)


ACCOUNT = (
    event("started", 200.0),
    event("step", 500.0, index=0, exit_code=0),
    event("step", 4000.0, index=1, exit_code=0),
    event("ended", 4001.0, exit_code=0),
)


def test_a_pipeline_tells_each_models_start_and_end():
    job = a_job(JobState.COMPLETED, started=200.0, ended=4001.0, state_since=4010.0)
    assert words(job, ACCOUNT) == [
        "Submitted as SLURM job 7, partition gpu.",
        "Started on gpu-1.",
        "centroid began.",
        "centroid is trained, after 5 min.",
        "instance began.",
        "instance is trained, after 58 min.",
        "Ended without an error.",
        "Collected: everything that it should make is there and whole.",
    ]


def test_without_an_account_the_list_tells_what_it_knows():
    job = a_job(JobState.FAILED, started=200.0, ended=300.0, node="gpu-2")
    assert words(job) == [
        "Submitted as SLURM job 7, partition gpu.",
        "Started on gpu-2.",
        "Failed.",
    ]


def test_what_nobody_told_is_not_invented():
    assert words(a_job(submitted=None, created=0.0)) == []
    assert len(words(a_job())) == 1


def test_an_account_of_another_slurm_job_is_left_out():
    other = WitnessEvent("started", 150.0, "gpu-9", "6")
    assert "gpu-9" not in " ".join(words(a_job(), (other,)))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("CANCELLED by 20001", "Cancelled by the user with number 20001."),
        ("CANCELLED by 0", "Cancelled by an administrator (root)."),
        ("", "Cancelled."),
    ],
)
def test_who_cancelled_a_job_is_said_as_slurm_says_it(reason, said):
    report = JobReport(
        "7",
        JobState.CANCELLED,
        reason or "CANCELLED",
        reason="BeginTime",  # of when it waited: said still
        source="sacct",
    )
    before = a_job(JobState.RUNNING, started=200.0)
    after = recorded(before, advance(before, report, 300.0))
    assert words(after)[-1] == said


def test_who_cancelled_it_is_said_though_the_accounts_come_later():
    before = a_job(JobState.RUNNING, started=200.0)
    queue = JobReport("7", JobState.CANCELLED, "CANCELLED", source="squeue")
    job = recorded(before, advance(before, queue, 300.0))
    assert words(job)[-1] == "Cancelled."
    late = JobReport("7", JobState.CANCELLED, "CANCELLED by 0", source="sacct")
    job = recorded(job, advance(job, late, 305.0))
    assert words(job)[-1] == "Cancelled by an administrator (root)."


def test_reasons_to_wait_are_told_once_each():
    job = a_job()
    for note in ("Waits for a GPU.", "Waits its turn.", "Waits for a GPU."):
        job = recorded(job, job.changed(note=note, seen=(job.seen or 100.0) + 5))
    assert words(job)[1:] == ["Waits for a GPU.", "Waits its turn."]


def test_a_requeue_is_told_and_its_reasons_again():
    job = recorded(a_job(), a_job(note="Waits for a GPU.", seen=110.0))
    job = recorded(job, job.changed(state=JobState.RUNNING, started=120.0, note=""))
    back = job.changed(
        state=JobState.QUEUED, restarts=1, note="Waits for a GPU.", seen=130.0
    )
    job = recorded(job, back)
    assert words(job)[-2:] == [
        "SLURM put it back into the queue.",
        "Waits for a GPU.",
    ]


def test_a_restarted_task_says_for_which_time_it_started():
    account = (event("started", 200.0), event("started", 900.0, restart=1))
    assert "Started on gpu-1, for the 2. time." in words(a_job(), account)


def test_a_task_of_an_array_is_called_by_its_video():
    job = a_job(kind=JobKind.PREDICT, tasks=(Task("a.mp4", "a"), Task("b.mp4", "b")))
    account = (
        event("started", 200.0, task="1"),
        event("step", 260.0, task="1", index=1, exit_code=1),
        event("ended", 261.0, task="1", exit_code=1),
    )
    assert words(job, account)[1:] == [
        "b.mp4 started on gpu-1.",
        "b.mp4 ended with exit code 1.",
        "b.mp4 ended with exit code 1.",
    ]


def test_what_the_user_did_is_in_it():
    job = with_event(a_job(), 150.0, CANCEL_ASKED)
    job = with_event(job, 160.0, LOADED, "labels.v002.slp")
    assert words(job)[1:] == [
        "You asked SLURM to cancel it.",
        "Predictions loaded into labels.v002.slp.",
    ]


def test_the_list_writes_down_what_a_change_was(tmp_path):
    store = Store(tmp_path / "jobs.sqlite")
    store.add(a_job())
    running = {"state": JobState.RUNNING, "started": 120.0}
    store.update("u1", lambda job: job.changed(**running))
    (kept,) = store.jobs()
    assert [one.what for one in kept.events] == ["running"]
    assert store.update("u1", lambda job: job) == kept


def test_events_outlive_the_record():
    job = with_event(a_job(), 1.5, REQUEUED, "w")
    assert job_from_dict(json.loads(json.dumps(job_to_dict(job)))) == job
    assert hash(job_from_dict(job_to_dict(job))) == hash(job)


def test_a_history_does_not_grow_without_end():
    job = a_job()
    for n in range(MOST_EVENTS + 9):
        job = with_event(job, float(n), "queued", str(n))
    assert len(job.events) == MOST_EVENTS
    assert job.events[-1].words == str(MOST_EVENTS + 8)


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            WitnessEvent,
            st.sampled_from(["started", "step", "time_limit", "ended", "?"]),
            st.floats(),
            st.text(max_size=9),
            st.sampled_from(["", "7"]),
            st.text(max_size=9),
            st.integers(0, 3),
            st.integers(-2, 9),
            st.none() | st.integers(0, 255),
            st.text(max_size=5),
        ),
        max_size=12,
    )
)
def test_any_account_gives_harmless_lines_in_order(account):
    lines = history_of(a_job(JobState.FAILED), account)
    assert [line.time for line in lines] == sorted(line.time for line in lines)
    assert all("\n" not in line.words and "\x1b" not in line.words for line in lines)
