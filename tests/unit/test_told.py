"""What was told: by one of all windows, and once."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.told import AGAIN, TellOnce
from tests.unit.test_store import make_job

MARKS = (("u1", "running 0"), ("u2", "completed 0"))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "jobs.sqlite"
    Store(path).add(make_job("u1"))
    return path


def test_each_mark_is_told_by_the_first_who_asks(path):
    assert TellOnce(path).first(MARKS[:1], 1.0) == MARKS[:1]
    assert TellOnce(path).first(MARKS, 2.0) == MARKS[1:]
    assert TellOnce(path).first(MARKS, 3.0) == ()


def test_of_many_who_ask_at_once_one_tells(path):
    found = []
    together = threading.Barrier(4)

    def ask():
        together.wait(30)
        found.extend(TellOnce(path).first(MARKS, 1.0))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == sorted(MARKS)


def test_a_sign_in_may_be_told_again_later_and_after_a_wrong_clock(path):
    mark = (("sign-in swc", ""),)
    told = TellOnce(path)
    assert told.first(mark, 1e6) == mark
    assert told.first(mark, 1e6 + AGAIN / 2) == ()
    assert told.first(mark, 1e6 + AGAIN * 2) == mark
    assert told.first(mark, 5.0) == mark


def test_without_a_list_or_with_one_that_cannot_be_used_it_is_told(tmp_path):
    missing = tmp_path / "none.sqlite"
    assert TellOnce(missing).first(MARKS, 1.0) == MARKS
    assert not missing.exists()
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all, but long enough to look like one" * 9)
    assert TellOnce(broken).first(MARKS, 1.0) == MARKS


def test_a_newer_programs_list_is_left_as_it_is(path):
    connection = sqlite3.connect(str(path))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert TellOnce(path).first(MARKS, 1.0) == MARKS
    connection = sqlite3.connect(str(path))
    names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert ("told",) not in names
