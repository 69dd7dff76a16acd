"""A session with one cluster: the calls that the window and the command line make.

Each call blocks; none asks the user anything. What the calls do is in submit.py,
monitor.py, collect.py and check.py.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from pathlib import Path, PurePosixPath
from typing import Callable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    HostKeyUnknown,
    ModuleMissing,
    NotOnMount,
    RemoteError,
    SignInNeeded,
)
from sleap_remote_plugin.jobs.cluster import (
    ClusterProfile,
    SleapModule,
    config_folder,
    data_folder,
)
from sleap_remote_plugin.jobs.diagnosis import Diagnosis, diagnose
from sleap_remote_plugin.jobs.generation import Generation, generation_of_version
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task, new_uid
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.jobs.paths import MountMap
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.jobs.record import safe_stem, save_record
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.session import follow, monitor
from sleap_remote_plugin.session.check import CheckLine, check_cluster
from sleap_remote_plugin.session.collect import Results, collect
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, mounts_in_use, within
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.submit import submit
from sleap_remote_plugin.slurm import commands, output, script
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.transport import LocalTransport, Transport

log = logging.getLogger(__name__)


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
        self.monitor = monitor.Monitor(transport, self.local_folder, clock)
        self._partitions: Tuple[Partition, ...] = ()
        self._modules: Tuple[SleapModule, ...] = ()
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
        if error.prompts:
            self.credentials.answer_once(error.user, error.host, password.split("\n"))
            return ""
        return self.credentials.remember(error.user, error.host, password, keep)

    def set_user(self, user: str) -> None:
        """Sign in as this user from now on."""
        self.settings.set("user." + self.profile.name, user)
        if isinstance(self.transport, SSHTransport):
            self.transport.sign_in_as(user)

    def trust_host(self, error: HostKeyUnknown) -> None:
        if self.host_keys is not None:
            self.host_keys.trust(error)

    def forget_password(self) -> None:
        """Take the stored secrets of this cluster out of the keyring and memory."""
        if self.credentials is not None:
            self.credentials.forget(self.user)
        self.transport.close()

    # -- the cluster --------------------------------------------------------------

    def partitions(self, refresh: bool = False) -> Tuple[Partition, ...]:
        """What sinfo tells; asked once a session."""
        if refresh or not self._partitions:
            result = self.transport.run(commands.partitions())
            found = output.read_partitions(result.stdout)
            self._partitions = found or self.profile.limits
        return self._partitions

    def modules(self, refresh: bool = False) -> Tuple[SleapModule, ...]:
        """The cluster's SLEAP modules, with the versions that the profile knows."""
        if refresh or not self._modules:
            result = self.transport.run(
                commands.module_avail(self.profile.module_pattern), timeout=60.0
            )
            names = output.read_modules(result.stdout + "\n" + result.stderr)
            self._modules = tuple(self._module(name) for name in names)
        return self._modules

    def _module(self, name: str) -> SleapModule:
        """The module with its SLEAP version: the profile's word, else its own."""
        for module in self.profile.modules:
            if module.name == name and module.sleap:
                return module
        key = "module.{}.{}".format(self.profile.name, name)
        version = _version_in(name) or self.settings.get(key)
        if not version:
            asked = self.transport.run(commands.module_version(name), timeout=60.0)
            lines = asked.stdout.split()
            version = lines[-1] if lines and asked.exit_code == 0 else ""
            if generation_of_version(version) is None:
                return SleapModule(name)
            self.settings.set(key, version)
        return SleapModule(name, version)

    def choose_module(self, generation: Generation, version: str) -> SleapModule:
        """The module that fits a package best: same version, else the nearest newer.

        Raises
        ------
        ModuleMissing
            None is of the generation; the message names what there is.
        """
        there = self.modules()
        fitting = [m for m in there if m.generation is generation]
        if not fitting:
            raise ModuleMissing(
                "{} has no module of {}, which this package needs; it has {}. Nothing "
                "was submitted. Add the module to the profile with its version, or "
                "install the SLEAP that fits.".format(
                    self.profile.title,
                    generation.title,
                    ", ".join(_described(m) for m in there) or "none at all",
                )
            )
        same = [m for m in fitting if m.sleap == version]
        return (same or sorted(fitting, key=lambda m: _key(m.sleap)))[-1]

    def suggest_resources(self, kind: JobKind, generation: Generation) -> Resources:
        """What this user asked for last; before that, the profile's defaults."""
        last = self.settings.resources(self.profile.name, kind, generation)
        return last or self.profile.default_resources(kind, generation)

    def check(
        self, sleap_version: str = "", folder: Optional[Path] = None
    ) -> Tuple[CheckLine, ...]:
        """The how-to's prerequisites as a list of lines."""
        return check_cluster(self, sleap_version, folder)

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
        self._find_mounts()
        local = self.mounts.to_local(job.folder)
        if local is None:
            raise NotOnMount(
                "The folder {} of this job is on no mount of the profile {}. The job "
                "goes on; add the mount to the profile to see it.".format(
                    job.folder, self.profile.name
                )
            )
        return Path(local)

    def _find_mounts(self) -> None:
        if not self._mounts_known:
            self.mounts = mounts_in_use(self.mounts)
            self._mounts_known = True

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
    ) -> Job:
        """Train an exported package that lies on the mount. Raises as submit() does."""
        job = self._training_job(package, resources, project, name, module)
        text = script.render_training(job, package, module)
        files = (package.labels,) + tuple(model.config for model in package.models)
        return self._submit(job, package.folder, text, files, package.generation)

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
        folder = self.prepare_folder(project, JobKind.PREDICT)
        job, text = self._prediction(
            request, resources, project, name, module, folder, parent
        )
        within(MOUNT_DEADLINE, lambda: _make_folder(folder / "predictions"))
        return self._submit(job, folder, text, (), module.generation)

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
        job = self._training_job(package, resources, project, name, module)
        return script.render_training(job, package, module)

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
        return self._prediction(request, resources, project, name, module, folder)[1]

    def _submit(
        self,
        job: Job,
        folder: Path,
        text: str,
        files: Tuple[str, ...],
        generation: Optional[Generation],
    ) -> Job:
        job = submit(job, folder, text, files, self.transport, self.store, self.clock)
        if generation is not None:
            self.settings.keep_resources(
                self.profile.name, job.kind, generation, job.resources
            )
        return job

    def _training_job(
        self,
        package: TrainingPackage,
        resources: Resources,
        project: str,
        name: str,
        module: SleapModule,
    ) -> Job:
        return self._new_job(
            JobKind.TRAIN,
            resources,
            project,
            name,
            module,
            package.folder,
            tuple(Task(model.head, model.run_path) for model in package.models),
        )

    def _prediction(
        self,
        request: PredictionRequest,
        resources: Resources,
        project: str,
        name: str,
        module: SleapModule,
        folder: Path,
        parent: str = "",
    ) -> Tuple[Job, str]:
        tasks = tuple(
            Task(Path(video.path).name, output_name, video.path, video.index)
            for video, output_name in zip(
                request.videos, prediction_names(request.videos)
            )
        )
        job = self._new_job(
            JobKind.PREDICT, resources, project, name, module, folder, tasks, parent
        )
        models = tuple(str(self.to_cluster(model)) for model in request.models)
        videos = tuple(str(self.to_cluster(video.path)) for video in request.videos)
        return job, script.render_prediction(job, request, models, videos, module)

    def _new_job(
        self,
        kind: JobKind,
        resources: Resources,
        project: str,
        name: str,
        module: SleapModule,
        folder: Path,
        tasks: Tuple[Task, ...],
        parent: str = "",
    ) -> Job:
        generation = module.generation
        return Job(
            uid=new_uid(),
            kind=kind,
            name=name,
            project=project,
            folder=str(self.to_cluster(str(folder))),
            cluster=self.profile.name,
            resources=resources,
            tasks=tasks,
            module=module.name,
            generation=generation.value if generation else "",
            created=self.clock(),
            parent=parent,
        )

    # -- following ----------------------------------------------------------------

    def jobs(self) -> Tuple[Job, ...]:
        """The jobs of this cluster, newest first; asks nobody."""
        return self.store.jobs(self.profile.name)

    def next_poll(self) -> Optional[float]:
        """Seconds until `refresh` should be called again; None: no job is open."""
        return monitor.next_poll(self.jobs(), self.clock())

    @property
    def troubles(self) -> Tuple[str, ...]:
        """Sentences on what the last `refresh` could not ask."""
        return self.monitor.troubles

    def refresh(self) -> Tuple[Job, ...]:
        """Ask how the open jobs stand, and return all jobs.

        Raises
        ------
        RemoteError
            Nobody could be asked; the last known states stay.
        """
        with self._refreshing:
            self._find_mounts()
            for uid, change in self.monitor.changes(self.jobs()).items():
                before = self.store.get(uid)
                after = self.store.update(uid, change)
                if after is not None:
                    self._judge(after)
                    self._keep_record(before, self.store.get(uid))
        return self.jobs()

    def _judge(self, job: Job) -> None:
        try:
            judged = monitor.judged(job, self.local_folder(job), self.clock())
        except RemoteError as error:
            log.warning("%s: not judged yet: %s", job.slurm_name, error)
            return
        if judged != job:
            self.store.update(job.uid, lambda now: judged if now == job else now)

    def _keep_record(self, before: Optional[Job], after: Optional[Job]) -> None:
        """The record on the mount follows each change of state."""
        if before is None or after is None or before.state is after.state:
            return
        folder = self.local_folder(after)
        try:
            within(MOUNT_DEADLINE, lambda: save_record(folder, after))
        except RemoteError as error:
            log.warning("%s: record not updated: %s", after.slurm_name, error)

    def progress(self, job: Job) -> Tuple[Progress, ...]:
        """How far each task is, read from the mount."""
        folder = self.local_folder(job)
        return within(MOUNT_DEADLINE, lambda: follow.progress(job, folder))

    def log_tail(self, job: Job, size: int = 65536) -> str:
        """The end of the job's log (bytes at most), safe to show."""
        folder = self.local_folder(job)
        return within(MOUNT_DEADLINE, lambda: follow.log_tail(job, folder, size))

    def diagnose(self, job: Job) -> Optional[Diagnosis]:
        """What went wrong and what to change; None where nothing did."""
        if not job.state.is_final or job.state is JobState.COMPLETED:
            return None
        return diagnose(job, self.log_tail(job))

    def results(self, job: Job) -> Results:
        """The job's models or predictions. Raises ResultsMissing."""
        folder = self.local_folder(job)
        return within(MOUNT_DEADLINE, lambda: collect(job, folder))

    def cancel(self, job: Job) -> Job:
        """Ask SLURM to cancel a job, and what came of it.

        Raises
        ------
        RemoteError
            SLURM said no, or could not be asked; the job goes on.
        """
        if not job.slurm_id:
            raise RemoteError(
                "This job has no SLURM id yet, so there is nothing to cancel. It is "
                "being looked for on the cluster; try again in a moment."
            )
        result = self.transport.run(commands.cancel(job.slurm_id))
        if result.exit_code != 0:
            raise RemoteError(
                "SLURM did not cancel the job: {} It goes on. Try again in a "
                "moment.".format(result.stderr.strip()[:300] or "no reason was given."),
                detail=result.stderr,
            )
        self.refresh()
        return self.store.get(job.uid) or job

    def forget(self, job: Job) -> None:
        """Take a job out of the list; its files and record stay."""
        self.store.remove(job.uid)


