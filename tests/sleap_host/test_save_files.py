"""*Save as files* from SLEAP's real training dialog: nothing is sent, all is there."""

from __future__ import annotations

import subprocess

import pytest

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.qt.controller import Controller
from sleap_remote_plugin.qt.profiles import Profiles
from tests.qt.standins import StandInSession, a_profile
from tests.sleap_host.test_transfer import press

pytestmark = pytest.mark.sleap


@pytest.fixture
def remote(host, project):
    """Our controller in SLEAP's window; the project is on the cluster's disk."""
    modules = (SleapModule("SLEAP/mine", host.version),)
    profile = a_profile(project.parent, modules=modules)
    session = StandInSession(profile, project.parent)
    made = Controller(host, lambda profile: session, Profiles((profile,), ()))
    made.stand_in = session
    yield made
    made.follower.stop()
    made.network.close()
    made.files.close()


def test_a_training_is_left_as_a_package_with_its_script(
    qtbot, remote, host, training_dialog, project
):
    before = project.read_bytes()
    remote.run("training", training_dialog)
    press(qtbot, "remote_save_files")
    saved = remote.dock.saved
    qtbot.waitUntil(saved.isVisible, timeout=120000)  # the dock came to the front
    folder = project.parent / (project.name + ".training_job")
    assert saved.folder.text() == str(folder)
    package = load_package(folder)
    assert (folder / package.labels).is_file()
    script = (folder / "train.sbatch").read_text("utf-8")
    assert subprocess.call(["bash", "-n", str(folder / "train.sbatch")]) == 0
    for model in package.models:
        assert model.config in script
    assert "cd -- /ceph/lab/{} ||".format(folder.name) in script
    assert "sbatch train.sbatch" in (folder / "README.txt").read_text("utf-8")
    assert not list(folder.glob("remote-job*"))
    assert [path for path in project.parent.iterdir() if ".part" in path.name] == []
    assert (remote.stand_in.submissions, remote.stand_in.connects) == ([], 0)
    assert project.read_bytes() == before
    assert not training_dialog.isVisible()
