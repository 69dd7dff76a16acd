"""What is said of a project while its row is selected, in the place of the details."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.job_groups import Branch
from sleap_remote_plugin.qt.selectable import SelectableLabel
from sleap_remote_plugin.words import tr


class ProjectPage(QWidget):
    """Name, how its jobs stand, its path; and a button that opens it."""

    open_wanted = Signal(str)  # path

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.path = ""
        self.title, self.told = SelectableLabel(), SelectableLabel()
        self.place = SelectableLabel()
        self.title.setObjectName("remote_project_title")
        for label in (self.title, self.told, self.place):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setMinimumWidth(1)  # a long name would make the dock wider
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.open = QPushButton(tr("Open this project"))
        self.open.setObjectName("remote_open_this_project")
        self.open.setToolTip(tr("SLEAP's own File > Open Project, with this file."))
        self.open.clicked.connect(self._on_open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 4, 4)
        for label in (self.title, self.told, self.place):
            layout.addWidget(label)
        layout.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)

    def show_project(self, branch: Branch, opened: str) -> None:
        """Tell of a project; `opened` is the path of the one in SLEAP's window."""
        self.path = branch.project
        self.title.setText(texts.breakable(branch.title))
        self.told.setText(branch.told)
        self.place.setText(texts.breakable(branch.project))
        self.open.setVisible(bool(branch.project) and branch.project != opened)

    def _on_open(self, *_args: Any) -> None:
        self.open_wanted.emit(self.path)
