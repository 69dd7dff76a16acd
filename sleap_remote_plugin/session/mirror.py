"""A job's folder where no disk of the cluster's is mounted: a folder here, and there.

The package is sent before the job is submitted. What the program then writes here is
sent before each command that is run for the job, so that all of a submission's steps
are as they are on a mount. What the job writes there is fetched: its own account while
it runs, everything when it has ended.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import threading
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence

from sleap_remote_plugin.errors import ConnectionFailed, NoRoom, RemoteError
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.digests import range_digest
from sleap_remote_plugin.session.room import in_words
from sleap_remote_plugin.session.sources import Item, find_items
from sleap_remote_plugin.session.ssh_target import SshTarget
from sleap_remote_plugin.session.transfer import Transfer
from sleap_remote_plugin.session.transfer_progress import Told
from sleap_remote_plugin.ssh.transport import CommandResult, Transport

log = logging.getLogger(__name__)

#: What the program itself writes in a job's folder, at any time.
_OURS = re.compile(r"\.remote-proof-|remote-job\.(json|claim|sbatch)$")
_LIST = (
    "cd -- \"$1\" && find . -type f -printf \"%s %T@ %P\\0\" | tr '\\n\\0' '\\001\\n'"
)
_REMOVE = 'cd -- "$1" && shift && rm -f -- "$@"'
_PART = ".fetched"


class _There(NamedTuple):
    size: int
    written: float


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
            if _OURS.match(path.name) and path.is_file()
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
                "The job's files could not be written to {} on the cluster: {}. "
                "Nothing was submitted.".format(self.there, error.strerror or error)
            ) from error
        self._sent = now

    def _no_sftp(self) -> Any:
        raise AssertionError("small files go as an archive")

    # -- here -------------------------------------------------------------------------

    def fetch(self, everything: bool) -> None:
        """Bring what the job wrote: its account, or all of it.

        A file that is here as it is there stays; one that is half here is gone on with.
        """
        result = self.transport.run(
            ["sh", "-c", _LIST, "sh", str(self.there)], login_shell=False
        )
        if result.exit_code != 0:
            raise RemoteError(
                "The job's folder {} cannot be read on the cluster just now. The job "
                "goes on.".format(self.there),
                detail=result.stderr,
            )
        there = read_list(result.stdout)
        wanted = {
            name: status
            for name, status in there.items()
            if (everything or name.startswith(WITNESS_FOLDER + "/"))
            and not _OURS.match(name)
            and not self._has(name, status)
        }
        if wanted:
            self._check_room(sum(status.size for status in wanted.values()))
            sftp = self.transport.open_sftp()
            try:
                for name in sorted(wanted):
                    self._fetch_or_skip(sftp, name, wanted[name])
            finally:
                sftp.close()

    def _has(self, name: str, there: _There) -> bool:
        try:
            status = (self.here / name).stat()
        except OSError:
            return False
        same_time = abs(status.st_mtime - there.written) < 2.0
        return status.st_size == there.size and same_time

    def _check_room(self, needed: int) -> None:
        free = shutil.disk_usage(str(self.here)).free
        if free < needed:
            raise NoRoom(
                "The job's results ({}) do not fit on this computer's disk: {} are "
                "free at {}. They are kept on the cluster. Make room, then look "
                "again.".format(in_words(needed), in_words(free), self.here)
            )

    def _fetch_or_skip(self, sftp: Any, name: str, there: _There) -> None:
        """What has gone since it was listed was in passing only."""
        try:
            self._fetch_file(sftp, name, there)
        except FileNotFoundError:
            log.info("%s is gone from %s", name, self.there)
        except OSError as error:
            raise RemoteError(
                "{} of the job could not be brought to {}: {}. It is kept on the "
                "cluster, and tried again at the next look.".format(
                    name, self.here, error.strerror or error
                ),
                detail=repr(error),
            ) from error

    def _fetch_file(self, sftp: Any, name: str, there: _There) -> None:
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name("." + path.name[:200] + _PART)
        remote = str(self.there / name)
        start, digest = self._begun(part, name, there.size)
        with part.open("r+b" if start else "wb") as file:
            file.truncate(start)
            file.seek(start)
            for block in sftp.blocks(remote, start, there.size):
                file.write(block)
                digest.update(block)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() == self._digest_there(name, there.size):
            os.utime(str(part), (there.written, there.written))
            os.replace(str(part), str(path))
        else:  # it was still written: the next look brings it
            part.unlink()

    def _begun(self, part: Path, name: str, size: int) -> tuple:
        digest = hashlib.sha256()
        try:
            there = part.stat().st_size
        except OSError:
            return 0, digest
        if not 0 < there <= size:
            return 0, digest
        with part.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
        if digest.hexdigest() != self._digest_there(name, there):
            return 0, hashlib.sha256()
        return there, digest

    def _digest_there(self, name: str, size: int) -> str:
        return range_digest(self.transport, self.there, name, 0, size)


def read_list(text: str) -> Dict[str, _There]:
    """Files of the cluster's half; only names that stay in the folder."""
    found = {}
    for size, written, name in re.findall(
        r"(?m)^(\d{1,18}) (\d{1,12}(?:\.\d+)?) (.+)$", text
    ):
        parts = name.split("/")
        if "\x01" not in name and ".." not in parts and "" not in parts:
            found[name] = _There(int(size), float(written))
    return found


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
