"""The cluster in use: its parts are joined with the dock, and let go for another's."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.connection import Connection, OpenSession
from sleap_remote_plugin.qt.dock_words import DockWords
from sleap_remote_plugin.qt.doings import Doing
from sleap_remote_plugin.qt.fetching import Fetching
from sleap_remote_plugin.qt.following import Follower
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.next_round import NextRound
from sleap_remote_plugin.qt.predicted import Predicted
from sleap_remote_plugin.qt.results import Results
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.preferences import preferences
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.told import Mark
from sleap_remote_plugin.words import tr


class InUse(QObject):
    """Its parts are None while no cluster is in use.

    Parameters
    ----------
    network, files : Lane
        The window's own; they outlive a cluster.
    """

    jobs_changed = Signal(object)  # tuple of Job
    noticed = Signal(object)  # tuple of Notice

    def __init__(
        self,
        host: Host,
        open_it: OpenSession,
        words: DockWords,
        settings: Settings,
        network: Lane,
        files: Lane,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self._open = open_it
        self.words, self.dock = words, words.dock
        self._settings = settings
        self._network, self._files = network, files
        self.connection: Optional[Connection] = None
        self.follower: Optional[Follower] = None
        self.results: Optional[Results] = None
        self.fetching: Optional[Fetching] = None
        self.next_round: Optional[NextRound] = None
        self._noted: List[NextRound] = []  # who wrote down each load, the last last
        self._doings: List[Doing] = []

    @property
    def profile(self) -> Optional[ClusterProfile]:
        return self.connection.profile if self.connection is not None else None

    def take(self, profile: ClusterProfile, session: Any) -> None:
        """Join the parts of this cluster; `session` is None, or connected already."""
        window = self.host.window
        open_it = self._open if session is None else lambda _profile: session
        fetching = self.fetching = Fetching(self)
        fetching.progressed.connect(self._doing(fetching.stop).show_progress)
        fetching.said.connect(self.words.say)
        self.connection = Connection(
            profile,
            self._network,
            window,
            lambda profile: fetching.attach(open_it(profile)),
            self,
        )
        self.follower = Follower(self.connection, self._files, self)
        fetching.fetched.connect(self.follower.refresh_once)
        self.follower.warning = Predicted(self.host).warning
        self.follower.reads_logs = lambda: preferences(self._settings).live_logs
        self.results = Results(self.host, self.connection, self._files, self)
        self.connection.changed.connect(self.dock.show_connection)
        self.connection.noticed.connect(self.words.say)
        self.follower.jobs_changed.connect(self.jobs_changed)
        self.follower.progressed.connect(self.dock.model.set_progress)
        self.follower.found.connect(self.dock.show_findings)
        self.follower.noticed.connect(self.noticed)
        self.follower.troubled.connect(self.words.show_trouble)
        self.next_round = NextRound(self.host, self.connection, self._files, self)
        self.next_round.said.connect(self.words.tell_round)
        self.next_round.busy.connect(self._doing().show_busy)
        self.next_round.loads_changed.connect(self._on_loads)
        self.results.loading.loaded.connect(self._on_loaded)
        self.results.loading.undone.connect(self._on_undone)
        self.results.said.connect(self.words.tell)
        self.results.busy.connect(self._doing().show_busy)
        loading, models = self.results.loading, self.results.models
        line = self._doing(loading.stop)
        loading.progressed.connect(line.show_progress)
        loading.ended.connect(line.end)
        line = self._doing(models.stop)
        models.progressed.connect(line.show_progress)
        models.busy.connect(line.show_busy)
        self.results.cancelled.connect(self._on_cancelled)
        self.dock.show_connection("off", profile.title + tr(" – not connected"), True)
        if session is not None:  # the line shows how it stands
            self.connection.call(lambda session: None, ask=False)
        self.follower.start()

    def leave(self) -> None:
        """Let the cluster in use go; its jobs go on there.

        A load of its predictions ends. What is short goes on and is told: a cancel, a
        look for models, a round.
        """
        connection, follower, results = self.connection, self.follower, self.results
        if results is not None:
            results.leave()
        self.connection = self.follower = self.results = self.next_round = None
        if follower is not None:
            follower.stop()
        fetching, self.fetching = self.fetching, None
        if fetching is not None:
            fetching.close()
        for part in (follower, fetching, connection):
            if part is not None:
                part.blockSignals(True)
        if connection is not None:
            connection.cancel()
        for doing in self._doings:
            doing.close()
        self._doings.clear()

    def _doing(self, stop: Optional[Callable[[], Any]] = None) -> Doing:
        """A line for what is done on this cluster."""
        self._doings.append(self.words.doings.add(stop))
        return self._doings[-1]

    def follow(self) -> None:
        """Look at the jobs now: there is a new one, or one is gone."""
        if self.follower is not None:
            self.follower.start()

    def refresh(self) -> None:
        """Ask the cluster now, and the user to sign in if need be."""
        if self.follower is not None and self.connection is not None:
            title = self.connection.profile.title
            self.dock.show_connection("busy", title + tr(" – asking"), False)
            if self.fetching is not None:
                self.fetching.resume()
            self.follower.refresh(ask=True)

    def sign_out(self) -> None:
        if self.connection is not None:
            self.connection.sign_out()

    def stop_connecting(self) -> None:
        if self.connection is not None:
            self.connection.cancel()

    def first_to_tell(
        self, marks: Tuple[Mark, ...], then: Callable[[Tuple[Mark, ...]], None]
    ) -> None:
        """Which of these no other window has told the user."""
        if self.connection is not None:
            self.connection.local(lambda session: session.first_to_tell(marks), then)

    def _on_loaded(self, job: Job) -> None:
        if self.next_round is not None:
            self.next_round.note_load(job)
            self._noted.append(self.next_round)

    def _on_undone(self) -> None:
        """The load may be of a cluster that was in use before."""
        if self._noted:
            self._noted.pop().note_undo()

    def _on_loads(self) -> None:
        if self.next_round is not None:
            self.dock.show_loaded(self.next_round.loaded())

    def _on_cancelled(self, job: Job) -> None:
        self.words.say(tr("SLURM was told to stop “{}”.").format(job.name))
        self.follow()
