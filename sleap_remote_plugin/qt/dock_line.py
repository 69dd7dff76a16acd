"""A line of the dock: what is being done or what came of it, with a button."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.texts import breakable


class Line(QWidget):
    """A line of text with a button: hidden while there is nothing to say."""

    clicked = Signal()

    def __init__(
        self, name: str, button: str, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setFixedHeight(8)
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.button = QPushButton(button)
        self.button.setObjectName(name)
        self.button.clicked.connect(self._on_clicked)
        column = QVBoxLayout()
        column.setSpacing(3)
        column.addWidget(self.label)
        column.addWidget(self.bar)
        layout.addLayout(column, 1)
        layout.addWidget(self.button)
        self.hide()

    def say(self, text: str, button: bool = False) -> None:
        self.label.setText(breakable(text))
        self.button.setAccessibleDescription(text)  # there may be several lines
        self.bar.hide()
        self.button.setVisible(button)
        self.setVisible(bool(text))

    def show_progress(self, text: str, done: int, total: int) -> None:
        self.say(text, button=True)
        self.bar.show()
        self.bar.setRange(0, max(0, total))
        self.bar.setValue(done)

    def _on_clicked(self, *_args: Any) -> None:
        self.clicked.emit()
