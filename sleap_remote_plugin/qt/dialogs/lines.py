"""Lines of a check as widgets: icon, what it is about, what was found, what to do."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.states import SIGNS, sign_pixmap


def sentence(text: str = "", name: str = "") -> QLabel:
    """A label of plain text that may be several lines long."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class Verdict(QWidget):
    """An icon and a sentence; hidden while there is nothing to say."""

    def __init__(self, name: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        self.icon = QLabel()
        self.label = sentence(name=name)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)  # beside the icon
        line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.label, 1)
        self.hide()

    def say(self, sign: str, text: str) -> None:
        if sign:
            self.icon.setPixmap(sign_pixmap(sign, self))
            self.icon.setAccessibleName(SIGNS[sign][0])
        self.label.setText(text)
        self.setVisible(bool(text))


class LinesView(QScrollArea):
    """Lines of a check: icon, subject, what was found, what to do."""

    def __init__(self, name: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.show_lines(())

    def show_lines(self, lines: Sequence[Any]) -> None:
        self.lines = tuple(lines)
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setColumnStretch(1, 1)
        grid.setVerticalSpacing(10)
        top = Qt.AlignmentFlag.AlignTop
        for row, line in enumerate(lines):
            icon = QLabel()
            icon.setPixmap(sign_pixmap(line.verdict, self))
            icon.setAccessibleName(SIGNS[line.verdict][0])
            grid.addWidget(icon, row, 0, top)
            grid.addLayout(self._texts(line), row, 1)
        grid.setRowStretch(len(lines), 1)
        self.setWidget(page)

    @staticmethod
    def _texts(line: Any) -> QVBoxLayout:
        texts = QVBoxLayout()
        texts.setSpacing(2)
        subject = sentence(line.subject)
        font = subject.font()
        font.setBold(True)
        subject.setFont(font)
        for label in (subject, sentence(line.text), sentence(line.remedy)):
            if label.text():
                texts.addWidget(label)
        return texts

    def as_text(self) -> str:
        return "\n".join(
            "{}: {} {}".format(one.subject, one.text, one.remedy).strip()
            for one in self.lines
        )
