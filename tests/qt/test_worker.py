"""Lanes: answers on the GUI thread, exceptions survived, hanging calls left alone."""

from __future__ import annotations

import threading

import pytest
from qtpy.QtCore import QElapsedTimer, QObject, QTimer

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.qt.worker import Lane


@pytest.fixture
def lane(qtbot):
    made = Lane("test")
    yield made
    made.close()


def test_an_answer_arrives_on_the_gui_thread(qtbot, lane):
    seen = []
    lane.do(
        threading.current_thread,
        lambda worker: seen.append((worker, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] is not threading.main_thread()
    assert seen[0][1] is threading.main_thread()


def test_a_lane_survives_exceptions(qtbot, lane):
    seen = []
    lane.do(lambda: 1 / 0, seen.append, seen.append)
    lane.do(lambda: "well", seen.append, seen.append)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert isinstance(seen[0], ZeroDivisionError)
    assert seen[1] == "well"


def test_calls_on_one_lane_keep_their_order(qtbot, lane):
    seen = []
    for number in range(20):
        lane.do(lambda number=number: number, seen.append)
    qtbot.waitUntil(lambda: len(seen) == 20)
    assert seen == list(range(20))


def test_a_call_is_cancelled_at_its_next_report(qtbot, lane):
    begun, errors = threading.Event(), []

    def work(report):
        begun.set()
        while report(1, 2):
            pass
        raise Cancelled("stopped")

    call = lane.do(work, None, errors.append, lambda done, total: None)
    qtbot.waitUntil(begun.is_set)
    call.cancel()
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], Cancelled)


def test_what_was_reported_before_a_cancel_is_not_told_after_it(qtbot, lane):
    reported, told, errors = threading.Event(), [], []

    def work(report):
        report(1, 2)
        reported.set()
        while report(1, 2):
            pass
        raise Cancelled("stopped")

    call = lane.do(work, None, errors.append, lambda *progress: told.append(progress))
    assert reported.wait(10)  # and this thread's loop has not turned yet
    call.cancel()
    qtbot.waitUntil(lambda: bool(errors))
    assert told == []


def test_a_call_cancelled_before_its_turn_is_never_made(qtbot, lane):
    gate, made, errors = threading.Event(), [], []
    lane.do(lambda: gate.wait(10))
    call = lane.do(lambda: made.append(1), None, errors.append)
    call.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(errors))
    assert made == []


def test_a_hanging_call_does_not_stall_the_gui(qtbot, lane):
    gate = threading.Event()
    lane.do(lambda: gate.wait(10))
    gaps, clock, timer = [], QElapsedTimer(), QTimer()
    timer.timeout.connect(lambda: gaps.append(clock.restart()))
    clock.start()
    timer.start(5)
    qtbot.waitUntil(lambda: len(gaps) > 40)
    timer.stop()
    gate.set()
    assert max(gaps) < 200


def test_closing_waits_for_nobody_and_answers_no_more(qtbot):
    lane, gate, seen = Lane("closing"), threading.Event(), []
    lane.do(lambda: gate.wait(10), seen.append)
    clock = QElapsedTimer()
    clock.start()
    lane.close()
    assert clock.elapsed() < 100
    gate.set()
    lane._thread.join(5)
    qtbot.wait(20)
    assert seen == []


def test_an_answer_for_an_object_that_is_gone_reaches_nobody(qtbot, lane):
    class Owner(QObject):
        def on_done(self, value):
            self.setObjectName(value)  # raises once Qt's half is gone

    owner, gate, seen = Owner(), threading.Event(), []
    lane.do(lambda: gate.wait(10) and "late", owner.on_done)
    with qtbot.waitSignal(owner.destroyed):
        owner.deleteLater()
    gate.set()
    lane.do(lambda: 1, seen.append)
    qtbot.waitUntil(lambda: seen == [1])
