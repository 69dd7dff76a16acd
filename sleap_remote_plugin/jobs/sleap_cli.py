"""SLEAP's own commands, as argument lists for the version that the cluster has.

Lists, never shell lines: quoting for the shell is slurm/script.py's business. Which
options a version has was read from its recorded ``--help`` (tests/data/sleap_help).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

from packaging.version import Version

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.jobs.package import ModelSpec

_NO_TRACKER = ("", "none", "None")

# What SLEAP up to 1.4 calls its tracking options, without ``tracking.``.
_LEGACY_OPTIONS = {
    "tracker",
    "target_instance_count",
    "pre_cull_to_target",
    "pre_cull_iou_threshold",
    "post_connect_single_breaks",
    "clean_instance_count",
    "clean_iou_threshold",
    "similarity",
    "match",
    "robust",
    "track_window",
    "min_new_track_points",
    "min_match_points",
    "img_scale",
    "of_window_size",
    "of_max_levels",
    "save_shifted_instances",
    "kf_node_indices",
    "kf_init_frame_count",
}
_LEGACY_SINCE_1_3_2 = {"max_tracks", "max_tracking"}

# Legacy name -> the option of SLEAP 1.5 and newer that takes the same value.
_CURRENT_OPTIONS = {
    "match": "track_matching_method",
    "track_window": "tracking_window_size",
    "min_new_track_points": "min_new_track_points",
    "min_match_points": "min_match_points",
    "img_scale": "of_img_scale",
    "of_window_size": "of_window_size",
    "of_max_levels": "of_max_levels",
    "target_instance_count": "tracking_target_instance_count",
    "pre_cull_to_target": "tracking_pre_cull_to_target",
    "pre_cull_iou_threshold": "tracking_pre_cull_iou_threshold",
    "clean_instance_count": "tracking_clean_instance_count",
    "clean_iou_threshold": "tracking_clean_iou_threshold",
}
_CURRENT_SIMILARITY = {
    "instance": (),
    "oks": (),
    "object_keypoint": (),
    "centroid": ("--features", "centroids", "--scoring_method", "euclidean_dist"),
    "centroids": ("--features", "centroids", "--scoring_method", "euclidean_dist"),
    "iou": ("--features", "bboxes", "--scoring_method", "iou"),
}
_CURRENT_SPECIAL = {
    "tracker",
    "similarity",
    "robust",
    "max_tracks",
    "max_tracking",
    "post_connect_single_breaks",
}


@dataclass(frozen=True)
class _Sleap:
    """A SLEAP version and what follows from it."""

    text: str
    version: Version
    generation: Generation


def trackers(version: str) -> Tuple[str, ...]:
    """Trackers that a SLEAP version has, without ``none``."""
    sleap = _sleap(version)
    if sleap.generation is Generation.CURRENT:
        return ("simple", "flow", "simplemaxtracks", "flowmaxtracks")
    if sleap.version >= Version("1.3.2"):
        return ("simple", "flow", "simplemaxtracks", "flowmaxtracks")
    return ("simple", "flow")


def train_argv(model: ModelSpec, version: str) -> Tuple[str, ...]:
    """The command that trains one model; run it in the package's folder.

    Parameters
    ----------
    model : ModelSpec
        The run lands in its `run_path`.
    version : str
        SLEAP's version on the cluster.

    Raises
    ------
    RemoteError
        The version is not known, or a name cannot be handed to it.
    """
    sleap = _sleap(version)
    if sleap.generation is Generation.LEGACY:
        # Without a GPU, --first-gpu falls back to the CPU by itself; the default
        # of these versions picks by free memory over *all* cards of the node.
        return ("sleap-train", "--first-gpu", model.config, model.labels)
    folder, _, run_name = model.run_path.rpartition("/")
    program = ("sleap", "train")
    if sleap.version < Version("1.6.0.dev0"):
        program = ("sleap-nn", "train")
    return program + (
        "--config-name",
        model.config,
        "--config-dir",
        ".",
        "trainer_config.ckpt_dir=" + hydra_quoted(folder or "."),
        "trainer_config.run_name=" + hydra_quoted(run_name),
    )


def predict_argv(
    models: Sequence[str],
    video: str,
    output: str,
    *,
    version: str,
    frames: str = "",
    tracking: Sequence[Tuple[str, str]] = (),
    dataset: str = "",
    options: Sequence[Tuple[str, str]] = (),
) -> Tuple[str, ...]:
    """The command that predicts on one video.

    Parameters
    ----------
    models : sequence of str
        Run folders as the cluster spells them, centroid first.
    video, output : str
        Cluster paths. SLEAP stores `video` in `output` exactly as given.
    frames : str
        ``"0-99"``, ``"1,5,9"`` or a mixture (0-based, inclusive); empty for all.
    tracking : sequence of (str, str)
        By SLEAP's own names: ``("tracking.tracker", "simple")``. Without a tracker
        (or with ``none``) nothing is tracked.
    options : sequence of (str, str)
        As `PredictionRequest.options` has them.

    Raises
    ------
    RemoteError
        The version lacks an option, or tracking was asked for on scattered frames.
    """
    sleap = _sleap(version)
    tracker = _tracking_options(tracking)
    spelled = _frames(frames, contiguous=bool(tracker))
    if sleap.generation is Generation.LEGACY:
        found = ["sleap-track", _path(video)]
        found += ["--video.dataset", dataset] if dataset else []
        found += ["--frames", spelled] if spelled else []
        for model in models:
            found += ["-m", _path(model)]
        found += _legacy_tracking(tracker, sleap)
        found += _inference_options(options, sleap)
        found += ["--first-gpu", "--verbosity", "json", "--no-empty-frames"]
        return tuple(found + ["-o", _path(output)])
    found = _current_program(sleap) + ["--data_path", _path(video)]
    found += ["--video_dataset", dataset] if dataset else []
    found += ["--frames", spelled] if spelled else []
    for model in models:
        found += ["--model_paths", _path(model)]
    found += _current_tracking(tracker, sleap)
    found += _inference_options(options, sleap)
    return tuple(found + ["-o", _path(output)])


#: Inference options and what their values look like; the lower three since 1.5.
_COUNT, _FRACTION = r"[1-9]\d{0,6}", r"\d?\.?\d+"
_INFERENCE = {
    "max_instances": _COUNT,
    "batch_size": _COUNT,
    "peak_threshold": _FRACTION,
    "filter_overlapping": "",
    "filter_overlapping_method": "iou|oks",
    "filter_overlapping_threshold": _FRACTION,
}
_LEGACY_INFERENCE = ("max_instances", "batch_size", "peak_threshold")


def _inference_options(options: Sequence[Tuple[str, str]], sleap: _Sleap) -> List[str]:
    found: List[str] = []
    legacy = sleap.generation is Generation.LEGACY
    for name, value in options:
        if name not in (_LEGACY_INFERENCE if legacy else _INFERENCE):
            raise RemoteError(
                "SLEAP {} on the cluster has no option {}. Nothing was submitted; "
                "leave it at its default in SLEAP's dialog.".format(sleap.text, name)
            )
        if not re.fullmatch(_INFERENCE[name], value):
            raise RemoteError(
                "{!r} is no value of {}. Nothing was submitted; change it in SLEAP's "
                "dialog.".format(value, name)
            )
        found += ["--" + name] + ([value] if value else [])
    return found


def hydra_quoted(text: str) -> str:
    """Text as a quoted value of Hydra's override grammar.

    Raises
    ------
    RemoteError
        The text has what Hydra would replace or cannot hold.
    """
    if "${" in text or re.search(r"[\x00-\x1f\x7f]", text):
        raise RemoteError(
            "The name {!r} cannot be used for a training run: it has `${{` or a "
            "control character. Nothing was submitted; choose another run name in "
            "SLEAP's training dialog.".format(text)
        )
    # In Hydra's quotes a backslash is only special before a quote (or at the end).
    escaped = re.sub(r'(\\*)"', lambda m: m.group(1) * 2 + '\\"', text)
    escaped = re.sub(r"(\\+)$", lambda m: m.group(1) * 2, escaped)
    return '"{}"'.format(escaped)


def _sleap(version: str) -> _Sleap:
    generation = generation_of_version(version)
    if generation is None:
        raise RemoteError(
            "It is not known which SLEAP the chosen module loads, so no command can "
            "be written for it. Nothing was submitted; give the module's `sleap:` "
            "version in the cluster profile."
        )
    return _Sleap(version, Version(version), generation)


def _path(text: str) -> str:
    """A path that no program takes for an option."""
    if not text or re.search(r"[\x00\r\n]", text):
        raise RemoteError(
            "The path {!r} is empty or has a line break, which the cluster's programs "
            "cannot take. Nothing was submitted; rename it.".format(text)
        )
    return "./" + text if text.startswith("-") else text


def _frames(text: str, contiguous: bool) -> str:
    """The frames as all versions read them: one range, or single frames."""
    cleaned = re.sub(r"\s+", "", text)
    if not cleaned:
        return ""
    if not re.fullmatch(r"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*", cleaned):
        raise RemoteError(
            "The frames {!r} are not understood. Write a range such as 0-99 or single "
            "frames such as 1,5,9.".format(text)
        )
    ranges = [_range(part) for part in cleaned.split(",")]
    if len(ranges) == 1:
        return "{}-{}".format(*ranges[0])
    if contiguous:
        raise RemoteError(
            "Tracking needs frames that follow each other, but single frames were "
            "asked for. Choose one range, or predict without tracking."
        )
    if sum(last - first + 1 for first, last in ranges) > 10000:
        raise RemoteError(
            "More than 10,000 single frames were asked for. Choose one range."
        )
    single = {i for first, last in ranges for i in range(first, last + 1)}
    return ",".join(str(i) for i in sorted(single))


def _range(part: str) -> Tuple[int, int]:
    first, _, last = part.partition("-")
    low, high = int(first), int(last or first)
    if high < low:
        raise RemoteError("The frames {} end before they begin.".format(part))
    return low, high


# -- tracking ----------------------------------------------------------------------


def _tracking_options(tracking: Sequence[Tuple[str, str]]) -> Dict[str, str]:
    """Options without ``tracking.``; empty where nothing is tracked."""
    found = {}
    for name, value in tracking:
        name = re.sub(r"^-*(tracking\.)?", "", str(name))
        value = {"True": "1", "False": "0"}.get(str(value), str(value))
        if not re.fullmatch(r"[\w.,+-]*", value):
            raise RemoteError(
                "The tracking option {} has the value {!r}, which no version of "
                "SLEAP takes. Choose another in the dialog.".format(name, value)
            )
        found[name] = value
    if found.get("tracker", "") in _NO_TRACKER:
        return {}
    return {name: value for name, value in found.items() if value not in _NO_TRACKER}


def _lacking(sleap: _Sleap, what: str, has: str) -> RemoteError:
    return RemoteError(
        "SLEAP {} on the cluster has no {}; it has {}. Nothing was submitted; choose "
        "another, or another SLEAP module.".format(sleap.text, what, has)
    )


def _check_tracker(name: str, sleap: _Sleap) -> None:
    known = trackers(sleap.text)
    if name not in known:
        raise _lacking(sleap, "tracker {}".format(name), ", ".join(known))


def _legacy_tracking(options: Dict[str, str], sleap: _Sleap) -> List[str]:
    if not options:
        return []
    _check_tracker(options["tracker"], sleap)
    known = set(_LEGACY_OPTIONS)
    if sleap.version >= Version("1.3.2"):
        known |= _LEGACY_SINCE_1_3_2
    found: List[str] = []
    for name, value in options.items():
        if name not in known:
            raise _lacking(
                sleap, "option tracking.{}".format(name), ", ".join(sorted(known))
            )
        found += ["--tracking." + name, value]
    return found


def _current_program(sleap: _Sleap) -> List[str]:
    if sleap.version < Version("1.6.0.dev0"):
        return ["sleap-nn", "track"]
    if sleap.version < Version("1.6.6.dev0"):
        # `sleap predict` for videos is younger; `sleap track` is in all of 1.6.
        return ["sleap", "track", "--gui"]
    return ["sleap", "predict", "--gui", "--no_empty_frames"]


def _current_tracking(options: Dict[str, str], sleap: _Sleap) -> List[str]:
    """As SLEAP's own runner translates its form into sleap-nn's options."""
    if not options:
        return []
    _check_tracker(options["tracker"], sleap)
    found = ["--tracking"]
    found += ["--use_flow"] if "flow" in options["tracker"] else []
    similarity = options.get("similarity", "instance")
    if similarity not in _CURRENT_SIMILARITY:
        raise _lacking(
            sleap, "similarity " + similarity, ", ".join(sorted(_CURRENT_SIMILARITY))
        )
    found += _CURRENT_SIMILARITY[similarity]
    robust = options.get("robust", "1")
    if robust in ("1", "1.0"):
        found += ["--scoring_reduction", "max"]
    else:
        found += ["--scoring_reduction", "robust_quantile"]
        found += ["--robust_best_instance", robust]
    most = options.get("max_tracks", "")
    if most:
        found += ["--candidates_method", "local_queues", "--max_tracks", most]
    if options.get("post_connect_single_breaks", "0") not in ("0", "0.0"):
        found += ["--post_connect_single_breaks"]
        if most and "target_instance_count" not in options:
            found += ["--tracking_target_instance_count", most]
    for name, value in options.items():
        if name in _CURRENT_OPTIONS:
            found += ["--" + _CURRENT_OPTIONS[name], value]
        elif name not in _CURRENT_SPECIAL:
            has = ", ".join(sorted(set(_CURRENT_OPTIONS) | _CURRENT_SPECIAL))
            raise _lacking(sleap, "option tracking.{}".format(name), has)
    return found
