"""*Show script* in the submit dialog: the exact text that is sent, to be copied."""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.dialogs.fold import fold_button, show_fold
from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.words import tr


class ScriptView(QWidget):
    """A line that unfolds into the script.

    Attributes
    ----------
    button, script, copy
        What unfolds it, the text, and what copies it.
    """

    wanted = Signal()
    folded = Signal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._text = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.button = fold_button(tr("S&how script"), "remote_show_script")
        self.button.setToolTip(tr("The batch script, exactly as it would be sent."))
        self.button.toggled.connect(self._on_toggled)
        self.copy = QPushButton(tr("Copy"))
        self.copy.setObjectName("remote_copy_script")
        self.copy.setAutoDefault(False)
        self.copy.setToolTip(tr("Put the whole script into the clipboard."))
        self.copy.clicked.connect(self._on_copy)
        self.script = QPlainTextEdit()
        self.script.setObjectName("remote_script")
        self.script.setAccessibleName(tr("Batch script"))
        self.script.setReadOnly(True)
        self.script.setTabChangesFocus(True)
        self.script.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.script.setFont(fixed_font())
        self.script.setMinimumHeight(170)
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        line.addWidget(self.copy)
        layout.addLayout(line)
        layout.addWidget(self.script, 1)
        layout.addStretch(0)
        self.script.hide()
        self.copy.hide()

    @property
    def is_shown(self) -> bool:
        return bool(self.button.isChecked())

    def show_text(self, text: str) -> None:
        self._text = text
        self.script.setPlainText(text)
        self.copy.setEnabled(bool(text))

    def wait(self) -> None:
        """What is shown is not what would be sent now."""
        self.copy.setEnabled(False)
        if not self._text:
            self.script.setPlainText(tr("# One moment..."))

    def say_why_not(self, text: str) -> None:
        """Instead of a script."""
        self.show_text("")
        self.script.setPlainText(text)

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self._text)

    def _on_toggled(self, shown: bool) -> None:
        show_fold(self.button, shown)
        self.script.setVisible(shown)
        self.copy.setVisible(shown)
        if shown:
            self.wait()
            self.wanted.emit()
        self.folded.emit()
