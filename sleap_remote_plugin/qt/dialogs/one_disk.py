"""Where one disk of the cluster is, here and there: asked of the user."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.paths import Mount, readings
from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.qt.dialogs.explained import explain
from sleap_remote_plugin.qt.dialogs.lines import Verdict, sentence
from sleap_remote_plugin.session.known_disks import KnownDisk
from sleap_remote_plugin.words import tr


class DiskDialog(QDialog):
    """Where one disk is, here and there."""

    def __init__(self, disk: KnownDisk, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.disk = disk
        self.setObjectName("remote_disk_dialog")
        self.setWindowTitle(
            tr("A disk of the cluster") if disk.cluster else tr("Another disk")
        )
        self.setMinimumWidth(560)
        layout = QVBoxLayout(self)
        layout.addWidget(
            sentence(
                tr(
                    "The same folder, as this computer and as the cluster call it. The "
                    "other disks are guessed from what you say here."
                )
            )
        )
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.local = _field(
            "remote_disk_local", disk.local, tr("a folder, drive or share")
        )
        self.local.setAccessibleName(tr("On this computer"))
        self.browse = QPushButton(tr("Choose..."))
        self.browse.setObjectName("remote_disk_browse")
        self.browse.setAutoDefault(False)
        explain(self.browse, tr("Choose the folder."))
        explain(self.local, tr("Where the disk, or a folder of it, is mounted here."))
        self.browse.clicked.connect(self._on_browse)
        here = QHBoxLayout()
        here.addWidget(self.local, 1)
        here.addWidget(self.browse)
        form.addRow(tr("On this computer"), here)
        self.cluster = _field(
            "remote_disk_cluster", disk.cluster, tr("such as /ceph/lab")
        )
        explain(self.cluster, tr("The same folder as the cluster's nodes call it."))
        form.addRow(tr("On the cluster"), self.cluster)
        layout.addLayout(form)
        self.says = Verdict("remote_disk_says")
        layout.addWidget(self.says)
        layout.addStretch(1)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        plain(buttons)
        self.ok = buttons.button(kinds.Ok)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        for field in (self.local, self.cluster):
            field.textChanged.connect(self._on_edited)
        self._on_edited()

    def mount(self) -> Mount:
        cluster = self.cluster.text().strip()
        return Mount(_tidy(self.local.text().strip()), cluster.rstrip("/") or "/")

    def why_not(self) -> str:
        """What is wrong with the words; empty: nothing."""
        mount = self.mount()
        if not readings(mount.local):
            return tr(
                "Name a whole path on this computer: a folder, a drive such as Z:\\, "
                "or a share such as \\\\server\\share."
            )
        names = mount.cluster.split("/")
        if not mount.cluster.startswith("/") or mount.cluster == "/" or ".." in names:
            return tr(
                "Name a whole path on the cluster, beginning with /, such as /ceph."
            )
        return ""

    def _on_edited(self, *_args: Any) -> None:
        is_whole = bool(self.local.text().strip() and self.cluster.text().strip())
        reason = self.why_not()
        self.says.say("warn" if reason else "", reason if is_whole else "")
        self.ok.setEnabled(is_whole and not reason)

    def _on_browse(self, *_args: Any) -> None:
        dialog = QFileDialog(self, tr("Where the disk is on this computer"))
        dialog.setObjectName("remote_disk_folder_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self.local.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _tidy(local: str) -> str:
    """A path without slashes at its end; ``Z:`` alone is its drive."""
    for one in readings(local)[:1]:
        if one.is_windows:
            return one.joined(())
        return local.rstrip("/") or "/"
    return local


def _field(name: str, text: str, placeholder: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setObjectName(name)
    field.setPlaceholderText(placeholder)
    return field
