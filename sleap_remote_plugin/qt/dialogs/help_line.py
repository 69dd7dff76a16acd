"""*?* in a dialog: a line that explains the field that has the focus.

Qt's own What's This (Shift+F1) says the same.
"""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QApplication, QToolButton, QVBoxLayout, QWidget

from sleap_remote_plugin.qt.dialogs.lines import sentence
from sleap_remote_plugin.words import tr


class HelpLine(QWidget):
    """A sentence that follows the focus while `button` is down.

    Attributes
    ----------
    button : QToolButton
        Its place is the dialog's business.
    """

    changed = Signal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setObjectName("remote_submit_help")
        self.button.setText("?")
        self.button.setCheckable(True)
        self.button.setAccessibleName(tr("Explain the fields"))
        self.button.setToolTip(
            tr("Explain the field that you are in (Shift+F1 does too).")
        )
        self.button.toggled.connect(self._on_toggled)
        self.text = sentence(name="remote_field_help")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        self.hide()
        QApplication.instance().focusChanged.connect(self._on_focus)

    def _on_toggled(self, shown: bool) -> None:
        self.text.setText(tr("Go to a field, and it is explained here."))
        self.setVisible(shown)
        self._on_focus(None, self.window().focusWidget())
        self.changed.emit()

    def _on_focus(self, _before: Any, now: Optional[QWidget]) -> None:
        if now is None or not self.button.isChecked():
            return
        if now.window() is self.window() and _help_of(now):
            self.text.setText(_help_of(now))
            self.changed.emit()


def _help_of(widget: QWidget) -> str:
    """The widget's own What's This, else that of the field that it is a part of."""
    while widget is not None and not widget.isWindow():
        if widget.whatsThis():
            name = widget.accessibleName()
            text = widget.whatsThis()
            return "{}: {}".format(name[:1].upper() + name[1:], text) if name else text
        widget = widget.parentWidget()
    return ""
