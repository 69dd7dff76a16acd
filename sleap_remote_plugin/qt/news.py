"""What the user is told of jobs: the dock's line, the tray, the count on the tab.

What is worth a notice is notices.py's.
"""

from __future__ import annotations

from typing import Optional, Sequence

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QDockWidget, QWidget

from sleap_remote_plugin.qt.badge import Badge
from sleap_remote_plugin.qt.notices import About, Notice, together
from sleap_remote_plugin.qt.notify import First, Notifier
from sleap_remote_plugin.session.preferences import preferences
from sleap_remote_plugin.session.settings import Settings


class News(QObject):
    """The notices of one window. Nothing of it takes the focus from anything.

    Parameters
    ----------
    first : callable
        See `notify.First`.
    """

    said = Signal(str)  # for the dock
    opened = Signal(str, str)  # uid and cluster of a notice that was clicked

    def __init__(
        self,
        window: QWidget,
        dock: QDockWidget,
        settings: Settings,
        first: First,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self.badge = Badge(dock, self._counts, self)
        self.notifier = Notifier(window, self._wants, first, self)
        self.notifier.opened.connect(self.opened)

    def tell(self, notices: Sequence[Notice]) -> None:
        """Each window's dock has a line; the tray has one for all windows."""
        self.said.emit(together(notices)[0])
        self.notifier.tell(notices)
        self.badge.add(notices)

    def _wants(self, about: About) -> bool:
        """Asked anew for each: another window may have changed it."""
        liked = preferences(self._settings)
        return liked.notices and about.name not in liked.muted

    def _counts(self) -> bool:
        return preferences(self._settings).badge
