from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.job import (
    Job,
    JobKind,
    JobReport,
    JobState,
    Task,
    advance,
    job_from_dict,
    job_to_dict,
    new_uid,
)
from sleap_remote_plugin.jobs.resources import Resources

STATES = st.sampled_from(list(JobState))


def job(state, **values):
    return Job(
        "0a", JobKind.TRAIN, "n", "p", "/f", "c", Resources(), state=state, **values
    )


def report(state, source="squeue", **values):
    return JobReport("7", state, source=source, **values)


def test_a_word_that_nobody_knows_changes_nothing():
    before = job(JobState.RUNNING)
    assert advance(before, report(None), 5.0) is before


def test_completed_by_slurm_is_finishing_until_the_artefacts_were_seen():
    after = advance(job(JobState.RUNNING), report(JobState.COMPLETED, "sacct"), 5.0)
    assert after.state is JobState.FINISHING
    assert after.seen == 5.0


def test_a_job_waiting_again_was_requeued():
    before = job(JobState.RUNNING, started=1.0, elapsed=9.0)
    after = advance(before, report(JobState.QUEUED), 5.0)
    assert after.state is JobState.QUEUED
    assert (after.started, after.elapsed, after.restarts) == (None, None, 1)


def test_a_preempted_job_that_squeue_shows_waiting_lives_on():
    after = advance(job(JobState.PREEMPTED), report(JobState.QUEUED), 5.0)
    assert after.state is JobState.QUEUED


def test_sacct_never_takes_a_job_back():
    before = job(JobState.RUNNING)
    assert advance(before, report(JobState.QUEUED, "sacct"), 5.0) is before


@pytest.mark.parametrize("end", [JobState.COMPLETED, JobState.INCOMPLETE])
@given(state=STATES)
def test_results_that_were_seen_stay_seen(end, state):
    before = job(end)
    for source in ("squeue", "witness"):
        assert advance(before, report(state, source), 5.0).state is end


def test_sacct_may_say_better_how_a_job_ended():
    before = job(JobState.FAILED)
    after = advance(before, report(JobState.OUT_OF_MEMORY, "sacct", max_rss=5.0), 5.0)
    assert (after.state, after.max_rss) == (JobState.OUT_OF_MEMORY, 5.0)
    assert advance(before, report(JobState.CANCELLED), 5.0) is before


@given(STATES, st.lists(st.tuples(STATES, st.sampled_from(["sacct", "witness"]))))
def test_no_state_moves_backwards_without_squeue(first, reports):
    current = job(first)
    for state, source in reports:
        after = advance(current, report(state, source), 5.0)
        assert after.state.rank >= current.state.rank
        current = after


@given(STATES, st.text(), st.integers(-1, 9), st.none() | st.floats(0, 1e9))
def test_a_job_survives_json(state, text, index, moment):
    before = job(
        state, tasks=(Task(text, "o", text, index),), note=text, started=moment
    )
    values = json.loads(json.dumps(job_to_dict(before)))
    values["from_the_future"] = 1
    values["tasks"][0]["from_the_future"] = 1
    assert job_from_dict(values) == before


def test_uids_differ_and_job_names_are_safe():
    names = {job(JobState.QUEUED).changed(uid=new_uid()).slurm_name for _ in range(99)}
    assert len(names) == 99
    assert all(name.replace("-", "").isalnum() for name in names)
