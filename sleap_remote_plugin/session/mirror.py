"""A job's folder where no disk of the cluster's is mounted: a folder here, and there.

The package is sent before the job is submitted. What the program then writes here is
sent before each command that is run for the job, so that all of a submission's steps
are as they are on a mount. What the job writes there is brought here by fetch.py: its
own account while it runs, everything when it has ended.
"""

from __future__ import annotations

import threading
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Dict, Optional, Sequence

from sleap_remote_plugin.errors import ConnectionFailed, RemoteError
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.fetch import OURS, Fetch
from sleap_remote_plugin.session.sources import Item, find_items
from sleap_remote_plugin.session.ssh_target import SshTarget
from sleap_remote_plugin.session.transfer import Transfer
from sleap_remote_plugin.session.transfer_progress import Told
from sleap_remote_plugin.ssh.transport import CommandResult, Transport
from sleap_remote_plugin.words import tr

_REMOVE = 'cd -- "$1" && shift && rm -f -- "$@"'


class Mirror:
    """The two halves of one job's folder.

    Parameters
    ----------
    here : Path
    there : str
        As the cluster spells it.
    transport : Transport
        With SFTP: ``open_sftp``.
    """

    def __init__(self, here: Path, there: str, transport: Any) -> None:
        self.here = here
        self.there = PurePosixPath(there)
        self.transport = transport
        self._sent: Dict[str, tuple] = {}

    # -- there ------------------------------------------------------------------------

    def sending(self, copies: Copies, told: Told) -> Transfer:
        """A transfer of all that is here; its `run` makes the other half, whole."""
        (found,) = find_items([str(self.here)])
        item = Item(found.source, self.there.name, found.files, True)
        home, open_sftp = self.there.parent, self.transport.open_sftp
        return Transfer(
            [item], SshTarget(home, self.transport, open_sftp), copies, told
        )

    def push(self) -> None:
        """Send what the program wrote here since, and take away what it did.

        Raises
        ------
        RemoteError
            `sent` is False: the command that it was for was not sent.
        """
        now = {
            path.name: (path.stat().st_size, path.stat().st_mtime_ns)
            for path in self.here.iterdir()
            if OURS.match(path.name) and path.is_file()
        }
        new = [name for name in now if self._sent.get(name) != now[name]]
        gone = [name for name in self._sent if name not in now]
        try:
            if new:
                target = SshTarget(self.there, self.transport, self._no_sftp)
                target.write_small([(n, (self.here / n).read_bytes()) for n in new])
            if gone:
                argv = ["sh", "-c", _REMOVE, "sh", str(self.there)] + gone
                self.transport.run(argv, login_shell=False)
        except ConnectionFailed as error:
            error.sent = False
            raise
        except OSError as error:
            raise RemoteError(
                tr(
                    "The job's files could not be written to {} on the cluster: {}. "
                    "Nothing was submitted."
                ).format(self.there, error.strerror or error)
            ) from error
        self._sent = now

    def _no_sftp(self) -> Any:
        raise AssertionError(tr("small files go as an archive"))

    # -- here -------------------------------------------------------------------------

    def fetching(self, everything: bool, told: Optional[Told] = None) -> Fetch:
        """What the job wrote, to be brought here: its account, or all of it."""
        return Fetch(self.here, self.there, self.transport, everything, told)

    def fetch(self, everything: bool) -> None:
        self.fetching(everything).run()


class MirrorTransport(Transport):
    """Runs commands that find, on the cluster, what was written here."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._inner = mirror.transport
        self._lock = threading.Lock()

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        login_shell: bool = True,
    ) -> CommandResult:
        self.push()
        return self._inner.run(
            argv, stdin=stdin, timeout=timeout, login_shell=login_shell
        )

    def run_checked(
        self,
        check: Sequence[str],
        argv: Sequence[str],
        decide: Callable[[str], bool],
        timeout: float = 30.0,
    ) -> Optional[CommandResult]:
        self.push()
        return self._inner.run_checked(check, argv, decide, timeout)

    def push(self) -> None:
        with self._lock:
            self._mirror.push()

    def connect(self) -> None:
        self._inner.connect()

    def close(self) -> None:
        self._inner.close()

    @property
    def is_connected(self) -> bool:
        return bool(self._inner.is_connected)

    @property
    def user(self) -> str:
        return str(self._inner.user)
