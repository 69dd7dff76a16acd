"""Whether the open project can be sent to the cluster: a sentence for each why not.

`check_places` touches disks (*files lane*); the others only read what is open.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import NotOnMount, ProjectNotReady
from sleap_remote_plugin.jobs.names import no_script_holds
from sleap_remote_plugin.qt.host import Project, ProjectVideo
from sleap_remote_plugin.session.outside import Wanted, not_on_mount
from sleap_remote_plugin.words import tr

NO_VIDEO = tr(
    "The project has no video yet. Add one (File > Add Videos...), then try again."
)


def why_not(project: Optional[Project], for_training: bool) -> str:
    """What stands in the way; empty where nothing does."""
    try:
        found = check_saved(project)
        if for_training:
            check_labels(found)
    except ProjectNotReady as error:
        return str(error)
    return ""


def check_saved(project: Optional[Project]) -> Project:
    """The project, if it is one that has a place on a disk, and a video.

    Raises
    ------
    ProjectNotReady
        It is not open, was never saved, is a training package, or has no video.
    """
    if project is None:
        raise ProjectNotReady(tr("No project is open. Open one, or begin a new one."))
    if not project.path:
        raise ProjectNotReady(
            tr(
                "The project was never saved. Save it onto a disk that the cluster "
                "mounts too (File > Save As...), then try again."
            )
        )
    if project.is_package:
        raise ProjectNotReady(
            tr(
                "This is a training package (.pkg.slp), which holds single frames "
                "only. Open the project that it was made from, then try again."
            )
        )
    if not project.videos:
        raise ProjectNotReady(NO_VIDEO)
    return project


def check_labels(project: Project) -> None:
    """Raise ProjectNotReady where there is nothing to train on."""
    if project.labelled_frames == 0:
        raise ProjectNotReady(
            tr(
                "The project has no labelled frame yet, so there is nothing to train "
                "on. Label some frames, then try again."
            )
        )


# -- where its files are ---------------------------------------------------------------


def whole_project(project: Project) -> Tuple[Wanted, ...]:
    """The project file and everything that its videos are read from."""
    found = [Wanted(tr("the project"), project.path)]
    for video in project.videos:
        found += _files_of(video, project.path)
    return tuple(found)


def project_folder(project: Project) -> Tuple[Wanted, ...]:
    """Where a job's folder goes."""
    return (Wanted(tr("the project's folder"), str(Path(project.path).parent)),)


def video_files(project: Project, index: int) -> Tuple[Wanted, ...]:
    """What one of its videos is read from."""
    return tuple(_files_of(project.videos[index], project.path))


def _files_of(video: ProjectVideo, project: str) -> List[Wanted]:
    """A video's files; of a series of images each folder with those in it."""
    what = tr("video {}").format(video.index + 1)
    if len(video.files) < 2:
        return [Wanted(what, path) for path in video.files or (video.path,) if path]
    folders: Dict[str, List[str]] = {}
    for path in video.files:
        folders.setdefault(os.path.dirname(path), []).append(path)
    return [
        Wanted(what, folder or str(Path(project).parent), tuple(files))
        for folder, files in folders.items()
    ]


def check_places(wanted: Sequence[Wanted], session: Any) -> None:
    """See that the cluster can see all of it.

    Raises
    ------
    NotOnMount
        It names everything that is outside, the mounts that were tried, and what to do.
    ProjectNotReady
        A name cannot be told to the cluster at all.
    """
    outside = []
    for one in wanted:
        reason = no_script_holds(one.path)
        if reason:
            raise ProjectNotReady(
                tr(
                    "The cluster cannot be told of {} ({}), because {}. Nothing was "
                    "exported or submitted. Rename it and open the project with its "
                    "new name."
                ).format(one.what, ascii(one.path), reason)
            )
        try:
            session.to_cluster(one.path)
        except NotOnMount:
            outside.append(one)
    if outside:
        raise not_on_mount(outside, session.mounts, session.profile.title)
