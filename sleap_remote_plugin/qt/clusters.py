"""What the window shows of clusters: a menu each, the buttons, the first hint.

Which one is in use, and its connection, is controller.py's.
"""

from __future__ import annotations

from typing import Callable, Optional, Sequence

from qtpy.QtCore import QObject

from sleap_remote_plugin.jobs.cluster import ClusterProfile, config_folder
from sleap_remote_plugin.jobs.own_profiles import is_shipped
from sleap_remote_plugin.qt.allowed import allow
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.hint import DISMISSED, Hint
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.menus import Menus
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.qt.run_buttons import Run, RunButtons
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.words import tr

MISSING = tr(
    "The cluster profile “{}” that you used last is not there or is wrong. Its jobs go "
    "on. Jobs are sent to {} until you put it back into {} and start SLEAP again."
)


class Clusters(QObject):
    """The menus, buttons and hint of one window.

    Parameters
    ----------
    on_chosen, on_run : callable
        See `Menus` and `RunButtons`.
    is_known : callable
        Whether the user was asked who he is on a cluster.
    """

    def __init__(
        self,
        host: Host,
        dock: RemoteDock,
        settings: Settings,
        files: Lane,
        on_chosen: Callable[[str, str], None],
        on_run: Run,
        is_known: Callable[[ClusterProfile], bool],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host, self.dock = host, dock
        self._settings, self._files = settings, files
        self._is_known = is_known
        self.menus = Menus(host, on_chosen, self)
        self.buttons = RunButtons(host, on_run, self)
        self.hint = Hint()
        self.hint.dismissed.connect(self.dismiss_hint)
        dock.layout().insertWidget(1, self.hint)

    def show(
        self, usable: Sequence[ClusterProfile], current: Optional[ClusterProfile]
    ) -> None:
        """A menu and a choice for each cluster that the user works with.

        One that came with the program is not among them until somebody was asked who
        he is there: most labs have another.
        """
        in_use = current.name if current is not None else ""
        shown = [
            one
            for one in usable
            if one.name == in_use or not is_shipped(one) or self._is_known(one)
        ]
        self.menus.show_profiles(shown, current)
        self.buttons.show_profiles(shown, current)
        if current is not None:
            self.hint.show_for(current.title, self._settings)

    def allow(self, current: Optional[ClusterProfile]) -> None:
        """Enable what the open project allows."""
        allow(self.menus.shown(), self.dock, self.host.project(), current)

    def tell_of_missing(
        self, remembered: str, profiles: Profiles, current: Optional[ClusterProfile]
    ) -> None:
        """Say it where the profile in use is not the one that was chosen."""
        names = [profile.name for profile in profiles.usable]
        if not remembered or remembered in names or current is None:
            return
        folder = config_folder() / "clusters"
        sentence = MISSING.format(remembered, current.title, folder)
        self.dock.notice.say("\n".join((sentence,) + profiles.problems))

    def dismiss_hint(self) -> None:
        """Never show it again: the user said so, or has found the button."""
        if not self._settings.get(DISMISSED, False):
            self.hint.hide()
            self._files.do(lambda: self._settings.set(DISMISSED, True))
