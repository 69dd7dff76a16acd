"""What a training package is made to do, shown before it is made; one choice in it."""

from __future__ import annotations

from typing import Sequence, Tuple

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from sleap_remote_plugin.qt.texts import breakable
from sleap_remote_plugin.words import tr

FULL = "\u00b1180\u00b0"


class PackageSettings(QWidget):
    """Sentences, and whether images are rotated by any angle in training.

    Parameters
    ----------
    settings : sequence of str
    rotations : sequence of (str, str)
        For each model that is trained, what SLEAP's dialog has; empty for none.
    """

    def __init__(
        self, settings: Sequence[str], rotations: Sequence[Tuple[str, str]]
    ) -> None:
        super().__init__()
        self.setObjectName("remote_package_settings")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        different = [one for one in rotations if one[1] != FULL]
        if rotations and not different:
            settings = [
                *settings,
                tr("Images are rotated by any angle ({}).").format(FULL),
            ]
        self.text = QLabel(breakable("\n".join(settings)))
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setObjectName("remote_package_text")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self.text)
        self.rotate = QCheckBox(tr("Rotate by any angle ({})").format(FULL))
        self.rotate.setObjectName("remote_full_rotation")
        self.rotate.setToolTip(
            tr(
                "For animals filmed from above, which look the same from every side. "
                "It changes this package only, not SLEAP's dialog."
            )
        )
        layout.addWidget(self.rotate)
        self.hint = QLabel(
            tr("For videos filmed from above. SLEAP's dialog has {}.").format(
                breakable(_said(different))
            )
        )
        self.hint.setObjectName("remote_rotation_hint")
        self.hint.setWordWrap(True)
        self.hint.setIndent(_indent(self.rotate))
        layout.addWidget(self.hint)
        for widget in (self.rotate, self.hint):
            widget.setVisible(bool(different))

    def full_rotation(self) -> bool:
        """Whether the user asked for it; SLEAP's own setting stays otherwise."""
        return self.rotate.isChecked()


def _indent(box: QCheckBox) -> int:
    """Where a check box's text begins, in pixels."""
    style = box.style()
    metric = style.PixelMetric
    width = style.pixelMetric(metric.PM_IndicatorWidth, None, box)
    return width + style.pixelMetric(metric.PM_CheckBoxLabelSpacing, None, box)


def _said(rotations: Sequence[Tuple[str, str]]) -> str:
    angles = {angle for _, angle in rotations}
    if len(angles) == 1:
        return angles.pop()
    return ", ".join(tr("{} for {}").format(angle, head) for head, angle in rotations)
