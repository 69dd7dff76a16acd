"""Take a load of predictions back; what the user did since then stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, List, Set, Tuple

from sleap_remote_plugin.sleap_host.objects import Objects


@dataclass
class MergeStep:
    """What one load changed: enough to take it back."""

    labels: Any
    order: List[Any] = field(default_factory=list)
    changed: List[Tuple[Any, List[Any], List[Any]]] = field(default_factory=list)
    added_frames: List[Tuple[Any, List[Any]]] = field(default_factory=list)
    removed_frames: List[Tuple[Any, List[Any]]] = field(default_factory=list)
    added_tracks: List[Any] = field(default_factory=list)

    def loaded(self) -> Set[int]:
        """Ids of the instances that came with the load."""
        found = {id(i) for _, new in self.added_frames for i in new}
        for _, old, new in self.changed:
            found.update(set(map(id, new)) - set(map(id, old)))
        return found


def undo(step: MergeStep, objects: Objects) -> int:
    """Take a load back; what was done since then stays.

    Returns
    -------
    int
        Frames that have predictions of a later date, and were left as they are.
    """
    labels = step.labels
    videos = {id(video) for video in labels.videos}
    there = {id(frame) for frame in labels.labeled_frames}
    loaded = step.loaded()
    left = 0
    for frame, old, new in step.changed:
        if id(frame) in there:
            earlier = [i for i in old if _belongs(i, labels)]
            left += not _restore(frame, earlier, new, loaded, objects)
    gone = set()
    for frame, _ in step.added_frames:
        if id(frame) in there:
            kept = [i for i in frame.instances if id(i) not in loaded]
            frame.instances = kept
            if not kept and not objects.has_more(frame):
                gone.add(id(frame))
    back = _back(step, videos, objects)
    _reorder(labels, step, gone, back)
    _settle_tracks(step, back)
    objects.refresh(labels)
    return left


def _restore(
    frame: Any, old: List[Any], new: List[Any], loaded: Set[int], objects: Objects
) -> bool:
    """Give a frame its earlier predictions back; False: it has later ones."""
    now = frame.instances
    earlier = [i for i in old if objects.is_predicted(i)]
    for instance in earlier:
        objects.fit_to_skeleton(instance)
    if now == new:
        frame.instances = old
        return True
    kept = [i for i in now if id(i) not in loaded]
    known = set(map(id, old))
    later = [i for i in kept if objects.is_predicted(i) and id(i) not in known]
    if not later:
        have = set(map(id, kept))
        kept += [i for i in earlier if id(i) not in have]
    frame.instances = kept
    return not later


def _belongs(instance: Any, labels: Any) -> bool:
    return any(instance.skeleton is skeleton for skeleton in labels.skeletons)


def _back(step: MergeStep, videos: Set[int], objects: Objects) -> List[Any]:
    """Frames that the load removed, where nothing has taken their place."""
    labels = step.labels
    taken = {(id(frame.video), frame.frame_idx) for frame in labels.labeled_frames}
    back = []
    for frame, old in step.removed_frames:
        key = (id(frame.video), frame.frame_idx)
        if key[0] in videos and key not in taken:
            frame.instances = [i for i in old if _belongs(i, labels)]
            for instance in frame.instances:
                objects.fit_to_skeleton(instance)
            back.append(frame)
    return back


def _reorder(labels: Any, step: MergeStep, gone: Set[int], back: List[Any]) -> None:
    """The frames in the order that they had; later ones behind them."""
    now = [frame for frame in labels.labeled_frames if id(frame) not in gone]
    if back:
        place = {id(frame): n for n, frame in enumerate(step.order)}
        now = sorted(now + back, key=lambda frame: place.get(id(frame), len(place)))
    labels.labeled_frames[:] = now


def _settle_tracks(step: MergeStep, back: List[Any]) -> None:
    """Tracks that came with the load go if nothing has them; others are there."""
    labels = step.labels
    used = {id(i.track): i.track for f in labels.labeled_frames for i in f.instances}
    gone = {id(track) for track in step.added_tracks} - set(used)
    kept = [track for track in labels.tracks if id(track) not in gone]
    have = {id(track) for track in kept}
    restored = [frame for frame, _, _ in step.changed] + back
    for track in {id(i.track): i.track for f in restored for i in f.instances}.values():
        if track is not None and id(track) not in have and id(track) in used:
            kept.append(track)  # the user had deleted it since
    labels.tracks[:] = kept
