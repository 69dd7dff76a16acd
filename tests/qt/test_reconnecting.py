"""A connection that is lost, refused, or stopped by the user; nobody is asked."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyChanged,
    SignInNeeded,
)
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt.connection_line import ConnectionLine
from sleap_remote_plugin.session import backoff
from tests.qt.standins import a_job, password_needed


@pytest.fixture
def soon(monkeypatch):
    """The first try comes almost at once."""
    monkeypatch.setattr(backoff, "FIRST", 0.05)


@pytest.fixture
def far(monkeypatch):
    """No try comes in a test's time."""
    monkeypatch.setattr(backoff, "FIRST", 300.0)


def line(studio):
    return studio.dock.connection.text()


def connect(studio):
    studio.controller.in_use.refresh()
    studio.qtbot.waitUntil(lambda: "connected as" in line(studio))


def lose(studio):
    """The connection is lost while nobody asks anything."""
    studio.session.transport.is_connected = False
    studio.controller.connection.presence.look()


def poll(studio):
    """One question that nobody clicked for, up to its answer."""
    studio.controller.follower.refresh()
    studio.qtbot.waitUntil(lambda: not studio.controller.follower._asking)


def test_a_connection_lost_while_idle_is_told_at_once(studio, far):
    connect(studio)
    lose(studio)

    assert "offline since" in line(studio)
    assert "next try at" in line(studio)
    assert studio.dock.sign_in.isVisible()


def test_a_lost_connection_is_made_again_without_a_question(studio, soon):
    connect(studio)
    lose(studio)

    studio.qtbot.waitUntil(lambda: "connected as" in line(studio))
    assert studio.controller.connection._question is None


@pytest.mark.parametrize(("width", "is_told_below"), [(260, True), (1200, False)])
def test_being_offline_is_told_whole_in_a_narrow_dock(qtbot, width, is_told_below):
    narrow = ConnectionLine()
    qtbot.addWidget(narrow)
    narrow.show_state(
        "warn", "HPC – offline since 14:02, last known states shown", True
    )
    narrow.resize(width, 60)
    narrow.show()

    qtbot.waitUntil(lambda: narrow.whole.isVisible() is is_told_below)
    assert narrow.whole.text() == "Offline since 14:02, last known states shown"


def test_a_click_tries_at_once(studio, far):
    connect(studio)
    lose(studio)
    studio.dock.sign_in.click()

    studio.qtbot.waitUntil(lambda: "connected as" in line(studio))


def test_who_clicks_connect_is_told_why_it_fails(studio, far):
    lose(studio)
    studio.session.errors = [ConnectionFailed("door.example did not answer.")]
    studio.dock.sign_in.click()

    studio.qtbot.waitUntil(lambda: "did not answer" in studio.dock.notice.label.text())


def test_while_the_next_try_is_far_polling_reads_files_and_does_not_connect(
    studio, far
):
    studio.session.errors = [ConnectionFailed("away")]
    studio.show_jobs(a_job(state=JobState.RUNNING))
    poll(studio)
    connects = studio.session.connects
    done = a_job(state=JobState.COMPLETED)
    studio.session.stored = (done,)
    poll(studio)

    assert studio.session.connects == connects
    assert studio.dock.model.jobs() == (done,)
    assert "offline since" in line(studio)


@pytest.mark.parametrize(
    "error", [password_needed(), HostKeyChanged("Another key. Nothing was sent.")]
)
def test_what_only_the_user_can_do_is_not_tried_again_unasked(studio, soon, error):
    studio.session.errors = [error]
    studio.show_jobs(a_job(state=JobState.RUNNING))
    poll(studio)
    connects = studio.session.connects
    for _ in range(3):
        poll(studio)

    assert studio.session.connects == connects
    assert studio.dock.sign_in.isVisible()


def test_a_cluster_that_wants_codes_is_not_called_unasked(studio, soon):
    code = SignInNeeded("A code, please.", "jane", "gateway", (("Code: ", True),))
    studio.session.errors = [code]
    poll(studio)
    connect(studio)
    connects = studio.session.connects
    lose(studio)
    poll(studio)

    assert studio.session.connects == connects
    assert "sign in" in line(studio)


def test_after_a_sleep_a_held_connection_is_probed(studio):
    connect(studio)
    studio.controller.connection.presence.moved.emit()

    studio.qtbot.waitUntil(lambda: studio.session.transport.probes == 1)


def test_after_a_sleep_a_lost_connection_is_made_at_once(studio, far):
    connect(studio)
    lose(studio)
    studio.controller.connection.presence.moved.emit()

    studio.qtbot.waitUntil(lambda: "connected as" in line(studio))


def test_a_clock_that_jumped_is_a_sleep(studio, qtbot, monkeypatch):
    connect(studio)
    presence = studio.controller.connection.presence
    monkeypatch.setattr(presence._detector, "slept", lambda expected: True)
    with qtbot.waitSignal(presence.moved):
        presence.look()


def test_other_addresses_are_another_network(studio, qtbot, far):
    connect(studio)
    lose(studio)
    presence = studio.controller.connection.presence
    presence._on_addresses(frozenset(["192.0.2.1"]))
    with qtbot.waitSignal(presence.moved):
        presence._on_addresses(frozenset(["198.51.100.1"]))


def test_connecting_can_be_cancelled_from_the_dock(studio, soon):
    studio.session.connect_gate.clear()
    studio.dock.sign_in.click()
    studio.qtbot.waitUntil(lambda: "connecting" in line(studio))
    assert studio.dock.sign_in.text() == "Cancel"
    studio.qtbot.mouseClick(studio.dock.sign_in, Qt.MouseButton.LeftButton)

    studio.qtbot.waitUntil(lambda: "not connected" in line(studio))
    studio.qtbot.waitUntil(lambda: not studio.controller.follower._asking)
    connects = studio.session.connects
    poll(studio)
    assert studio.session.connects == connects
    assert studio.dock.sign_in.text() == "Connect"
    connect(studio)


def test_cancelling_takes_the_question_away(studio):
    studio.session.errors = [password_needed()]
    studio.dock.sign_in.click()
    dialog = studio.child("remote_password_dialog")
    assert studio.dock.sign_in.text() == "Cancel"
    studio.dock.sign_in.click()

    assert not dialog.isVisible()
    assert "not connected" in line(studio)


def test_signing_out_is_not_undone_by_polling(studio, soon):
    connect(studio)
    studio.controller.in_use.sign_out()
    studio.qtbot.waitUntil(lambda: not studio.session.transport.is_connected)
    connects = studio.session.connects
    poll(studio)

    assert studio.session.connects == connects
    assert "not signed in" in line(studio)
