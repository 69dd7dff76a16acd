"""Stand-ins for SLEAP's window and for the cluster.

They exist because these tests are about the window alone: who is asked, what is
shown, what stays responsive. The real SLEAP is driven in tests/sleap_host, the real
cluster in tests/cluster, and both together in the demo.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import threading
import time
from pathlib import Path
from types import SimpleNamespace

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QDialog, QDockWidget, QMainWindow

from sleap_remote_plugin.errors import (
    Cancelled,
    ConnectionClosed,
    OtherProject,
    ProjectNotReady,
    SignInNeeded,
)
from sleap_remote_plugin.jobs.another_try import offer_of
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.history import history_of
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.last_time import last_time
from sleap_remote_plugin.jobs.paths import Mount, MountMap
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.jobs.site import Site
from sleap_remote_plugin.qt.controller import Controller
from sleap_remote_plugin.qt.host import (
    MergeSummary,
    Project,
    ProjectVideo,
    TrainingPlan,
)
from sleap_remote_plugin.qt.loads import LoadPreview, LoadVideo
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.session.by_hand import ByHand
from sleap_remote_plugin.session.chain import Chains, Sent
from sleap_remote_plugin.session.collect import Results
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.find import Found
from sleap_remote_plugin.session.job_files import places_of
from sleap_remote_plugin.session.mirrors import Mirrors
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.predicted import PredictionFile
from sleap_remote_plugin.session.rounds import Loads, rounds_file
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.submitting import Submitting
from sleap_remote_plugin.session.told import TellOnce
from sleap_remote_plugin.slurm.estimate import Estimate
from sleap_remote_plugin.ssh.transport import CommandResult


def a_profile(folder="/mnt/lab", **values):
    return ClusterProfile(
        **{
            "name": "practice",
            "title": "Practice HPC",
            "login": Address("gateway"),
            "user": "jane",
            "mounts": (Mount(str(folder), "/ceph/lab"),),
            "modules": (SleapModule("SLEAP/2026-05-08", "1.6.3"),),
            "limits": (
                Partition("gpu", 86400, 32, 128 * 2**30, ("a4500", "rtx5000"), 4),
                Partition("cpu", 7 * 86400, 64, 256 * 2**30),
            ),
            **values,
        }
    )


def a_job(uid="u1", **values):
    values.setdefault("kind", JobKind.TRAIN)
    return Job(
        **{
            "uid": uid,
            "name": "labels top-down",
            "project": "/mnt/lab/labels.slp",
            "folder": "/ceph/lab/labels.slp.training_job",
            "cluster": "practice",
            "resources": Resources(),
            "tasks": (Task("centroid", "models/a"), Task("centered_instance", "m/b")),
            "slurm_id": "417",
            **values,
        }
    )


class StandInButton(QObject):
    """Our button in a dialog of SLEAP's."""

    def setText(self, text):
        self.text = text

    def offer(self, choices):
        self.choices = tuple(choices)


