"""Whether the last frames of a video can be read, before a job is sent to do so.

One frame that cannot be decoded ends SLEAP's whole prediction, and it is nearly always
at the end: a recording was cut short, or the file counts more frames than it has.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import Cancelled, ProjectNotReady
from sleap_remote_plugin.jobs.frames import (
    Span,
    below,
    chosen,
    count_of,
    last_of,
    number_at,
    write_frames,
)
from sleap_remote_plugin.jobs.prediction import BadEnding, VideoInput
from sleap_remote_plugin.words import tr

#: Frames that are read of each video, where all is well.
TAIL = 5

#: Entry -> (length, read, close).
OpenVideo = Callable[
    [Dict[str, Any]], Tuple[int, Callable[[int], Any], Optional[Callable[[], None]]]
]


def look_at_endings(
    open_video: OpenVideo,
    videos: Sequence[VideoInput],
    report: Callable[[int, int], bool],
) -> Tuple[Tuple[VideoInput, ...], Tuple[BadEnding, ...]]:
    """Read the last wanted frames of each video, opened anew (*files lane*).

    Parameters
    ----------
    open_video : callable
        Of the host: an entry's length, reader and closer.
    report : callable
        ``report(done, total)``; False: stop.

    Returns
    -------
    (tuple of VideoInput, tuple of BadEnding)
        The videos with their lengths as the files have them; and the bad ones.

    Raises
    ------
    Cancelled
        `report` said so.
    ProjectNotReady
        A video cannot be opened.
    RemoteError
        A video has not the frames that were asked for.
    """
    known: List[VideoInput] = []
    bad: List[BadEnding] = []

    def go_on() -> None:
        if not report(len(known), len(videos)):
            raise Cancelled(tr("It was cancelled while the last frames were read."))

    for place, video in enumerate(videos):
        go_on()
        video, spans, first_bad = _look(open_video, video, go_on)
        known.append(video)
        if first_bad >= 0:
            left = below(spans, first_bad)
            instead = dataclasses.replace(video, frames=write_frames(left))
            lost = count_of(spans) - count_of(left)
            bad.append(BadEnding(place, first_bad, lost, instead if left else None))
    report(len(videos), len(videos))
    return tuple(known), tuple(bad)


def _look(
    open_video: OpenVideo, video: VideoInput, go_on: Callable[[], None]
) -> Tuple[VideoInput, Tuple[Span, ...], int]:
    try:
        length, read, close = open_video(video.entry)
        if length <= 0:
            raise ValueError(tr("it has no frames"))
    except Exception as error:  # whatever the readers of each format raise
        raise ProjectNotReady(
            tr(
                "The video {} cannot be opened: {}. Nothing was submitted. See that "
                "the file is there and plays."
            ).format(video.path or video.title, error),
            detail=repr(error),
        ) from error
    try:
        if not video.path:  # inside the project: its frames have other numbers
            length = 0
        spans = chosen(video.frames, length, video.path or video.title)
        if not spans:
            return video, (), -1
        first_bad = first_unreadable(read, spans, go_on)
        return dataclasses.replace(video, length=length), spans, first_bad
    finally:
        if close is not None:
            close()


def first_unreadable(
    read: Callable[[int], Any],
    spans: Sequence[Span],
    go_on: Callable[[], None] = lambda: None,
) -> int:
    """The first wanted frame of those at the end that cannot be read; -1 if none is.

    The last few are read; where the first of these is bad already, the search goes
    back in growing steps, and then halves the way.
    """

    def is_bad(frame: int) -> bool:
        go_on()
        try:
            return read(frame) is None
        except Exception:  # KeyError, IndexError, cv2.error, ...: as the readers please
            return True

    tail = last_of(spans, TAIL)
    bad = [frame for frame in tail if is_bad(frame)]
    if not bad:
        return -1
    if bad[0] != tail[0]:
        return bad[0]
    good, step = count_of(spans) - len(tail), TAIL
    failing = good
    while good >= 0:
        good -= step
        step *= 4
        if good < 0 or not is_bad(number_at(spans, good)):
            break
        failing = good
    good = max(good, -1)
    while failing - good > 1:
        middle = (failing + good) // 2
        if is_bad(number_at(spans, middle)):
            failing = middle
        else:
            good = middle
    return number_at(spans, failing)
