"""Joins the host, the dock and the session; the way of a submit is submission.py's.

One controller lives in each window of SLEAP, as long as the window.
"""

from __future__ import annotations

import logging
from typing import Any, Callable, Dict, List, Optional, Tuple

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QDockWidget

from sleap_remote_plugin.jobs.cluster import (
    ClusterProfile,
    config_folder,
)
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.allowed import allow
from sleap_remote_plugin.qt.closing import Closing
from sleap_remote_plugin.qt.connection import Connection, OpenSession, open_session
from sleap_remote_plugin.qt.dialogs.message import tell, tell_error
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.following import Follower
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.job_list import JobList
from sleap_remote_plugin.qt.menu import RemoteMenu
from sleap_remote_plugin.qt.next_round import NextRound
from sleap_remote_plugin.qt.notices import Notice, together
from sleap_remote_plugin.qt.notify import Notifier
from sleap_remote_plugin.qt.predicted import Predicted
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.qt.results import Results
from sleap_remote_plugin.qt.sending import Sending
from sleap_remote_plugin.qt.setup import Setup
from sleap_remote_plugin.qt.source_project import SourceProject
from sleap_remote_plugin.qt.texts import going_on
from sleap_remote_plugin.qt.tools import Tools
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.told import Mark

log = logging.getLogger(__name__)

#: How often the running jobs' times are drawn anew, in milliseconds.
TICK = 10_000

NO_PROFILE = (
    "No cluster is set up yet. Choose Set up..., or copy a profile into {} and restart "
    "SLEAP."
)
HOW_TO_BEGIN = (
    "No remote jobs yet.\n\nLabel some frames, save the project on a disk that {} "
    "mounts too, and press Train...: SLEAP's own dialog opens, with a button "
    "“Run on {}” in it."
)


