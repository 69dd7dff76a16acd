"""Background lanes: what can hang runs there, answers come back on the GUI thread.

A lane is one daemon thread with a queue, so that calls on one lane keep their order,
and closing the window waits for no mount and no network. There is one lane for the
network and one for files. Threads never ask the user; they raise (see connection.py).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Any, Callable, List, Optional

from qtpy.QtCore import QObject, Qt, Signal

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.qt import collector
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds between two reports of progress that reach the GUI thread.
REPORT_INTERVAL = 0.05


class Call:
    """One call on a lane; `cancel` asks it to stop at its next report."""

    def __init__(
        self,
        function: Callable[..., Any],
        on_done: Optional[Callable[[Any], None]],
        on_error: Optional[Callable[[BaseException], None]],
        on_progress: Optional[Callable[..., None]],
    ) -> None:
        self.function = function
        self.on_done = on_done
        self.on_error = on_error
        self.on_progress = on_progress
        self.is_answered = False
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()


class Lane(QObject):
    """One background thread.

    Parameters
    ----------
    name : str
        The thread's name, for logs and debuggers.
    """

    _answered = Signal(object, str, object)
    _left = Signal()  # the thread knows nothing any more of the call before

    def __init__(self, name: str, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.name = name
        self._calls: "queue.Queue[Optional[Call]]" = queue.Queue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread: Optional[threading.Thread] = None
        self._kept: List[Call] = []
        queued = Qt.ConnectionType.QueuedConnection
        self._answered.connect(self._on_answered, queued)
        self._left.connect(self._on_left, queued)

    def do(
        self,
        function: Callable[..., Any],
        on_done: Optional[Callable[[Any], None]] = None,
        on_error: Optional[Callable[[BaseException], None]] = None,
        on_progress: Optional[Callable[..., None]] = None,
    ) -> Call:
        """Run a function on this lane's thread; the answer arrives on the GUI thread.

        Parameters
        ----------
        function : callable
            Called without arguments; with `on_progress`, called with one: a function
            ``report(done, total, ...) -> bool`` which is False once the call is
            cancelled.
        on_done : callable, optional
            Gets the result.
        on_error : callable, optional
            Gets the exception; without it the exception is only logged.
        on_progress : callable, optional
            Gets what `report` got, at most 20 times a second, until it is cancelled.
        """
        call = Call(function, on_done, on_error, on_progress)
        if self._thread is None:
            collector.start()
            self._thread = threading.Thread(
                target=self._work, name="sleap-remote-" + self.name, daemon=True
            )
            self._thread.start()
        self._calls.put(call)
        return call

    def close(self) -> None:
        """No more answers; the thread ends after its present call, unawaited."""
        with self._closing:
            self._closed = True
        self._calls.put(None)

    # -- on the lane's thread ---------------------------------------------------------

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            if call is None:
                return
            self._run(call)
            del call
            self._tell(self._left)

    def _run(self, call: Call) -> None:
        try:
            if call.is_cancelled:
                raise Cancelled(tr("It was cancelled before it began."))
            if call.on_progress is None:
                result = call.function()
            else:
                result = call.function(self._reporter(call))
        except Exception as error:
            self._answer(call, "error", error)
        else:
            self._answer(call, "done", result)

    def _reporter(self, call: Call) -> Callable[..., bool]:
        last = [0.0]

        def report(done: int, total: int, *doing: str) -> bool:
            now = time.monotonic()
            if now - last[0] >= REPORT_INTERVAL or done >= total:
                last[0] = now
                self._answer(call, "progress", (done, total, *doing))
            return not call.is_cancelled

        return report

    def _answer(self, call: Call, kind: str, value: Any) -> None:
        self._tell(self._answered, call, kind, value)

    def _tell(self, signal: Any, *values: Any) -> None:
        with self._closing:
            if self._closed:
                return
            try:
                signal.emit(*values)
            except RuntimeError:  # Qt's half of this object is gone: nobody listens
                self._closed = True

    # -- on the GUI thread ------------------------------------------------------------

    def _on_answered(self, call: Call, kind: str, value: Any) -> None:
        if kind == "progress":
            is_over = call.is_answered or call.is_cancelled
            if call.on_progress is not None and not is_over:
                call.on_progress(*value)
            return
        call.is_answered = True
        self._kept.append(call)
        if kind == "done" and call.on_done is not None:
            if not _is_gone(call.on_done):
                call.on_done(value)
        elif kind == "error" and _is_gone(call.on_error):
            log.info("On lane %s, and nobody waits for it: %r", self.name, value)
        elif kind == "error" and call.on_error is not None:
            call.on_error(value)
        elif kind == "error" and not isinstance(value, Cancelled):
            log.error("On lane %s: %r", self.name, value, exc_info=value)

    def _on_left(self) -> None:
        """Only now: with a call may go widgets that it knows, and they go here."""
        del self._kept[:1]


def _is_gone(callback: Optional[Callable[..., None]]) -> bool:
    """Whether it is a method of an object whose half in Qt has ended."""
    owner = getattr(callback, "__self__", None)
    try:
        return isinstance(owner, QObject) and owner.objectName() is None
    except RuntimeError:
        return True
