"""A label that text can be copied out of, without the marks where it may wrap."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QClipboard, QGuiApplication, QKeySequence
from qtpy.QtWidgets import QLabel, QMenu, QWidget

from sleap_remote_plugin.qt.texts import unbroken
from sleap_remote_plugin.words import tr


class SelectableLabel(QLabel):
    """What is selected in it is copied as it was before `texts.breakable`."""

    def __init__(self, text: str = "", parent: Optional[QWidget] = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def selected_text(self) -> str:
        """With an end of line where Qt has a mark of its own."""
        text = unbroken(self.selectedText())
        return text.replace("\u2028", "\n").replace("\u2029", "\n")

    def copy(self, *_args: Any) -> None:
        if self.hasSelectedText():
            QGuiApplication.clipboard().setText(self.selected_text())

    def event(self, event: Any) -> bool:
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        is_key = event.type() in kinds
        if is_key and event.matches(QKeySequence.StandardKey.Copy):
            event.accept()  # here it is ours, whatever it means in SLEAP
            if event.type() == QEvent.Type.KeyPress:
                self.copy()
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: Any) -> None:
        """What X11 pastes with the middle button, too."""
        super().mouseReleaseEvent(event)
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection() and self.hasSelectedText():
            clipboard.setText(self.selected_text(), QClipboard.Mode.Selection)

    def contextMenuEvent(self, event: Any) -> None:
        self.menu = QMenu(self)
        self.menu.setObjectName("remote_text_menu")
        copy = self.menu.addAction(tr("Copy"))
        copy.setObjectName("remote_text_copy")
        copy.setEnabled(self.hasSelectedText())
        copy.setToolTip(
            tr("The selected text.")
            if self.hasSelectedText()
            else tr("Nothing is selected.")
        )
        copy.triggered.connect(self.copy)
        self.menu.setToolTipsVisible(True)
        self.menu.popup(event.globalPos())
