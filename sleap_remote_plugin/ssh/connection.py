"""The cluster over SSH: any number of hops, one connection for everything.

Prompts nobody: what is missing is raised, the GUI asks, the call is made again.
How a hop is reached is in link.py, signing in in authentication.py, a command's
conversation in command.py.
"""

from __future__ import annotations

import threading
from typing import List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ConnectionFailed, RemoteError
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh import failures
from sleap_remote_plugin.ssh.authentication import SignIn
from sleap_remote_plugin.ssh.command import run_command
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Clock, Deadlines
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.link import Link
from sleap_remote_plugin.ssh.log import ConnectionLog, HopReport
from sleap_remote_plugin.ssh.route import Hop, find_route
from sleap_remote_plugin.ssh.transport import (
    CommandResult,
    Transport,
    decoded,
    quoted,
)


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
        self._link: Optional[Link] = None
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
        config = SshConfig() if self._ssh_config is None else self._ssh_config
        return find_route(self._login, self._jump, self._user, config)

    @property
    def is_connected(self) -> bool:
        link = self._link
        return link is not None and link.is_active

    @property
    def user(self) -> str:
        link = self._link
        if link is not None:
            return link.last_hop.user
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
            links = [self._link, self._opening]
            self._link = None
        for link in links:
            if link is not None:
                self._log.add(link.last_hop.label, "closed from this side")
                link.close()

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        login_shell: bool = True,
    ) -> CommandResult:
        line = quoted(argv)
        if login_shell:
            line = quoted(["bash", "-lc", line])
        try:
            code, out, err = self._run(line, stdin, timeout)
        except ConnectionFailed as error:
            self._log.add(str(self._login), "{}: {}".format(argv[0], error))
            raise
        return CommandResult(
            tuple(str(part) for part in argv), code, decoded(out), decoded(err)
        )

    def _run(self, line: str, stdin: bytes, timeout: float) -> Tuple[int, bytes, bytes]:
        link, is_fresh = self._connected()
        clock = Clock(timeout)
        if not link.sessions.acquire(timeout=clock.left):
            raise failures.no_session(link.last_hop, None)
        try:
            channel = link.open_session(min(clock.left, self._deadlines.channel))
            return run_command(link, channel, line, stdin, clock)
        except ConnectionFailed as error:
            if error.sent or is_fresh or link.is_active:
                raise
        finally:
            link.sessions.release()
        # The link had died unnoticed (a laptop's sleep) and nothing was sent.
        return self._run(line, stdin, timeout)

    # -- one connection for all threads -----------------------------------------------

    def _connected(self) -> Tuple[Link, bool]:
        """The link, and whether it was opened just now."""
        with self._lock:
            attempt, closings = self._failure[0], self._closings
            if self._link is not None and self._link.is_active:
                return self._link, False
        with self._connecting:
            with self._lock:
                if self._closings != closings:
                    raise failures.stopped()
                if self._link is not None and self._link.is_active:
                    return self._link, False
                number, failure = self._failure
                if failure is not None and number != attempt:
                    raise failure  # of the attempt that we waited for
                old, self._link = self._link, None
            if old is not None:
                old.close()
            try:
                return self._open(closings), True
            except RemoteError as error:
                with self._lock:
                    self._failure = (self._failure[0] + 1, error)
                raise

    def _open(self, closings: int) -> Link:
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
        with self._lock:
            self._link = link
        return link
