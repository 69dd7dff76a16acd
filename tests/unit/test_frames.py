"""Frames of a video as text and as spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.frames import (
    below,
    chosen,
    count_of,
    follow_one_another,
    last_of,
    number_at,
    numbers_of,
    read_frames,
    spans_of,
    without,
    write_frames,
)

NUMBERS = st.sets(st.integers(0, 300), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        (" ", ()),
        ("7", ((7, 7),)),
        ("0-99", ((0, 99),)),
        ("1,5,9", ((1, 1), (5, 5), (9, 9))),
        ("5, 0-3 ,4", ((0, 5),)),
        ("0-10,5-20", ((0, 20),)),
    ],
)
def test_frames_are_read(text, spans):
    assert read_frames(text) == spans


@pytest.mark.parametrize("text", ["x", "5-", "-5", "1,,2", "1 to 5", "1.5", "²", "9-1"])
def test_what_are_no_frames_is_a_sentence(text):
    with pytest.raises(RemoteError, match="Nothing was submitted"):
        read_frames(text)


def test_a_long_text_that_is_not_understood_is_cut_short_in_the_sentence():
    with pytest.raises(RemoteError) as found:
        read_frames("1," * 100000 + "x")
    assert len(str(found.value)) < 300


@given(NUMBERS)
def test_frames_are_written_and_read_back(numbers):
    spans = spans_of(numbers)
    assert read_frames(write_frames(spans)) == spans
    assert set(numbers_of(spans)) == numbers
    assert count_of(spans) == len(numbers)


@given(NUMBERS, st.sets(st.integers(0, 300)))
def test_frames_left_out_are_those_that_are_given(numbers, gone):
    left = without(spans_of(numbers), gone)
    assert set(numbers_of(left)) == numbers - gone
    assert left == spans_of(numbers - gone)


@given(NUMBERS, st.integers(0, 310))
def test_frames_below_a_number_are_below_it(numbers, end):
    found = set(numbers_of(below(spans_of(numbers), end)))
    assert found == {number for number in numbers if number < end}


@given(NUMBERS, st.integers(1, 70))
def test_the_last_frames_are_the_last(numbers, count):
    assert last_of(spans_of(numbers), count) == sorted(numbers)[-count:]


@given(NUMBERS)
def test_a_place_among_frames_is_found(numbers):
    spans = spans_of(numbers)
    found = [number_at(spans, place) for place in range(len(numbers))]
    assert found == sorted(numbers)


def test_frames_follow_one_another_without_gaps():
    assert follow_one_another("")
    assert follow_one_another("3-9")
    assert not follow_one_another("3-9,11")


def test_frames_are_held_against_the_videos_length():
    assert chosen("", 100) == ((0, 99),)
    assert chosen("5-99", 100) == ((5, 99),)
    assert chosen("5-999", 0) == ((5, 999),)
    with pytest.raises(RemoteError, match="mouse.mp4 has 100 frames.*0 to 99.*100"):
        chosen("5-100", 100, "mouse.mp4")


def test_a_hundred_thousand_frames_are_a_short_text_where_they_follow_one_another():
    assert write_frames(spans_of(range(100000))) == "0-99999"
