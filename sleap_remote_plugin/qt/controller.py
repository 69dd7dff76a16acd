"""Joins the host, the dock and the session; the way of a submit is submission.py's.

One controller lives in each window of SLEAP, as long as the window.
"""

from __future__ import annotations

import logging
import os
from typing import Any, Callable, Dict, Optional, Tuple

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QDockWidget

from sleap_remote_plugin.jobs.cluster import (
    ClusterProfile,
    config_folder,
)
from sleap_remote_plugin.jobs.deeds import Deed, Offer
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.beginning import Begin, Beginning, no_profile
from sleap_remote_plugin.qt.chaining import Chaining
from sleap_remote_plugin.qt.closing import Closing
from sleap_remote_plugin.qt.clusters import Clusters
from sleap_remote_plugin.qt.connection import Connection, OpenSession, open_session
from sleap_remote_plugin.qt.dialogs.message import tell, tell_error
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.fetching import Fetching
from sleap_remote_plugin.qt.following import Follower
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.job_drag import MIME, can_be_dragged
from sleap_remote_plugin.qt.job_list import JobList
from sleap_remote_plugin.qt.job_memory import JobMemory
from sleap_remote_plugin.qt.menu import RemoteMenu
from sleap_remote_plugin.qt.news import News
from sleap_remote_plugin.qt.next_round import NextRound
from sleap_remote_plugin.qt.predicted import Predicted
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.qt.results import Results
from sleap_remote_plugin.qt.sending import Sending
from sleap_remote_plugin.qt.settings_window import Chosen, SettingsWindow
from sleap_remote_plugin.qt.setup import Setup
from sleap_remote_plugin.qt.source_project import SourceProject
from sleap_remote_plugin.qt.texts import going_on
from sleap_remote_plugin.qt.tools import Tools
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.preferences import preferences
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.told import Mark

log = logging.getLogger(__name__)

