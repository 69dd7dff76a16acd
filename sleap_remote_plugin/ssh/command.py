"""Runs one command over a link: everything drained together, by our own deadline."""

from __future__ import annotations

import socket
import threading
from typing import Any, Tuple

from sleap_remote_plugin.errors import CommandTimedOut
from sleap_remote_plugin.ssh import failures
from sleap_remote_plugin.ssh.deadline import Clock
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.link import Link
from sleap_remote_plugin.ssh.shell import Markers, Stream
from sleap_remote_plugin.ssh.stdin import send, send_end
from sleap_remote_plugin.words import tr

_BLOCK = 1 << 16
#: Bytes that a command may say. None of ours says a thousandth of it.
MOST_OUTPUT = 64 << 20
_ALMOST_NOW = 0.02
# How long output may stay open after the command itself has ended: a program that
# it left in the background holds it.
_AFTERWARDS = 2.0


class _Waker:
    """What paramiko's buffers set when something arrived; they may not clear it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        return None

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)
        self._event.clear()


def run_command(
    link: Link, channel: Any, line: str, conversation: "Conversation", clock: Clock
) -> Tuple[int, bytes, bytes]:
    """Exit code, stdout, stderr of `line` on the conversation's channel.

    Raises
    ------
    CommandTimedOut, ConnectionFailed, ShellTrouble
        All with `error.sent`.
    """
    watch = threading.Timer(clock.left, _give_up, (link, channel))
    watch.daemon = True
    watch.start()
    try:
        channel.exec_command(line)
        return conversation.to_the_end()
    except (paramiko.SSHException, EOFError, OSError) as error:
        if clock.is_over:
            raise _timed_out(link) from error
        raise failures.lost(link.last_hop, True, error) from error
    finally:
        if not clock.is_over:
            channel.close()
            watch.cancel()


def _give_up(link: Link, channel: Any) -> None:
    """At the deadline: let the channel go, or the link when nobody answers."""
    if link.probe():
        channel.close()


def _timed_out(link: Link) -> CommandTimedOut:
    return CommandTimedOut(
        tr(
            "{} gave no answer in time. Nothing is sent twice by itself; jobs on the "
            "cluster go on. Try again: the cluster may be busy."
        ).format(link.last_hop)
    )


class Conversation:
    """Sends stdin while it reads stdout and stderr, so that neither side waits."""

    def __init__(
        self, link: Link, channel: Any, markers: Markers, stdin: bytes, clock: Clock
    ) -> None:
        self._link = link
        self._channel = channel
        self._unsent = memoryview(stdin)
        self._clock = clock
        self._stdin_open = True
        self._out, self._err = Stream(markers), Stream(markers)
        self._waker = _Waker()
        channel.settimeout(0.0)
        channel.in_buffer.set_event(self._waker)
        channel.in_stderr_buffer.set_event(self._waker)

    def to_the_end(self) -> Tuple[int, bytes, bytes]:
        quiet = Clock(self._link.deadlines.quiet)
        afterwards = None
        while True:
            if self._step():
                quiet = Clock(self._link.deadlines.quiet)
                continue
            channel = self._channel
            ended = channel.exit_status_ready() and not channel.closed
            if channel.closed or (ended and channel.eof_received):
                break
            if ended:
                afterwards = afterwards or Clock(_AFTERWARDS)
                if afterwards.is_over:
                    break
            if self._clock.is_over:
                raise _timed_out(self._link)
            if quiet.is_over:
                self._link.probe()
                quiet = Clock(self._link.deadlines.quiet)
            self._waker.wait(min(self._clock.left, quiet.left, self._patience))
        return self._result()

    @property
    def _patience(self) -> float:
        return _ALMOST_NOW if self._stdin_open else 0.25

    def _step(self) -> bool:
        """Move what can be moved without waiting; whether anything did."""
        moved = False
        if self._channel.recv_ready():
            self._out.take(self._channel.recv(_BLOCK))
            moved = True
        if self._channel.recv_stderr_ready():
            self._err.take(self._channel.recv_stderr(_BLOCK))
            moved = True
        if moved:
            self._link.sessions.heard()
            if self._out.size + self._err.size > MOST_OUTPUT:
                raise failures.flooded(self._link.last_hop, MOST_OUTPUT)
        return self._send() or moved

    def _send(self) -> bool:
        """Send what was given; to the command only, not to a start-up file before."""
        if not self._stdin_open or (len(self._unsent) and not self._out.begun):
            return False
        try:
            if len(self._unsent):
                sent = send(self._channel, bytes(self._unsent[:_BLOCK]))
                self._unsent = self._unsent[sent:]
                if sent:
                    return True
            send_end(self._channel)
        except socket.timeout:
            return False  # the other side's window is full
        except OSError:
            # The command ended, or closed its stdin: what it did not read is not
            # wanted, as with a pipe. A lost link is noticed by the reading side.
            pass
        self._stdin_open = False
        return True

    def _result(self) -> Tuple[int, bytes, bytes]:
        while self._step():
            pass
        channel = self._channel
        code = channel.exit_status if channel.exit_status_ready() else -1
        # paramiko sets status_event on any close; -1 means that no code came.
        if code == -1:
            if self._clock.is_over:
                raise _timed_out(self._link)
            if not self._killed():
                raise failures.lost(self._link.last_hop, True, self._link.why_ended)
            code = 255
        if not self._out.begun:
            noise = self._out.noise or self._err.noise
            raise failures.shell_in_the_way(self._link.last_hop, noise, code)
        return code, self._out.output(), self._err.output()

    def _killed(self) -> bool:
        """Whether a signal ended the command: a closed channel on a living link."""
        return self._link.is_active and not self._link.is_closed and self._link.probe()
