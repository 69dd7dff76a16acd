"""The check of a cluster, the connection's log, and the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.qt.checking import Checking
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.dialogs.connection_log import ConnectionLogDialog
from sleap_remote_plugin.qt.dialogs.message import tell_error
from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
from sleap_remote_plugin.qt.disks import DisksSettings
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.qt.sign_in import SignInSettings
from sleap_remote_plugin.qt.worker import Lane


class Tools(QObject):
    """Says what was chosen; the controller does it."""

    profile_chosen = Signal(str)
    user_chosen = Signal(str)
    notices_chosen = Signal(bool)
    signed_out = Signal()
    disks_kept = Signal(object)  # ClusterProfile
    setup_wanted = Signal()

    def __init__(self, host: Host, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.host = host
        self.checking: Optional[Checking] = None
        self.log_dialog: Optional[ConnectionLogDialog] = None
        self._lane, self._files = Lane("check", self), Lane("log", self)
        self.destroyed.connect(self._lane.close)
        self.destroyed.connect(self._files.close)
        self.settings_dialog: Optional[SettingsDialog] = None
        self._connection: Optional[Connection] = None
        self.sign_in = SignInSettings(self)
        self.sign_in.signed_out.connect(self.signed_out)
        self.disks = DisksSettings(self)
        self.disks.kept.connect(self.disks_kept)
        self.disks.failed.connect(self._on_disks_failed)

    # -- the check, and the connection's log -------------------------------------------

    def check(self, connection: Connection) -> None:
        """Open the dialog at once; its lines come as they are found."""
        if self.checking is not None:
            self.checking.leave()
        self._connection = connection
        self.checking = Checking(self.host, connection, self._lane, self)
        self.checking.log_wanted.connect(self._on_log_wanted)
        self.checking.check()

    @property
    def check_dialog(self) -> Optional[CheckDialog]:
        return self.checking.dialog if self.checking is not None else None

    def show_log(self, connection: Connection) -> None:
        """What happened on the connection; grows while it is open."""
        if self.log_dialog is not None:
            self.log_dialog.close()
            self.log_dialog.deleteLater()
        title = connection.profile.title
        dialog = ConnectionLogDialog(title, connection.log_lines, self.host.window)
        self.log_dialog = dialog
        dialog.save_wanted.connect(self._on_save_log)
        dialog.show()

    def _on_log_wanted(self) -> None:
        if self._connection is not None:
            self.show_log(self._connection)

    def _on_save_log(self, path: str, text: str) -> None:
        dialog = self.log_dialog
        if dialog is not None:
            self._files.do(
                lambda: Path(path).write_text(text, "utf-8"),
                lambda _: dialog.show_saved("Saved as {}.".format(path)),
                lambda error: dialog.show_saved(
                    "It could not be saved as {}: {}. Choose another folder.".format(
                        path, error
                    )
                ),
            )

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
        dialog.setup_wanted.connect(self.setup_wanted)
        if connection is not None:
            self.sign_in.attach(dialog, connection)
            self.disks.attach(dialog, connection)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_disks_failed(self, error: BaseException) -> None:
        tell_error(self.host.window, error)

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
