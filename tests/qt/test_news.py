"""The count on the dock's tab, kinds of notices, several clusters, and the focus."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QApplication,
    QDockWidget,
    QLineEdit,
    QSystemTrayIcon,
    QTabBar,
    QWidget,
)

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt import badge, notify
from sleap_remote_plugin.qt.dialogs.message import tell_error
from sleap_remote_plugin.qt.profiles import Profiles
from tests.qt.standins import Studio, a_job, a_profile

ACTIVE = Qt.ApplicationState.ApplicationActive


@pytest.fixture(autouse=True)
def tray(monkeypatch):
    """What the tray shows; there is one, and nothing is gathered for long."""
    shown = []
    monkeypatch.setattr(
        QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True)
    )
    monkeypatch.setattr(
        QSystemTrayIcon,
        "showMessage",
        lambda self, title, text, *rest: shown.append(text),
    )
    monkeypatch.setattr(notify, "GATHERING", 1)
    return shown


@pytest.fixture
def tabs(studio, monkeypatch):
    """The dock as SLEAP has it: behind another tab of the window in front."""

    class Front(QGuiApplication):
        applicationState = staticmethod(lambda: ACTIVE)

    monkeypatch.setattr(badge, "QGuiApplication", Front)
    other = QDockWidget("Videos", studio.window)
    other.setObjectName("videos")
    other.setWidget(QWidget())
    studio.window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, other)
    dock = studio.window.findChild(QDockWidget, "remote_dock")
    studio.window.tabifyDockWidget(dock, other)
    seen = studio.controller.news.badge
    studio.qtbot.waitUntil(lambda: other.raise_() or not seen._is_in_front)
    (bar,) = [bar for bar in studio.window.findChildren(QTabBar) if bar.count() == 2]
    return dock, other, bar


def run_and_end(studio, **ends):
    jobs = {name: a_job(name, name=name, state=JobState.RUNNING) for name in ends}
    studio.show_jobs(*jobs.values())
    studio.show_jobs(*(jobs[n].changed(state=ends[n]) for n in ends))


def test_the_tab_counts_what_ended_until_it_is_looked_at(studio, tabs):
    dock, other, bar = tabs
    run_and_end(studio, a=JobState.COMPLETED, b=JobState.FAILED, c=JobState.CANCELLED)
    studio.qtbot.waitUntil(lambda: dock.windowTitle() == "Remote jobs (2)")
    texts = [bar.tabText(n) for n in range(2)]
    index = texts.index("Remote jobs (2)")
    assert not bar.tabIcon(index).isNull()
    assert dock.accessibleName() == (
        "Remote jobs, 2 jobs have ended since you last looked"
    )
    dock.raise_()
    studio.qtbot.waitUntil(lambda: dock.windowTitle() == "Remote jobs")
    assert bar.tabIcon(bar.currentIndex()).isNull()
    run_and_end(studio, d=JobState.COMPLETED)  # one is looking
    assert studio.controller.news.badge.count == 0


def test_who_wants_no_count_has_none(studio, tabs):
    studio.controller.settings.set("notices.badge", False)
    run_and_end(studio, a=JobState.COMPLETED)
    assert tabs[0].windowTitle() == "Remote jobs"


def test_a_kind_that_is_not_wanted_is_not_told_and_the_others_are(studio, tray):
    studio.controller.settings.set("notices.muted", ["STARTED"])
    waiting = a_job(state=JobState.QUEUED, name="a")
    studio.show_jobs(waiting)
    studio.show_jobs(waiting.changed(state=JobState.RUNNING))
    studio.show_jobs(waiting.changed(state=JobState.COMPLETED))
    studio.qtbot.waitUntil(lambda: bool(tray))
    assert tray == ["“a” has finished. Its models can be used."]


def test_each_notice_opens_its_own_job_also_that_of_another_cluster(
    qtbot, home, tmp_path, tray
):
    two = (a_profile(tmp_path), a_profile(tmp_path, name="b", title="Other"))
    studio = Studio(qtbot, tmp_path, Profiles(two, ()))
    run_and_end(studio, first=JobState.COMPLETED)
    qtbot.waitUntil(lambda: len(tray) == 1)
    run_and_end(studio, second=JobState.FAILED)
    qtbot.waitUntil(lambda: "“second” has ended: failed." in tray)
    jobs = (a_job("first"), *studio.session.stored)
    studio.session.stored = jobs
    studio.controller._on_profile_chosen("b")
    assert studio.dock.selected_uid() == ""

    studio.controller.news.notifier._tray.messageClicked.emit()
    assert studio.controller.profile.name == "practice"
    qtbot.waitUntil(lambda: studio.dock.model.jobs() == jobs)
    assert studio.dock.selected_uid() == "second"
    studio.close()


def test_nothing_takes_the_focus_while_somebody_labels(studio, tray):
    field = QLineEdit()  # stands for SLEAP's video
    studio.window.setCentralWidget(field)
    field.show()
    studio.window.activateWindow()
    field.setFocus()
    studio.qtbot.waitUntil(lambda: QApplication.focusWidget() is field)

    run_and_end(studio, a=JobState.COMPLETED, b=JobState.FAILED)
    studio.qtbot.waitUntil(lambda: bool(tray))
    box = tell_error(studio.window, ProjectNotReady("Save the project."))
    with studio.qtbot.waitExposed(box):
        pass

    assert not box.isModal()
    assert box.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert QApplication.focusWidget() is field
    studio.qtbot.keyClicks(field, "label")
    assert field.text() == "label"
    box.close()


def test_who_is_busy_in_the_dock_gets_the_message_into_the_hand(studio):
    studio.window.activateWindow()
    studio.dock.refresh.setFocus()
    studio.qtbot.waitUntil(lambda: QApplication.focusWidget() is studio.dock.refresh)
    box = tell_error(studio.window, ProjectNotReady("Save the project."))
    assert not box.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    box.close()


def test_a_log_that_is_not_to_be_read_by_itself_is_read_when_one_asks(studio):
    studio.controller.settings.set("following.live_logs", False)
    read = []
    studio.session.log_tail = lambda job, part=-1: read.append(job.state) or "the log"
    job = a_job(state=JobState.RUNNING)
    studio.show_jobs(job)
    follower = studio.controller.follower
    studio.qtbot.waitUntil(lambda: read == [JobState.RUNNING])
    with studio.qtbot.waitSignal(follower.progressed):  # progress comes all the same
        follower.look()
    assert read == [JobState.RUNNING]
    studio.session.transport.is_connected = True
    studio.dock.refresh.click()
    studio.qtbot.waitUntil(lambda: len(read) == 2)
    studio.show_jobs(job.changed(state=JobState.COMPLETED))  # an end is always read
    studio.qtbot.waitUntil(lambda: read[-1] is JobState.COMPLETED)
