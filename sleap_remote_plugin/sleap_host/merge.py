"""Put predictions into the open project, and take them back; user labels stay.

Done by us, not by SLEAP: 1.3 and 1.4 lose predictions when the same file is loaded
twice, 1.6 doubles them. Everything is built in small slices apart from the project,
which is changed in one step at the end: until then it can be edited, saved or closed.
What the generations' objects are made of is `Objects`' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.qt.host import MergeSummary
from sleap_remote_plugin.qt.loads import LoadMode
from sleap_remote_plugin.sleap_host.match import track_places
from sleap_remote_plugin.sleap_host.objects import Objects
from sleap_remote_plugin.sleap_host.tables import Tables
from sleap_remote_plugin.sleap_host.undo import MergeStep, undo

#: Instances that are made at once: one or two milliseconds.
SLICE = 256
_TRIES = 5
_NOTHING: Tuple[Any, List[Any]] = (None, [])

Key = Tuple[int, int]  # id of the video, number of the frame


@dataclass(frozen=True)
class Fit:
    """A file, and which objects of the project it means."""

    tables: Tables
    videos: Tuple[Any, ...]
    skeletons: Tuple[Any, ...]
    orders: Tuple[Optional[List[int]], ...]


class _Plan(NamedTuple):
    """A frame of the project: what it had when planned, and what it will have."""

    frame: Any
    old: List[Any]
    now: List[Any]
    removed: int
    added: int


class Merge:
    """One load: `slices` makes the objects, then `commit` changes the project."""

    def __init__(self, labels: Any, objects: Objects, mode: LoadMode) -> None:
        self.labels = labels
        self.objects = objects
        self.mode = mode
        self._new: Dict[Key, Tuple[Any, List[Any]]] = {}
        self._frames: Dict[Key, Any] = {}  # new ones
        self._known: Dict[Key, Any] = {}  # the project's
        self._plans: Dict[Key, _Plan] = {}
        self._pool: List[Any] = []  # the project's tracks, and new ones
        self._used: Set[int] = set()  # ids of those that an instance has

    def slices(self, fit: Any) -> Iterator[Tuple[int, int]]:
        """Make everything; yields (done, total) often.

        Parameters
        ----------
        fit : callable
            Makes the `Fit` of each file to the project as it is then. It is called
            again where videos, skeletons or tracks were changed meanwhile.
        """
        for _ in range(_TRIES):
            before = _lists_of(self.labels)
            self._begin()
            fits = list(fit())
            total = sum(one.tables.instances for one in fits)
            done = 0
            for one in fits:
                for count in self._make(one, self._tracks_for(one.tables)):
                    done += count
                    yield done, total
            if _lists_of(self.labels) == before:
                return
        raise RemoteError(
            "The project's videos, skeleton or tracks were changed again and again "
            "while the predictions were loaded. Nothing was loaded; load them again."
        )

    def _begin(self) -> None:
        self._new, self._frames, self._plans = {}, {}, {}
        self._used.clear()
        self._pool = list(self.labels.tracks)
        self._known = {
            (id(frame.video), frame.frame_idx): frame
            for frame in self.labels.labeled_frames
        }

    def _tracks_for(self, tables: Tables) -> List[Any]:
        """For each track of the file the project's of that name, or a new one; None."""
        found = track_places(tables.tracks, self._pool)
        for place, (spawned_on, name) in enumerate(tables.tracks):
            if found[place] is None:
                found[place] = self.objects.new_track(spawned_on, name)
                self._pool.append(found[place])
        self._used.update(id(found[n]) for n in set(tables.track.tolist()) if n >= 0)
        return found + [None]  # -1 is none

    def _make(self, fit: Fit, tracks: List[Any]) -> Iterator[int]:
        tables = fit.tables
        begin = tables.begin.tolist()
        places, numbers = tables.video.tolist(), tables.frame.tolist()
        first = 0
        while first < len(numbers):
            last = first + 1
            while last < len(numbers) and begin[last + 1] - begin[first] <= SLICE:
                last += 1
            start = begin[first]
            made = self._instances(fit, tracks, start, begin[last])
            for n in range(first, last):
                ours = made[begin[n] - start : begin[n + 1] - start]
                self._put(fit.videos[places[n]], numbers[n], ours)
            yield begin[last] - start
            first = last

    def _put(self, video: Any, number: int, instances: List[Any]) -> None:
        key = (id(video), number)
        self._new[key] = (video, instances)
        known = self._known.get(key)
        if known is None:
            self._frames[key] = self.objects.new_frame(video, number, instances)
            return
        self._plans[key] = self._plan(known, instances)
        self.objects.join(known, instances)

    def _plan(self, frame: Any, new: List[Any]) -> _Plan:
        """What a frame of the project will have."""
        old, objects = list(frame.instances), self.objects
        kept = [instance for instance in old if not objects.is_predicted(instance)]
        if self.mode is LoadMode.ADD:
            there = [instance for instance in old if objects.is_predicted(instance)]
            kept = old
            # Loaded before, to the last bit: not added a second time.
            new = [i for i in new if not any(objects.same_place(i, t) for t in there)]
        return _Plan(frame, old, kept + new, len(old) - len(kept), len(new))

    def _instances(
        self, fit: Fit, tracks: List[Any], begin: int, end: int
    ) -> List[Any]:
        """The instances of a slice, in the file's order."""
        tables = fit.tables
        kinds = tables.skeleton[begin:end]
        found: List[Any] = [None] * len(kinds)
        for kind in sorted(set(kinds.tolist())):
            rows = (kinds == kind).nonzero()[0]
            order = fit.orders[kind] or list(range(len(tables.skeletons[kind])))
            made = self.objects.new_instances(
                tables.points[tables.point[begin + rows][:, None] + order],
                tables.score[begin + rows].tolist(),
                tables.tracking_score[begin + rows].tolist(),
                [tracks[n] for n in tables.track[begin + rows].tolist()],
                fit.skeletons[kind],
            )
            if len(made) == len(found):
                return made
            for row, instance in zip(rows.tolist(), made):
                found[row] = instance
        return found

    # -- the one step -----------------------------------------------------------------

    def commit(self) -> Tuple[MergeStep, MergeSummary]:
        """Change the project; all of it, or, where that fails, nothing."""
        step = MergeStep(self.labels, order=list(self.labels.labeled_frames))
        try:
            counts = self._commit(step)
            self.objects.refresh(self.labels)
        except Exception:
            undo(step, self.objects)
            raise
        return step, MergeSummary(*counts)

    def _commit(self, step: MergeStep) -> Tuple[int, int, int]:
        labels, left = self.labels, dict(self._new)
        replaced = instances = 0
        for frame in step.order:
            key = (id(frame.video), frame.frame_idx)
            if key not in self._new and self.mode is not LoadMode.CLEAR:
                continue
            new = left.pop(key, _NOTHING)[1]
            plan = self._plans.get(key)
            if plan is None or plan.frame is not frame or plan.old != frame.instances:
                plan = self._plan(frame, new)  # it has changed since
                self.objects.join(frame, new)
            replaced += plan.removed
            instances += plan.added
            self._apply(plan, step)
        for key, (video, new) in left.items():
            added = self._frames.get(key)
            if added is None:  # it was in the project when this load began
                added = self.objects.new_frame(video, key[1], new)
            step.added_frames.append((added, list(new)))
            instances += len(new)
        self._set_frames(step)
        known = {id(track) for track in labels.tracks}
        ours = [track for track in self._pool if id(track) in self._used]
        step.added_tracks = [track for track in ours if id(track) not in known]
        labels.tracks.extend(step.added_tracks)
        return len(self._new), instances, replaced

    def _apply(self, plan: _Plan, step: MergeStep) -> None:
        frame, now = plan.frame, plan.now
        if not now and not self.objects.has_more(frame):
            if plan.removed:  # an empty frame that was there before stays
                step.removed_frames.append((frame, frame.instances))
        elif plan.removed or plan.added:
            step.changed.append((frame, frame.instances, list(now)))
            self.objects.put(frame, now)

    def _set_frames(self, step: MergeStep) -> None:
        frames = step.order
        if step.removed_frames:
            gone = {id(frame) for frame, _ in step.removed_frames}
            frames = [frame for frame in frames if id(frame) not in gone]
        self.labels.labeled_frames[:] = frames + [
            frame for frame, _ in step.added_frames
        ]


def _lists_of(labels: Any) -> Tuple[Any, ...]:
    """What a fit rests on; equal as long as none of it was changed."""
    return (
        [id(video) for video in labels.videos],
        [(id(one), list(one.node_names)) for one in labels.skeletons],
        [(id(track), track.name) for track in labels.tracks],
    )
