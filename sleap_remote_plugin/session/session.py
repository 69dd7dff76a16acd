"""A session with one cluster: the calls that the window and the command line make.

Each call blocks; none asks the user anything. What the calls do is in submit.py,
monitor.py, collect.py and check.py.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path, PurePosixPath
from typing import Callable, Optional, Sequence, Tuple, TypeVar

from sleap_remote_plugin.errors import (
    HostKeyUnknown,
    MountNotProven,
    NotOnMount,
    NotYours,
    RemoteError,
    SignInNeeded,
)
from sleap_remote_plugin.jobs.cluster import (
    Address,
    ClusterProfile,
    SleapModule,
    config_folder,
    data_folder,
)
from sleap_remote_plugin.jobs.diagnosis import Diagnosis, diagnose
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.jobs.paths import MountMap
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.session import follow, resubmit, sign_in
from sleap_remote_plugin.session.cancel import cancel, cancel_waiting
from sleap_remote_plugin.session.check import (
    CheckLine,
    Told,
    check_cluster,
    check_gpu,
)
from sleap_remote_plugin.session.collect import Results, collect
from sleap_remote_plugin.session.files import ClusterFiles, Files, MountFiles
from sleap_remote_plugin.session.find import Found
from sleap_remote_plugin.session.following import Following
from sleap_remote_plugin.session.monitor import Monitor
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, mounts_in_use, within
from sleap_remote_plugin.session.offers import Offers
from sleap_remote_plugin.session.pace import next_poll
from sleap_remote_plugin.session.plan import (
    Order,
    Plan,
    plan_prediction,
    plan_training,
)
from sleap_remote_plugin.session.recover import UNSETTLED_POLL, is_unsettled
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.shared import Turns
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.submit import submit
from sleap_remote_plugin.session.this_machine import look_here, without_ssh
from sleap_remote_plugin.session.upkeep import Upkeep
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.giving import give, leave_key_out
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.key_install import KeyResult
from sleap_remote_plugin.ssh.local import LocalTransport
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.own_key import OwnKey
from sleap_remote_plugin.ssh.transport import Transport

log = logging.getLogger(__name__)

T = TypeVar("T")


class Session:
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
        self.profile = profile
        self.transport = transport
        self.store = store
        self.settings = settings
        self.credentials = credentials
        self.host_keys = host_keys
        self.clock = clock
        self.mounts = MountMap(profile.mounts)
        self.monitor = Monitor(transport, self.local_folder, clock)
        self.upkeep = Upkeep(
            profile.name,
            transport,
            store,
            self._to_local,
            self.to_cluster,
            self.is_mine,
            clock,
        )
        turns = Turns(store.path, profile.name)
        self.following = Following(store, self.monitor, turns, self.local_folder)
        self.offers = Offers(profile, transport, settings)
        self._reader = follow.Reader()
        self._refreshing = threading.Lock()
        self._mounts_known = False

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
        self.mounts, self._mounts_known = MountMap(profile.mounts), False

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

    def partitions(self, refresh: bool = False) -> Tuple[Partition, ...]:
        """What sinfo tells; asked once a session."""
        return self.offers.partitions(refresh)

    def modules(self, refresh: bool = False) -> Tuple[SleapModule, ...]:
        """The cluster's SLEAP modules with their versions."""
        return self.offers.modules(refresh)

    def choose_module(self, generation: Generation, version: str) -> SleapModule:
        """The module that fits a package best. Raises ModuleMissing."""
        return self.offers.choose_module(generation, version)

    def suggest_resources(self, kind: JobKind, generation: Generation) -> Resources:
        """What this user asked for last; before that, the profile's defaults."""
        last = self.settings.resources(self.profile.name, kind, generation)
        return last or self.profile.default_resources(kind, generation)

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

    def to_cluster(self, local: str) -> PurePosixPath:
        """The cluster's spelling of a local path.

        Raises
        ------
        NotOnMount
            No mount holds it.
        """
        self._find_mounts()
        cluster = self.mounts.to_cluster(local)
        if cluster is None:
            cluster = self.mounts.to_cluster(str(Path(local).resolve()))
        if cluster is None:
            raise NotOnMount(
                "{} is on this machine only: {} cannot see it. Nothing was submitted. "
                "Move it to {}, and open it from there.".format(
                    local,
                    self.profile.title,
                    " or ".join(m.local for m in self.mounts.mounts[:3])
                    or "a disk that the cluster mounts too",
                )
            )
        return cluster

    def local_folder(self, job: Job) -> Path:
        """The job's folder as this machine spells it."""
        return self._to_local(job.folder)

    def _to_local(self, folder: str) -> Path:
        self._find_mounts()
        local = self.mounts.to_local(folder)
        if local is None:
            raise NotOnMount(
                "The folder {} of this job is on no mount of the profile {}. The job "
                "goes on; add the mount to the profile to see it.".format(
                    folder, self.profile.name
                )
            )
        return Path(local)

    def _find_mounts(self) -> None:
        if not self._mounts_known:  # a disk may be mounted later
            self.mounts, self._mounts_known = mounts_in_use(self.mounts)

    def prepare_folder(self, project: str, kind: JobKind) -> Path:
        """A free name for a job's folder beside the project (local; not made).

        As SLEAP names its packages: ``labels.v001.slp.training_job``, then numbered.
        """
        place = Path(project).parent
        word = "training_job" if kind is JobKind.TRAIN else "prediction_job"
        stem = "{}.{}".format(Path(project).name, word)
        self.to_cluster(str(place))

        def free() -> Path:
            path, number = place / stem, 1
            while path.exists():
                number += 1
                path = place / "{}.{}".format(stem, number)
            return path

        return within(MOUNT_DEADLINE, free)

    # -- submitting ---------------------------------------------------------------

    def submit_training(
        self,
        package: TrainingPackage,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
        parent: str = "",
    ) -> Job:
        """Train an exported package that lies on the mount. Raises as submit() does."""
        order = Order(resources, project, name, module, parent)
        plan = self._plan_training(package, order)
        return self._submit(plan, package.folder, package.generation)

    def submit_prediction(
        self,
        request: PredictionRequest,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
        parent: str = "",
    ) -> Job:
        """Predict with trained models; project, models and videos are on the mount."""
        order = Order(resources, project, name, module, parent)
        folder = self.prepare_folder(project, JobKind.PREDICT)
        plan = self._plan_prediction(request, order, folder)
        while not _made(folder / "predictions"):
            folder = self.prepare_folder(project, JobKind.PREDICT)
            plan = self._plan_prediction(request, order, folder)
        return self._submit(plan, folder, module.generation)

    def resubmit(self, job: Job, resources: Optional[Resources] = None) -> Job:
        """Submit the same again, as a job of its own that knows its parent.

        Parameters
        ----------
        job : Job
            Listed or not: a refused one is in its folder's record only.
        resources : Resources, optional
            Others than last time.

        Raises
        ------
        PackageProblem, ...
            Nothing was submitted. As submit() does, too.
        """
        wanted = resources or job.resources
        about = {"project": job.project, "name": job.name, "parent": job.uid}
        module = self._module_of(job)
        folder = self.local_folder(job)
        if job.kind is JobKind.PREDICT:
            request = resubmit.request_of(job, self.mounts.to_local)
            return self.submit_prediction(request, wanted, module=module, **about)
        if resubmit.was_never_sent(job):
            package = within(MOUNT_DEADLINE, lambda: load_package(folder))
        else:
            beside = str(folder.parent / Path(job.project).name)
            new = self.prepare_folder(beside, JobKind.TRAIN)
            package = resubmit.copied_package(folder, new)
        return self.submit_training(package, wanted, module=module, **about)

    def _module_of(self, job: Job) -> SleapModule:
        """The module that a job had; the one that fits best where it is gone."""
        for module in self.modules():
            if module.name == job.module:
                return module
        return self.choose_module(Generation(job.generation), "")

    def preview_training(
        self,
        package: TrainingPackage,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
    ) -> str:
        """The batch script that `submit_training` would send."""
        order = Order(resources, project, name, module)
        return self._plan_training(package, order).script

    def preview_prediction(
        self,
        request: PredictionRequest,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
    ) -> str:
        """The batch script that `submit_prediction` would send."""
        folder = self.prepare_folder(project, JobKind.PREDICT)
        order = Order(resources, project, name, module)
        return self._plan_prediction(request, order, folder).script

    def _plan_training(self, package: TrainingPackage, order: Order) -> Plan:
        folder = str(self.to_cluster(str(package.folder)))
        return plan_training(package, order, folder, self.profile.name, self.clock())

    def _plan_prediction(
        self, request: PredictionRequest, order: Order, folder: Path
    ) -> Plan:
        return plan_prediction(
            request,
            order,
            str(self.to_cluster(str(folder))),
            self.profile.name,
            self.clock(),
            self.to_cluster,
        )

    def _submit(
        self, plan: Plan, folder: Path, generation: Optional[Generation]
    ) -> Job:
        job = submit(
            plan.job.changed(user=self.user),
            folder,
            plan.script,
            plan.files,
            self.transport,
            self.store,
            self.clock,
        )
        if generation is not None:
            self.settings.keep_resources(
                self.profile.name, job.kind, generation, job.resources
            )
        return job

    # -- following ----------------------------------------------------------------

    def jobs(self) -> Tuple[Job, ...]:
        """The jobs of this cluster, newest first; asks nobody."""
        return self.store.jobs(self.profile.name)

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
            self._find_mounts()
            trouble: Optional[RemoteError] = None
            try:
                self.following.look(self._followed(self.jobs()), at_once)
            except RemoteError as error:
                trouble = error
            if not self.monitor.witnesses.hangs:
                unsettled = self.upkeep.look_after(self.jobs())
                trouble = trouble or unsettled
            if trouble is not None:
                raise trouble
        return self.jobs()

    def _followed(self, jobs: Sequence[Job]) -> Tuple[Job, ...]:
        """Jobs that SLURM is asked about: ours, once they are known to be there."""
        return tuple(j for j in jobs if self.is_mine(j) and not is_unsettled(j))

    def is_mine(self, job: Job) -> bool:
        """Whether the job is this user's; others' can be looked at only."""
        return not job.user or not self.user or job.user == self.user

    def find_jobs(self, folder: Path) -> Found:
        """Put the jobs whose records lie below a folder into the list.

        From another computer, from a folder that was renamed, or a colleague's.
        Raises NotOnMount, MountNotProven, StoreProblem.
        """
        self._find_mounts()
        self.to_cluster(str(folder))
        return self.upkeep.find(folder)

    def progress(self, job: Job) -> Tuple[Progress, ...]:
        """How far each task is, read from the job's files."""
        return self._read(job, lambda files: self._reader.progress(job, files))

    def log_tail(self, job: Job, size: int = follow.LOG_END) -> str:
        """The end of the job's log (bytes at most), safe to show."""
        return self._read(job, lambda files: self._reader.log_tail(job, files, size))

    def _read(self, job: Job, look: Callable[[Files], T]) -> T:
        """Read a job's files on the mount; over the connection where it is not there.

        For that nobody is asked to sign in.
        """

        def on_mount() -> T:
            folder = self.local_folder(job)
            if not folder.is_dir():
                raise NotOnMount("The folder {} is not there just now.".format(folder))
            return look(MountFiles(folder))

        try:
            if self.monitor.witnesses.hangs:
                raise MountNotProven("The mount does not answer just now.")
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

    def results(self, job: Job) -> Results:
        """The job's models or predictions. Raises ResultsMissing."""
        folder = self.local_folder(self.upkeep.followed(job))
        return within(MOUNT_DEADLINE, lambda: collect(job, folder))

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
                "This job is {}'s: it can be looked at, and not cancelled. It goes "
                "on.".format(job.user)
            )
        if not job.slurm_id:
            raise RemoteError(
                "This job has no SLURM id yet, so there is nothing to cancel. It is "
                "being looked for on the cluster; try again in a moment."
            )

        def look() -> Job:
            self.refresh()
            return self.store.get(job.uid) or job

        after = cancel(job, self.transport, look, task)
        if not task:
            cancel_waiting(job, self.jobs(), self.transport)
        return after

    def forget(self, job: Job) -> None:
        """Take a job out of the list; its files and record stay."""
        self.store.remove(job.uid)


