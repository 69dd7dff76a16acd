"""A log of 200 MB that grows while it is shown: how long the window stands still.

``python -m tests.bench.tail_log [megabytes] [seconds]``, with a display or Xvfb. The
log is followed by the parts that follow it in the dock: the session's reader on the
files lane, the page of the details on the GUI thread. A timer of 5 ms beats meanwhile.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

from qtpy import API_NAME
from qtpy.QtCore import QElapsedTimer, QEventLoop, QTimer
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.qt.job_log import LogPage
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.files import MountFiles
from sleap_remote_plugin.session.follow import LOG_END, Reader
from tests.qt.standins import a_job

#: Milliseconds between two looks, and bytes that come in each of these times.
LOOK, GROWTH = 250, 1 << 20
LINE = (
    b"2026-11-22 15:35:%02d | INFO | epoch %06d: \x1b[32mtrain/loss\x1b[0m 0.00%03d, "
    b'val/loss 0.00%03d {"n_processed": %d, "n_total": 100000}\r\n'
)


class Counted(MountFiles):
    """A mount that counts the bytes that are read."""

    bytes = 0

    def read(self, name, offset, count):
        data = super().read(name, offset, count)
        self.bytes += len(data)
        return data


def lines(first, size):
    """About `size` bytes of a log."""
    made, number = [], first
    while size > 0:
        made.append(LINE % (number % 60, number, number % 997, number % 991, number))
        size -= len(made[-1])
        number += 1
    return b"".join(made), number


class Followed:
    """A page that shows the log again and again."""

    def __init__(self, page, lane, files, job):
        self.page, self.lane, self.files, self.job = page, lane, files, job
        self.reader = Reader()
        self.looks = 0
        self.spent = []

    def look(self):
        self.lane.do(self._read, self._on_read)

    def _read(self):
        self.reader.progress(self.job, self.files)
        return self.reader.log_tail(self.job, self.files, LOG_END)

    def _on_read(self, text):
        begun = time.perf_counter()
        self.page.show_log(text)
        self.spent.append(1000 * (time.perf_counter() - begun))
        self.looks += 1
        QTimer.singleShot(LOOK, self.look)


def grow(path, number, stop):
    with path.open("ab") as file:
        while not stop.wait(LOOK / 1000):
            data, number = lines(number, GROWTH)
            file.write(data)
            file.flush()


class Beat:
    """A timer of 5 ms, and the times between its beats."""

    def __init__(self):
        self._gaps, self._clock, self._timer = [], QElapsedTimer(), QTimer()
        self._timer.timeout.connect(self._on_beat)

    def _on_beat(self):
        self._gaps.append(self._clock.restart())

    def during(self, seconds):
        """Beat for so long; the longest gap, and what 99 % are under, in ms."""
        self._gaps, loop = [], QEventLoop()
        self._clock.start()
        self._timer.start(5)
        QTimer.singleShot(int(1000 * seconds), loop.quit)
        loop.exec_()
        self._timer.stop()
        gaps = sorted(self._gaps)
        return "longest gap {} ms, 99 % up to {} ms".format(
            gaps[-1], gaps[int(0.99 * len(gaps))]
        )


def measure(folder, size, seconds, kind):
    job = a_job(kind=kind, state=JobState.RUNNING, tasks=a_job().tasks[:1])
    path = folder / "slurm-{}.out".format(job.slurm_id)
    piece, number = lines(0, 4 << 20)
    with path.open("wb") as file:
        for _ in range(max(1, size // len(piece))):
            file.write(piece)
    begun_with = path.stat().st_size
    page, lane, files, beat = LogPage(), Lane("files"), Counted(folder), Beat()
    page.resize(900, 600)
    page.show()
    beat.during(0.5)
    stop = threading.Event()
    writer = threading.Thread(target=grow, args=(path, number, stop))
    writer.start()
    alone = beat.during(seconds)
    followed = Followed(page, lane, files, job)
    followed.look()
    told = beat.during(seconds)
    stop.set()
    writer.join()
    lane.close()
    grown = path.stat().st_size - begun_with
    print(
        "{} {}: a log of {:.0f} MB, {:.0f} MB more in {:.0f} s".format(
            API_NAME, kind.value, begun_with / 1e6, grown / 1e6, 2 * seconds
        )
    )
    print("  not followed: " + alone)
    print(
        "  followed:     {}; {} looks read {:.1f} MB; {} lines shown; an update takes "
        "{:.1f} ms, at most {:.1f}".format(
            told,
            followed.looks,
            files.bytes / 1e6,
            page.text.blockCount(),
            sorted(followed.spent)[len(followed.spent) // 2],
            max(followed.spent),
        )
    )
    page.close()
    path.unlink()


def main():
    size = int(1e6 * float(sys.argv[1] if len(sys.argv) > 1 else 200))
    seconds = float(sys.argv[2] if len(sys.argv) > 2 else 10)
    app = QApplication.instance() or QApplication([])
    app.setStyle("Fusion")
    with tempfile.TemporaryDirectory() as folder:
        for kind in JobKind:
            measure(Path(folder), size, seconds, kind)


if __name__ == "__main__":
    main()
