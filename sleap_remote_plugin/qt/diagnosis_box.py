"""What went wrong with a job, as a note: cause, remedy, evidence, a button."""

from __future__ import annotations

import html
from typing import Any, Optional

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.deeds import Deed, Offer
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.qt.selectable import SelectableLabel
from sleap_remote_plugin.qt.states import SIGNS, is_dark, sign_icon
from sleap_remote_plugin.words import tr

#: How much of the sign's colour its ground has: text on it stays readable.
_TINT = 0.12


class DiagnosisBox(QFrame):
    """A note; hidden where there is nothing to say."""

    wanted = Signal(object)  # Offer

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_diagnosis_box")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._sign = ""
        self._offer: Optional[Offer] = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        self.icon = QLabel()
        layout.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        layout.addLayout(column, 1)
        self.label = SelectableLabel()
        self.label.setObjectName("remote_diagnosis")
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.evidence = ElidedLabel()
        self.evidence.setObjectName("remote_diagnosis_evidence")
        self.evidence.setFont(fixed_font())
        self.button = QPushButton()
        self.button.setObjectName("remote_diagnosis_deed")
        self.button.clicked.connect(self._on_clicked)
        column.addWidget(self.label)
        column.addWidget(self.evidence)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def say(
        self,
        sign: str,
        cause: str,
        remedy: str = "",
        evidence: str = "",
        offer: Optional[Offer] = None,
    ) -> None:
        """Show a note; all of its texts are plain. An empty one hides the box.

        Parameters
        ----------
        sign : str
            One of `states.SIGNS`.
        cause : str
            Stands out; empty for a note that is no end.
        evidence : str
            A line of the log, or SLURM's word.
        """
        cause, remedy = texts.breakable(cause), texts.breakable(remedy)
        parts = ["<b>{}</b>".format(html.escape(cause))] if cause else []
        parts += [html.escape(line) for line in remedy.split("\n") if line]
        text = "<br>".join(parts)
        if self.label.text() != text:
            self.label.setText(text)
        self.evidence.setText(evidence)
        self.evidence.setVisible(bool(evidence))
        self.evidence.setAccessibleName(tr("Evidence: {}").format(evidence))
        self._offer = offer
        if offer is not None:
            self.button.setText(offer.text.replace("&", "&&"))
            self.button.setToolTip(TIPS.get(offer.deed.submits, ""))
        self.button.setVisible(offer is not None)
        self.setVisible(bool(text))
        if sign != self._sign:
            self._sign = sign
            self._dress()

    def offered(self) -> Optional[Deed]:
        """The deed of the button, where there is one."""
        return self._offer.deed if self._offer is not None else None

    def _dress(self) -> None:
        """The sign's icon, and its colour in the ground."""
        if not self._sign:
            return
        word, colours, _ = SIGNS[self._sign]
        outer = self.parentWidget().palette() if self.parentWidget() else QPalette()
        size = self.fontMetrics().height()
        self.icon.setPixmap(sign_icon(self._sign, outer).pixmap(size, size))
        self.icon.setAccessibleName(word)
        ground = outer.color(QPalette.ColorRole.Window)
        tinted = _mixed(ground, QColor(colours[is_dark(outer)]), _TINT)
        palette = QPalette(outer)
        palette.setColor(QPalette.ColorRole.Window, tinted)
        self.setPalette(palette)

    def _on_clicked(self, *_args: Any) -> None:
        if self._offer is not None:
            self.wanted.emit(self._offer)

    def event(self, event: Any) -> bool:
        """The ground follows the window's palette, which ours hides from us."""
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.Polish):
            self._dress()
        return super().event(event)


#: By whether the deed submits something.
TIPS = {
    True: tr(
        "Opens “Submit again”, filled in. Nothing is sent before you press Submit."
    ),
}


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    parts = [
        a * (1 - share) + b * share
        for a, b in zip(one.getRgbF()[:3], other.getRgbF()[:3])
    ]
    return QColor.fromRgbF(*parts)
