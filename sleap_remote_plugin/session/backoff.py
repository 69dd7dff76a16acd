"""When to try the network again after it failed: later each time, never in step.

How often a cluster that answers is asked is monitor.py's.
"""

from __future__ import annotations

import random
from typing import Callable

#: Seconds until the first try, and at most.
FIRST, MOST = 5.0, 300.0


class Backoff:
    """5 s, then twice as long each time, up to 5 minutes; a quarter more or less.

    (Many laptops lose one gateway at the same moment.)

    Parameters
    ----------
    draw : callable
        A number from 0 to 1.
    """

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self._failures = 0

    def failed(self) -> float:
        """Seconds until the next try."""
        seconds = min(MOST, FIRST * 2.0 ** min(self._failures, 20))
        self._failures += 1
        return seconds * (0.75 + 0.5 * self._draw())

    def reset(self) -> None:
        """It worked, or all is different now: begin with short waits again."""
        self._failures = 0
