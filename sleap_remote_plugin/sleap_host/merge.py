"""Put predictions into the open project, and take them back; user labels stay.

Done by us, not by SLEAP: 1.3 and 1.4 lose predictions when the same file is loaded
twice, 1.6 doubles them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple

from sleap_remote_plugin.qt.host import MergeSummary


@dataclass(frozen=True)
class LoadedFrame:
    """Predicted instances for one frame; all objects in it are the project's."""

    video: Any
    frame_idx: int
    instances: Tuple[Any, ...]


@dataclass(frozen=True)
class LoadedPredictions:
    """A predictions file, made to fit the project whose `labels` these are."""

    labels: Any
    frames: Tuple[LoadedFrame, ...] = ()

    @property
    def instances(self) -> int:
        return sum(len(frame.instances) for frame in self.frames)


@dataclass
class MergeStep:
    """What one merge changed: enough to take it back."""

    labels: Any
    before: List[Tuple[Any, List[Any]]] = field(default_factory=list)
    added_frames: List[Any] = field(default_factory=list)
    added_tracks: List[Any] = field(default_factory=list)


def merge(
    loaded: LoadedPredictions,
    is_predicted: Callable[[Any], bool],
    new_frame: Callable[..., Any],
) -> Tuple[MergeStep, MergeSummary]:
    """Replace the predictions on the loaded frames, in place.

    Parameters
    ----------
    is_predicted : callable
        Whether an instance is a predicted one.
    new_frame : callable
        SLEAP's ``LabeledFrame``.
    """
    step = MergeStep(loaded.labels)
    try:
        replaced = _merge(loaded, step, is_predicted, new_frame)
    except Exception:
        undo(step, is_predicted)
        raise
    return step, MergeSummary(len(loaded.frames), loaded.instances, replaced)


def _merge(
    loaded: LoadedPredictions,
    step: MergeStep,
    is_predicted: Callable[[Any], bool],
    new_frame: Callable[..., Any],
) -> int:
    """Note each change in `step`, and return how many predictions were replaced."""
    labels = loaded.labels
    known = _frames_of(labels)
    tracks = {track.name: track for track in reversed(labels.tracks)}
    replaced = 0
    for frame in loaded.frames:
        for instance in frame.instances:
            _adopt_track(instance, tracks, step)
        there = known.get((id(frame.video), frame.frame_idx))
        if there is None:
            there = new_frame(
                video=frame.video,
                frame_idx=frame.frame_idx,
                instances=list(frame.instances),
            )
            known[(id(frame.video), frame.frame_idx)] = there
            step.added_frames.append(there)
            continue
        old = list(there.instances)
        kept = [instance for instance in old if not is_predicted(instance)]
        replaced += len(old) - len(kept)
        step.before.append((there, old))
        there.instances = kept + list(frame.instances)
    labels.tracks.extend(step.added_tracks)
    labels.labeled_frames.extend(step.added_frames)
    return replaced


def undo(step: MergeStep, is_predicted: Callable[[Any], bool]) -> None:
    """Restore the predictions as they were; what the user did since then stays."""
    labels = step.labels
    there = {id(frame) for frame in labels.labeled_frames}
    for frame, old in reversed(step.before):
        if id(frame) not in there:
            continue
        now = [instance for instance in frame.instances if not is_predicted(instance)]
        was = [instance for instance in old if not is_predicted(instance)]
        if [id(i) for i in now] == [id(i) for i in was]:
            frame.instances = old
        else:
            frame.instances = now + [i for i in old if is_predicted(i)]
    gone = set()
    for frame in step.added_frames:
        frame.instances = [i for i in frame.instances if not is_predicted(i)]
        if not frame.instances:
            gone.add(id(frame))
    labels.labeled_frames[:] = [f for f in labels.labeled_frames if id(f) not in gone]
    _drop_tracks(labels, step.added_tracks)


def _frames_of(labels: Any) -> Dict[Tuple[int, int], Any]:
    found: Dict[Tuple[int, int], Any] = {}
    for frame in labels.labeled_frames:
        found.setdefault((id(frame.video), frame.frame_idx), frame)
    return found


def _adopt_track(instance: Any, tracks: Dict[str, Any], step: MergeStep) -> None:
    track: Optional[Any] = instance.track
    if track is None:
        return
    if track.name not in tracks:
        tracks[track.name] = track
        step.added_tracks.append(track)
    instance.track = tracks[track.name]


def _drop_tracks(labels: Any, tracks: List[Any]) -> None:
    used = {id(i.track) for frame in labels.labeled_frames for i in frame.instances}
    gone = {id(track) for track in tracks} - used
    labels.tracks[:] = [track for track in labels.tracks if id(track) not in gone]
