"""A predictions file as plain arrays: HDF5's tables, read and checked, in bulk.

Both generations write the same tables, so each reads the other's. Nothing here knows
SLEAP's classes or the open project; `match` finds what is meant there, `merge` makes
SLEAP's objects of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np

from sleap_remote_plugin.errors import ResultsDamaged, ResultsMissing
from sleap_remote_plugin.jobs.untrusted import shown
from sleap_remote_plugin.sleap_host.file_videos import FileVideo, places_of, videos_in
from sleap_remote_plugin.words import tr

SAFE = tr("Nothing was loaded; the project is as it was.")

#: The tables that every file of SLEAP's has.
_TABLES = ("frames", "instances", "pred_points")
#: As SLEAP 1.3 keeps points.
POINT = np.dtype(
    [("x", "f8"), ("y", "f8"), ("visible", "?"), ("complete", "?"), ("score", "f8")]
)
#: Rows that are read at once: the window gets its turn in between.
_ROWS = 200_000
#: SLEAP compresses no table; a tool that packs a file anew does not shrink it as much.
#: A hostile one could, to have all memory taken.
_SHRINKS = 64
_SMALL = 2**24


@dataclass(frozen=True)
class Tables:
    """The predicted instances of a file, sorted by video and frame.

    Attributes
    ----------
    skeletons : tuple of tuple of str
        Names of the nodes of each skeleton, in the order of the points.
    tracks : tuple of (int, str)
        First frame and name of each track.
    video, frame : array of int
        Of each frame that has an instance: number of the video, of the frame.
    begin : array of int
        Where its instances begin; one more than there are frames.
    skeleton, track, score, tracking_score, point : array
        Of each instance; `point` is the place of its first point, `track` -1 for none.
    points : array of `POINT`
    empty : int
        Frames that were predicted on and have no animal.
    """

    path: Path
    videos: Tuple[FileVideo, ...]
    skeletons: Tuple[Tuple[str, ...], ...]
    tracks: Tuple[Tuple[int, str], ...]
    video: Any
    frame: Any
    begin: Any
    skeleton: Any
    track: Any
    score: Any
    tracking_score: Any
    point: Any
    points: Any
    empty: int = 0

    @property
    def instances(self) -> int:
        return len(self.point)

    @property
    def frames(self) -> int:
        return len(self.frame)


def damaged(path: Path, what: str, error: Optional[Exception] = None) -> ResultsDamaged:
    return ResultsDamaged(
        tr(
            "The predictions file {} {}. {} Look at the job's log, and run the "
            "prediction again if need be."
        ).format(shown(path), shown(what), SAFE),
        detail="" if error is None else repr(error),
    )


def read_tables(path: Path) -> Tables:
    """Read a predictions file; every number in it is checked.

    Raises
    ------
    ResultsMissing, ResultsDamaged
        There is none; or it is empty, cut short, or something else.
    """
    import h5py

    if not path.is_file():
        raise ResultsMissing(
            tr("There is no predictions file {}. {}").format(path, SAFE)
        )
    if path.stat().st_size == 0:
        raise damaged(path, tr("is empty"))
    try:
        with h5py.File(str(path), "r") as file:
            return _read(path, file)
    except ResultsDamaged:
        raise
    except Exception as error:  # whatever h5py and json make of a file like this
        raise damaged(
            path, tr("cannot be read: it was cut short or is not one of SLEAP's"), error
        ) from error


def read_given(path: Optional[Path]) -> Optional[FileVideo]:
    """The video that a small project names; None where that cannot be read."""
    import h5py

    try:
        if path is None or not path.is_file():
            return None
        with h5py.File(str(path), "r") as file:
            (video,) = videos_in(_items(path, file, "videos", {}))
            return video
    except Exception:  # whatever h5py and json make of it: the predictions may tell
        return None


def _read(path: Path, file: Any) -> Tables:
    missing = [name for name in _TABLES + ("metadata",) if name not in file]
    if missing:
        raise damaged(path, tr("is not one of SLEAP's predictions"))
    described = json.loads(_text(file["metadata"].attrs["json"]))
    videos = videos_in(_items(path, file, "videos", described))
    skeletons = _skeletons(described)
    tracks = tuple(_track(item) for item in _items(path, file, "tracks", described))
    frames, rows, points = (_table(path, file, name) for name in _TABLES)
    video, frame, first, end = (
        _column(frames, name)
        for name in ("video", "frame_idx", "instance_id_start", "instance_id_end")
    )
    video = places_of(video, videos)
    _check(path, "frames", (video >= 0) & (video < len(videos)) & (frame >= 0))
    _check(path, "instances", (first >= 0) & (first <= end) & (end <= len(rows)))
    row, owner = _spread(path, first, end, len(rows))
    kept = _kept(path, rows, points, [len(nodes) for nodes in skeletons], len(tracks))
    row, owner = row[kept[row]], owner[kept[row]]
    order = np.lexsort((frame[owner], video[owner]))  # stable: as they stood
    row, owner = row[order], owner[order]
    begin = _begins(video[owner], frame[owner])
    heads = owner[begin[:-1]] if len(owner) else owner
    return Tables(
        path, videos, skeletons, tracks,
        video=video[heads], frame=frame[heads], begin=begin,
        skeleton=_column(rows, "skeleton")[row],
        track=_column(rows, "track")[row],
        score=_floats(rows, "score")[row],
        tracking_score=_floats(rows, "tracking_score")[row],
        point=_column(rows, "point_id_start")[row],
        points=points,
        empty=_distinct(video, frame) - len(heads),
    )  # fmt: skip


# -- tables ---------------------------------------------------------------------------


def _table(path: Path, file: Any, name: str) -> Any:
    """A table's rows; points in `POINT`'s form, whatever the file's own is."""
    table = file[name]
    fields = table.dtype.names
    if fields is None or len(table.shape) != 1:
        raise damaged(path, tr("is not one of SLEAP's predictions"))
    _check_size(path, table)
    if name != "pred_points":
        return table[:]
    found = np.zeros(len(table), POINT)
    for begin in range(0, len(table), _ROWS):
        part = table[begin : begin + _ROWS]
        for field in POINT.names or ():
            found[field][begin : begin + _ROWS] = part[field]
    return found


