"""Notices in the system tray: what arrives together is one, and each is told once.

What is worth a notice is notices.py's; the dock has a line for it in any case.
"""

from __future__ import annotations

from typing import Callable, List, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QSystemTrayIcon, QWidget

from sleap_remote_plugin.qt.notices import About, Notice, together
from sleap_remote_plugin.session.told import Mark
from sleap_remote_plugin.words import tr

#: Milliseconds for which notices are gathered into one: after a sleep the mount tells
#: of some jobs, and SLURM of others a moment later.
GATHERING = 3000
#: Milliseconds for which one is shown.
SHOWN = 8000

#: ``first(marks, then)``: calls ``then`` with those that no window has told yet.
First = Callable[[Tuple[Mark, ...], Callable[[Tuple[Mark, ...]], None]], None]


class Notifier(QObject):
    """Shows notices in the system tray, where there is one and the user wants it.

    Parameters
    ----------
    is_wanted : callable
        Asked anew for each kind: another window may have turned it off.
    first : callable
        See `First`.
    """

    #: uid of the job whose notice was clicked, and its cluster; may be empty
    opened = Signal(str, str)

    def __init__(
        self,
        window: QWidget,
        is_wanted: Callable[[About], bool],
        first: First,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._is_wanted = is_wanted
        self._first = first
        self._tray: Optional[QSystemTrayIcon] = None
        self._about = ("", "")
        self._gathered: List[Notice] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_gathered)

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell these soon, together with what comes meanwhile."""
        self._gathered.extend(notices)
        if self._gathered and not self._timer.isActive():
            self._timer.start(GATHERING)

    def close(self) -> None:
        self._timer.stop()
        if self._tray is not None:
            self._tray.hide()

    def _on_gathered(self) -> None:
        gathered, self._gathered = self._gathered, []
        wanted = {about for about in About if self._is_wanted(about)}
        gathered = [notice for notice in gathered if notice.about in wanted]
        if not gathered or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        marks = tuple(notice.mark for notice in gathered)
        self._first(
            marks, lambda new: self._show([n for n in gathered if n.mark in new])
        )

    def _show(self, notices: Sequence[Notice]) -> None:
        text, uid = together(notices)
        if not text:
            return
        if self._tray is None:
            icon = self._window.windowIcon()
            self._tray = QSystemTrayIcon(_or_plain(icon, self._window), self)
            self._tray.setToolTip(tr("SLEAP remote jobs"))
            self._tray.messageClicked.connect(self._on_clicked)
        clusters = [one.cluster for one in notices if one.uid == uid and one.cluster]
        self._about = (uid, clusters[0] if clusters else "")
        self._tray.show()
        self._tray.showMessage("SLEAP", text, self._tray.icon(), SHOWN)

    def _on_clicked(self) -> None:
        self.opened.emit(*self._about)


def _or_plain(icon: QIcon, window: QWidget) -> QIcon:
    if not icon.isNull():
        return icon
    return window.style().standardIcon(window.style().StandardPixmap.SP_ComputerIcon)
