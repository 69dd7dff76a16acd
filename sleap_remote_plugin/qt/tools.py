"""The check of a cluster, and the connection's log."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qtpy.QtCore import QObject

from sleap_remote_plugin.qt.checking import Checking
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.dialogs.connection_log import ConnectionLogDialog
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr


class Tools(QObject):
    """Opens their windows; neither is modal."""

    def __init__(self, host: Host, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.host = host
        self.checking: Optional[Checking] = None
        self.log_dialog: Optional[ConnectionLogDialog] = None
        self._lane, self._files = Lane("check", self), Lane("log", self)
        self.destroyed.connect(self._lane.close)
        self.destroyed.connect(self._files.close)
        self._connection: Optional[Connection] = None

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
                lambda _: dialog.show_saved(tr("Saved as {}.").format(path)),
                lambda error: dialog.show_saved(
                    tr(
                        "It could not be saved as {}: {}. Choose another folder."
                    ).format(path, error)
                ),
            )
