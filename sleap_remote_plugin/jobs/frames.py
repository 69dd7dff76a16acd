"""Frames of a video as text: ``0-99,105`` (from 0, both ends included).

How SLEAP's commands want them is in sleap_cli.py, how its dialogs have them in
sleap_host/frames.py.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Iterable, Iterator, List, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.words import tr

#: (first, last) of frames that follow one another.
Span = Tuple[int, int]

_TEXT = re.compile(r"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*", re.ASCII)


def read_frames(text: str) -> Tuple[Span, ...]:
    """The spans of a text, in order and without overlaps; none for the whole video.

    Raises
    ------
    RemoteError
        It is not understood, or a range ends before it begins.
    """
    cleaned = re.sub(r"\s+", "", text)
    if not cleaned:
        return ()
    if not _TEXT.fullmatch(cleaned):
        raise RemoteError(
            tr(
                "The frames {!r} are not understood. Write a range such as 0-99, "
                "single frames such as 1,5,9, or both. Nothing was submitted."
            ).format(text if len(text) <= 60 else text[:60] + "...")
        )
    spans = []
    for part in cleaned.split(","):
        first, _, last = part.partition("-")
        span = int(first), int(last or first)
        if span[1] < span[0]:
            raise RemoteError(
                tr(
                    "The frames {} end before they begin. Nothing was submitted."
                ).format(part)
            )
        spans.append(span)
    return _merged(spans)


def write_frames(spans: Iterable[Span]) -> str:
    """Text of spans; inverse of `read_frames` for spans that it gave."""
    return ",".join(
        str(first) if first == last else "{}-{}".format(first, last)
        for first, last in spans
    )


def spans_of(numbers: Iterable[int]) -> Tuple[Span, ...]:
    """Spans of single frames in any order."""
    return _merged((number, number) for number in sorted(set(numbers)))


def numbers_of(spans: Iterable[Span]) -> Iterator[int]:
    """Every frame of the spans."""
    for first, last in spans:
        yield from range(first, last + 1)


def count_of(spans: Iterable[Span]) -> int:
    """How many frames there are."""
    return sum(last - first + 1 for first, last in spans)


def follow_one_another(text: str) -> bool:
    """Whether there is no gap between these frames, as trackers need."""
    return len(read_frames(text)) <= 1


def below(spans: Iterable[Span], end: int) -> Tuple[Span, ...]:
    """The frames before `end`."""
    return tuple((first, min(last, end - 1)) for first, last in spans if first < end)


def without(spans: Iterable[Span], numbers: Iterable[int]) -> Tuple[Span, ...]:
    """The frames that are not among `numbers`."""
    left: List[Span] = []
    gone = sorted(set(numbers))
    for first, last in spans:
        for number in gone[bisect_left(gone, first) : bisect_right(gone, last)]:
            if number > first:
                left.append((first, number - 1))
            first = number + 1
        if first <= last:
            left.append((first, last))
    return tuple(left)


def number_at(spans: Iterable[Span], place: int) -> int:
    """The frame at this place among them, from 0."""
    for first, last in spans:
        if place <= last - first:
            return first + place
        place -= last - first + 1
    raise IndexError(place)


def last_of(spans: Iterable[Span], count: int) -> List[int]:
    """The last `count` frames, in order."""
    found: List[int] = []
    for first, last in reversed(tuple(spans)):
        missing = count - len(found)
        if missing <= 0:
            break
        found[:0] = range(max(first, last - missing + 1), last + 1)
    return found


def chosen(text: str, length: int, name: str = "") -> Tuple[Span, ...]:
    """The spans of a text for a video of `length` frames (0: not known).

    Raises
    ------
    RemoteError
        As `read_frames`; or the video is shorter.
    """
    spans = read_frames(text)
    if not spans:
        return ((0, length - 1),) if length else ()
    if length and spans[-1][1] >= length:
        raise RemoteError(
            tr(
                "{} has {:,} frames, numbered from 0 to {}; frame {} was asked for. "
                "Nothing was submitted; choose other frames."
            ).format(name or tr("The video"), length, length - 1, spans[-1][1])
        )
    return spans


def _merged(spans: Iterable[Span]) -> Tuple[Span, ...]:
    found: List[Span] = []
    before: Optional[Span] = None
    for span in sorted(spans):
        if before is not None and span[0] <= before[1] + 1:
            before = before[0], max(before[1], span[1])
            found[-1] = before
        else:
            before = span
            found.append(span)
    return tuple(found)
