"""The window's longest pause while 500 jobs change, a large log grows, a mount hangs.

``python -m tests.bench.window`` in an environment with SLEAP, with a display: SLEAP's
own window with our dock in it, a stand-in for the cluster, real files on a real FUSE
mount (bindfs). A timer of 5 ms in the GUI thread notes how late it comes. The
processor's time of that thread between two ticks is told as well: what else runs on
the machine makes ticks late, and not that. Of the log it is told how much of it the
looks read, and what showing it takes.
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
#: The training and the prediction that run on, and whose logs are looked at.
TRAINING, PREDICTION = "u0", "u1"
LINE = (
    b"2026-11-22 15:35:%02d | INFO | epoch %06d: \x1b[32mtrain/loss\x1b[0m 0.00%03d, "
    b'val/loss 0.00%03d {"n_processed": %d, "n_total": 100000}\r\n'
)


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


def lines(first, size):
    """About `size` bytes of a log, and the number of the line after them."""
    made, number = [], first
    while size > 0:
        made.append(LINE % (number % 60, number, number % 997, number % 991, number))
        size -= len(made[-1])
        number += 1
    return b"".join(made), number


def _thread_time():
    return time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)


def many_jobs():
    from sleap_remote_plugin.jobs.job import JobKind, JobState
    from tests.qt.standins import a_job

    task = a_job().tasks[:1]
    states = (JobState.RUNNING,) * 4 + (JobState.QUEUED, JobState.COMPLETED)
    return tuple(
        a_job(
            "u{}".format(number),
            kind=JobKind.PREDICT if number == 1 else JobKind.TRAIN,
            tasks=task,
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

    class Counted(MountFiles):
        bytes = 0

        def read(self, name, offset, count):
            data = super().read(name, offset, count)
            self.bytes += len(data)
            return data

    class ManyJobs(StandInSession):
        files = Counted(mount)
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
                    if job.uid in (TRAINING, PREDICTION)
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
            if job.uid == PREDICTION:
                return within(
                    MOUNT_DEADLINE, lambda: self.reader.progress(job, self.files)
                )
            curve = tuple(
                EpochPoint(n, 1.0 / (n + 1), 1.1 / (n + 1))
                for n in range(20 + self.looks_made)
            )
            return (Progress(len(curve), 200, eta=60.0, curve=curve),)

        def log_tail(self, job, part=-1):
            if job.uid not in (TRAINING, PREDICTION):
                return ""
            return within(
                MOUNT_DEADLINE,
                lambda: self.reader.log_tail(job, self.files, LOG_END),
            )

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
    """Has a log grow by so many bytes a second."""

    def __init__(self, path, number, growth):
        super().__init__(daemon=True)
        self.path, self.stopped = path, threading.Event()
        self.number, self.growth = number, growth

    def run(self):
        with open(str(self.path), "ab") as file:
            while not self.stopped.wait(0.1):
                data, self.number = lines(self.number, self.growth // 10)
                file.write(data)
                file.flush()


class Showing:
    """Times what the page of the log takes for each text."""

    def __init__(self, page):
        self.page, self._show, self.spent = page, page.show_log, []
        page.show_log = self.show

    def show(self, *args, **kwargs):
        begun = time.perf_counter()
        self._show(*args, **kwargs)
        self.spent.append(1000 * (time.perf_counter() - begun))

    def begin(self):
        self.spent = []

    def said(self):
        spent = sorted(self.spent) or [0.0]
        return "{} lines shown; an update takes {:.1f} ms, at most {:.1f}".format(
            self.page.text.blockCount(), spent[len(spent) // 2], spent[-1]
        )


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


def bench(seconds, folder, size, growth):
    from tests.qt.standins import a_profile

    qt, window, controller = open_window()
    disk = Disk(folder)
    log = disk.real / "slurm-4000.out"
    piece, number = lines(0, 4 << 20)
    with open(str(log), "wb") as file:
        for _ in range(max(1, size // len(piece))):
            file.write(piece)
    os.link(str(log), str(disk.real / "slurm-4001.out"))
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
        print("{:42} {}; {} looks".format(what, heart.said(), looks), flush=True)

    measured("nothing to follow")
    controller.use(profile, session)
    controller.show_job(TRAINING)
    run(qt, 3)
    controller.show_job(TRAINING)
    measured("500 jobs that do not change")
    session.changes = True
    measured("500 jobs change each second")
    details = controller.dock.details
    details.tabs.setCurrentIndex(details.tabs.indexOf(details.log))
    showing = Showing(details.log)
    writer = Writer(log, number, growth)
    writer.start()
    for uid, whose in ((TRAINING, "training"), (PREDICTION, "prediction")):
        controller.show_job(uid)
        run(qt, 2)
        showing.begin()
        before = session.files.bytes
        measured("and a {}'s log of {:.0f} MB grows".format(whose, size / 1e6))
        read = (session.files.bytes - before) / 1e6
        print("  {:.1f} MB read; {}".format(read, showing.said()), flush=True)
    writer.stopped.set()
    writer.join()
    disk.hang()
    measured("and the mount hangs")
    disk.close()
    window.state["has_changes"] = False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each part")
    parser.add_argument("--log", type=float, default=200, help="its megabytes")
    parser.add_argument("--growth", type=float, default=1, help="megabytes a second")
    arguments = parser.parse_args()
    os.environ["SLEAP_SKIP_QT_FIX"] = "1"
    folder = Path(tempfile.mkdtemp())
    os.environ["HOME"] = str(folder)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
    print("Python {}.{}, load {:.1f}".format(*sys.version_info[:2], os.getloadavg()[0]))
    try:
        size, growth = int(1e6 * arguments.log), int(1e6 * arguments.growth)
        bench(arguments.seconds, folder, size, growth)
    finally:
        shutil.rmtree(str(folder), ignore_errors=True)
        sys.stdout.flush()
        os._exit(0)  # SLEAP's window would ask, and wait for nobody


if __name__ == "__main__":
    main()
