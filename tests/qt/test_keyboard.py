"""Every dialog of ours by its keyboard only: its main deed, others, its cancel."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QObject, Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QMenu,
    QMessageBox,
    QPushButton,
)

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.qt.dialogs.bad_frames import BadFramesDialog
from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.dialogs.connection_log import ConnectionLogDialog
from sleap_remote_plugin.qt.dialogs.host_key import HostKeyDialog
from sleap_remote_plugin.qt.dialogs.install_key import InstallKeyDialog
from sleap_remote_plugin.qt.dialogs.load import LoadDialog
from sleap_remote_plugin.qt.dialogs.message import ask, tell
from sleap_remote_plugin.qt.dialogs.one_disk import DiskDialog
from sleap_remote_plugin.qt.dialogs.password import PasswordDialog, UserDialog
from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog, WhatToRun
from sleap_remote_plugin.qt.dialogs.wizard import SetupWizard
from sleap_remote_plugin.qt.loads import LoadMode, LoadPreview, LoadVideo
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.session.known_disks import How, KnownDisk
from tests.qt.keys import ALT, DOWN, ESCAPE, RETURN, Keys
from tests.qt.looks import put_away
from tests.qt.standins import a_profile, password_needed
from tests.qt.windows import every_state

ACCEPTED, REJECTED = QDialog.DialogCode.Accepted, QDialog.DialogCode.Rejected


def heard(signal):
    """What a signal says from now on."""
    came = []
    signal.connect(lambda *said: came.append(said))
    return came


def operated(qtbot, dialog):
    """A dialog, its keys, and a list of the results that it ends with."""
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    return Keys(dialog), heard(dialog.finished)


def a_dock(qtbot, wanted):
    from tests.qt.screens import docks

    dock = next(dock for name, dock in docks() if name == wanted)
    qtbot.addWidget(dock)
    return dock, Keys(dock)


# -- each of them, in each state ------------------------------------------------------


def test_return_presses_the_default_button_and_escape_leaves_every_dialog(qtbot):
    wrong, seen = [], 0
    for state in every_state():
        window = state.widget
        if isinstance(window, QDialog):
            seen += 1
            window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
            keys = Keys(window)
            wrong += [state.name + ": " + one for one in _wrong(keys, window)]
        put_away(window)
    assert seen > 40
    assert wrong == []


def _wrong(keys, window):
    defaults = [b for b in window.findChildren(QPushButton) if b.isDefault()]
    if len(defaults) != 1:
        yield "{} default buttons".format(len(defaults))
    else:
        pressed = heard(defaults[0].clicked)
        keys.press(RETURN)
        if defaults[0].isEnabled() and not pressed and window.isVisible():
            yield "Return does not press {}".format(defaults[0].objectName())
    if not window.isVisible():
        window.show()
    stops = heard(window.stop_wanted) if hasattr(window, "stop_wanted") else []
    keys.press(ESCAPE)
    asks = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    if window.isVisible() and not stops and not asks:
        yield "Escape does not leave it"


# -- signing in -----------------------------------------------------------------------


def test_a_password_is_typed_kept_and_sent(qtbot):
    dialog = PasswordDialog(password_needed())
    keys, ends = operated(qtbot, dialog)
    keys.type("open sesame")
    keep = dialog.keep.isChecked()
    keys.do("remote_keep_password")
    keys.press(RETURN)
    assert ends == [(ACCEPTED,)]
    assert str(dialog.password()) == "open sesame"
    assert dialog.keep.isChecked() is not keep


def test_a_password_is_asked_for_instead_of_a_passphrase(qtbot):
    needed = password_needed()
    needed.key_file, needed.or_password = "/home/jane/.ssh/id", True
    dialog = PasswordDialog(needed)
    keys, ends = operated(qtbot, dialog)
    pressed = heard(dialog.instead.clicked)
    keys.do("remote_use_password")
    assert (len(pressed), ends) == (1, [(ACCEPTED,)])


def test_a_user_name_is_typed(qtbot):
    dialog = UserDialog("Practice HPC")
    keys, ends = operated(qtbot, dialog)
    keys.type("jane")
    keys.press(RETURN)
    assert (ends, dialog.user()) == ([(ACCEPTED,)], "jane")


def test_an_unknown_host_is_refused_by_return_and_trusted_only_on_purpose(qtbot):
    from tests.qt.sign_in_states import sign_ins

    made = [dict(sign_ins())["host-key"] for _ in range(2)]
    assert all(isinstance(one, HostKeyDialog) for one in made)
    keys, ends = operated(qtbot, made[0])
    keys.press(RETURN)
    assert ends == [(REJECTED,)]
    keys, ends = operated(qtbot, made[1])
    keys.do("remote_trust_host")
    assert ends == [(ACCEPTED,)]


def test_a_key_is_installed_with_a_passphrase(qtbot):
    dialog = InstallKeyDialog("Practice HPC", "")
    keys, ends = operated(qtbot, dialog)
    for name in ("remote_passphrase", "remote_passphrase_again"):
        keys.write(name, "long words")
    keys.press(RETURN)
    assert (ends, str(dialog.take())) == ([(ACCEPTED,)], "long words")


# -- jobs -----------------------------------------------------------------------------


def test_a_job_is_named_and_submitted(qtbot):
    what = WhatToRun("top-down", "212 labelled frames", "mouse top-down")
    dialog = SubmitDialog(a_profile(), what, JobKind.TRAIN, Generation.CURRENT)
    keys, ends = operated(qtbot, dialog)
    scripts = heard(dialog.script_wanted)
    keys.write("remote_job_name", "mouse again")
    keys.do("remote_show_script")
    assert dialog.script.isVisible()
    assert scripts
    keys.do("remote_submit")
    assert (ends, dialog.name()) == ([(ACCEPTED,)], "mouse again")


def test_predictions_are_loaded_beside_those_that_are_there(qtbot):
    preview = LoadPreview((LoadVideo("mouse.mp4", 10, 20),), 10, 20, 0, 7, 3)
    dialog = LoadDialog("mouse predictions", preview)
    keys, ends = operated(qtbot, dialog)
    keys.tab_to("remote_load_replace").press(DOWN)
    keys.press(RETURN)
    assert (ends, dialog.mode) == ([(ACCEPTED,)], LoadMode.ADD)


def test_frames_that_cannot_be_read_are_left_out(qtbot):
    from tests.qt.message_states import bad_frames

    dialog = dict(bad_frames())["bad-frames"]
    assert isinstance(dialog, BadFramesDialog)
    keys, ends = operated(qtbot, dialog)
    keys.do("remote_copy_command")
    assert QApplication.clipboard().text() == dialog.commands
    keys.do("remote_predict_without")
    assert ends == [(ACCEPTED,)]


def test_files_are_copied_to_the_folder_that_is_typed_and_escape_stops_it(qtbot):
    from tests.qt.transfer_states import transfers

    dialog = dict(transfers())["transfer"]
    keys, ends = operated(qtbot, dialog)
    folders, stops = heard(dialog.copy_wanted), heard(dialog.stop_wanted)
    keys.press(Qt.Key.Key_F, modifier=ALT)
    keys.write("remote_transfer_folder", "/mnt/lab/rats")
    keys.press(RETURN)
    assert folders == [("/mnt/lab/rats",)]
    keys.press(ESCAPE)
    assert (stops, ends) == ([()], [])
    dialog.show_problem("It was stopped.")
    keys.press(ESCAPE)
    assert ends == [(REJECTED,)]


@pytest.mark.parametrize(
    ("press", "deeds"),
    [
        (lambda keys: keys.press(RETURN), []),
        (lambda keys: keys.press(ESCAPE), []),
        (lambda keys: keys.do("remote_question_yes"), ["stopped"]),
    ],
)
def test_a_question_is_answered_no_by_return_and_yes_only_on_purpose(
    qtbot, press, deeds
):
    done = []
    box = ask(None, "Stop it?", "Stop", "Go on", lambda: done.append("stopped"))
    keys, ends = operated(qtbot, box)
    press(keys)
    assert len(ends) == 1
    assert done == deeds


def test_details_of_a_message_are_unfolded_and_it_is_closed(qtbot):
    box = tell(None, "It did not work.", "sbatch: error")
    keys, ends = operated(qtbot, box)
    assert isinstance(box, QMessageBox)
    keys.do("remote_dialog_more")
    keys.do("remote_dialog_accept")
    assert len(ends) == 1


# -- the cluster ----------------------------------------------------------------------


def test_a_check_is_made_again_with_a_gpu_and_its_text_is_copied(qtbot):
    from tests.qt.check_states import CHECK_GOOD

    dialog = CheckDialog("Practice HPC")
    dialog.show_lines(CHECK_GOOD)
    keys, ends = operated(qtbot, dialog)
    again, gpu, log = map(heard, (dialog.again, dialog.gpu_wanted, dialog.log_wanted))
    keys.do("remote_check_copy")
    assert QApplication.clipboard().text() == dialog.as_text()
    keys.do("remote_check_log")
    keys.do("remote_check_gpu")
    keys.do("remote_check_again")
    assert (len(again), len(gpu), len(log)) == (1, 1, 1)
    keys.press(RETURN)
    assert not dialog.isVisible()


def test_a_running_check_is_cancelled(qtbot):
    dialog = CheckDialog("Practice HPC")
    dialog.begin("Checking.")
    keys, _ = operated(qtbot, dialog)
    stopped = heard(dialog.stopped)
    keys.do("remote_check_cancel")
    assert len(stopped) == 1


def test_the_connection_log_is_copied_and_closed(qtbot):
    dialog = ConnectionLogDialog("Practice HPC", lambda: ("one", "two"))
    keys, _ = operated(qtbot, dialog)
    keys.do("remote_log_copy")
    assert QApplication.clipboard().text() == "one\ntwo"
    keys.press(RETURN)
    assert not dialog.isVisible()


def test_a_user_is_changed_in_the_settings(qtbot):
    profile = a_profile()
    dialog = SettingsDialog(Profiles((profile,), ()), profile, "jane")
    keys, ends = operated(qtbot, dialog)
    keys.tab_to("remote_settings_pages").press(DOWN)
    keys.write("remote_settings_user", "joan")
    keys.press(RETURN)
    assert (ends, dialog.new_user()) == ([(ACCEPTED,)], "joan")


def test_a_disk_is_named(qtbot):
    dialog = DiskDialog(KnownDisk("", "", How.MISSING, ""))
    keys, ends = operated(qtbot, dialog)
    keys.write("remote_disk_local", "/mnt/ceph")
    keys.write("remote_disk_cluster", "/ceph")
    keys.press(RETURN)
    mount = dialog.mount()
    assert (ends, mount.local, mount.cluster) == ([(ACCEPTED,)], "/mnt/ceph", "/ceph")


def test_the_set_up_goes_on_back_and_is_left(qtbot):
    profile = a_profile()
    dialog = SetupWizard((profile,), profile)
    dialog.show_step("cluster")
    keys, ends = operated(qtbot, dialog)
    wanted, back = heard(dialog.next_wanted), heard(dialog.back_wanted)
    keys.press(RETURN)
    dialog.show_step("user")
    keys.write("remote_wizard_user", "jane")
    keys.press(RETURN)
    keys.do("remote_wizard_back")
    assert (wanted, back) == ([("cluster",), ("user",)], [("user",)])
    assert dialog.user.user() == "jane"
    keys.press(ESCAPE)
    assert ends == [(REJECTED,)]


# -- the dock -------------------------------------------------------------------------


def test_jobs_are_chosen_their_menu_opened_and_one_cancelled(qtbot):
    dock, keys = a_dock(qtbot, "running")
    chosen, deeds = heard(dock.job_selected), heard(dock.result_clicked)
    keys.tab_to("remote_job_table").press(DOWN)
    assert len(chosen) == 1
    keys.press(Qt.Key.Key_Up)
    keys.do("remote_cancel_job")
    assert deeds == [("remote_cancel_job", "run")]


def test_the_connection_s_menu_is_opened_and_chosen_from(qtbot):
    dock, keys = a_dock(qtbot, "running")
    logs = heard(dock.log_clicked)
    menu = dock.findChild(QMenu, "remote_line_menu")
    chooser = _Chooser(menu)
    keys.do("remote_connection_menu")  # comes back when the menu is gone
    assert chooser.chose
    assert len(logs) == 1


class _Chooser(QObject):
    """Presses Up and Return in a menu, once it is open."""

    def __init__(self, menu):
        super().__init__(menu)
        self.menu, self.chose = menu, False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_time)
        self._timer.start(10)

    def _on_time(self):
        if self.menu.isVisible() and not self.chose:
            self.chose = True
            QTest.keyClick(self.menu, Qt.Key.Key_Up)
            QTest.keyClick(self.menu, RETURN)


def test_the_log_is_searched(qtbot):
    dock, keys = a_dock(qtbot, "early")
    keys.tab_to("remote_log_search")
    keys.type("epoch 41")
    assert dock.details.log.found.text() == "1 of 1"
    keys.press(ESCAPE)
    assert dock.details.log.search.text() == ""


def test_every_standard_button_of_ours_has_a_name_to_press_it_by(qtbot):
    dialog = UserDialog("Practice HPC", "jane")
    keys, ends = operated(qtbot, dialog)
    keys.do("remote_dialog_reject")
    assert ends == [(REJECTED,)]
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert ok.objectName() == "remote_dialog_accept"
