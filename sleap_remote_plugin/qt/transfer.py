"""Files that the cluster cannot see: offered to be copied, then copied.

On a lane of its own, since a copy may take hours and others look at files meanwhile.
The copy itself is session/transfer.py's.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Optional

from qtpy.QtCore import QObject, Qt, Signal

from sleap_remote_plugin.errors import Cancelled, NotOnMount, RemoteError
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import tell_error
from sleap_remote_plugin.qt.dialogs.transfer import TransferDialog, amount_text
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.leftovers import local_folder
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session import copying
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)


class Sending(QObject):
    """A job's folder on its way to the cluster where no mount leads there."""

    progressed = Signal(str, int, int)  # text, done, total
    done = Signal()
    failed = Signal(object)
    _told = Signal(object)  # Progress; from the sending thread

    def __init__(
        self, connection: Connection, folder: Path, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.connection = connection
        self._folder = folder
        self._transfer: Any = None
        self._cancelled = False
        self._lane = Lane("send", self)
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Send it; where it is on a mount, there is nothing to do."""
        self._lane.do(self._send, self._on_sent, self._on_failed)

    def cancel(self) -> None:
        self._cancelled = True
        if self._transfer is not None:
            self._transfer.cancel()

    def _send(self) -> None:
        mirrors = self.connection.session().mirrors
        self._transfer = mirrors.sending(self._folder, self._told.emit)
        if self._transfer is not None:
            if self._cancelled:
                self._transfer.cancel()
            try:
                self._transfer.run()
            except Cancelled:
                mirrors.discard(self._folder)
                raise Cancelled(tr("It was stopped. Nothing was submitted.")) from None

    def _on_told(self, progress: Any) -> None:
        text = "Sending {}: {}".format(self._folder.name, amount_text(progress))
        share = progress.done / progress.total if progress.total else 0.0
        self.progressed.emit(text, int(1000 * min(1.0, share)), 1000)

    def _on_sent(self, _result: Any) -> None:
        self._lane.close()
        self.done.emit()

    def _on_failed(self, error: BaseException) -> None:
        self._lane.close()
        self.failed.emit(error)


class Copying(QObject):
    """One offer, and the copy that comes of it."""

    asks = Signal()  # the dialog is about to open
    done = Signal()  # the cluster sees everything now
    given_up = Signal()  # the user did not want it
    failed = Signal(object)  # nothing could be offered
    _progressed = Signal(object)  # Progress; from the copying thread

    def __init__(
        self,
        host: Host,
        connection: Connection,
        kind: JobKind,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.connection = connection
        self.kind = kind
        self.dialog: Optional[TransferDialog] = None
        self._offer: Any = None
        self._refusal: Optional[NotOnMount] = None
        self._transfer: Any = None
        self._stopped = False
        self._lane = Lane("copy", self)
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)

    def start(self, refusal: NotOnMount, project: str) -> None:
        """Look what could be copied where, then ask."""
        paths, self._refusal = refusal.paths, refusal
        session_of = self.connection
        self._lane.do(
            lambda: copying.look(session_of.session(), paths, project),
            self._ask,
            self.failed.emit,
        )

    def cancel(self) -> None:
        """Stop the copy, and do not ask any more."""
        self._on_stop()
        if self.dialog is not None:
            self.dialog.hide()
        self._end()

    # -- asking -----------------------------------------------------------------------

    def _ask(self, offer: Any) -> None:
        self._offer = offer
        title = self.connection.profile.title
        self.dialog = TransferDialog(
            title, offer, self.kind, self.host.window, self._refusal
        )
        self.dialog.copy_wanted.connect(self._on_copy)
        self.dialog.stop_wanted.connect(self._on_stop)
        self.dialog.rejected.connect(self._on_rejected)
        self.asks.emit()
        self.dialog.show()

    def _on_rejected(self) -> None:
        self._end()
        self.given_up.emit()

    # -- copying ----------------------------------------------------------------------

    def _on_copy(self, folder: str) -> None:
        """Connect first: then the cluster says itself what has arrived."""
        self._stopped = False
        self.connection.call(
            lambda session: session.connect(),
            lambda _: self._copy(folder),
            self._fail,
            parent=self.dialog,
        )

    def _copy(self, folder: str) -> None:
        assert self.dialog is not None
        session_of, offer = self.connection, self._offer
        if not self.dialog.with_files:
            offer = offer._replace(items=())
        takes_project = self.dialog.project.isChecked()

        def run() -> None:
            session = session_of.session()
            copied = self._run(copying.begin(session, offer, folder, self._tell))
            if takes_project:
                with local_folder() as scratch:
                    self._run(
                        copying.begin_project(
                            session, offer, folder, copied, Path(scratch), self._tell
                        )
                    )
            copying.settle(session, offer, folder, self._transfer)

        self._lane.do(run, self._on_copied, self._fail)

    def _run(self, transfer: Any) -> Any:
        """On the copying thread."""
        self._transfer = transfer
        if self._stopped:
            transfer.cancel()
        return transfer.run()

    def _tell(self, progress: Any) -> None:
        """On the copying thread; a window that was closed hears nothing."""
        try:
            self._progressed.emit(progress)
        except RuntimeError:
            self._transfer.cancel()

    def _on_progress(self, progress: Any) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(progress)

    def _on_stop(self) -> None:
        self._stopped = True
        if self._transfer is not None:
            self._transfer.cancel()

    def _on_copied(self, _result: Any) -> None:
        if self.dialog is not None:
            self.dialog.hide()
        self._end()
        self.done.emit()

    def _fail(self, error: BaseException) -> None:
        self._transfer = None
        if self.dialog is None:
            return
        if not isinstance(error, Cancelled):
            log.warning("Not copied: %r", error, exc_info=error)
        if isinstance(error, RemoteError):
            self.dialog.show_problem(str(error))
        else:
            self.dialog.show_problem(tr("It was not copied."))
            tell_error(self.dialog, error)

    def _end(self) -> None:
        self._lane.close()
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()