def prediction_names(videos: Sequence[VideoInput]) -> Tuple[str, ...]:
    """One output name for each video, unique even for equal file names."""
    names: List[str] = []
    for video in videos:
        stem = safe_stem(re.split(r"[\\/]", video.path)[-1])
        name, number = stem, 1
        while "predictions/{}.predictions.slp".format(name) in names:
            number += 1
            name = "{}.{}".format(stem, number)
        names.append("predictions/{}.predictions.slp".format(name))
    return tuple(names)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True)


def _version_in(name: str) -> str:
    """A version that the module's name itself tells (``SLEAP/1.6.3``)."""
    match = re.search(r"/v?(\d+\.\d+(?:\.\d+)?)$", name)
    return match.group(1) if match and int(match.group(1).split(".")[0]) < 100 else ""


def _described(module: SleapModule) -> str:
    return "{} (SLEAP {})".format(module.name, module.sleap or "of unknown version")


def _key(version: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def open_settings() -> Settings:
    """Settings of the user who runs this."""
    return Settings(config_folder() / "settings.json")


def open_session(profile: ClusterProfile) -> Session:
    """A session as the program uses it: this user's keyring, keys, jobs, settings."""
    settings = open_settings()
    store = Store(data_folder() / "jobs.sqlite")
    if profile.login is None:
        return Session(profile, LocalTransport(), store, settings)
    credentials = Credentials(profile.name)
    host_keys = HostKeys(data_folder() / "known_hosts")
    transport = SSHTransport(
        profile.login,
        profile.jump,
        settings.get("user." + profile.name) or profile.user,
        credentials=credentials,
        host_keys=host_keys,
    )
    return Session(profile, transport, store, settings, credentials, host_keys)
