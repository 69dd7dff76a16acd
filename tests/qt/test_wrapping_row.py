"""Buttons in as many lines as they need."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QPushButton

from sleap_remote_plugin.qt.wrapping_row import WrappingRow


@pytest.fixture
def row(qtbot):
    """Two buttons, and two at the other end; each 100 pixels wide."""
    row = WrappingRow()
    qtbot.addWidget(row)
    for name in "abcd":
        button = QPushButton(name)
        button.setFixedSize(100, 20)
        button.sizeHint = button.size
        row.add(button, at_end=name in "cd")
    row.show()
    return row


def places(row, width):
    row.resize(width, max(1, row.heightForWidth(width)))
    return [(one.x(), one.y()) for one in row.findChildren(QPushButton)]


@pytest.mark.parametrize(
    ("width", "wanted"),
    [
        (500, [(0, 0), (106, 0), (294, 0), (400, 0)]),
        (418, [(0, 0), (106, 0), (212, 0), (318, 0)]),
        # those at the end stay together
        (417, [(0, 0), (106, 0), (211, 26), (317, 26)]),
        (206, [(0, 0), (106, 0), (0, 26), (106, 26)]),
        (205, [(0, 0), (0, 26), (105, 52), (105, 78)]),
    ],
)
def test_buttons_take_as_many_lines_as_they_need(row, width, wanted):
    assert places(row, width) == wanted
    assert row.minimumSizeHint().width() == 100


def test_hidden_buttons_take_no_room(row):
    first = row.findChildren(QPushButton)[0]
    first.hide()
    assert places(row, 500)[1:] == [(0, 0), (294, 0), (400, 0)]
    for button in row.findChildren(QPushButton):
        button.hide()
    assert row.heightForWidth(500) == 0


def test_right_to_left_it_is_mirrored(row):
    row.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert places(row, 500) == [(400, 0), (294, 0), (106, 0), (0, 0)]
