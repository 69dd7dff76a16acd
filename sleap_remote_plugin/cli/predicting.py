"""``sleap-remote predict``: which videos, which frames, and with which options."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import re
import sys
from pathlib import Path
from typing import Any, List, Optional, Sequence, Tuple

from sleap_remote_plugin.cli.asking import asking
from sleap_remote_plugin.cli.copying import make_visible
from sleap_remote_plugin.errors import ProjectNotReady, RemoteError
from sleap_remote_plugin.jobs.frames import read_frames
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.prediction import (
    BadEnding,
    PredictionRequest,
    VideoInput,
)
from sleap_remote_plugin.jobs.reencode import reencode_line
from sleap_remote_plugin.session.plan import input_names
from sleap_remote_plugin.session.session import Session


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that are the prediction's own."""
    parser.add_argument(
        "input",
        nargs="+",
        help="a project, or videos, or folders of images, on the mount",
    )
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        metavar="RUN",
        help="a trained run's folder; once for each model, centroid first",
    )
    add_choices(parser)
    parser.add_argument("--dataset", default="", help="of HDF5 videos: the dataset")
    parser.add_argument(
        "--input-format",
        default="",
        choices=("channels_first", "channels_last"),
        help="of HDF5 videos: the order of the axes",
    )


def add_choices(parser: Any) -> None:
    """On which frames of a project's videos, and with which of SLEAP's options."""
    parser.add_argument(
        "--video",
        action="append",
        type=_positive,
        default=[],
        metavar="N",
        help="of the project's videos this one, from 1; may be repeated (default: all)",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--frames", default="", help="0-99, 1,5,9 or both, from 0 (default: all)"
    )
    which.add_argument(
        "--labelled", action="store_true", help="the frames that you labelled"
    )
    which.add_argument(
        "--suggested",
        action="store_true",
        help="the suggested frames that you have not labelled",
    )
    which.add_argument(
        "--predicted", action="store_true", help="the frames that have predictions"
    )
    which.add_argument(
        "--random", type=_positive, metavar="N", help="N frames of each video by chance"
    )
    parser.add_argument(
        "--skip-labelled",
        action="store_true",
        help="leave out the frames that you labelled",
    )
    parser.add_argument(
        "--skip-unreadable",
        action="store_true",
        help="leave out frames at a video's end that cannot be read",
    )
    parser.add_argument(
        "--tracking",
        action="append",
        type=_pair,
        default=[],
        metavar="NAME=VALUE",
        help="an option of SLEAP's tracker, such as tracker=simple; may be repeated",
    )
    parser.add_argument(
        "--option",
        action="append",
        type=_pair,
        default=[],
        metavar="NAME=VALUE",
        help="max_instances, batch_size, peak_threshold, ...; may be repeated",
    )


def _positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise argparse.ArgumentTypeError("{!r} is no number from 1 on".format(text))
    return int(text)


def _pair(text: str) -> Tuple[str, str]:
    name, equals, value = text.partition("=")
    if not re.fullmatch(r"[a-z_.]+", name):
        raise argparse.ArgumentTypeError("{!r} is not NAME=VALUE".format(text))
    return name, value if equals else ""


def read_request(
    arguments: argparse.Namespace, session: Session
) -> Tuple[Any, PredictionRequest]:
    """The host that read the videos, and what is asked of the cluster.

    Raises
    ------
    RemoteError
        A sentence; nothing was submitted.
    """
    from sleap_remote_plugin.sleap_host import choosing, headless

    read_frames(arguments.frames)  # before anything that takes time
    paths = [str(Path(path).absolute()) for path in arguments.input]
    if len(paths) > 1 and any(path.endswith(".slp") for path in paths):
        raise RemoteError(
            "Name one project, or videos. Predictions of several projects are several "
            "jobs. Nothing was submitted."
        )
    models = tuple(str(Path(model).absolute()) for model in arguments.model)
    is_project = paths[0].endswith(".slp")
    if not is_project:
        _needs_no_project(arguments)
    host = headless.open_inputs(paths, arguments.dataset, arguments.input_format)
    videos = choosing.inputs_of(host, _choice(arguments))
    files = [path for v in videos for path in _files(host, v)]
    make_visible(arguments, session, paths[0], list(models) + files)
    videos = _readable(host, videos, arguments.skip_unreadable)
    if not is_project:
        videos = [dataclasses.replace(video, index=-1) for video in videos]
    tracking = tuple(("tracking." + name, value) for name, value in arguments.tracking)
    request = PredictionRequest(
        models, tuple(videos), tracking, tuple(arguments.option)
    )
    return host, request


