"""The cluster over SSH: any number of hops, one connection for everything.

Prompts nobody: what is missing is raised, the GUI asks, the call is made again.
How a hop is reached is in link.py, signing in in authentication.py, a command's
conversation in command.py.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Callable, Iterator, List, Optional, Sequence, Tuple, TypeVar

from sleap_remote_plugin.errors import ConnectionFailed, RemoteError, ShellTrouble
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh import failures
from sleap_remote_plugin.ssh.authentication import SignIn
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.link import Link
from sleap_remote_plugin.ssh.log import ConnectionLog, HopReport
from sleap_remote_plugin.ssh.route import Hop, find_route
from sleap_remote_plugin.ssh.runner import Runner
from sleap_remote_plugin.ssh.sftp import Sftp
from sleap_remote_plugin.ssh.transport import (
    CommandResult,
    Decide,
    Transport,
    decoded,
)

T = TypeVar("T")


class SSHTransport(Transport):
    """Runs commands on the login host.

    Parameters
    ----------
    login : Address
        The host with SLURM's commands.
    jump : sequence of Address
        The hops on the way, in order.
    user : str
        Where the addresses name none; empty: as ssh config says.
    credentials : Credentials
    host_keys : HostKeys
    ssh_config : SshConfig, optional
        By default the user's own, read anew at each connect.
    deadlines : Deadlines, optional
    log : ConnectionLog, optional
    """

    def __init__(
        self,
        login: Address,
        jump: Sequence[Address] = (),
        user: str = "",
        *,
        credentials: Credentials,
        host_keys: HostKeys,
        ssh_config: Optional[SshConfig] = None,
        deadlines: Optional[Deadlines] = None,
        log: Optional[ConnectionLog] = None,
    ) -> None:
        self._login = login
        self._jump = tuple(jump)
        self._user = user
        self._credentials = credentials
        self._host_keys = host_keys
        self._ssh_config = ssh_config
        self._deadlines = deadlines or Deadlines()
        self._log = log or ConnectionLog()
        self._lock = threading.Lock()  # held for moments only
        self._connecting = threading.Lock()  # held while somebody connects
        self._thread = threading.local()
        self._runner: Optional[Runner] = None
        self._opening: Optional[Link] = None
        self._closings = 0
        self._failure: Tuple[int, Optional[RemoteError]] = (0, None)

    def __repr__(self) -> str:
        return "SSHTransport({!r}, via {})".format(
            str(self._login), [str(hop) for hop in self._jump]
        )

    def log_lines(self) -> List[str]:
        """What happened to the connection, oldest first; never a secret."""
        return self._log.lines()

    @property
    def hop_reports(self) -> List[HopReport]:
        """How far the latest connect came at each hop, the first one first."""
        return self._log.reports

    def route(self) -> Tuple[Hop, ...]:
        """The hops that lead to the login host; raises as connect() does."""
        config = self._ssh_config or SshConfig(tell=self._tell_of_config)
        try:
            return find_route(self._login, self._jump, self._user, config)
        except RemoteError as error:
            self._tell_of_config(str(error))
            raise

    def _tell_of_config(self, sentence: str) -> None:
        self._log.add("ssh config", sentence)

    @property
    def is_connected(self) -> bool:
        runner = self._runner
        return runner is not None and runner.link.is_active

    def probe(self) -> bool:
        runner = self._runner
        return runner is not None and runner.link.probe()

    @contextlib.contextmanager
    def without_connecting(self) -> Iterator[None]:
        self._thread.may_connect = False
        try:
            yield
        finally:
            self._thread.may_connect = True

    @property
    def user(self) -> str:
        runner = self._runner
        if runner is not None:
            return runner.link.last_hop.user
        if self._login.user or self._user:
            return self._login.user or self._user
        config = self._ssh_config or SshConfig()
        return config.lookup(self._login.host).user or ""

    def sign_in_as(self, user: str) -> None:
        """Let the connection go, and be another user from the next call on."""
        self.close()
        self._user = user

    def connect(self) -> None:
        self._connected()

    def close(self) -> None:
        with self._lock:
            self._closings += 1
            runner, self._runner = self._runner, None
            links = [self._opening, runner.link if runner is not None else None]
        for link in links:
            if link is not None:
                link.close("from this side")

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        login_shell: bool = True,
    ) -> CommandResult:
        argv = tuple(str(part) for part in argv)
        code, out, err = self._logged(
            argv[0], lambda runner: runner.run(argv, stdin, timeout, login_shell)
        )
        return CommandResult(argv, code, decoded(out), decoded(err))

    def run_checked(
        self,
        check: Sequence[str],
        argv: Sequence[str],
        decide: Decide,
        timeout: float = 30.0,
    ) -> Optional[CommandResult]:
        """Both in one conversation: a check costs no command of its own."""
        argv = tuple(str(part) for part in argv)
        ended = self._logged(
            argv[0], lambda runner: runner.run_checked(check, argv, decide, timeout)
        )
        if ended is None:
            return None
        code, out, err = ended
        return CommandResult(argv, code, decoded(out), decoded(err))

    def _logged(self, name: str, call: Callable[[Runner], T]) -> T:
        try:
            return self._call(call)
        except (ConnectionFailed, ShellTrouble) as error:
            words = "{}: {} {}".format(name, error, error.detail)
            self._log.add(str(self._login), words)
            raise

    def _call(self, call: Callable[[Runner], T]) -> T:
        closings = self._closings
        runner, is_fresh = self._connected()
        try:
            return call(runner)
        except ConnectionFailed as error:
            if error.sent or is_fresh or runner.link.is_active:
                raise
            if self._closings != closings:  # by the user
                raise
        # The link had died unnoticed (a laptop's sleep) and nothing was sent.
        return self._call(call)

    def open_sftp(self) -> Sftp:
        """A conversation about files on the login host; raises as run() does."""
        return Sftp(self._connected()[0].link)

    # -- one connection for all threads -----------------------------------------------

    def _connected(self) -> Tuple[Runner, bool]:
        """The link, and whether it was opened just now."""
        with self._lock:
            attempt, closings = self._failure[0], self._closings
            if self._runner is not None and self._runner.link.is_active:
                return self._runner, False
        if not getattr(self._thread, "may_connect", True):
            raise failures.not_now(str(self._login))
        with self._connecting:
            with self._lock:
                if self._closings != closings:
                    raise failures.stopped()
                if self._runner is not None and self._runner.link.is_active:
                    return self._runner, False
                number, failure = self._failure
                if failure is not None and number != attempt:
                    raise failure  # of the attempt that we waited for
                old, self._runner = self._runner, None
            if old is not None:
                old.link.close()
            try:
                return self._open(closings), True
            except RemoteError as error:
                with self._lock:
                    self._failure = (self._failure[0] + 1, error)
                raise

    def _open(self, closings: int) -> Runner:
        hops = self.route()
        sign_in = SignIn(self._credentials, self._deadlines, self._log)
        link = Link(hops, sign_in, self._host_keys, self._deadlines, self._log)
        with self._lock:
            if self._closings != closings:
                raise failures.stopped()
            self._opening = link
        try:
            link.open()
        finally:
            with self._lock:
                self._opening = None
                wanted = self._closings == closings
        if not wanted:
            link.close()
            raise failures.stopped()
        runner = Runner(link)
        with self._lock:
            self._runner = runner
        return runner
