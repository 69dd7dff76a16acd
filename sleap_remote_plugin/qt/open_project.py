"""The project in SLEAP's window: what the dock says of it, and another to be opened."""

from __future__ import annotations

import os
from typing import Callable

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.beginning import Begin, Beginning
from sleap_remote_plugin.qt.dialogs.message import tell
from sleap_remote_plugin.qt.in_use import InUse
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr


class OpenProject(QObject):
    """One window's.

    Parameters
    ----------
    is_known : callable
        Whether the user was asked who he is on a cluster.
    """

    changed = Signal()  # what can be chosen now is to be judged anew
    deed_wanted = Signal(str)  # the empty dock's button: an entry of the menu

    def __init__(
        self,
        in_use: InUse,
        files: Lane,
        is_known: Callable[[ClusterProfile], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.in_use, self.host, self.dock = in_use, in_use.host, in_use.dock
        self._files = files
        self._is_known = is_known
        self.elsewhere = ""  # what other clusters do, in a sentence
        self.begin = Begin(files, self)
        self.begin.changed.connect(self._on_beginning)
        self.dock.begin_clicked.connect(self._on_begin)
        self.dock.project_wanted.connect(self._on_project_wanted)
        self.host.on_project_changed(self.look)

    def look(self) -> None:
        """See which project is open, and say the next step where no job is there."""
        self.in_use.words.forget_undo()
        project, profile = self.host.project(), self.in_use.profile
        self.changed.emit()
        self.dock.show_opened(project.path if project is not None else "")
        is_known = profile is not None and self._is_known(profile)
        connection = self.in_use.connection
        self.begin.look(connection, is_known, project, self.elsewhere)

    def _on_beginning(self, found: Beginning) -> None:
        self.dock.show_beginning(found.text, found.button, found.deed, found.tip)

    def _on_begin(self, deed: str) -> None:
        """The empty dock's button."""
        if deed == "remote_open_project":
            self.host.open_project_file("")
        elif deed == "remote_save_project":
            self.host.save_project()
        elif deed == "remote_add_videos":
            self.host.add_videos()
        else:
            self.deed_wanted.emit(deed)

    def _on_project_wanted(self, path: str) -> None:
        """A job's project, from its row; its disk may be away."""
        self._files.do(
            lambda: os.path.isfile(path), lambda there: self._open_project(path, there)
        )

    def _open_project(self, path: str, is_there: bool) -> None:
        if is_there:
            self.host.open_project_file(path)
        else:
            tell(
                self.host.window,
                tr(
                    "The project {} is not there. Its jobs are as they were. Check "
                    "that its disk is mounted, and that nobody moved it."
                ).format(path),
            )
