"""Our real controller in SLEAP's real window, and a stand-in for the cluster.

Fixtures and helpers for tests that click; what the cluster would have made lies in
folders beside the project.
"""

from __future__ import annotations

import importlib

import pytest
from qtpy.QtCore import Qt

from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.session.collect import Results
from sleap_remote_plugin.session.predicted import PredictionFile
from tests.qt.standins import StandInSession, a_profile


class Cluster(StandInSession):
    """What the jobs of the project made."""

    def results(self, job):
        folder = self.local_folder(job)
        if job.kind is JobKind.TRAIN:
            return Results(tuple(sorted((folder / "models").iterdir())), ())
        return Results((), tuple(
            PredictionFile(folder / task.output, task.video, task.video_index)
            for task in job.tasks
        ))  # fmt: skip

    def local_folder(self, job):
        return self.folder / job.folder.split("/")[-1]


@pytest.fixture
def cluster(project):
    return Cluster(a_profile(project.parent), project.parent)


@pytest.fixture
def controller(monkeypatch, cluster):
    """The real controller, and a stand-in for what is on the other side."""
    module = importlib.import_module("sleap_remote_plugin.qt.controller")
    from sleap_remote_plugin.qt.profiles import Profiles

    def attach(host):
        made = module.Controller(
            host, lambda profile: cluster, Profiles((cluster.profile,), ())
        )
        host.window.remote_controller = made
        return made

    monkeypatch.setattr(module, "attach", attach)
    return module


@pytest.fixture
def ours(window, qtbot):
    """Our controller in SLEAP's window, stopped before the window goes."""
    made = window.remote_controller
    yield made
    made.follower.stop()
    made.network.close()
    made.files.close()


def visible(qtbot, name):
    """The widget of that objectName, once it is shown and can be used."""
    from qtpy.QtWidgets import QApplication, QWidget

    def there():
        shown = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
        for top in shown:  # of earlier tests there may be thousands that are not
            for found in [top] + top.findChildren(QWidget, name):
                is_it = found.objectName() == name and found.isVisible()
                if is_it and found.isEnabled():
                    return found
        return None

    qtbot.waitUntil(lambda: there() is not None, timeout=20000)
    return there()


def click(qtbot, name):
    qtbot.mouseClick(visible(qtbot, name), Qt.MouseButton.LeftButton)
