"""Our button beside *Run* in SLEAP's dialogs: its words, and the clusters it offers."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence, Tuple

from qtpy.QtCore import QObject

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.menus import run_on

#: Gets the name of the cluster (empty: the one in use), the mode and the dialog.
Run = Callable[[str, str, Any], None]


class RunButtons(QObject):
    """The buttons of one window's dialogs; SLEAP may have closed some of these."""

    def __init__(self, host: Host, run: Run, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.host = host
        self._run = run
        self._buttons: List[Any] = []
        self._text = run_on(None)
        self._choices: Tuple[Tuple[str, str], ...] = ()

    def add_to(self, mode: str, dialog: Any) -> None:
        """Put one into a dialog of SLEAP's, as it is made."""
        button = self.host.add_run_button(
            dialog,
            self._text,
            lambda *_: self._run("", mode, dialog),
            lambda name: self._run(name, mode, dialog),
        )
        self._buttons.append(button)
        button.offer(self._choices)

    def show_profiles(
        self, profiles: Sequence[ClusterProfile], current: Optional[ClusterProfile]
    ) -> None:
        """Name the cluster in use; the others can be chosen beside it."""
        self._text = run_on(current)
        self._choices = tuple(
            (one.name, run_on(one))
            for one in profiles
            if current is None or one.name != current.name
        )
        for button in self._buttons:
            try:
                button.setText(self._text)
                button.offer(self._choices)
            except RuntimeError:  # SLEAP has closed that dialog
                pass
