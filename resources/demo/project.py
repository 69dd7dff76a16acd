"""Make a small SLEAP project whose true poses are known, with nothing downloaded.

Two animals (a bright head, a grey thorax, a dark tail) run round a textured arena
in a short video. The project is written by the SLEAP of the environment that runs
this (1.3-1.4 or 1.5+), with user labels on some of the frames; ``truth.json``
has the poses of all. From one frame to the next an animal moves about five pixels,
far more than a trained model is wrong by, so that predictions on the wrong frame, or
of another video, are seen by :func:`median_error`.

Run as a script it makes a project in a folder::

    python project.py FOLDER
"""

from __future__ import annotations

import argparse
import json
from itertools import permutations
from pathlib import Path, PurePosixPath
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

NODES = ("head", "thorax", "tail")
EDGES = (("head", "thorax"), ("thorax", "tail"))
ANCHOR = "thorax"
ANIMALS = 2

PROJECT = "labels.v001.slp"
VIDEO = "arena.avi"
TRACKS = ("upper", "lower")
TRUTH = "truth.json"

# Of a 192-pixel frame; everything scales with the frame.
_FRAME = 192
_HEAD, _TAIL = 15.0, 20.0
_ORBIT, _ORBIT_SWING = 52.0, 9.0
_STEP = 5.3


class Truth(NamedTuple):
    """What really is in the video: ``poses[frame, animal, node] = x, y``."""

    video: str
    size: int
    labelled: Tuple[int, ...]
    poses: np.ndarray


class DemoProject(NamedTuple):
    """The files of a demo project, and the truth about its video."""

    project: Path
    video: Path
    truth_file: Path
    truth: Truth


class Accuracy(NamedTuple):
    """Median distance in pixels, and the share of all animals that were found."""

    pixels: float
    found: float


