"""Which frames SLEAP's inference dialog means, as `jobs.prediction` writes them."""

from __future__ import annotations

from typing import Any, Mapping, Sequence, Tuple

from sleap_remote_plugin.jobs.frames import Span, spans_of, write_frames


def spans_chosen(frames: Sequence[int]) -> Tuple[Span, ...]:
    """Frames as SLEAP's dialogs have them: ``(first, -end)``, or a list of them."""
    if len(frames) == 2 and frames[1] < 0:
        return ((int(frames[0]), -int(frames[1]) - 1),)
    if isinstance(frames, tuple) and tuple(frames) == (0, 0):  # no clip is selected
        return ()
    return spans_of(int(frame) for frame in frames)


def frames_text(spans: Sequence[Span], length: int) -> str:
    """Text of frames that are in a video of `length` (0: not known); "" for all."""
    whole = len(spans) == 1 and spans[0][0] == 0
    if whole and length and spans[0][1] >= length - 1:
        return ""
    return write_frames(spans)


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
#: What 1.4's form has where nobody chose: the command's own.
_DEFAULTS = {"batch_size": 4}
_OVERLAP = ("filter_overlapping_method", "filter_overlapping_threshold")


def inference_options(form: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """The other inference options of SLEAP's form that are not at their default."""
    found = []
    for name, keys in _OPTIONS.items():
        given = [key for key in keys if form.get(key) not in (None, "")]
        values = [form[key] for key in given if form[key] != _DEFAULTS.get(key)]
        if values:
            found.append((name, str(values[0])))
    if form.get("filter_overlapping"):
        found.append(("filter_overlapping", ""))
        found += [(key, str(form[key])) for key in _OVERLAP if form.get(key)]
    return tuple(found)
