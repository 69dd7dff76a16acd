from __future__ import annotations

import json

import pytest

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.session.pace import FASTEST, slurm_wait
from sleap_remote_plugin.session.preferences import (
    Pace,
    Preferences,
    keep_preferences,
    preferences,
)
from sleap_remote_plugin.session.settings import Settings
from tests.qt.standins import a_job

CHOSEN = Preferences(False, ("FAILED", "STARTED"), False, Pace.LESS_OFTEN, False)


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings.json")


def test_what_was_chosen_is_found_again_and_nothing_else_is_changed(settings):
    assert preferences(settings) == Preferences()
    settings.set("user.lab", "jane")
    keep_preferences(settings, CHOSEN)
    assert preferences(settings) == CHOSEN
    assert settings.get("user.lab") == "jane"


def test_what_cannot_be_understood_is_as_installed(settings):
    strange = {"notices.muted": 7, "following.pace": ["x"], "notices.badge": None}
    settings.path.write_text(json.dumps(strange))
    assert preferences(settings) == Preferences(badge=False)


def test_a_reset_keeps_what_was_there_under_another_name(settings):
    assert settings.reset() is None
    keep_preferences(settings, CHOSEN)
    kept = settings.reset()
    assert preferences(settings) == Preferences()
    assert preferences(Settings(kept)) == CHOSEN


@pytest.mark.parametrize("age", [0, 100, 5000])
def test_less_often_is_never_more_often_than_usual(age):
    job = a_job(state=JobState.QUEUED, created=0.0, submitted=0.0)
    usual = slurm_wait([job], age, Pace.USUAL.factor)
    assert FASTEST <= usual == slurm_wait([job], age)
    assert slurm_wait([job], age, Pace.LESS_OFTEN.factor) == 3 * usual
    assert slurm_wait([job], age, 0.01) == usual