class Controller(QObject):
    """What `attach` makes. Its parts are public for tests and for the launcher."""

    profile_changed = Signal(str)

    def __init__(
        self,
        host: Host,
        open_it: OpenSession = open_session,
        profiles: Optional[Profiles] = None,
    ) -> None:
        super().__init__(host.window)
        self.host = host
        self._open = open_it
        self.settings = Settings(config_folder() / "settings.json")
        self.profiles = profiles if profiles is not None else read_profiles()
        self.network, self.files = Lane("network"), Lane("files")
        self.connection: Optional[Connection] = None
        self.follower: Optional[Follower] = None
        self.results: Optional[Results] = None
        self.next_round: Optional[NextRound] = None
        self._jobs: Tuple[Job, ...] = ()
        self._buttons: List[Tuple[str, Any]] = []
        self.source = SourceProject(host, self.files, self)
        self.tools = Tools(host, self)
        self.tools.profile_chosen.connect(self._on_profile_chosen)
        self.tools.user_chosen.connect(self._on_user_chosen)
        self.tools.notices_chosen.connect(self._on_notices_chosen)
        self.tools.signed_out.connect(self._on_signed_out)
        self.tools.disks_kept.connect(self._on_disks_kept)
        self.setup = Setup(host, self.settings, open_it, self)
        self.setup.completed.connect(self._on_set_up)
        self.tools.setup_wanted.connect(self.set_up)
        self.job_list = JobList(host, self)
        self.job_list.said.connect(self._say)
        self.job_list.busy.connect(self._on_looking)
        self.job_list.changed.connect(self._on_list_changed)
        self.sending = Sending(host, self.files, self)
        self.sending.rows_changed.connect(self._show_jobs)
        self.sending.row_added.connect(self.show_job)
        self.sending.progressed.connect(self._on_progress)
        self.sending.submitted.connect(self._on_submitted)
        self.sending.stopped.connect(self._say)
        self._build()
        remembered = str(self.settings.get("window.profile"))
        self.sending.saving.connect(self.show_dock)
        self.sending.saved.connect(self.dock.saved.say)
        self.use(self.profiles.in_use(remembered))
        self._tell_of_missing(remembered)

    def _build(self) -> None:
        window = self.host.window
        self.menu = RemoteMenu(self._on_chosen, self._on_profile_chosen, window)
        self.dock = RemoteDock()
        self.notifier = Notifier(window, self._wants_notices, self._first_to_tell, self)
        self.notifier.opened.connect(self._on_notice_opened)
        self.host.add_menu(self.menu)
        self.host.add_dock("Remote jobs", self.dock)
        dock = self.dock
        dock.train_clicked.connect(self.train)
        dock.predict_clicked.connect(self.predict)
        dock.refresh_clicked.connect(self._on_refresh)
        dock.sign_in_clicked.connect(self._on_refresh)
        dock.stop_connecting_clicked.connect(self._on_stop_connecting)
        dock.disconnect_clicked.connect(self._on_disconnect)
        dock.check_clicked.connect(self.check)
        dock.log_clicked.connect(self.show_log)
        dock.undo_clicked.connect(self._on_undo)
        dock.stop_clicked.connect(self._on_stop)
        dock.job_selected.connect(self._on_selected)
        dock.result_clicked.connect(self._on_result)
        dock.setup_clicked.connect(self.set_up)
        self.host.on_project_changed(self._on_project_changed)
        self.host.on_dialog_made(self._on_dialog_made)
        self.closing = Closing(window, self._farewell, self)
        self._ticker = QTimer(self)
        self._ticker.timeout.connect(dock.model.tick)
        self._ticker.start(TICK)
        self.destroyed.connect(self.network.close)
        self.destroyed.connect(self.files.close)

    # -- the cluster in use -----------------------------------------------------------

    def use(self, profile: Optional[ClusterProfile], session: Any = None) -> None:
        """Show this cluster's jobs, and send new ones there.

        Parameters
        ----------
        session : Session, optional
            One that is connected already; by default a new one.
        """
        self._leave()
        self.menu.show_profiles(self.profiles.usable, profile)
        self._jobs = ()
        self._show_jobs()
        if profile is None:
            self.dock.empty.setText(NO_PROFILE.format(config_folder() / "clusters"))
            self.dock.show_connection("off", "No cluster", False)
        else:
            self._connect(profile, session)
            self.dock.empty.setText(HOW_TO_BEGIN.format(profile.title, profile.title))
        is_new = profile is None or not self.setup.is_known(profile)
        self.dock.setup.setVisible(is_new)
        if self.profiles.problems:
            self.dock.notice.say("\n".join(self.profiles.problems))
        for _, button in self._buttons:
            _rename(button, self._button_text())
        self._on_project_changed()
        self.profile_changed.emit(profile.name if profile else "")

    def _tell_of_missing(self, remembered: str) -> None:
        """Say it where the profile in use is not the one that was chosen."""
        names = [profile.name for profile in self.profiles.usable]
        if not remembered or remembered in names or self.profile is None:
            return
        sentence = (
            "The cluster profile “{}” that you used last is not there or is wrong. "
            "Its jobs go on. Jobs are sent to {} until you put it back into {} and "
            "start SLEAP again."
        ).format(remembered, self.profile.title, config_folder() / "clusters")
        self.dock.notice.say("\n".join((sentence,) + self.profiles.problems))

    def _connect(self, profile: ClusterProfile, session: Any) -> None:
        window = self.host.window
        open_it = self._open if session is None else lambda _profile: session
        self.connection = Connection(profile, self.network, window, open_it, self)
        self.follower = Follower(self.connection, self.files, self)
        self.follower.warning = Predicted(self.host).warning
        self.results = Results(self.host, self.connection, self.files, self)
        self.connection.changed.connect(self.dock.show_connection)
        self.connection.noticed.connect(self._say)
        self.follower.jobs_changed.connect(self._on_jobs)
        self.follower.progressed.connect(self.dock.model.set_progress)
        self.follower.found.connect(self.dock.show_findings)
        self.follower.noticed.connect(self._on_noticed)
        self.follower.troubled.connect(self._on_trouble)
        self.next_round = NextRound(self.host, self.connection, self.files, self)
        self.next_round.said.connect(self._on_round)
        self.next_round.busy.connect(self._on_busy)
        self.next_round.loads_changed.connect(self._on_loads)
        self.results.loading.loaded.connect(self.next_round.note_load)
        self.results.loading.undone.connect(self.next_round.note_undo)
        self.results.said.connect(self._on_said)
        self.results.busy.connect(self._on_busy)
        self.results.progressed.connect(self._on_progress)
        self.results.cancelled.connect(self._on_cancelled)
        self.dock.show_connection("off", profile.title + " – not connected", True)
        if session is not None:  # the line shows how it stands
            self.connection.call(lambda session: None, ask=False)
        self.follower.start()

    def _leave(self) -> None:
        """Let the cluster in use go; its jobs go on there."""
        connection, follower, results = self.connection, self.follower, self.results
        self.connection = self.follower = self.results = None
        if follower is not None:
            follower.stop()
        leaving, self.next_round = self.next_round, None
        for part in (follower, results, leaving, connection):
            if part is not None:
                part.blockSignals(True)
        if connection is not None:
            connection.cancel()

    def _on_profile_chosen(self, name: str) -> None:
        for profile in self.profiles.usable:
            if profile.name == name and profile != self.profile:
                self.settings.set("window.profile", name)
                self.use(profile)

    @property
    def profile(self) -> Optional[ClusterProfile]:
        return self.connection.profile if self.connection is not None else None

    # -- the menu ---------------------------------------------------------------------

    def _on_chosen(self, name: str) -> None:
        deeds: Dict[str, Callable[[], None]] = {
            "remote_train": self.train,
            "remote_predict": self.predict,
            "remote_next_round": self.begin_round,
            "remote_jobs": self.show_dock,
            "remote_find": self.find_jobs,
            "remote_setup": self.set_up,
            "remote_check": self.check,
            "remote_settings": self.open_settings,
        }
        deeds[name]()

    def train(self) -> None:
        """Open SLEAP's training dialog, which has our button."""
        if not self.source.is_offered():
            self.setup.before(self._train, self.connection, self.profiles)

    def predict(self) -> None:
        """Open SLEAP's inference dialog, with this project's models offered."""
        if not self.source.is_offered():
            self.setup.before(self._predict, self.connection, self.profiles)

    def _train(self) -> None:
        self._open_sleap_dialog("training")

    def _predict(self) -> None:
        if self.results is not None:
            self.results.predict(self._jobs)

    def _open_sleap_dialog(self, mode: str) -> None:
        try:
            self.host.open_dialog(mode)
        except Exception as error:
            log.warning("SLEAP's %s dialog: %r", mode, error, exc_info=error)
            tell_error(self.host.window, error)

    def show_dock(self) -> None:
        widget: Any = self.dock
        while widget is not None and not isinstance(widget, QDockWidget):
            widget = widget.parentWidget()
        if widget is not None:
            widget.show()
            widget.raise_()

    def show_job(self, uid: str) -> None:
        self.show_dock()
        self.dock.select(uid)

    def _on_notice_opened(self, uid: str) -> None:
        """A notice was clicked, maybe in another program."""
        window = self.host.window
        window.showNormal() if window.isMinimized() else window.show()
        window.raise_()
        window.activateWindow()
        self.show_job(uid)

    def check(self) -> None:
        """Look at everything that a job will need."""
        if self.connection is None:
            tell(self.host.window, NO_PROFILE.format(config_folder() / "clusters"))
        else:
            self.setup.before(self._check, self.connection, self.profiles)

    def _check(self) -> None:
        if self.connection is not None:
            self.tools.check(self.connection)

    def find_jobs(self) -> None:
        """Bring jobs into the list that were submitted elsewhere."""
        if self.connection is not None:
            self.job_list.find(self.connection)

    def set_up(self) -> None:
        """Open the wizard for the cluster in use, or for another one."""
        self.setup.open(self.profiles, self.profile)

    def _on_set_up(self, profile: ClusterProfile, session: Any, path: str) -> None:
        """Go on with the cluster and the connection that the wizard leaves."""
        self.profiles = read_profiles()
        self.settings.set("window.profile", profile.name)
        self.use(profile, session)
        self._say("{} is set up. The profile is {}".format(profile.title, path))

    def show_log(self) -> None:
        """What happened on the connection so far."""
        if self.connection is None:
            tell(self.host.window, NO_PROFILE.format(config_folder() / "clusters"))
        else:
            self.tools.show_log(self.connection)

    def open_settings(self) -> None:
        """The settings, once the session has said who the user is."""
        self.tools.open_settings(self.connection, self.profiles, self._wants_notices())

    def _on_notices_chosen(self, wanted: bool) -> None:
        self.settings.set("window.notifications", wanted)

    def _on_user_chosen(self, user: str) -> None:
        if self.connection is not None:
            self.connection.local(lambda session: session.set_user(user))

    def _on_disks_kept(self, profile: ClusterProfile) -> None:
        self.profiles = read_profiles()
        connection = self.connection
        if connection is not None and connection.profile.name == profile.name:
            connection.profile = profile
        self.menu.show_profiles(self.profiles.usable, self.profile)
        self._say("The disks were kept in {}".format(profile.source))

    def _on_signed_out(self) -> None:
        if self.connection is not None:
            self.connection.sign_out()

    # -- SLEAP's dialogs --------------------------------------------------------------

    def _button_text(self) -> str:
        return "Run on " + (self.profile.title if self.profile else "a cluster")

    def _on_dialog_made(self, mode: str, dialog: Any) -> None:
        button = self.host.add_run_button(
            dialog, self._button_text(), lambda *_: self.run(mode, dialog)
        )
        self._buttons.append((mode, button))
        if self.results is not None:
            self.results.models.add_to(dialog, self._jobs)

    def run(self, mode: str, dialog: Any) -> None:
        """Send what SLEAP's dialog is set to."""
        if self.source.is_offered(dialog):
            return
        if self.connection is None:
            tell(dialog, NO_PROFILE.format(config_folder() / "clusters"))
            return
        self.sending.send(self.connection, mode, dialog)

    def _on_progress(self, text: str, done: int, total: int) -> None:
        if text:
            self.dock.progress.show_progress(text, done, total)
        else:
            self.dock.progress.say("")

    def _on_submitted(self, job: Job) -> None:
        self._jobs = (job,) + tuple(j for j in self._jobs if j.uid != job.uid)
        self._show_jobs()
        self.show_job(job.uid)
        self._say("“{}” was submitted as job {}.".format(job.name, job.slurm_id or "?"))
        if self.follower is not None:
            self.follower.start()

    def _on_stop(self) -> None:
        self.job_list.cancel()
        if self.results is not None:
            self.results.stop()
        if self.sending.stop():
            self.dock.progress.say("Cancelling. Nothing will be left behind.")

    # -- the jobs ---------------------------------------------------------------------

    def _on_jobs(self, jobs: Tuple[Job, ...]) -> None:
        self._jobs = jobs
        self._show_jobs()

    def _show_jobs(self) -> None:
        self.dock.show_jobs(self.sending.rows() + self._jobs)

    def _on_selected(self, uid: str) -> None:
        if self.follower is not None and not self.sending.has(uid):
            self.follower.select(uid)

    def _on_noticed(self, notices: Tuple[Notice, ...]) -> None:
        """Each window's dock has a line; the tray has one for all windows."""
        self._say(together(notices)[0])
        self.notifier.tell(notices)

    def _wants_notices(self) -> bool:
        return bool(self.settings.get("window.notifications", True))

    def _first_to_tell(
        self, marks: Tuple[Mark, ...], then: Callable[[Tuple[Mark, ...]], None]
    ) -> None:
        if self.connection is not None:
            self.connection.local(lambda session: session.first_to_tell(marks), then)

    def _on_trouble(self, sentence: str) -> None:
        self.dock.show_connection("warn", sentence, True)

    def _on_refresh(self) -> None:
        if self.follower is not None and self.connection is not None:
            title = self.connection.profile.title
            self.dock.show_connection("busy", title + " – asking", False)
            self.follower.refresh(ask=True)

    def _on_disconnect(self) -> None:
        if self.connection is not None:
            self.connection.sign_out()

    def _on_stop_connecting(self) -> None:
        if self.connection is not None:
            self.connection.cancel()

    def _on_result(self, name: str, uid: str) -> None:
        job, connection = self.dock.model.job(uid), self.connection
        if job is None or connection is None or self.results is None:
            return
        if name == "remote_resubmit":
            self.sending.send_again(connection, job)
        elif name == "remote_next_round":
            self.begin_round()
        elif name == "remote_forget_job":
            self.job_list.forget(connection, job)
        else:
            self.results.do(name, job)

    def begin_round(self) -> None:
        """Save the project under its next number, and set training as it was."""
        if self.next_round is not None:
            self.next_round.begin(self._jobs)

    def _on_round(self, sentence: str) -> None:
        self.dock.notice.say(sentence, self.host.can_undo)

    def _on_loads(self) -> None:
        if self.next_round is not None:
            self.dock.show_loaded(self.next_round.loaded())

    def _on_undo(self) -> None:
        if self.results is not None:
            self.results.undo()

    def _on_said(self, sentence: str, can_undo: bool) -> None:
        self.dock.notice.say(sentence, can_undo)

    def _say(self, sentence: str) -> None:
        if not self.dock.notice.button.isVisible():
            self.dock.notice.say(sentence)

    def _farewell(self) -> str:
        return going_on(self._jobs, self.profile.title) if self.profile else ""

    def _on_list_changed(self) -> None:
        if self.follower is not None:
            self.follower.start()

    def _on_busy(self, text: str) -> None:
        self.dock.progress.say(text)

    def _on_looking(self, text: str) -> None:
        self._on_progress(text, 0, 0)

    def _on_cancelled(self, job: Job) -> None:
        self._say("SLURM was told to stop “{}”.".format(job.name))
        if self.follower is not None:
            self.follower.start()

    # -- the project ------------------------------------------------------------------

    def _on_project_changed(self) -> None:
        if self.dock.notice.button.isVisible() and not self.host.can_undo:
            self.dock.notice.say("")
        allow(self.menu, self.dock, self.host.project(), self.profile)


def _rename(button: Any, text: str) -> None:
    try:
        button.setText(text)
    except (RuntimeError, AttributeError):  # SLEAP has closed that dialog
        pass


def attach(host: Host, open_it: OpenSession = open_session) -> Controller:
    """Give a window its menu and dock; the window keeps the controller alive.

    Parameters
    ----------
    open_it : callable
        Makes a session of a profile; tests pass a stand-in.
    """
    controller = Controller(host, open_it)
    host.window.remote_controller = controller
    return controller
