"""The check's dialog while it runs, the connection log, and the dock's first line."""

from __future__ import annotations

import threading

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication, QFileDialog, QLabel

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.qt.dialogs.connection_log import ConnectionLogDialog
from sleap_remote_plugin.session.check import CheckLine
from tests.qt.standins import password_needed

GOOD = CheckLine("Bastion", "ok", "It was reached.")
BAD = CheckLine("Mount", "fail", "Not there.", "Mount it.")
GPU = CheckLine("nvidia-smi", "ok", "A card.")


class Check:
    """A check of the session that goes on when it is let."""

    def __init__(self, *lines, error=None):
        self.lines = lines
        self.error = error
        self.go_on = threading.Event()
        self.was_stopped = threading.Event()

    def __call__(self, version, folder, told):
        told("the way to gateway")
        told(self.lines[0])
        while not self.go_on.wait(0.01):
            if not told("still the way"):
                self.was_stopped.set()
                raise Cancelled("The check was cancelled. Nothing was changed.")
        if self.error is not None:
            raise self.error
        for line in self.lines[1:]:
            told(line)
        return self.lines


def start(studio, check):
    studio.session.check = check
    studio.controller.menu.entries["remote_check"].trigger()
    dialog = studio.controller.tools.check_dialog
    studio.qtbot.waitUntil(dialog.isVisible)
    return dialog


def to_its_end(studio, check):
    check.go_on.set()
    dialog = start(studio, check)
    last = check.lines[-1].subject
    studio.qtbot.waitUntil(lambda: last in dialog.as_text() and not dialog.is_running)
    return dialog


@pytest.fixture
def check():
    made = Check(GOOD, BAD)
    yield made
    made.go_on.set()


def test_lines_appear_while_the_check_runs(studio, check):
    dialog = start(studio, check)
    studio.qtbot.waitUntil(lambda: "Bastion" in dialog.as_text())
    studio.qtbot.waitUntil(lambda: "still the way" in dialog.step.text())
    assert dialog.is_running
    assert dialog.cancel.isVisible()
    assert not dialog.repeat.isVisible()
    check.go_on.set()
    studio.qtbot.waitUntil(lambda: not dialog.is_running)
    assert dialog.as_text().count("\n[") == 1
    assert "1 of 2" in dialog.summary.text()
    assert dialog.repeat.isVisible()
    assert not dialog.cancel.isVisible()


def test_a_check_can_be_cancelled_and_what_was_found_stays(studio, check):
    dialog = start(studio, check)
    studio.qtbot.waitUntil(lambda: "Bastion" in dialog.as_text())
    dialog.cancel.click()
    studio.qtbot.waitUntil(lambda: not dialog.is_running)
    assert check.was_stopped.is_set()
    assert "cancelled" in dialog.summary.text()
    assert "Bastion" in dialog.as_text()


def test_closing_the_dialog_cancels_the_check(studio, check):
    dialog = start(studio, check)
    studio.qtbot.waitUntil(lambda: "Bastion" in dialog.as_text())
    studio.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    studio.qtbot.waitUntil(check.was_stopped.is_set)


def test_a_check_that_has_ended_does_not_stop_the_connection_from_coming_back(
    studio, check
):
    to_its_end(studio, check)
    studio.session.transport.is_connected = False
    let_go = []
    studio.controller.connection.let_go.connect(lambda: let_go.append(1))
    studio.controller.tools.checking.leave()
    assert not let_go


def test_the_list_ends_at_the_first_line_that_is_not_good(studio, check):
    good = tuple(CheckLine("Line {}".format(n), "ok", "Good.") for n in range(60))
    check.lines = good[:30] + (BAD,) + good[30:]
    dialog = to_its_end(studio, check)
    labels = dialog.scroll.widget().findChildren(QLabel)
    bad = next(label for label in labels if label.text() == BAD.subject)

    def is_on_top():
        return 0 <= bad.mapTo(dialog.scroll.viewport(), QPoint(0, 0)).y() < 30

    studio.qtbot.waitUntil(is_on_top)


def test_jobs_are_followed_while_a_check_runs(studio, check):
    dialog = start(studio, check)
    studio.qtbot.waitUntil(lambda: "Bastion" in dialog.as_text())
    answers = []
    studio.controller.connection.call(lambda session: "jobs", answers.append)
    studio.qtbot.waitUntil(lambda: answers == ["jobs"])
    assert dialog.is_running


def test_a_check_that_needs_a_password_begins_anew_without_double_lines(studio):
    calls = []

    def look(version, folder, told):
        told(GOOD)
        calls.append(1)
        if len(calls) == 1:
            raise password_needed()
        told(BAD)

    dialog = start(studio, look)
    studio.child("remote_password_dialog").accept()
    studio.qtbot.waitUntil(lambda: not dialog.is_running)
    assert dialog.as_text() == "[OK] Bastion: It was reached.\n" + (
        "[Failed] Mount: Not there.\nMount it."
    )


def test_an_error_of_the_check_is_a_sentence(studio, check):
    check.error = RemoteError("The profile is gone.")
    check.go_on.set()
    dialog = start(studio, check)
    studio.qtbot.waitUntil(lambda: not dialog.is_running)
    assert dialog.summary.text() == "The profile is gone."


