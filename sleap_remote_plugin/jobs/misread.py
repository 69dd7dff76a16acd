"""What a typed memory or time was read as, where something else may be meant.

SLURM takes a number alone for megabytes, or for minutes. Whoever means gigabytes, or
hours, is told so and not refused.
"""

from __future__ import annotations

import re
from typing import List

from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import (
    read_memory,
    read_time,
    write_time,
)
from sleap_remote_plugin.words import counted, tr

#: Bytes without which SLEAP does not even begin; seconds that are few for any job.
_LEAST_MEMORY, _LEAST_TIME = 2**30, 600
#: A number up to here may be meant as gigabytes, or as hours.
_MOST_GIGABYTES, _MOST_HOURS = 1023, 96


def notes_on_measures(memory: str, time: str) -> List[Problem]:
    """What should be known of both, as they are typed; each with its field."""
    said = (("memory", memory_note(memory)), ("time", time_note(time)))
    return [Problem(field, text) for field, text in said if text]


def memory_note(text: str) -> str:
    """A sentence on memory without a unit, or too little for SLEAP; else empty.

    Empty too where it cannot be read.
    """
    try:
        size = read_memory(text)
    except ValueError:
        return ""
    number = text.strip()
    if re.fullmatch(r"[\d.]+", number):
        if float(number) > _MOST_GIGABYTES:
            words = tr("A number alone is megabytes: that is {:.1f} GB.")
            return words.format(size / 2**30)
        return tr(
            "A number alone is megabytes: that is {0} MB. For {0} GB, type {0}G."
        ).format(number)
    if size < _LEAST_MEMORY:
        words = tr("That is {} MB, and SLEAP needs more than 1 GB.")
        return words.format(-(-size // 2**20))
    return ""


def time_note(text: str) -> str:
    """A sentence on a time without hours, or one that is soon over; else empty.

    Empty too where it cannot be read.
    """
    try:
        seconds = read_time(text)
    except ValueError:
        return ""
    numbers = text.strip().split(":")
    if "-" not in text and len(numbers) == 1:
        hours = int(numbers[0])
        if hours > _MOST_HOURS:
            words = tr("A number alone is minutes: that is {}.")
            return words.format(write_time(seconds))
        return tr(
            "A number alone is minutes: that is {}. For {}, type {}:00:00."
        ).format(counted(hours, "minute"), counted(hours, "hour"), hours)
    if "-" not in text and len(numbers) == 2:
        return tr(
            "Two numbers are minutes and seconds: that is {}. For hours and minutes, "
            "type {}:00."
        ).format(_in_words(seconds), text.strip())
    if seconds < _LEAST_TIME:
        return tr("The job is ended after {}.").format(_in_words(seconds))
    return ""


def _in_words(seconds: int) -> str:
    """``1 minute 30 seconds``, ``12 minutes``."""
    minutes, rest = divmod(seconds, 60)
    parts = [(minutes, "minute"), (rest, "second")]
    return " ".join(counted(count, noun) for count, noun in parts if count)
