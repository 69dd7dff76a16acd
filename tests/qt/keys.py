"""A window operated by its keyboard alone: presses go to what has the focus."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QWidget

from tests.qt.looks import come_up

TAB, RETURN, ESCAPE = Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Escape
SPACE, DOWN, UP = Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Up
NONE, ALT = Qt.KeyboardModifier(0), Qt.KeyboardModifier.AltModifier
SHIFT, CONTROL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class Keys:
    """Shows a window, and has its keys pressed."""

    def __init__(self, window):
        self.window = window
        # PySide2 5.14 deletes a parent that it hands out and that nobody knows yet.
        self._known = window.findChildren(QWidget)
        come_up(window)

    @property
    def focus(self):
        return self.window.focusWidget() or self.window

    def press(self, *keys, modifier=NONE):
        for key in keys:
            QTest.keyClick(self.focus, key, modifier)

    def type(self, text):
        QTest.keyClicks(self.focus, text)

    def tab_to(self, name):
        """Tab until the widget of that objectName has the focus."""
        came = []
        while self._name() != name:
            assert len(came) < 60, "Tab came to {} only".format(came)
            self.press(TAB)
            came.append(self._name())
        return self

    def _name(self):
        focus = self.focus
        outer = focus.parentWidget()
        if not focus.objectName() or focus.objectName().startswith("qt_"):
            return outer.objectName() if outer is not None else ""
        return focus.objectName()

    def do(self, name):
        """Press the button or tick the box of that objectName."""
        self.tab_to(name).press(SPACE)

    def write(self, name, text):
        """Have this text in the field of that objectName, instead of what it has."""
        self.tab_to(name).press(Qt.Key.Key_A, modifier=CONTROL)
        self.type(text)
