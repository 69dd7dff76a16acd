"""What the dock's lines say: what is being done, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.doings import Doings
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.qt.submission import Submission


class DockWords(QObject):
    """Whoever has something to say is connected to one of these."""

    def __init__(self, dock: RemoteDock, host: Host, parent: QObject) -> None:
        super().__init__(parent)
        self.dock = dock
        self.host = host
        self.doings = Doings(dock.progress, self)

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

    def follow(self, submission: Submission) -> None:
        """Give it a line, until it has ended."""
        doing = self.doings.add(
            submission.cancel, tr("Cancelling. Nothing will be left behind.")
        )
        submission.progressed.connect(doing.show_progress)
        submission.ended.connect(doing.close)

    # -- the connection's line --------------------------------------------------------

    def show_trouble(self, sentence: str) -> None:
        self.dock.show_connection("warn", sentence, True)