class StandInHost:
    """SLEAP: notes what it was asked, writes tiny files."""

    version = "1.6.3"
    generation = Generation.CURRENT

    def __init__(self, window, folder):
        self.window = window
        self.open_project = Project(
            str(folder / "labels.slp"),
            False,
            212,
            (ProjectVideo(0, str(folder / "mouse.mp4"), 100),),
        )
        self.videos = (VideoInput(str(folder / "mouse.mp4"), 0),)
        self.calls = []
        self.predicted = 20
        self.other_project = False
        self.merges = self.left_by_undo = 0
        self.dialogs = []
        self.project_callbacks = []
        self.dialog_callbacks = []
        self.run_callbacks = {}
        self.write_gate = threading.Event()
        self.write_gate.set()

    def add_menu(self, menu):
        self.window.menuBar().addMenu(menu)

    def add_dock(self, title, widget):
        dock = QDockWidget(title, self.window)
        dock.setObjectName("remote_dock")
        dock.setWidget(widget)
        self.window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock

    def accept_drops(self, mime, dropped):
        self.dropped = dropped

    def project(self):
        return self.open_project

    def change(self, project):
        self.open_project = project
        self.merges = 0
        for callback in self.project_callbacks:
            callback()

    def on_project_changed(self, callback):
        self.project_callbacks.append(callback)

    def open_project_file(self, path):
        self.calls.append(("open", path))

    def add_videos(self):
        self.calls.append("add videos")

    def save_project(self):
        self.calls.append("save")
        project = self.open_project
        self.open_project = Project(
            project.path, False, project.labelled_frames, project.videos
        )

    def save_as(self, path):
        self.calls.append("save as")
        path.write_bytes(b"saved")
        self.change(dataclasses.replace(self.open_project, path=str(path)))

    def open_training_like(self, configs, runs):
        self.calls.append(("like", tuple(configs), tuple(runs)))

    def open_dialog(self, mode):
        dialog = QDialog(self.window)
        dialog.setWindowTitle(mode)
        self.dialogs.append(dialog)
        for callback in self.dialog_callbacks:
            callback(mode, dialog)
        dialog.open()
        return dialog

    def on_dialog_made(self, callback):
        self.dialog_callbacks.append(callback)

    def add_run_button(self, dialog, text, run, run_there):
        self.run_callbacks[dialog] = run
        self.run_there = run_there
        self.run_button = StandInButton(dialog)
        self.run_button.setText(text)
        return self.run_button

    @property
    def run_text(self):
        return self.run_button.text

    #: entry -> keys
    shortcuts = {"remote_train": "Ctrl+Shift+T"}

    def shortcut(self, entry):
        return self.shortcuts.get(entry, "")

    def training_plan(self, dialog):
        return TrainingPlan("top-down", ("centroid",), "labels.pkg.slp")

    def read_configs(self, dialog):
        return "what the dialog holds"

    def write_configs(self, configs, folder, full_rotation=False):
        self.calls.append("configs")
        self.full_rotation = full_rotation
        (folder / "centroid.yaml").write_text("a: 1\n")
        (folder / "jobs.yaml").write_text(
            json.dumps(
                {
                    "training": [
                        {
                            "cfg": "centroid.yaml",
                            "run_path": "models/a",
                            "train_labels": "labels.pkg.slp",
                        }
                    ]
                }
            )
        )

    def labels_slices(self, project=""):
        yield None
        yield "labels"

    def labels_size(self, snapshot):
        return 1000

    def check_labels_file(self, path, snapshot):
        assert path.stat().st_size == 1000

    def write_labels(self, snapshot, path, report):
        while not self.write_gate.wait(0.01):
            if not report(1, 2, "frames"):
                raise Cancelled("stopped")
        path.write_bytes(b"x" * 1000)
        report(2, 2, "frames")

    def prediction_request(self, dialog):
        return PredictionRequest((self.videos[0].path + ".model",), self.videos)

    #: What `look_at_endings` finds, and how long it takes: a threading.Event or None.
    bad_endings = ()
    endings_held = None

    def offer_frames(self, dialog):
        self.calls.append("frames offered")

    #: What SLEAP's training dialog cannot predict on; empty: all is well.
    nothing_to_predict = ""

    def request_after_training(self, dialog):
        if self.nothing_to_predict:
            raise ProjectNotReady(self.nothing_to_predict)
        return PredictionRequest((), self.videos)

    def look_at_endings(self, videos, report):
        assert threading.current_thread() is not threading.main_thread()
        for done in range(len(videos) + 1):
            if not report(done, len(videos)):
                raise Cancelled("It was cancelled while the last frames were read.")
            if self.endings_held is not None:
                self.endings_held.wait(30)
        self.calls.append(("endings", len(videos)))
        return tuple(videos), tuple(self.bad_endings)

    def write_inputs(self, videos, names, folder, to_cluster):
        assert threading.current_thread() is not threading.main_thread()
        assert folder.is_dir()
        self.calls.append(("inputs", tuple(names)))

    def offer_models(self, runs):
        self.calls.append(("offer", tuple(runs)))

    def add_models(self, dialog, runs):
        self.calls.append(("add", dialog, tuple(runs)))

    def read_metrics(self, runs):
        assert threading.current_thread() is not threading.main_thread()
        return ["numbers" for _ in runs]

    def show_metrics(self, runs, metrics):
        assert metrics == ["numbers" for _ in runs]
        self.calls.append(("metrics", tuple(runs)))

    def count_predictions(self, path):
        return self.predicted

    def read_predictions(self, path, videos, cluster_path=None):
        self.calls.append(("read", path, tuple(videos)))
        if self.other_project:
            raise OtherProject("The open project does not have its video.")
        return SimpleNamespace(instances=self.predicted)

    def preview_predictions(self, loaded):
        count = len(loaded)
        one = LoadVideo("mouse.mp4", 10, self.predicted)
        total = self.predicted * count
        return LoadPreview((one,) * count, 10 * count, total, 2, 7, 3, 4)

    def merging(self, loaded, mode):
        for done in range(5):
            self.calls.append(("slice", threading.current_thread()))
            yield done, 5
        yield 5, 5
        self.calls.append(("merge", mode))
        self.merges += 1
        yield 5, 5
        return MergeSummary(10 * len(loaded), 20 * len(loaded), 7)

    def merge_predictions(self, loaded):
        raise NotImplementedError

    @property
    def can_undo(self):
        return self.merges > 0

    def undo_merge(self):
        self.calls.append("undo")
        self.merges -= 1
        return self.left_by_undo

    def read_as_project(self, files, local_path):
        self.calls.append(("alone", tuple(files)))
        return "labels"

    def open_as_project(self, project):
        self.calls.append(("open", project))


