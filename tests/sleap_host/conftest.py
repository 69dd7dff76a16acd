"""The real SLEAP window of this environment, with a small controller in it."""

from __future__ import annotations

import shutil
import sys
import types

import pytest

from tests.sleap_window import point_at, put_away


@pytest.fixture(scope="session")
def qapp_args(screen):
    """Qt's application begins once there is a screen."""
    return ["sleap"]


class StandInController:
    """What `qt.controller.attach` makes, in few lines: a menu and a dock."""

    def __init__(self, host):
        from qtpy import QtWidgets

        self.host = host
        self.made = []
        menu = QtWidgets.QMenu("Run on Practice", host.window)
        menu.setObjectName("remote_menu")
        for name in ("train", "predict", "jobs", "check", "settings"):
            menu.addAction(name.title() + "...").setObjectName("remote_" + name)
        host.add_menu(menu)
        self.content = QtWidgets.QLabel("No jobs")
        self.dock = host.add_dock("Remote jobs", self.content)
        host.on_dialog_made(self.on_dialog_made)

    def on_dialog_made(self, mode, dialog):
        self.made.append((mode, dialog))


@pytest.fixture
def controller(monkeypatch):
    """`StandInController` in the place of the real one."""
    module = types.ModuleType("sleap_remote_plugin.qt.controller")
    module.attach = StandInController
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def project(demo_folder, tmp_path):
    """A project of its own for the test: six labelled frames of forty."""
    folder = tmp_path / "my project"
    shutil.copytree(str(demo_folder), str(folder))
    path = folder / "labels.v001.slp"
    point_at(path, folder / "arena.avi")
    return path


@pytest.fixture
def make_window(qtbot, app_module, controller):
    """Open SLEAP windows, and close them after the test without a question."""
    from sleap_remote_plugin.sleap_host.attach import finish

    windows = []

    def make(project=None):
        window = app_module.MainWindow(
            labels_path=str(project) if project else None, no_usage_data=True
        )
        with qtbot.waitExposed(window):
            window.showMaximized()
        finish(window)
        windows.append(window)
        return window

    yield make
    for window in windows:
        put_away(window)
    qtbot.wait(50)


@pytest.fixture
def window(make_window, project):
    return make_window(project)


@pytest.fixture
def host(window):
    from sleap_remote_plugin.sleap_host.attach import host_of

    return host_of(window)


@pytest.fixture
def training_dialog(host):
    """SLEAP's own training dialog, filled in for a short top-down training."""
    from demo.training import fill_dialog

    dialog = host.open_dialog("training")
    fill_dialog(dialog)
    return dialog
