"""What all tests share: a home of their own, and the practice cluster."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "resources"))
os.environ.setdefault("SLEAP_SKIP_QT_FIX", "1")

#: How long an example takes says how busy the machine is, not whether it is right.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
#: As little does a wait: it ends as soon as what it waits for is there (milliseconds).
for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitExposed, QtBot.waitActive):
    wait.__kwdefaults__["timeout"] = 30_000

pytest_plugins = ["tests.practice", "tests.sleap_window"]


@pytest.fixture(scope="module", autouse=True)
def collected():
    """What Qt's event loop would have collected, where a test had begun that."""
    yield
    if not gc.isenabled():
        gc.collect()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder of its own, so that no test touches the user's."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return place
