"""What an empty dock says: what is missing before the first job, and the next step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Optional

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import NotOnMount, RemoteError
from sleap_remote_plugin.jobs.cluster import ClusterProfile, config_folder
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.host import Project
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr

NO_PROFILE = tr(
    "No cluster is set up yet. Choose Set up..., or copy a profile into {} and restart "
    "SLEAP."
)
_NONE = tr("No remote jobs yet.\n\n")
_NONE_HERE = tr(
    "No remote jobs on {} yet. {} Jobs are followed while their cluster is in use.\n\n"
)


class Beginning(NamedTuple):
    """A sentence, and the button that does the next thing.

    Attributes
    ----------
    deed : str
        objectName of what it does: an entry of the menu, or ``remote_open_project``,
        ``remote_save_project``, ``remote_add_videos``.
    """

    text: str
    button: str
    deed: str
    tip: str = ""


def beginning(
    profile: Optional[ClusterProfile],
    is_known: bool,
    project: Optional[Project],
    is_outside: bool = False,
    elsewhere: str = "",
) -> Beginning:
    """What is said while there is no job.

    Parameters
    ----------
    is_known : bool
        Whether the cluster was set up: it is known who the user is there.
    is_outside : bool
        Whether the project is where the cluster does not see it.
    elsewhere : str
        What other clusters do, in a sentence.
    """
    if profile is None:
        return Beginning(
            no_profile(),
            tr("Set up..."),
            "remote_setup",
            tr("User, disk and SLEAP of a cluster, step by step."),
        )
    title = profile.title
    none = _NONE if not elsewhere else _NONE_HERE.format(title, elsewhere)
    if not is_known:
        return Beginning(
            none
            + tr(
                "First {} is set up: who you are there, which disk it shares with "
                "this computer, which SLEAP it has."
            ).format(title),
            tr("Set up..."),
            "remote_setup",
            tr("User, disk and SLEAP of a cluster, step by step."),
        )
    if project is None:
        return Beginning(
            none + tr("Next: open a project, or begin a new one."),
            tr("Open project..."),
            "remote_open_project",
            tr("SLEAP's own File > Open Project..."),
        )
    if project.is_package:
        return Beginning(
            none + tr("Next: open the project that this package was made from."),
            tr("Find its project..."),
            "remote_train",
        )
    if not project.path:
        return Beginning(
            none
            + tr("Next: save the project, best on a disk that {} mounts too.").format(
                title
            ),
            tr("Save project..."),
            "remote_save_project",
            tr("SLEAP's own File > Save"),
        )
    if not project.videos:
        return Beginning(
            none + tr("Next: add the videos that you want to label."),
            tr("Add videos..."),
            "remote_add_videos",
            tr("SLEAP's own File > Add Videos..."),
        )
    if project.labelled_frames == 0:
        return Beginning(
            none
            + tr(
                "Next: label some frames, and train on them. With models that you "
                "have already, predict at once."
            ),
            tr("Predict..."),
            "remote_predict",
        )
    ready = tr(
        "Press Train...: SLEAP's own dialog opens, with a button “Run on {}” in it."
    ).format(title)
    if is_outside:
        ready = (
            tr(
                "{} does not see the folder that this project is in. Save it on a disk "
                "that both see, or go on: before a job is sent you are asked whether "
                "its files should be copied there.\n\n"
            ).format(title)
        ) + ready
    return Beginning(none + ready, tr("Train..."), "remote_train")


class Begin(QObject):
    """Finds out what is missing; where the project is, is looked at on the files lane.

    `changed` gives a `Beginning`.
    """

    changed = Signal(object)

    def __init__(self, files: Lane, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._files = files
        self._asked = ("", "")
        self._is_outside = False
        self._elsewhere = ""

    def look(
        self,
        connection: Optional[Connection],
        is_known: bool,
        project: Optional[Project],
        elsewhere: str = "",
    ) -> None:
        """Say what is missing as things stand; and again if a disk tells more."""
        profile = connection.profile if connection is not None else None
        asked = (profile.name if profile else "", project.path if project else "")
        is_new, self._asked = asked != self._asked, asked
        if is_new:
            self._is_outside = False
        self._elsewhere = elsewhere
        found = beginning(profile, is_known, project, self._is_outside, elsewhere)
        self.changed.emit(found)
        if not is_new or connection is None or project is None or not project.path:
            return
        folder, asking = str(Path(project.path).parent), connection

        def answer(is_outside: bool) -> None:
            if asked == self._asked and is_outside:
                self._is_outside = True
                now = self._elsewhere
                self.changed.emit(beginning(profile, is_known, project, True, now))

        self._files.do(lambda: _is_outside(asking.session(), folder), answer)


def _is_outside(session: Any, folder: str) -> bool:
    """*files lane* Whether the cluster does not see a folder; unknown is no."""
    try:
        session.to_cluster(folder)
    except NotOnMount:
        return True
    except (RemoteError, OSError):
        pass
    return False


def no_profile() -> str:
    """What is said where a cluster is needed and none is set up."""
    return NO_PROFILE.format(config_folder() / "clusters")
