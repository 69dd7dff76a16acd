"""Offer to copy files to the cluster's disk, and show how far the copy is."""

from __future__ import annotations

import os
from typing import Any, Optional

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.errors import NotOnMount
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.dialogs.buttons import make_default, plain
from sleap_remote_plugin.qt.dialogs.lines import Verdict, sentence
from sleap_remote_plugin.qt.dialogs.own_height import take_own_height
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.roomy_rows import make_roomy
from sleap_remote_plugin.session.room import in_words
from sleap_remote_plugin.words import tr

_FILES = tr(
    "{} cannot see these, so they are copied to its disk first. Your project stays as "
    "it is and where it is: the job uses the copies, and what it finds is loaded into "
    "your project."
)
_FOLDER = tr(
    "{} cannot see the folder of this project, so its jobs need another one. Your "
    "project stays as it is and where it is."
)
_OVER_SSH = tr(
    "None of its disks is mounted on this computer, so everything goes over SSH: the "
    "job is sent there, and what it makes comes back beside your project."
)
_TRAINING = tr(
    "{} cannot see these. A training takes its images along, so it needs only a folder "
    "there; a prediction needs the videos too. Your project stays as it is and where "
    "it is."
)
_OPTIONAL = tr("Copy these there now")
_STEPS = 1000
_RIGHT = int(Qt.AlignmentFlag.AlignRight) | int(Qt.AlignmentFlag.AlignVCenter)


