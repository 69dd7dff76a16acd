"""The window's longest pause while 500 jobs change, a large log grows, a mount hangs.

``python -m tests.bench.window`` in an environment with SLEAP, with a display: SLEAP's
own window with our dock in it, a stand-in for the cluster, real files on a real FUSE
mount (bindfs). A timer of 5 ms in the GUI thread notes how late it comes. The
processor's time of that thread between two ticks is told as well: what else runs on
the machine makes ticks late, and not that.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SLOW = 50.0  # milliseconds
TICK = 5
JOBS = 500
LOG_BYTES = 200_000_000
LINE = b"2026-11-22 15:35:00 | INFO | epoch 12: train/loss 0.00345, val/loss 0.00412\n"


class Heart:
    """How long the GUI thread did not come to its timer."""

    def __init__(self):
        from qtpy.QtCore import QObject, Qt, QTimer

        class Beat(QObject):
            def __init__(beat):
                super().__init__()
                beat.timer = QTimer(beat)
                beat.timer.setTimerType(Qt.TimerType.PreciseTimer)
                beat.timer.timeout.connect(beat.on_tick)

            def on_tick(beat):
                self.tick()

        self._beat = Beat()
        self._beat.timer.start(TICK)
        self.begin()

    def begin(self):
        self.gaps, self.busy = [], []
        self._last = time.perf_counter(), _thread_time()

    def tick(self):
        now = time.perf_counter(), _thread_time()
        self.gaps.append(1000 * (now[0] - self._last[0]))
        self.busy.append(1000 * (now[1] - self._last[1]))
        self._last = now

    def said(self):
        gaps, busy = sorted(self.gaps), sorted(self.busy)
        return (
            "longest {:.0f} ms, p99 {:.0f} ms, {} over {:.0f} ms of {}; "
            "processor's time of the thread: longest {:.0f} ms, p99 {:.0f} ms".format(
                gaps[-1],
                gaps[int(0.99 * len(gaps))],
                sum(gap > SLOW for gap in gaps),
                SLOW,
                len(gaps),
                busy[-1],
                busy[int(0.99 * len(busy))],
            )
        )


def _thread_time():
    return time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)


def many_jobs():
    from sleap_remote_plugin.jobs.job import JobState
    from tests.qt.standins import a_job

    states = (JobState.RUNNING,) * 4 + (JobState.QUEUED, JobState.COMPLETED)
    return tuple(
        a_job(
            "u{}".format(number),
            name="mouse_openfield.v{:03d} top-down".format(number),
            project="/mnt/lab/mouse_{}.slp".format(number % 20),
            state=states[number % len(states)],
            started=time.time() - 60 * number,
            slurm_id=str(4000 + number),
        )
        for number in range(JOBS)
    )


def a_session(profile, folder, mount):
    """A stand-in whose jobs all change at each look, with real files of one of them."""
    from sleap_remote_plugin.jobs.job import JobState
    from sleap_remote_plugin.jobs.progress import EpochPoint, Progress
    from sleap_remote_plugin.session.files import MountFiles
    from sleap_remote_plugin.session.follow import LOG_END, Reader
    from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
    from tests.qt.standins import StandInSession

    class ManyJobs(StandInSession):
        looks_made = 0
        changes = False
        reader = Reader()

        def refresh(self, at_once=True):
            if not self.changes:
                return self.stored
            self.looks_made += 1
            turn = (JobState.RUNNING, JobState.FINISHING, JobState.COMPLETED)
            self.stored = tuple(
                job.changed(
                    state=JobState.RUNNING
                    if job.uid == "u0"
                    else turn[(number + self.looks_made) % 3],
                    elapsed=float(self.looks_made),
                    note="look {}".format(self.looks_made),
                )
                for number, job in enumerate(self.stored)
            )
            return self.stored

        def next_poll(self):
            return 1.0

        def progress(self, job):
            if not self.changes:
                return ()
            curve = tuple(
                EpochPoint(n, 1.0 / (n + 1), 1.1 / (n + 1))
                for n in range(20 + self.looks_made)
            )
            return (Progress(len(curve), 200, eta=60.0, curve=curve),)

        def log_tail(self, job, part=None):
            if job.uid != "u0":
                return ""

            def look():
                return self.reader.log_tail(job, MountFiles(mount), LOG_END)

            return within(MOUNT_DEADLINE, look)

    return ManyJobs(profile, folder)


class Disk:
    """A folder, shown a second time by bindfs, which can be stopped."""

    def __init__(self, folder):
        self.real, self.mount = folder / "disk", folder / "mount"
        self.real.mkdir()
        self.mount.mkdir()
        self.process = subprocess.Popen(["bindfs", "-f", self.real, self.mount])
        while not os.path.ismount(str(self.mount)):
            time.sleep(0.01)

    def hang(self):
        self.process.send_signal(signal.SIGSTOP)

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        subprocess.run(["fusermount", "-u", "-z", str(self.mount)])
        self.process.wait(10)


class Writer(threading.Thread):
    """Has a log grow by a megabyte a second."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.stopped = path, threading.Event()

    def run(self):
        with open(str(self.path), "ab") as file:
            while not self.stopped.wait(0.1):
                file.write(LINE * (100_000 // len(LINE)))
                file.flush()


def open_window():
    import sleap.gui.app as app
    from qtpy.QtWidgets import QApplication

    from sleap_remote_plugin.sleap_host import attach

    attach.patch(app)
    qt = QApplication.instance() or QApplication(["sleap"])
    window = app.MainWindow(no_usage_data=True)
    window.resize(1400, 900)
    window.show()
    return qt, window, attach.controller_of(window)


def run(qt, seconds):
    from qtpy.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec_()


def bench(seconds, folder):
    from tests.qt.standins import a_profile

    qt, window, controller = open_window()
    disk = Disk(folder)
    log = disk.real / "slurm-4000.out"
    with open(str(log), "wb") as file:
        for _ in range(LOG_BYTES // (len(LINE) * 10000)):
            file.write(LINE * 10000)
    profile = a_profile(disk.mount)
    session = a_session(profile, folder, disk.mount)
    session.stored = many_jobs()
    heart = Heart()
    run(qt, 2)

    def measured(what):
        heart.begin()
        before = session.looks_made
        run(qt, seconds)
        looks = session.looks_made - before
        print("{:34} {}; {} looks".format(what, heart.said(), looks), flush=True)

    measured("nothing to follow")
    controller.use(profile, session)
    controller.show_job("u0")
    run(qt, 3)
    controller.show_job("u0")
    measured("500 jobs that do not change")
    session.changes = True
    measured("500 jobs change each second")
    controller.dock.details.tabs.setCurrentIndex(1)
    writer = Writer(log)
    writer.start()
    run(qt, 2)
    measured("and a log of 200 MB grows")
    writer.stopped.set()
    writer.join()
    disk.hang()
    measured("and the mount hangs")
    disk.close()
    window.state["has_changes"] = False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each part")
    arguments = parser.parse_args()
    os.environ["SLEAP_SKIP_QT_FIX"] = "1"
    folder = Path(tempfile.mkdtemp())
    os.environ["HOME"] = str(folder)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
    print("Python {}.{}, load {:.1f}".format(*sys.version_info[:2], os.getloadavg()[0]))
    try:
        bench(arguments.seconds, folder)
    finally:
        shutil.rmtree(str(folder), ignore_errors=True)
        sys.stdout.flush()
        os._exit(0)  # SLEAP's window would ask, and wait for nobody


if __name__ == "__main__":
    main()
