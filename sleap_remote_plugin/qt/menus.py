"""A menu for each cluster that the user works with; the keys are for the one in use.

What is in a menu is menu.py's.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Sequence, Tuple

from qtpy.QtCore import QObject

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.menu import RemoteMenu
from sleap_remote_plugin.words import tr

#: objectName of the menu of the cluster in use, and of the others
IN_USE, OTHER = "remote_menu", "remote_menu_other"


def run_on(profile: Optional[ClusterProfile]) -> str:
    """What menus and buttons say; an ampersand in a name is one."""
    title = profile.title if profile is not None else "a cluster"
    return tr("Run on ") + title.replace("&", "&&")


class Menus(QObject):
    """The menus of one window, in the host's *Predict* menu.

    Parameters
    ----------
    on_chosen : callable
        Gets the name of the cluster's profile and of the entry.
    """

    def __init__(
        self,
        host: Host,
        on_chosen: Callable[[str, str], None],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self._on_chosen = on_chosen
        self._menus: Dict[str, RemoteMenu] = {}
        self._shown: List[Tuple[Optional[ClusterProfile], RemoteMenu]] = []
        self.in_use: RemoteMenu

    def show_profiles(
        self, profiles: Sequence[ClusterProfile], current: Optional[ClusterProfile]
    ) -> None:
        """A menu for each of these, and for the one in use in any case."""
        in_use = current.name if current is not None else ""
        wanted: List[Optional[ClusterProfile]] = list(profiles)
        if in_use not in [profile.name for profile in profiles]:
            wanted.insert(0, current)
        self._shown = []
        for one in wanted:
            name = one.name if one is not None else ""
            menu = self._menu(name)
            menu.setTitle(run_on(one))
            menu.setObjectName(IN_USE if name == in_use else OTHER)
            if name == in_use:
                self.in_use = menu
            self._shown.append((one, menu))
        shown = [menu for _, menu in self._shown]
        for menu in self._menus.values():
            menu.menuAction().setVisible(menu in shown)
            for name in menu.entries:
                is_in_use = menu is self.in_use
                menu.set_shortcut(name, self.host.shortcut(name) if is_in_use else "")

    def shown(self) -> Sequence[Tuple[Optional[ClusterProfile], RemoteMenu]]:
        """The menus that can be seen, each with its cluster; None: there is none."""
        return self._shown

    def _menu(self, cluster: str) -> RemoteMenu:
        if cluster not in self._menus:
            menu = RemoteMenu(cluster, self._on_chosen, self.host.window)
            self._menus[cluster] = menu
            self.host.add_menu(menu)
        return self._menus[cluster]
