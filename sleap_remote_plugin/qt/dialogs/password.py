"""Ask for a password, for the answers to a server's own prompts, or a user name."""

from __future__ import annotations

from typing import List, Optional, Tuple

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
from sleap_remote_plugin.qt.dialogs.buttons import plain


class PasswordDialog(QDialog):
    """One line for each secret that the server asks for."""

    def __init__(self, error: SignInNeeded, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.error = error
        self.setObjectName("remote_password_dialog")
        self.setWindowTitle("Sign in")
        self.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        message = QLabel(str(error))
        message.setWordWrap(True)
        message.setVisible(isinstance(error, SignInRefused) or bool(error.prompts))
        layout.addWidget(message)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        if error.user:
            form.addRow("User", QLabel(error.user))
        if error.host:
            form.addRow("Host", QLabel(error.host))
        self.answers: List[QLineEdit] = []
        for number, (prompt, shown) in enumerate(self._prompts()):
            answer = QLineEdit()
            answer.setObjectName("remote_password" + ("_%d" % number if number else ""))
            if not shown:
                answer.setEchoMode(QLineEdit.EchoMode.Password)
            form.addRow(prompt, answer)
            self.answers.append(answer)
        layout.addLayout(form)
        self.keep = QCheckBox("Keep in the system keyring")
        self.keep.setObjectName("remote_keep_password")
        self.keep.setChecked(True)
        self.keep.setToolTip(
            "The system's password store keeps it, so that you are not asked again. "
            "It is never written to a file of this program."
        )
        layout.addWidget(self.keep)
        ok = QDialogButtonBox.StandardButton.Ok
        self.buttons = QDialogButtonBox(ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(ok).setText("Sign in")
        plain(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout.addWidget(self.buttons)
        self.answers[0].setFocus()

    def _prompts(self) -> Tuple[Tuple[str, bool], ...]:
        prompts = tuple(
            (str(text).strip().rstrip(":") or "Answer", bool(shown))
            for text, shown in self.error.prompts
        )
        return prompts or (("Password", False),)

    def password(self) -> str:
        """The answers, one a line."""
        return "\n".join(answer.text() for answer in self.answers)

    def wipe(self) -> None:
        """Forget what was typed."""
        for answer in self.answers:
            answer.clear()


class UserDialog(QDialog):
    """Ask once who the user is on a cluster."""

    def __init__(self, title: str, user: str = "", parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("remote_user_dialog")
        self.setWindowTitle("Sign in to " + title)
        self.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        text = QLabel("What is your user name on {}?".format(title))
        text.setWordWrap(True)
        layout.addWidget(text)
        self.name = QLineEdit(user)
        self.name.setObjectName("remote_user")
        self.name.setAccessibleName("User name")
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
