"""SLEAP's tracking options, as arguments for the version that the cluster has.

Which options and which of their words a version has was read from its recorded
``--help`` (tests/data/sleap_help). The rest of the command is in sleap_cli.py.
"""

from __future__ import annotations

import re
from typing import Dict, List, Sequence, Set, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.sleap_version import (
    SleapVersion,
    lacking,
    sleap_version,
)
from sleap_remote_plugin.words import tr

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
_LEGACY_SINCE = {
    "1.3.2": {"max_tracks", "max_tracking"},
    "1.4.1": {"oks_errors", "oks_score_weighting", "oks_normalization"},
}
_LEGACY_SIMILARITY = ("instance", "centroid", "iou")
_LEGACY_SIMILARITY_SINCE = {"1.4.1": ("normalized_instance", "object_keypoint")}
_MATCH = ("hungarian", "greedy")

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


def trackers(version: str) -> Tuple[str, ...]:
    """Trackers that a SLEAP version has, without ``none``."""
    sleap = sleap_version(version)
    if sleap.is_at_least("1.3.2"):
        return ("simple", "flow", "simplemaxtracks", "flowmaxtracks")
    return ("simple", "flow")


def tracking_of(given: Sequence[Tuple[str, str]]) -> Dict[str, str]:
    """Options by name without ``tracking.``; empty where nothing is tracked.

    Raises
    ------
    RemoteError
        A value is none that any version takes.
    """
    found = {}
    for name, value in given:
        name = re.sub(r"^-*(tracking\.)?", "", str(name))
        value = {"True": "1", "False": "0"}.get(str(value), str(value)).strip()
        # The dialogs say "object keypoint" and take "0, 1, 2".
        value = re.sub(r"\s*,\s*", ",", value)
        value = value.replace(" ", "_") if name == "similarity" else value
        if not re.fullmatch(r"[\w.,+-]*", value):
            raise RemoteError(
                tr(
                    "The tracking option {} has the value {!r}, which no version of "
                    "SLEAP takes. Choose another in the dialog."
                ).format(name, value)
            )
        found[name] = value
    if found.get("tracker", "") in _NO_TRACKER:
        return {}
    return {name: value for name, value in found.items() if value not in _NO_TRACKER}


def tracking_argv(
    options: Dict[str, str], sleap: SleapVersion, max_instances: str = ""
) -> List[str]:
    """Arguments for options of `tracking_of`.

    Parameters
    ----------
    max_instances : str
        The number of animals, where the prediction is limited to it.

    Raises
    ------
    RemoteError
        The version lacks an option, or cannot do without another.
    """
    if not options:
        return []
    _check_word("tracker", options["tracker"], trackers(sleap.text), sleap)
    if "match" in options:
        _check_word("match", options["match"], _MATCH, sleap)
    if sleap.generation is Generation.LEGACY:
        return _legacy(dict(options), sleap)
    return _current(options, sleap, max_instances)


def _check_word(
    name: str, value: str, known: Sequence[str], sleap: SleapVersion
) -> None:
    if value not in known:
        raise lacking(sleap, "{} {}".format(name, value), ", ".join(known))


# -- up to 1.4 ---------------------------------------------------------------------


def _legacy(options: Dict[str, str], sleap: SleapVersion) -> List[str]:
    known = _legacy_options(sleap)
    for name in options:
        if name not in known:
            raise lacking(
                sleap, tr("option tracking.{}").format(name), ", ".join(sorted(known))
            )
    if "similarity" in options:
        words = list(_LEGACY_SIMILARITY)
        for since, more in _LEGACY_SIMILARITY_SINCE.items():
            words += more if sleap.is_at_least(since) else ()
        _check_word("similarity", options["similarity"], words, sleap)
    if options.get("max_tracks"):  # as SLEAP's own runner says it
        options["max_tracking"] = "1"
        if not options["tracker"].endswith("maxtracks"):
            options["tracker"] += "maxtracks"
    found: List[str] = []
    for name, value in options.items():
        found += ["--tracking." + name, value]
    return found


def _legacy_options(sleap: SleapVersion) -> Set[str]:
    known = set(_LEGACY_OPTIONS)
    for since, more in _LEGACY_SINCE.items():
        known |= more if sleap.is_at_least(since) else set()
    return known


# -- 1.5 and newer -----------------------------------------------------------------


def _current(
    options: Dict[str, str], sleap: SleapVersion, max_instances: str
) -> List[str]:
    """As SLEAP's own runner translates its form into sleap-nn's options."""
    found = ["--tracking"]
    found += ["--use_flow"] if "flow" in options["tracker"] else []
    similarity = options.get("similarity", "instance")
    _check_word("similarity", similarity, sorted(_CURRENT_SIMILARITY), sleap)
    found += _CURRENT_SIMILARITY[similarity]
    found += _robust(options.get("robust", "1"))
    most = options.get("max_tracks", "")
    if most:
        found += ["--candidates_method", "local_queues", "--max_tracks", most]
    if options.get("post_connect_single_breaks", "0") not in ("0", "0.0"):
        found += ["--post_connect_single_breaks"]
        found += _count_for_breaks(options, most or max_instances)
    for name, value in options.items():
        if name in _CURRENT_OPTIONS:
            found += ["--" + _CURRENT_OPTIONS[name], value]
        elif name not in _CURRENT_SPECIAL:
            has = ", ".join(sorted(set(_CURRENT_OPTIONS) | _CURRENT_SPECIAL))
            raise lacking(sleap, tr("option tracking.{}").format(name), has)
    return found


def _robust(quantile: str) -> List[str]:
    if quantile in ("1", "1.0"):
        return ["--scoring_reduction", "max"]
    return [
        "--scoring_reduction",
        "robust_quantile",
        "--robust_best_instance",
        quantile,
    ]


def _count_for_breaks(options: Dict[str, str], most: str) -> List[str]:
    """The number of animals, without which track breaks cannot be connected."""
    if "target_instance_count" in options:
        return []
    if not most:
        raise RemoteError(
            tr(
                "Connecting single track breaks needs the number of animals. Nothing "
                "was submitted; set Max Number of Tracks in SLEAP's dialog, or untick "
                "Connect Single Track Breaks."
            )
        )
    return ["--tracking_target_instance_count", most]
