"""The real SLEAP of this environment, a screen for it, and a small project to open."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def screen(pytestconfig):
    """A display with a window manager: the user's, or one of our own.

    Ours stays until pytest has said how it went: Qt ends the process when its
    display goes.
    """
    if os.environ.get("DISPLAY") or sys.platform in ("win32", "darwin"):
        return os.environ.get("DISPLAY", "")
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no screen, and no Xvfb to make one")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24"]
        + ["-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,  # else it holds the pipe of tests that crash
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
    pytestconfig.add_cleanup(lambda: _stop(manager, server))
    return display


def _stop(*processes):
    for process in processes:
        if process is not None:
            process.terminate()
            process.wait(10)


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


@pytest.fixture(scope="session")
def app_module(screen, sleap_home):
    """SLEAP's ``sleap.gui.app``, imported and patched."""
    pytest.importorskip("sleap")
    import sleap.gui.app as app

    from sleap_remote_plugin.sleap_host.attach import patch

    patch(app)
    return app


@pytest.fixture(scope="session")
def demo_folder(app_module, tmp_path_factory):
    from demo.project import make_project

    return make_project(
        tmp_path_factory.mktemp("demo"), frames=40, labelled=6
    ).project.parent


def put_away(window) -> None:
    """Close a window of SLEAP's without a question, and have it deleted.

    SLEAP 1.3 stops the thread that loads its frames when the window is gone already,
    which ended the process now and then: it is stopped before.
    """
    for child in list(window._child_windows.values()):
        child.close()
    window.state["has_changes"] = False
    window.close()
    window.player.cleanup()
    window.deleteLater()


def point_at(project: Path, video: Path) -> None:
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


def add_video(project: Path, source) -> None:
    """Put one more video into a project file: a path, or a list of images."""
    try:
        import sleap_io
    except ImportError:
        from sleap import Labels, Video

        many = isinstance(source, list)
        make = Video.from_image_filenames if many else Video.from_filename
        labels = Labels.load_file(str(project))
        labels.videos.append(make(source))
        Labels.save_file(labels, str(project))
    else:
        labels = sleap_io.load_slp(str(project), open_videos=False)
        labels.videos.append(sleap_io.load_video(source))
        labels.save(str(project), embed=False, verbose=False)
