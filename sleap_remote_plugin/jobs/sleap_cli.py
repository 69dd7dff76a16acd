"""SLEAP's own commands, as argument lists for the version that the cluster has.

Lists, never shell lines: quoting for the shell is slurm/script.py's business. Which
options a version has was read from its recorded ``--help`` (tests/data/sleap_help).
Tracking is in tracking_cli.py.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.frames import Span, count_of, numbers_of, read_frames
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.package import ModelSpec
from sleap_remote_plugin.jobs.sleap_version import (
    SleapVersion,
    lacking,
    sleap_version,
)
from sleap_remote_plugin.jobs.tracking_cli import tracking_argv, tracking_of
from sleap_remote_plugin.words import tr

#: Characters of one argument; Linux takes 131,071 bytes of one.
LONGEST_ARGUMENT = 100_000


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
    sleap = sleap_version(version)
    if sleap.generation is Generation.LEGACY:
        # Without a GPU, --first-gpu falls back to the CPU by itself; the default
        # of these versions picks by free memory over *all* cards of the node.
        return ("sleap-train", "--first-gpu", model.config, model.labels)
    folder, _, run_name = model.run_path.rpartition("/")
    program = ("sleap", "train")
    if not sleap.is_at_least("1.6.0.dev0"):
        program = ("sleap-nn", "train")
    return program + (
        "--config-name",
        model.config,
        "--config-dir",
        ".",
        "trainer_config.ckpt_dir=" + hydra_quoted(folder or "."),
        "trainer_config.run_name=" + hydra_quoted(run_name),
    )


def fits_argument(spans: Sequence[Span]) -> bool:
    """Whether these frames can be said in one argument; else a file must say them."""
    if len(spans) <= 1:
        return True
    longest = len(str(spans[-1][1])) + 1
    return count_of(spans) * longest <= LONGEST_ARGUMENT


def predict_argv(
    models: Sequence[str],
    video: str,
    output: str,
    *,
    version: str,
    frames: str = "",
    tracking: Sequence[Tuple[str, str]] = (),
    dataset: str = "",
    input_format: str = "",
    options: Sequence[Tuple[str, str]] = (),
) -> Tuple[str, ...]:
    """The command that predicts on one video.

    Parameters
    ----------
    models : sequence of str
        Run folders as the cluster spells them, centroid first.
    video, output : str
        Cluster paths. SLEAP stores `video` in `output` exactly as given. Of a project
        (``.slp``) every labelled frame is predicted on; `frames` only says then
        whether they follow one another.
    frames : str
        ``"0-99"``, ``"1,5,9"`` or a mixture (0-based, inclusive); empty for all.
    tracking : sequence of (str, str)
        By SLEAP's own names: ``("tracking.tracker", "simple")``. Without a tracker
        (or with ``none``) nothing is tracked.
    dataset, input_format : str
        Of an HDF5 video.
    options : sequence of (str, str)
        As `PredictionRequest.options` has them.

    Raises
    ------
    RemoteError
        The version lacks an option, or tracking was asked for on scattered frames.
    """
    sleap = sleap_version(version)
    tracker = tracking_of(tracking)
    spelled = _frames(frames, contiguous=bool(tracker), named=video.endswith(".slp"))
    others = tracking_argv(tracker, sleap, dict(options).get("max_instances", ""))
    others += _inference_options(options, sleap)
    legacy = sleap.generation is Generation.LEGACY
    found = ["sleap-track"] if legacy else _current_program(sleap) + ["--data_path"]
    found += [_path(video)]
    dash = "--video." if legacy else "--video_"
    found += [dash + "dataset", dataset] if dataset else []
    found += [dash + "input_format", input_format] if input_format else []
    found += ["--frames", spelled] if spelled else []
    for model in models:
        found += ["-m" if legacy else "--model_paths", _path(model)]
    found += others
    if legacy:
        found += ["--first-gpu", "--verbosity", "json", "--no-empty-frames"]
    return tuple(found + ["-o", _path(output)])


def _current_program(sleap: SleapVersion) -> List[str]:
    if not sleap.is_at_least("1.6.0.dev0"):
        return ["sleap-nn", "track"]
    if not sleap.is_at_least("1.6.6.dev0"):
        # Until then `sleap predict` is for exported models only.
        return ["sleap", "track", "--gui"]
    return ["sleap", "predict", "--gui", "--no_empty_frames"]


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


def _inference_options(
    options: Sequence[Tuple[str, str]], sleap: SleapVersion
) -> List[str]:
    found: List[str] = []
    legacy = sleap.generation is Generation.LEGACY
    for name, value in options:
        if name not in (_LEGACY_INFERENCE if legacy else _INFERENCE):
            has = ", ".join(_LEGACY_INFERENCE if legacy else _INFERENCE)
            raise lacking(sleap, "option {}".format(name), has)
        if not re.fullmatch(_INFERENCE[name], value):
            raise RemoteError(
                tr(
                    "{!r} is no value of {}. Nothing was submitted; change it in "
                    "SLEAP's dialog."
                ).format(value, name)
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
            tr(
                "The name {!r} cannot be used for a training run: it has `${{` or a "
                "control character. Nothing was submitted; choose another run name in "
                "SLEAP's training dialog."
            ).format(text)
        )
    # In Hydra's quotes a backslash is only special before a quote (or at the end).
    escaped = re.sub(r'(\\*)"', lambda m: m.group(1) * 2 + '\\"', text)
    escaped = re.sub(r"(\\+)$", lambda m: m.group(1) * 2, escaped)
    return '"{}"'.format(escaped)


def _path(text: str) -> str:
    """A path that no program takes for an option."""
    if not text or re.search(r"[\x00\r\n]", text):
        raise RemoteError(
            tr(
                "The path {!r} is empty or has a line break, which the cluster's "
                "programs cannot take. Nothing was submitted; rename it."
            ).format(text)
        )
    return "./" + text if text.startswith("-") else text


def _frames(text: str, contiguous: bool, named: bool) -> str:
    """The frames as all versions read them: one range, or single frames."""
    spans = read_frames(text)
    if len(spans) > 1 and contiguous:
        raise RemoteError(
            tr(
                "Tracking needs frames that follow each other, but single frames were "
                "asked for. Nothing was submitted; choose one range, or predict "
                "without tracking."
            )
        )
    if not spans or named:
        return ""
    if len(spans) == 1:
        return "{}-{}".format(*spans[0])
    if not fits_argument(spans):
        raise RemoteError(
            tr(
                "{:,} single frames are more than a command line holds. Nothing was "
                "submitted; choose one range, or predict from SLEAP's dialog or on a "
                "project."
            ).format(count_of(spans))
        )
    return ",".join(str(number) for number in numbers_of(spans))
