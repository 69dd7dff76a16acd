"""What is copied out of a label is what was said, without marks for wrapping."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QContextMenuEvent, QGuiApplication
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.qt.selectable import SelectableLabel
from sleap_remote_plugin.qt.texts import breakable

PATH = "/mnt/ceph/a_lab_with_a_long_name/mouse_openfield.v003.slp"


@pytest.fixture
def label(qtbot):
    label = SelectableLabel(breakable(PATH + "\nis open."))
    label.setTextFormat(Qt.TextFormat.PlainText)
    qtbot.addWidget(label)
    label.resize(200, 200)
    label.show()
    label.setFocus()
    label.setSelection(0, len(label.text()))
    QGuiApplication.clipboard().clear()
    return label


def test_a_path_is_copied_by_keys_as_it_is(label):
    assert "\u200b" in label.text()
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == PATH + "\nis open."


def test_a_path_is_copied_by_the_menu_as_it_is(label, qtbot):
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, QPoint(5, 5), label.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(label, event)
    (copy,) = label.menu.actions()
    assert copy.isEnabled()
    copy.trigger()
    label.menu.close()
    assert QGuiApplication.clipboard().text() == PATH + "\nis open."
