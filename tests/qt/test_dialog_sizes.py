"""Dialogs are as large as what is in them: not empty, not cut, not wide for a name."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint

from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.dialogs.connection_log import ConnectionLogDialog
from tests.qt import check_states, load_states, submit_states, transfer_states
from tests.qt.looks import HARD, Dressed


def left(dialog, widget):
    return widget.mapTo(dialog, QPoint(0, 0)).x()


def test_a_long_name_does_not_make_the_submit_dialog_wide(qtbot):
    widths = []
    for what in (submit_states.WHAT, submit_states.LONG_WHAT):
        dialog = submit_states.a_dialog(what)
        qtbot.addWidget(dialog)
        dialog.show()
        widths.append(dialog.width())
    assert widths[0] == widths[1]


def test_fields_of_the_submit_dialog_stand_below_each_other(qtbot):
    dialog = submit_states.a_dialog()
    qtbot.addWidget(dialog)
    dialog.show()
    assert left(dialog, dialog.memory) == left(dialog, dialog.gpu_type)
    assert dialog.memory.width() == dialog.gpu_type.width()


def test_the_check_is_as_high_as_its_lines(qtbot):
    dialog = CheckDialog("Practice HPC")
    qtbot.addWidget(dialog)
    dialog.show()
    before = dialog.height()
    bar = dialog.scroll.verticalScrollBar()
    dialog.show_lines(check_states.CHECK_BAD)
    qtbot.waitUntil(lambda: dialog.height() > before)
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    dialog.show_lines(check_states.CHECK_GOOD * 5)
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert dialog.height() <= 600


def test_a_check_that_the_user_made_larger_stays_so(qtbot):
    dialog = CheckDialog("Practice HPC")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.resize(720, 300)
    dialog.show_lines(check_states.CHECK_GOOD * 2)
    qtbot.waitUntil(lambda: dialog.scroll.verticalScrollBar().maximum() > 0)
    assert dialog.height() == 300


def test_an_empty_log_is_small_until_there_are_lines(qtbot):
    lines = []
    dialog = ConnectionLogDialog("Practice HPC", lambda: lines)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.height() < 200
    lines.append("12:00:00  gateway: signed in")
    dialog.look()
    assert dialog.height() == 480


@pytest.mark.parametrize("states", [load_states.loads, transfer_states.transfers])
def test_no_part_lies_on_another_at_a_large_font(qtbot, states):
    with Dressed(HARD):
        for name, dialog in states():
            qtbot.addWidget(dialog)
            dialog.show()
            needed = dialog.layout().totalHeightForWidth(dialog.width())
            assert dialog.height() >= needed, name
