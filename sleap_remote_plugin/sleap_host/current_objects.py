"""How labels of SLEAP 1.5 and newer (``sleap-io``) are made in bulk and changed."""

from __future__ import annotations

import functools
import operator
from typing import Any, Callable, List, Set

import numpy as np

from sleap_remote_plugin.sleap_host.objects import Objects

#: What a frame can hold besides instances; older versions of sleap-io have fewer.
_OTHERS = ("is_negative", "centroids", "bboxes", "masks", "label_images", "rois")


class CurrentObjects(Objects):
    """Objects of ``sleap_io``."""

    def is_predicted(self, instance: Any) -> bool:
        return type(instance).__name__ == "PredictedInstance"

    def new_frame(self, video: Any, frame: int, instances: List[Any]) -> Any:
        from sleap_io import LabeledFrame

        return LabeledFrame(video=video, frame_idx=frame, instances=instances)

    def new_track(self, spawned_on: int, name: str) -> Any:
        from sleap_io import Track

        return Track(name)

    def new_instances(
        self, points: Any, scores: Any, tracking: Any, tracks: List[Any], skeleton: Any
    ) -> List[Any]:
        from sleap_io import PredictedInstance
        from sleap_io.model.instance import PredictedPointsArray

        rows, count = points.shape
        array = PredictedPointsArray.empty(rows * count).reshape(rows, count)
        array["xy"][..., 0] = points["x"]
        array["xy"][..., 1] = points["y"]
        for name in ("visible", "complete", "score"):
            array[name] = points[name]
        array["name"] = np.array(skeleton.node_names, dtype=object)
        return [
            PredictedInstance(
                points=row,
                skeleton=skeleton,
                track=track,
                score=score,
                tracking_score=tracking_score,
            )
            for row, track, score, tracking_score in zip(
                array, tracks, scores, tracking
            )
        ]

    def join(self, frame: Any, instances: List[Any]) -> None:
        pass  # instances of sleap-io do not know their frame

    def put(self, frame: Any, instances: List[Any]) -> None:
        frame.instances = instances

    def same_place(self, one: Any, other: Any) -> bool:
        mine, theirs = one.points["xy"], other.points["xy"]
        return bool(mine.tobytes() == theirs.tobytes())

    def has_more(self, frame: Any) -> bool:
        return any(others(frame.__class__)(frame))

    def tied(self, labels: Any) -> Set[int]:
        # Of sessions of several cameras. Without them `save_slp` raises, and has
        # emptied the file by then (sleap-io 0.9.5).
        found: Set[int] = set()
        for session in getattr(labels, "sessions", ()):
            for group in session.frame_groups.values():
                found.update(map(id, group.labeled_frames))
                for instances in group.instance_groups:
                    found.update(map(id, instances.instances))
        return found

    def fit_to_skeleton(self, instance: Any) -> None:
        names = instance.skeleton.node_names
        have = list(instance.points["name"])
        if have == names:
            return
        points = type(instance.points).empty(len(names))
        points["xy"], points["visible"], points["complete"] = np.nan, False, False
        if "score" in (points.dtype.names or ()):
            points["score"] = 0.0
        for place, name in enumerate(names):
            if name in have:
                points[place] = instance.points[have.index(name)]
        points["name"] = names
        instance.points = points

    def refresh(self, labels: Any) -> None:
        labels._invalidate_indices()


@functools.lru_cache(maxsize=None)
def others(kind: type) -> Callable[[Any], Any]:
    """Gets all that this version's frames can hold besides instances, at once."""
    import attr

    names = [one.name for one in attr.fields(kind) if one.name in _OTHERS]
    return operator.attrgetter(*names, names[0])  # a tuple, even of one name
