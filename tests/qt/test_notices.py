"""Notices: what is told, one for many, once for all windows, and what a click opens."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import Cancelled, SignInNeeded
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.qt import notify
from sleap_remote_plugin.qt.notices import notice_of, sign_in_notice, together
from sleap_remote_plugin.session.store import Store
from tests.qt.standins import Studio, a_job


class Tray(QObject):
    """What Qt's tray icon would be shown."""

    messageClicked = Signal()
    texts = []

    def __init__(self, icon, parent):
        super().__init__(parent)
        self._icon = icon

    @staticmethod
    def isSystemTrayAvailable():
        return True

    def setToolTip(self, text):
        pass

    def show(self):
        pass

    def hide(self):
        pass

    def icon(self):
        return self._icon

    def showMessage(self, title, text, icon, milliseconds):
        Tray.texts.append(text)


@pytest.fixture
def tray(monkeypatch):
    """The texts of a tray that is there, at once."""
    monkeypatch.setattr(notify, "QSystemTrayIcon", Tray)
    monkeypatch.setattr(notify, "GATHERING", 1)
    monkeypatch.setattr(Tray, "texts", [])
    return Tray.texts


def waiting(uid="u1", **values):
    return a_job(uid, state=JobState.QUEUED, **values)


def told(before, **values):
    notice = notice_of(before, before.changed(**values))
    return notice.text if notice else ""


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": JobState.RUNNING}, "has started"),
        ({"state": JobState.COMPLETED}, "Its models can be used"),
        ({"state": JobState.OUT_OF_MEMORY}, "has ended: out of memory"),
        ({"state": JobState.INCOMPLETE}, "has ended: incomplete"),
        ({"state": JobState.LOST}, "cannot be found"),
        ({"state": JobState.UNCONFIRMED}, "not sent twice"),
        ({"reason": "JobHeldAdmin"}, "held by an administrator"),
        ({"reason": "launch failed requeued held"}, "held after a fault"),
        ({"reason": "BadConstraints"}, "can never start"),
        ({"reason": "{0.__class__}, held"}, "held after a fault"),
        ({"reason": "Resources"}, ""),
        ({"reason": "NewReason{}"}, ""),
        ({"state": JobState.FINISHING}, ""),
        ({"state": JobState.CANCELLED}, ""),
        ({"note": "Other jobs are ahead of it."}, ""),
    ],
)
def test_what_a_user_waits_for_is_told(values, words):
    text = told(waiting(name="a {b}"), **values)
    assert words in text
    assert bool(text) is bool(words)
    assert not words or "a {b}" in text or "submitted" in text


def test_a_prediction_that_is_done_says_what_can_be_done_with_it():
    job = a_job(kind=JobKind.PREDICT, state=JobState.FINISHING)
    assert "predictions can be loaded" in told(job, state=JobState.COMPLETED)


def test_a_prediction_behind_a_training_that_failed_is_told_when_it_is_over():
    behind = waiting("p1", kind=JobKind.PREDICT, request={"after": "u1"})
    never = behind.changed(reason="DependencyNeverSatisfied")
    assert notice_of(behind, never) is None  # SLURM takes it out by itself
    ended = {"state": JobState.CANCELLED, "note": "Not run, because “mice” {}."}
    failed = dict(ended, note=ended["note"].format("failed"))
    assert "was not run: its training did not end well" in told(never, **failed)
    by_user = dict(ended, note=ended["note"].format("was cancelled"))
    assert told(never, **by_user) == ""


def test_a_job_that_stays_held_is_told_once_and_a_later_start_again():
    held = waiting(reason="JobHeldUser")
    assert told(held, reason="JobHeldUser", seen=5.0) == ""
    first = notice_of(waiting(), waiting().changed(state=JobState.RUNNING))
    later = waiting(restarts=1)
    second = notice_of(later, later.changed(state=JobState.RUNNING))
    assert first.mark != second.mark


def ended(*names, state=JobState.COMPLETED):
    jobs = [a_job(name, name=name, state=JobState.RUNNING) for name in names]
    return [notice_of(job, job.changed(state=state)) for job in jobs]


def test_several_arrivals_are_one_text():
    assert together(ended("a", "b", "c"))[0] == "3 jobs finished: “a”, “b”, “c”."


def test_many_names_are_counted():
    assert together(ended(*"abcde"))[0].endswith("“a”, “b”, “c” and 2 more.")


def test_the_most_urgent_comes_first_and_is_what_a_click_opens():
    failed = ended("d", state=JobState.FAILED)
    text, uid = together(ended("a", "b") + failed)
    assert text == "1 job failed: “d”. 2 jobs finished: “a”, “b”."
    assert uid == "d"


def test_of_one_job_that_started_and_ended_only_the_end_is_told():
    job = waiting(name="a")
    running = job.changed(state=JobState.RUNNING)
    notices = [notice_of(job, running)] + ended("u1")
    assert together(notices) == (notices[-1].text, "u1")


