"""Whether the open project can be sent to the cluster: a sentence for each why not."""

from __future__ import annotations

from typing import Optional

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.qt.host import Project


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
    """The project, if it is one that has a place on a disk.

    Raises
    ------
    ProjectNotReady
        It is not open, was never saved, or is a training package.
    """
    if project is None:
        raise ProjectNotReady("No project is open. Open one, or begin a new one.")
    if not project.path:
        raise ProjectNotReady(
            "The project was never saved. Save it onto a disk that the cluster mounts "
            "too (File > Save As...), then try again."
        )
    if project.is_package:
        raise ProjectNotReady(
            "This is a training package (.pkg.slp), which holds single frames only. "
            "Open the project that it was made from, then try again."
        )
    return project


def check_labels(project: Project) -> None:
    """Raise ProjectNotReady where there is nothing to train on."""
    if project.labelled_frames == 0:
        raise ProjectNotReady(
            "The project has no labelled frame yet, so there is nothing to train on. "
            "Label some frames, then try again."
        )
