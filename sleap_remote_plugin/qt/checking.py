"""Runs the cluster check on a lane of its own, and tells its dialog what is found.

A lane of its own, since the job on a GPU node takes minutes: jobs are followed
meanwhile. What is looked at is session/check.py's.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Optional

from qtpy.QtCore import QObject, Qt, Signal

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr

CHECKING = tr("Checking. Lines appear as they are found.")
CHECKING_GPU = tr(
    "A short job runs on a GPU node. It may wait in the queue first; Cancel takes it "
    "back."
)


class Teller(QObject):
    """Brings what a lane finds to the GUI thread; False from the call says: stop."""

    said = Signal(object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._stopped = threading.Event()
        self._last: Any = None

    def stop(self) -> None:
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def __call__(self, item: Any) -> bool:
        if item != self._last:
            self._last = item
            try:
                self.said.emit(item)
            except RuntimeError:  # Qt's half of this object is gone: nobody listens
                return False
        return not self.is_stopped


class Checking(QObject):
    """One check dialog of one connection."""

    log_wanted = Signal()

    def __init__(
        self, host: Host, connection: Connection, lane: Lane, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.connection = connection
        self.dialog = CheckDialog(connection.profile.title, host.window)
        self._lane = lane
        self._teller: Optional[Teller] = None
        self._on_gpu = False
        self.dialog.again.connect(self.check)
        self.dialog.gpu_wanted.connect(self.check_gpu)
        self.dialog.log_wanted.connect(self.log_wanted)
        self.dialog.stopped.connect(self.stop)
        self.dialog.show()

    def check(self) -> None:
        self._start(False)

    def check_gpu(self) -> None:
        self._start(True)

    def leave(self) -> None:
        """Close the dialog; what runs is cancelled."""
        self.stop()
        self.dialog.close()
        self.dialog.deleteLater()
        self.deleteLater()

    def stop(self) -> None:
        """Cancel what runs; a connect that is under way is let go."""
        if self._teller is None or self._teller.is_stopped:
            return
        if not self.dialog.is_running:
            return  # it has ended: the connection is made again by itself
        self._teller.stop()
        if not self.connection.is_connected():
            self.connection.cancel()

    def _start(self, on_gpu: bool) -> None:
        project, version = self.host.project(), self.host.version
        folder = Path(project.path).parent if project and project.path else None
        teller = Teller(self)
        teller.said.connect(self._on_said, Qt.ConnectionType.QueuedConnection)
        self._teller, self._on_gpu = teller, on_gpu
        self.dialog.begin(CHECKING_GPU if on_gpu else CHECKING, keep=on_gpu)

        def look(session: Any) -> Any:
            teller(None)  # asked anew: what was found before is found again
            one = session.check_gpu if on_gpu else session.check
            return one(version, folder, teller)

        self.connection.call(
            look, self._on_done, self._on_error, parent=self.dialog, lane=self._lane
        )

    def _on_said(self, item: Any) -> None:
        if self.sender() is not self._teller or not self.dialog.is_running:
            return
        if item is None:
            self.dialog.begin(self.dialog.summary.text(), keep=self._on_gpu)
        elif isinstance(item, str):
            self.dialog.show_step(item)
        else:
            self.dialog.add_line(item)

    def _on_done(self, _lines: Any) -> None:
        if not self._on_gpu:
            self.dialog.keep_lines()
        self.dialog.end()

    def _on_error(self, error: BaseException) -> None:
        if not self._on_gpu:
            self.dialog.keep_lines()
        if isinstance(error, (Cancelled, RemoteError)):
            self.dialog.end(str(error))
        else:
            self.dialog.end(
                tr("The check itself failed ({}).").format(repr(error)[:200])
            )
