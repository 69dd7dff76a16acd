"""Ask whether a key is to be installed on the cluster, and how a new one is locked."""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

_OLD = tr(
    "The public half of your key {} is written to ~/.ssh/authorized_keys on each host "
    "on the way to {}, and signing in with it is tried. You are asked for your "
    "password once, if it is not known. Nothing else is changed."
)
_NEW = tr(
    "You have no SSH key yet. A new one (Ed25519) is written to ~/.ssh/id_ed25519 on "
    "this computer. Its public half goes to ~/.ssh/authorized_keys on each host on the "
    "way to {}, and signing in with it is tried. You are asked for your password once, "
    "if it is not known."
)
_WITHOUT = tr(
    "Without a passphrase, whoever can read that file can sign in as you. With one, "
    "the system keyring remembers it for you."
)


class InstallKeyDialog(QDialog):
    """Accepted means: install it.

    Parameters
    ----------
    key : str
        The name of the user's key; empty: there is none yet.
    """

    def __init__(self, title: str, key: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_install_key_dialog")
        self.setWindowTitle(tr("Sign in without a password"))
        self.setMinimumWidth(440)
        layout = QVBoxLayout(self)
        layout.addWidget(_text(_OLD.format(key, title) if key else _NEW.format(title)))
        self.passphrase = _secret("remote_passphrase")
        self.again = _secret("remote_passphrase_again")
        self.hint = _text(_WITHOUT)
        if not key:
            form = QFormLayout()
            form.addRow(tr("Passphrase (may be empty)"), self.passphrase)
            form.addRow(tr("Once more"), self.again)
            layout.addLayout(form)
            layout.addWidget(self.hint)
        layout.addStretch(1)
        ok = QDialogButtonBox.StandardButton.Ok
        self.buttons = QDialogButtonBox(ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(ok).setText(tr("Install"))
        plain(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout.addWidget(self.buttons)
        self.passphrase.textChanged.connect(self._on_text)
        self.again.textChanged.connect(self._on_text)

    def take(self) -> Secret:
        """The passphrase for a new key; it is no longer here then."""
        secret = Secret(self.passphrase.text())
        self.passphrase.clear()
        self.again.clear()
        return secret

    def _on_text(self, *_args: str) -> None:
        same = self.passphrase.text() == self.again.text()
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(same)
        self.hint.setText(_WITHOUT if same else tr("The two are not the same yet."))


def _text(words: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(words)
    label.setWordWrap(True)
    return label


def _secret(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setObjectName(name)
    line.setEchoMode(QLineEdit.EchoMode.Password)
    return line
