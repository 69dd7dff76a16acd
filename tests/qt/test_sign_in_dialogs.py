"""What the sign-in dialogs show and give back; and the sign-in in the settings."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from qtpy.QtCore import Qt

from sleap_remote_plugin.errors import SignInNeeded, SignInRefused
from sleap_remote_plugin.qt.dialogs.install_key import InstallKeyDialog
from sleap_remote_plugin.qt.dialogs.password import PasswordDialog
from tests.qt.standins import password_needed

PROBLEM = "This computer's keyring is locked."


def passphrase_needed(or_password=True, cls=SignInNeeded):
    return cls(
        "The key ~/.ssh/id_ed25519 has a passphrase.",
        "jane",
        "gateway",
        key_file="/home/jane/.ssh/id_ed25519",
        or_password=or_password,
    )


def code_needed():
    return SignInNeeded(
        "<b>gateway</b> asks: Code",
        "jane",
        "gateway",
        prompts=[("<i>Code</i>:", False)],
    )


@pytest.fixture
def shown(qtbot):
    def make(error):
        dialog = PasswordDialog(error)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def labels(dialog):
    from qtpy.QtWidgets import QLabel

    return [label for label in dialog.findChildren(QLabel) if label.isVisible()]


def test_where_nothing_can_be_kept_the_box_is_off_and_says_why_before_one_types(shown):
    error = password_needed()
    error.keyring_problem = PROBLEM
    dialog = shown(error)

    assert not dialog.keep.isEnabled()
    assert not dialog.keep.isChecked()
    assert PROBLEM in dialog.reason.text()
    assert "until SLEAP is closed" in dialog.reason.text()
    assert dialog.reason.isVisible()


def test_with_a_keyring_the_box_is_on_and_nothing_is_said(shown):
    dialog = shown(password_needed())

    assert dialog.keep.isChecked()
    assert dialog.keep.isEnabled()
    assert not dialog.reason.isVisible()


def test_a_code_is_never_offered_to_be_kept(shown):
    dialog = shown(code_needed())

    assert not dialog.keep.isVisible()
    assert "kept nowhere" in dialog.reason.text()


def test_what_a_server_says_is_never_html(shown):
    dialog = shown(code_needed())

    texts = [label for label in labels(dialog) if "<" in label.text()]
    assert len(texts) == 2
    for label in texts:
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_password_of_nothing_is_not_sent(shown, qtbot):
    dialog = shown(password_needed())
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    assert not ok.isEnabled()
    qtbot.keyClicks(dialog.answers[0], "x")

    assert ok.isEnabled()


def test_what_was_typed_leaves_the_dialog_and_hides(shown):
    dialog = shown(password_needed())
    dialog.answers[0].setText("M4RKER")
    give = dialog.given()
    got = []
    give(SimpleNamespace(give_password=lambda *values: got.append(values)))

    assert dialog.answers[0].text() == ""
    assert got[0][1] == "M4RKER"
    assert "M4RKER" not in repr(got)


def test_a_confirmation_has_nothing_to_type(shown):
    error = SignInNeeded("It waited.", "jane", "gateway", is_confirmation=True)
    dialog = shown(error)

    assert dialog.answers == []
    assert not dialog.keep.isVisible()
    assert dialog.buttons.button(dialog.buttons.StandardButton.Ok).isEnabled()


def test_the_password_may_be_given_instead_of_a_passphrase(studio):
    studio.session.errors = [passphrase_needed(), password_needed()]
    studio.controller.in_use.refresh()
    first = studio.child("remote_password_dialog")
    first.instead.click()
    studio.qtbot.waitUntil(lambda: len(studio.session.errors) == 0)
    second = studio.child("remote_password_dialog")
    assert not second.error.key_file
    second.answers[0].setText("sesame")
    second.accept()
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)

    assert studio.session.passwords[0] == ("instead of", first.error.key_file)


def test_where_only_keys_are_taken_there_is_no_other_way(shown):
    assert shown(passphrase_needed(or_password=False)).instead is None


def test_a_wrong_passphrase_is_told(shown):
    dialog = shown(passphrase_needed(cls=SignInRefused))

    assert dialog.message.isVisible()


# -- settings ------------------------------------------------------------------------


@pytest.fixture
def settings(studio):
    return opened(studio)


def opened(studio):
    studio.controller.open_settings()
    dialog = studio.child("remote_settings_dialog")
    dialog.show_page("sign-in")
    return dialog


def test_the_settings_say_what_the_keyring_has_and_forget_it(studio, settings):
    studio.qtbot.waitUntil(lambda: settings.kept.text() == "in the system keyring")
    settings.forget.click()
    studio.qtbot.waitUntil(lambda: settings.kept.text() == "not in the system keyring")

    assert studio.session.kept == []
    settings.reject()


def test_the_settings_say_why_nothing_can_be_kept(studio):
    studio.session.keyring_problem = PROBLEM
    dialog = opened(studio)

    studio.qtbot.waitUntil(lambda: dialog.keyring_problem.text() == PROBLEM)
    assert dialog.keyring_problem.isVisible()
    dialog.reject()


def test_replacing_asks_anew_and_keeps_the_old_one_until_then(studio, settings):
    studio.session.errors = [password_needed()]
    settings.replace.click()
    dialog = studio.child("remote_password_dialog")
    assert studio.session.kept == ["jane"]
    dialog.answers[0].setText("sesame")
    dialog.accept()
    studio.qtbot.waitUntil(lambda: studio.session.transport.is_connected)

    assert studio.session.passwords == [("sesame", True)]
    settings.reject()


def test_a_key_is_installed_with_the_passphrase_that_was_given(studio, settings):
    settings.install.click()
    question = studio.child("remote_install_key_dialog")
    question.passphrase.setText("open s3same")
    question.again.setText("open s3same")
    question.accept()
    box = studio.child("remote_message")

    assert "the key signs in" in box.text()
    assert studio.session.installed == ["open s3same"]
    box.close()
    settings.reject()


def test_two_passphrases_that_differ_are_not_taken(qtbot):
    dialog = InstallKeyDialog("Practice HPC", "")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.passphrase.setText("one")
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.again.setText("one")

    assert ok.isEnabled()


def test_who_has_a_key_is_not_asked_for_a_passphrase(qtbot):
    dialog = InstallKeyDialog("Practice HPC", "~/.ssh/id_rsa")
    qtbot.addWidget(dialog)
    dialog.show()

    assert not dialog.passphrase.isVisible()
