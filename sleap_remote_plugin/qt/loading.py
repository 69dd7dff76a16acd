"""Predictions into the open project: read, shown beforehand, merged, taken back.

Read on the files lane; merged on the GUI thread in slices, so that the window stays
usable. Where the open project is not theirs, they can be opened as one of their own.
"""

from __future__ import annotations

import logging
import time
from typing import Any, Callable, Generator, List, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QDialog

from sleap_remote_plugin.errors import Cancelled, OtherProject, RemoteError
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.load import LoadDialog
from sleap_remote_plugin.qt.dialogs.message import ask, tell, tell_error
from sleap_remote_plugin.qt.host import Host, MergeSummary
from sleap_remote_plugin.qt.loads import LoadMode, LoadPreview
from sleap_remote_plugin.qt.models import same_file
from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.session.places import speller
from sleap_remote_plugin.words import counted, tr

log = logging.getLogger(__name__)

#: Seconds of work on the GUI thread before the window gets its turn.
TURN = 0.012
#: Milliseconds before each of the last slices, which are long. A timer of 0 goes ahead
#: of every other one that came due meanwhile: they would wait for two slices.
PAUSE = 10
#: Up to so many instances the last slices are as short as the others.
FEW = 5000


class Loading(QObject):
    """One load at a time, and the way back."""

    said = Signal(str, bool)  # a sentence, whether it can be undone
    progressed = Signal(str, int, int)  # what is done; done, total (0, 0: not known)
    loaded = Signal(object)  # Job
    undone = Signal()
    ended = Signal()

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
        self._job: Optional[Job] = None
        self._call: Optional[Call] = None
        self._loaded: List[Any] = []
        self._dialog: Optional[LoadDialog] = None
        self._question: Optional[QDialog] = None
        self._slices: Optional[Generator[Tuple[int, int], None, MergeSummary]] = None
        self._is_built = self._is_in = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_turn)

    @property
    def is_busy(self) -> bool:
        return self._call is not None or self._slices is not None

    # -- reading ----------------------------------------------------------------------

    def load(self, job: Job) -> None:
        """Read a job's predictions, and show what a load of them would do."""
        if self.is_busy:
            self.said.emit(
                tr("Predictions are being loaded. One load at a time."), False
            )
            return
        self.forget()
        self._job = job
        project = self.host.project()
        if project is None:
            self._offer_alone(tr("No project is open in this window."))
        elif project.is_package:
            tell(
                self.host.window,
                tr(
                    "The open project is a training package: it is for training only. "
                    "Nothing was loaded. Open {}, then load the predictions into "
                    "it."
                ).format(job.project),
            )
        else:
            self._read(job)

    def _read(self, job: Job) -> None:
        host, connection = self.host, self.connection

        def read(report: Callable[[int, int], bool]) -> Tuple[List[Any], LoadPreview]:
            session = connection.session()
            found = session.results(job).predictions
            loaded = []
            for number, one in enumerate(found):
                if not report(number, len(found)):
                    raise Cancelled(tr("It was cancelled while the files were read."))
                loaded.append(
                    host.read_predictions(one.path, [one.meant], speller(session))
                )
            return loaded, host.preview_predictions(loaded)

        self._begin(read, self._on_read)

    def _begin(self, work: Callable[..., Any], on_done: Callable[[Any], None]) -> None:
        self._on_progress(0, 0)
        self._call = self._files.do(work, on_done, self._on_error, self._on_progress)

    def _on_progress(self, done: int, total: int) -> None:
        name = self._job.name if self._job is not None else ""
        self.progressed.emit(tr("Reading the predictions of ") + name, done, total)

    def _on_read(self, found: Tuple[List[Any], LoadPreview]) -> None:
        if self._has_ended():
            return
        self._loaded, preview = found
        if not preview.instances:
            self.said.emit(NOTHING_PREDICTED, False)
            return
        assert self._job is not None
        self._dialog = LoadDialog(
            self._job.name,
            preview,
            self._remark(self._job),
            _asked_for(self._job),
            self.host.window,
        )
        self._dialog.finished.connect(self._on_chosen)
        self._dialog.show()

    def _remark(self, job: Job) -> str:
        project = self.host.project()
        if project is None or same_file(project.path, job.project):
            return ""
        return tr(
            "They were made from {}. The open project has another name, and the same "
            "videos and skeleton."
        ).format(job.project)

    # -- merging ----------------------------------------------------------------------

    def _on_chosen(self, result: int) -> None:
        dialog, loaded = self._dialog, self._loaded
        self._dialog, self._loaded = None, []
        if dialog is not None and result:
            self.merge(loaded, dialog.mode)

    def merge(self, loaded: Sequence[Any], mode: LoadMode) -> None:
        """Begin; slices follow whenever the window has nothing else to do."""
        self._slices = self.host.merging(loaded, mode)
        self._is_built = self._is_in = False
        self._timer.start(0)

    def _on_turn(self) -> None:
        slices = self._slices
        if slices is None:
            return
        until = time.monotonic() + TURN
        done = total = 0
        try:
            while time.monotonic() < until:
                done, total = next(slices)
                if done >= total:  # the next slice is a long one: by itself
                    self._is_in, self._is_built = self._is_built, True
                    self._timer.setInterval(PAUSE if total > FEW else 0)
                    break
        except StopIteration as end:
            self._end()
            self.loaded.emit(self._job)
            self.said.emit(loaded_sentence(end.value), True)
        except Exception as error:
            self._end()
            self._on_error(error)
        else:
            self.progressed.emit(tr("Loading the predictions"), done, total)

    def _end(self) -> None:
        self._timer.stop()
        if self._slices is not None:
            self._slices.close()
        self._slices = None
        self.ended.emit()

    def stop(self) -> None:
        """Stop reading or merging; the project is as it was, or wholly loaded."""
        if self._call is not None:
            self._call.cancel()
            self._call = None
            self.ended.emit()
            self.said.emit(STOPPED, False)
        elif self._slices is not None and not self._is_in:
            self._end()
            self.said.emit(STOPPED, False)

    def leave(self) -> None:
        """Another cluster is chosen: a load ends here, and is told."""
        while self._is_in and self._slices is not None:
            self._on_turn()  # it is in the project: what is left is its end
        if self._dialog is not None:
            self.forget()
            self.said.emit(STOPPED, False)
        if self._question is not None:
            self._question.reject()
        self.stop()

    # -- and back ---------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last load back."""
        if self._slices is not None:
            return
        try:
            left = self.host.undo_merge()
        except Exception as error:
            self._on_error(error)
            return
        self.undone.emit()
        text = tr("The load was undone. ")
        if left:
            text += tr(
                "{} got other predictions since; these stay. Everything else is as it "
                "was before."
            ).format(counted(left, "frame"))
        else:
            text += tr("The project’s predictions are as they were before it.")
        if self.host.can_undo:
            text += tr(" Undo load takes the load before it back, too.")
        self.said.emit(text, self.host.can_undo)

    def forget(self) -> None:
        """What was read is for a project that is not open any more."""
        dialog, self._dialog, self._loaded = self._dialog, None, []
        if dialog is not None:
            dialog.close()

    # -- on their own -----------------------------------------------------------------

    def _offer_alone(self, why: str) -> None:
        job = self._job
        assert job is not None
        self._question = ask(
            self.host.window,
            tr(
                "{}\n\nThey were made from {}. They can also be opened as a project of "
                "their own: unsaved, and no file is changed."
            ).format(why, job.project),
            tr("Open on their own"),
            tr("Cancel"),
            self._read_alone,
            name="remote_load_alone",
            on_no=self._on_refused,
        )

    def _on_refused(self) -> None:
        self._question = None

    def _read_alone(self) -> None:
        self._question = None
        job, host, connection = self._job, self.host, self.connection
        assert job is not None

        def read(_report: Callable[[int, int], bool]) -> Any:
            session = connection.session()
            found = session.results(job).predictions
            videos = [(one.path, one.video) for one in found]
            return host.read_as_project(videos, _finder(session))

        self._begin(read, self._on_read_alone)

    def _on_read_alone(self, project: Any) -> None:
        if self._has_ended():
            return
        try:
            self.host.open_as_project(project)
        except Exception as error:
            self._on_error(error)

    # -- ends -------------------------------------------------------------------------

    def _has_ended(self) -> bool:
        """Note the end of a call; True: it was stopped, and is of no interest."""
        if self._call is None:
            return True
        self._call = None
        self.ended.emit()
        return False

    def _on_error(self, error: BaseException) -> None:
        was_reading, self._call = self._call is not None, None
        self.ended.emit()
        if isinstance(error, Cancelled):
            return
        log.warning("%r", error, exc_info=error)
        if isinstance(error, OtherProject) and was_reading:
            self._offer_alone(str(error))
        else:
            tell_error(self.host.window, error)


def _asked_for(job: Job) -> LoadMode:
    """What was chosen in SLEAP's dialog when the job was submitted."""
    asked = job.request.get("existing")
    return next((mode for mode in LoadMode if mode.value == asked), LoadMode.REPLACE)


def _finder(session: Any) -> Callable[[str], str]:
    def local_path(cluster: str) -> str:
        try:
            return str(session.places.to_local(cluster))
        except (RemoteError, OSError):
            return ""

    return local_path


NOTHING_PREDICTED = tr(
    "The models found no animal on any frame, so nothing was loaded and your project "
    "is as it was. Label more frames or train for longer, and predict again."
)
STOPPED = tr("The load was stopped. Nothing was loaded; the project is as it was.")


def loaded_sentence(summary: MergeSummary) -> str:
    text = tr("Loaded {} on {}").format(
        counted(summary.instances, "predicted instance"),
        counted(summary.frames, "frame"),
    )
    if summary.replaced:
        text += tr("; {} of before went").format(
            counted(summary.replaced, "prediction")
        )
    return text + tr(". Your labels are as they were; nothing is saved yet.")
