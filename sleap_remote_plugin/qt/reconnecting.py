"""When a lost connection is made again without being asked for.

Later and later while it fails; at once after the computer slept or came into another
network; never where the user has to do something: sign in, trust a host, or want it.
"""

from __future__ import annotations

import time
from typing import Optional

from qtpy.QtCore import QObject, QTimer, Signal

from sleap_remote_plugin.errors import (
    Cancelled,
    ConnectionClosed,
    ConnectionFailed,
    HostKeyChanged,
    HostKeyUnknown,
    RemoteError,
    SignInNeeded,
)
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.session.backoff import Backoff
from sleap_remote_plugin.words import tr

#: Errors after which only the user can go on.
_UP_TO_THE_USER = (
    Cancelled,
    ConnectionClosed,
    HostKeyChanged,
    HostKeyUnknown,
    SignInNeeded,
)

#: Those that the user brought about.
_USERS_OWN = (Cancelled, ConnectionClosed)


class Reconnecting(QObject):
    """Whether, and when, the network is tried unasked.

    Parameters
    ----------
    connection : Connection
    """

    due = Signal()
    user_needed = Signal()  # told once, until there is a connection again

    def __init__(
        self, connection: Connection, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._connection = connection
        self._backoff = Backoff()
        self._waits_for_user = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)
        connection.let_go.connect(self._on_let_go)
        connection.presence.lost.connect(self._on_lost)
        connection.presence.moved.connect(self._on_moved)

    def may_connect(self) -> bool:
        """Whether a question that nobody clicked for may connect now."""
        return not self._waits_for_user and not self._timer.isActive()

    def note(self, error: Optional[RemoteError]) -> None:
        """What came of a try; None: nothing was wrong, or nothing was tried."""
        connected = self._connection.is_connected()
        if connected:
            self.stop()
            self._backoff.reset()
            self._waits_for_user = False
            self._connection.show_state()
        elif error is not None:
            self._connection.show_state(error)
            if isinstance(error, _UP_TO_THE_USER):
                self.stop()
                if not self._waits_for_user and not isinstance(error, _USERS_OWN):
                    self.user_needed.emit()
                self._waits_for_user = True
            elif isinstance(error, ConnectionFailed):
                self._wait()

    def stop(self) -> None:
        self._timer.stop()

    def _wait(self) -> None:
        seconds = self._backoff.failed()
        self._timer.start(int(seconds * 1000))
        self._connection.try_again_at(time.time() + seconds)

    def _on_time(self) -> None:
        self.due.emit()

    def _on_lost(self) -> None:
        if self._connection.wants_codes:
            self.note(SignInNeeded(tr("The cluster asks for a code again.")))
        else:
            self._wait()

    def _on_let_go(self) -> None:
        self.stop()
        self._waits_for_user = True

    def _on_moved(self) -> None:
        """All is different now: is it still there; if not, try at once."""
        self._backoff.reset()
        if self._connection.is_connected():
            self._connection.local(lambda session: session.transport.probe())
        elif self._timer.isActive():
            self._timer.start(0)
