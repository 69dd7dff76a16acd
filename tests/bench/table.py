"""How long the window stands still while the table of 500 jobs changes.

``python -m tests.bench.table``, with a display or under ``xvfb-run -a``. All jobs
change state ten times a second while the table is scrolled; alone, and beside a thread
that computes all the time (a file being read, say), which is the worst for Python.
"""

from __future__ import annotations

import threading

from qtpy import API_NAME
from qtpy.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.qt.job_panel import JobPanel
from tests.qt.standins import a_job

SECONDS = 6


def many(count):
    """Trainings in four projects, each with a prediction under it."""
    jobs = []
    for n in range(count // 2):
        train = a_job(
            "t%d" % n,
            project="/mnt/lab/mice/labels.v%03d.slp" % (n % 4),
            state=JobState.RUNNING,
            started=1.0,
        )
        predict = train.changed(
            uid="p%d" % n, kind=JobKind.PREDICT, parent=train.uid, name="predictions"
        )
        jobs += [predict, train]
    return jobs


def measure(panel, jobs):
    """(longest gap, longest update) in milliseconds."""
    gaps, spent, clock, one = [], [], QElapsedTimer(), QElapsedTimer()
    beat, changes, loop = QTimer(), QTimer(), QEventLoop()
    beat.setTimerType(Qt.TimerType.PreciseTimer)

    def change():
        turn = len(spent)
        one.start()
        state = (JobState.RUNNING, JobState.COMPLETED)[turn % 2]
        panel.show_jobs([job.changed(state=state) for job in jobs])
        found = {job.uid: (Progress(turn, 200, "epochs"),) for job in jobs}
        panel.model.set_progress(found)
        bar = panel.table.verticalScrollBar()
        bar.setValue(turn * 97 % max(1, bar.maximum()))
        spent.append(one.nsecsElapsed() / 1e6)

    beat.timeout.connect(lambda: gaps.append(clock.restart()))
    changes.timeout.connect(change)
    QTimer.singleShot(SECONDS * 1000, loop.quit)
    clock.start()
    beat.start(1)
    changes.start(100)
    loop.exec_()
    return max(gaps), max(spent)


def main():
    app = QApplication.instance() or QApplication([])
    panel = JobPanel()
    panel.resize(400, 700)
    panel.show()
    jobs = many(500)
    panel.show_jobs(jobs)
    app.processEvents()
    print("{}: 500 jobs change 10 times a second".format(API_NAME))
    print("  alone: longest gap {} ms, longest update {:.0f} ms".format(
        *measure(panel, jobs)
    ))  # fmt: skip
    busy = threading.Event()

    def work():
        while not busy.is_set():
            sum(range(1000))

    thread = threading.Thread(target=work)
    thread.start()
    found = measure(panel, jobs)
    busy.set()
    thread.join()
    print("  beside a busy thread: longest gap {} ms, longest update {:.0f} ms".format(
        *found
    ))  # fmt: skip


if __name__ == "__main__":
    main()
