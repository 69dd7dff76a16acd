"""Put predictions into the open project, and take them back; user labels stay.

Done by us, not by SLEAP: 1.3 and 1.4 lose predictions when the same file is loaded
twice, 1.6 doubles them. Everything is made and planned in small slices; the project is
changed in one short step at the end: until then it can be edited, saved or closed.
What the generations' objects are made of is `Objects`' business.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.qt.host import MergeSummary
from sleap_remote_plugin.qt.loads import LoadMode
from sleap_remote_plugin.sleap_host.match import track_places
from sleap_remote_plugin.sleap_host.objects import Objects
from sleap_remote_plugin.sleap_host.tables import Tables
from sleap_remote_plugin.sleap_host.undo import MergeStep, undo
from sleap_remote_plugin.words import tr

#: Instances that are made at once: one or two milliseconds.
SLICE = 256
#: Frames that are planned at once: one or two milliseconds.
_PLANNED = 512
_TRIES = 5
_NOTHING: Tuple[Any, List[Any]] = (None, [])

_TIED = tr(
    "This load would replace predictions that a session of several cameras in this "
    "project is made of, and SLEAP could not save the project any more. Nothing was "
    "loaded. Choose to add the predictions, or take them out of the session first."
)

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
    had: List[Any]  # the frame's own list
    old: List[Any]  # what was in it
    now: List[Any]
    removed: int
    added: int

    def holds(self) -> bool:
        """Whether the frame is as it was when planned."""
        had = self.frame.instances
        return had is self.had and had == self.old


class Merge:
    """One load: `slices` makes and plans it all, then `commit` changes the project."""

    def __init__(self, labels: Any, objects: Objects, mode: LoadMode) -> None:
        self.labels = labels
        self.objects = objects
        self.mode = mode
        self._new: Dict[Key, Tuple[Any, List[Any]]] = {}
        self._frames: Dict[Key, Any] = {}  # new ones
        self._known: Set[Key] = set()  # the project's
        self._due: List[_Plan] = []  # in the project's order
        self._step = MergeStep(labels)
        self._added = self._removed = 0  # instances
        self._pool: List[Any] = []  # the project's tracks, and new ones
        self._used: Set[int] = set()  # ids of those that an instance has
        self._tied: Set[int] = set()  # ids of what must stay

    def slices(self, fit: Any) -> Iterator[Tuple[int, int]]:
        """Make and plan everything; yields (done, total) often.

        They are equal once, at the end: what is left to do then is not sliced.

        Parameters
        ----------
        fit : callable
            Makes the `Fit` of each file to the project as it is then. It is called
            again where videos, skeletons or tracks were changed meanwhile.
        """
        for _ in range(_TRIES):
            before = _lists_of(self.labels)
            for done, total in self._one_try(fit):
                yield done, total
                # Tracks may be many: they are looked at in the end.
                if _made_with(self.labels) != before[:2]:
                    break
            else:
                if _lists_of(self.labels) == before:
                    return
        raise RemoteError(
            tr(
                "The project's videos, skeleton or tracks were changed again and again "
                "while the predictions were loaded. Nothing was loaded; load them "
                "again."
            )
        )

    def _one_try(self, fit: Any) -> Iterator[Tuple[int, int]]:
        self._begin()
        fits = list(fit())
        total = sum(one.tables.instances for one in fits)
        done = 0
        for one in fits:
            for count in self._make(one, self._tracks_for(one.tables)):
                done += count
                yield min(done, total - 1), total
        for _ in self._prepare():
            yield max(total - 1, 0), total
        yield total, total

    def _begin(self) -> None:
        self._new, self._frames = {}, {}
        self._used.clear()
        self._pool = list(self.labels.tracks)
        self._known = {
            (id(frame.video), frame.frame_idx) for frame in self.labels.labeled_frames
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
        if key not in self._known:
            self._frames[key] = self.objects.new_frame(video, number, instances)

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

    # -- what the step will be ----------------------------------------------------

    def _prepare(self) -> Iterator[None]:
        """Plan every frame as the project is now; yields often."""
        step = MergeStep(self.labels, order=list(self.labels.labeled_frames))
        self._tied = self.objects.tied(self.labels)
        self._step, self._due = step, []
        self._added = self._removed = 0
        left = dict(self._new)
        for place, frame in enumerate(step.order, 1):
            key = (id(frame.video), frame.frame_idx)
            if key in self._new or self.mode is LoadMode.CLEAR:
                _, new = left.pop(key, _NOTHING)
                plan = self._plan(frame, new)
                if self._tied:
                    self._check_ties(plan)
                self._note(plan)
                self.objects.join(frame, new)
            if not place % _PLANNED:
                yield
        for place, (key, (video, new)) in enumerate(left.items(), 1):
            added = self._frames.get(key)
            if added is None:  # it was in the project when this load began
                added = self.objects.new_frame(video, key[1], new)
            step.added_frames.append((added, list(new)))
            self._added += len(new)
            if not place % _PLANNED:
                yield

    def _plan(self, frame: Any, new: List[Any]) -> _Plan:
        had, objects = frame.instances, self.objects
        old = list(had)
        kept = [instance for instance in old if not objects.is_predicted(instance)]
        if self.mode is LoadMode.ADD:
            there = [instance for instance in old if objects.is_predicted(instance)]
            kept = old
            # Loaded before, to the last bit: not added a second time.
            new = [i for i in new if not any(objects.same_place(i, t) for t in there)]
        return _Plan(frame, had, old, kept + new, len(old) - len(kept), len(new))

    def _check_ties(self, plan: _Plan) -> None:
        kept = set(map(id, plan.now))
        gone = [one for one in plan.old if id(one) not in kept]
        if not plan.now and not self.objects.has_more(plan.frame):
            gone.append(plan.frame)
        if not self._tied.isdisjoint(map(id, gone)):
            raise RemoteError(_TIED)

    def _note(self, plan: _Plan) -> None:
        self._due.append(plan)
        self._added += plan.added
        self._removed += plan.removed
        if not plan.now and not self.objects.has_more(plan.frame):
            if plan.removed:  # an empty frame that was there before stays
                self._step.removed_frames.append((plan.frame, plan.had))
        elif plan.removed or plan.added:
            self._step.changed.append((plan.frame, plan.had, list(plan.now)))

    def _is_as_planned(self) -> bool:
        frames, order = self.labels.labeled_frames, self._step.order
        return (
            len(frames) == len(order)
            and all(map(operator.is_, frames, order))
            and all(plan.holds() for plan in self._due)
        )

    # -- the one step -------------------------------------------------------------

    def commit(self) -> Tuple[MergeStep, MergeSummary]:
        """Change the project; all of it, or, where that fails, nothing."""
        if not self._is_as_planned():  # the user has done something meanwhile
            for _ in self._prepare():
                pass
        step = self._step
        try:
            self._change(step)
            self.objects.refresh(self.labels)
        except Exception:
            undo(step, self.objects)
            raise
        return step, MergeSummary(len(self._new), self._added, self._removed)

    def _change(self, step: MergeStep) -> None:
        labels, put = self.labels, self.objects.put
        gone = {id(frame) for frame, _ in step.removed_frames}
        for plan in self._due:
            if (plan.removed or plan.added) and id(plan.frame) not in gone:
                put(plan.frame, plan.now)
        frames = step.order
        if gone:
            frames = [frame for frame in frames if id(frame) not in gone]
        labels.labeled_frames[:] = frames + [frame for frame, _ in step.added_frames]
        known = {id(track) for track in labels.tracks}
        ours = [track for track in self._pool if id(track) in self._used]
        step.added_tracks = [track for track in ours if id(track) not in known]
        labels.tracks.extend(step.added_tracks)


def _made_with(labels: Any) -> Tuple[Any, Any]:
    """What instances are made with; equal as long as none of it was changed."""
    return (
        [id(video) for video in labels.videos],
        [(id(one), list(one.node_names)) for one in labels.skeletons],
    )


def _lists_of(labels: Any) -> Tuple[Any, Any, Any]:
    """All that a fit rests on."""
    return (*_made_with(labels), [(id(one), one.name) for one in labels.tracks])
