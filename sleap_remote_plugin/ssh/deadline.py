"""Deadlines of our own: for calls that cannot be given one, and their lengths.

paramiko, resolvers, agents and keyrings may each wait for ever.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, List, Optional


@dataclass(frozen=True)
class Deadlines:
    """Seconds for each step.

    Attributes
    ----------
    connect : float
        Resolving a name and the TCP connection.
    handshake : float
        Banner and key exchange.
    sign_in : float
        One way of signing in.
    channel : float
        Opening a channel: a command's, or the way to the next hop.
    shell : float
        What the login shell may take to say what it has; asked once a connection.
    quiet : float
        How long a running command may be silent before the connection is probed.
    probe : float
        What a probe may take.
    idle : float
        How long a connection that nobody uses may be silent before it is probed.
    """

    connect: float = 15.0
    handshake: float = 15.0
    sign_in: float = 30.0
    channel: float = 10.0
    shell: float = 30.0
    quiet: float = 10.0
    probe: float = 5.0
    idle: float = 8.0


class OutOfTime(Exception):
    """The call did not end by its deadline."""


class Stopped(Exception):
    """Somebody asked to stop while the call was waited for."""


class Clock:
    """Counts down from now."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self.end - time.monotonic())

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.end


def wait_for(
    event: threading.Event, seconds: float, stop: Optional[threading.Event] = None
) -> None:
    """Wait for `event`.

    Raises
    ------
    OutOfTime, Stopped
    """
    clock = Clock(seconds)
    while not event.wait(min(clock.left, 0.1)):
        if stop is not None and stop.is_set():
            raise Stopped
        if clock.is_over:
            raise OutOfTime


def within(
    seconds: float,
    call: Callable[[], Any],
    stop: Optional[threading.Event] = None,
    discard: Optional[Callable[[Any], Any]] = None,
) -> Any:
    """The call's result, or its exception; it runs in a daemon thread.

    Parameters
    ----------
    stop : threading.Event, optional
        Gives up at once when it is set.
    discard : callable, optional
        Is handed a result that came after we had given up.

    Raises
    ------
    OutOfTime, Stopped
        The call is left to itself.
    """
    done, lock = threading.Event(), threading.Lock()
    results: List[Any] = []
    errors: List[BaseException] = []
    given_up = threading.Event()

    def work() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: B902 - handed to the caller
            errors.append(error)
        else:
            with lock:
                late = given_up.is_set()
                results.append(result)
            if late and discard is not None:
                discard(result)
        done.set()

    threading.Thread(target=work, name="sleap-remote-wait", daemon=True).start()
    try:
        wait_for(done, seconds, stop)
    except BaseException as error:  # noqa: B902 - Ctrl-C too
        with lock:
            given_up.set()
            ended = bool(results)
        if not ended or not isinstance(error, (OutOfTime, Stopped)):
            raise
    if errors:
        raise errors[0]
    return results[0]
