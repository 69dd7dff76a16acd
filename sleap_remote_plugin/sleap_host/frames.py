"""Which frames SLEAP's inference dialog means, as `jobs.prediction` writes them."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, Optional, Sequence, Tuple


def decode(frames: Sequence[int]) -> Tuple[List[int], Optional[Tuple[int, int]]]:
    """SLEAP's ``(first, -end)`` or list of frames, as (list, (first, last))."""
    if len(frames) == 2 and frames[1] < 0:
        return [], (frames[0], -frames[1] - 1)
    if tuple(frames) == (0, 0) and isinstance(frames, tuple):
        return [], None
    return sorted({int(frame) for frame in frames}), None


def write(frames: Sequence[int], length: int, without: Iterable[int] = ()) -> str:
    """Frames as SLEAP's commands want them.

    Parameters
    ----------
    frames : sequence of int
        As SLEAP's dialogs have them; not empty.
    length : int
        Of the video; 0 if not known.
    without : iterable of int
        Frames to leave out of a list; a range stays whole.

    Returns
    -------
    str
        ``"5-9"``, ``"1,5,9"``, or ``""`` for the whole video.

    Raises
    ------
    ValueError
        Nothing is left.
    """
    chosen, span = decode(frames)
    if span is None:
        chosen = sorted(set(chosen) - set(without))
        if not chosen:
            raise ValueError("no frames")
        if chosen[-1] - chosen[0] + 1 > len(chosen):
            return ",".join(str(frame) for frame in chosen)
        span = (chosen[0], chosen[-1])
    first, last = span
    if first == 0 and length and last >= length - 1:
        return ""
    return str(first) if first == last else "{}-{}".format(first, last)


def is_gapless(text: str) -> bool:
    """Whether frames written by `write` follow one another, as trackers need."""
    return "," not in text


_KALMAN = "tracking.kf_init_frame_count"


def tracking_options(form: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """The tracking options among the fields of SLEAP's form; none without a tracker."""
    tracker = str(form.get("tracking.tracker") or "none")
    if tracker.lower() == "none":
        return ()
    found = [("tracking.tracker", tracker)]
    for key, value in sorted(form.items()):
        # 1.6 keeps one field for each tracker beside the one that counts.
        if not key.startswith("tracking.") or key.count(".") > 1:
            continue
        if key == "tracking.tracker" or key.endswith("_disabled"):
            continue
        if key == "tracking.kf_node_indices" and not form.get(_KALMAN):
            continue
        if value is None or value == "":
            continue
        found.append((key, str(int(value) if isinstance(value, bool) else value)))
    return tuple(found)


#: Our name -> the fields of 1.3-1.4's and of 1.5+'s forms.
_OPTIONS = {
    "max_instances": ("max_instances", "_max_instances"),
    "batch_size": ("batch_size", "_batch_size"),
    "peak_threshold": ("peak_threshold", "_peak_threshold"),
}
_OVERLAP = ("filter_overlapping_method", "filter_overlapping_threshold")


def inference_options(form: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """The other inference options of SLEAP's form that are not at their default."""
    found = []
    for name, keys in _OPTIONS.items():
        values = [form[key] for key in keys if form.get(key) not in (None, "")]
        if values:
            found.append((name, str(values[0])))
    if form.get("filter_overlapping"):
        found.append(("filter_overlapping", ""))
        found += [(key, str(form[key])) for key in _OVERLAP if form.get(key)]
    return tuple(found)
