"""Early stopping, as SLEAP's configs set it and as its libraries count."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.progress import EpochPoint
from sleap_remote_plugin.jobs.stopping import (
    Stopping,
    config_values,
    stopping_in_config,
    waited,
)


def legacy(**values):
    return json.dumps({"optimization": {"early_stopping": values}})


def current(text):
    return "trainer_config:\n  early_stopping:\n" + text


@pytest.mark.parametrize(
    ("text", "generation", "expected"),
    [
        (
            legacy(
                stop_training_on_plateau=True,
                plateau_min_delta=1e-08,
                plateau_patience=20,
            ),
            Generation.LEGACY,
            Stopping(20, 1e-8),
        ),
        (
            legacy(stop_training_on_plateau=False, plateau_patience=20),
            Generation.LEGACY,
            None,
        ),
        (
            current("    min_delta: 1e-08\n    patience: 10\n"),
            Generation.CURRENT,
            Stopping(10, 1e-8),
        ),
        (
            current("    stop_training_on_plateau: false\n    patience: 10\n"),
            Generation.CURRENT,
            None,
        ),
        (current("    patience: null\n"), Generation.CURRENT, None),
        ("trainer_config: 1", Generation.CURRENT, None),
        ("[", Generation.CURRENT, None),
        ("{", Generation.LEGACY, None),
    ],
)
def test_early_stopping_is_read_from_a_config(text, generation, expected):
    assert stopping_in_config(config_values(text, generation), generation) == expected


def curve(*losses):
    return [EpochPoint(n, loss, loss) for n, loss in enumerate(losses)]


@pytest.mark.parametrize(
    ("losses", "delta", "count"),
    [
        ((), 0.0, 0),
        ((3.0, 2.0, 1.0), 0.0, 0),
        ((3.0, 1.0, 2.0, 1.0), 0.0, 2),
        ((3.0, 2.99, 2.98), 0.1, 2),
        ((3.0, None, None), 0.0, 2),
    ],
)
def test_epochs_without_a_better_one_are_counted(losses, delta, count):
    assert waited(curve(*losses), Stopping(10, delta)) == count


def the_way_lightning_counts(losses, delta):
    """Its EarlyStopping, in five lines."""
    best, count = float("inf"), 0
    for loss in losses:
        if loss + delta < best:
            best, count = loss, 0
        else:
            count += 1
    return count


@settings(deadline=None)
@given(st.lists(st.integers(1, 50).map(float)), st.sampled_from([0.0, 0.5, 2.5]))
def test_it_is_counted_as_lightning_does(losses, delta):
    assert waited(curve(*losses), Stopping(5, delta)) == the_way_lightning_counts(
        losses, delta
    )
