"""The real SLEAP window of this environment, on a screen, in a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def screen(tmp_path_factory):
    """A display with a window manager: the user's, or one of our own."""
    if os.environ.get("DISPLAY") or sys.platform in ("win32", "darwin"):
        yield os.environ.get("DISPLAY", "")
        return
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no screen, and no Xvfb to make one")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24"]
        + ["-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        display = ":" + pipe.readline().strip()
    os.environ["DISPLAY"] = display
    manager = None
    if shutil.which("openbox"):
        manager = subprocess.Popen(
            ["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    yield display
    for process in (manager, server):
        if process is not None:
            process.terminate()
            process.wait(10)
    os.environ.pop("DISPLAY", None)


@pytest.fixture(scope="session")
def sleap_home(tmp_path_factory):
    """A home folder, so that neither ~/.sleap nor our own files are touched."""
    home = tmp_path_factory.mktemp("home")
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "QT_QPA_PLATFORM")
    before = {name: os.environ.pop(name, None) for name in (*names, "HOME")}
    os.environ["HOME"] = str(home)
    os.environ["SLEAP_SKIP_QT_FIX"] = "1"
    yield home
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


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


@pytest.fixture(scope="session")
def app_module(screen, sleap_home):
    """SLEAP's ``sleap.gui.app``, imported and patched, with a small controller."""
    pytest.importorskip("sleap")
    import sleap.gui.app as app

    from sleap_remote_plugin.sleap_host.attach import patch

    patch(app)
    return app


@pytest.fixture
def controller(monkeypatch):
    """`StandInController` in the place of the real one."""
    module = types.ModuleType("sleap_remote_plugin.qt.controller")
    module.attach = StandInController
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture(scope="session")
def demo_folder(app_module, tmp_path_factory):
    from demo.project import make_project

    return make_project(
        tmp_path_factory.mktemp("demo"), frames=40, labelled=6
    ).project.parent


@pytest.fixture
def project(demo_folder, tmp_path):
    """A project of its own for the test: six labelled frames of forty."""
    folder = tmp_path / "my project"
    shutil.copytree(str(demo_folder), str(folder))
    path = folder / "labels.v001.slp"
    _point_at(path, folder / "arena.avi")
    return path


def _point_at(project: Path, video: Path) -> None:
    """Have a copied project use the video beside it."""
    try:
        import sleap_io
    except ImportError:
        from sleap import Labels

        labels = Labels.load_file(str(project))
        labels.videos[0].backend.filename = str(video)
        Labels.save_file(labels, str(project))
        return
    labels = sleap_io.load_slp(str(project), open_videos=False)
    labels.videos[0].replace_filename(str(video), open=False)
    labels.save(str(project), embed=False, verbose=False)


@pytest.fixture
def make_window(qtbot, app_module, controller):
    """Open SLEAP windows, and close them after the test without a question."""
    windows = []

    def make(project=None):
        window = app_module.MainWindow(
            labels_path=str(project) if project else None, no_usage_data=True
        )
        window.showMaximized()
        qtbot.waitExposed(window)
        windows.append(window)
        return window

    yield make
    for window in windows:
        for child in window._child_windows.values():
            child.close()
        window.state["has_changes"] = False
        window.close()
        window.deleteLater()
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
