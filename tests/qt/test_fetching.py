"""Results that come over SSH: a line in the dock, a Cancel, and going on with it."""

from __future__ import annotations

import os
import shutil
import threading
from types import SimpleNamespace

import pytest
from qtpy.QtCore import Qt

from sleap_remote_plugin.errors import ResultsMissing
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.session import transfer_progress
from sleap_remote_plugin.session.only_one import OnlyOne
from tests.qt.standins import a_job

MB = 1 << 20
THERE = "/ceph/lab/labels.slp.training_job.3f2a"


class Sftp:
    """Reads the folder that stands for the cluster's disk, as far as it is let."""

    def __init__(self, disk):
        self.disk = disk

    def blocks(self, path, start, end):
        with open(path.replace("/ceph/lab", self.disk.root), "rb") as file:
            file.seek(start)
            while start < end:
                assert self.disk.let.wait(30)
                data = file.read(min(MB, end - start))
                start += len(data)
                self.disk.sent.append(len(data))
                yield data
                if self.disk.holds_after == len(self.disk.sent):
                    self.disk.let.clear()

    def close(self):
        pass


@pytest.fixture
def disk(studio, tmp_path, monkeypatch):
    """The cluster's half of a finished job's folder, and what was read of it."""
    monkeypatch.setattr(transfer_progress, "_BETWEEN", 0.0)  # each block is told
    root = tmp_path
    there = root / THERE.rpartition("/")[2]
    (there / "models" / "a").mkdir(parents=True)
    here = root / "laptop" / "labels.slp.training_job"
    here.mkdir(parents=True)
    session = studio.session
    session.copies.keep_mirror(str(here), THERE)
    session.transport.is_connected = True
    let = threading.Event()
    let.set()
    made = SimpleNamespace(
        root=str(root), there=there, here=here, let=let, sent=[], holds_after=-1
    )
    session.transport.open_sftp = lambda: Sftp(made)
    yield made
    let.set()


@pytest.fixture
def job(studio, disk):
    """A job that has ended; its results are looked for as a refresh does it."""
    made = a_job(folder=THERE, state=JobState.FINISHING, ended=1.0)
    studio.session.stored = (made,)
    looks = studio.session.looks

    def refresh(at_once=True):
        looks.append(studio.session.mirrors.fetch([made])[0])
        return studio.session.stored

    studio.session.refresh = refresh
    return made


def refresh(studio):
    """The user's *Refresh*, to its answer."""
    before = len(studio.session.looks)
    studio.qtbot.mouseClick(studio.dock.refresh, Qt.MouseButton.LeftButton)
    studio.qtbot.waitUntil(lambda: len(studio.session.looks) > before)


def test_what_takes_long_is_told_by_bytes_and_files_and_then_judged(studio, disk, job):
    for name in ("best.ckpt", "initial.ckpt"):
        (disk.there / "models" / "a" / name).write_bytes(os.urandom(2 * MB))
    disk.holds_after = 3
    refresh(studio)
    line = studio.dock.progress

    studio.qtbot.waitUntil(lambda: "3.1" in line.label.text(), timeout=10000)
    text = line.label.text()
    assert "Fetching the results of labels top-down: file 2 of 2, 3.15 MB of" in text
    assert line.bar.isVisible()
    assert line.bar.value() == 750
    assert studio.session.looks == [()]
    # Nobody waits for it: the network lane answers, and results are a sentence.
    with pytest.raises(ResultsMissing, match="still on the cluster"):
        studio.session.mirrors.bring(job)
    disk.let.set()
    studio.qtbot.waitUntil(lambda: studio.session.looks[-1] == (job,), timeout=10000)
    assert not line.isVisible()
    for name in ("best.ckpt", "initial.ckpt"):
        there, here = (half / "models" / "a" / name for half in (disk.there, disk.here))
        assert here.read_bytes() == there.read_bytes()
    studio.session.mirrors.bring(job)


