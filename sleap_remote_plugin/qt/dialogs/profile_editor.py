"""A profile's text, checked while it is typed; not modal, and never lost unasked.

Checking and keeping is qt/profile_settings.py's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QTextCursor
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.qt.dialogs.explained import explain
from sleap_remote_plugin.qt.dialogs.lines import Verdict
from sleap_remote_plugin.qt.dialogs.message import ask
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.qt.states import is_dark
from sleap_remote_plugin.words import tr

#: Milliseconds without a key after which the text is checked.
PAUSE = 250
#: Background of a line that is wrong, on a light and on a dark window.
_WRONG = ("#ffe0d1", "#5c2c14")


class ProfileEditor(QDialog):
    """The text of one profile.

    Parameters
    ----------
    path : Path or None
        The user's own file that is edited; None: a new one.
    note : str
        A sentence above the text.
    """

    check_wanted = Signal(object, str)  # itself, the text
    save_wanted = Signal(object, str)
    left = Signal(object)  # itself

    def __init__(
        self,
        text: str,
        path: Optional[Path],
        note: str,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_profile_editor")
        self.setWindowTitle(tr("A cluster's profile"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 540)
        self.path = path
        self._line = 0
        self._checked: Optional[str] = None
        layout = QVBoxLayout(self)
        self.note = ElidedLabel(note)
        self.note.setObjectName("remote_profile_note")
        layout.addWidget(self.note)
        self.text = QPlainTextEdit(text)
        self.text.setObjectName("remote_profile_text")
        self.text.setAccessibleName(tr("Profile"))
        self.text.setFont(fixed_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)  # YAML has no tabs
        explain(self.text, tr("YAML. The notes in it say what each line is."))
        layout.addWidget(self.text, 1)
        self.says = Verdict("remote_profile_says")
        self.says.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.says.label.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        layout.addWidget(self.says)
        layout.addWidget(self._make_buttons())
        self._begun = text if path is not None else None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_pause)
        self.text.textChanged.connect(self._on_changed)
        self.finished.connect(self._on_finished)
        if parent is not None:
            parent.window().installEventFilter(self)
        self._on_changed()

    def _make_buttons(self) -> QDialogButtonBox:
        kind = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(kind.Save | kind.Cancel)
        plain(box)
        self.save, self.cancel = box.button(kind.Save), box.button(kind.Cancel)
        self.go = box.addButton(
            tr("Go to the line"), QDialogButtonBox.ButtonRole.ResetRole
        )
        for one, name in (
            (self.save, "remote_profile_save"),
            (self.cancel, "remote_profile_cancel"),
            (self.go, "remote_profile_go"),
        ):
            one.setObjectName(name)
            one.setAutoDefault(False)
        self.go.setToolTip(tr("Put the cursor where it is wrong."))
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self._on_cancel)
        self.go.clicked.connect(self._on_go)
        return box

    # -- the check --------------------------------------------------------------------

    def _on_changed(self) -> None:
        if self.text.toPlainText() == self._checked:
            return
        self._checked = None
        self.save.setEnabled(False)
        self._timer.start(PAUSE)

    def _on_pause(self) -> None:
        self.check_wanted.emit(self, self.text.toPlainText())

    def show_good(self, text: str, words: str) -> None:
        """Say that the text is a profile; `words`: what saving does."""
        if text == self.text.toPlainText():
            self._checked = text
            self._mark(0)
            self.says.say("ok", words)
            self.save.setEnabled(text != self._begun)

    def show_wrong(self, text: str, error: BaseException) -> None:
        """Say that the text is no profile, and why."""
        if text == self.text.toPlainText():
            self._checked = text
            self.show_error(error)

    def show_error(self, error: BaseException) -> None:
        """Say it, and mark the line; the text stays as it is."""
        number = error.line if isinstance(error, ProfileError) else 0
        words = error.what if isinstance(error, ProfileError) else str(error)
        self._mark(number)
        self.says.say("fail", "Line {}: {}".format(number, words) if number else words)

    def _mark(self, number: int) -> None:
        self._line = number
        self.go.setEnabled(bool(number))
        marks = []
        block = self.text.document().findBlockByNumber(number - 1)
        if number and block.isValid():
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(block)
            mark.format.setBackground(QColor(_WRONG[is_dark(self.palette())]))
            mark.format.setProperty(mark.format.Property.FullWidthSelection, True)
            marks.append(mark)
        self.text.setExtraSelections(marks)

    def _on_go(self, *_args: Any) -> None:
        block = self.text.document().findBlockByNumber(self._line - 1)
        if block.isValid():
            self.text.setTextCursor(QTextCursor(block))
            self.text.centerCursor()
            self.text.setFocus()

    # -- the end ----------------------------------------------------------------------

    def _on_save(self, *_args: Any) -> None:
        self.save.setEnabled(False)
        self.says.say("busy", tr("Being saved..."))
        self.save_wanted.emit(self, self.text.toPlainText())

    def show_not_saved(self, error: BaseException) -> None:
        """It could not be written; it can be tried again."""
        self.show_error(error)
        self.save.setEnabled(True)

    def _on_finished(self, *_args: int) -> None:
        self.left.emit(self)

    def saved(self) -> None:
        self.text.document().setModified(False)
        self.accept()

    def _on_cancel(self, *_args: Any) -> None:
        self.reject()

    def reject(self) -> None:
        """Escape and the window's own button come here too."""
        if not self.text.document().isModified():
            super().reject()
            return
        ask(
            self,
            tr("The text was changed and is not saved. Give the changes up?"),
            tr("Give them up"),
            tr("Keep editing"),
            self._give_up,
            "remote_give_up",
        )

    def _give_up(self) -> None:
        self.text.document().setModified(False)
        self.reject()

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """SLEAP is closed: not before the user has said what becomes of the text."""
        if event.type() != QEvent.Type.Close or not self._is_unsaved():
            return False
        event.ignore()
        self.raise_()
        self.activateWindow()
        self.reject()
        return True

    def _is_unsaved(self) -> bool:
        return self.isVisible() and self.text.document().isModified()

    def closeEvent(self, event: Any) -> None:
        if self.text.document().isModified():
            event.ignore()
            self.reject()
        else:
            super().closeEvent(event)
