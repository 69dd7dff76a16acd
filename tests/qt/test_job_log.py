"""The log of a job: followed, searched."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from sleap_remote_plugin.qt.job_log import MOST_MARKS, LogPage

LOG = "".join("line {} of the log, loss 0.{}\n".format(n, n) for n in range(300))


@pytest.fixture
def page(qtbot):
    made = LogPage()
    qtbot.addWidget(made)
    made.resize(500, 200)
    made.show()
    qtbot.waitExposed(made)
    made.show_log(LOG)
    return made


def at_the_end(page):
    bar = page.text.verticalScrollBar()
    return bar.value() == bar.maximum()


def test_a_growing_log_is_followed(page):
    page.show_log(LOG + "one more\n")
    assert at_the_end(page)
    assert page.text.toPlainText().endswith("one more\n")


def test_a_reader_who_scrolls_up_is_left_there(page):
    page.text.verticalScrollBar().setValue(10)
    assert not page.follows.isChecked()
    page.show_log(LOG + "one more\n")
    assert page.text.verticalScrollBar().value() == 10


def test_follow_goes_back_to_the_end(page):
    page.text.verticalScrollBar().setValue(10)
    page.follows.click()
    assert at_the_end(page)


def test_scrolling_to_the_end_follows_again(page):
    bar = page.text.verticalScrollBar()
    bar.setValue(10)
    bar.setValue(bar.maximum())
    assert page.follows.isChecked()


def marked(page):
    return [mark.cursor.selectedText() for mark in page.text.extraSelections()]


@pytest.mark.parametrize(
    ("word", "said", "places"),
    [
        ("LINE 29", "11 of 11", ["line 29"] * 11),
        ("no such word", "not found", []),
        ("", "", []),
    ],
)
def test_a_search_begins_at_the_latest_place(qtbot, page, word, said, places):
    qtbot.keyClicks(page.search, word)
    assert page.found.text() == said
    assert marked(page) == places


def test_enter_goes_back_and_shift_enter_forward(qtbot, page):
    qtbot.keyClicks(page.search, "line 29")
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert page.found.text() == "10 of 11"
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.search, Qt.Key.Key_Return, shift)
    qtbot.keyClick(page.search, Qt.Key.Key_Return, shift)
    assert page.found.text() == "1 of 11"


def test_what_is_searched_is_found_in_lines_that_come_later(qtbot, page):
    qtbot.keyClicks(page.search, "error")
    page.show_log(LOG + "an Error\n")
    assert page.found.text() == "1 found"


def test_letters_outside_the_first_plane_do_not_shift_the_marks(qtbot, page):
    page.show_log("🐭🐭 İ mouse\n")
    page.search.setText("mouse")
    assert marked(page) == ["mouse"]


def test_no_more_places_are_marked_than_a_window_can_bear(page):
    page.show_log("e" * (MOST_MARKS + 100))
    page.search.setText("e")
    assert len(marked(page)) == MOST_MARKS


def test_the_keyboard_reaches_the_search(qtbot, page):
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(page.text, Qt.Key.Key_F, control)
    assert page.focusWidget() is page.search
    page.search.setText("line")
    qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.search.text() == ""
