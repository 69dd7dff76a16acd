"""The laptop asleep while a job lives; hundreds of jobs; the window's heartbeat."""

from __future__ import annotations

import contextlib
import signal
import threading
import time

import pytest
from qtpy import QtCore, QtWidgets

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.controller import Controller
from sleap_remote_plugin.qt.profiles import Profiles
from tests.faults.trial import fingerprint, submit
from tests.qt.standins import StandInHost

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
MANY = 300
_HDF5 = "mkdir -p p; printf '\\211HDF\\r\\n\\032\\n%064d' 0 > p/v.slp"
#: What each third of them comes to, and the line that it runs; the last is held.
THIRDS = (
    (JobState.COMPLETED, _HDF5),
    (JobState.FAILED, "exit 3"),
    (JobState.CANCELLED, "true"),
)


# -- asleep --------------------------------------------------------------------------


@pytest.mark.parametrize("woken", ["connected", "connection gone"])
def test_a_laptop_asleep_for_the_whole_job(trials, open_it, slurm, woken):
    package = trials.package(sleep=3)
    before = fingerprint(package.folder)
    program = trials.child(package, program="follower")
    word, slurm_id = program.stdout.readline().split()
    program.send_signal(signal.SIGSTOP)
    assert word == "submitted"
    slurm.wait(lambda: slurm.field(slurm_id, "%T") == "COMPLETED")
    if woken == "connection gone":
        trials.practice.fail("gateway")
        trials.practice.mend("gateway")
    program.send_signal(signal.SIGCONT)
    out, err = program.communicate(timeout=90)
    assert out.split() == ["ended", "completed"], err
    step = "whole life, " + woken
    trials.judge("laptop asleep", step, open_it(), package, before, (1, 1))


# -- the window ----------------------------------------------------------------------


class Heart(QtCore.QObject):
    """Measures how long the window's event loop was away at most."""

    def __init__(self, parent):
        super().__init__(parent)
        self.beats, self.largest = 0, 0.0
        self._last = time.monotonic()
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start(10)

    def _on_beat(self):
        now = time.monotonic()
        self.beats += 1
        self.largest = max(self.largest, now - self._last)
        self._last = now


class Window:
    """The real controller with a session of the practice cluster; no SLEAP."""

    def __init__(self, qtbot, session, folder):
        self.qtbot = qtbot
        self.window = QtWidgets.QMainWindow()
        qtbot.addWidget(self.window)
        self.controller = Controller(
            StandInHost(self.window, folder),
            lambda profile: session,
            Profiles((session.profile,), ()),
        )
        self.window.resize(1000, 700)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.heart = Heart(self.window)
        self.follower = self.controller.follower
        self.follower.start()

    def jobs(self):
        return self.controller.dock.model.jobs()

    def until(self, condition, work=None, seconds=120):
        """Go on until `condition`, asking SLURM all the time; `work` in a thread."""
        asking = QtCore.QTimer(self.window)
        asking.timeout.connect(self._on_ask)
        asking.start(500)
        working = threading.Thread(target=work or (lambda: None))
        working.start()
        self.qtbot.waitUntil(
            lambda: not working.is_alive() and condition(), timeout=seconds * 1000
        )
        working.join()
        asking.stop()

    def _on_ask(self):
        self.follower.refresh(at_once=True)

    def close(self):
        self.follower.stop()
        self.controller.network.close()
        self.controller.files.close()


@pytest.fixture
def open_window(qtbot, tmp_path):
    made = []

    def make(session):
        made.append(Window(qtbot, session, tmp_path))
        return made[-1]

    yield make
    for window in made:
        window.close()


def all_ended(window):
    return bool(window.jobs()) and all(job.state.is_final for job in window.jobs())


@pytest.mark.parametrize(
    "fault",
    ["nothing", "network", "gateway", "slurmctld hangs", "slurmdbd", "disk-unmounted"],
)
def test_the_window_ticks_on_while_a_job_is_followed(
    trials, open_it, open_window, slurm, gaps, fault
):
    package = trials.package(sleep=6)
    before = fingerprint(package.folder)
    session = open_it()
    submit(session, package)

    @contextlib.contextmanager
    def failing(what):
        trials.practice.fail(what)
        yield
        trials.practice.mend(what)

    def spoil():
        if fault == "nothing":
            return
        time.sleep(1.0)  # the cable is pulled while it asks
        with slurm.hanging() if fault == "slurmctld hangs" else failing(fault):
            time.sleep(3.0)

    window = open_window(session)
    window.until(lambda: all_ended(window), spoil)
    gaps.append((fault, window.heart.beats, window.heart.largest))
    step = "while it runs, at the window"
    trials.judge(fault, step, session, package, before, (1, 1))


# -- many ----------------------------------------------------------------------------

_SUBMIT_ALL = r"""
cd "$1" || exit
for n in $(seq 0 $(( $2 - 1 ))); do
  mkdir -p "m$n"
  hold=
  case $(( n % 3 )) in
    0) line=$3 ;;
    1) line=$4 ;;
    *) line=$5 hold=--hold ;;
  esac
  sbatch --parsable $hold --job-name="sleap-predict-m$n" --chdir="$1/m$n" \
    --partition=fast --mem=50M --output=/dev/null --wrap "$line"
done
"""


def submitted(trials, session, number):
    """So many small jobs of ours in SLURM and in the list."""
    (trials.place / "many").mkdir()
    folder = trials.practice.cluster_mount + "/mouse project/many"
    argv = ["bash", "-c", _SUBMIT_ALL, "bash", folder, str(number)]
    argv += [line for _, line in THIRDS]
    done = trials.practice.run("gateway", argv)
    ids = done.stdout.split()
    assert len(ids) == number, done.stderr
    now = time.time()
    for n, slurm_id in enumerate(ids):
        session.store.add(
            Job(
                "m{}".format(n),
                JobKind.PREDICT,
                "many {}".format(n),
                str(trials.place / "labels.slp"),
                "{}/m{}".format(folder, n),
                session.profile.name,
                Resources(),
                tasks=(Task("v", "p/v.slp"),),
                slurm_id=slurm_id,
                state=JobState.QUEUED,
                created=now,
                submitted=now,
                user=session.user,
            )
        )
    return ids


def test_three_hundred_jobs_are_followed_at_once(
    trials,
    open_it,
    open_window,
    slurm,
    gaps,
):
    package = trials.package()  # what the user has there
    before = fingerprint(package.folder)
    session = open_it()
    ids = submitted(trials, session, MANY)
    window = open_window(session)

    def cancel():
        slurm.admin("scancel", *ids[2::3])

    window.until(lambda: all_ended(window), cancel, 240)
    ends = {job.slurm_id: job.state for job in session.jobs()}
    wanted = {one: THIRDS[n % 3][0] for n, one in enumerate(ids)}
    wrong = {one for one in wanted if ends.get(one) is not wanted[one]}
    assert fingerprint(package.folder) == before
    gaps.append(("{} jobs".format(MANY), window.heart.beats, window.heart.largest))
    end = "a third completed, failed, cancelled"
    verdict = "{} misjudged".format(len(wrong)) if wrong else "right"
    trials.rows.append(
        ("{} jobs at once".format(MANY), "whole life", MANY, len(ends), end, verdict)
    )
    assert not wrong, {one: ends.get(one) for one in wrong}
