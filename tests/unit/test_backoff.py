from __future__ import annotations

import pytest

from sleap_remote_plugin.session.backoff import FIRST, MOST, Backoff


@pytest.mark.parametrize(("draw", "share"), [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)])
def test_each_wait_is_twice_the_one_before_up_to_minutes(draw, share):
    backoff = Backoff(lambda: draw)

    waits = [backoff.failed() for _ in range(9)]

    assert waits[0] == FIRST * share
    assert all(b == min(2 * a, MOST * share) for a, b in zip(waits, waits[1:]))
    assert waits[-1] == MOST * share


def test_what_worked_once_begins_with_the_first_wait_again():
    backoff = Backoff(lambda: 0.5)
    first = [backoff.failed() for _ in range(3)][0]
    backoff.reset()

    assert backoff.failed() == first


def test_waits_differ_between_laptops():
    assert len({Backoff().failed() for _ in range(20)}) > 10
