"""The cluster's disks in the settings: a table, and its buttons.

Looks like what it is told; proving and keeping are qt/disks.py's, and what asks for a
correction one_disk.py's.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.dialogs.explained import heading
from sleap_remote_plugin.qt.dialogs.lines import Verdict
from sleap_remote_plugin.qt.dialogs.one_disk import DiskDialog
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.roomy_rows import make_roomy
from sleap_remote_plugin.qt.states import sign_icon
from sleap_remote_plugin.session.known_disks import How, KnownDisk
from sleap_remote_plugin.words import tr

_SIGNS = {
    How.PROVEN: "ok",
    How.SAID: "off",
    How.GUESSED: "off",
    How.NAMED: "off",
    How.MISSING: "warn",
    How.REFUTED: "fail",
}
_WORDS = {how: how.value[0].upper() + how.value[1:] for how in How}


class DisksBox(QWidget):
    """Which disks both sides see, and how that is known."""

    #: the disk as the cluster spells it (empty: a new one), Mount
    corrected = Signal(str, object)
    try_wanted = Signal(str)
    stop_wanted = Signal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.disks: Tuple[KnownDisk, ...] = ()
        self.dialog: Optional[DiskDialog] = None
        self._is_usable = True
        layout = QVBoxLayout(self)
        self._make_table()
        title = tr("Disks that the cluster and this computer share")
        layout.addWidget(heading(title, self.table))
        layout.addWidget(self.table, 1)
        self.says = Verdict("remote_disks_say")
        layout.addWidget(self.says)
        layout.addWidget(self._make_progress())
        layout.addLayout(self._make_buttons())
        self._on_selected()

    def _make_table(self) -> None:
        self.table = QTreeWidget()
        self.table.setObjectName("remote_disks")
        self.table.setAccessibleName(tr("Disks"))
        self.table.setHeaderLabels(
            [tr("On the cluster"), tr("On this computer"), tr("Known")]
        )
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        make_roomy(self.table)
        self.table.setAllColumnsShowFocus(True)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.table.setColumnWidth(0, 150)
        self.table.setMinimumHeight(5 * (self.table.fontMetrics().height() + 6))
        self.table.currentItemChanged.connect(self._on_selected)
        self.table.itemDoubleClicked.connect(self._on_change)

    def _make_progress(self) -> QWidget:
        self.progress = QWidget()
        line = QHBoxLayout(self.progress)
        line.setContentsMargins(0, 0, 0, 0)
        self.step = ElidedLabel()
        self.step.setObjectName("remote_disks_step")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(90)
        self.stop = _button(tr("Cancel"), "remote_disks_stop")
        self.stop.setToolTip(tr("Wait no longer; what was written takes itself away."))
        self.stop.clicked.connect(self._on_stop)
        line.addWidget(self.step, 1)
        line.addWidget(self.bar)
        line.addWidget(self.stop)
        self.progress.hide()
        return self.progress

    def _make_buttons(self) -> QHBoxLayout:
        self.change = _button(tr("Change..."), "remote_disks_change")
        self.change.setToolTip(
            tr("Say where this disk is. The others are guessed from it, and proven.")
        )
        self.change.clicked.connect(self._on_change)
        self.add = _button(tr("Add..."), "remote_disks_add")
        self.add.setToolTip(tr("Name another disk that both sides see."))
        self.add.clicked.connect(self._on_add)
        self.try_it = _button(tr("Try"), "remote_disks_try")
        self.try_it.setToolTip(
            tr(
                "Write a small file here and read it on the cluster, and the other way "
                "round. Both are removed."
            )
        )
        self.try_it.clicked.connect(self._on_try)
        line = QHBoxLayout()
        line.addWidget(self.change)
        line.addWidget(self.add)
        line.addWidget(self.try_it)
        line.addStretch(1)
        return line

    # -- what is shown ----------------------------------------------------------------

    def show_disks(self, disks: Sequence[KnownDisk]) -> None:
        """Show the lines; the one that was chosen stays chosen."""
        chosen = self.chosen()
        self.disks = tuple(disks)
        self.table.clear()
        for disk in disks:
            item = QTreeWidgetItem([disk.cluster, disk.local or "–", _WORDS[disk.how]])
            item.setIcon(2, sign_icon(_SIGNS[disk.how], self.palette()))
            for column in range(3):
                item.setToolTip(column, _tip(disk))
            self.table.addTopLevelItem(item)
        names = [disk.cluster for disk in disks]
        if names:
            row = (
                names.index(chosen.cluster) if chosen and chosen.cluster in names else 0
            )
            self.table.setCurrentItem(self.table.topLevelItem(row))
        self._on_selected()

    def show_trouble(self, text: str) -> None:
        """Say why the disks cannot be shown, or kept."""
        self._say("fail", text)

    def show_progress(self, text: str, done: int = 0, total: int = 0) -> None:
        """Say what is being proven; empty: nothing is."""
        self.progress.setVisible(bool(text))
        self.step.setText(text)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self._enable()

    def allow(self, usable: bool) -> None:
        """Whether the disks can be changed: those of the cluster in use only."""
        self._is_usable = usable
        self._enable()

    def chosen(self) -> Optional[KnownDisk]:
        row = self.table.indexOfTopLevelItem(self.table.currentItem())
        return self.disks[row] if 0 <= row < len(self.disks) else None

    def _on_selected(self, *_args: Any) -> None:
        disk = self.chosen()
        if disk is not None:
            self._say(_SIGNS[disk.how], disk.words)
        else:
            self._say("", "")
        self._enable()

    def _say(self, sign: str, text: str) -> None:
        self.says.say(sign, text)
        self._give_room()

    def _give_room(self) -> None:
        """Layouts forget how high a label of several lines is."""
        label = self.says.label
        label.setMinimumHeight(max(0, label.heightForWidth(label.width())))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._give_room()

    def _enable(self) -> None:
        disk, idle = self.chosen(), not self.progress.isVisibleTo(self)
        self.table.setEnabled(self._is_usable)
        self.add.setEnabled(self._is_usable)
        self.change.setEnabled(self._is_usable and disk is not None)
        can_try = disk is not None and bool(disk.local) and idle
        self.try_it.setEnabled(self._is_usable and can_try)

    # -- the buttons ------------------------------------------------------------------

    def _on_change(self, *_args: Any) -> None:
        disk = self.chosen()
        if disk is not None and self._is_usable:
            self._ask(disk)

    def _on_add(self, *_args: Any) -> None:
        self._ask(KnownDisk("", "", How.MISSING, ""))

    def _ask(self, disk: KnownDisk) -> None:
        self.dialog = DiskDialog(disk, self.window())
        self.dialog.accepted.connect(self._on_asked)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def _on_asked(self) -> None:
        if self.dialog is not None:
            self.corrected.emit(self.dialog.disk.cluster, self.dialog.mount())

    def _on_try(self, *_args: Any) -> None:
        disk = self.chosen()
        if disk is not None:
            self.try_wanted.emit(disk.cluster)

    def _on_stop(self, *_args: Any) -> None:
        self.stop_wanted.emit()


def _tip(disk: KnownDisk) -> str:
    return "{}\n{}\n{}".format(disk.cluster, disk.local or tr("not found"), disk.words)


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
