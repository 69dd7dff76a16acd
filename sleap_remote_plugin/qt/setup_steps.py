"""The set-up of a cluster, step by step: each step's call, and what comes of it.

What the steps do is in session/setup.py and session/disks.py, how they look in
dialogs/wizard.py. A step that went well leads to the next by itself; one that did not
says why and can be tried again.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Callable, Optional, Tuple

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QDialog

from sleap_remote_plugin.errors import Cancelled, ProfileError, RemoteError
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.jobs.profile_writing import profile_path, write_profile
from sleap_remote_plugin.qt.connection import Connection, OpenSession, open_session
from sleap_remote_plugin.qt.dialogs.wizard import NAMES, SetupWizard
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.check import CheckLine
from sleap_remote_plugin.session.disks import Disks, look_at_disks
from sleap_remote_plugin.session.mount_table import Candidate
from sleap_remote_plugin.session.setup import (
    Modules,
    User,
    completed,
    connect,
    find_user,
    look_at_modules,
)
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Milliseconds between two looks at the connection's log.
LOG_INTERVAL = 150


class SetupSteps(QObject):
    """Takes one wizard through its steps, from its opening to its end.

    Parameters
    ----------
    wizard : SetupWizard
        Not yet shown.
    """

    #: profile, its session (connected), path of the file
    completed = Signal(object, object, str)
    dismissed = Signal()

    def __init__(
        self,
        wizard: SetupWizard,
        host: Host,
        open_it: OpenSession = open_session,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.wizard = wizard
        self.host = host
        self._open_it = open_it
        # Of its own: the window's may be waiting for a cluster that does not answer.
        self._network = Lane("set-up")
        self._connection: Optional[Connection] = None
        self._user = User("", False)
        self._line: Optional[CheckLine] = None
        self._notice: Optional[CheckLine] = None
        self._disks = Disks((), ())
        self._modules = Modules((), ())
        self._round = 0
        self._is_over = False
        wizard.next_wanted.connect(self._on_next)
        wizard.back_wanted.connect(self._on_back)
        wizard.again_wanted.connect(self._on_again)
        wizard.disks.given.connect(self._on_given)
        wizard.finished.connect(self._on_finished)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start(LOG_INTERVAL)

    @property
    def connection(self) -> Connection:
        """The chosen cluster's; there is one from the first step on."""
        if self._connection is None:
            raise RuntimeError(tr("no cluster was chosen yet"))
        return self._connection

    @property
    def profile(self) -> ClusterProfile:
        return self.connection.profile

    def _on_finished(self, result: int) -> None:
        self._is_over = True
        self._timer.stop()
        if result != int(QDialog.DialogCode.Accepted):
            self._let_go()
            self.dismissed.emit()
        self._network.close()

    def _let_go(self) -> None:
        """Stop what is under way, and close the connection."""
        self._round += 1
        if self._connection is not None:
            self._connection.cancel()

    def _on_tick(self) -> None:
        """Show how far the connection is; its log is in memory."""
        if self._connection is not None:
            lines = self._connection.log_lines()
            self.wizard.connection.show_log([line.partition(" ")[2] for line in lines])

    def _on_noticed(self, sentence: str) -> None:
        """Where a password could not be kept: told at the end."""
        self._notice = CheckLine(tr("Password"), "warn", sentence)

    def _call(
        self,
        function: Callable[[Any], Any],
        then: Callable[[Any], None],
        local: bool = False,
    ) -> None:
        """``function(session)``, with the user's help if needed; answers of this round.

        A failure is told on the page of the step.
        """
        self._round += 1
        number = self._round
        self.wizard.set_busy(True)

        def done(result: Any) -> None:
            if number == self._round and not self._is_over:
                then(result)

        def failed(error: BaseException) -> None:
            if number == self._round and not self._is_over:
                self._show_failure(error)

        if local:
            self.connection.local(function, done, failed)
        else:
            self.connection.call(function, done, failed, parent=self.wizard)

    def _show_failure(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            text = tr("{} Nothing was changed. Try again, or go back.").format(error)
        elif isinstance(error, RemoteError):
            text = str(error)
        else:
            log.error("The set-up failed: %r", error, exc_info=error)
            text = (
                tr(
                    "Something went wrong that this program did not expect ({}). "
                    "Nothing was changed; try again. The log has the details."
                )
            ).format(type(error).__name__)
        step = self.wizard.step
        self.wizard.steps.mark(step, "fail", "")
        self.wizard.say(step, "fail", text)
        self.wizard.set_busy(False, can_go_on=step in ("cluster", "done"))

    # -- the buttons ------------------------------------------------------------------

    def _on_next(self, step: str) -> None:
        deeds = {
            "cluster": self._take_cluster,
            "user": self._take_user,
            "connection": self._look_at_disks,
            "disks": self._look_at_modules,
            "sleap": self._sum_up,
            "done": self._save,
        }
        deeds[step]()

    def _on_again(self, step: str) -> None:
        if step == "connection":
            self._connect()
        elif step == "disks":
            self._look_at_disks()
        elif step == "sleap":
            self._look_at_modules()

    def _on_back(self, step: str) -> None:
        target = NAMES[NAMES.index(step) - 1]
        if target == "user" and self._user.is_settled:
            target = "cluster"
        if target in ("cluster", "user"):
            self._let_go()
            self.wizard.forget_after(target)
        self._round += 1
        self.wizard.show_step(target)

    # -- cluster and user -------------------------------------------------------------

    def _take_cluster(self) -> None:
        try:
            profile = self.wizard.cluster.profile()
        except ProfileError as error:
            self.wizard.say("cluster", "fail", str(error))
            return
        if self._connection is None or profile != self.profile:
            self._let_go()
            self._notice = None
            self._connection = Connection(
                profile, self._network, self.wizard, self._open_it, self
            )
            self._connection.noticed.connect(self._on_noticed)
        self.wizard.steps.mark("cluster", "ok", profile.title)
        self._call(find_user, self._on_user, local=True)

    def _on_user(self, user: User) -> None:
        profile = self.profile
        self._user = user
        if user.is_settled:
            text = "{}, {}".format(user.name, user.says) if user.name else user.says
            self.wizard.steps.mark("user", "ok", text)
            self._connect()
        else:
            self.wizard.user.ask(profile.title, user.name)
            self.wizard.show_step("user")

    def _take_user(self) -> None:
        self._user = User(self.wizard.user.user(), False)
        self.wizard.steps.mark("user", "ok", self._user.name)
        self._connect()

    # -- looking ----------------------------------------------------------------------

    def _begin(self, step: str, text: str) -> None:
        self.wizard.forget_after(step)
        self.wizard.show_step(step)
        self.wizard.steps.mark(step, "busy", "")
        self.wizard.say(step, "busy", text)

    def _connect(self) -> None:
        name = self._user.name
        self._begin("connection", tr("Connecting to {}.").format(self.profile.title))
        self._disks, self._modules = Disks((), ()), Modules((), ())
        if not self._user.is_settled:
            self.connection.local(lambda session: _be(session, name))
        self._call(lambda session: (connect(session), session.user), self._on_connected)

    def _on_connected(self, found: Tuple[CheckLine, str]) -> None:
        line, user = found
        self._line = line
        self._on_tick()
        self.wizard.steps.mark("connection", "ok", tr("as ") + user)
        self.wizard.say("connection", "ok", line.text)
        self._look_at_disks()

    def _look_at_disks(self, given: Optional[Candidate] = None) -> None:
        self._begin(
            "disks",
            tr(
                "Looking for the cluster's disks: a file is written here and read "
                "there, and the other way round."
            ),
        )
        project = self.host.project()
        folder = str(Path(project.path).parent) if project and project.path else ""
        if given is None:
            self._disks = Disks((), ())
        self._call(
            lambda session: look_at_disks(session, folder, given), self._on_disks
        )

    def _on_given(self) -> None:
        given = self.wizard.disks.candidate()
        if given is not None:
            self._look_at_disks(given)

    def _on_disks(self, found: Disks) -> None:
        kept = tuple(m for m in self._disks.mounts if m not in found.mounts)
        self._disks = Disks(found.mounts + kept, found.lines)
        self.wizard.show_lines("disks", found.lines)
        if self._disks.mounts:
            self.wizard.say("disks", "", "")
            names = ", ".join(mount.local for mount in self._disks.mounts)
            self.wizard.steps.mark("disks", "ok", names)
        if found.mounts:
            self._look_at_modules()
            return
        self.wizard.say("disks", "", "")
        has_any = bool(self._disks.mounts)
        if not has_any:
            self.wizard.steps.mark("disks", "fail", tr("none"))
        self.wizard.set_busy(False, can_go_on=has_any or bool(self.profile.mounts))

    def _look_at_modules(self) -> None:
        self._begin("sleap", tr("Asking for the cluster's SLEAP modules."))
        version = self.host.version
        self._call(lambda session: look_at_modules(session, version), self._on_modules)

    def _on_modules(self, found: Modules) -> None:
        self._modules = found
        self.wizard.show_lines("sleap", found.lines)
        self.wizard.say("sleap", "", "")
        if not found.modules:
            self.wizard.steps.mark("sleap", "fail", tr("none"))
            self.wizard.set_busy(False)
            return
        versions = ", ".join(m.sleap or m.name for m in found.modules)
        worst = "warn" if any(x.verdict != "ok" for x in found.lines) else "ok"
        self.wizard.steps.mark("sleap", worst, versions)
        self._sum_up()

    # -- the profile ------------------------------------------------------------------

    def _new_profile(self) -> ClusterProfile:
        return completed(
            self.profile, self._user, self._disks.mounts, self._modules.modules
        )

    def _sum_up(self) -> None:
        lines = [line for line in (self._line, self._notice) if line is not None]
        lines += self._disks.lines + self._modules.lines
        self.wizard.show_lines("done", lines)
        self.wizard.say("done", "", "")
        self.wizard.show_step("done")
        profile = self._new_profile()
        self._call(lambda session: _destination(profile), self._on_place, local=True)

    def _on_place(self, place: Tuple[Path, bool]) -> None:
        profile = self.profile
        path, is_there = place
        text = tr("{} is ready for your jobs. It will be kept in {}{}.").format(
            profile.title,
            path,
            tr("; the file that is there is kept beside it (.bak)") if is_there else "",
        )
        self.wizard.say("done", "ok", text)
        self.wizard.set_busy(False)

    def _save(self) -> None:
        profile, user = self._new_profile(), self._user
        self._call(
            lambda session: _write(session, profile, user), self._on_saved, local=True
        )

    def _on_saved(self, saved: Tuple[ClusterProfile, Any, Path]) -> None:
        profile, session, path = saved
        self.wizard.accept()
        self.completed.emit(profile, session, str(path))


def _be(session: Any, user: str) -> None:
    if session.user != user:
        session.sign_in_as(user)


def _destination(profile: ClusterProfile) -> Tuple[Path, bool]:
    path = profile_path(profile)
    return path, path.exists()


def _write(
    session: Any, profile: ClusterProfile, user: User
) -> Tuple[ClusterProfile, Any, Path]:
    path = write_profile(profile).path
    written = load_profile(path)
    if not user.is_settled:
        session.settings.set("user." + profile.name, user.name)
    session.use_profile(written)
    return written, session, path
