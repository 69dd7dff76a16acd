"""*Next round*: the project under its next number, and the training dialog as before.

A new file is written and no other one touched, so there is nothing to undo: the round
before is its own file, as it was saved last.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Callable, List, NamedTuple, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.jobs.rounds import render_round
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import tell, tell_error
from sleap_remote_plugin.qt.host import Host, Project
from sleap_remote_plugin.qt.project_checks import NO_VIDEO
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr

# What begins a round is imported with the first: SLEAP's start does not pay for it.
if TYPE_CHECKING:
    from sleap_remote_plugin.session.came_before import LastTraining
    from sleap_remote_plugin.session.rounds import Loads

log = logging.getLogger(__name__)


class _Told(NamedTuple):
    """What the files lane has written and found."""

    place: Optional[Path]
    problem: str
    last: LastTraining


def why_no_round(project: Optional[Project]) -> str:
    """Why no round can begin; empty: one can."""
    if project is None:
        return tr("No project is open.")
    if project.is_package:
        return tr(
            "This is a training package: it holds the labelled images only. Open the "
            "project that it was made from, and go on from there."
        )
    if not project.path:
        return tr("The project was never saved. Save it first (File > Save).")
    return "" if project.videos else NO_VIDEO


class NextRound(QObject):
    """One round at a time; and which predictions were loaded for it."""

    said = Signal(str)
    busy = Signal(str)  # what is being done; empty: nothing
    loads_changed = Signal()

    def __init__(
        self,
        host: Host,
        connection: Connection,
        files: Lane,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.connection = connection
        self._files = files
        self._project: Optional[Project] = None
        self._jobs: Tuple[Job, ...] = ()
        self._loads: List[Tuple[str, str]] = []  # of this window: project, uid

    # -- loads ------------------------------------------------------------------------

    def note_load(self, job: Job) -> None:
        """A job's predictions were loaded into the open project."""
        project = self.host.project()
        if project is not None and project.path:
            path, uid = project.path, job.uid
            self._loads.append((path, uid))
            self._remember(lambda loads: loads.add(path, uid))
            self._write_down(uid, path, undone=False)

    def note_undo(self) -> None:
        """The last load was taken back."""
        if self._loads:
            path, uid = self._loads.pop()
            self._write_down(uid, path, undone=True)
            if (path, uid) not in self._loads:
                self._remember(lambda loads: loads.remove(path, uid))
            else:
                self.loads_changed.emit()

    def _remember(self, change: Callable[[Loads], None]) -> None:
        """On the lane that the round is written on later: in this order."""
        connection = self.connection
        self._files.do(lambda: change(connection.session().loads))
        self.loads_changed.emit()

    def _write_down(self, uid: str, project: str, undone: bool) -> None:
        """Into the job's history; a list that cannot be written is said elsewhere."""
        connection = self.connection
        self._files.do(lambda: connection.session().note_load(uid, project, undone))

    def loaded(self) -> Tuple[str, ...]:
        """Uids of the jobs that were loaded in this window."""
        return tuple(uid for _, uid in self._loads)

    # -- a round ----------------------------------------------------------------------

    def begin(self, jobs: Sequence[Job]) -> None:
        """Take the next name (*files lane*), save, write down, open the dialog."""
        from sleap_remote_plugin.session.rounds import take_next

        project = self.host.project()
        obstacle = why_no_round(project)
        if self._project is not None:
            self.said.emit(tr("The next round is being made already."))
            return
        if obstacle or project is None:
            tell(self.host.window, obstacle)
            return
        self._project, self._jobs = project, tuple(jobs)
        path = Path(project.path)
        self.busy.emit(tr("Looking for the next number of ") + path.name)
        self._files.do(lambda: take_next(path), self._on_taken, self._fail)

    def _on_taken(self, path: Path) -> None:
        """SLEAP saves in its own way: the window waits as it does for File > Save."""
        from sleap_remote_plugin.session.came_before import last_training, told_round
        from sleap_remote_plugin.session.rounds import give_back, tell_round

        self.busy.emit(tr("SLEAP saves {}").format(path.name))
        now = self.host.project()
        try:
            if now is None or self._project is None or now.path != self._project.path:
                raise RemoteError(
                    tr("Another project was opened meanwhile. No round was begun.")
                )
            self.host.save_as(path)
        except Exception as error:
            self._files.do(lambda: give_back(path))
            self._fail(error)
            return
        parent, jobs = Path(self._project.path), self._jobs
        labelled, connection = now.labelled_frames, self.connection
        self.busy.emit(tr("Writing down what came before"))

        def write() -> _Told:
            session = connection.session()
            told = told_round(session, parent, path, labelled, jobs)
            last = last_training(session, str(parent), jobs)
            try:
                return _Told(tell_round(path, render_round(told)), "", last)
            except RemoteError as error:
                return _Told(None, str(error), last)

        self._files.do(write, lambda told: self._on_told(path, told), self._fail)

    def _on_told(self, path: Path, told: _Told) -> None:
        assert self._project is not None
        before, self._project = Path(self._project.path).name, None
        self.busy.emit("")
        self.said.emit(_sentence(path.name, before, told))
        if told.problem:
            tell(self.host.window, told.problem)
        now = self.host.project()
        if now is None or now.path != str(path):
            return
        try:
            self.host.open_training_like(told.last.configs, told.last.runs)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._project = None
        self.busy.emit("")
        log.warning("%r", error, exc_info=error)
        tell_error(self.host.window, error)


def _sentence(name: str, before: str, told: _Told) -> str:
    text = tr("{} is saved and open; {} stays as it was saved last.").format(
        name, before
    )
    if told.last.job is not None:
        text += tr(" Training is set as in “{}”.").format(told.last.job.name)
    else:
        text += tr(" No training of this project is known here to take settings from.")
    if told.place is not None:
        text += tr(" What came before stands in {}.").format(told.place.name)
    return text
