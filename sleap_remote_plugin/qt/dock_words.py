"""What the dock's two lines say: what is being done, and what came of it."""

from __future__ import annotations

from qtpy.QtCore import QObject

from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.host import Host


class DockWords(QObject):
    """Whoever has something to say is connected to one of these."""

    def __init__(self, dock: RemoteDock, host: Host, parent: QObject) -> None:
        super().__init__(parent)
        self.dock = dock
        self.host = host

    # -- what came of it --------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """A sentence; one that offers to undo something stays instead."""
        if not self.dock.notice.button.isVisible():
            self.dock.notice.say(sentence)

    def tell(self, sentence: str, can_undo: bool) -> None:
        self.dock.notice.say(sentence, can_undo)

    def tell_round(self, sentence: str) -> None:
        self.dock.notice.say(sentence, self.host.can_undo)

    def forget_undo(self) -> None:
        """Offer no undo any more where there is nothing to undo."""
        if self.dock.notice.button.isVisible() and not self.host.can_undo:
            self.dock.notice.say("")

    # -- what is being done -----------------------------------------------------------

    def show_busy(self, text: str) -> None:
        """It cannot be stopped; empty: nothing."""
        self.dock.progress.say(text)

    def show_looking(self, text: str) -> None:
        """It can be stopped, and nobody knows how long it takes; empty: nothing."""
        self.show_progress(text, 0, 0)

    def show_progress(self, text: str, done: int, total: int) -> None:
        if text:
            self.dock.progress.show_progress(text, done, total)
        else:
            self.dock.progress.say("")

    # -- the connection's line --------------------------------------------------------

    def show_trouble(self, sentence: str) -> None:
        self.dock.show_connection("warn", sentence, True)
