"""Memory and times without a unit: what is said of how they were read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.misread import memory_note, time_note
from sleap_remote_plugin.jobs.resources import write_memory, write_time


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("32", "A number alone is megabytes: that is 32 MB. For 32 GB, type 32G."),
        (" 64 ", "A number alone is megabytes: that is 64 MB. For 64 GB, type 64G."),
        ("32000", "A number alone is megabytes: that is 31.2 GB."),
        ("500M", "That is 500 MB, and SLEAP needs more than 1 GB."),
        ("356K", "That is 1 MB, and SLEAP needs more than 1 GB."),
        ("32G", ""),
        ("1024M", ""),
        (" 8 gb ", ""),
        ("plenty", ""),
        ("1.2.3", ""),
    ],
)
def test_memory_that_may_be_meant_otherwise_says_what_was_read(text, note):
    assert memory_note(text) == note


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "6",
            "A number alone is minutes: that is 6 minutes. For 6 hours, type 6:00:00.",
        ),
        (
            "1",
            "A number alone is minutes: that is 1 minute. For 1 hour, type 1:00:00.",
        ),
        ("360", "A number alone is minutes: that is 06:00:00."),
        (
            "1:30",
            "Two numbers are minutes and seconds: that is 1 minute 30 seconds. For "
            "hours and minutes, type 1:30:00.",
        ),
        (
            "12:00",
            "Two numbers are minutes and seconds: that is 12 minutes. For hours and "
            "minutes, type 12:00:00.",
        ),
        ("0:05:00", "The job is ended after 5 minutes."),
        ("6:00:00", ""),
        ("0:20:00", ""),
        ("2-0", ""),
        ("1-12:30", ""),
        ("6h", ""),
        ("", ""),
    ],
)
def test_a_time_that_may_be_meant_otherwise_says_what_was_read(text, note):
    assert time_note(text) == note


@given(st.integers(2**30, 2**45), st.integers(600, 10**8))
def test_what_the_dialog_fills_in_is_not_remarked_upon(size, seconds):
    assert memory_note(write_memory(size)) == time_note(write_time(seconds)) == ""


@given(st.text("0123456789.:-GM ", max_size=8))
def test_no_text_is_too_odd(text):
    assert memory_note(text) is not None
    assert time_note(text) is not None
