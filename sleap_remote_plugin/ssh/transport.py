"""What carries a command to the cluster: the contract.

SSH is in connection.py, this machine itself in local.py. Nothing here knows SLURM.
"""

from __future__ import annotations

import abc
import contextlib
from dataclasses import dataclass
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

#: Given what a check printed: whether the command is to be run.
Decide = Callable[[str], bool]


@dataclass(frozen=True)
class CommandResult:
    """What a command printed and how it ended.

    `stdout` and `stderr` are text; bytes that are not UTF-8 appear as U+FFFD.
    """

    argv: Tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str


class Transport(abc.ABC):
    """Runs commands where SLURM's commands are. Calls block; never call on the GUI.

    A transport is safe to use from several threads.
    """

    @abc.abstractmethod
    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        login_shell: bool = True,
    ) -> CommandResult:
        """Run one command to its end.

        Parameters
        ----------
        argv : sequence of str
            Quoted for the shell here; never a ready shell line.
        stdin : bytes
            Sent, then closed.
        timeout : float
            Seconds; our own deadline, over all of the command. Connecting, where it
            is needed first, has deadlines of its own.
        login_shell : bool
            Run it as ``bash -lc``, so that ``module`` and SLURM's folders are there.

        Raises
        ------
        SignInNeeded, SignInRefused, HostKeyUnknown, HostKeyChanged
            The user is asked and the call is made again. `SignInNeeded` without a
            user: the user name itself is not known.
        CommandTimedOut
            No end by the deadline: what the command did is not known.
        ConnectionFailed
            Not connected (`error.sent` is False), or lost after the command may
            have been sent (`error.sent` is True).
        """

    def run_checked(
        self,
        check: Sequence[str],
        argv: Sequence[str],
        decide: Decide,
        timeout: float = 30.0,
    ) -> Optional[CommandResult]:
        """Run a check and, if what it printed is right, a command.

        Parameters
        ----------
        check : sequence of str
            Changes nothing; may be run more than once.
        decide : callable
            Given the check's standard output. What it raises is raised; the command
            was not begun then.
        timeout : float
            Seconds; over all of it.

        Returns
        -------
        CommandResult or None
            Of the command; None where it was not begun.

        Raises
        ------
        As run() does; `error.sent` is False as long as `decide` has not said True.
        """
        if not decide(self.run(check, login_shell=False).stdout):
            return None
        return self.run(argv, timeout=timeout)

    @abc.abstractmethod
    def connect(self) -> None:
        """Connect now (run() does it by itself); raises as run() does."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let everything go; the transport may be used again afterwards."""

    def log_lines(self) -> List[str]:
        """What happened to the connection, oldest first; never a secret."""
        return []

    def probe(self) -> bool:
        """Whether the other side still answers; never connects."""
        return True

    @contextlib.contextmanager
    def without_connecting(self) -> Iterator[None]:
        """On this thread, calls fail at once where there is no connection yet."""
        yield

    @property
    @abc.abstractmethod
    def is_connected(self) -> bool:
        """Whether a connection is held; asks nobody."""

    @property
    @abc.abstractmethod
    def user(self) -> str:
        """Who we are over there; empty while not known."""


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
