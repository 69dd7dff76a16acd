"""Notices what happens to a connection between calls.

It was lost; the computer slept; it is in another network. What is done about it is
following.py's. The connection itself is looked after in ssh/watch.py.
"""

from __future__ import annotations

from typing import Callable, FrozenSet, Optional

from qtpy.QtCore import QObject, QTimer, Signal

from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.ssh.watch import SleepDetector, local_addresses

#: Milliseconds between two looks, and looks between two at the network's addresses.
LOOK, ADDRESSES_EVERY = 1000, 5


class Presence(QObject):
    """Watches one connection.

    Parameters
    ----------
    is_connected : callable
        Asks nobody.
    network : Lane
    """

    lost = Signal()
    moved = Signal()  # awake again, or in another network

    def __init__(
        self,
        is_connected: Callable[[], bool],
        network: Lane,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._is_connected = is_connected
        self._network = network
        self._was_connected = False
        self._detector = SleepDetector()
        self._addresses: Optional[FrozenSet[str]] = None
        self._asking: Optional[Call] = None
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self.look)

    def expect(self, connected: bool) -> None:
        """What the last call showed; from now on it is watched whether it stays so."""
        self._was_connected = connected
        if not self._timer.isActive():
            self._detector.slept(0.0)
            self._timer.start()

    def stop(self) -> None:
        """Nothing is expected any more: it was let go from this side."""
        self._was_connected = False
        self._timer.stop()

    def look(self) -> None:
        slept = self._detector.slept(LOOK / 1000)
        self._looks += 1
        if self._was_connected and not self._is_connected():
            self._was_connected = False
            self.lost.emit()
        if slept:
            self.moved.emit()
        elif not self._was_connected and self._looks % ADDRESSES_EVERY == 0:
            self._look_at_addresses()

    def _look_at_addresses(self) -> None:
        if self._asking is None or self._asking.is_answered:
            self._asking = self._network.do(local_addresses, self._on_addresses)

    def _on_addresses(self, addresses: FrozenSet[str]) -> None:
        before, self._addresses = self._addresses, addresses
        if before is not None and before != addresses:
            self.moved.emit()
