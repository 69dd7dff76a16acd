"""The log of a job: followed, searched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qtpy.QtCore import Qt

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt.job_log import (
    MOST_LINES,
    MOST_MARKS,
    LogPage,
    lines_since,
)
from tests.qt.standins import a_job

LOG = "".join("line {} of the log, loss 0.{}\n".format(n, n) for n in range(300))


@pytest.fixture
def page(qtbot):
    made = LogPage()
    qtbot.addWidget(made)
    made.resize(500, 200)
    with qtbot.waitExposed(made):
        made.show()
    made.show_log(LOG)
    return made


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": JobState.QUEUED}, "The log begins when the job runs."),
        ({"state": JobState.CANCELLED}, "The job was not run, so it has no log."),
        (
            {"state": JobState.CANCELLED, "node": "gpu-1"},
            "No log of this job was found.",
        ),
        ({"state": JobState.FAILED}, "No log of this job was found."),
    ],
)
def test_why_there_is_no_log_is_said(page, values, words):
    page.clear()
    page.say_without(a_job(**values))
    assert page.text.placeholderText() == words


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


# -- an end that moves on --------------------------------------------------------------


def lines(first, last):
    return "".join("line {:06d} of the log\n".format(n) for n in range(first, last))


def test_an_end_that_moves_on_is_added_to_what_is_shown(page):
    page.show_log(lines(0, 300))
    page.show_log(lines(100, 350) + "half a li")
    page.show_log(lines(150, 360))
    assert page.text.toPlainText() == lines(0, 360)


def test_a_reader_stays_at_their_line_while_the_oldest_go(page):
    page.show_log(lines(0, MOST_LINES - 1))
    bar = page.text.verticalScrollBar()
    bar.setValue(2000)
    top = page.text.firstVisibleBlock().text()
    page.show_log(lines(MOST_LINES - 300, MOST_LINES + 499))
    assert page.text.blockCount() == MOST_LINES
    assert page.text.firstVisibleBlock().text() == top


def test_where_more_came_than_is_read_the_new_end_is_shown(page):
    page.show_log(lines(0, 300))
    page.show_log(lines(5000, 5300))
    assert page.text.toPlainText() == lines(5000, 5300)


def test_a_progress_bar_that_is_written_over_is_one_line(page):
    for percent in (1, 50, 100):
        page.show_log("begin\n{} %".format(percent))
    assert page.text.toPlainText() == "begin\n100 %"


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a\n", "b\n", "a\n"]), max_size=30), st.data())
def test_what_is_added_always_ends_as_the_log_does(parts, data):
    text = "".join(parts)
    cut = 2 * data.draw(st.integers(0, len(parts)))
    slid = 2 * data.draw(st.integers(0, len(parts)))
    before, now = text[:cut], text[slid:]
    new = lines_since(before, now)
    if new is not None:
        assert now.endswith(new)
        assert (before + new).endswith(now) or now.startswith(before)
