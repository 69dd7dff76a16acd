"""Jobs put into the list and taken out of it; their files stay where they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import tell, tell_error
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.session.find import Found


class JobList(QObject):
    """*Find my jobs* and *Remove from the list*."""

    changed = Signal()
    busy = Signal(str)  # what is being done; empty: nothing
    said = Signal(str)

    def __init__(self, host: Host, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.host = host
        self.dialog: Optional[QFileDialog] = None
        self._connection: Optional[Connection] = None
        self._call: Optional[Call] = None
        self._lane = Lane("find", self)
        self.destroyed.connect(self._lane.close)

    # -- found ------------------------------------------------------------------------

    def find(self, connection: Connection) -> None:
        """Ask below which folder to look; the project's is offered."""
        self._connection = connection
        project = self.host.project()
        begin = os.path.dirname(project.path) if project and project.path else ""
        dialog = QFileDialog(
            self.host.window, tr("Find my jobs below this folder"), begin
        )
        self.dialog = dialog
        dialog.setObjectName("remote_find_jobs")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self.look_below)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def look_below(self, folder: str) -> None:
        """Look through a folder for records of jobs; `cancel` leaves it."""
        connection = self._connection
        if connection is None:
            return
        self.busy.emit(tr("Looking for jobs below ") + folder)
        self._call = self._lane.do(
            lambda: connection.session().find_jobs(Path(folder)),
            self._on_found,
            self._fail,
        )

    def cancel(self) -> None:
        """The answer is not waited for any longer."""
        call, self._call = self._call, None
        if call is not None:
            call.cancel()
            self.busy.emit("")

    def _on_found(self, found: Found) -> None:
        if self._call is None:
            return
        self.busy.emit("")
        self.said.emit(str(found))
        self.changed.emit()
        if found.troubles:
            tell(
                self.host.window,
                tr(
                    "{} Some records could not be used; nothing was changed in them."
                ).format(found),
                "\n".join(found.troubles),
            )

    # -- removed ----------------------------------------------------------------------

    def forget(self, connection: Connection, job: Job) -> None:
        """Take an ended job out of the list."""
        connection.local(
            lambda session: session.forget(job),
            lambda _: self._on_forgotten(job),
            self._fail,
        )

    def _on_forgotten(self, job: Job) -> None:
        self.said.emit(
            tr(
                "“{}” is no longer in the list. Its files are where they were; Find my "
                "jobs brings it back."
            ).format(job.name)
        )
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self.busy.emit("")
        if not isinstance(error, Cancelled):
            tell_error(self.host.window, error)
