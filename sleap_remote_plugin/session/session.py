"""A session with one cluster: the calls that the window and the command line make.

Each call blocks; none asks the user anything. What the calls do is in submitting.py,
following.py, collect.py and check.py; how a session is opened, in opening.py.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path, PurePosixPath
from typing import Callable, Collection, Optional, Sequence, Tuple, TypeVar

from sleap_remote_plugin.errors import (
    HostKeyUnknown,
    MountNotProven,
    NotOnMount,
    NotYours,
    RemoteError,
    SignInNeeded,
)
from sleap_remote_plugin.jobs.cluster import (
    ClusterProfile,
    SleapModule,
)
from sleap_remote_plugin.jobs.diagnosis import Diagnosis, diagnose
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.history import CANCEL_ASKED, with_event
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.metrics import HeadMetrics
from sleap_remote_plugin.jobs.paths import MountMap
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.session import follow, sign_in
from sleap_remote_plugin.session.by_hand import ByHand
from sleap_remote_plugin.session.cancel import cancel, cancel_waiting
from sleap_remote_plugin.session.chain import Chains
from sleap_remote_plugin.session.check import (
    CheckLine,
    Told,
    check_cluster,
    check_gpu,
)
from sleap_remote_plugin.session.collect import Results, collect, is_ended_early
from sleap_remote_plugin.session.copies import FILE_NAME as COPIES_NAME
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.details import Details
from sleap_remote_plugin.session.files import ClusterFiles, Files, MountFiles
from sleap_remote_plugin.session.find import Found
from sleap_remote_plugin.session.following import Following
from sleap_remote_plugin.session.metrics import MetricsReader
from sleap_remote_plugin.session.mirrors import Mirrors
from sleap_remote_plugin.session.monitor import Monitor
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.offers import Offers
from sleap_remote_plugin.session.pace import next_poll
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.preferences import pace_of
from sleap_remote_plugin.session.recover import UNSETTLED_POLL, is_unsettled
from sleap_remote_plugin.session.rounds import Loads, rounds_file
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.shared import Turns
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.suggesting import Suggesting
from sleap_remote_plugin.session.this_machine import without_ssh
from sleap_remote_plugin.session.told import Mark, TellOnce
from sleap_remote_plugin.session.upkeep import Upkeep
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.giving import give, leave_key_out
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.key_install import KeyResult
from sleap_remote_plugin.ssh.local import LocalTransport
from sleap_remote_plugin.ssh.own_key import OwnKey
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

T = TypeVar("T")


class Session(Chains, ByHand, Suggesting, Details):
    """One cluster, one connection, one list of jobs. Safe from several threads.

    Parameters
    ----------
    profile : ClusterProfile
    transport : Transport
    store : Store
    settings : Settings
        What the user chose before: user name, last resources.
    credentials : Credentials or None
        None where nothing is signed in to.
    host_keys : HostKeys or None
    clock : callable
        Seconds since the epoch.
    """

    def __init__(
        self,
        profile: ClusterProfile,
        transport: Transport,
        store: Store,
        settings: Settings,
        credentials: Optional[Credentials] = None,
        host_keys: Optional[HostKeys] = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.profile = profile
        self.transport = transport
        self.store = store
        self.settings = settings
        self.credentials = credentials
        self.host_keys = host_keys
        self.clock = clock
        self.copies = Copies(store.path.with_name(COPIES_NAME), profile.name)
        self.places = Places(profile, self.copies)
        self.mirrors = Mirrors(lambda: self.copies, transport)
        self.monitor = Monitor(transport, self.local_folder, clock)
        self.upkeep = Upkeep(
            profile.name,
            transport,
            store,
            lambda folder: self.places.to_local(folder),
            self.to_cluster,
            self.is_mine,
            clock,
        )
        turns = Turns(store.path, profile.name)
        self.following = Following(
            store,
            self.monitor,
            turns,
            self.local_folder,
            lambda: pace_of(settings).factor,
        )
        self.offers = Offers(profile, transport, settings, clock)
        self.loads = Loads(settings)
        self.told = TellOnce(store.path)
        self._reader = follow.Reader()
        self._metrics = MetricsReader()
        self._refreshing = threading.Lock()

    # -- connection ---------------------------------------------------------------

    @property
    def user(self) -> str:
        return self.transport.user

    def connect(self) -> None:
        """Connect, if not connected; raises what the caller must ask the user."""
        self.transport.connect()

    def disconnect(self) -> None:
        self.transport.close()

    def give_password(self, error: SignInNeeded, password: str, keep: bool) -> str:
        """Take a secret that the user typed; a sentence where it cannot be kept.

        Answers to the server's own questions (one a line) are used once.
        """
        if self.credentials is None:
            return ""
        return give(self.credentials, error, password.split("\n"), keep)

    def use_password_instead(self, error: SignInNeeded) -> None:
        """Leave the key out whose passphrase `error` asks for."""
        if self.credentials is not None:
            leave_key_out(self.credentials, error)

    def ask_anew(self) -> None:
        """Sign out; the next sign-in asks for what it needs, whatever is known.

        What the keyring has stays there until another secret takes its place.
        """
        if self.credentials is not None:
            self.credentials.ask_anew()
        self.transport.close()

    def set_user(self, user: str) -> None:
        """Sign in as this user from now on."""
        self.settings.set("user." + self.profile.name, user)
        self.sign_in_as(user)

    def sign_in_as(self, user: str) -> None:
        """Be this user from now on, in this session only."""
        if isinstance(self.transport, SSHTransport):
            self.transport.sign_in_as(user)

    def use_profile(self, profile: ClusterProfile) -> None:
        """Go on with a profile that was completed; the connection stays."""
        if isinstance(self.transport, LocalTransport):
            profile = without_ssh(profile)
        self.profile = self.offers.profile = profile
        self.copies = Copies(self.store.path.with_name(COPIES_NAME), profile.name)
        self.places = Places(profile, self.copies)

    def trust_host(self, error: HostKeyUnknown) -> None:
        if self.host_keys is not None:
            self.host_keys.trust(error)

    def forget_password(self) -> None:
        """Take the stored secrets of this cluster out of the keyring and memory.

        Raises
        ------
        RemoteError
            The keyring did not let go of them.
        """
        sign_in.forget(self.transport, self.credentials)

    def kept_secrets(self) -> sign_in.Kept:
        """What the keyring holds for this cluster; may wait for the keyring."""
        return sign_in.look_up(self.transport, self.credentials)

    def own_key(self) -> Optional[OwnKey]:
        """The user's SSH key; None: there is none yet."""
        return sign_in.own_key(self.transport, self.credentials)

    def install_key(self, passphrase: str = "") -> Tuple[KeyResult, ...]:
        """Install the user's SSH key on every hop, and try it."""
        return sign_in.install_key(
            self.transport, self.credentials, self.host_keys, passphrase
        )

    # -- the cluster --------------------------------------------------------------

    def modules(self, refresh: bool = False) -> Tuple[SleapModule, ...]:
        """The cluster's SLEAP modules, with what is known of their versions."""
        return self.offers.modules(refresh)

    def read_modules(self, refresh: bool = False) -> Tuple[SleapModule, ...]:
        """The same, with versions read on the cluster where they are not known."""
        return self.offers.read_modules(refresh)

    def confirm_module(
        self, module: SleapModule, generation: Generation
    ) -> SleapModule:
        """The module as it really is. Raises ModuleMissing where it does not fit."""
        return self.offers.confirm_module(module, generation)

    def told_differences(self, own: str) -> Tuple[str, ...]:
        """Versions whose difference to this one the user was told of."""
        return self.offers.told_differences(own)

    def keep_told_differences(self, own: str, versions: Sequence[str]) -> None:
        self.offers.keep_told_differences(own, versions)

    def choose_module(self, generation: Generation, version: str) -> SleapModule:
        """The module that fits a package best. Raises ModuleMissing."""
        return self.offers.choose_module(generation, version)

    def check(
        self,
        sleap_version: str = "",
        folder: Optional[Path] = None,
        told: Optional[Told] = None,
    ) -> Tuple[CheckLine, ...]:
        """The how-to's prerequisites as a list of lines; `told` gets each at once."""
        return check_cluster(self, sleap_version, folder, told)

    def check_gpu(
        self,
        sleap_version: str = "",
        folder: Optional[Path] = None,
        told: Optional[Told] = None,
    ) -> Tuple[CheckLine, ...]:
        """What a short job finds on a GPU node; it is in no list of jobs."""
        return check_gpu(self, sleap_version, folder, told)

    def connection_log(self) -> Tuple[str, ...]:
        """What happened to the connection, oldest first; asks nobody."""
        return tuple(self.transport.log_lines())

    # -- paths --------------------------------------------------------------------

    @property
    def mounts(self) -> MountMap:
        """The profile's mounts, those first that are there."""
        return self.places.mounts

    def to_cluster(self, local: str) -> PurePosixPath:
        """The cluster's spelling of a local path. Raises NotOnMount."""
        return self.places.to_cluster(local)

    def local_folder(self, job: Job) -> Path:
        """The job's folder as this machine spells it. Raises NotOnMount."""
        return self.places.to_local(job.folder)

    def prepare_folder(self, project: str, kind: JobKind) -> Path:
        """A free name for a job's folder beside the project (local; not made)."""
        return self.places.free_folder(project, kind)

    # -- following ----------------------------------------------------------------

    def jobs(self) -> Tuple[Job, ...]:
        """The jobs of this cluster, newest first; asks nobody."""
        return self.store.jobs(self.profile.name)

    def open_elsewhere(self) -> Tuple[Job, ...]:
        """Other clusters' jobs that were open when they were looked at last."""
        return self.store.open_elsewhere(self.profile.name)

    def next_poll(self) -> Optional[float]:
        """Seconds until `refresh` should be called again; None: no job is open."""
        if self.store.must_be_rebuilt(self.profile.name):
            return UNSETTLED_POLL
        jobs = self.jobs()
        wait = next_poll(self._followed(jobs), self.clock())
        unsettled = any(is_unsettled(job) for job in jobs if self.is_mine(job))
        return min(wait or UNSETTLED_POLL, UNSETTLED_POLL) if unsettled else wait

    @property
    def troubles(self) -> Tuple[str, ...]:
        """Sentences on what the last `refresh` could not ask."""
        return self.upkeep.told + self.following.troubles

    def refresh(self, at_once: bool = True) -> Tuple[Job, ...]:
        """Ask how the open jobs stand, and return all jobs.

        Parameters
        ----------
        at_once : bool
            The user wants it. Else the mount is looked at, and SLURM is asked only
            when it is due, by one window for all.

        Raises
        ------
        RemoteError
            Nobody could be asked; the last known states stay.
        """
        with self._refreshing:
            self.places.look()
            trouble: Optional[RemoteError] = None
            try:
                followed = self._followed(self.jobs())
                is_open = {job.uid for job in followed if not job.state.is_final}
                jobs, trouble = self._fetched(followed, is_open)
                self.following.look(jobs, at_once)
                now = [job for job in self.jobs() if job.uid in is_open]
                ended, why = self.mirrors.fetch([j for j in now if j.state.is_final])
                self.following.judge(ended)
                trouble = trouble or why
            except RemoteError as error:
                trouble = error
            if not self.monitor.witnesses.hangs:
                unsettled = self.upkeep.look_after(self.jobs())
                trouble = trouble or unsettled
            if trouble is not None:
                raise trouble
        return self.jobs()

    def _fetched(
        self, jobs: Sequence[Job], is_open: Collection[str]
    ) -> Tuple[Tuple[Job, ...], Optional[RemoteError]]:
        """Bring what open jobs wrote where no disk is mounted; what can be judged.

        Of those that have ended that was done when they did.
        """
        fine, trouble = self.mirrors.fetch([job for job in jobs if job.uid in is_open])
        return fine + tuple(job for job in jobs if job.uid not in is_open), trouble

    def _followed(self, jobs: Sequence[Job]) -> Tuple[Job, ...]:
        """Jobs that SLURM is asked about: ours, once they are known to be there."""
        return tuple(j for j in jobs if self.is_mine(j) and not is_unsettled(j))

    def first_to_tell(self, marks: Sequence[Mark]) -> Tuple[Mark, ...]:
        """Those that no window has told the user yet; this one does now."""
        return self.told.first(marks, self.clock())

    def is_mine(self, job: Job) -> bool:
        """Whether the job is this user's; others' can be looked at only."""
        return not job.user or not self.user or job.user == self.user

    def find_jobs(self, folder: Path) -> Found:
        """Put the jobs whose records lie below a folder into the list.

        From another computer, from a folder that was renamed, or a colleague's.
        Raises NotOnMount, MountNotProven, StoreProblem.
        """
        self.places.look()
        self.to_cluster(str(folder))
        return self.upkeep.find(folder)

    def progress(self, job: Job) -> Tuple[Progress, ...]:
        """How far each task is, read from the job's files."""
        return self._read(job, lambda files: self._reader.progress(job, files))

    def log_tail(self, job: Job, size: int = follow.LOG_END, part: int = -1) -> str:
        """The end of the job's log (bytes at most), safe to show.

        Parameters
        ----------
        part : int
            Which of the job's tasks; -1: all.
        """
        look = self._reader.log_tail
        return self._read(job, lambda files: look(job, files, size, part))

    def _read(self, job: Job, look: Callable[[Files], T]) -> T:
        """Read a job's files on the mount; over the connection where it is not there.

        For that nobody is asked to sign in.
        """
        if self.transport.is_connected and self.mirrors.of_job(job) is not None:
            return look(ClusterFiles(self.transport, job.folder))

        def on_mount() -> T:
            folder = self.local_folder(job)
            if not folder.is_dir():
                raise NotOnMount(
                    tr("The folder {} is not there just now.").format(folder)
                )
            return look(MountFiles(folder))

        try:
            if self.monitor.witnesses.hangs:
                raise MountNotProven(tr("The mount does not answer just now."))
            return within(MOUNT_DEADLINE, on_mount)
        except (MountNotProven, NotOnMount):
            if not self.transport.is_connected:
                raise
        return look(ClusterFiles(self.transport, job.folder))

    def diagnose(self, job: Job) -> Optional[Diagnosis]:
        """What went wrong and what to change; None where nothing did."""
        if not job.state.is_final or job.state is JobState.COMPLETED:
            return None
        return diagnose(job, self.log_tail(job))

    def metrics(self, job: Job) -> Tuple[HeadMetrics, ...]:
        """How good a training's models are, beside the round before; none: not yet."""
        if job.kind is not JobKind.TRAIN or not job.state.is_final:
            return ()
        jobs, look = self.jobs(), self._metrics.of
        try:
            found = within(MOUNT_DEADLINE, lambda: look(job, jobs, self.local_folder))
        except RemoteError:  # the mount is away: the details say so
            return ()
        is_whole = job.state is JobState.COMPLETED
        return found if is_whole else tuple(one for one in found if not one.fault)

    def what_is_left(self, job: Job) -> Optional[str]:
        """Of a job that ended early: what can be used, in words; None: nothing."""
        if not is_ended_early(job) or not job.slurm_id:
            return None
        try:
            return self.results(job).note
        except RemoteError:  # nothing; or the mount is away
            return None

    def results(self, job: Job) -> Results:
        """The job's models or predictions. Raises ResultsMissing."""
        self.mirrors.bring(job)
        folder = self.local_folder(self.upkeep.followed(job))
        return within(
            MOUNT_DEADLINE, lambda: collect(job, folder, self.places.mounts.to_local)
        )

    def rounds_file(self, job: Job) -> str:
        """The file that tells of a project's rounds; empty: there is none."""
        try:
            return within(MOUNT_DEADLINE, lambda: rounds_file(Path(job.project)))
        except (MountNotProven, OSError):
            return ""

    def cancel(self, job: Job, task: str = "") -> Job:
        """Cancel a job, or one task of an array; seen to be done.

        Jobs that wait for it alone are cancelled too.

        Raises
        ------
        AlreadyEnded
            There was nothing to cancel.
        RemoteError
            SLURM said no, or could not be asked; the job goes on.
        """
        if not self.is_mine(job):
            raise NotYours(
                tr(
                    "This job is {}'s: it can be looked at, and not cancelled. It goes "
                    "on."
                ).format(job.user)
            )
        if not job.slurm_id:
            raise RemoteError(
                tr(
                    "This job has no SLURM id yet, so there is nothing to cancel. It "
                    "is being looked for on the cluster; try again in a moment."
                )
            )

        def look() -> Job:
            self.refresh()
            return self.store.get(job.uid) or job

        asked = self.clock()
        after = cancel(job, self.transport, look, task)
        self.store.update(job.uid, lambda now: with_event(now, asked, CANCEL_ASKED))
        if not task:
            cancel_waiting(job, self.jobs(), self.transport)
        return after

    def forget(self, job: Job) -> None:
        """Take a job out of the list; its files and record stay."""
        self.store.remove(job.uid)
