"""*Advanced* in the submit dialog."""

from __future__ import annotations

import dataclasses

import pytest

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog, WhatToRun
from tests.qt.standins import a_profile

FIELDS = {
    "account": "lab",
    "qos": "short",
    "constraint": "a5000|a6000",
    "exclude": "gpu-1, gpu-[3-5]",
    "begin": "22:00",
    "dependency": "afterok:7",
    "mail": "jane@example.org",
}


def a_dialog(qtbot, kind=JobKind.PREDICT, parts=("a.mp4", "b.mp4")):
    what = WhatToRun("top-down", "two videos", "labels", parts)
    dialog = SubmitDialog(a_profile(), what, kind, Generation.CURRENT)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_what_is_typed_is_asked_for(qtbot, name):
    dialog = a_dialog(qtbot)
    dialog.advanced.lines[name].setText(FIELDS[name])
    assert getattr(dialog.resources(), name) == FIELDS[name]


def test_it_is_folded_away_while_nothing_in_it_is_set(qtbot):
    dialog = a_dialog(qtbot)
    dialog.suggest_resources(Resources())
    assert not dialog.advanced.page.isVisible()


def test_what_was_asked_for_before_is_seen_and_asked_for_again(qtbot):
    dialog = a_dialog(qtbot)
    before = dataclasses.replace(Resources(), at_once=3, extra="--nice=1", **FIELDS)
    dialog.suggest_resources(before)
    assert dialog.advanced.page.isVisible()
    assert dialog.resources() == before


@pytest.mark.parametrize("begin", ["later", "25:99", "2026-13-45"])
def test_a_value_that_sbatch_would_not_take_is_told_and_cannot_be_submitted(
    qtbot, begin
):
    dialog = a_dialog(qtbot)
    dialog.advanced.lines["begin"].setText(begin)
    assert "22:00" in dialog.advanced.rows["begin"].notes["begin"].label.text()
    assert not dialog.submit.isEnabled()


@pytest.mark.parametrize(
    ("kind", "parts", "shown"),
    [
        (JobKind.PREDICT, ("a", "b"), True),
        (JobKind.PREDICT, ("a",), False),
        (JobKind.TRAIN, ("a", "b"), False),
    ],
)
def test_videos_at_once_are_asked_of_several_videos_only(qtbot, kind, parts, shown):
    dialog = a_dialog(qtbot, kind, parts)
    dialog.advanced.button.click()
    assert dialog.advanced.at_once.isVisible() == shown


def test_every_field_says_what_it_is_for(qtbot):
    dialog = a_dialog(qtbot)
    advanced = dialog.advanced
    fields = list(advanced.lines.values()) + [advanced.at_once, advanced.extra]
    assert [field for field in fields if not field.whatsThis()] == []