def test_the_gpu_is_checked_on_request_below_the_other_lines(studio, check):
    check.go_on.set()
    dialog = start(studio, check)
    studio.qtbot.waitUntil(lambda: not dialog.is_running)
    studio.session.check_gpu = lambda version, folder, told: told(GPU)
    for _ in range(2):  # the second one takes the first one's place
        dialog.gpu.click()
        studio.qtbot.waitUntil(lambda: not dialog.is_running)
        assert dialog.as_text().count("[") == 3
        assert dialog.as_text().endswith("[OK] nvidia-smi: A card.")
    dialog.copy.click()
    assert QApplication.clipboard().text() == dialog.as_text()


# -- the connection log --------------------------------------------------------------


@pytest.fixture
def log(qtbot):
    lines = []
    dialog = ConnectionLogDialog("Practice HPC", lambda: lines)
    qtbot.addWidget(dialog)
    dialog.show()
    return lines, dialog


def test_before_the_first_connect_the_log_says_so(log):
    _, dialog = log
    assert "was not connected to since" in dialog.state.text()
    assert not dialog.text.isVisible()
    assert not dialog.copy.isEnabled()


def test_the_log_grows_while_it_is_open(log, qtbot):
    lines, dialog = log
    lines.append("12:00  bastion: reached")
    qtbot.waitUntil(lambda: "reached" in dialog.text.toPlainText())
    assert dialog.text.isVisible()
    lines.append("12:01  bastion: signed in")
    qtbot.waitUntil(lambda: dialog.text.toPlainText() == "\n".join(lines))
    assert "no password" in dialog.state.text()


def test_a_selection_survives_new_lines_and_is_what_is_copied(log):
    lines, dialog = log
    lines += ["first", "second"]
    dialog.look()
    cursor = dialog.text.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(5, cursor.MoveMode.KeepAnchor)
    dialog.text.setTextCursor(cursor)
    lines.append("third")
    dialog.look()
    dialog.copy.click()
    assert QApplication.clipboard().text() == "first"


def test_a_log_whose_oldest_lines_went_is_shown_anew(log):
    lines, dialog = log
    lines += ["first", "second"]
    dialog.look()
    del lines[0]
    lines.append("third")
    dialog.look()
    assert dialog.text.toPlainText() == "second\nthird"


def test_the_log_is_opened_from_the_dock_and_saved(studio, tmp_path):
    studio.session.connection_log = lambda: ["bastion: reached"]
    studio.dock.refresh.click()
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)
    studio.dock.line.entries["remote_line_log"].trigger()
    dialog = studio.controller.tools.log_dialog
    assert dialog.isVisible()
    dialog.save.click()
    (chooser,) = dialog.findChildren(QFileDialog)
    path = tmp_path / "connection-log.txt"
    chooser.fileSelected.emit(str(path))
    chooser.reject()
    studio.qtbot.waitUntil(lambda: "Saved as" in dialog.state.text())
    assert path.read_text("utf-8") == "bastion: reached\n"
    dialog.close()


def test_a_log_that_cannot_be_saved_says_why(studio, tmp_path):
    studio.controller.show_log()
    dialog = studio.controller.tools.log_dialog
    dialog.save_wanted.emit(str(tmp_path / "no folder" / "x"), "text")
    studio.qtbot.waitUntil(lambda: "could not be saved" in dialog.state.text())
    dialog.close()


# -- the dock's first line -----------------------------------------------------------


def test_a_click_on_the_line_connects_when_that_helps(studio):
    assert "not connected" in studio.dock.connection.text()
    studio.qtbot.mouseClick(studio.dock.connection, Qt.MouseButton.LeftButton)
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)
    studio.qtbot.waitUntil(lambda: "connected as jane" in studio.dock.connection.text())


def test_a_click_on_the_line_of_a_connection_opens_its_menu(studio):
    studio.dock.show_connection("ok", "Practice HPC – connected as jane", False)
    studio.qtbot.mouseClick(studio.dock.connection, Qt.MouseButton.LeftButton)
    menu = studio.dock.line.menu
    studio.qtbot.waitUntil(menu.isVisible)
    assert not studio.dock.line.entries["remote_line_connect"].isEnabled()
    assert studio.dock.line.entries["remote_line_disconnect"].isEnabled()
    menu.close()


def test_disconnect_stays_disconnected_until_it_is_wanted(studio):
    studio.dock.refresh.click()
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)
    studio.qtbot.waitUntil(lambda: "connected as jane" in studio.dock.connection.text())
    studio.dock.line.entries["remote_line_disconnect"].trigger()
    studio.qtbot.waitUntil(lambda: not studio.session.transport.is_connected)
    assert studio.dock.sign_in.isVisible()


def test_the_tooltip_has_the_whole_text_and_what_a_click_does(studio):
    studio.dock.show_connection("warn", "offline since 14:02, " * 9, True)
    tip = studio.dock.connection.toolTip()
    assert tip.count("offline since 14:02") == 9
    assert tip.endswith("Click to connect.")
