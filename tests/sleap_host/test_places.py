"""Where an open project's files are: real SLEAP, a real session on this machine.

What is refused before an export, and that a load moves no video of the project.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from predictions import write_predictions
from qtpy import QtWidgets

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.transfer import TransferDialog
from sleap_remote_plugin.qt.source_project import find_source
from sleap_remote_plugin.qt.training import Training
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.session import Session
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.sleap_host.attach import host_of
from sleap_remote_plugin.ssh.local import LocalTransport
from tests.sleap_window import add_video, put_away

pytestmark = pytest.mark.sleap


@pytest.fixture
def images(tmp_path):
    """Four images in two folders off the mount."""
    import cv2

    found = []
    for number in range(4):
        folder = tmp_path / "own disk" / "frames {}".format(number // 2)
        folder.mkdir(parents=True, exist_ok=True)
        found.append(str(folder / "{}.png".format(number)))
        assert cv2.imwrite(found[-1], np.zeros((64, 64), "uint8"))
    return found


@pytest.fixture
def add(app_module):
    """Put one more video into a project file: a path, or a list of images."""
    return add_video


@pytest.fixture
def outside(project, tmp_path):
    """A video on this machine's own disk, with a name that wants care."""
    path = tmp_path / "own disk" / "b c $é.avi"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((project.parent / "arena.avi").read_bytes())
    return str(path)


@pytest.fixture
def run(qtbot, project, tmp_path, make_window):
    """Press *Run on ...* in SLEAP's own training dialog; the words of the box."""
    from demo.training import fill_dialog

    lanes = [Lane("network"), Lane("files")]

    def press():
        window = make_window(project)
        host = host_of(window)
        dialog = host.open_dialog("training")
        fill_dialog(dialog)
        mounts = (
            Mount(str(project.parent), "/ceph/lab"),
            Mount(str(tmp_path / "winstor"), "/winstor"),
        )
        profile = ClusterProfile("lab", "Lab HPC", None, mounts=mounts)
        session = Session(
            profile,
            LocalTransport(),
            Store(tmp_path / "jobs.sqlite"),
            Settings(tmp_path / "settings.json"),
        )
        connection = Connection(profile, lanes[0], window, lambda _: session)
        connection.session()
        training = Training(host, connection, lanes[1], dialog, window)
        training.start()
        offer = found(qtbot)
        rows = [
            offer.list.topLevelItem(n).text(0)
            for n in range(offer.list.topLevelItemCount())
        ]
        why = offer.findChild(QtWidgets.QLabel, "remote_transfer_why").text()
        offer.reject()
        dialog.close()
        return "\n".join(rows + [why])

    yield press
    for lane in lanes:
        lane.close()


def found(qtbot):
    """The offer to copy what the cluster cannot see."""
    offers = []

    def is_there():
        tops = QtWidgets.QApplication.topLevelWidgets()
        offers[:] = [top for top in tops if isinstance(top, TransferDialog)]
        return any(offer.isVisible() for offer in offers)

    qtbot.waitUntil(is_there, timeout=30000)
    return next(offer for offer in offers if offer.isVisible())


def test_videos_outside_every_mount_are_refused_by_name_before_the_export(
    add, project, outside, images, run
):
    add(project, outside)
    add(project, images)
    before = sorted(path.name for path in project.parent.iterdir())
    text = run()
    assert "video 2: " + outside in text
    for image in images:
        assert "video 3: " + image in text
    assert "video 1" not in text
    assert "{} (there /ceph/lab)".format(project.parent) in text
    assert sorted(path.name for path in project.parent.iterdir()) == before


def test_every_kind_of_video_tells_what_it_is_read_from(
    add, project, outside, images, make_window
):
    add(project, outside)
    add(project, images)
    videos = host_of(make_window(project)).project().videos
    assert [video.files for video in videos] == [
        (str(project.parent / "arena.avi"),),
        (outside,),
        tuple(images),
    ]


def test_a_load_moves_no_video_and_no_file_is_missed(
    add, project, outside, make_window, tmp_path, monkeypatch
):
    add(project, outside)
    shown = watch_missing_files(monkeypatch)
    window = make_window(project)
    host = host_of(window)
    before = [video.files for video in host.project().videos]
    cluster = ["/ceph/lab/arena.avi", "/ceph/lab/b c $é.avi"]
    frames = [(0, 3), (1, 3)]
    nodes = ("head", "thorax", "tail")
    path = write_predictions(tmp_path / "p.slp", cluster, frames, nodes)
    local = [(str(project.parent / "arena.avi"), 0), (outside, 1)]
    host.merge_predictions(host.read_predictions(path, local))
    assert [video.files for video in host.project().videos] == before
    host.save_project()
    again = host_of(make_window(project))
    assert [video.files for video in again.project().videos] == before
    assert not shown


def watch_missing_files(monkeypatch):
    """SLEAP's dialog for missing files notes that it was shown, and does not wait."""
    from sleap.gui.dialogs.missingfiles import MissingFilesDialog

    shown = []
    monkeypatch.setattr(
        MissingFilesDialog, "exec_", lambda self: shown.append(self) or 0
    )
    return shown


def test_a_missing_file_would_have_been_noticed(
    add, project, outside, make_window, monkeypatch
):
    add(project, outside)
    Path(outside).unlink()
    shown = watch_missing_files(monkeypatch)
    with contextlib.suppress(FileNotFoundError):  # SLEAP 1.3, where nobody helps
        make_window(project)
    assert shown


@pytest.fixture
def package(project, app_module):
    """A training package of the project, as SLEAP itself exports it."""
    path = project.with_name("labels.v001.pkg.slp")
    try:
        import sleap_io
    except ImportError:
        from sleap import Labels

        Labels.load_file(str(project)).save(str(path), with_images=True)
    else:
        labels = sleap_io.load_slp(str(project))
        labels.save(str(path), embed="user", verbose=False)
    return path


def test_a_package_is_known_as_one_and_its_project_opens_beside_it(
    qtbot, app_module, package, project, make_window
):
    host = host_of(make_window(package))
    assert host.project().is_package
    assert find_source(host.project().path) == project
    before = set(QtWidgets.QApplication.topLevelWidgets())
    host.open_project_file(str(project))
    windows = [
        top
        for top in set(QtWidgets.QApplication.topLevelWidgets()) - before
        if isinstance(top, app_module.MainWindow)
    ]
    try:
        (opened,) = windows
        assert opened.state["filename"] == str(project)
        assert host.window.state["filename"] == str(package)
        assert not host_of(opened).project().is_package
    finally:
        for window in windows:
            put_away(window)
        qtbot.wait(50)
