"""The settings' page *Clusters*: which one is in use, and the profiles as files.

It says what is wanted; reading and writing is qt/profile_settings.py's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, NamedTuple, Optional

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.own_profiles import is_shipped
from sleap_remote_plugin.qt.dialogs.explained import button, explain, heading, line
from sleap_remote_plugin.qt.dialogs.lines import Verdict
from sleap_remote_plugin.qt.dialogs.settings_pages import open_folder
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.qt.roomy_rows import make_roomy
from sleap_remote_plugin.qt.states import sign_icon
from sleap_remote_plugin.qt.wrapping_row import WrappingRow
from sleap_remote_plugin.words import tr

#: whose a profile is that nobody here wrote
SHIPPED = tr("came with it")


class Entry(NamedTuple):
    """One file in the table; `profile` is None where it cannot be read."""

    path: Optional[Path]
    profile: Optional[ClusterProfile]
    problem: str = ""

    @property
    def title(self) -> str:
        if self.profile is not None:
            return self.profile.title
        return self.path.name if self.path is not None else ""


class ProfilesPage(QWidget):
    """The cluster in use, the table of profiles, and their buttons."""

    #: what it is to be like: Entry, or None for a blank one with notes
    add_wanted = Signal(object)
    edit_wanted = Signal(object)  # Entry
    import_wanted = Signal(str)  # path of a file
    export_wanted = Signal(object, str)  # Entry, path of a file
    remove_wanted = Signal(object)  # Entry
    put_back_wanted = Signal()

    def __init__(
        self,
        profiles: Profiles,
        profile: Optional[ClusterProfile],
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self._usable = profiles.usable
        self.entries: List[Entry] = []
        layout = QVBoxLayout(self)
        self.in_use = QComboBox()
        self.in_use.setObjectName("remote_profile")
        self.in_use.setMinimumContentsLength(12)
        self.in_use.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        explain(self.in_use, tr("Where jobs are sent, and whose jobs the dock shows."))
        self.setup = button(
            tr("Set up..."),
            "remote_settings_setup",
            tr("User, disk and SLEAP of a cluster, step by step."),
        )
        label = heading(tr("Cluster in use"), self.in_use)
        layout.addWidget(label)
        layout.addLayout(line(self.in_use, self.setup))
        layout.addSpacing(8)
        self._make_table()
        layout.addWidget(heading(tr("Profiles"), self.table))
        layout.addWidget(self.table, 1)
        self.file = ElidedLabel()
        self.file.setObjectName("remote_profile_file")
        self.open_file = button(
            tr("Open"), "remote_open_profile", tr("Open the file in your own editor.")
        )
        self.open_file.clicked.connect(self._on_open_file)
        layout.addLayout(line(self.file, self.open_file))
        layout.addWidget(self._make_buttons())
        self.says = Verdict("remote_profiles_say")
        layout.addWidget(self.says)
        self.show_profiles(profiles, profile)

    def _make_table(self) -> None:
        self.table = QTreeWidget()
        self.table.setObjectName("remote_profiles")
        self.table.setAccessibleName(tr("Profiles"))
        self.table.setHeaderLabels([tr("Cluster"), tr("Name"), tr("Whose")])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        make_roomy(self.table)
        self.table.setAllColumnsShowFocus(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setMinimumHeight(5 * (self.table.fontMetrics().height() + 6))
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.table.currentItemChanged.connect(self._on_selected)
        self.table.itemDoubleClicked.connect(self._on_edit)

    def _make_buttons(self) -> WrappingRow:
        self.add = button(
            tr("Add"), "remote_profile_add", tr("Add a cluster's profile.")
        )
        self.add_menu = QMenu(self.add)
        self.add_menu.setObjectName("remote_profile_add_menu")
        self.add.setMenu(self.add_menu)
        self.edit = button(
            tr("Edit..."),
            "remote_profile_edit",
            tr(
                "Change the text. It is checked while you type, and the old file is "
                "kept."
            ),
        )
        self.export = button(
            tr("Save for the lab..."),
            "remote_profile_export",
            tr("Write a file for others, without your user name or e-mail address."),
        )
        self.remove = button(
            tr("Remove..."),
            "remote_profile_remove",
            tr("Take this profile out of use."),
        )
        self.put_back = button(
            tr("Put back"),
            "remote_profile_put_back",
            tr("Bring back what was just removed."),
        )
        self.put_back.hide()
        self.edit.clicked.connect(self._on_edit)
        self.export.clicked.connect(self._on_export)
        self.remove.clicked.connect(self._on_remove)
        self.put_back.clicked.connect(self._on_put_back)
        buttons = WrappingRow()
        for one in (self.add, self.edit, self.export, self.remove, self.put_back):
            buttons.add(one)
        return buttons

    # -- what is shown ----------------------------------------------------------------

    def show_profiles(
        self, profiles: Profiles, choose: Optional[ClusterProfile]
    ) -> None:
        """Show these; `choose` is in use, or the one of its name."""
        self._usable = profiles.usable
        names = [one.name for one in profiles.usable]
        blocked = self.in_use.blockSignals(True)
        self.in_use.clear()
        for one in profiles.usable:
            self.in_use.addItem("{} ({})".format(one.title, one.name))
        if choose is not None and choose.name in names:
            self.in_use.setCurrentIndex(names.index(choose.name))
        self.in_use.blockSignals(blocked)
        self.in_use.currentIndexChanged.emit(self.in_use.currentIndex())
        self.entries = [Entry(one.source, one) for one in profiles.usable]
        self.entries += [
            Entry(path, None, problem) for path, problem in profiles.broken
        ]
        self._fill_table(choose)
        self._fill_add_menu()
        if profiles.problems:
            self.say("warn", "\n".join(profiles.problems))

    def _fill_table(self, choose: Optional[ClusterProfile]) -> None:
        self.table.clear()
        for entry in self.entries:
            name = entry.profile.name if entry.profile is not None else "?"
            item = QTreeWidgetItem([entry.title, name, _whose(entry)])
            if entry.profile is None:
                item.setIcon(0, sign_icon("fail", self.palette()))
                item.setToolTip(0, entry.problem)
            self.table.addTopLevelItem(item)
        shown = [e.profile.name if e.profile is not None else "" for e in self.entries]
        wanted = choose.name if choose is not None else ""
        row = shown.index(wanted) if wanted in shown else 0
        self.table.setCurrentItem(self.table.topLevelItem(row))
        self._on_selected()

    def _fill_add_menu(self) -> None:
        self.add_menu.clear()
        for entry in self.entries:
            if entry.profile is not None:
                name = "remote_profile_like_" + entry.profile.name
                self._add_action(name, tr("Like {}...").format(entry.title), entry)
        blank = "remote_profile_blank"
        self._add_action(blank, tr("Blank, with notes..."), None)
        self.add_menu.addSeparator()
        from_file = self.add_menu.addAction(tr("From a file..."))
        from_file.setObjectName("remote_profile_import")
        from_file.triggered.connect(self._on_import)

    def _add_action(self, name: str, text: str, like: Optional[Entry]) -> None:
        action = self.add_menu.addAction(text.replace("&", "&&"))
        action.setObjectName(name)
        action.setData(self.entries.index(like) if like is not None else -1)
        action.triggered.connect(self._on_add)

    def say(self, sign: str, text: str) -> None:
        """What came of it; layouts forget how high a label of several lines is."""
        self.says.say(sign, text)
        self._give_room()

    def _give_room(self) -> None:
        label = self.says.label
        label.setMinimumHeight(max(0, label.heightForWidth(label.width())))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._give_room()

    def chosen(self) -> Optional[ClusterProfile]:
        """The profile that is to be in use."""
        index = self.in_use.currentIndex()
        return self._usable[index] if 0 <= index < len(self._usable) else None

    def selected(self) -> Optional[Entry]:
        row = self.table.indexOfTopLevelItem(self.table.currentItem())
        return self.entries[row] if 0 <= row < len(self.entries) else None

    def _on_selected(self, *_args: Any) -> None:
        entry = self.selected()
        path = entry.path if entry is not None else None
        self.file.setText(str(path) if path is not None else tr("no file"))
        self.open_file.setEnabled(path is not None)
        self.edit.setEnabled(path is not None)
        usable = entry is not None and entry.profile is not None
        self.export.setEnabled(usable and path is not None)
        shipped = _whose(entry) == SHIPPED if entry is not None else False
        self.remove.setEnabled(path is not None and not shipped)
        self.remove.setToolTip(
            tr("It came with the program, and stays.")
            if shipped
            else tr(
                "Take this profile out of use. Its file is kept under another name."
            )
        )

    # -- the buttons ------------------------------------------------------------------

    def _on_open_file(self, *_args: Any) -> None:
        entry = self.selected()
        if entry is not None and entry.path is not None:
            open_folder(entry.path)

    def _on_add(self, *_args: Any) -> None:
        index = self.sender().data()
        self.add_wanted.emit(self.entries[index] if index >= 0 else None)

    def _on_edit(self, *_args: Any) -> None:
        entry = self.selected()
        if entry is not None and entry.path is not None:
            self.edit_wanted.emit(entry)

    def _on_import(self, *_args: Any) -> None:
        dialog = self._file_dialog(
            tr("Add a profile from a file"), "remote_import_file"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Profiles (*.yaml *.yml)"), tr("All files (*)")])
        dialog.fileSelected.connect(self.import_wanted)
        dialog.open()

    def _on_export(self, *_args: Any) -> None:
        entry = self.selected()
        if entry is None or entry.profile is None:
            return
        dialog = self._file_dialog(tr("Save a file for the lab"), "remote_export_file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("yaml")
        dialog.selectFile(entry.profile.name + ".yaml")
        dialog.fileSelected.connect(self._on_export_file)
        dialog.open()

    def _on_export_file(self, path: str) -> None:
        self.export_wanted.emit(self.selected(), path)

    def _on_remove(self, *_args: Any) -> None:
        self.remove_wanted.emit(self.selected())

    def _on_put_back(self, *_args: Any) -> None:
        self.put_back_wanted.emit()

    def _file_dialog(self, title: str, name: str) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setObjectName(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _whose(entry: Entry) -> str:
    if entry.profile is None:
        return tr("cannot be read")
    return SHIPPED if is_shipped(entry.profile) else tr("yours")
