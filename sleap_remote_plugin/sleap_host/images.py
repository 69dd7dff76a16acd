"""Labelled frames as PNG images: read in order, encoded by several threads.

Knows no SLEAP: a function that reads a frame is given. How the images get into a
labels package is `embedding`'s business.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Callable, Deque, Dict, Iterator, List, Sequence, Tuple

from sleap_remote_plugin.errors import Cancelled, PackageProblem
from sleap_remote_plugin.qt.host import ReportProgress
from sleap_remote_plugin.words import tr

#: More threads than this bring nothing: one thread reads.
_MOST_THREADS = 4
#: Images that are looked at for an estimate of all.
_SAMPLE = 3

#: A video's number in the project, and the frame.
Wanted = Tuple[int, int]
ReadFrame = Callable[[int, int], Any]


class Images:
    """Encoded images of one package, kept in a file without a name.

    Parameters
    ----------
    folder : Path
        On a disk of this machine, with room for all of them.
    """

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=str(folder))  # noqa: SIM115 (see `close`)
        self._places: Dict[int, List[Tuple[int, int]]] = {}
        self._frames: Dict[int, List[int]] = {}
        self._end = 0

    def add(self, wanted: Wanted, data: bytes) -> None:
        video, frame = wanted
        self._file.write(data)
        self._places.setdefault(video, []).append((self._end, len(data)))
        self._frames.setdefault(video, []).append(frame)
        self._end += len(data)

    def __len__(self) -> int:
        return sum(len(places) for places in self._places.values())

    def frames(self, video: int) -> Sequence[int]:
        """Frame numbers of a video's images, in their order."""
        return self._frames.get(video, ())

    def longest(self, video: int) -> int:
        return max((length for _, length in self._places.get(video, ())), default=0)

    def of(self, video: int) -> Iterator[bytes]:
        """A video's images, in the order of `frames`."""
        for start, length in self._places.get(video, ()):
            self._file.seek(start)
            yield self._file.read(length)

    def close(self) -> None:
        self._file.close()


def encode(
    wanted: Sequence[Wanted],
    read: ReadFrame,
    name: Callable[[int], str],
    images: Images,
    report: ReportProgress,
) -> None:
    """Add the images of these frames, in this order.

    Parameters
    ----------
    read : callable
        Gets (video, frame), gives the picture; called from this thread only.
    name : callable
        Gets a video's number, gives its path, for a sentence.
    report : callable
        Gets (done, all) after each frame; False ends it.

    Raises
    ------
    Cancelled
        `report` returned False.
    PackageProblem
        A frame cannot be read; the sentence names it.
    """
    threads = max(1, min(_MOST_THREADS, os.cpu_count() or 1))
    waiting: Deque[Tuple[Wanted, "Future[bytes]"]] = deque()
    done = 0
    with ThreadPoolExecutor(threads, "sleap-remote-png") as pool:
        for one in wanted:
            picture = _read(one, read, name)
            waiting.append((one, pool.submit(png, picture)))
            if len(waiting) > 2 * threads:
                done = _take(waiting, images, done)
            _tell(report, done, len(wanted))
        while waiting:
            done = _take(waiting, images, done)
            _tell(report, done, len(wanted))


def estimate(
    wanted: Sequence[Wanted], read: ReadFrame, name: Callable[[int], str]
) -> int:
    """About how many bytes the images of these frames take, by a few of them."""
    if not wanted:
        return 0
    sample = min(_SAMPLE, 1 + len(wanted) // 100)
    chosen = wanted[:: -(-len(wanted) // sample)]
    sizes = [len(png(_read(one, read, name))) for one in chosen]
    return int(max(sizes) * len(wanted))


def png(picture: Any) -> bytes:
    """A picture as SLEAP's own packages have it."""
    import cv2

    done, data = cv2.imencode(".png", picture)
    if not done:
        raise ValueError(tr("OpenCV could not make a PNG of it"))
    return data.tobytes()


def ffmpeg_line(path: str) -> str:
    """The command that encodes a video anew, as SLEAP's people advise."""
    stem = path.rpartition(".")[0] or path
    return (
        'ffmpeg -y -i "{}" -c:v libx264 -pix_fmt yuv420p -preset superfast -crf 23 '
        '"{}.new.mp4"'.format(path, stem)
    )


def _tell(report: ReportProgress, done: int, total: int) -> None:
    if not report(done, total):
        raise Cancelled(tr("The export was stopped. Nothing was submitted."))


def _take(
    waiting: "Deque[Tuple[Wanted, Future[bytes]]]", images: Images, done: int
) -> int:
    one, future = waiting.popleft()
    images.add(one, future.result())
    return done + 1


def _read(one: Wanted, read: ReadFrame, name: Callable[[int], str]) -> Any:
    video, frame = one
    try:
        picture = read(video, frame)
        if picture is None or not picture.size:
            raise ValueError(tr("there is no picture"))
        return picture
    except Exception as error:
        raise unreadable(name(video), frame, error) from error


def unreadable(path: str, frame: int, error: BaseException) -> PackageProblem:
    """The sentence for a labelled frame that cannot be read."""
    remedy = tr(
        "Open that frame in SLEAP. If it is not shown there either, encode the video "
        "anew: {}"
    ).format(ffmpeg_line(path))
    if not Path(path).exists():
        remedy = tr("The file is not there: is its disk mounted, was it moved?")
    return PackageProblem(
        tr(
            "The labelled images could not be exported: frame {} of {} cannot be read. "
            "Nothing was submitted, and the project is as it was. {}"
        ).format(frame, path or "a video", remedy),
        detail=repr(error),
    )
