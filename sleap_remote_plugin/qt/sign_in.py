"""What the settings do with a sign-in: forget it, replace it, install a key.

Asking for what is missing meanwhile is connection.py's.
"""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QDialog

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.install_key import InstallKeyDialog
from sleap_remote_plugin.qt.dialogs.message import tell, tell_error
from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
from sleap_remote_plugin.words import tr


class SignInSettings(QObject):
    """The sign-in lines of one settings dialog at a time."""

    signed_out = Signal()

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._dialog: Optional[SettingsDialog] = None
        self._connection: Optional[Connection] = None
        self.question: Optional[InstallKeyDialog] = None

    def attach(self, dialog: SettingsDialog, connection: Connection) -> None:
        """Serve a dialog; the keyring is looked into once it is open."""
        self._dialog, self._connection = dialog, connection
        dialog.forget_wanted.connect(self._on_forget)
        dialog.replace_wanted.connect(self._on_replace)
        dialog.key_wanted.connect(self._on_key)
        dialog.finished.connect(self._on_finished)
        self._look()

    def _on_finished(self, *_args: int) -> None:
        self._dialog = None

    def _look(self) -> None:
        if self._connection is not None:
            self._connection.local(
                lambda session: session.kept_secrets(),
                self._show_kept,
                self._show_error,
            )

    def _show_kept(self, kept: Any) -> None:
        if self._dialog is not None:
            self._dialog.show_kept(kept.count, kept.problem)

    def _show_error(self, error: BaseException) -> None:
        """Say what went wrong, unless it was the user who stopped it."""
        self._look()
        if not isinstance(error, Cancelled):
            tell_error(self._dialog, error)

    # -- forget and replace -----------------------------------------------------------

    def _on_forget(self) -> None:
        if self._connection is not None:
            self._connection.local(
                lambda session: session.forget_password(),
                self._on_done,
                self._show_error,
            )
            self.signed_out.emit()

    def _on_done(self, *_args: Any) -> None:
        self._look()

    def _on_replace(self) -> None:
        if self._connection is not None:
            self._connection.local(
                lambda session: session.ask_anew(),
                self._on_signed_out,
                self._show_error,
            )

    def _on_signed_out(self, *_args: Any) -> None:
        if self._connection is not None:
            self._connection.call(
                lambda session: session.connect(),
                self._on_done,
                self._show_error,
                parent=self._dialog,
            )

    # -- a key ------------------------------------------------------------------------

    def _on_key(self) -> None:
        if self._connection is not None:
            self._connection.local(
                lambda session: session.own_key(), self._ask_about_key, self._show_error
            )

    def _ask_about_key(self, key: Any) -> None:
        if self._dialog is None or self._connection is None:
            return
        title = self._connection.profile.title
        name = key.name if key is not None else ""
        self.question = InstallKeyDialog(title, name, self._dialog)
        self.question.finished.connect(self._on_answered)
        self.question.open()

    def _on_answered(self, result: int) -> None:
        question, self.question = self.question, None
        if question is None or self._connection is None:
            return
        passphrase = question.take()
        question.deleteLater()
        if result == int(QDialog.DialogCode.Accepted):
            if self._dialog is not None:
                self._dialog.say_key(tr("The key is being installed..."))
            self._connection.call(
                lambda session: session.install_key(passphrase),
                self._on_installed,
                self._show_error,
                parent=self._dialog,
            )

    def _on_installed(self, results: Any) -> None:
        self._look()
        tell(self._dialog, "\n\n".join(result.text for result in results))
