"""One line in the dock, the first time: what our button in SLEAP's dialogs does."""

from __future__ import annotations

from typing import Any, Optional

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from sleap_remote_plugin.qt.dialogs.lines import sentence
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.words import tr

#: In the settings, once it is not wanted any more.
DISMISSED = "hint.run_button"

WORDS = tr(
    "New here: SLEAP's training and inference dialogs have a second button, “Run on "
    "{}”. It sends the work there; SLEAP's own Run still runs on this computer."
)


class Hint(QFrame):
    """Hidden unless it is the first time; never in the way of anything."""

    dismissed = Signal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_hint")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 4, 4, 4)
        self.label = sentence(name="remote_hint_text")
        self.button = QPushButton(tr("Got it"))
        self.button.setObjectName("remote_hint_dismiss")
        self.button.setToolTip(tr("Do not show this again."))
        self.button.clicked.connect(self._on_dismissed)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_for(self, title: str, settings: Settings) -> None:
        """Show it for this cluster, unless it was dismissed once."""
        self.label.setText(WORDS.format(title))
        self.setVisible(not settings.get(DISMISSED, False))

    def _on_dismissed(self, *_args: Any) -> None:
        self.hide()
        self.dismissed.emit()
