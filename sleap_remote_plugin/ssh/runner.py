"""Runs commands over one link; its login shell is asked once what programs need."""

from __future__ import annotations

import threading
from typing import Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    CommandTimedOut,
    ConnectionFailed,
    ShellTrouble,
)
from sleap_remote_plugin.ssh import failures, shell
from sleap_remote_plugin.ssh.command import run_command
from sleap_remote_plugin.ssh.deadline import Clock
from sleap_remote_plugin.ssh.link import Link

Ended = Tuple[int, bytes, bytes]


class Runner:
    """Runs commands over one link.

    Parameters
    ----------
    link : Link
        Opened.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self._asking = threading.Lock()
        self._was_asked = False
        self._login_shell: Optional[shell.LoginShell] = None

    def run(
        self, argv: Sequence[str], stdin: bytes, seconds: float, login_shell: bool
    ) -> Ended:
        """Exit code, stdout, stderr of a program, or of a login shell's function.

        What the login shell takes to be asked, once, does not count.

        Raises
        ------
        CommandTimedOut, ConnectionFailed, ShellTrouble
        """
        markers = shell.Markers()
        if not login_shell:
            line = shell.plain_line(argv, markers)
        else:
            known = self._ask(Clock(self.link.deadlines.shell))
            if known is None or argv[0] in known.own_words:
                line = shell.login_line(argv, markers)
            else:
                line = shell.direct_line(argv, known, markers)
        return self._converse(line, markers, stdin, Clock(seconds))

    def _converse(
        self, line: str, markers: shell.Markers, stdin: bytes, clock: Clock
    ) -> Ended:
        link = self.link
        if not link.sessions.enter(clock):
            raise failures.no_session(link.last_hop, None)
        try:
            channel = link.open_session(clock)
            ended = run_command(link, channel, line, markers, stdin, clock)
        finally:
            link.sessions.leave()
        link.sessions.open_ahead()
        return ended

    def _ask(self, clock: Clock) -> Optional[shell.LoginShell]:
        """What the login shell has; an error of its is none of the command's."""
        if not self._asking.acquire(timeout=max(0.01, clock.left)):
            raise failures.lost(self.link.last_hop, False)
        try:
            if not self._was_asked:
                markers = shell.Markers()
                line = shell.login_script(shell.QUESTION, markers)
                _, answer, _ = self._converse(line, markers, b"", clock)
                self._login_shell = shell.read_login_shell(answer)
                self._was_asked = True
        except CommandTimedOut as error:
            link = self.link
            raise failures.shell_is_slow(link.last_hop, link.deadlines.shell) from error
        except (ConnectionFailed, ShellTrouble) as error:
            error.sent = False
            raise
        finally:
            self._asking.release()
        return self._login_shell
