"""What a field is for, where one asks: its tooltip, and *What's This?* (Shift+F1)."""

from __future__ import annotations

import html
from typing import Optional

from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget


def explain(widget: QWidget, text: str) -> QWidget:
    """Tell it in all three places that Qt has for it."""
    widget.setToolTip(plain_tip(text))
    widget.setWhatsThis(text)
    widget.setAccessibleDescription(text)
    return widget


def plain_tip(text: str) -> str:
    """A tooltip that shows a text as it is: Qt would take some of it for HTML."""
    if "<" not in text:
        return text
    return "<qt>{}</qt>".format(html.escape(text, quote=False).replace("\n", "<br>"))


def button(text: str, name: str, does: str = "") -> QPushButton:
    """A button that is not pressed by Enter in a field beside it."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAutoDefault(False)
    if does:
        explain(made, does)
    return made


def line(*widgets: QWidget) -> QHBoxLayout:
    """Widgets in one line; the first one has the room."""
    layout = QHBoxLayout()
    for number, widget in enumerate(widgets):
        layout.addWidget(widget, 0 if number else 1)
    return layout


def heading(text: str, buddy: Optional[QWidget] = None) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    if buddy is not None:
        label.setBuddy(buddy)
    return label
