"""Which video and skeleton of the open project a predictions file means."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ResultsDamaged, ResultsMissing

_SAFE = "Nothing was loaded; the project is as it was."


def check_file(path: Path) -> None:
    """See that it is a whole file of SLEAP's kind, before SLEAP reads it.

    Raises
    ------
    ResultsMissing, ResultsDamaged
        There is none; or it is empty, cut short or something else.
    """
    import h5py

    if not path.is_file():
        raise ResultsMissing("There is no predictions file {}. {}".format(path, _SAFE))
    if path.stat().st_size == 0:
        raise damaged(path, "is empty")
    try:
        with h5py.File(str(path), "r") as file:
            missing = {"metadata", "frames", "instances", "pred_points"} - set(file)
    except (OSError, RuntimeError, KeyError, ValueError) as error:  # as h5py pleases
        raise damaged(path, "cannot be read: it was cut short or is not one of SLEAP's",
                      error) from error  # fmt: skip
    if missing:
        raise damaged(path, "is not one of SLEAP's predictions")


def damaged(path: Path, what: str, error: Optional[Exception] = None) -> ResultsDamaged:
    return ResultsDamaged(
        "The predictions file {} {}. {} Look at the job's log, and run the prediction "
        "again if need be.".format(path.name, what, _SAFE),
        detail="" if error is None else repr(error),
    )


def match_videos(
    path: Path,
    in_file: Sequence[Any],
    wanted: Sequence[Tuple[str, int]],
    project: Sequence[Any],
    path_of: Callable[[Any], str],
) -> List[Any]:
    """The project's video for each in the file, by index; never by file name.

    Parameters
    ----------
    wanted : sequence of (str, int)
        The project's spelling of each path and its index at submission.

    Raises
    ------
    ResultsDamaged
        The file has other videos, or the project lost one.
    """
    if len(in_file) != len(wanted):
        raise damaged(
            path,
            "has {} videos where {} were predicted".format(len(in_file), len(wanted)),
        )
    return [_video(path, spelling, i, project, path_of) for spelling, i in wanted]


def _video(
    path: Path,
    spelling: str,
    index: int,
    project: Sequence[Any],
    path_of: Callable[[Any], str],
) -> Any:
    if 0 <= index < len(project) and path_of(project[index]) == spelling:
        return project[index]
    # Videos were added or removed since: then the whole path must say which.
    same = [video for video in project if spelling and path_of(video) == spelling]
    if len(same) != 1:
        raise damaged(
            path,
            "is of the video {}, which the open project does not have (now)".format(
                spelling or "number {}".format(index + 1)
            ),
        )
    return same[0]


def match_skeleton(
    path: Path, names: Sequence[str], project: Sequence[Any]
) -> Tuple[Any, Optional[List[int]]]:
    """The project's skeleton with these nodes, and the order to bring points into.

    Returns
    -------
    (skeleton, list of int or None)
        ``points[order]`` is in the skeleton's order; None: it is already.

    Raises
    ------
    ResultsDamaged
        No skeleton of the project has these nodes; both lists are named.
    """
    names = list(names)
    for skeleton in project:
        if list(skeleton.node_names) == names:
            return skeleton, None
    for skeleton in project:
        if sorted(skeleton.node_names) == sorted(names):
            return skeleton, [names.index(name) for name in skeleton.node_names]
    ours = " or ".join(", ".join(skeleton.node_names) for skeleton in project)
    raise damaged(
        path,
        "is of another skeleton: it has the nodes {}, the open project has {}".format(
            ", ".join(names), ours or "none"
        ),
    )
