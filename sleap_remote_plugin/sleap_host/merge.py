"""Put predictions into the open project, and take them back; user labels stay.

Done by us, not by SLEAP: 1.3 and 1.4 lose predictions when the same file is loaded
twice, 1.6 doubles them. Everything is built in small slices apart from the project,
which is changed in one step at the end: until then it can be edited, saved or closed.
What the generations' objects are made of is `Objects`' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

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

Key = Tuple[int, int]  # id of the video, number of the frame


@dataclass(frozen=True)
class Fit:
    """A file, and which objects of the project it means."""

    tables: Tables
    videos: Tuple[Any, ...]
    skeletons: Tuple[Any, ...]
    orders: Tuple[Optional[List[int]], ...]


class Merge:
    """One load: `slices` makes the objects, then `commit` changes the project."""

    def __init__(self, labels: Any, objects: Objects, mode: LoadMode) -> None:
        self.labels = labels
        self.objects = objects
        self.mode = mode
        self._new: Dict[Key, Tuple[Any, List[Any]]] = {}
        self._frames: Dict[Key, Any] = {}  # new ones
        self._known: Dict[Key, Any] = {}  # the project's
        self._twins: Dict[int, Any] = {}  # id of a new instance -> the same one there
        self._pool: List[Any] = []  # the project's tracks, and new ones

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
        self._new, self._frames, self._twins = {}, {}, {}
        self._pool = list(self.labels.tracks)
        self._known = {
            (id(frame.video), frame.frame_idx): frame
            for frame in self.labels.labeled_frames
        }

    def _tracks_for(self, tables: Tables) -> List[Any]:
        """For each track of the file the project's of that name, or a new one."""
        found = track_places(tables.tracks, self._pool)
        for place, (spawned_on, name) in enumerate(tables.tracks):
            if found[place] is None:
                found[place] = self.objects.new_track(spawned_on, name)
                self._pool.append(found[place])
        return found

    def _make(self, fit: Fit, tracks: List[Any]) -> Iterator[int]:
        tables = fit.tables
        begin = [int(place) for place in tables.begin]
        first = 0
        while first < tables.frames:
            last = first + 1
            while last < tables.frames and begin[last + 1] - begin[first] <= SLICE:
                last += 1
            made = self._instances(fit, tracks, begin[first], begin[last])
            for number in range(first, last):
                video = fit.videos[int(tables.video[number])]
                count = begin[number + 1] - begin[number]
                self._put(video, int(tables.frame[number]), made[:count])
                del made[:count]
            yield begin[last] - begin[first]
            first = last

    def _put(self, video: Any, number: int, instances: List[Any]) -> None:
        key = (id(video), number)
        self._new[key] = (video, instances)
        known = self._known.get(key)
        if known is None:
            self._frames[key] = self.objects.new_frame(video, number, instances)
        elif self.mode is LoadMode.ADD:
            for instance in instances:
                self._find_twin(instance, known)

    def _find_twin(self, instance: Any, frame: Any) -> None:
        """Loaded before, to the last bit: it is not added a second time."""
        for other in frame.instances:
            if self.objects.is_predicted(other) and self.objects.same_place(
                instance, other
            ):
                self._twins[id(instance)] = other

    def _instances(
        self, fit: Fit, tracks: List[Any], begin: int, end: int
    ) -> List[Any]:
        """The instances of a slice, in the file's order."""
        tables = fit.tables
        found: List[Any] = [None] * (end - begin)
        kinds = tables.skeleton[begin:end]
        for kind in sorted(set(kinds.tolist())):
            rows = [begin + int(n) for n in (kinds == kind).nonzero()[0]]
            order = fit.orders[kind]
            count = len(tables.skeletons[kind])
            places = tables.point[rows][:, None] + (order or list(range(count)))
            made = self.objects.new_instances(
                tables.points[places],
                tables.score[rows].tolist(),
                tables.tracking_score[rows].tolist(),
                [tracks[n] if n >= 0 else None for n in tables.track[rows]],
                fit.skeletons[kind],
            )
            for row, instance in zip(rows, made):
                found[row - begin] = instance
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
        labels, objects, replaced, instances = self.labels, self.objects, 0, 0
        left = dict(self._new)
        clears, adds = self.mode is LoadMode.CLEAR, self.mode is LoadMode.ADD
        gone = set()
        for frame in step.order:
            key = (id(frame.video), frame.frame_idx)
            known = key in self._new
            if not known and not clears:
                continue
            old = frame.instances
            kept = list(old) if adds else self._users(old)
            new = left.pop(key, (None, []))[1]
            if adds and new:
                there = set(map(id, old))
                new = [i for i in new if id(self._twins.get(id(i))) not in there]
            replaced += len(old) - len(kept)
            instances += len(new)
            step.ours.update(map(id, new))
            if not kept and not new and not objects.has_more(frame):
                step.removed_frames.append((frame, old))
                gone.add(id(frame))
            elif new or len(kept) != len(old):
                step.changed.append((frame, old, kept + new))
                frame.instances = kept + new
        for key, (video, new) in left.items():
            added = self._frames.get(key)
            if added is None:  # it was in the project when this load began
                added = objects.new_frame(video, key[1], new)
            step.added_frames.append(added)
            step.ours.update(map(id, new))
            instances += len(new)
        labels.labeled_frames[:] = [
            frame for frame in labels.labeled_frames if id(frame) not in gone
        ] + step.added_frames
        step.added_tracks = self._new_tracks()
        labels.tracks.extend(step.added_tracks)
        return len(self._new), instances, replaced

    def _new_tracks(self) -> List[Any]:
        """Those that an instance has and the project did not."""
        used = {id(i.track) for _, new in self._new.values() for i in new}
        known = {id(track) for track in self.labels.tracks}
        return [t for t in self._pool if id(t) in used and id(t) not in known]

    def _users(self, instances: Sequence[Any]) -> List[Any]:
        return [i for i in instances if not self.objects.is_predicted(i)]


def _lists_of(labels: Any) -> Tuple[Any, ...]:
    """What a fit rests on; equal as long as none of it was changed."""
    return (
        [id(video) for video in labels.videos],
        [(id(one), list(one.node_names)) for one in labels.skeletons],
        [(id(track), track.name) for track in labels.tracks],
    )
