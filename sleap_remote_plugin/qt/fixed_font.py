"""The font of logs and evidence: of one width, and as large as other text is."""

from __future__ import annotations

from qtpy.QtGui import QFont, QFontDatabase
from qtpy.QtWidgets import QApplication


def fixed_font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    size = QApplication.font().pointSizeF()
    if size > 0:  # else it is told in pixels
        font.setPointSizeF(size)
    return font