class TransferDialog(QDialog):
    """Chooses a folder, then shows the copy; `copy_wanted` begins it.

    Parameters
    ----------
    offer : Offer
        What is to be copied, and folders for it.
    kind : JobKind
        A training can do without the videos.
    refusal : NotOnMount, optional
        What the files are to the job, and where the cluster would see them.
    """

    copy_wanted = Signal(str)  # folder
    stop_wanted = Signal()

    def __init__(
        self,
        title: str,
        offer: Any,
        kind: JobKind,
        parent: Optional[QWidget] = None,
        refusal: Optional[NotOnMount] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_transfer_dialog")
        self.setWindowTitle(tr("Copy to {}").format(title))
        self.setMinimumWidth(560)
        self._offer = offer
        self._about = dict(zip(refusal.paths, refusal.about)) if refusal else {}
        self._copying = False
        layout = QVBoxLayout(self)
        layout.addWidget(sentence(_words(offer, kind).format(title)))
        if refusal is not None and refusal.why:
            layout.addWidget(sentence(refusal.why, "remote_transfer_why"))
        self.list = self._make_list()
        layout.addWidget(self.list)
        self.list.setVisible(bool(offer.items))
        self.all = QCheckBox(_OPTIONAL)
        self.all.setObjectName("remote_transfer_all")
        self.all.setChecked(kind is not JobKind.TRAIN)
        self.all.setVisible(bool(offer.items) and kind is JobKind.TRAIN)
        self.all.toggled.connect(self._show_size)
        layout.addWidget(self.all)
        self.project = QCheckBox(tr("Put a copy of the project there too"))
        self.project.setObjectName("remote_transfer_project")
        self.project.setVisible(not offer.has_home)
        layout.addWidget(self.project)
        layout.addLayout(self._folder_line())
        layout.addWidget(self._progress_lines())
        self.verdict = Verdict("remote_transfer_problem")
        layout.addWidget(self.verdict)
        layout.addStretch(1)
        layout.addWidget(self._button_row())
        make_default(self.copy)
        self._show_size()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        take_own_height(self)

    # -- its parts --------------------------------------------------------------------

    def _make_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setObjectName("remote_transfer_list")
        tree.setAccessibleName(tr("What is copied"))
        tree.setHeaderLabels([tr("File"), tr("Size")])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        make_roomy(tree)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for item in self._offer.items:
            name = self._name_of(item)
            if item.is_folder:
                name += tr(" ({:,} files)").format(len(item.files))
            row = QTreeWidgetItem([name, in_words(item.size)])
            row.setToolTip(0, item.source)
            row.setData(1, Qt.ItemDataRole.TextAlignmentRole, _RIGHT)
            tree.addTopLevelItem(row)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        rows = max(2, min(6, len(self._offer.items)))
        height = tree.sizeHintForRow(0) if self._offer.items else 0
        tree.setFixedHeight(rows * height + header.sizeHint().height() + 6)
        return tree

    def _name_of(self, item: Any) -> str:
        """``video 2: PATH``; a series of images by its first one."""
        paths = [item.source] + [file.path for file in item.files[:1]]
        told = [self._about[path] for path in paths if self._about.get(path)]
        return "{}: {}".format(told[0], item.source) if told else item.name

    def _folder_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.folder = QComboBox()
        self.folder.setObjectName("remote_transfer_folder")
        self.folder.setEditable(True)
        self.folder.addItems(list(self._offer.folders))
        self.folder.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self.folder.editTextChanged.connect(self._show_size)
        label = QLabel(tr("&Folder there") if self._offer.over_ssh else tr("&Folder"))
        label.setBuddy(self.folder)
        self.choose = QPushButton(tr("Choose..."))
        self.choose.setObjectName("remote_transfer_choose")
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._on_choose)
        self.choose.setVisible(not self._offer.over_ssh)
        line.addWidget(label)
        line.addWidget(self.folder, 1)
        line.addWidget(self.choose)
        return line

    def _progress_lines(self) -> QWidget:
        self.progress = QWidget()
        grid = QGridLayout(self.progress)
        grid.setContentsMargins(0, 0, 0, 0)
        self.bar = QProgressBar()
        self.bar.setObjectName("remote_transfer_bar")
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.file, self.amount = ElidedLabel(), QLabel()
        self.file.setObjectName("remote_transfer_file")
        self.amount.setObjectName("remote_transfer_amount")
        grid.addWidget(self.bar, 0, 0)
        grid.addWidget(self.file, 1, 0)
        grid.addWidget(self.amount, 2, 0)
        self.progress.hide()
        return self.progress

    def _button_row(self) -> QDialogButtonBox:
        row = QDialogButtonBox()
        self.cancel = row.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setObjectName("remote_transfer_cancel")
        self.copy = row.addButton(tr("Copy"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.copy.setObjectName("remote_transfer_copy")
        self.cancel.setAutoDefault(False)
        plain(row)
        self.copy.clicked.connect(self._on_copy)
        self.cancel.clicked.connect(self.reject)
        return row

    # -- choosing ---------------------------------------------------------------------

    @property
    def with_files(self) -> bool:
        """Whether the files are to be copied, and not only a folder chosen."""
        return bool(self._offer.items) and self.all.isChecked()

    def _show_size(self, *_args: Any) -> None:
        size = in_words(self._offer.size)
        self.copy.setText("Copy {}".format(size) if self.with_files else tr("Go on"))
        self.copy.setEnabled(bool(self.folder.currentText().strip()))

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, tr("Folder on the cluster's disk"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.setDirectory(self.folder.currentText())
        dialog.fileSelected.connect(self._on_chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_chosen(self, folder: str) -> None:
        self.folder.setEditText(os.path.normpath(folder))

    def _on_copy(self) -> None:
        self.verdict.say("", "")
        self._show_copying(True)
        self.file.setText(tr("Connecting"))
        self.copy_wanted.emit(self.folder.currentText().strip())

    def reject(self) -> None:
        """Stop the copy first; then give up."""
        if self._copying:
            self.file.setText(tr("Stopping"))
            self.cancel.setEnabled(False)
            self.stop_wanted.emit()
        else:
            super().reject()

    # -- copying ----------------------------------------------------------------------

    def _show_copying(self, is_copying: bool) -> None:
        self._copying = is_copying
        for widget in (
            self.folder,
            self.choose,
            self.all,
            self.project,
            self.copy,
        ):
            widget.setEnabled(not is_copying)
        self.progress.setVisible(is_copying)
        self.cancel.setEnabled(True)
        self.cancel.setText(tr("Stop") if is_copying else tr("Cancel"))
        self.bar.setRange(0, 0)

    def show_progress(self, progress: Any) -> None:
        """Which file, how many bytes, how fast, how long still."""
        if not self._copying or not self.cancel.isEnabled():
            return
        share = progress.done / progress.total if progress.total else 0.0
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(int(_STEPS * min(1.0, share)))
        words = progress.step
        if progress.count > 1:
            words += tr(" {:,} of {:,}:").format(progress.number, progress.count)
        self.file.setText("{} {}".format(words, progress.file).strip())
        self.amount.setText(amount_text(progress))

    def show_problem(self, text: str) -> None:
        """The copy ended early; it can be begun again."""
        self._show_copying(False)
        self.verdict.say("warn", text)
        self._show_size()
        self.copy.setText(tr("Go on") if self.with_files else tr("Try again"))


def _words(offer: Any, kind: JobKind) -> str:
    words = _FOLDER
    if offer.items:
        words = _TRAINING if kind is JobKind.TRAIN else _FILES
        if kind is not JobKind.TRAIN and not offer.has_home:
            words += tr(" The jobs' folders are put beside them.")
    return words + " " + _OVER_SSH if offer.over_ssh else words


def amount_text(progress: Any) -> str:
    """``1.2 GB of 7.8 GB, 45 MB/s, about 2 min left``."""
    parts = [tr("{} of {}").format(in_words(progress.done), in_words(progress.total))]
    if progress.rate:
        parts.append(in_words(progress.rate) + "/s")
    if progress.eta is not None:
        parts.append(tr("about {} left").format(texts.duration(max(1.0, progress.eta))))
    return ", ".join(parts)
