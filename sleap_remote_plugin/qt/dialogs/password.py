"""Ask for a password, a passphrase, answers to a server's prompts, or a user name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.errors import SignInNeeded, SignInRefused
from sleap_remote_plugin.qt.dialogs.buttons import make_default, plain
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

_KEPT = tr(
    "The system's password store keeps it, so that you are not asked again. It is "
    "never written to a file of this program."
)
_FOR_NOW = tr("{} It is remembered until SLEAP is closed.")
_NEVER_KEPT = tr("A one-time code is used once and kept nowhere.")


class PasswordDialog(QDialog):
    """One line for each secret that is asked for; none where only a wait is asked.

    Attributes
    ----------
    instead : QPushButton or None
        *Use the password instead*, where a key's passphrase is asked for.
    """

    def __init__(self, error: SignInNeeded, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.error = error
        self._takes_password = False
        self.setObjectName("remote_password_dialog")
        self.setWindowTitle(tr("Unlock a key") if error.key_file else tr("Sign in"))
        self.setMinimumWidth(380)
        layout = QVBoxLayout(self)
        self.message = _text(str(error))
        plainly = not (error.prompts or error.key_file or error.is_confirmation)
        self.message.setVisible(isinstance(error, SignInRefused) or not plainly)
        layout.addWidget(self.message)
        layout.addLayout(self._form())
        self._add_keep(layout)
        layout.addStretch(1)
        layout.addWidget(self._buttons())
        make_default(self.buttons.button(QDialogButtonBox.StandardButton.Ok))
        self._on_text()
        if self.answers:
            self.answers[0].setFocus()

    # -- what is seen ------------------------------------------------------------------

    def showEvent(self, event: Any) -> None:
        """Make room for each line of the text, in any font."""
        super().showEvent(event)
        layout = self.layout()
        layout.activate()
        width = max(self.width(), self.minimumWidth(), layout.minimumSize().width())
        self.setMinimumSize(width, layout.totalHeightForWidth(width))

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        rows = ((tr("Key"), _short(self.error.key_file)), (tr("User"), self.error.user))
        for name, text in rows + ((tr("Host"), self.error.host),):
            if text:
                label = ElidedLabel(text)
                label.setTextFormat(Qt.TextFormat.PlainText)
                form.addRow(name, label)
        self.answers: List[QLineEdit] = []
        for number, (prompt, shown) in enumerate(self._prompts()):
            answer = QLineEdit()
            answer.setObjectName("remote_password" + ("_%d" % number if number else ""))
            answer.setAccessibleName(prompt)
            answer.textChanged.connect(self._on_text)
            if not shown:
                answer.setEchoMode(QLineEdit.EchoMode.Password)
            form.addRow(_text(prompt), answer)
            self.answers.append(answer)
        return form

    def _prompts(self) -> Tuple[Tuple[str, bool], ...]:
        if self.error.is_confirmation:
            return ()
        prompts = tuple(
            (str(text).strip().rstrip(":") or tr("Answer"), bool(shown))
            for text, shown in self.error.prompts
        )
        return prompts or (
            (tr("Passphrase") if self.error.key_file else tr("Password"), False),
        )

    def _add_keep(self, layout: QVBoxLayout) -> None:
        error, problem = self.error, self.error.keyring_problem
        self.keep = QCheckBox(tr("Keep in the system keyring"))
        if error.password_prompt:
            self.keep.setText(tr("Keep the password in the system keyring"))
        self.keep.setObjectName("remote_keep_password")
        self.keep.setChecked(not problem)
        self.keep.setEnabled(not problem)
        self.keep.setToolTip(_KEPT)
        only_codes = bool(error.prompts) and not error.password_prompt
        keeps = not only_codes and not error.is_confirmation
        self.keep.setVisible(keeps)
        layout.addWidget(self.keep)
        self.reason = _text(_FOR_NOW.format(problem) if keeps else _NEVER_KEPT)
        self.reason.setObjectName("remote_keyring_problem")
        self.reason.setVisible(bool(problem) if keeps else only_codes)
        layout.addWidget(self.reason)

    def _buttons(self) -> QDialogButtonBox:
        ok = QDialogButtonBox.StandardButton.Ok
        self.buttons = QDialogButtonBox(ok | QDialogButtonBox.StandardButton.Cancel)
        words = tr("Unlock") if self.error.key_file else tr("Sign in")
        self.buttons.button(ok).setText(
            tr("Try again") if self.error.is_confirmation else words
        )
        self.instead = None
        if self.error.or_password:
            role = QDialogButtonBox.ButtonRole.ActionRole
            self.instead = self.buttons.addButton(tr("Use the password instead"), role)
            self.instead.setObjectName("remote_use_password")
            self.instead.setAutoDefault(False)
            self.instead.clicked.connect(self._on_instead)
        plain(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        return self.buttons

    def _on_text(self, *_args: str) -> None:
        """An empty password is a wrong one: it is not sent."""
        secret = not self.error.prompts and bool(self.answers)
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(not secret or bool(self.answers[0].text()))

    def _on_instead(self, *_args: bool) -> None:
        self._takes_password = True
        self.accept()

    # -- what was given ----------------------------------------------------------------

    def password(self) -> str:
        """The answers, one a line."""
        return Secret("\n".join(answer.text() for answer in self.answers))

    def given(self) -> Callable[[Any], Any]:
        """What hands the answers to a session; they are no longer here then."""
        error, keep, secret = self.error, self.keep.isChecked(), self.password()
        self.wipe()
        if self._takes_password:
            return lambda session: session.use_password_instead(error)
        return lambda session: session.give_password(error, secret, keep)

    def wipe(self) -> None:
        """Forget what was typed."""
        for answer in self.answers:
            answer.clear()


def _text(words: str) -> QLabel:
    """A label for words that may be a server's: never as HTML."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(words)
    label.setWordWrap(True)
    return label


def _short(path: str) -> str:
    home = str(Path.home())
    return "~" + path[len(home) :] if path.startswith(home) else path


class UserDialog(QDialog):
    """Ask once who the user is on a cluster."""

    def __init__(self, title: str, user: str = "", parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("remote_user_dialog")
        self.setWindowTitle(tr("Sign in to ") + title)
        self.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        text = QLabel(tr("What is your user name on {}?").format(title))
        text.setWordWrap(True)
        layout.addWidget(text)
        self.name = QLineEdit(user)
        self.name.setObjectName("remote_user")
        self.name.setAccessibleName(tr("User name"))
        self.name.textChanged.connect(self._on_text)
        layout.addWidget(self.name)
        ok = QDialogButtonBox.StandardButton.Ok
        self.buttons = QDialogButtonBox(ok | QDialogButtonBox.StandardButton.Cancel)
        plain(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout.addWidget(self.buttons)
        self._on_text(user)

    def user(self) -> str:
        return self.name.text().strip()

    def _on_text(self, *_args: str) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(self.user()) and " " not in self.user())