def make_project(
    folder: Path,
    frames: int = 100,
    labelled: int = 24,
    size: int = _FRAME,
    seed: int = 0,
    tracked: bool = False,
) -> DemoProject:
    """Render the video and write the project, its user labels and the truth.

    Parameters
    ----------
    folder
        Made when it is not there. Files of an earlier demo project are overwritten.
    frames
        Length of the video.
    labelled
        How many frames get user labels, spread evenly over the video.
    size
        Width and height of the video in pixels.
    seed
        The same seed gives the same poses and the same pictures.
    tracked
        Whether each labelled animal has its track, as models of identities need it.
    """
    if not 1 <= labelled <= frames:
        raise ValueError(
            "The number of labelled frames must lie between 1 and {}, not {}.".format(
                frames, labelled
            )
        )
    if size < 96 or size % 16:
        raise ValueError(
            "The frame size must be a multiple of 16 and at least 96 pixels, "
            "not {}.".format(size)
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    poses = make_poses(frames, size, seed)
    spread = np.linspace(0, frames - 1, labelled).round().astype(int)
    truth = Truth(VIDEO, size, tuple(int(i) for i in spread), poses)

    video = folder / VIDEO
    _write_video(video, render(poses, size, seed))
    truth_file = folder / TRUTH
    _write_truth(truth_file, truth)
    project = folder / PROJECT
    names = TRACKS if tracked else (None,) * poses.shape[1]
    _write_labels(project, video, truth, names)
    return DemoProject(project, video, truth_file, truth)


def make_poses(frames: int, size: int, seed: int) -> np.ndarray:
    """Poses ``[frame, animal, node, xy]``: two animals circling, never touching."""
    random = np.random.RandomState(seed)
    scale = size / float(_FRAME)
    time = np.arange(frames, dtype=float)
    start = random.uniform(0, 2 * np.pi)
    poses = np.empty((frames, ANIMALS, len(NODES), 2))
    for animal in range(ANIMALS):
        phase = random.uniform(0, 2 * np.pi, size=4)
        angle = (
            start
            + animal * np.pi
            + time * _STEP / _ORBIT
            + 0.3 * np.sin(time / 11.0 + phase[0])
        )
        orbit = _ORBIT + _ORBIT_SWING * np.sin(time / 7.0 + phase[1])
        # They run along the orbit; head and tail swing on their own.
        forward = angle + np.pi / 2
        head = forward + 0.5 * np.sin(time / 3.0 + phase[2])
        tail = forward + np.pi + 0.6 * np.sin(time / 2.5 + phase[3])
        thorax = 96.0 + orbit[:, None] * _direction(angle)
        poses[:, animal, 0] = thorax + _HEAD * _direction(head)
        poses[:, animal, 1] = thorax
        poses[:, animal, 2] = thorax + _TAIL * _direction(tail)
    return np.round(poses * scale, 3)


def render(poses: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Grey pictures ``[frame, y, x]`` (uint8) of the poses."""
    random = np.random.RandomState(seed + 1)
    scale = size / float(_FRAME)
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    floor = _texture(random, size)
    pictures = np.empty((len(poses), size, size), np.uint8)
    for frame, animals in enumerate(poses):
        picture = floor.copy()
        for head, thorax, tail in animals:
            bodies = (
                (_near_line(columns, rows, thorax, tail, 2.5 * scale), 75),
                (_near_line(columns, rows, thorax, head, 4.0 * scale), 130),
                (_near_point(columns, rows, tail, 4.0 * scale), 15),
                (_near_point(columns, rows, thorax, 6.5 * scale), 160),
                (_near_point(columns, rows, head, 5.0 * scale), 250),
            )
            for cover, grey in bodies:
                picture += cover * (grey - picture)
        picture += random.normal(0, 4, picture.shape)
        pictures[frame] = np.clip(np.round(picture), 0, 255)
    return pictures


def read_truth(path: Path) -> Truth:
    """Read a ``truth.json`` which :func:`make_project` wrote."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    return Truth(
        data["video"], data["size"], tuple(data["labelled"]), np.array(data["poses"])
    )


def median_error(predictions: Any, truth: Truth) -> Accuracy:
    """Compare predictions with the truth, frame by frame, on the truth's own video.

    Predictions on any other video count as not found, and so does an animal that is
    more than half a body length away or has a node missing.

    Parameters
    ----------
    predictions
        Path of a predictions file, or SLEAP's own ``Labels``. Only predicted
        instances are looked at; user labels never make the result better.
    truth
        As read by :func:`read_truth`.
    """
    labels = predictions
    if not hasattr(labels, "labeled_frames"):
        labels = _read_labels(Path(predictions))
    reach = 0.5 * (_HEAD + _TAIL) * truth.size / _FRAME
    errors = []  # type: List[np.ndarray]
    found = 0
    for frame, instances in _predicted(labels, truth.video).items():
        if frame >= len(truth.poses) or not instances:
            continue
        distances = np.array(
            [
                [np.linalg.norm(instance - animal, axis=1) for instance in instances]
                for animal in truth.poses[frame]
            ]
        )
        for animal, instance in _best_pairs(distances.mean(axis=2), reach):
            errors.append(distances[animal, instance])
            found += 1
    animals = len(truth.poses) * ANIMALS
    pixels = float(np.median(np.concatenate(errors))) if errors else float("nan")
    return Accuracy(pixels, found / float(animals))


def _best_pairs(distances: np.ndarray, reach: float) -> List[Tuple[int, int]]:
    """Pairs (animal, instance) within reach: most pairs first, then the nearest."""
    animals, instances = distances.shape
    near = np.where(np.isnan(distances), np.inf, distances) <= reach
    best, best_key = [], (0, 0.0)  # type: Tuple[List[Tuple[int, int]], Tuple[int, float]]
    # An instance beyond the last stands for "this animal was not found".
    for choice in permutations(range(instances + animals), animals):
        pairs = [(a, i) for a, i in enumerate(choice) if i < instances and near[a, i]]
        key = (len(pairs), -sum(float(distances[pair]) for pair in pairs))
        if key > best_key:
            best, best_key = pairs, key
    return best


def _direction(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _texture(random: np.random.RandomState, size: int) -> np.ndarray:
    """A floor of soft patches and a fine grain, about as bright as a thorax is not."""
    floor = np.full((size, size), 60.0, np.float32)
    for cell, height in ((32, 14.0), (8, 7.0), (2, 4.0)):
        patches = random.normal(0, height, (size // cell + 2, size // cell + 2))
        floor += _stretch(patches, size, cell)
    return np.clip(floor, 20, 110)


def _stretch(patches: np.ndarray, size: int, cell: int) -> np.ndarray:
    """Bilinear enlargement."""
    at = np.arange(size) / float(cell)
    low = at.astype(int)
    part = at - low
    rows = patches[low] * (1 - part)[:, None] + patches[low + 1] * part[:, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def _near_point(
    columns: np.ndarray, rows: np.ndarray, point: np.ndarray, radius: float
) -> np.ndarray:
    return _soft(np.hypot(columns - point[0], rows - point[1]), radius)


def _near_line(
    columns: np.ndarray,
    rows: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    radius: float,
) -> np.ndarray:
    along = end - start
    part = (columns - start[0]) * along[0] + (rows - start[1]) * along[1]
    part = np.clip(part / float(along @ along), 0, 1)
    away = np.hypot(
        columns - start[0] - part * along[0], rows - start[1] - part * along[1]
    )
    return _soft(away, radius)


def _soft(distance: np.ndarray, radius: float) -> np.ndarray:
    return np.clip(radius + 0.5 - distance, 0, 1)


def _write_video(path: Path, pictures: np.ndarray) -> None:
    """Motion JPEG: every frame stands alone, so reading frame k gives frame k."""
    import cv2

    size = pictures.shape[2], pictures.shape[1]
    code = cv2.VideoWriter_fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), code, 25.0, size)
    if not writer.isOpened():
        raise OSError("OpenCV could not write a video to {}.".format(path))
    try:
        for picture in pictures:
            writer.write(np.repeat(picture[:, :, None], 3, axis=2))
    finally:
        writer.release()


def _write_truth(path: Path, truth: Truth) -> None:
    data = {
        "video": truth.video,
        "size": truth.size,
        "nodes": NODES,
        "labelled": truth.labelled,
        "poses": truth.poses.tolist(),
    }
    path.write_text(json.dumps(data) + "\n", encoding="utf-8")


def _write_labels(
    path: Path, video: Path, truth: Truth, names: Sequence[Optional[str]]
) -> None:
    """`names` are the animals' tracks, or None."""
    if _has_sleap_io():
        _write_current_labels(path, video, truth, names)
    else:
        _write_legacy_labels(path, video, truth, names)


def _has_sleap_io() -> bool:
    """SLEAP 1.5 and later keep their labels in sleap_io; 1.3 and 1.4 lack it."""
    try:
        import sleap_io  # noqa: F401
    except ImportError:
        return False
    return True


def _write_current_labels(
    path: Path, video: Path, truth: Truth, names: Sequence[Optional[str]]
) -> None:
    import sleap_io

    skeleton = sleap_io.Skeleton(
        nodes=list(NODES), edges=[list(edge) for edge in EDGES], name="animal"
    )
    source = sleap_io.load_video(str(video), grayscale=True)
    tracks = [name and sleap_io.Track(name) for name in names]
    frames = [
        sleap_io.LabeledFrame(
            video=source,
            frame_idx=frame,
            instances=[
                sleap_io.Instance.from_numpy(animal, skeleton=skeleton, track=track)
                for animal, track in zip(truth.poses[frame], tracks)
            ],
        )
        for frame in truth.labelled
    ]
    labels = sleap_io.Labels(
        labeled_frames=frames, videos=[source], skeletons=[skeleton]
    )
    labels.save(str(path), embed=False, verbose=False)


def _write_legacy_labels(
    path: Path, video: Path, truth: Truth, names: Sequence[Optional[str]]
) -> None:
    from sleap import Instance, LabeledFrame, Labels, Skeleton, Track, Video

    skeleton = Skeleton("animal")
    skeleton.add_nodes(list(NODES))
    for source, destination in EDGES:
        skeleton.add_edge(source, destination)
    recording = Video.from_filename(str(video), grayscale=True)
    tracks = [name and Track(0, name) for name in names]
    frames = [
        LabeledFrame(
            video=recording,
            frame_idx=frame,
            instances=[
                Instance.from_numpy(animal, skeleton=skeleton, track=track)
                for animal, track in zip(truth.poses[frame], tracks)
            ],
        )
        for frame in truth.labelled
    ]
    labels = Labels(labeled_frames=frames, videos=[recording], skeletons=[skeleton])
    Labels.save_file(labels, str(path))


def _read_labels(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError("There is no predictions file {}.".format(path))
    if _has_sleap_io():
        import sleap_io

        return sleap_io.load_slp(str(path), open_videos=False)
    from sleap import Labels

    return Labels.load_file(str(path))


def _predicted(labels: Any, video: str) -> Dict[int, List[np.ndarray]]:
    """The predicted poses of each frame of the video with that file name."""
    poses = {}  # type: Dict[int, List[np.ndarray]]
    for frame in labels.labeled_frames:
        filename = getattr(frame.video, "filename", None)
        if filename is None:
            filename = frame.video.backend.filename
        if PurePosixPath(str(filename).replace("\\", "/")).name != video:
            continue
        for instance in frame.predicted_instances:
            poses.setdefault(frame.frame_idx, []).append(np.array(instance.numpy()))
    return poses


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--labelled", type=int, default=24)
    parser.add_argument("--size", type=int, default=_FRAME)
    parser.add_argument("--seed", type=int, default=0)
    made = make_project(**vars(parser.parse_args()))
    print("project  {}".format(made.project))
    print("video    {}".format(made.video))
    print("truth    {}".format(made.truth_file))


if __name__ == "__main__":
    main()