def _check_size(path: Path, table: Any) -> None:
    """That it can have as many rows as it says, and that they are in this file."""
    size = table.size * max(1, table.dtype.itemsize)
    if size > max(_SMALL, _SHRINKS * path.stat().st_size):
        raise damaged(path, tr("names more predictions than it can hold"))
    if table.external or table.is_virtual or table.file.filename != str(path):
        raise damaged(path, tr("takes predictions from another file"))


def _column(table: Any, name: str) -> Any:
    return table[name].astype(np.int64)


def _floats(table: Any, name: str) -> Any:
    if name not in (table.dtype.names or ()):  # before SLEAP 1.2
        return np.zeros(len(table))
    return table[name].astype(np.float64)


def _check(path: Path, what: str, good: Any) -> None:
    if not bool(np.all(good)):
        raise damaged(path, tr("contradicts itself in its list of ") + what)


def _spread(path: Path, first: Any, end: Any, rows: int) -> Tuple[Any, Any]:
    """For each instance of each frame: its row, and the frame's."""
    count = end - first
    if int(count.sum()) > rows:
        raise damaged(path, tr("contradicts itself in its list of frames"))
    owner = np.repeat(np.arange(len(first)), count)
    skipped = np.repeat(np.cumsum(count) - count, count)
    return np.arange(len(owner)) - skipped + first[owner], owner


def _kept(path: Path, rows: Any, points: Any, nodes: Sequence[int], tracks: int) -> Any:
    """Which rows are predicted instances with at least one visible point."""
    predicted = rows["instance_type"] == 1
    skeleton, track = _column(rows, "skeleton"), _column(rows, "track")
    begin, end = _column(rows, "point_id_start"), _column(rows, "point_id_end")
    _check(path, "skeletons", ((skeleton >= 0) & (skeleton < len(nodes)))[predicted])
    _check(path, "tracks", ((track >= -1) & (track < tracks))[predicted])
    size = np.array(list(nodes) or [0])[np.where(predicted, skeleton, 0)]
    good = (begin >= 0) & (end - begin == size) & (end <= len(points))
    _check(path, "points", good[predicted])
    seen = points["visible"] & np.isfinite(points["x"]) & np.isfinite(points["y"])
    total = np.concatenate([[0], np.cumsum(seen)])
    last = len(total) - 1
    visible = total[np.clip(end, 0, last)] - total[np.clip(begin, 0, last)]
    return predicted & (visible > 0)


def _begins(video: Any, frame: Any) -> Any:
    """Where each frame begins in sorted instances, and where the last one ends."""
    if not len(frame):
        return np.zeros(1, np.int64)
    new = (np.diff(video) != 0) | (np.diff(frame) != 0)
    return np.concatenate([[0], np.flatnonzero(new) + 1, [len(frame)]])


def _distinct(video: Any, frame: Any) -> int:
    return len(_begins(*np.array([video, frame])[:, np.lexsort((frame, video))])) - 1


# -- what the tables speak of ---------------------------------------------------------


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.tobytes()
    return value if isinstance(value, str) else bytes(value).decode("utf-8")


def _items(path: Path, file: Any, name: str, described: Dict[str, Any]) -> List[Any]:
    if name + "_json" not in file:
        return list(described.get(name, ()))
    _check_size(path, file[name + "_json"])
    return [json.loads(_text(item)) for item in file[name + "_json"][:]]


def _skeletons(described: Dict[str, Any]) -> Tuple[Tuple[str, ...], ...]:
    names = [str(node["name"]) for node in described["nodes"]]
    return tuple(
        tuple(names[int(node["id"])] for node in graph["nodes"])
        for graph in _graphs(described["skeletons"])
    )


def _graphs(skeletons: Sequence[Dict[str, Any]]) -> Iterator[Dict[str, Any]]:
    for skeleton in skeletons:
        yield skeleton.get("nx_graph", skeleton)  # since 1.3.2 one level deeper


def _track(item: Any) -> Tuple[int, str]:
    if isinstance(item, dict):
        return int(item.get("spawned_on") or 0), str(item.get("name", ""))
    return int(item[0] or 0), str(item[1])