#: How often the running jobs' times are drawn anew, in milliseconds.
TICK = 10_000


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
        self.fetching: Optional[Fetching] = None
        self.next_round: Optional[NextRound] = None
        self._jobs: Tuple[Job, ...] = ()
        self._wanted_job = ""
        self.source = SourceProject(host, self.files, self)
        self.tools = Tools(host, self)
        self.settings_window = SettingsWindow(host, self.settings, self.files, self)
        self.settings_window.chosen.connect(self._on_settings)
        self.settings_window.signed_out.connect(self._on_signed_out)
        self.settings_window.disks_kept.connect(self._on_disks_kept)
        self.settings_window.setup_wanted.connect(self.set_up)
        self.setup = Setup(host, self.settings, open_it, self)
        self.setup.completed.connect(self._on_set_up)
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
        self.sending.said.connect(self._say)
        self.chaining = Chaining(host, self)
        self.chaining.said.connect(self._say)
        self.chaining.busy.connect(self._on_busy)
        self.chaining.submitted.connect(self._on_submitted)
        self.chaining.changed.connect(self._on_list_changed)
        self._build()
        remembered = str(self.settings.get("window.profile"))
        self.sending.saving.connect(self.show_dock)
        self.sending.saved.connect(self.dock.saved.say)
        self.use(self.profiles.in_use(remembered))
        self.clusters.tell_of_missing(remembered, self.profiles, self.profile)

    def _build(self) -> None:
        window = self.host.window
        self.dock = RemoteDock()
        docked = self.host.add_dock("Remote jobs", self.dock)
        self.clusters = Clusters(
            self.host,
            self.dock,
            self.settings,
            self.files,
            self._on_chosen,
            self._on_run,
            self.setup.is_known,
            self,
        )
        self.news = News(window, docked, self.settings, self._first_to_tell, self)
        self.news.said.connect(self._say)
        self.news.opened.connect(self._on_notice_opened)
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
        dock.begin_clicked.connect(self._on_begin)
        dock.project_wanted.connect(self._on_project_wanted)
        self.memory = JobMemory(dock.table, self.settings, self.files, self)
        self.begin = Begin(self.files, self)
        self.begin.changed.connect(self._on_beginning)
        self.host.accept_drops(MIME, self._on_dropped)
        dock.details.deed_wanted.connect(self._on_deed)
        dock.details.open_wanted.connect(self._on_open)
        dock.details.log_part_wanted.connect(self._on_log_part)
        self.host.on_project_changed(self._on_project_changed)
        self.host.on_dialog_made(self._on_dialog_made)
        self.closing = Closing(window, self._farewell, self)
        self.closing.closed.connect(self.memory.flush)
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
        self.profiles = self.settings_window.close() or self.profiles
        self.clusters.show(self.profiles.usable, profile)
        self._jobs = ()
        self._show_jobs()
        if profile is None:
            self.dock.show_connection("off", "No cluster", False)
        else:
            self._connect(profile, session)
        if self.profiles.problems:
            self.dock.notice.say("\n".join(self.profiles.problems))
        self._on_project_changed()
        self.profile_changed.emit(profile.name if profile else "")

    @property
    def menu(self) -> RemoteMenu:
        """The menu of the cluster in use."""
        return self.clusters.menus.in_use

    def _connect(self, profile: ClusterProfile, session: Any) -> None:
        window = self.host.window
        open_it = self._open if session is None else lambda _profile: session
        fetching = self.fetching = Fetching(self)
        fetching.progressed.connect(self._on_progress)
        fetching.said.connect(self._say)
        self.connection = Connection(
            profile,
            self.network,
            window,
            lambda profile: fetching.attach(open_it(profile)),
            self,
        )
        self.follower = Follower(self.connection, self.files, self)
        fetching.fetched.connect(self.follower.refresh_once)
        self.follower.warning = Predicted(self.host).warning
        self.follower.reads_logs = lambda: preferences(self.settings).live_logs
        self.results = Results(self.host, self.connection, self.files, self)
        self.connection.changed.connect(self.dock.show_connection)
        self.connection.noticed.connect(self._say)
        self.follower.jobs_changed.connect(self._on_jobs)
        self.follower.progressed.connect(self.dock.model.set_progress)
        self.follower.found.connect(self.dock.show_findings)
        self.follower.noticed.connect(self.news.tell)
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
        fetching, self.fetching = self.fetching, None
        if fetching is not None:
            fetching.close()
        for part in (follower, results, leaving, fetching, connection):
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

    def _on_chosen(self, cluster: str, name: str) -> None:
        """An entry of another cluster's menu: that one is in use from now on."""
        self._on_profile_chosen(cluster)
        deeds: Dict[str, Callable[[], None]] = {
            "remote_train": self.train,
            "remote_predict": self.predict,
            "remote_train_then_predict": self.train_then_predict,
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

    def train_then_predict(self) -> None:
        """The same, for a training that a prediction follows by itself."""
        if not self.source.is_offered():
            self.setup.before(self._train_then_predict, self.connection, self.profiles)

    def predict(self) -> None:
        """Open SLEAP's inference dialog, with this project's models offered."""
        if not self.source.is_offered():
            self.setup.before(self._predict, self.connection, self.profiles)

    def _train(self) -> None:
        self._open_sleap_dialog(lambda: self.host.open_dialog("training"))

    def _train_then_predict(self) -> None:
        self._open_sleap_dialog(self.chaining.open)

    def _predict(self) -> None:
        if self.results is not None:
            self.results.predict(self._jobs)

    def _open_sleap_dialog(self, open_it: Callable[[], Any]) -> None:
        try:
            open_it()
        except Exception as error:
            log.warning("SLEAP's dialog: %r", error, exc_info=error)
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

    def _on_notice_opened(self, uid: str, cluster: str) -> None:
        """A notice was clicked, maybe in another program, or of another cluster."""
        self._on_profile_chosen(cluster)
        self._wanted_job = uid if self.dock.model.job(uid) is None else ""
        window = self.host.window
        window.showNormal() if window.isMinimized() else window.show()
        window.raise_()
        window.activateWindow()
        self.show_job(uid)

    def check(self) -> None:
        """Look at everything that a job will need."""
        if self.connection is None:
            tell(self.host.window, no_profile())
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
            tell(self.host.window, no_profile())
        else:
            self.tools.show_log(self.connection)

    def open_settings(self) -> None:
        """The settings, once the session has said who the user is."""
        self.settings_window.open(self.connection, self.profiles)

    def _on_settings(self, chosen: Chosen) -> None:
        """Go on with what was chosen; a profile that was changed is signed in anew."""
        name = self.profile.name if self.profile is not None else ""
        before = self.profiles.in_use(name)
        self.profiles = chosen.profiles or self.profiles
        wanted = "" if chosen.is_reset else chosen.cluster or name
        after = self.profiles.in_use(wanted)
        if after is not None and after.name == chosen.cluster != name:
            self.settings.set("window.profile", chosen.cluster)
        if chosen.is_reset or after != before:
            self.use(after)
        else:
            self.clusters.show(self.profiles.usable, self.profile)
            self._on_project_changed()
        if chosen.user and self.connection is not None:
            self.connection.local(lambda session: session.set_user(chosen.user))
        if chosen.is_reset:
            self._say("The settings are as installed. Jobs and passwords are kept.")

    def _on_disks_kept(self, profile: ClusterProfile) -> None:
        self.profiles = read_profiles()
        connection = self.connection
        if connection is not None and connection.profile.name == profile.name:
            connection.profile = profile
        self.clusters.show(self.profiles.usable, self.profile)
        self._say("The disks were kept in {}".format(profile.source))

    def _on_signed_out(self) -> None:
        if self.connection is not None:
            self.connection.sign_out()

    # -- SLEAP's dialogs --------------------------------------------------------------

    def _on_dialog_made(self, mode: str, dialog: Any) -> None:
        self.clusters.buttons.add_to(mode, dialog)
        if self.results is not None:
            self.results.models.add_to(dialog, self._jobs)

    def _on_run(self, cluster: str, mode: str, dialog: Any) -> None:
        """Our button, or another cluster beside it."""
        self._on_profile_chosen(cluster)
        self.run(mode, dialog)

    def run(self, mode: str, dialog: Any) -> None:
        """Send what SLEAP's dialog is set to."""
        if self.source.is_offered(dialog):
            return
        if self.connection is None:
            tell(dialog, no_profile())
            return
        then = self.chaining.is_meant(dialog)
        self.sending.send(self.connection, mode, dialog, then)

    def _on_progress(self, text: str, done: int, total: int) -> None:
        if text:
            self.dock.progress.show_progress(text, done, total)
        else:
            self.dock.progress.say("")

    def _on_submitted(self, job: Job) -> None:
        self.clusters.dismiss_hint()  # the button has been found
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
        if self.fetching is not None:
            self.fetching.stop()
        if self.sending.stop():
            self.dock.progress.say("Cancelling. Nothing will be left behind.")

    # -- the jobs ---------------------------------------------------------------------

    def _on_jobs(self, jobs: Tuple[Job, ...]) -> None:
        before, self._jobs = self._jobs, jobs
        self._show_jobs()
        if self._wanted_job and self.dock.model.job(self._wanted_job) is not None:
            wanted, self._wanted_job = self._wanted_job, ""
            self.dock.select(wanted)
        came = self.chaining.what_came(self.dock.selected_uid(), before, jobs)
        if came:  # the training was looked at: its predictions are next
            self.dock.select(came)
        if not self.sending.under_way:
            self.chaining.look(jobs)

    def _show_jobs(self) -> None:
        self.dock.show_jobs(self.sending.rows() + self._jobs)

    def _on_selected(self, uid: str) -> None:
        if self.follower is not None and not self.sending.has(uid):
            self.follower.select(uid)

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
            if self.fetching is not None:
                self.fetching.resume()
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
        elif name == "remote_submit_then":
            self.chaining.send(connection, job)
        elif name == "remote_forget_job":
            self.job_list.forget(connection, job)
        else:
            self.results.do(name, job)

    def _on_deed(self, uid: str, offer: Offer) -> None:
        """The button beside a job's diagnosis."""
        job, connection = self.dock.model.job(uid), self.connection
        if job is None or connection is None:
            return
        if offer.deed.submits:
            self.sending.send_again(connection, job, offer)
        elif offer.deed is Deed.SIGN_IN:
            self._on_refresh()
        elif offer.deed is Deed.CHECK:
            self.check()
        elif offer.deed is Deed.OPEN_FOLDER and self.results is not None:
            self.results.open_folder(job)

    def _on_open(self, path: str, is_text: bool) -> None:
        if self.results is not None:
            self.results.open_path(path, is_text)

    def _on_log_part(self, part: int) -> None:
        if self.follower is not None:
            self.follower.choose_part(part)

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
        project, profile = self.host.project(), self.profile
        self.clusters.allow(profile)
        self.dock.show_opened(project.path if project is not None else "")
        is_known = profile is not None and self.setup.is_known(profile)
        self.begin.look(self.connection, is_known, project)

    def _on_beginning(self, found: Beginning) -> None:
        self.dock.show_beginning(found.text, found.button, found.deed, found.tip)

    def _on_begin(self, deed: str) -> None:
        """The empty dock's button."""
        if deed == "remote_open_project":
            self.host.open_project_file("")
        elif deed == "remote_save_project":
            self.host.save_project()
        else:
            self._on_chosen(self.profile.name if self.profile else "", deed)

    def _on_project_wanted(self, path: str) -> None:
        """A job's project, from its row; its disk may be away."""
        self.files.do(
            lambda: os.path.isfile(path), lambda there: self._open_project(path, there)
        )

    def _open_project(self, path: str, is_there: bool) -> None:
        if is_there:
            self.host.open_project_file(path)
        else:
            tell(
                self.host.window,
                "The project {} is not there. Its jobs are as they were. Check that "
                "its disk is mounted, and that nobody moved it.".format(path),
            )

    def _on_dropped(self, uid: str) -> None:
        """A job was dropped onto SLEAP's video, maybe from another window's table."""
        job = self.dock.model.job(uid)
        if job is None:
            self._say("That job is not in this window's list. Press Refresh.")
        elif can_be_dragged(job):
            self._on_result("remote_load_predictions", uid)


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
