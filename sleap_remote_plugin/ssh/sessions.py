"""Channels for commands on one link: never more than its server takes.

What a command says over its channel is command.py's.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Optional

from sleap_remote_plugin.ssh.deadline import Clock, within
from sleap_remote_plugin.ssh.library import paramiko

# OpenSSH's MaxSessions is 10; one is kept for probes, one is opened ahead.
MOST_SESSIONS = 8

#: Seconds after the server's last word in which a channel opened ahead is used: it
#: saves a round trip between commands that follow each other. Later a channel is
#: opened anew, which shows that the server is there before anything is sent.
FRESH = 8.0

_AHEAD_WITHIN = 10.0


class Sessions:
    """Places for commands, and the channels of those that have one.

    Parameters
    ----------
    open_one : callable
        Given seconds, opens a channel on the link's last hop.
    """

    def __init__(self, open_one: Callable[[float], Any]) -> None:
        self._open_one = open_one
        self._changed = threading.Condition()
        self._most = MOST_SESSIONS
        self._used = 0
        self._ahead: Optional[Any] = None
        self._opening = False
        self._takes_more = True
        self._heard = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the server was last heard."""
        return time.monotonic() - self._heard

    def heard(self) -> None:
        self._heard = time.monotonic()

    def enter(self, clock: Clock) -> bool:
        """Wait for a place; False where none came free in time."""
        with self._changed:
            while self._used >= self._most:
                if clock.is_over:
                    return False
                self._changed.wait(clock.left)
            self._used += 1
            return True

    def leave(self) -> None:
        with self._changed:
            self._used -= 1
            self._changed.notify()

    def open(self, clock: Clock, seconds: float) -> Any:
        """A channel for one who has a place; opening it may take so many seconds.

        A server that takes fewer than we thought refuses one: fewer are used from
        then on, and the refused one waits until another ends.

        Raises
        ------
        paramiko.SSHException, EOFError, OSError, OutOfTime
        """
        while True:
            channel = self._take_ahead(min(seconds, clock.left))
            if channel is not None:
                return channel
            try:
                return self.open_now(min(seconds, clock.left))
            except paramiko.SSHException as error:
                if clock.is_over or not is_refusal(error):
                    raise
            self._refused(min(clock.left, 0.2))

    def open_now(self, seconds: float) -> Any:
        """Open one, by a deadline of our own; any answer shows a living server."""
        try:
            channel = within(
                seconds + 1.0,
                lambda: self._open_one(seconds),
                discard=lambda late: late.close(),
            )
        except paramiko.SSHException as error:
            if is_refusal(error):
                self.heard()
            raise
        self.heard()
        return channel

    def _refused(self, seconds: float) -> None:
        with self._changed:
            self._takes_more = False
            self._most = max(1, min(self._most, self._used - 1))
            self._changed.wait(seconds)

    # -- one opened ahead -----------------------------------------------------------

    def open_ahead(self) -> None:
        """Begin to open the next command's channel; waits for nothing."""
        with self._changed:
            if not self._takes_more or self._opening or self._ahead is not None:
                return
            self._opening = True
        threading.Thread(
            target=self._open_ahead, name="sleap-remote-ahead", daemon=True
        ).start()

    def _open_ahead(self) -> None:
        channel = None
        try:
            channel = self._open_one(_AHEAD_WITHIN)
            self.heard()
        except (paramiko.SSHException, EOFError, OSError):
            self._takes_more = False  # never mind, and not again
        with self._changed:
            self._ahead, self._opening = channel, False
            self._changed.notify_all()

    def _take_ahead(self, seconds: float) -> Optional[Any]:
        with self._changed:
            self._changed.wait_for(lambda: not self._opening, seconds)
            channel, self._ahead = self._ahead, None
        if channel is None or (self.silence < FRESH and not channel.closed):
            return channel
        channel.close()
        return None


def is_refusal(error: BaseException) -> bool:
    """Whether a server that is there takes no more; paramiko may lose its words."""
    return isinstance(error, paramiko.ChannelException) or (
        "Unable to open channel" in str(error)
    )
