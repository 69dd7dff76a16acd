"""Ask whether a host that was never seen is the right one; the default is no."""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.errors import HostKeyUnknown
from sleap_remote_plugin.words import tr


class HostKeyDialog(QDialog):
    """Accepted means: trust this key from now on."""

    def __init__(
        self, error: HostKeyUnknown, contact: str = "", parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.error = error
        self.setObjectName("remote_host_key_dialog")
        self.setWindowTitle(tr("Is this the right computer?"))
        self.setMinimumWidth(420)
        layout = QVBoxLayout(self)
        text = tr(
            "This computer has not been connected to before. Compare its fingerprint "
            "with the one that the people of the cluster give. Connect only if they "
            "are the same: a false computer could read your password."
        )
        if contact:
            text += "\n\nAsk: " + contact
        layout.addWidget(_paragraph(text))
        if error.warning:
            warning = _paragraph(error.warning)
            warning.setObjectName("remote_host_key_warning")
            font = warning.font()
            font.setBold(True)
            warning.setFont(font)
            layout.addWidget(warning)
        form = QFormLayout()
        for name, value in (
            (tr("Host"), error.shown),
            (tr("Key type"), error.key_type),
            (tr("Fingerprint"), error.fingerprint),
        ):
            label = QLabel(value)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            label.setAccessibleName(name)
            label.setWordWrap(name == tr("Host"))
            form.addRow(name, label)
        layout.addLayout(form)
        buttons = QDialogButtonBox()
        self.trust = QPushButton(tr("Trust and connect"))
        self.trust.setObjectName("remote_trust_host")
        self.trust.setAutoDefault(False)
        self.refuse = QPushButton(tr("No, do not connect"))
        self.refuse.setObjectName("remote_refuse_host")
        buttons.addButton(self.trust, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.refuse, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.trust.setDefault(False)
        self.refuse.setDefault(True)
        self.refuse.setFocus()
        layout.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """Make room for the whole fingerprint, and for each line of the text."""
        super().showEvent(event)
        layout = self.layout()
        for label in self.findChildren(QLabel):
            if not label.wordWrap():
                label.setMinimumWidth(label.sizeHint().width())
        layout.activate()
        width = max(self.minimumWidth(), layout.minimumSize().width())
        self.setMinimumSize(width, layout.totalHeightForWidth(width))


def _paragraph(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
