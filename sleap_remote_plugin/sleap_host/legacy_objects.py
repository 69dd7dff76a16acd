"""How labels of SLEAP 1.3 and 1.4 are made in bulk and changed."""

from __future__ import annotations

from typing import Any, Dict, List

import numpy as np

from sleap_remote_plugin.sleap_host.objects import Objects


class LegacyObjects(Objects):
    """Objects of ``sleap.instance``."""

    def is_predicted(self, instance: Any) -> bool:
        return type(instance).__name__ == "PredictedInstance"

    def new_frame(self, video: Any, frame: int, instances: List[Any]) -> Any:
        from sleap import LabeledFrame

        return LabeledFrame(video=video, frame_idx=frame, instances=instances)

    def new_track(self, spawned_on: int, name: str) -> Any:
        from sleap.instance import Track

        return Track(spawned_on, name)

    def new_instances(
        self, points: Any, scores: Any, tracking: Any, tracks: List[Any], skeleton: Any
    ) -> List[Any]:
        import attr
        from sleap import PredictedInstance
        from sleap.instance import PredictedPoint, PredictedPointArray

        rows, count = points.shape
        data = np.ascontiguousarray(points, dtype=PredictedPoint.dtype)
        array = PredictedPointArray(buf=data, shape=rows * count)
        # Checked once, by SLEAP's own `__init__`: it costs more than all the rest.
        first = PredictedInstance(skeleton=skeleton, points=array[:count])
        same = [
            (f.name, getattr(first, f.name)) for f in attr.fields(PredictedInstance)
        ]
        found = []
        for row in range(rows):
            instance = PredictedInstance.__new__(PredictedInstance)
            for name, value in same:
                setattr(instance, name, value)
            instance._points = np.ndarray.__getitem__(
                array, slice(row * count, row * count + count)
            )
            instance.track = tracks[row]
            instance.score = scores[row]
            instance.tracking_score = tracking[row]
            found.append(instance)
        return found

    def join(self, frame: Any, instances: List[Any]) -> None:
        for instance in instances:
            instance.frame = frame

    def put(self, frame: Any, instances: List[Any]) -> None:
        frame._instances = instances

    def same_place(self, one: Any, other: Any) -> bool:
        mine, theirs = one._points, other._points
        return len(mine) == len(theirs) and all(
            mine[axis].tobytes() == theirs[axis].tobytes() for axis in "xy"
        )

    def has_more(self, frame: Any) -> bool:
        return False

    def fit_to_skeleton(self, instance: Any) -> None:
        instance._fix_array()

    def refresh(self, labels: Any) -> None:
        """What ``update_cache`` does, and the counts that are asked for next."""
        cache = labels._cache
        by_video: Dict[Any, List[Any]] = {video: [] for video in labels.videos}
        for frame in labels.labeled_frames:
            by_video[frame.video].append(frame)
        cache._lf_by_video = by_video
        cache._frame_idx_map = {
            video: {frame.frame_idx: frame for frame in frames}
            for video, frames in by_video.items()
        }
        cache._track_occupancy = {
            video: _occupancy(frames) for video, frames in cache._frame_idx_map.items()
        }
        cache._frame_count_cache = {
            video: _counts(place, by_video[video])
            for place, video in enumerate(labels.videos)
        }


def _occupancy(frames: Dict[int, Any]) -> Dict[Any, Any]:
    """Track -> the runs of frames that it is on."""
    from sleap.rangelist import RangeList

    on: Dict[Any, List[int]] = {}
    for number in sorted(frames):
        for instance in frames[number]._instances:
            on.setdefault(instance.track, []).append(number)
    return {track: RangeList(_runs(numbers)) for track, numbers in on.items()}


def _runs(numbers: List[int]) -> List[Any]:
    """``[1, 2, 3, 7]`` -> ``[(1, 4), (7, 8)]``."""
    values = np.array(numbers)
    ends = np.flatnonzero(np.diff(values) > 1)
    first = values[np.concatenate([[0], ends + 1])].tolist()
    last = values[np.concatenate([ends, [len(values) - 1]])].tolist()
    return [(begin, end + 1) for begin, end in zip(first, last)]


def _counts(place: int, frames: List[Any]) -> Dict[str, Any]:
    """What SLEAP's status line counts, as it keeps it."""
    return {
        "": {(place, frame.frame_idx) for frame in frames},
        "user": {(place, f.frame_idx) for f in frames if f.has_user_instances},
        "predicted": {
            (place, f.frame_idx) for f in frames if f.has_predicted_instances
        },
    }