def _made(folder: Path) -> bool:
    """Make a folder; False where another window has just made it."""
    try:
        within(MOUNT_DEADLINE, lambda: folder.mkdir(parents=True))
    except FileExistsError:
        return False
    return True


def open_settings() -> Settings:
    """Settings of the user who runs this."""
    return Settings(config_folder() / "settings.json")


def open_session(profile: ClusterProfile) -> Session:
    """A session as the program uses it: this user's keyring, keys, jobs, settings."""
    settings = open_settings()
    store = Store(data_folder() / "jobs.sqlite")
    if profile.login is None:
        return Session(profile, LocalTransport(), store, settings)
    here = look_here(profile, LocalTransport())
    if here.is_here:
        transport = LocalTransport(here.why)
        return Session(without_ssh(profile), transport, store, settings)
    return _open_over_ssh(profile, profile.login, store, settings, here.why)


def _open_over_ssh(
    profile: ClusterProfile, login: Address, store: Store, settings: Settings, note: str
) -> Session:
    credentials = Credentials(profile.name)
    host_keys = HostKeys(data_folder() / "known_hosts", contact=profile.contact)
    events = ConnectionLog()
    if note:
        events.add("this machine", note)
    transport = SSHTransport(
        login,
        profile.jump,
        settings.get("user." + profile.name) or profile.user,
        credentials=credentials,
        host_keys=host_keys,
        log=events,
    )
    return Session(profile, transport, store, settings, credentials, host_keys)
