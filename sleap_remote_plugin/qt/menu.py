"""The menu *Run on <cluster>*, and why an entry is grey."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Sequence

from qtpy.QtWidgets import QAction, QActionGroup, QMenu, QWidget

from sleap_remote_plugin.jobs.cluster import ClusterProfile

#: objectName -> title
ENTRIES = (
    ("remote_train", "Train..."),
    ("remote_predict", "Predict..."),
    ("remote_train_then_predict", "Train then predict..."),
    ("remote_next_round", "Next round"),
    ("", ""),
    ("remote_jobs", "Jobs"),
    ("remote_find", "Find my jobs..."),
    ("remote_setup", "Set up..."),
    ("remote_check", "Check connection..."),
    ("remote_settings", "Settings..."),
)


class RemoteMenu(QMenu):
    """Says what was chosen through `on_chosen` (objectName or profile name)."""

    def __init__(
        self,
        on_chosen: Callable[[str], None],
        on_profile: Callable[[str], None],
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_menu")
        self.setToolTipsVisible(True)
        self._on_chosen_name = on_chosen
        self._on_profile_name = on_profile
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
        self.clusters = QMenu("Cluster", self)
        self.clusters.setObjectName("remote_profiles")
        self._group = QActionGroup(self)
        self._clusters_entry = self.addMenu(self.clusters)
        self._clusters_entry.setVisible(False)

    def show_profiles(
        self, profiles: Sequence[ClusterProfile], current: Optional[ClusterProfile]
    ) -> None:
        """The title names the cluster in use; several can be chosen from."""
        self.setTitle("Run on " + (current.title if current else "a cluster"))
        for action in self._group.actions():
            self._group.removeAction(action)
            self.clusters.removeAction(action)
        for profile in profiles:
            action = QAction(profile.title, self)
            action.setData(profile.name)
            action.setCheckable(True)
            action.setChecked(profile == current)
            action.triggered.connect(self._on_cluster)
            self._group.addAction(action)
            self.clusters.addAction(action)
        self._clusters_entry.setVisible(len(profiles) > 1)

    def allow(self, name: str, why_not: str, does: str) -> None:
        """Enable an entry, or grey it out and say why."""
        action = self.entries[name]
        action.setEnabled(not why_not)
        action.setToolTip(why_not or does)

    def _on_triggered(self, *_args: Any) -> None:
        sender = self.sender()
        if sender is not None:
            self._on_chosen_name(sender.objectName())

    def _on_cluster(self, *_args: Any) -> None:
        sender = self.sender()
        if sender is not None:
            self._on_profile_name(str(sender.data()))
