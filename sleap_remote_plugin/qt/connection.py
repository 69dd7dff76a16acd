"""One cluster as the window uses it: calls on the network lane, asking when needed.

A call that needs a password, a user name or trust in a host fails on its thread; the
user is asked here, on the GUI thread, and the call is made again. Calls that nobody
clicked for (polling) never ask: they change the connection line only.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Callable, List, NamedTuple, Optional

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QDialog, QWidget

from sleap_remote_plugin.errors import (
    Cancelled,
    ConnectionClosed,
    ConnectionFailed,
    HostKeyUnknown,
    SignInNeeded,
)
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.dialogs.host_key import HostKeyDialog
from sleap_remote_plugin.qt.dialogs.password import PasswordDialog, UserDialog
from sleap_remote_plugin.qt.presence import Presence
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

OpenSession = Callable[[ClusterProfile], Any]


class UserNeeded(SignInNeeded):
    """The profile names no user, and none was given before."""


def open_session(profile: ClusterProfile) -> Any:
    """The real session; imported late, since SSH's imports take a while."""
    from sleap_remote_plugin.session.opening import open_session as open_it

    return open_it(profile)


class Asking(NamedTuple):
    """A call that can be made again after a question."""

    function: Callable[[Any], Any]
    on_done: Optional[Callable[[Any], None]]
    on_error: Optional[Callable[[BaseException], None]]
    ask: bool
    parent: Optional[QWidget]
    lane: Lane
    answers: int = 0  # questions that were answered when it was last begun


