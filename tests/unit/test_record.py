from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.record import (
    RECORD_NAME,
    load_record,
    read_witness,
    safe_stem,
    save_record,
    save_whole,
    witness_report,
)
from sleap_remote_plugin.jobs.resources import Resources

JOB = Job("0a", JobKind.PREDICT, "é", "p", "/f", "c", Resources())


def line(event, **values):
    found = {"event": event, "time": 10, "host": "n", "job": "7", "task": ""}
    found.update(values)
    return json.dumps(found) + "\n"


def test_a_record_is_read_as_it_was_written(tmp_path):
    save_record(tmp_path, JOB)
    assert load_record(tmp_path) == JOB
    assert [p.name for p in tmp_path.iterdir()] == [RECORD_NAME]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 99}', '{"format": 1}', "1"]
)
def test_a_damaged_record_is_a_sentence(tmp_path, text):
    (tmp_path / RECORD_NAME).write_text(text)
    with pytest.raises(StoreProblem, match="job itself is untouched"):
        load_record(tmp_path)


def test_a_record_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(StoreProblem, match="Check that the mount"):
        save_record(tmp_path / "gone", JOB)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    target = tmp_path / "a"
    save_whole(target, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_whole(target, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_a_witness_tells_start_and_end():
    text = line("started") + line("step", index=0, exit_code=0)
    assert witness_report(read_witness(text)).state is JobState.RUNNING
    report = witness_report(read_witness(text + line("ended", exit_code=3, time=15)))
    assert (report.state, report.exit_code) == (JobState.FAILED, "3:0")
    assert report.elapsed == 5


def test_an_end_by_a_signal_is_left_to_slurm():
    text = line("started") + line("ended", exit_code=143, signal="TERM")
    assert witness_report(read_witness(text)).state is JobState.FINISHING


def test_a_restart_after_an_end_is_running_again():
    text = line("started") + line("ended", exit_code=1) + line("started", restart=1)
    report = witness_report(read_witness(text))
    assert (report.state, report.restarts) == (JobState.RUNNING, 1)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_partial_last_line_is_passed_over(cut):
    text = line("started") + line("ended", exit_code=0)[:cut]
    assert len(read_witness(text)) == 1


@given(st.text(max_size=200))
def test_a_foreign_witness_is_never_an_exception(text):
    witness_report(read_witness(text))


@given(
    st.dictionaries(
        st.sampled_from(["time", "restart", "index", "exit_code"]),
        st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.just([]),
    )
)
def test_odd_values_in_a_witness_are_never_an_exception(values):
    witness_report(read_witness(json.dumps(dict(values, event="started"))))


@given(st.text())
def test_a_stem_is_safe_on_every_system(text):
    stem = safe_stem(text)
    assert stem
    assert not set(stem) & set('<>:"/\\|?* \n')
    assert len(stem) <= 80
