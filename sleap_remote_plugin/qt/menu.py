"""The menu *Run on <cluster>* of one cluster, and why an entry is grey.

Which clusters have one is menus.py's.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QAction, QMenu, QWidget

from sleap_remote_plugin.qt.job_deeds import JOB_DEEDS
from sleap_remote_plugin.words import tr

#: objectName -> title
ENTRIES = (
    ("remote_train", tr("Train...")),
    ("remote_predict", tr("Predict...")),
    ("remote_train_then_predict", tr("Train then predict...")),
    ("remote_next_round", JOB_DEEDS["remote_next_round"].text),
    ("", ""),
    ("remote_jobs", tr("Jobs")),
    ("remote_find", tr("Find my jobs...")),
    ("remote_setup", tr("Set up...")),
    ("remote_check", tr("Check connection...")),
    ("remote_settings", tr("Settings...")),
)


class RemoteMenu(QMenu):
    """Says what was chosen through `on_chosen`: the cluster's name, the objectName.

    Parameters
    ----------
    cluster : str
        Name of its profile; empty while there is none.
    """

    def __init__(
        self,
        cluster: str,
        on_chosen: Callable[[str, str], None],
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)
        self.cluster = cluster
        self._on_chosen = on_chosen
        self.entries: Dict[str, QAction] = {}
        for name, title in ENTRIES:
            if not name:
                self.addSeparator()
                continue
            action = QAction(title, self)
            action.setObjectName(name)
            action.triggered.connect(self._on_triggered)
            self.addAction(action)
            self.entries[name] = action

    def set_shortcut(self, name: str, keys: str) -> None:
        """`keys` as QKeySequence spells them; empty: none."""
        self.entries[name].setShortcut(QKeySequence(keys))

    def allow(self, name: str, why_not: str, does: str) -> None:
        """Enable an entry, or grey it out and say why."""
        action = self.entries[name]
        action.setEnabled(not why_not)
        action.setToolTip(why_not or does)

    def _on_triggered(self, *_args: Any) -> None:
        sender = self.sender()
        if sender is not None:
            self._on_chosen(self.cluster, sender.objectName())
