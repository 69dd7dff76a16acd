"""Each audit of `audits.py` finds what it is there for, in a window made wrong."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.qt.texts import breakable
from tests.qt.audits_of_looks import ALL
from tests.qt.looks import HARD, LIGHT, Dressed, come_up


def a_button(text, name="remote_a"):
    button = QPushButton(text)
    button.setObjectName(name)
    return button


def _nameless(layout):
    layout.addWidget(QPushButton("Submit"))


def _silent(layout):
    line = QLineEdit()
    line.setObjectName("remote_line")
    layout.addWidget(line)


def _twins(layout):
    layout.addWidget(a_button("One"))
    layout.addWidget(a_button("Other"))


def _wordless(layout):
    layout.addWidget(a_button("..."))


def _unexplained(layout):
    button = a_button("More")
    menu = QMenu(button)
    menu.setObjectName("remote_more")
    button.setMenu(menu)
    menu.addAction("Connect").setEnabled(False)
    layout.addWidget(button)


def _broken_path(layout):
    label = QLabel(breakable("/mnt/a_folder_with_a_long_name/mouse_openfield.slp"))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    layout.addWidget(label)


def _small_log(layout):
    text = QPlainTextEdit()
    font = fixed_font()
    font.setPointSizeF(6.0)
    text.setFont(font)
    layout.addWidget(text)


def _trap(layout):
    text = QPlainTextEdit()
    text.setObjectName("remote_text")
    text.setAccessibleName("Options")
    layout.addWidget(text)
    layout.addWidget(a_button("Submit"))


def _unreachable(layout):
    layout.addWidget(a_button("Submit"))
    other = a_button("Cancel", "remote_b")
    other.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    layout.addWidget(other)


def _late_default(layout):
    """Qt tells no dialog that a button is the default when it comes later."""
    row, role = QDialogButtonBox(), QDialogButtonBox.ButtonRole
    submit, cancel = a_button("Submit"), a_button("Cancel", "remote_b")
    row.addButton(submit, role.AcceptRole)
    row.addButton(cancel, role.RejectRole)
    cancel.setAutoDefault(False)
    submit.setDefault(True)
    line = QLineEdit()
    line.setObjectName("remote_line")
    layout.addWidget(line)
    layout.addWidget(row)
    submit.setFocus()


def _cut_label(layout):
    label = QLabel("A sentence that is far longer than its place")
    label.setFixedWidth(60)
    layout.addWidget(label)


def _cut_lines(layout):
    label = QLabel("A sentence that is far longer than its place")
    label.setWordWrap(True)
    label.setFixedSize(100, 20)
    layout.addWidget(label)


def _cut_button(layout):
    button = a_button("Submit this job once more")
    button.setFixedWidth(50)
    layout.addWidget(button)


def _large(layout):
    label = QLabel("Too high for a small screen")
    label.setFixedHeight(900)
    layout.addWidget(label)


def _fixed_order(layout):
    row = QHBoxLayout()
    row.addWidget(QLabel("first"))
    row.addWidget(QLabel("second"))
    layout.addLayout(row)
    layout.parentWidget().setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def _pale(layout):
    label = QLabel("Waiting")
    label.setStyleSheet("color: #888888")
    layout.addWidget(label)


def _white(layout):
    label = QLabel("A note")
    label.setStyleSheet("background: #ffffe0; color: black")
    label.setMinimumSize(200, 60)
    layout.addWidget(label)


@pytest.mark.parametrize(
    ("audit", "make", "look", "said"),
    [
        ("names", _nameless, LIGHT, "no objectName"),
        ("names", _silent, LIGHT, "no accessible name"),
        ("names", _twins, LIGHT, "2 controls have that name"),
        ("tooltips", _wordless, LIGHT, "no words and no tooltip"),
        ("entries", _unexplained, LIGHT, "no objectName"),
        ("entries", _unexplained, LIGHT, "its tooltip does not say why"),
        ("copied", _broken_path, LIGHT, "characters without width"),
        ("fonts", _small_log, LIGHT, "6.0 points"),
        ("keyboard", _trap, LIGHT, "Tab does not leave it"),
        ("keyboard", _unreachable, LIGHT, "Tab does not come to it"),
        ("keyboard", _late_default, LIGHT, "Return there does not press remote_a"),
        ("cut_text", _cut_label, LIGHT, "its text needs"),
        ("cut_text", _cut_lines, LIGHT, "its lines need"),
        ("cut_text", _cut_button, LIGHT, "its text needs"),
        ("size", _large, LIGHT, "it needs"),
        ("mirrored", _fixed_order, HARD, "keeps its own direction"),
        ("mirrored", _fixed_order, HARD, "not in the order of reading"),
        ("contrast", _pale, LIGHT, "#888888 on"),
        ("dark", _white, HARD, "light, #"),
    ],
)
def test_an_audit_finds_what_is_wrong(qtbot, audit, make, look, said):
    with Dressed(look):
        window = QDialog()
        qtbot.addWidget(window)
        window.setWindowTitle("A window")
        make(QVBoxLayout(window))
        come_up(window)
        found = list(ALL[audit](window, look))
        assert any(said in one for one in found), found


def test_a_window_that_is_right_passes_all_audits(qtbot):
    for look in (LIGHT, HARD):
        with Dressed(look):
            window = QDialog()
            qtbot.addWidget(window)
            window.setWindowTitle("A window")
            form = QFormLayout(window)
            line = QLineEdit()
            line.setObjectName("remote_line")
            form.addRow("Name", line)
            form.addRow(a_button("Submit"))
            come_up(window)
            found = [one for audit in ALL.values() for one in audit(window, look)]
            assert found == []
