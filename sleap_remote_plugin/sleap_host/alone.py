"""Predictions as a project of their own, where the open one lacks their video."""

from __future__ import annotations

import abc
import os
import posixpath
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ResultsMissing
from sleap_remote_plugin.jobs.untrusted import shown
from sleap_remote_plugin.qt.loads import LoadMode
from sleap_remote_plugin.sleap_host import match, merge, tables
from sleap_remote_plugin.sleap_host.base import SleapHost
from sleap_remote_plugin.sleap_host.objects import Objects
from sleap_remote_plugin.words import tr


class AloneHost(SleapHost):
    """What a host does with predictions for which no project is open."""

    #: How this generation's labels are made.
    objects: Objects

    def read_as_project(
        self, files: Sequence[Tuple[Path, str]], local_path: Callable[[str], str]
    ) -> Any:
        read = [tables.read_tables(path) for path, _ in files]
        whole = [
            self._read_alone(one, local, local_path)
            for one, (_, local) in zip(read, files)
        ]
        labels = whole[0]
        for other in whole[1:]:
            labels.videos.append(other.videos[0])
        fits = [
            merge.Fit(
                one,
                (labels.videos[place],),
                tuple(labels.skeletons),
                tuple(self._orders(one, labels)),
            )
            for place, one in enumerate(read)
        ]
        work = merge.Merge(labels, self.objects, LoadMode.REPLACE)
        for _ in work.slices(lambda: fits[1:]):
            pass
        work.commit()
        return labels

    def _read_alone(
        self, read: tables.Tables, local: str, local_path: Callable[[str], str]
    ) -> Any:
        path = read.path
        try:
            labels = self.load_predictions(path)
        except Exception as error:  # whatever SLEAP makes of it; told as a sentence
            raise tables.damaged(
                path, tr("cannot be read by this SLEAP"), error
            ) from error
        if len(labels.videos) != 1 or len(labels.skeletons) != 1:
            raise tables.damaged(path, tr("is not of one video and one skeleton"))
        names = read.videos[0].files
        files = _files_here(names, local, local_path)
        if not files:
            name = local or shown(read.videos[0].path)
            raise ResultsMissing(
                tr(
                    "The video {} of the predictions {} is not on this computer, so "
                    "they cannot be shown. Nothing was opened or changed. Connect the "
                    "disk that it is on, then try again."
                ).format(name, path.name)
            )
        self.set_video_files(labels.videos[0], files)
        return labels

    def _orders(self, one: tables.Tables, labels: Any) -> List[Optional[List[int]]]:
        ours = [skeleton.node_names for skeleton in labels.skeletons]
        return [
            match.match_skeleton(one.path, names, ours)[1] for names in one.skeletons
        ]

    def open_as_project(self, labels: Any) -> Any:
        window = self.window
        if window.state["project_loaded"] or window.state["has_changes"]:
            window = window.__class__(no_usage_data=True)
            window.showMaximized()
        window.commands.loadLabelsObject(labels=labels, filename=None)
        window.state["has_changes"] = True
        return window

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def load_predictions(self, path: Path) -> Any:
        """SLEAP's labels of a file, no video opened."""

    @abc.abstractmethod
    def set_video_files(self, video: Any, files: Sequence[str]) -> None:
        """Where a video of a file that was read is on this computer.

        Parameters
        ----------
        files : sequence of str
            Of a series all its images, in order.
        """


def _files_here(
    names: Sequence[str], local: str, local_path: Callable[[str], str]
) -> List[str]:
    """A video's files as this computer spells them; none where they are not here.

    Parameters
    ----------
    names : sequence of str
        As the cluster spells them: all images of a series, or one file.
    local : str
        The first one as it was spelled here when the job was submitted.
    """
    first = local
    if not Path(first).is_file():
        first = local_path(names[0]) if names else ""
    if not first or not Path(first).is_file():
        return []
    if len(names) < 2:
        return [first]
    there, here = posixpath.dirname(names[0]) + "/", os.path.dirname(first)
    is_copy = posixpath.basename(names[0]) != os.path.basename(first)  # and is renamed
    found = []
    for name in names:
        if name.startswith(there) and not is_copy:
            found.append(os.path.join(here, *name[len(there) :].split("/")))
        else:
            found.append(local_path(name))
    return found if all(found) else []
