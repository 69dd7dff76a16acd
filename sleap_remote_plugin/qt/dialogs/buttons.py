"""The row of buttons of our dialogs: the platform's order, words without icons."""

from __future__ import annotations

from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QDialogButtonBox, QMessageBox, QPushButton


def plain(box: "QDialogButtonBox | QMessageBox") -> None:
    """Take the theme's icons off: SLEAP's own buttons have none; name the nameless.

    A name says what the button is for, not what it says: ``remote_dialog_accept``,
    ``remote_dialog_reject``.
    """
    role = type(box).ButtonRole
    names = {role.AcceptRole: "accept", role.RejectRole: "reject"}
    for button in box.buttons():
        button.setIcon(QIcon())
        if not button.objectName():
            name = names.get(box.buttonRole(button), "more")
            button.setObjectName("remote_dialog_" + name)


def make_default(button: QPushButton) -> None:
    """Have Return press this button, wherever the focus is and was.

    To be called once the button is in its dialog: Qt tells no dialog that comes later,
    and Return then presses whichever button had the focus last, or none.
    """
    button.setDefault(False)
    button.setDefault(True)
