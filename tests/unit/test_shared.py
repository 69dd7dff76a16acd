"""Windows on one list of jobs: one of them asks SLURM."""

from __future__ import annotations

import sqlite3

import pytest

from sleap_remote_plugin.session.shared import Turn, Turns


@pytest.fixture
def path(tmp_path):
    sqlite3.connect(str(tmp_path / "jobs.sqlite")).close()
    (tmp_path / "jobs.sqlite").touch()
    return tmp_path / "jobs.sqlite"


@pytest.fixture
def windows(path):
    return Turns(path, "c"), Turns(path, "c")


def test_of_two_windows_one_asks(windows):
    first, second = windows
    assert first.take(100.0, 5.0) is Turn.ALL
    assert second.take(100.1, 5.0) is Turn.NOBODY
    asked = [
        one
        for tick in range(1, 20)
        for one in (second, first)
        if one.take(100.0 + 5.0 * tick, 5.0) is Turn.ALL
    ]
    assert asked == [first] * 19


def test_between_two_questions_the_one_that_asks_may_ask_for_ends(windows):
    first, second = windows
    first.take(100.0, 60.0)
    assert first.take(110.0, 60.0) is Turn.ENDS
    assert second.take(110.0, 60.0) is Turn.NOBODY


def test_a_window_that_was_closed_is_followed_by_another(windows):
    first, second = windows
    first.take(100.0, 20.0)
    assert second.take(120.0, 20.0) is Turn.NOBODY
    assert second.take(134.0, 20.0) is Turn.ALL


def test_a_window_that_cannot_ask_lets_another_ask(windows):
    first, second = windows
    first.take(100.0, 5.0)
    first.failed(100.0)
    assert first.take(105.0, 5.0) is Turn.NOBODY
    assert second.take(105.0, 5.0) is Turn.ALL


def test_the_user_asks_at_once_and_sets_the_clock(windows):
    first, second = windows
    first.take(100.0, 60.0)
    assert second.take(101.0, 60.0, at_once=True) is Turn.ALL
    assert first.take(102.0, 60.0) is Turn.NOBODY


def test_what_could_not_be_asked_is_seen_in_both(windows):
    first, second = windows
    first.take(100.0, 5.0)
    first.answered(100.0, ["SLURM's accounting does not answer just now."])
    assert second.troubles == ("SLURM's accounting does not answer just now.",)
    first.answered(105.0, [])
    assert second.troubles == ()


def test_clusters_do_not_wait_for_each_other(path):
    assert Turns(path, "one").take(100.0, 60.0) is Turn.ALL
    assert Turns(path, "two").take(100.0, 60.0) is Turn.ALL


def test_a_clock_that_was_put_back_stops_nobody(windows):
    first, _ = windows
    first.take(1e9, 60.0)
    assert first.take(100.0, 60.0) is Turn.ALL


def test_without_open_jobs_nobody_asks_the_controller(windows):
    first, second = windows
    first.take(100.0, 5.0)
    assert first.take(200.0, None) is Turn.ENDS
    assert second.take(200.0, None) is Turn.NOBODY


@pytest.mark.parametrize("content", [None, b"", b"no database " * 100])
def test_a_list_that_cannot_be_used_lets_each_window_ask(tmp_path, content):
    path = tmp_path / "jobs.sqlite"
    if content:
        path.write_bytes(content)
    turns = Turns(path, "c")
    assert turns.take(100.0, 5.0) is Turn.ALL
    turns.answered(100.0, ["x"])
    turns.failed(100.0)
    assert turns.troubles == ()


def test_before_the_first_job_there_is_nothing_to_share_and_nothing_to_log(
    tmp_path, caplog
):
    turns = Turns(tmp_path / "jobs.sqlite", "c")
    assert turns.take(100.0, 5.0) is Turn.ALL
    assert turns.take(101.0, 5.0, at_once=True) is Turn.ALL
    turns.answered(101.0, ("sacct is down",))
    turns.failed(102.0)
    assert turns.troubles == ()
    assert not (tmp_path / "jobs.sqlite").exists()
    assert caplog.messages == []
