"""Results on their way to this computer, where none of the cluster's disks is mounted.

On a lane of its own, so that others go on meanwhile; with a line in the dock, and a
*Cancel*. Short ones come with the look that finds them: session/mirrors.py's.
"""

from __future__ import annotations

import logging
from typing import Any, Dict, Optional, Set

from qtpy.QtCore import QObject, Qt, Signal

from sleap_remote_plugin.errors import Cancelled, ConnectionFailed, NoRoom
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)


class Fetching(QObject):
    """One job's results after the other."""

    progressed = Signal(str, int, int)  # text, done, total; empty: nothing is fetched
    said = Signal(str)
    fetched = Signal()  # there is something new here: look at the jobs again
    _wanted = Signal(object)  # Job; from any thread
    _told = Signal(object)  # Progress; from the fetching thread
    _waits = Signal(object)  # Job; from the fetching thread

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._session: Any = None
        self._lane = Lane("fetch", self)
        self._jobs: Dict[str, Job] = {}
        self._put_off: Set[str] = set()
        self._fetch: Any = None
        queued = Qt.ConnectionType.QueuedConnection
        self._wanted.connect(self._on_wanted, queued)
        self._told.connect(self._on_told, queued)
        self._waits.connect(self._on_waits, queued)

    def attach(self, session: Any) -> Any:
        """Have a session leave long fetches to this; returns the session."""
        self._session = session
        session.mirrors.leave_to = self._want
        return session

    def close(self) -> None:
        """The window goes, or turns to another cluster."""
        if self.stop():
            self.progressed.emit("", 0, 0)
        self._lane.close()
        if self._session is not None:
            self._session.mirrors.leave_to = None

    def stop(self) -> bool:
        """Stop; what came is kept. Whether there was anything to stop."""
        if not self._jobs:
            return False
        self._put_off.update(self._jobs)
        if self._fetch is not None:
            self._fetch.cancel()
        return True

    def resume(self) -> None:
        """The user wants it after all: the next look goes on with it."""
        self._put_off.clear()

    # -- on any thread ----------------------------------------------------------------

    def _want(self, job: Job) -> None:
        try:
            self._wanted.emit(job)
        except RuntimeError:  # the window is gone
            log.info("Not fetched: %s", job.slurm_name)

    def _bring(self, job: Job) -> None:
        # Imported with the first long fetch: SLEAP's start does not pay for it.
        from sleap_remote_plugin.session.fetch import STOPPED

        def begun(fetch: Any) -> None:
            self._fetch = fetch
            if job.uid in self._put_off:
                fetch.cancel()

        if job.uid in self._put_off:
            raise Cancelled(STOPPED)
        self._session.mirrors.bring_long(
            job,
            lambda progress: self._tell(self._told, progress),
            begun,
            lambda: self._tell(self._waits, job),
        )

    def _tell(self, signal: Any, value: Any) -> None:
        try:
            signal.emit(value)
        except RuntimeError:  # the window is gone; what came is kept
            self._fetch.cancel()

    # -- on the GUI thread ------------------------------------------------------------

    def _on_wanted(self, job: Job) -> None:
        if job.uid in self._jobs or job.uid in self._put_off:
            return
        self._jobs[job.uid] = job
        self._lane.do(
            lambda: self._bring(job),
            lambda _: self._on_fetched(job),
            lambda error: self._on_error(job, error),
        )

    def _on_told(self, progress: Any) -> None:
        from sleap_remote_plugin.qt.dialogs.transfer import amount_text

        if not self._jobs:
            return
        job = next(iter(self._jobs.values()))
        text = tr("Fetching the results of {}: file {:,} of {:,}, {}").format(
            job.name, progress.number, progress.count, amount_text(progress)
        )
        share = progress.done / progress.total if progress.total else 0.0
        self.progressed.emit(text, int(1000 * min(1.0, share)), 1000)

    def _on_waits(self, job: Job) -> None:
        if job.uid in self._jobs:
            text = tr("Another window fetches the results of {} at the moment")
            self.progressed.emit(text.format(job.name), 0, 0)

    def _end(self, job: Job) -> None:
        self._fetch = None
        self._jobs.pop(job.uid, None)
        if not self._jobs:
            self.progressed.emit("", 0, 0)

    def _on_fetched(self, job: Job) -> None:
        self._end(job)
        self.fetched.emit()

    def _on_error(self, job: Job, error: BaseException) -> None:
        self._end(job)
        if not isinstance(error, Cancelled):
            log.warning("Not fetched: %r", error, exc_info=error)
        if isinstance(error, NoRoom):  # nor will there be at the next look
            self._put_off.add(job.uid)
        if not isinstance(error, ConnectionFailed):  # of which its own line tells
            self.said.emit(str(error))
