"""Who is asked, and that the call is made again afterwards."""

from __future__ import annotations

import dataclasses
import threading

from qtpy.QtCore import Qt

from sleap_remote_plugin.errors import HostKeyUnknown, SignInRefused
from sleap_remote_plugin.qt.worker import Lane
from tests.qt.standins import a_profile, password_needed


def unknown_host():
    return HostKeyUnknown("new", "gateway", "ssh-ed25519", "SHA256:abc", "AAAA")


def refresh(studio):
    studio.controller.in_use.refresh()


def test_the_password_is_asked_once_and_the_call_is_made_again(studio):
    studio.session.errors = [password_needed()]
    refresh(studio)
    dialog = studio.child("remote_password_dialog")
    studio.qtbot.keyClicks(dialog.answers[0], "sesame")
    studio.qtbot.keyClick(dialog.answers[0], Qt.Key.Key_Return)
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)
    assert studio.session.passwords == [("sesame", True)]
    studio.qtbot.waitUntil(lambda: "jane" in studio.dock.connection.text())


def test_the_password_is_not_shown_while_it_is_typed(studio):
    studio.session.errors = [password_needed()]
    refresh(studio)
    dialog = studio.child("remote_password_dialog")
    assert dialog.answers[0].echoMode() == dialog.answers[0].EchoMode.Password
    dialog.reject()


def test_two_calls_that_need_a_password_ask_once(studio):
    studio.session.errors = [password_needed(), password_needed()]
    refresh(studio)
    refresh(studio)
    dialog = studio.child("remote_password_dialog")
    dialog.answers[0].setText("sesame")
    dialog.accept()
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)
    assert studio.session.passwords == [("sesame", True)]


def test_a_call_that_failed_before_the_answer_asks_no_second_time(studio):
    slow = Lane("slow", studio.window)
    answered, failed = threading.Event(), []

    def fail_late(session):
        answered.wait(10)
        if not failed:
            failed.append(1)
            raise password_needed()
        return "done"

    done = []
    studio.controller.connection.call(fail_late, done.append, lane=slow)
    studio.session.errors = [password_needed()]
    refresh(studio)
    studio.child("remote_password_dialog").accept()
    answered.set()
    studio.qtbot.waitUntil(lambda: bool(done))
    slow.close()
    assert studio.controller.connection._question is None
    assert len(studio.session.passwords) == 1


def test_a_wrong_password_is_asked_for_again_with_the_reason(studio):
    studio.session.errors = [password_needed(), password_needed(SignInRefused)]
    refresh(studio)
    first = studio.child("remote_password_dialog")
    first.accept()
    studio.qtbot.waitUntil(lambda: len(studio.session.errors) == 0)
    second = studio.child("remote_password_dialog")
    assert isinstance(second.error, SignInRefused)
    second.accept()
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)


def test_polling_never_opens_a_dialog(studio):
    studio.session.errors = [password_needed()]
    studio.controller.follower.refresh()
    studio.qtbot.waitUntil(lambda: "sign in" in studio.dock.connection.text())
    assert studio.controller.connection._question is None
    assert studio.dock.sign_in.isVisible()


def test_the_host_key_dialog_says_no_by_default(studio):
    studio.session.errors = [unknown_host()]
    refresh(studio)
    dialog = studio.child("remote_host_key_dialog")
    assert dialog.refuse.isDefault()
    assert not dialog.trust.isDefault()
    studio.qtbot.keyClick(dialog, Qt.Key.Key_Return)
    studio.qtbot.waitUntil(lambda: not dialog.isVisible())
    assert studio.session.trusted == []
    assert not studio.session.transport.is_connected


def test_a_trusted_host_is_connected_to(studio):
    studio.session.errors = [unknown_host()]
    refresh(studio)
    dialog = studio.child("remote_host_key_dialog")
    studio.qtbot.mouseClick(dialog.trust, Qt.MouseButton.LeftButton)
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)
    assert studio.session.trusted == ["SHA256:abc"]


def test_a_profile_without_a_user_asks_for_one(studio):
    studio.session.profile = a_profile(studio.folder, user="")
    studio.session.user = ""
    refresh(studio)
    dialog = studio.child("remote_user_dialog")
    studio.qtbot.keyClicks(dialog.name, "sam")
    studio.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)
    assert studio.session.user == "sam"


def test_on_a_machine_of_the_cluster_the_line_says_so(studio):
    profile = a_profile(studio.folder)
    studio.session.profile = dataclasses.replace(profile, login=None, jump=())
    refresh(studio)
    line = studio.dock.connection
    studio.qtbot.waitUntil(lambda: "this machine" in line.text())
    assert not studio.dock.sign_in.isVisible()
