"""The dock's line about files that were saved to be submitted by hand."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import Qt, QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.dialogs.lines import sentence
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.words import tr


class SavedFiles(QWidget):
    """Where they are, and *Open folder*; hidden while there are none."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_saved")
        self.label = sentence(name="remote_saved_text")
        self.folder = ElidedLabel()
        self.folder.setObjectName("remote_saved_folder")
        self.open = QPushButton(tr("Open folder"))
        self.open.setObjectName("remote_open_saved")
        self.open.clicked.connect(self._on_open)
        self.close_button = QToolButton()
        self.close_button.setObjectName("remote_close_saved")
        self.close_button.setText("\u00d7")
        self.close_button.setAutoRaise(True)
        self.close_button.setAccessibleName(tr("Hide this line"))
        self.close_button.setToolTip(tr("Hide this line; the files stay."))
        self.close_button.clicked.connect(self._on_close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        top, below = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.label, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.folder, 1)
        below.addWidget(self.open)
        column.addLayout(top)
        column.addLayout(below)
        self.hide()

    def say(self, text: str, folder: str) -> None:
        self.label.setText(text)
        self.folder.setText(folder)
        self.show()

    def _on_open(self, *_args: Any) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(self.folder.text())):
            self.label.setText(tr("This system does not open the folder:"))

    def _on_close(self, *_args: Any) -> None:
        self.hide()
