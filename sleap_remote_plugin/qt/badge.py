"""The count on the dock's tab: jobs that have ended since it was last looked at."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Sequence

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QGuiApplication, QIcon
from qtpy.QtWidgets import QDockWidget, QTabBar

from sleap_remote_plugin.qt.notices import About, Notice
from sleap_remote_plugin.qt.states import sign_icon
from sleap_remote_plugin.words import tr


class Badge(QObject):
    """Counts in the title of one dock: ``Remote jobs (2)``.

    Parameters
    ----------
    is_wanted : callable
        Asked anew each time.
    """

    def __init__(
        self,
        dock: QDockWidget,
        is_wanted: Callable[[], bool],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._dock = dock
        self._title = dock.windowTitle()
        self._is_wanted = is_wanted
        self._ended: Dict[str, About] = {}
        self._is_in_front = False
        dock.visibilityChanged.connect(self._on_visible)
        QGuiApplication.instance().applicationStateChanged.connect(self._on_maybe_seen)

    def add(self, notices: Sequence[Notice]) -> None:
        """Count what has finished or failed, unless the user is looking."""
        if self._is_seen() or not self._is_wanted():
            return
        for notice in notices:
            if notice.uid and notice.about in (About.FINISHED, About.FAILED):
                self._ended[notice.uid] = notice.about
        self._show()

    @property
    def count(self) -> int:
        return len(self._ended)

    def clear(self) -> None:
        """The user has looked."""
        if self._ended:
            self._ended.clear()
            self._show()

    def _on_visible(self, visible: bool) -> None:
        """A dock behind another tab is not visible in this sense."""
        self._is_in_front = visible
        self._on_maybe_seen()

    def _on_maybe_seen(self, *_args: Any) -> None:
        if self._is_seen():
            self.clear()

    def _is_seen(self) -> bool:
        state = QGuiApplication.applicationState()
        return self._is_in_front and state == Qt.ApplicationState.ApplicationActive

    def _show(self) -> None:
        count = self.count
        title = "{} ({})".format(self._title, count) if count else self._title
        jobs = tr("1 job has") if count == 1 else tr("{} jobs have").format(count)
        words = jobs + tr(" ended since you last looked") if count else ""
        icon = QIcon()
        if count:
            failed = About.FAILED in self._ended.values()
            icon = sign_icon("fail" if failed else "ok", self._dock.palette())
        self._dock.setWindowTitle(title)
        self._dock.setWindowIcon(icon)
        self._dock.setAccessibleName(
            "{}, {}".format(self._title, words) if words else self._title
        )
        for bar in self._dock.window().findChildren(QTabBar):
            for index in range(bar.count()):
                if bar.tabText(index).replace("&", "") == title:
                    bar.setTabIcon(index, icon)
                    bar.setTabToolTip(index, words or title)
