"""Whether a host is trusted: No unless *Trust and connect* itself is pressed."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QLabel

from sleap_remote_plugin.errors import HostKeyUnknown
from sleap_remote_plugin.qt.dialogs.host_key import HostKeyDialog

PRINT = "SHA256:vBxyCVIHMMzgkgBL1mjDLoYgJVFzHPDOK0aCw0dVRLc"


@pytest.fixture
def dialog(qtbot):
    def make(**changed):
        fields = {"shown": "gateway (reached through bastion)", **changed}
        error = HostKeyUnknown("new", "gw", "ssh-ed25519", PRINT, "AAAA", **fields)
        made = HostKeyDialog(error, "Jo of IT")
        qtbot.addWidget(made)
        answers = []
        made.finished.connect(lambda result: answers.append(result))
        with qtbot.waitExposed(made):
            made.show()
        return made, answers

    return make


def texts(dialog):
    return [label.text() for label in dialog.findChildren(QLabel)]


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape]
)
@pytest.mark.parametrize("where", ["dialog", "refuse", "trust"])
def test_return_and_escape_refuse_wherever_the_focus_is(qtbot, dialog, key, where):
    made, answers = dialog()
    focused = made if where == "dialog" else getattr(made, where)
    focused.setFocus()

    qtbot.keyClick(focused, key)

    assert answers == [int(QDialog.DialogCode.Rejected)]


def test_closing_the_window_refuses(dialog):
    made, answers = dialog()

    made.close()

    assert answers == [int(QDialog.DialogCode.Rejected)]


def test_only_the_button_itself_trusts(qtbot, dialog):
    made, answers = dialog()

    qtbot.mouseClick(made.trust, Qt.MouseButton.LeftButton)

    assert answers == [int(QDialog.DialogCode.Accepted)]


def test_host_type_fingerprint_and_whom_to_ask_are_shown(dialog):
    made, _ = dialog()

    shown = texts(made)
    assert {"gateway (reached through bastion)", "ssh-ed25519", PRINT} <= set(shown)
    assert any("Jo of IT" in text for text in shown)
    assert made.findChild(QLabel, "remote_host_key_warning") is None


def test_what_looks_odd_is_said(dialog):
    made, _ = dialog(warning="Beware: another type of key is known.")

    warning = made.findChild(QLabel, "remote_host_key_warning")
    assert warning.text().startswith("Beware")


def test_a_hosts_name_is_never_markup(dialog):
    made, _ = dialog(shown="<b>gw</b>", warning="<img src=x>")

    for text in ("<b>gw</b>", "<img src=x>"):
        (label,) = [one for one in made.findChildren(QLabel) if one.text() == text]
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_long_name_does_not_make_a_wide_window(dialog):
    made, _ = dialog(shown="gateway " * 60)

    assert made.width() < 900
