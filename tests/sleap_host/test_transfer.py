"""A project of this computer in SLEAP's real window: offered to be copied, and sent."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.qt.controller import Controller
from sleap_remote_plugin.qt.profiles import Profiles
from tests.qt.standins import StandInSession, a_profile

pytestmark = pytest.mark.sleap


@pytest.fixture
def mount(tmp_path):
    folder = tmp_path / "ceph"
    (folder / "mice").mkdir(parents=True)
    (folder / "home").mkdir()
    return folder


@pytest.fixture
def remote(host, mount):
    """Our controller in SLEAP's window, with a stand-in for the cluster alone."""
    profile = a_profile(mount)
    session = StandInSession(profile, mount)
    made = Controller(host, lambda profile: session, Profiles((profile,), ()))
    made.stand_in = session
    yield made
    made.follower.stop()
    made.network.close()
    made.files.close()


def visible(name):
    for top in QApplication.topLevelWidgets():
        for widget in [top] + top.findChildren(object, name):
            if widget.objectName() == name and widget.isVisible():
                return widget
    return None


def appeared(qtbot, name):
    qtbot.waitUntil(lambda: visible(name) is not None, timeout=30000)
    return visible(name)


def press(qtbot, name):
    appeared(qtbot, name)
    qtbot.waitUntil(lambda: visible(name).isEnabled(), timeout=30000)
    qtbot.mouseClick(visible(name), Qt.MouseButton.LeftButton)


def test_a_project_of_this_computer_is_trained_from_a_folder_on_the_mount(
    qtbot, remote, host, training_dialog, project, mount
):
    before = project.read_bytes()
    remote.run("training", training_dialog)
    qtbot.waitUntil(
        lambda: visible("remote_transfer_dialog") is not None, timeout=30000
    )
    dialog = visible("remote_transfer_dialog")
    assert not training_dialog.isVisible()
    assert host.window.isEnabled()
    assert QApplication.activeModalWidget() is None
    dialog.folder.setEditText(str(mount / "mice"))
    dialog.all.setChecked(True)
    press(qtbot, "remote_transfer_copy")
    press(qtbot, "remote_submit")
    sent = remote.stand_in.submissions
    qtbot.waitUntil(lambda: bool(sent), timeout=60000)
    package = sent[0][0]
    assert package.folder == mount / "mice" / (project.name + ".training_job")
    assert (package.folder / package.labels).is_file()
    video = project.parent / "arena.avi"
    assert (mount / "mice" / "arena.avi").read_bytes() == video.read_bytes()
    assert str(remote.stand_in.to_cluster(str(video))) == "/ceph/lab/mice/arena.avi"
    assert project.read_bytes() == before
    assert host.project().path == str(project)
    assert host.project().videos[0].path == str(video)
    assert not host.project().has_changes
