"""Which video, skeleton and tracks of the open project a predictions file means.

Plain values only; what stands in the file is read by `tables`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import (
    Any,
    Callable,
    Dict,
    Hashable,
    Iterable,
    List,
    Optional,
    Sequence,
    Tuple,
)

from sleap_remote_plugin.errors import OtherProject, ResultsDamaged
from sleap_remote_plugin.jobs.untrusted import shown
from sleap_remote_plugin.sleap_host.tables import SAFE, FileVideo, Tables, damaged
from sleap_remote_plugin.words import tr

#: The cluster's spelling of a path of the project; empty where there is none.
ClusterPath = Callable[[str], str]


@dataclass(frozen=True)
class Wanted:
    """A video as it stood in the project when the job was submitted.

    Attributes
    ----------
    index : int
        Its place there; -1 where the job was not made from a project.
    """

    path: str
    index: int


def match_videos(
    tables: Tables,
    wanted: Sequence[Wanted],
    project: Sequence[FileVideo],
    cluster_path: Optional[ClusterPath] = None,
) -> Tuple[int, ...]:
    """The project's video for each of the file's, by path and place; never by name.

    Parameters
    ----------
    project : sequence of FileVideo
        The open project's videos.

    Returns
    -------
    tuple of int
        For each video of the file: its place in the project; -1 for one without
        predictions.

    Raises
    ------
    ResultsDamaged
        The file has other videos than were predicted.
    OtherProject
        The project does not have one, or has it twice.
    """
    used = sorted({int(number) for number in tables.video})
    if len(tables.videos) == len(wanted):
        pairs = list(zip(range(len(wanted)), wanted))
    elif len(used) <= len(wanted) == 1 and _holds_project(tables, used, project):
        pairs = list(zip(used, wanted))
    else:
        raise damaged(
            tables.path,
            tr("has {} videos where {} were predicted").format(
                len(tables.videos), len(wanted)
            ),
        )
    found = [-1] * len(tables.videos)
    for number, one in pairs:
        theirs = tables.videos[number]
        found[number] = _place(tables.path, theirs, one, project, cluster_path)
    return tuple(found)


def _holds_project(
    tables: Tables, used: Sequence[int], project: Sequence[FileVideo]
) -> bool:
    """Whether the file has all videos of a project that lie inside it, in order."""
    theirs = [video.dataset for video in tables.videos]
    return bool(used) and theirs == [video.dataset for video in project] and all(theirs)


def _place(
    path: Path,
    theirs: FileVideo,
    wanted: Wanted,
    project: Sequence[FileVideo],
    cluster_path: Optional[ClusterPath],
) -> int:
    def fits(ours: FileVideo) -> bool:
        inside = not theirs.dataset or not ours.dataset
        same = _normal(ours.path) == _normal(wanted.path)
        return same and (inside or theirs.dataset == ours.dataset)

    if 0 <= wanted.index < len(project) and fits(project[wanted.index]):
        return wanted.index
    # Videos were added, removed or moved since: then the whole path must say which.
    same = [place for place, ours in enumerate(project) if wanted.path and fits(ours)]
    if not same and theirs.path and cluster_path is not None:
        same = _by_cluster_path(theirs, project, cluster_path)
    if len(same) == 1:
        return same[0]
    name = wanted.path or "number {}".format(wanted.index + 1)
    if same:
        raise OtherProject(
            tr(
                "The open project has the video {} more than once and in another order "
                "than when the job was submitted, so it is not known which one was "
                "meant. {} Leave one of them in the project, then load again."
            ).format(name, SAFE)
        )
    raise OtherProject(
        tr(
            "The predictions {} are of the video {}, which the open project does not "
            "have (now). {} Open the project that has it, then load again."
        ).format(shown(path), name, SAFE)
    )


def _normal(path: str) -> str:
    return os.path.normcase(os.path.normpath(path)) if path else ""


def _by_cluster_path(
    theirs: FileVideo, project: Sequence[FileVideo], cluster_path: ClusterPath
) -> List[int]:
    """The same file under another name here: another mount, another computer."""
    return [
        place
        for place, ours in enumerate(project)
        if ours.path
        and cluster_path(ours.path) == theirs.path
        and ours.dataset == theirs.dataset
    ]


def match_skeleton(
    path: Path, names: Sequence[str], project: Sequence[Sequence[str]]
) -> Tuple[int, Optional[List[int]]]:
    """The project's skeleton with these nodes, and the order to bring points into.

    Parameters
    ----------
    project : sequence of sequence of str
        Node names of the project's skeletons, the preferred one first.

    Returns
    -------
    (int, list of int or None)
        ``points[order]`` is in the skeleton's order; None: it is already.

    Raises
    ------
    ResultsDamaged
        No skeleton of the project has these nodes; both lists are named.
    """
    names = list(names)
    for place, ours in enumerate(project):
        if list(ours) == names:
            return place, None
    for place, ours in enumerate(project):
        if sorted(ours) == sorted(names):
            return place, [names.index(name) for name in ours]
    raise ResultsDamaged(_other_skeleton(path, names, project))


def _other_skeleton(
    path: Path, names: Sequence[str], project: Sequence[Sequence[str]]
) -> str:
    ours = tr(" or ").join(", ".join(nodes) for nodes in project) or tr("none")
    text = tr(
        "The predictions {} are of another skeleton: they have the nodes {}; the open "
        "project has {}."
    ).format(shown(path), shown(", ".join(names)), ours)
    if len(project) == 1:
        more = [name for name in project[0] if name not in names]
        less = [name for name in names if name not in project[0]]
        if more:
            text += tr(" Only in the project: {}.").format(", ".join(more))
        if less:
            text += tr(" Only in the predictions: {}.").format(shown(", ".join(less)))
    return text + (
        tr(
            " {} Give the project's skeleton these nodes again (Save As keeps what you "
            "have), or train and predict with the skeleton that it has now."
        ).format(SAFE)
    )


def numbered(names: Iterable[str]) -> List[Tuple[str, int]]:
    """Each name with how often it came before: several tracks may share one.

    The second track "a" of a file is then the second "a" of the project, each time.
    """
    seen: Dict[Hashable, int] = {}
    found = []
    for name in names:
        found.append((name, seen.get(name, 0)))
        seen[name] = seen.get(name, 0) + 1
    return found


def track_places(
    tracks: Sequence[Tuple[int, str]], project: Sequence[Any]
) -> List[Optional[Any]]:
    """The project's track for each of the file's, by name; None: there is none yet."""
    ours = dict(zip(numbered(track.name for track in project), project))
    return [ours.get(key) for key in numbered(name for _, name in tracks)]
