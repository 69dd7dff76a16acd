"""Follows the jobs: asks the cluster when it is due, reads progress and logs.

The next question is set only after an answer, so that nothing piles up behind a slow
network or a hanging mount. Without a connection the jobs' own files on the mount are
still read; when the network is tried again is reconnecting.py's.
"""

from __future__ import annotations

import functools
import logging
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from qtpy.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal
from qtpy.QtGui import QGuiApplication

from sleap_remote_plugin.errors import (
    Cancelled,
    ConnectionFailed,
    HostKeyUnknown,
    RemoteError,
    SignInNeeded,
)
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.findings import Findings, Remark, found_of, not_found
from sleap_remote_plugin.qt.notices import notice_of, sign_in_notice
from sleap_remote_plugin.qt.reconnecting import Reconnecting
from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds until jobs are looked at again after something unexpected.
RETRY = 30.0
#: Milliseconds for which an answer is taken to be of now.
FRESH = 10000

#: Errors of which the connection line tells by itself.
_SHOWN_BY_THE_CONNECTION = (Cancelled, ConnectionFailed, HostKeyUnknown, SignInNeeded)


class Answer(NamedTuple):
    """Jobs, seconds until the next question, sentences on what could not be asked.

    `no_connection` says why there is none, where one was tried.
    """

    jobs: Tuple[Job, ...]
    next_poll: Optional[float]
    troubles: Tuple[str, ...] = ()
    no_connection: Optional[RemoteError] = None


def ask_store(session: Any) -> Answer:
    return Answer(tuple(session.jobs()), session.next_poll())


def ask_cluster(session: Any, at_once: bool = True) -> Answer:
    """Ask how the jobs stand; unless `at_once`, SLURM only when that is due."""
    jobs = tuple(session.refresh(at_once))
    return Answer(jobs, session.next_poll(), tuple(getattr(session, "troubles", ())))


def ask_unasked(session: Any, may_connect: bool, at_once: bool = False) -> Answer:
    """Ask because it is due: nobody can be asked to sign in, and nobody waits."""
    problem: Optional[RemoteError] = None
    if may_connect:
        try:
            session.connect()
        except RemoteError as error:
            problem = error
    if session.transport.is_connected:
        return ask_cluster(session, at_once)
    try:
        with session.transport.without_connecting():
            jobs = tuple(session.refresh(at_once=False))
    except RemoteError:  # the mount tells nothing either
        jobs = tuple(session.jobs())
    return Answer(jobs, session.next_poll(), (), problem)


def connect_and_ask(session: Any) -> Answer:
    """Ask because the user clicked: connected first, even if no job is open.

    Without it the job's own files would do for an answer, and nobody would be asked
    to sign in.
    """
    problem: Optional[RemoteError] = None
    try:
        session.connect()
    except ConnectionFailed as error:
        if session.next_poll() is None:
            raise
        problem = error
    return ask_cluster(session)._replace(no_connection=problem)


def look_into(
    session: Any, jobs: List[Job], selected: str, warning: Remark, part: int = -1
) -> Dict[str, Findings]:
    """What the mount tells of these jobs (*files lane*)."""
    return {
        job.uid: _findings(session, job, job.uid == selected, warning, part)
        for job in jobs
    }


def _findings(
    session: Any, job: Job, all_of_it: bool, warning: Remark, part: int
) -> Findings:
    try:
        if all_of_it:
            return found_of(session, job, warning, part)
        return Findings(tuple(session.progress(job)))
    except (RemoteError, OSError) as error:
        return not_found(session, job, error, part)


def _sentence(error: BaseException) -> str:
    if isinstance(error, RemoteError):
        return str(error)
    return tr(
        "The jobs could not be asked after ({}): the last known states are shown, and "
        "the jobs go on. The log has the details."
    ).format(type(error).__name__)


