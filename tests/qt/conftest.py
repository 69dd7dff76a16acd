"""A screen for this folder, and a window with stand-ins for SLEAP and the cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

_xvfb = None


def _start_screen():
    """Xvfb where there is no display; Qt offscreen where there is no Xvfb either."""
    global _xvfb
    if os.environ.get("DISPLAY") or not sys.platform.startswith("linux"):
        return
    xvfb = shutil.which("Xvfb")
    if xvfb is not None:
        read, write = os.pipe()
        command = [xvfb, "-displayfd", str(write), "-screen", "0", "1600x1200x24"]
        _xvfb = subprocess.Popen(
            command + ["-nolisten", "tcp"],
            pass_fds=[write],
            stdout=subprocess.DEVNULL,  # else it holds the pipe of tests that crash
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if number:
            os.environ["DISPLAY"] = ":" + number
            return
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


_start_screen()


def pytest_unconfigure(config):
    if _xvfb is not None:
        _xvfb.terminate()
        _xvfb.wait(10)


@pytest.fixture
def studio(qtbot, home, tmp_path):
    """An attached controller with everything around it; closed at the end."""
    from tests.qt.standins import Studio

    made = Studio(qtbot, tmp_path)
    yield made
    made.close()
