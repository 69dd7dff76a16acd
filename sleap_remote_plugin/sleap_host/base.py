"""A host in a SLEAP window: what is the same in both generations.

`training`, `prediction` and `results` add what they are named for; the methods that
stand last in each are what `legacy` and `current` differ in.
"""

from __future__ import annotations

import abc
import contextlib
import logging
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.qt.host import Host, Project, ProjectVideo
from sleap_remote_plugin.qt.project_checks import NO_VIDEO
from sleap_remote_plugin.sleap_host import chrome, package, shortcuts
from sleap_remote_plugin.sleap_host.drops import DropTarget
from sleap_remote_plugin.words import tr

logger = logging.getLogger(__name__)


class SleapHost(Host):
    """One SLEAP window."""

    #: File names of a trained run's config, the best first.
    config_names: Tuple[str, ...]

    def __init__(self, window: Any) -> None:
        self.window = window
        self._dialog_callbacks: List[Callable[[str, Any], None]] = []
        self._dialogs: Dict[int, Any] = {}
        self._is_unlabelled = False  # as the project was when it was asked for last
        self._kept: List[Any] = []
        self._menus: List[Any] = []

    @property
    def version(self) -> str:
        import sleap

        return str(sleap.__version__)

    @property
    def labels(self) -> Any:
        """SLEAP's labels object of the open project."""
        return self.window.labels

    # -- its window ---------------------------------------------------------------

    def add_menu(self, menu: Any) -> None:
        chrome.insert_menu(self.window, menu, self._menus[-1] if self._menus else None)
        self._menus.append(menu)

    def shortcut(self, entry: str) -> str:
        try:
            return shortcuts.keys_of(self.window.shortcuts, shortcuts.words(entry))
        except Exception:
            logger.exception("SLEAP's table of shortcuts is not as expected")
            return ""

    def add_dock(self, title: str, widget: Any) -> Any:
        dock = chrome.fill_dock(self.window, title, widget)
        self._kept.append(dock)
        return dock

    def accept_drops(self, mime: str, dropped: Callable[[str], None]) -> None:
        player = self.window.player
        places = (player, player.view, player.view.viewport())
        self._kept.append(DropTarget(places, mime, dropped))

    # -- the project --------------------------------------------------------------

    def project(self) -> Optional[Project]:
        labels = self.window.state["labels"]
        if not self.window.state["project_loaded"] or labels is None:
            return None
        path = str(self.window.state["filename"] or "")
        videos = tuple(
            ProjectVideo(
                index,
                self.video_path(video),
                self.video_frames(video),
                self.video_files(video),
            )
            for index, video in enumerate(labels.videos)
        )
        labelled = self.count_labelled(labels)
        self._is_unlabelled = not labelled
        embedded = bool(videos) and not any(video.path for video in videos)
        return Project(
            path=path,
            has_changes=bool(self.window.state["has_changes"]),
            labelled_frames=labelled,
            videos=videos,
            is_package=embedded or path.endswith(".pkg.slp"),
        )

    def count_labelled(self, labels: Any) -> int:
        """How many frames the user has labelled; quick, since it is asked often."""
        return len(labels.user_labeled_frames)

    def on_project_changed(self, callback: Callable[[], None]) -> None:
        def call(*_: Any) -> None:
            try:
                callback()
            except Exception:
                logger.exception("The project changed, and we could not follow")

        for key in ("filename", "has_changes", "project_loaded", "labels"):
            self.window.state.connect(key, call)
        self._watch_first_label(call)

    def _watch_first_label(self, call: Callable[[], None]) -> None:
        """Tell of changes while nothing is labelled: SLEAP's state has only the first.

        Until the project is saved, its `has_changes` stays as it is.
        """
        commands = self.window.commands
        update = commands.update_callback

        def updated(what: Any) -> None:
            update(what)
            if self._is_unlabelled:
                call()

        commands.update_callback = updated

    def open_project_file(self, path: str) -> None:
        self.window.commands.openProject(filename=path or None)

    def add_videos(self) -> None:
        self.window.commands.addVideo()

    def save_project(self) -> None:
        self.window.commands.saveProject()

    # -- SLEAP's dialogs ----------------------------------------------------------

    def open_dialog(self, mode: str) -> Any:
        self._saved_project()
        if "inference" in self.window.overlays:
            raise ProjectNotReady(
                tr(
                    "SLEAP opens no training or inference dialog while it visualizes "
                    "model outputs. Quit SLEAP and open it again first."
                )
            )
        self.window._show_learning_dialog(mode)
        return self.window._child_windows.get(mode)

    def on_dialog_made(self, callback: Callable[[str, Any], None]) -> None:
        self._dialog_callbacks.append(callback)
        for dialog in self._dialogs.values():
            callback(dialog.mode, dialog)

    def report_dialog(self, mode: str) -> None:
        """SLEAP has shown its dialog: tell of it if it is a new one."""
        dialog = self.window._child_windows.get(mode)
        if dialog is None or id(dialog) in self._dialogs:
            return
        self._dialogs[id(dialog)] = dialog
        for callback in self._dialog_callbacks:
            callback(mode, dialog)

    def add_run_button(
        self,
        dialog: Any,
        text: str,
        run: Callable[[], None],
        run_there: Callable[[str], None],
    ) -> Any:
        button = chrome.add_button(
            dialog.run_button, text, run, run_there, lambda: _why_not(dialog)
        )
        self._kept.append(button)
        return button

    # -- checks -------------------------------------------------------------------

    def _saved_project(self) -> Project:
        project = self.project()
        if project is None:
            raise ProjectNotReady(tr("No project is open. Open one, then try again."))
        if not project.videos:
            raise ProjectNotReady(NO_VIDEO)
        if not project.path:
            raise ProjectNotReady(
                tr(
                    "The project was never saved. Save it (File > Save), then try "
                    "again."
                )
            )
        if project.has_changes:
            raise ProjectNotReady(
                tr(
                    "The project has changes that are not saved. Save it (File > "
                    "Save), then try again."
                )
            )
        return project

    def _check_dialog(self, dialog: Any) -> None:
        if not dialog.run_button.isEnabled():
            raise ProjectNotReady(_why_not(dialog))

    def _validate(self, dialog: Any) -> None:
        """Have SLEAP see whether the dialog can be run as it is set now."""
        # SLEAP 1.4.1 looks for a method that it lacks, where identities are trained.
        with contextlib.suppress(AttributeError):
            dialog._validate_pipeline()

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def video_path(self, video: Any) -> str:
        """Path as the project spells it; empty for one inside the project."""

    @abc.abstractmethod
    def video_files(self, video: Any) -> Tuple[str, ...]:
        """All files that it is read from, as the project spells them."""

    @abc.abstractmethod
    def video_frames(self, video: Any) -> int:
        """Length; 0 if that is not known without opening a file."""

    @abc.abstractmethod
    def video_dataset(self, video: Any) -> str:
        """Dataset in an HDF5 video."""

    @abc.abstractmethod
    def is_image_sequence(self, video: Any) -> bool: ...

    @abc.abstractmethod
    def open_labels(self, path: Path) -> Any:
        """SLEAP's labels of a project file."""

    @abc.abstractmethod
    def save_labels_file(self, labels: Any, path: Path) -> None:
        """Write a project file; its videos stay where they are."""

    @abc.abstractmethod
    def dialog_form(self, dialog: Any) -> Dict[str, Any]:
        """The pipeline page's fields; nothing of the user's is changed by reading."""


def _why_not(dialog: Any) -> str:
    """Why SLEAP cannot run what its dialog is set to."""
    said = package.plain(dialog.message_widget.text())
    return tr("SLEAP cannot run with these settings. {}").format(said).strip()