def test_a_fetch_that_was_stopped_waits_for_refresh_and_goes_on(studio, disk, job):
    weights = disk.there / "models" / "a" / "best.ckpt"
    weights.write_bytes(os.urandom(4 * MB))
    disk.holds_after = 2
    refresh(studio)
    studio.qtbot.waitUntil(lambda: len(disk.sent) == 2, timeout=10000)

    studio.qtbot.mouseClick(
        studio.child("remote_progress_cancel"), Qt.MouseButton.LeftButton
    )
    disk.let.set()
    notice = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "was stopped" in notice.text(), timeout=10000)
    assert "Refresh goes on with it" in notice.text()
    assert not studio.dock.progress.isVisible()
    sent = sum(disk.sent)
    assert sent < 4 * MB
    # Looks that nobody asked for leave it alone.
    studio.controller.follower.refresh()
    studio.qtbot.waitUntil(lambda: len(studio.session.looks) == 2)
    studio.qtbot.wait(50)
    assert sum(disk.sent) == sent

    refresh(studio)
    studio.qtbot.waitUntil(lambda: studio.session.looks[-1] == (job,), timeout=10000)
    assert sum(disk.sent) <= 4 * MB + MB
    here = disk.here / "models" / "a" / "best.ckpt"
    assert here.read_bytes() == weights.read_bytes()


@pytest.fixture
def other_window(studio, job):
    """Another window that begins to fetch right when ours has seen what there is."""
    mirrors = studio.session.mirrors
    theirs, want = OnlyOne(mirrors._lock_of(job).path), mirrors.leave_to

    def leave_to(one):
        assert theirs.acquire(timeout=0)
        want(one)

    mirrors.leave_to = leave_to
    return theirs


def test_another_windows_fetch_is_waited_for_and_not_done_twice(
    studio, disk, job, other_window
):
    weights = disk.there / "models" / "a" / "best.ckpt"
    weights.write_bytes(os.urandom(2 * MB))
    refresh(studio)
    line = studio.dock.progress
    studio.qtbot.waitUntil(lambda: "Another window fetches" in line.label.text())
    (disk.here / "models" / "a").mkdir(parents=True)
    here = disk.here / "models" / "a" / "best.ckpt"
    shutil.copy2(str(weights), str(here))
    studio.session.mirrors.leave_to = None
    other_window.release()
    studio.qtbot.waitUntil(lambda: studio.session.looks[-1] == (job,))
    assert not line.isVisible()
    assert disk.sent == []


def test_waiting_for_another_window_can_be_cancelled(studio, disk, job, other_window):
    (disk.there / "models" / "a" / "best.ckpt").write_bytes(os.urandom(2 * MB))
    refresh(studio)
    line = studio.dock.progress
    studio.qtbot.waitUntil(lambda: "Another window fetches" in line.label.text())
    press = studio.child("remote_progress_cancel")
    studio.qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    notice = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "was stopped" in notice.text())
    assert not line.isVisible()
    assert disk.sent == []
    other_window.release()


def test_what_is_short_comes_with_the_look_that_finds_it(studio, disk, job):
    (disk.there / "models" / "a" / "training_log.csv").write_text("epoch,loss\n")
    refresh(studio)
    assert studio.session.looks == [(job,)]
    assert (disk.here / "models" / "a" / "training_log.csv").is_file()
    assert studio.dock.progress.label.text() == ""


def test_a_full_disk_here_is_told_once_and_left_until_refresh(
    studio, disk, job, monkeypatch
):
    (disk.there / "models" / "a" / "best.ckpt").write_bytes(os.urandom(2 * MB))
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
    refresh(studio)
    notice = studio.dock.notice.label
    studio.qtbot.waitUntil(lambda: "do not fit" in notice.text(), timeout=10000)
    assert "kept on the cluster" in notice.text()
    assert disk.sent == []
