"""The disks in the settings: looked at, corrected, proven behind the user's back, kept.

On a lane of its own: a proof waits for disks and for the cluster. What is found is in
session/known_disks.py, how it looks in dialogs/disks.py.
"""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.disks import DisksBox
from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.known_disks import (
    KnownDisk,
    corrected,
    keep_disks,
    known_disks,
    prove,
)
from sleap_remote_plugin.words import tr


class DisksSettings(QObject):
    """The disks of one settings dialog at a time."""

    #: ClusterProfile, as it is written now
    kept = Signal(object)
    #: a sentence: it could not be kept
    failed = Signal(object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._lane = Lane("disks", self)
        self.destroyed.connect(self._lane.close)
        self._dialog: Optional[SettingsDialog] = None
        self._connection: Optional[Connection] = None
        self._waiting: List[str] = []  # to be proven
        self._count = 0
        self._round = 0
        self._is_changed = False

    def attach(self, dialog: SettingsDialog, connection: Connection) -> None:
        """Serve a dialog; its disks are looked at once it is open."""
        self._dialog, self._connection = dialog, connection
        self._waiting, self._count, self._is_changed = [], 0, False
        self._round += 1
        box = dialog.disks
        box.corrected.connect(self._on_corrected)
        box.try_wanted.connect(self._on_try)
        box.stop_wanted.connect(self._on_stop)
        dialog.accepted.connect(self._on_accepted)
        dialog.finished.connect(self._on_finished)
        box.show_progress(tr("Looking at the disks"))
        session = connection.session
        number = self._round
        self._lane.do(
            lambda: known_disks(session()),
            lambda found: self._on_found(number, found),
            lambda error: self._on_error(number, error),
        )

    @property
    def _box(self) -> Optional[DisksBox]:
        return self._dialog.disks if self._dialog is not None else None

    def _on_finished(self, *_args: int) -> None:
        self._dialog = None
        self._round += 1

    def _on_found(self, number: int, disks: Tuple[KnownDisk, ...]) -> None:
        if number == self._round and self._box is not None:
            self._box.show_progress("")
            self._box.show_disks(disks)
            if self._connection is not None and self._connection.is_connected():
                self._prove([disk.cluster for disk in disks if disk.is_open], False)

    def _on_error(self, number: int, error: BaseException) -> None:
        if number == self._round and self._box is not None:
            self._box.show_progress("")
            if not isinstance(error, Cancelled):
                self._box.show_trouble(_words(error))

    # -- a correction -----------------------------------------------------------------

    def _on_corrected(self, old: str, new: Mount) -> None:
        box, connection = self._box, self._connection
        if box is None or connection is None:
            return
        self._forget_waiting()
        self._is_changed = True
        disks, session, number = box.disks, connection.session, self._round
        box.show_progress(tr("Looking at the disks"))
        self._lane.do(
            lambda: corrected(disks, old, new, session().places.mounts),
            lambda found: self._on_found(number, found),
            lambda error: self._on_error(number, error),
        )

    # -- the proof --------------------------------------------------------------------

    def _on_try(self, cluster: str) -> None:
        self._prove([cluster], True)

    def _prove(self, clusters: List[str], ask: bool) -> None:
        self._waiting = list(clusters)
        self._count = len(clusters)
        self._prove_next(ask)

    def _prove_next(self, ask: bool) -> None:
        box, connection, number = self._box, self._connection, self._round
        if box is None or connection is None:
            return
        disk = self._next(box)
        if disk is None:
            box.show_progress("")
            return
        done = self._count - len(self._waiting) - 1
        text = "Proving {}".format(disk.local)
        box.show_progress(text, done if self._count > 1 else 0, self._maximum())

        def prove_it(session: Any) -> KnownDisk:
            session.connect()
            return prove(session, disk)

        connection.call(
            prove_it,
            lambda found: self._on_proven(number, found, ask),
            lambda error: self._on_error(number, error),
            ask=ask,
            parent=self._dialog,
            lane=self._lane,
        )

    def _maximum(self) -> int:
        return self._count if self._count > 1 else 0

    def _next(self, box: DisksBox) -> Optional[KnownDisk]:
        while self._waiting:
            cluster = self._waiting.pop(0)
            for disk in box.disks:
                if disk.cluster == cluster and disk.local:
                    return disk
        return None

    def _on_proven(self, number: int, found: KnownDisk, ask: bool) -> None:
        box = self._box
        if number != self._round or box is None:
            return
        same = [(d.cluster, d.local) for d in box.disks]
        if (found.cluster, found.local) in same:
            box.show_disks(
                [
                    found if (d.cluster, d.local) == (found.cluster, found.local) else d
                    for d in box.disks
                ]
            )
        self._prove_next(ask)

    def _on_stop(self) -> None:
        """Wait no longer; what is being written takes itself away."""
        self._forget_waiting()
        if self._box is not None:
            self._box.show_progress("")

    def _forget_waiting(self) -> None:
        self._waiting = []
        self._round += 1

    # -- the end ----------------------------------------------------------------------

    def _on_accepted(self) -> None:
        box, connection = self._box, self._connection
        if box is None or connection is None or not self._is_changed:
            return
        if self._dialog is not None and self._dialog.profile() != connection.profile:
            return
        disks, session = box.disks, connection.session
        self._lane.do(
            lambda: keep_disks(session(), disks), self.kept.emit, self.failed.emit
        )


def _words(error: BaseException) -> str:
    if isinstance(error, RemoteError):
        return str(error)
    return tr("The disks could not be looked at ({}). Try again.").format(
        type(error).__name__
    )
