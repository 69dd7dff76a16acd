"""Runs commands over one link; its login shell is asked once what programs need."""

from __future__ import annotations

import threading
from typing import Any, Callable, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    CommandTimedOut,
    ConnectionFailed,
    ShellTrouble,
)
from sleap_remote_plugin.ssh import failures, shell
from sleap_remote_plugin.ssh.checked import CheckedConversation
from sleap_remote_plugin.ssh.command import Conversation, run_command
from sleap_remote_plugin.ssh.deadline import Clock
from sleap_remote_plugin.ssh.link import Link
from sleap_remote_plugin.ssh.transport import Decide

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
        if login_shell:
            line = self._line(argv, markers)
        else:
            line = shell.plain_line(argv, markers)
        return self._converse(line, markers, stdin, Clock(seconds))

    def run_checked(
        self, check: Sequence[str], argv: Sequence[str], decide: Decide, seconds: float
    ) -> Optional[Ended]:
        """The same, once `decide` has agreed to what the check said; else None.

        `error.sent` tells whether the program may have been begun.
        """
        markers, clock = shell.Markers(), Clock(seconds)
        line = self._line(argv, markers, shell.checked(check, markers))
        talks = []

        def begin(channel: Any) -> Conversation:
            talks.append(
                CheckedConversation(self.link, channel, markers, clock, decide)
            )
            return talks[0]

        try:
            code, out, err = self._talk(line, clock, begin)
        except (ConnectionFailed, ShellTrouble) as error:
            sent = bool(talks) and talks[0].sent
            if talks and talks[0].trouble is not None:
                raise talks[0].trouble from None
            if isinstance(error, CommandTimedOut) and not sent:
                raise failures.check_unanswered(self.link.last_hop) from error
            if error.sent and not sent and isinstance(error, ConnectionFailed):
                raise failures.lost(self.link.last_hop, False, error) from error
            error.sent = sent
            raise
        if talks[0].trouble is not None:
            raise talks[0].trouble
        return (code, talks[0].answer(out), err) if talks[0].sent else None

    def _line(
        self, argv: Sequence[str], markers: shell.Markers, first: str = ""
    ) -> str:
        known = self._ask(Clock(self.link.deadlines.shell))
        if known is None or argv[0] in known.own_words:
            return shell.login_line(argv, markers, first)
        return shell.direct_line(argv, known, markers, first)

    def _converse(
        self, line: str, markers: shell.Markers, stdin: bytes, clock: Clock
    ) -> Ended:
        def begin(channel: Any) -> Conversation:
            return Conversation(self.link, channel, markers, stdin, clock)

        return self._talk(line, clock, begin)

    def _talk(
        self, line: str, clock: Clock, begin: Callable[[Any], Conversation]
    ) -> Ended:
        link = self.link
        if not link.sessions.enter(clock):
            raise failures.no_session(link.last_hop, None)
        try:
            channel = link.open_session(clock)
            ended = run_command(link, channel, line, begin(channel), clock)
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
