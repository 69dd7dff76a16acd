"""The check of a cluster and the settings: dialogs, and what is asked for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.qt.sign_in import SignInSettings


class Tools(QObject):
    """Says what was chosen; the controller does it."""

    profile_chosen = Signal(str)
    user_chosen = Signal(str)
    notices_chosen = Signal(bool)
    signed_out = Signal()

    def __init__(self, host: Host, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.host = host
        self.check_dialog: Optional[CheckDialog] = None
        self.settings_dialog: Optional[SettingsDialog] = None
        self._connection: Optional[Connection] = None
        self.sign_in = SignInSettings(self)
        self.sign_in.signed_out.connect(self.signed_out)

    # -- the check --------------------------------------------------------------------

    def check(self, connection: Connection) -> None:
        """Open the dialog at once; its lines come when the cluster has answered."""
        self._connection = connection
        if self.check_dialog is not None:
            self.check_dialog.close()
            self.check_dialog.deleteLater()
        dialog = CheckDialog(connection.profile.title, self.host.window)
        self.check_dialog = dialog
        dialog.again.connect(self._check)
        dialog.show()
        self._check()

    def _check(self) -> None:
        project, version = self.host.project(), self.host.version
        folder = Path(project.path).parent if project and project.path else None
        dialog = self.check_dialog
        if self._connection is not None:
            self._connection.call(
                lambda session: session.check(version, folder),
                lambda lines: self._show_lines(dialog, lines),
                lambda error: self._show_failure(dialog, error),
                parent=dialog,
            )

    def _show_lines(self, dialog: Optional[CheckDialog], lines: Any) -> None:
        if dialog is not None and dialog is self.check_dialog:
            dialog.show_lines(lines)

    def _show_failure(
        self, dialog: Optional[CheckDialog], error: BaseException
    ) -> None:
        if dialog is not None and dialog is self.check_dialog:
            dialog.say(str(error))

    # -- the settings -----------------------------------------------------------------

    def open_settings(
        self, connection: Optional[Connection], profiles: Profiles, notices: bool
    ) -> None:
        """Open the settings once the session has said who the user is."""
        self._connection = connection
        if connection is None:
            self._show_settings("", profiles, notices)
        else:
            connection.local(
                lambda session: session.user,
                lambda user: self._show_settings(user, profiles, notices),
            )

    def _show_settings(self, user: str, profiles: Profiles, notices: bool) -> None:
        connection = self._connection
        dialog = SettingsDialog(
            profiles.usable,
            connection.profile if connection is not None else None,
            user,
            notices,
            profiles.problems,
            self.host.window,
        )
        self.settings_dialog = dialog
        dialog.accepted.connect(self._on_accepted)
        if connection is not None:
            self.sign_in.attach(dialog, connection)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_accepted(self) -> None:
        dialog = self.settings_dialog
        if dialog is None:
            return
        profile, user = dialog.profile(), dialog.new_user()
        self.notices_chosen.emit(dialog.notifications.isChecked())
        if profile is not None:
            self.profile_chosen.emit(profile.name)
        if user:
            self.user_chosen.emit(user)
