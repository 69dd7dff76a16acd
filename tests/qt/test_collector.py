"""Python's collector in the GUI thread: widgets never go in another one.

What is due is told by Python's own counters, which cannot be set: where that is the
subject, they are stood in for; so is what an earlier test left, where it matters
whether ours has begun. Everywhere else the real collector runs.
"""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.qt import collector
from sleap_remote_plugin.qt.worker import Lane


@pytest.fixture(autouse=True)
def _pythons_own_is_off_where_ours_began():
    yield
    if collector._one:
        gc.disable()


class Ring(QWidget):
    """A widget that nobody but itself knows."""

    def __init__(self):
        super().__init__()
        self.itself = self


def make_many():
    """Enough to have Python's own collector run, several times."""
    return [[number] for number in range(200_000)]


def test_a_widget_that_is_garbage_ends_in_the_gui_thread(qtbot):
    lane = Lane("busy")
    lane.do(int)
    where, done = [], []
    weakref.finalize(Ring(), lambda: where.append(threading.current_thread()))
    lane.do(make_many, done.append)  # kept: what goes again does not count
    qtbot.waitUntil(lambda: bool(done))
    qtbot.waitUntil(lambda: bool(where))
    lane.close()
    assert where == [threading.main_thread()]


def test_what_a_call_knows_is_let_go_in_the_gui_thread(qtbot):
    lane = Lane("busy")
    known, where, done = QWidget(), [], []
    weakref.finalize(known, lambda: where.append(threading.current_thread()))

    def call(it=known):
        return it is not None

    for _ in range(20):
        lane.do(call, done.append)
    del known, call
    qtbot.waitUntil(lambda: bool(where))
    lane.close()
    assert where == [threading.main_thread()]
    assert len(done) == 20


def test_there_is_one_and_pythons_own_is_off(qtbot):
    assert collector.start() is collector.start()
    assert not gc.isenabled()


def test_nothing_is_collected_while_it_is_at_rest(qtbot, monkeypatch):
    one, found = collector.start(), []
    monkeypatch.setattr(gc, "get_count", lambda: (9999, 0, 0))
    monkeypatch.setattr(gc, "collect", found.append)
    with collector.at_rest():
        one.turn()
        assert found == []
    one.turn()
    assert found == [0]


def test_one_that_begins_at_rest_keeps_pythons_own_off(qtbot, monkeypatch):
    monkeypatch.setattr(collector, "_one", [])
    gc.enable()
    with collector.at_rest():
        made = collector.start()
    assert not gc.isenabled()
    made.deleteLater()


@pytest.mark.parametrize("begun", [[], [None]], ids=["never begun", "begun before"])
def test_a_rest_leaves_pythons_own_as_it_was(monkeypatch, begun):
    monkeypatch.setattr(collector, "_one", begun)
    gc.enable()
    with collector.at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("counts", "grown", "collected"),
    [
        ((700, 10, 10), True, []),
        ((701, 10, 10), True, [0]),
        ((701, 11, 10), True, [1]),
        ((701, 11, 11), False, [1]),
        ((701, 11, 11), True, [2]),
    ],
)
def test_it_collects_what_python_would_have(
    qtbot, monkeypatch, counts, grown, collected
):
    one, found = collector.start(), []
    monkeypatch.setattr(gc, "get_count", lambda: counts)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "collect", found.append)
    monkeypatch.setattr(one, "_known", 1 if grown else 10**12)
    one.turn()
    assert found == collected


def test_a_threshold_of_nothing_means_never(qtbot, monkeypatch):
    one, found = collector.start(), []
    monkeypatch.setattr(gc, "get_count", lambda: (9999, 99, 99))
    monkeypatch.setattr(gc, "get_threshold", lambda: (0, 10, 10))
    monkeypatch.setattr(gc, "collect", found.append)
    one.turn()
    assert found == []
