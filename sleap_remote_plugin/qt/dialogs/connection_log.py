"""The connection log: times, hops, methods; what is in it is ssh/log.py's."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence

from qtpy.QtCore import QSize, Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.words import tr

#: Milliseconds between two looks at the log while the dialog is open.
TICK = 500
#: Its width in pixels while there is nothing to show; its size when there is.
_NARROW, _FULL = 560, (820, 480)

NOTHING = tr(
    "Nothing yet: {} was not connected to since this window was opened. Press Connect "
    "in the dock, and the steps appear here."
)


class ConnectionLogDialog(QDialog):
    """Shows the log as it grows.

    Parameters
    ----------
    read : callable
        The lines that there are, oldest first; must not wait for anybody.
    """

    save_wanted = Signal(str, str)  # path, text

    def __init__(
        self,
        title: str,
        read: Callable[[], Sequence[str]],
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_log_dialog")
        self.setWindowTitle(tr("Connection log of ") + title)
        self.resize(*_FULL)
        self._title = title
        self._read = read
        self._shown: List[str] = []
        layout = QVBoxLayout(self)
        self.state = QLabel()
        self.state.setObjectName("remote_log_state")
        self.state.setWordWrap(True)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.state)
        self.text = QPlainTextEdit()
        self.text.setObjectName("remote_log_text")
        self.text.setAccessibleName(tr("Connection log"))
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(fixed_font())
        layout.addWidget(self.text, 1)
        layout.addLayout(self._buttons())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(TICK)
        self.look()
        self._fit()

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.copy = _button(tr("Copy"), "remote_log_copy", self._on_copy)
        self.save = _button(tr("Save as..."), "remote_log_save", self._on_save)
        close = _button(tr("Close"), "remote_log_close", self._on_close)
        close.setDefault(True)
        line.addWidget(self.copy)
        line.addWidget(self.save)
        line.addStretch(1)
        line.addWidget(close)
        return line

    def look(self) -> None:
        """Show what was added since; a selection stays as it is."""
        lines = list(self._read())
        known = len(self._shown)
        if lines[:known] == self._shown:
            new = lines[known:]
        elif self.text.textCursor().hasSelection():
            return  # the oldest lines went: wait until the user has copied
        else:
            self.text.clear()
            new = lines
        bar = self.text.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        if new:
            self.text.appendPlainText("\n".join(new))
        if new and at_end:
            bar.setValue(bar.maximum())
        self._shown = lines
        self._show_state()
        if new and not known:
            self._fit()

    def _fit(self) -> None:
        """Small while there is nothing to show, large with the first lines."""
        if self._shown:
            self.resize(self.size().expandedTo(QSize(*_FULL)))
        else:
            self.resize(_NARROW, self.layout().totalHeightForWidth(_NARROW))

    def show_saved(self, sentence: str) -> None:
        self.state.setText(sentence)

    def _show_state(self) -> None:
        there = bool(self._shown)
        self.text.setVisible(there)
        self.copy.setEnabled(there)
        self.save.setEnabled(there)
        if not there:
            self.state.setText(NOTHING.format(self._title))
        elif self.state.text() in ("", NOTHING.format(self._title)):
            self.state.setText(
                tr(
                    "Each step of the connection, the newest at the end. There is no "
                    "password in it; it can be sent to whoever helps you."
                )
            )

    def as_text(self) -> str:
        """What is selected; else all of it."""
        chosen = self.text.textCursor().selection().toPlainText()
        return chosen or "\n".join(self._shown)

    def _on_copy(self, *_args: Any) -> None:
        QApplication.clipboard().setText(self.as_text())

    def _on_save(self, *_args: Any) -> None:
        dialog = QFileDialog(self, tr("Save the connection log"))
        dialog.setObjectName("remote_log_file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.selectFile("connection-log.txt")
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_file(self, path: str) -> None:
        self.save_wanted.emit(path, "\n".join(self._shown) + "\n")

    def _on_close(self, *_args: Any) -> None:
        self.close()


def _button(text: str, name: str, clicked: Any) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.clicked.connect(clicked)
    return button