class _Transport:
    """Its commands run here, on the folder that stands for the cluster's disk."""

    is_connected = False
    may_connect = True
    probes = 0

    def __init__(self, folder, cluster):
        self.folder = str(folder)
        self.cluster = cluster

    def run(self, argv, *, stdin=b"", timeout=30.0, login_shell=True):
        here = [word.replace(self.cluster, self.folder) for word in argv]
        done = subprocess.run(
            here, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        texts = [text.decode("utf-8", "replace") for text in (done.stdout, done.stderr)]
        return CommandResult(tuple(argv), done.returncode, *texts)

    def probe(self):
        self.probes += 1
        return self.is_connected

    @contextlib.contextmanager
    def without_connecting(self):
        self.may_connect = False
        yield
        self.may_connect = True


class StandInSession(ByHand):
    """The cluster: raises what it is told to, once each, and takes every job."""

    def __init__(self, profile, folder):
        self.profile = profile
        self.folder = folder
        self.user = profile.user
        self.settings = Settings(folder / "settings of the session.json")
        self.transport = _Transport(folder, profile.mounts[0].cluster)
        self.copies = Copies(folder / "home" / "copies.json", profile.name)
        self.places = Places(profile, self.copies)
        self.mirrors = Mirrors(lambda: self.copies, self.transport)
        self.stored = ()
        self.errors = []
        self.passwords = []
        self.trusted = []
        self.kept = ["jane"]
        self.keyring_problem = ""
        self.key = None
        self.installed = []
        self.submissions = []
        self.estimates = []
        self.submission_folders = []
        self.chains = []
        self.differences = ()
        self.loads = Loads(self.settings)
        self.clock = time.time
        self.gate = threading.Event()
        self.gate.set()
        self.connects = 0
        self.connect_gate = threading.Event()
        self.connect_gate.set()
        self.troubles = ()
        self.looks = []
        self.told = TellOnce(folder / "jobs.sqlite")

    def connect(self):
        self.connects += not self.transport.is_connected
        assert self.connect_gate.wait(30)
        if self.errors:
            raise self.errors.pop(0)
        self.transport.is_connected = True

    def disconnect(self):
        self.transport.is_connected = False
        if not self.connect_gate.is_set():
            self.errors.append(ConnectionClosed("It was closed from this side."))
            self.connect_gate.set()

    def give_password(self, error, password, keep):
        self.passwords.append((password, keep))
        return ""

    def use_password_instead(self, error):
        self.passwords.append(("instead of", error.key_file))

    def kept_secrets(self):
        return SimpleNamespace(count=len(self.kept), problem=self.keyring_problem)

    def forget_password(self):
        self.kept.clear()
        self.disconnect()

    def ask_anew(self):
        self.disconnect()

    def own_key(self):
        return self.key

    def install_key(self, passphrase=""):
        self.connect()
        self.installed.append(passphrase)
        return [SimpleNamespace(text="gateway: the key signs in.", works=True)]

    def set_user(self, user):
        self.user = user

    sign_in_as = set_user

    def use_profile(self, profile):
        self.profile = profile

    def trust_host(self, error):
        self.trusted.append(error.fingerprint)

    @property
    def mounts(self):
        return MountMap(self.profile.mounts)

    def to_cluster(self, local):
        return self.places.to_cluster(local)

    def partitions(self, refresh=False):
        return self.profile.limits

    def modules(self, refresh=False):
        return self.profile.modules

    def read_modules(self, refresh=False):
        return self.modules(refresh)

    def confirm_module(self, module, generation):
        return module

    def told_differences(self, own):
        return self.differences

    def keep_told_differences(self, own, versions):
        self.differences += tuple(versions)

    def choose_module(self, generation, version):
        return self.profile.modules[0]

    def suggest_resources(self, kind, generation):
        return self.profile.default_resources(kind, generation)

    #: What the cluster says, and when a job would start; each question is noted.
    site_now = None
    start = Estimate()

    def known_site(self):
        return Site(self.profile.limits)

    def site(self, refresh=False):
        return self.site_now or self.known_site()

    def last_time(self, kind, project):
        return last_time(self.stored, kind, project)

    def estimate_start(self, kind, resources, tasks):
        self.estimates.append((kind, resources, tasks))
        return self.start

    # What is saved to be submitted by hand is the real thing.
    check_allowed = Submitting.check_allowed
    _plan_training = Submitting._plan_training
    _plan_prediction = Submitting._plan_prediction
    _plan_then, _there = Chains._plan_then, Chains._there

    def preview_training(self, package, resources, *, project, name, module):
        return "#SBATCH --cpus-per-task={}".format(resources.cpus)

    preview_prediction = preview_training

    def preview_chain(self, package, resources, then, **about):
        return "the training's script", "the script of “{}”".format(then.name)

    def prepare_folder(self, project, kind):
        return self.places.free_folder(project, kind)

    def submit_training(self, package, resources, *, project, name, module):
        self.connect()
        self.submissions.append((package, resources, project, name, module))
        return self._took(name, JobKind.TRAIN, project, resources)

    def submit_prediction(
        self, request, resources, *, project, name, module, parent="", folder=None
    ):
        self.submission_folders.append(folder)
        self.submissions.append((request, resources, project, name, module))
        return self._took(name, JobKind.PREDICT, project, resources)

    #: Why the second of two jobs is not sent; empty: it is.
    then_problem = ""

    def submit_chain(self, package, resources, then, **about):
        training = self.submit_training(package, resources, **about)
        self.chains.append(then)
        if self.then_problem:
            return Sent(training, None, self.then_problem)
        return Sent(training, self._follow(training, then.name, then.resources))

    def submit_then(self, training):
        self.chains.append(training)
        return self._follow(training, "labels predictions", Resources())

    def resubmit_chain(self, job, resources, then, name, module, batches=()):
        self.chains.append(then)
        training = self.resubmit(job, resources, name, module)
        return Sent(training, self._follow(training, "again", then))

    def _follow(self, training, name, resources):
        self._took(name, JobKind.PREDICT, training.project, resources)
        job = self.stored[0].changed(
            uid=training.uid + "p", request={"after": training.uid}
        )
        self.stored = (job,) + self.stored[1:]
        return job

    def module_of(self, job):
        return self.profile.modules[0]

    def preview_resubmit(self, job, resources, name, module, batches=()):
        return self.preview_training(None, resources, project="", name="", module="")

    def resubmit(self, job, resources, name, module, batches=()):
        self.batches = batches
        self.submissions.append((job, resources, job.project, name, module))
        return self._took(name, job.kind, job.project, resources)

    def forget(self, job):
        self.stored = tuple(one for one in self.stored if one.uid != job.uid)

    def find_jobs(self, folder):
        assert self.gate.wait(30)
        job = a_job("found", name="from another computer")
        self.stored += (job,)
        return Found((job,), (job,))

    def _took(self, name, kind, project, resources):
        job = a_job(
            "n%d" % len(self.submissions),
            name=name,
            kind=kind,
            project=project,
            resources=resources,
            state=JobState.QUEUED,
        )
        self.stored = (job,) + self.stored
        return job

    def jobs(self):
        return self.stored

    #: Other clusters' open jobs.
    elsewhere = ()

    def open_elsewhere(self):
        return self.elsewhere

    def refresh(self, at_once=True):
        self.looks.append(at_once)
        if self.transport.may_connect:
            self.connect()
        return self.stored

    def first_to_tell(self, marks):
        return self.told.first(marks, time.time())

    def next_poll(self):
        return None

    def progress(self, job):
        assert self.gate.wait(30)
        return ()

    def log_tail(self, job, part=-1):
        self.part = part
        return "the end of the log of " + job.name

    def diagnose(self, job):
        return None

    def metrics(self, job):
        return ()

    def offer(self, job, diagnosis):
        if diagnosis is None:
            return None
        return offer_of(job, diagnosis.deed, self.profile.limits, self.halved)

    #: What could be halved, where the GPU ran out of memory.
    halved = ()

    def history(self, job):
        return history_of(job, ())

    def places_of(self, job):
        return tuple(places_of(job, self.folder, self.rounds_file(job)))

    def earlier_curves(self, job):
        return ()

    def note_load(self, uid, project, undone=False):
        self.noted = getattr(self, "noted", ()) + ((uid, project, undone),)

    def what_is_left(self, job):
        return None

    def local_folder(self, job):
        return self.folder

    def rounds_file(self, job):
        return rounds_file(Path(job.project))

    def results(self, job):
        return Results(
            (self.folder / "models" / "a",),
            (PredictionFile(self.folder / "p.slp", "mouse.mp4", 0),),
        )

    def cancel(self, job):
        return job.changed(state=JobState.CANCELLED)

    def check(self, version, folder, told):
        return ()

    check_gpu = check

    def connection_log(self):
        return []


class Studio:
    """A window, its controller, and the stand-ins."""

    def __init__(self, qtbot, folder, profiles=None):
        self.qtbot = qtbot
        self.folder = folder
        self.profile = a_profile(folder)
        self.window = QMainWindow()
        self.window.resize(1000, 700)
        qtbot.addWidget(self.window, before_close_func=self._without_farewell)
        self.host = StandInHost(self.window, folder)
        self.session = StandInSession(self.profile, folder)
        self.controller = Controller(
            self.host,
            lambda profile: self.session,
            profiles or Profiles((self.profile,), ()),
        )
        self.dock = self.controller.dock
        with qtbot.waitExposed(self.window):
            self.window.show()

    def _without_farewell(self, window):
        window.removeEventFilter(self.controller.closing)

    def show_jobs(self, *jobs):
        """Let these be the stored jobs, and wait until the table has them."""
        self.session.stored = jobs
        self.controller.follower.start()
        self.qtbot.waitUntil(lambda: self.dock.model.jobs() == jobs)

    def child(self, name):
        """The visible widget of that objectName, when it comes."""
        found = []

        def there():
            from qtpy.QtWidgets import QApplication, QWidget

            for top in QApplication.topLevelWidgets():
                for widget in [top] + top.findChildren(QWidget, name):
                    if widget.objectName() == name and widget.isVisible():
                        found.append(widget)
                        return True
            return False

        self.qtbot.waitUntil(there)
        return found[0]

    def run(self, mode="training"):
        """Click our button in SLEAP's dialog."""
        dialog = self.host.open_dialog(mode)
        self.host.run_callbacks[dialog]()
        return dialog

    def close(self):
        self.session.gate.set()
        self.session.connect_gate.set()
        self.host.write_gate.set()
        if self.controller.setup.wizard is not None:
            self.controller.setup.wizard.reject()
        self.controller.settings_window.close()
        self.controller.follower.stop()
        self.controller.network.close()
        self.controller.files.close()


def password_needed(cls=SignInNeeded):
    return cls("gateway asks for a password.", "jane", "gateway")