def submit(
    arguments: argparse.Namespace,
    session: Session,
    host: Any,
    request: PredictionRequest,
    about: Any,
) -> Any:
    """Write what stands for a video, and submit; `about` goes to submit_prediction."""
    folder = write_inputs(session, host, request, about["project"])
    return asking(
        session, lambda: session.submit_prediction(request, folder=folder, **about)
    )


def write_inputs(
    session: Session, host: Any, request: PredictionRequest, project: str
) -> Optional[Path]:
    """The job's folder with what stands for its videos; None: nothing has to."""
    names = input_names(request.videos)
    if not any(names):
        return None
    folder = _new_folder(session, project)
    host.write_inputs(request.videos, names, folder, session.to_cluster)
    return folder


def _choice(arguments: argparse.Namespace) -> Any:
    from sleap_remote_plugin.sleap_host.choosing import Choice

    targets = [n for n in ("labelled", "suggested", "predicted") if vars(arguments)[n]]
    target = targets[0] if targets else "random" if arguments.random else ""
    return Choice(
        target,
        arguments.frames,
        arguments.random or 0,
        arguments.skip_labelled,
        tuple(arguments.video),
    )


def _needs_no_project(arguments: argparse.Namespace) -> None:
    names = ("labelled", "suggested", "predicted", "skip_labelled", "video")
    given = [name for name in names if vars(arguments)[name]]
    if given:
        raise ProjectNotReady(
            "--{} is about the frames or videos of a project. Name the project "
            "instead of videos. Nothing was submitted.".format(
                given[0].replace("_", "-")
            )
        )


def _files(host: Any, video: VideoInput) -> Sequence[str]:
    """What the cluster has to see of a video; of a series of images their folders."""
    files = host.video_files(host.labels.videos[video.index])
    if len(files) < 2:
        return list(files)
    return sorted({os.path.dirname(path) for path in files})


def _readable(host: Any, videos: Sequence[VideoInput], skip: bool) -> List[VideoInput]:
    """The videos with their true lengths; without bad frames at their ends."""
    known, bad = host.look_at_endings(videos, _tell)
    if bad and not skip:
        raise ProjectNotReady(
            "{}\nSLEAP stops at the first frame that it cannot read. Nothing was "
            "submitted. Give --skip-unreadable to leave these out, or write the "
            "video anew.".format("\n".join(_line(known[b.place], b) for b in bad))
        )
    instead = {one.place: one.instead for one in bad}
    left = [instead.get(place, video) for place, video in enumerate(known)]
    kept = [video for video in left if video is not None]
    if not kept:
        raise ProjectNotReady(
            "No frame that is wanted can be read. Nothing was submitted."
        )
    return kept


def _line(video: VideoInput, bad: BadEnding) -> str:
    text = "{}: {:,} of the frames at its end, from {} on, cannot be read.".format(
        video.path or video.title, bad.lost, bad.first_bad
    )
    if not video.path or video.dataset or video.as_project:
        return text
    return "{}\n  {}".format(text, reencode_line(video.path, sys.platform == "win32"))


def _tell(done: int, total: int) -> bool:
    if total > 1 and sys.stderr.isatty():
        end = "\n" if done == total else ""
        line = "\rReading the last frames: {} of {}".format(done, total)
        print(line, end=end, file=sys.stderr, flush=True)
    return True


def _new_folder(session: Session, project: str) -> Path:
    while True:
        folder = Path(session.prepare_folder(project, JobKind.PREDICT))
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
