"""Which video, skeleton and tracks of the open project a predictions file means.

Plain values only; what stands in the file is read by `tables`.
"""

from __future__ import annotations

import os
import posixpath
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
from sleap_remote_plugin.sleap_host.file_videos import FileVideo
from sleap_remote_plugin.sleap_host.tables import SAFE, Tables, damaged
from sleap_remote_plugin.words import tr

Files = Tuple[str, ...]
#: The cluster's spelling of a video's files; empty where one of them has none.
ClusterFiles = Callable[[Files], Files]


@dataclass(frozen=True)
class Wanted:
    """A video as it stood in the project when the job was submitted.

    As `jobs.prediction.Meant`, but `given` was read: the video as the cluster was
    given it, or None.
    """

    path: str
    index: int
    package: str = ""
    dataset: str = ""
    given: Optional[FileVideo] = None


def match_videos(
    tables: Tables,
    wanted: Sequence[Wanted],
    project: Sequence[FileVideo],
    cluster_files: ClusterFiles,
) -> Tuple[int, ...]:
    """The project's video for each of the file's, by its files; never by name.

    Its place in the project decides only between two that are the same.

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
        found[number] = _place(tables.path, theirs, one, project, cluster_files)
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
    cluster_files: ClusterFiles,
) -> int:
    if not wanted.path and wanted.given is not None:
        theirs = wanted.given  # SLEAP 1.3 tells what the package was made from instead
    same = [n for n, ours in enumerate(project) if _is_here(ours, theirs, wanted)]
    if not same and theirs.files:  # another mount, another computer
        same = [
            n
            for n, ours in enumerate(project)
            if ours.is_inside == (not wanted.path)
            and ours.dataset == theirs.dataset
            and len(ours.files) == len(theirs.files)
            and cluster_files(ours.files) == theirs.files
        ]
    if wanted.index in same:
        return wanted.index
    if len(same) == 1:
        return same[0]
    name = _name(theirs, wanted)
    if same:
        raise OtherProject(
            tr(
                "The open project has the video {} more than once and in another order "
                "than when the job was submitted, so it is not known which one was "
                "meant. {} Leave one of them in the project, then load again."
            ).format(name, SAFE)
        )
    if not name:
        raise OtherProject(
            tr(
                "The predictions {} are of a video inside a package, and neither they "
                "nor the job’s record tell which package that was. {} Predict on the "
                "video again, then load those predictions."
            ).format(shown(path), SAFE)
        )
    raise OtherProject(
        tr(
            "The predictions {} are of the video {}, which the open project does not "
            "have (now). {} Open the project that has it, then load again."
        ).format(shown(path), name, SAFE)
    )


def _is_here(ours: FileVideo, theirs: FileVideo, wanted: Wanted) -> bool:
    """Whether a video has the path, as this computer spells it, of the one wanted."""
    if not wanted.path:
        return (
            ours.is_inside
            and _same(ours.path, wanted.package)
            and ours.dataset == wanted.dataset
        )
    return (
        not ours.is_inside
        and _same(ours.path, wanted.path)
        and ours.dataset in ("", theirs.dataset or ours.dataset)
        and len(ours.files) == max(1, len(theirs.files))
        and (len(ours.files) == 1 or _below(ours.files) == _below(theirs.files))
    )


def _same(one: str, other: str) -> bool:
    return bool(one and other) and _normal(one) == _normal(other)


def _normal(path: str) -> str:
    return os.path.normcase(os.path.normpath(path))


def _below(files: Files) -> List[str]:
    """Names of a series, without what a computer calls the folder of its first one."""
    names = [name.replace("\\", "/") for name in files]
    folder = posixpath.dirname(names[0]) + "/"
    cut = len(folder)
    return [name[cut:] if name.startswith(folder) else name for name in names]


def _name(theirs: FileVideo, wanted: Wanted) -> str:
    """What the user knows the video by; empty where nothing tells."""
    if wanted.path and len(theirs.files) > 1:
        return tr("{} (the first of {} images)").format(wanted.path, len(theirs.files))
    if wanted.path:
        return wanted.path
    if wanted.package:
        return tr("{} of the package {}").format(wanted.dataset, wanted.package)
    if theirs.files and theirs.dataset:
        inside = shown(theirs.dataset), shown(theirs.path)
        return tr("{} of the package {}").format(*inside)
    return ""


def all_of(spell: Callable[[str], str], files: Files) -> Files:
    """Each file as `spell` has it; nothing where it has one of them not."""
    found = []
    for name in files:
        found.append(spell(name))
        if not found[-1]:
            return ()
    return tuple(found)


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