class Connection(QObject):
    """The session of one profile, and who waits for what.

    Parameters
    ----------
    network : Lane
    window : QWidget
        Parent of the questions that have no nearer one.
    open_it : callable
        Makes the session; called once, on a lane.
    """

    #: sign of `states.SIGNS`, text, whether *Connect* would help
    changed = Signal(str, str, bool)
    noticed = Signal(str)
    #: It was closed from this side: nobody connects again unasked.
    let_go = Signal()

    def __init__(
        self,
        profile: ClusterProfile,
        network: Lane,
        window: QWidget,
        open_it: OpenSession = open_session,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.profile = profile
        self._network = network
        self._window = window
        self._open = open_it
        self._opening = threading.Lock()
        self._session: Any = None
        self._waiting: List[Asking] = []
        self._question: Optional[QDialog] = None
        self._answers = 0
        self._offline_since: Optional[float] = None
        self._next_try: Optional[float] = None
        self._is_connecting = False
        #: Whether the cluster wants a one-time code: then nobody connects unasked,
        #: since each try may ring a telephone.
        self.wants_codes = False
        self.presence = Presence(self.is_connected, network, self)
        self.presence.lost.connect(self._on_lost)

    def is_connected(self) -> bool:
        """Whether a connection is held; asks nobody."""
        session = self._session
        return session is not None and bool(session.transport.is_connected)

    def log_lines(self) -> List[str]:
        """What happened on the connection, oldest first; asks nobody, never waits."""
        session = self._session
        return [] if session is None else list(session.connection_log())

    # -- calls ------------------------------------------------------------------------

    def session(self) -> Any:
        """The session, opened by whoever asks first; on a lane only."""
        with self._opening:
            if self._session is None:
                self._session = self._open(self.profile)
            return self._session

    def call(
        self,
        function: Callable[[Any], Any],
        on_done: Optional[Callable[[Any], None]] = None,
        on_error: Optional[Callable[[BaseException], None]] = None,
        ask: bool = True,
        parent: Optional[QWidget] = None,
        lane: Optional[Lane] = None,
    ) -> None:
        """``function(session)`` on the network lane, with the user's help if needed.

        Parameters
        ----------
        on_error : callable, optional
            Gets `Cancelled` where the user refused to help.
        ask : bool
            False: nobody is asked; the error is the answer.
        parent : QWidget, optional
            The dialog in front, so that a question comes before it.
        lane : Lane, optional
            Another lane than the network's, for what takes minutes.
        """
        if ask and self._question is None and not self.is_connected():
            self._is_connecting = True
            text = self.profile.title + tr(" – connecting")
            self.changed.emit("connecting", text, False)
        lane = lane or self._network
        self._start(Asking(function, on_done, on_error, ask, parent, lane))

    def local(
        self,
        function: Callable[[Any], Any],
        on_done: Optional[Callable[[Any], None]] = None,
        on_error: Optional[Callable[[BaseException], None]] = None,
    ) -> None:
        """``function(session)`` for what asks nobody: the list of jobs, settings."""
        self._network.do(lambda: function(self.session()), on_done, on_error)

    def _start(self, asking: Asking) -> None:
        if self._question is not None and asking.ask:
            self._waiting.append(asking)
            return
        asking = asking._replace(answers=self._answers)
        asking.lane.do(
            lambda: self._run(asking),
            lambda result: self._on_done(asking, result),
            lambda error: self._on_error(asking, error),
        )

    def _run(self, asking: Asking) -> Any:
        session = self.session()
        if session.profile.login is not None and not session.user:
            raise UserNeeded(tr("Say who you are on {}.").format(self.profile.title))
        return asking.function(session)

    # -- answers ----------------------------------------------------------------------

    def _on_done(self, asking: Asking, result: Any) -> None:
        self.show_state()
        if asking.on_done is not None:
            asking.on_done(result)

    def _on_error(self, asking: Asking, error: BaseException) -> None:
        helpful = isinstance(error, (SignInNeeded, HostKeyUnknown))
        if helpful and asking.ask:
            if self._question is None and asking.answers < self._answers:
                self._start(asking)  # it failed before the user's answer was there
                return
            self._waiting.append(asking)
            if self._question is None:
                self._ask(error, asking.parent)
            return
        self.show_state(error)
        if isinstance(error, ConnectionClosed) and asking.ask:
            error = Cancelled(tr("Connecting was cancelled."))
        if asking.on_error is not None:
            asking.on_error(error)

    # -- stopping ---------------------------------------------------------------------

    def cancel(self) -> None:
        """Stop connecting, whatever it waits for; what waits for it is cancelled."""
        self.leave()
        self._let_go()
        self.show_state(ConnectionClosed(tr("Connecting was cancelled.")))

    def sign_out(self) -> None:
        """Nobody connects again until the user wants it."""
        self._let_go()
        self.changed.emit("off", self.profile.title + tr(" – not signed in"), True)

    def _let_go(self) -> None:
        # Not on a lane: what is to be stopped may be running there.
        self.presence.stop()
        self.let_go.emit()
        session = self._session
        if session is not None:
            threading.Thread(
                target=session.disconnect, name="sleap-remote-stop", daemon=True
            ).start()

    # -- how it stands ----------------------------------------------------------------

    def _on_lost(self) -> None:
        self.show_state(ConnectionFailed(tr("The connection was lost.")))

    def try_again_at(self, moment: Optional[float]) -> None:
        """Say when the next try comes (seconds since the epoch)."""
        self._next_try = moment
        if self._offline_since is not None:
            self._show_offline()

    def _show_offline(self) -> None:
        text = tr("{} – offline since {}, last known states shown").format(
            self.profile.title, texts.clock(self._offline_since)
        )
        if self._next_try is not None:
            text += tr(", next try at {}").format(
                texts.clock_with_seconds(self._next_try)
            )
        self.changed.emit("warn", text, True)

    def show_state(self, error: Optional[BaseException] = None) -> None:
        """Tell the connection line how the last call went."""
        title = self.profile.title
        self.wants_codes = self.wants_codes or bool(getattr(error, "prompts", ()))
        was_connecting, self._is_connecting = self._is_connecting, False
        if isinstance(error, UserNeeded):
            self.changed.emit("off", title + tr(" – not signed in"), True)
        elif isinstance(error, (SignInNeeded, HostKeyUnknown)):
            self.changed.emit("off", title + tr(" – sign in to follow your jobs"), True)
        elif isinstance(error, ConnectionClosed):
            self._offline_since = None
            self.changed.emit("off", title + tr(" – not connected"), True)
        elif isinstance(error, ConnectionFailed):
            self._offline_since = self._offline_since or time.time()
            self._next_try = None
            self._show_offline()
            self.presence.expect(self.is_connected())
        elif error is None or was_connecting:
            self._show_connected(was_connecting)

    def _show_connected(self, was_connecting: bool) -> None:
        session = self._session
        if session is None or session.profile.login is None:
            self.changed.emit("ok", self.profile.title + tr(" – this machine"), False)
        elif session.transport.is_connected:
            text = tr("{} – connected as {}").format(self.profile.title, session.user)
            self._offline_since = None
            self.changed.emit("ok", text, False)
            self.presence.expect(True)
        elif was_connecting and self._offline_since is not None:
            self._show_offline()
        elif was_connecting:
            self.changed.emit("off", self.profile.title + tr(" – not connected"), True)

    # -- questions --------------------------------------------------------------------

    def _ask(self, error: BaseException, parent: Optional[QWidget]) -> None:
        parent = parent if _is_alive(parent) else self._window
        if isinstance(error, UserNeeded):
            question: QDialog = UserDialog(self.profile.title, parent=parent)
        elif isinstance(error, HostKeyUnknown):
            question = HostKeyDialog(error, self.profile.contact, parent)
        else:
            question = PasswordDialog(error, parent)  # type: ignore[arg-type]
        self._question = question
        question.finished.connect(self._on_answered)
        question.open()

    def _on_answered(self, result: int) -> None:
        question, self._question = self._question, None
        if question is None:
            return
        if result != int(QDialog.DialogCode.Accepted):
            self._refuse()
        elif isinstance(question, UserDialog):
            user = question.user()
            self._help(lambda session: session.set_user(user))
        elif isinstance(question, HostKeyDialog):
            unknown = question.error
            self._help(lambda session: session.trust_host(unknown))
        elif isinstance(question, PasswordDialog):
            self._help(question.given())
        question.deleteLater()

    def leave(self) -> None:
        """Nobody waits for this cluster any more: an open question goes."""
        if self._question is not None:
            self._question.reject()

    def _help(self, function: Callable[[Any], Any]) -> None:
        """Give the session what it lacked, then make the waiting calls again."""
        waiting, self._waiting = self._waiting, []
        self._answers += 1
        self.changed.emit("busy", self.profile.title + tr(" – signing in"), False)
        self._network.do(
            lambda: function(self.session()), self._on_helped, self._on_help_failed
        )
        for asking in waiting:
            self._start(asking)

    def _on_helped(self, sentence: Any) -> None:
        if isinstance(sentence, str) and sentence:
            self.noticed.emit(sentence)

    def _on_help_failed(self, error: BaseException) -> None:
        log.error("The answer could not be used: %r", error, exc_info=error)
        self.noticed.emit(str(error))

    def _refuse(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._is_connecting = False
        self.changed.emit("off", self.profile.title + tr(" – not signed in"), True)
        for asking in waiting:
            if asking.on_error is not None:
                asking.on_error(Cancelled(tr("Signing in was cancelled.")))


def _is_alive(widget: Optional[QWidget]) -> bool:
    """Whether Qt's half of a widget is still there, and shown."""
    try:
        return widget is not None and widget.isVisible()
    except RuntimeError:
        return False