class Follower(QObject):
    """Keeps the table of one connection's jobs up to date."""

    jobs_changed = Signal(object)  # tuple of Job
    progressed = Signal(object)  # uid -> progress: of all that run, told once
    found = Signal(str, object)  # uid, Findings: of the selected job
    noticed = Signal(object)  # tuple of Notice: of one answer
    troubled = Signal(str)

    def __init__(
        self, connection: Connection, files: Lane, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.connection = connection
        self._files = files
        self.warning: Remark = lambda _session, _job: ""
        #: whether the shown log is read again by itself, asked before each look
        self.reads_logs: Callable[[], bool] = lambda: True
        self._in_full = ""  # uid and state of the job whose log is shown
        self._reading = ""  # uid of the one whose log is being read
        self._before: Optional[Dict[str, Job]] = None
        self._jobs: Tuple[Job, ...] = ()
        self._selected = ""
        self._part = -1
        self._asking = False
        self._look: Optional[Call] = None
        self._look_again = False
        self._stopped = False
        self._due_again = False
        self._answered = QElapsedTimer()
        QGuiApplication.instance().applicationStateChanged.connect(self._on_front)
        self.reconnecting = Reconnecting(connection, self)
        self.reconnecting.due.connect(self._on_due)
        self.reconnecting.user_needed.connect(self._on_user_needed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_due)

    def start(self) -> None:
        """Show the stored jobs at once; ask the cluster if one of them is open."""
        self.connection.local(ask_store, self._on_stored, self._on_error)

    def stop(self) -> None:
        self._stopped = True
        self._timer.stop()
        self.reconnecting.stop()

    def refresh(self, ask: bool = False, at_once: bool = False) -> None:
        """Look now; `ask` where the user clicked and can be asked to sign in.

        Parameters
        ----------
        at_once : bool
            SLURM is asked too, though it is not due.
        """
        if self._asking and not ask:
            return
        self._asking = True
        self._timer.stop()
        if ask:
            self._in_full = ""
            self.connection.call(
                connect_and_ask, self._on_wanted_answer, self._on_wanted_error
            )
            return
        may = self.reconnecting.may_connect()
        question = functools.partial(ask_unasked, may_connect=may, at_once=at_once)
        self.connection.local(question, self._on_answer, self._on_error)

    def refresh_once(self) -> None:
        """Something new is here: look again, after a look that is under way."""
        self._on_due()

    def select(self, uid: str) -> None:
        if uid != self._selected:
            self._part = -1
        self._selected, self._in_full = uid, ""
        self.look()

    def choose_part(self, part: int) -> None:
        """Read the log of one of the selected job's tasks; -1: of all."""
        self._part, self._in_full = part, ""
        self.look()

    def look(self) -> None:
        """Read progress and logs from the mount, one round at a time."""
        if self._look is not None and not self._look.is_answered:
            self._look_again = True
            return
        selected, warning, part = self._selected, self.warning, self._part
        if self._in_full == self._as_it_is(selected) and not self.reads_logs():
            selected = ""
        self._reading = selected
        jobs = [
            job
            for job in self._jobs
            if job.uid == selected or job.state is JobState.RUNNING
        ]
        if jobs:
            self._look = self._files.do(
                lambda: look_into(
                    self.connection.session(), jobs, selected, warning, part
                ),
                self._on_found,
                self._on_look_failed,
            )

    # -- answers ----------------------------------------------------------------------

    def _on_stored(self, answer: Answer) -> None:
        self._take(answer.jobs)
        if answer.next_poll is not None:
            self.refresh()

    def _on_answer(self, answer: Answer) -> None:
        self._asking = False
        self._answered.start()
        self._take(answer.jobs)
        self.reconnecting.note(answer.no_connection)
        if answer.troubles and self.connection.is_connected():
            self.troubled.emit(answer.troubles[0])
        self._arm(answer.next_poll)

    def _on_wanted_answer(self, answer: Answer) -> None:
        self._on_answer(answer)
        self._tell_why(answer.no_connection)

    def _on_wanted_error(self, error: BaseException) -> None:
        self._on_error(error)
        self._tell_why(error)

    def _tell_why(self, error: Optional[BaseException]) -> None:
        """Who clicked learns more than that we are offline."""
        if isinstance(error, ConnectionFailed):
            self.connection.noticed.emit(str(error))

    def _on_error(self, error: BaseException) -> None:
        self._asking = False
        if not isinstance(error, RemoteError):
            log.error("Following the jobs: %r", error, exc_info=error)
        if isinstance(error, (RemoteError, Cancelled)):
            self.reconnecting.note(error)
        if not isinstance(error, _SHOWN_BY_THE_CONNECTION):
            self.troubled.emit(_sentence(error))
        self._arm(RETRY if self._has_open_job() else None)
        self.look()

    def _take(self, jobs: Tuple[Job, ...]) -> None:
        before, self._before = self._before or {}, {job.uid: job for job in jobs}
        self._jobs = jobs
        self.jobs_changed.emit(jobs)
        known = [(before[job.uid], job) for job in jobs if job.uid in before]
        notices = [notice_of(*pair) for pair in known]
        found = tuple(notice for notice in notices if notice is not None)
        if found:
            self.noticed.emit(found)
        self.look()

    def _arm(self, seconds: Optional[float]) -> None:
        if self._due_again:
            self._due_again, seconds = False, 0.0
        if seconds is not None and not self._stopped:
            self._timer.start(int(max(seconds, 0.05) * 1000))

    def _has_open_job(self) -> bool:
        return any(not job.state.is_final for job in self._jobs)

    def _on_user_needed(self) -> None:
        count = sum(not job.state.is_final for job in self._jobs)
        if count:
            profile = self.connection.profile
            self.noticed.emit((sign_in_notice(profile.name, profile.title, count),))

    def _on_due(self) -> None:
        self._due_again = self._asking
        self.refresh()

    def _on_front(self, state: Any) -> None:
        """The user came back to the program: what is shown should be of now."""
        if state != Qt.ApplicationState.ApplicationActive or self._stopped:
            return
        is_old = self._answered.isValid() and self._answered.hasExpired(FRESH)
        if is_old and self._has_open_job():
            self.refresh(at_once=True)

    def _on_found(self, found: Dict[str, Findings]) -> None:
        self.progressed.emit({uid: one.progress for uid, one in found.items()})
        if self._selected in found and self._selected == self._reading:
            self._in_full = self._as_it_is(self._selected)
            self.found.emit(self._selected, found[self._selected])
        self._once_more()

    def _as_it_is(self, uid: str) -> str:
        states = [job.state.name for job in self._jobs if job.uid == uid]
        return " ".join([uid] + states)

    def _on_look_failed(self, error: BaseException) -> None:
        log.error("Reading the jobs' files: %r", error, exc_info=error)
        self._once_more()

    def _once_more(self) -> None:
        if self._look_again and not self._stopped:
            self._look_again = False
            self.look()
