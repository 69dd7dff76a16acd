"""Pieces of work that wait for a window to be painted."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.sleap_host.starting import Starting


class Work:
    def __init__(self, window, fails_at=None):
        self.done, self.errors, self.between = [], [], []
        self.starting = Starting(window, self._pieces(fails_at), self.errors.append)

    def _pieces(self, fails_at):
        for number in range(4):
            if number == fails_at:
                raise ValueError("broken on purpose")
            self.done.append(number)
            QTimer.singleShot(0, lambda: self.between.append(len(self.done)))
            yield


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_nothing_is_done_before_the_window_is_painted(window, qtbot):
    work = Work(window)
    qtbot.wait(50)
    assert work.done == []
    window.show()
    qtbot.waitUntil(lambda: work.starting.is_over)
    assert work.done == [0, 1, 2, 3]


def test_the_window_has_its_turn_between_two_pieces(window, qtbot):
    work = Work(window)
    window.show()
    qtbot.waitUntil(lambda: len(work.between) == 4)
    assert work.between[0] < 4
    assert work.between == sorted(work.between)


def test_whoever_needs_it_earlier_gets_it_at_once(window):
    work = Work(window)
    work.starting.finish()
    assert work.done == [0, 1, 2, 3]
    assert work.starting.is_over


def test_a_piece_that_fails_is_told_once_and_ends_it(window, qtbot):
    work = Work(window, fails_at=2)
    window.show()
    qtbot.waitUntil(lambda: work.starting.is_over)
    work.starting.finish()
    assert work.done == [0, 1]
    assert [str(error) for error in work.errors] == ["broken on purpose"]