def test_a_sign_in_is_told_before_the_jobs():
    text, uid = together(ended("a") + [sign_in_notice("swc", "SWC", 2)])
    assert text.startswith("Sign in to go on following your 2 jobs on SWC.")
    assert text.endswith("1 job finished: “a”.")
    assert uid == "a"


# -- in the tray ----------------------------------------------------------------------


def two_jobs(state):
    return tuple(a_job(uid, name=uid, state=state) for uid in ("one", "two"))


def test_what_arrives_together_is_one_notice_in_tray_and_dock(studio, tray):
    studio.show_jobs(*two_jobs(JobState.RUNNING))
    studio.show_jobs(*two_jobs(JobState.COMPLETED))
    studio.qtbot.waitUntil(lambda: bool(tray))
    assert tray == ["2 jobs finished: “one”, “two”."]
    assert studio.dock.notice.label.text() == tray[0]


def test_arrivals_of_several_answers_are_gathered(studio, tray, monkeypatch):
    monkeypatch.setattr(notify, "GATHERING", 3600_000)
    running, done = two_jobs(JobState.RUNNING), two_jobs(JobState.COMPLETED)
    studio.show_jobs(*running)
    studio.show_jobs(done[0], running[1])
    studio.show_jobs(*done)
    notifier = studio.controller.news.notifier
    assert notifier._timer.isActive()
    notifier._timer.timeout.emit()
    studio.qtbot.waitUntil(lambda: bool(tray))
    assert tray == ["2 jobs finished: “one”, “two”."]


def test_a_click_selects_the_job_that_the_notice_is_about(studio, tray):
    studio.show_jobs(*two_jobs(JobState.RUNNING))
    one, two = two_jobs(JobState.RUNNING)
    studio.dock.select("one")
    studio.show_jobs(one, two.changed(state=JobState.FAILED))
    studio.qtbot.waitUntil(lambda: bool(tray))
    studio.controller.news.notifier._tray.messageClicked.emit()
    assert studio.dock.selected_uid() == "two"


def test_two_windows_on_one_list_tell_a_job_once(qtbot, home, tmp_path, tray):
    Store(tmp_path / "jobs.sqlite").add(a_job())
    windows = [Studio(qtbot, tmp_path), Studio(qtbot, tmp_path)]
    first, second = a_job("first", name="1st"), a_job("second", name="2nd")
    try:
        for state in (JobState.QUEUED, JobState.RUNNING):
            for window in windows:
                window.show_jobs(first.changed(state=state))
        for window in windows:  # and what comes later is told by one of them too
            window.show_jobs(second.changed(state=JobState.QUEUED))
            window.show_jobs(second.changed(state=JobState.RUNNING))
            qtbot.waitUntil(lambda: "“2nd” has started." in tray)
            notifier = window.controller.news.notifier
            qtbot.waitUntil(lambda n=notifier: not n._timer.isActive())
            settled = []  # the lane has answered whatever was asked before this
            window.controller.network.do(lambda: 1, settled.append)
            qtbot.waitUntil(lambda s=settled: bool(s))
        assert tray == ["“1st” has started.", "“2nd” has started."]
        assert [w.dock.notice.label.text() for w in windows] == [tray[1]] * 2
    finally:
        for window in windows:
            window.close()


def test_who_turned_notices_off_in_one_window_has_none_from_another(studio, tray):
    studio.controller.settings.set("window.notifications", False)
    studio.show_jobs(*two_jobs(JobState.RUNNING))
    studio.show_jobs(*two_jobs(JobState.COMPLETED))
    notifier = studio.controller.news.notifier
    studio.qtbot.waitUntil(lambda: not notifier._gathered)
    assert tray == []
    assert "2 jobs finished" in studio.dock.notice.label.text()


def test_jobs_that_cannot_be_followed_without_signing_in_are_told_once(studio, tray):
    studio.show_jobs(*two_jobs(JobState.RUNNING))
    follower = studio.controller.follower
    needed = SignInNeeded("gateway asks for a password.", "jane", "gateway")
    for _ in range(2):
        studio.session.errors = [needed]
        follower.refresh()
        studio.qtbot.waitUntil(lambda: not follower._asking)
        follower.reconnecting.note(needed)
    studio.qtbot.waitUntil(lambda: bool(tray))
    assert len(tray) == 1
    assert tray[0].startswith("Sign in to go on following your 2 jobs on Practice HPC.")


def test_a_sign_in_that_the_user_cancelled_is_no_notice(studio, tray):
    studio.show_jobs(*two_jobs(JobState.RUNNING))
    studio.controller.follower.reconnecting.note(Cancelled("Cancelled."))
    assert not studio.controller.news.notifier._gathered
