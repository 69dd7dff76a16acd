"""SLEAP is closed while jobs are on the cluster."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QApplication, QMainWindow

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt import closing
from sleap_remote_plugin.qt.texts import going_on
from tests.qt.standins import a_job


def farewells():
    return [w for w in QApplication.topLevelWidgets() if w.isVisible() and is_one(w)]


def is_one(widget):
    return widget.objectName() == "remote_farewell"


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ([], ""),
        ([JobState.COMPLETED, JobState.FAILED], ""),
        (
            [JobState.RUNNING, JobState.COMPLETED],
            "Your job goes on by itself on HPC.\n"
            "SLEAP shows how it stands when it is open again.",
        ),
        (
            [JobState.RUNNING, JobState.QUEUED],
            "Your 2 jobs go on by themselves on HPC.\n"
            "SLEAP shows how they stand when it is open again.",
        ),
    ],
)
def test_what_goes_on_is_said_in_a_sentence(states, text):
    jobs = [a_job(str(n), state=state) for n, state in enumerate(states)]
    assert going_on(jobs, "HPC") == text


def test_it_is_said_when_the_window_closes_and_goes_away_by_itself(studio, monkeypatch):
    monkeypatch.setattr(closing, "SHOWN", 50)
    studio.show_jobs(a_job(state=JobState.RUNNING))
    studio.window.close()
    assert [w.text().split("\n")[0] for w in farewells()] == [
        "Your job goes on by itself on Practice HPC."
    ]
    studio.qtbot.waitUntil(lambda: farewells() == [])


def test_nothing_is_said_where_nothing_goes_on(studio):
    studio.show_jobs(a_job(state=JobState.FAILED))
    studio.window.close()
    assert farewells() == []


class Refuses(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Close:
            event.ignore()
            return True
        return False


def test_nothing_is_said_where_the_user_goes_back(studio):
    studio.show_jobs(a_job(state=JobState.RUNNING))
    refuses = Refuses(studio.window)
    studio.window.installEventFilter(refuses)  # the last one is asked first
    studio.window.close()
    studio.window.removeEventFilter(refuses)
    assert farewells() == []


def test_nothing_is_said_while_another_window_shows_the_jobs(studio, qtbot):
    other = QMainWindow()
    qtbot.addWidget(other)
    other.show()
    studio.show_jobs(a_job(state=JobState.RUNNING))
    studio.window.close()
    assert farewells() == []
