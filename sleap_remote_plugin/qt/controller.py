"""Joins the host, the dock and the session; the way of a submit is submission.py's.

One controller lives in each window of SLEAP, as long as the window. What a cluster in
use has is in_use.py's, what the dock asks of a job dock_deeds.py's.
"""

from __future__ import annotations

import logging
from typing import Any, Callable, Dict, Optional, Tuple

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QDockWidget

from sleap_remote_plugin.jobs.cluster import ClusterProfile, config_folder
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.beginning import no_profile
from sleap_remote_plugin.qt.chaining import Chaining
from sleap_remote_plugin.qt.closing import Closing
from sleap_remote_plugin.qt.clusters import Clusters
from sleap_remote_plugin.qt.connection import Connection, OpenSession, open_session
from sleap_remote_plugin.qt.dialogs.message import tell, tell_error
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.dock_deeds import DockDeeds
from sleap_remote_plugin.qt.dock_words import DockWords
from sleap_remote_plugin.qt.elsewhere import Elsewhere
from sleap_remote_plugin.qt.fetching import Fetching
from sleap_remote_plugin.qt.following import Follower
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.in_use import InUse
from sleap_remote_plugin.qt.job_list import JobList
from sleap_remote_plugin.qt.job_memory import JobMemory
from sleap_remote_plugin.qt.menu import RemoteMenu
from sleap_remote_plugin.qt.news import News
from sleap_remote_plugin.qt.next_round import NextRound
from sleap_remote_plugin.qt.open_project import OpenProject
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.qt.results import Results
from sleap_remote_plugin.qt.sending import Sending
from sleap_remote_plugin.qt.settings_window import Chosen, SettingsWindow
from sleap_remote_plugin.qt.setup import Setup
from sleap_remote_plugin.qt.source_project import SourceProject
from sleap_remote_plugin.qt.texts import going_on
from sleap_remote_plugin.qt.tools import Tools
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.words import tr

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
        self.settings = Settings(config_folder() / "settings.json")
        self.profiles = profiles if profiles is not None else read_profiles()
        self.network, self.files = Lane("network"), Lane("files")
        self._jobs: Tuple[Job, ...] = ()
        self._newest = ""  # uid of the job that was selected when it was submitted
        self._wanted_job = ""
        self.dock = RemoteDock()
        docked = host.add_dock(tr("Remote jobs"), self.dock)
        self.words = DockWords(self.dock, host, self)
        lanes = self.network, self.files
        self.in_use = InUse(host, open_it, self.words, self.settings, *lanes, self)
        self.in_use.jobs_changed.connect(self._on_jobs)
        self._make_windows(open_it)
        self._make_ways()
        self.clusters = Clusters(
            host,
            self.dock,
            self.settings,
            self.files,
            self._on_chosen,
            self._on_run,
            self.setup.is_known,
            self,
        )
        first = self.in_use.first_to_tell
        self.news = News(host.window, docked, self.settings, first, self)
        self.news.said.connect(self.words.say)
        self.news.opened.connect(self._on_notice_opened)
        self.in_use.noticed.connect(self.news.tell)
        self._join_dock()
        remembered = str(self.settings.get("window.profile"))
        self.use(self.profiles.in_use(remembered))
        self.clusters.tell_of_missing(remembered, self.profiles, self.profile)

    def _make_windows(self, open_it: OpenSession) -> None:
        """What has dialogs of its own."""
        self.source = SourceProject(self.host, self.files, self)
        self.tools = Tools(self.host, self)
        window = SettingsWindow(self.host, self.settings, self.files, self)
        self.settings_window = window
        window.chosen.connect(self._on_settings)
        window.signed_out.connect(self.in_use.sign_out)
        window.disks_kept.connect(self._on_disks_kept)
        window.setup_wanted.connect(self.set_up)
        self.setup = Setup(self.host, self.settings, open_it, self)
        self.setup.completed.connect(self._on_set_up)

    def _make_ways(self) -> None:
        """How a job comes into the list."""
        words = self.words
        self.job_list = JobList(self.host, self)
        self.job_list.said.connect(words.say)
        self.job_list.busy.connect(words.doings.add(self.job_list.cancel).show_looking)
        self.job_list.changed.connect(self.in_use.follow)
        self.sending = Sending(self.host, self.files, self)
        self.sending.rows_changed.connect(self._show_jobs)
        self.sending.row_added.connect(self.dock.select)
        self.sending.started.connect(words.follow)
        self.sending.submitted.connect(self._on_submitted)
        self.sending.stopped.connect(words.say)
        self.sending.said.connect(words.say)
        self.sending.dock_wanted.connect(self.show_dock)
        self.sending.saved.connect(self.dock.saved.say)
        self.chaining = Chaining(self.host, self)
        self.chaining.said.connect(words.say)
        self.chaining.busy.connect(words.doings.add().show_busy)
        self.chaining.submitted.connect(self._on_submitted)
        self.chaining.changed.connect(self.in_use.follow)

    def _join_dock(self) -> None:
        dock, in_use = self.dock, self.in_use
        dock.train_clicked.connect(self.train)
        dock.predict_clicked.connect(self.predict)
        dock.refresh_clicked.connect(in_use.refresh)
        dock.sign_in_clicked.connect(in_use.refresh)
        dock.stop_connecting_clicked.connect(in_use.stop_connecting)
        dock.disconnect_clicked.connect(in_use.sign_out)
        dock.check_clicked.connect(self.check)
        dock.log_clicked.connect(self.show_log)
        self.memory = JobMemory(dock.table, self.settings, self.files, self)
        self.deeds = DockDeeds(in_use, self.sending, self.chaining, self.job_list, self)
        self.deeds.check_wanted.connect(self.check)
        self.deeds.round_wanted.connect(self.begin_round)
        self.project = OpenProject(in_use, self.files, self.setup.is_known, self)
        self.project.changed.connect(self._on_project_changed)
        self.project.deed_wanted.connect(self._on_begin)
        self.elsewhere = Elsewhere(self._titles, self)
        self.elsewhere.changed.connect(self._on_elsewhere)
        self.host.on_dialog_made(self._on_dialog_made)
        self.closing = Closing(self.host.window, self._farewell, self)
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
        self.in_use.leave()
        self.profiles = self.settings_window.close() or self.profiles
        self.clusters.show(self.profiles.usable, profile)
        self._jobs = ()
        self._show_jobs()
        if profile is None:
            self.dock.show_connection("off", tr("No cluster"), False)
        else:
            self.in_use.take(profile, session)
        if self.profiles.problems:
            self.dock.notice.say("\n".join(self.profiles.problems))
        self.elsewhere.look(self.connection)
        self._on_elsewhere()
        self.profile_changed.emit(profile.name if profile else "")

    @property
    def menu(self) -> RemoteMenu:
        """The menu of the cluster in use."""
        return self.clusters.menus.in_use

    def _on_profile_chosen(self, name: str) -> None:
        for profile in self.profiles.usable:
            if profile.name == name and profile != self.profile:
                self.settings.set("window.profile", name)
                self.use(profile)

    @property
    def profile(self) -> Optional[ClusterProfile]:
        return self.in_use.profile

    @property
    def _cluster(self) -> str:
        """Name of the one in use; empty for none."""
        return self.profile.name if self.profile is not None else ""

    @property
    def connection(self) -> Optional[Connection]:
        return self.in_use.connection

    @property
    def follower(self) -> Optional[Follower]:
        return self.in_use.follower

    @property
    def results(self) -> Optional[Results]:
        return self.in_use.results

    @property
    def fetching(self) -> Optional[Fetching]:
        return self.in_use.fetching

    @property
    def next_round(self) -> Optional[NextRound]:
        return self.in_use.next_round

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
        self.words.say(
            tr("{} is set up. The profile is {}").format(profile.title, path)
        )

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
        name = self._cluster
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
            self.project.look()
        if chosen.user and self.connection is not None:
            self.connection.local(lambda session: session.set_user(chosen.user))
        if chosen.is_reset:
            self.words.say(
                tr("The settings are as installed. Jobs and passwords are kept.")
            )

    def _on_disks_kept(self, profile: ClusterProfile) -> None:
        self.profiles = read_profiles()
        connection = self.connection
        if connection is not None and connection.profile.name == profile.name:
            connection.profile = profile
        self.clusters.show(self.profiles.usable, self.profile)
        self.words.say(tr("The disks were kept in {}").format(profile.source))

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

    def _on_submitted(self, job: Job) -> None:
        self.clusters.dismiss_hint()  # the button has been found
        if job.cluster != self._cluster:  # another one was chosen meanwhile
            self._tell_of_elsewhere(job)
            return
        watched = self.dock.selected_uid()
        self._jobs = (job,) + tuple(j for j in self._jobs if j.uid != job.uid)
        self._show_jobs()
        # The dock stays behind where somebody works elsewhere, and so does the job.
        if watched in ("", self._newest) or self.sending.has(watched):
            self._newest = job.uid
            self.dock.select(job.uid)
        self.words.say(
            tr("“{}” was submitted as job {}.").format(job.name, job.slurm_id or "?")
        )
        self.in_use.follow()

    def _tell_of_elsewhere(self, job: Job) -> None:
        self.elsewhere.look(self.connection)
        titles = self._titles()
        self.words.say(
            tr("“{}” was submitted to {} as job {}. It is in the list there.").format(
                job.name, titles.get(job.cluster, job.cluster), job.slurm_id or "?"
            )
        )

    # -- the jobs ---------------------------------------------------------------------

    def _on_jobs(self, jobs: Tuple[Job, ...]) -> None:
        before, self._jobs = self._jobs, jobs
        self._show_jobs()
        if self._wanted_job and self.dock.model.job(self._wanted_job) is not None:
            wanted, self._wanted_job = self._wanted_job, ""
            self.dock.select(wanted)
        self.deeds.look_at(before, jobs)

    def _show_jobs(self) -> None:
        self.dock.show_jobs(self.sending.rows(self._cluster) + self._jobs)

    def begin_round(self) -> None:
        """Save the project under its next number, and set training as it was."""
        if self.next_round is not None:
            self.next_round.begin(self._jobs)

    def _titles(self) -> Dict[str, str]:
        return {one.name: one.title for one in self.profiles.usable}

    def _on_elsewhere(self) -> None:
        self.project.elsewhere = self.elsewhere.text()
        self.project.look()

    def _farewell(self) -> str:
        here = going_on(self._jobs, self.profile.title) if self.profile else ""
        there = self.elsewhere.text()
        if there:
            there += tr(" Jobs go on while SLEAP is closed.")
        return "\n\n".join(filter(None, (here, there)))

    def _on_project_changed(self) -> None:
        self.clusters.allow(self.profile)

    def _on_begin(self, deed: str) -> None:
        self._on_chosen(self._cluster, deed)


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
