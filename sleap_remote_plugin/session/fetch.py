"""What a job wrote on the cluster, brought to the half of its folder here.

Which jobs' folders have two halves is mirrors.py's; what is sent, mirror.py's.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import threading
from pathlib import Path, PurePosixPath
from typing import Any, Dict, NamedTuple, Optional

from sleap_remote_plugin.errors import Cancelled, NoRoom, RemoteError
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER
from sleap_remote_plugin.session.digests import range_digest
from sleap_remote_plugin.session.room import in_words
from sleap_remote_plugin.session.sources import Item, SourceFile
from sleap_remote_plugin.session.transfer_progress import Meter, Progress, Told
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: What the program itself writes in a job's folder, at any time.
OURS = re.compile(r"\.remote-proof-|remote-job\.(json|claim|sbatch)$")
_LIST = (
    "cd -- \"$1\" && find . -type f -printf \"%s %T@ %P\\0\" | tr '\\n\\0' '\\001\\n'"
)
_PART = ".fetched"
#: Bytes and files that take less than a second on most networks.
_SMALL, _FEW = 1 << 20, 8
STOPPED = tr(
    "Fetching the results was stopped. What came is kept here, and all of it on the "
    "cluster: Refresh goes on with it."
)


class There(NamedTuple):
    size: int
    written: float


class Fetch:
    """One look at what a job wrote there, and the way of it to here.

    A file that is here as it is there stays; one that is half here is gone on with.

    Parameters
    ----------
    here : Path
    there : PurePosixPath
        As the cluster spells it.
    transport : Transport
        With SFTP: ``open_sftp``.
    everything : bool
        Else only the job's own account.
    """

    def __init__(
        self,
        here: Path,
        there: PurePosixPath,
        transport: Any,
        everything: bool,
        told: Optional[Told] = None,
    ) -> None:
        self.here = here
        self.there = there
        self.transport = transport
        self.everything = everything
        self._tell = told or _nobody
        self._wanted: Optional[Dict[str, There]] = None
        self._stopped = threading.Event()

    def look(self) -> None:
        """Ask the cluster what there is. Raises RemoteError."""
        result = self.transport.run(
            ["sh", "-c", _LIST, "sh", str(self.there)], login_shell=False
        )
        if result.exit_code != 0:
            raise RemoteError(
                tr(
                    "The job's folder {} cannot be read on the cluster just now. The "
                    "job goes on."
                ).format(self.there),
                detail=result.stderr,
            )
        self._wanted = {
            name: status
            for name, status in read_list(result.stdout).items()
            if (self.everything or name.startswith(WITNESS_FOLDER + "/"))
            and not OURS.match(name)
            and not self._has(name, status)
        }

    @property
    def is_long(self) -> bool:
        """Whether it may take over a second (after `look`)."""
        wanted = self._wanted or {}
        size = sum(status.size for status in wanted.values())
        return size > _SMALL or len(wanted) > _FEW

    def run(self) -> None:
        """Bring it.

        Raises
        ------
        Cancelled
            `cancel` was called. What came is kept.
        RemoteError
            The disk here or there, or the connection; it is kept there.
        """
        if self._wanted is None:
            self.look()
        wanted = self._wanted or {}
        if not wanted:
            return
        files = tuple(
            SourceFile(name, name, status.size, 0) for name, status in wanted.items()
        )
        self._meter = Meter([Item("", self.here.name, files, True)], self._tell)
        self._check_room(sum(file.size for file in files))
        sftp = self.transport.open_sftp()
        try:
            for file in sorted(files, key=lambda file: file.name):
                self._fetch_or_skip(sftp, file, wanted[file.name])
                self._meter.file_done(file)
        finally:
            sftp.close()

    def cancel(self) -> None:
        """Stop at the next block; from any thread."""
        self._stopped.set()

    def look_whether_wanted(self) -> None:
        """Raise Cancelled where `cancel` was called."""
        if self._stopped.is_set():
            raise Cancelled(STOPPED)

    # -- one file ---------------------------------------------------------------------

    def _has(self, name: str, there: There) -> bool:
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
                tr(
                    "The job's results ({}) do not fit on this computer's disk: {} are "
                    "free at {}. They are kept on the cluster. Make room, then press "
                    "Refresh."
                ).format(in_words(needed), in_words(free), self.here)
            )

    def _fetch_or_skip(self, sftp: Any, file: SourceFile, there: There) -> None:
        """What has gone since it was listed was in passing only."""
        try:
            self._fetch_file(sftp, file, there)
        except FileNotFoundError:
            log.info("%s is gone from %s", file.name, self.there)
        except OSError as error:
            raise RemoteError(
                tr(
                    "{} of the job could not be brought to {}: {}. It is kept on the "
                    "cluster, and tried again at the next look."
                ).format(file.name, self.here, error.strerror or error),
                detail=repr(error),
            ) from error

    def _fetch_file(self, sftp: Any, source: SourceFile, there: There) -> None:
        name = source.name
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name("." + path.name[:200] + _PART)
        self._meter.file(source)
        start, digest = self._begun(part, name, there.size)
        self._meter.add(start, False)
        with part.open("r+b" if start else "wb") as file:
            file.truncate(start)
            file.seek(start)
            for block in sftp.blocks(str(self.there / name), start, there.size):
                file.write(block)
                digest.update(block)
                self._meter.add(len(block), True)
                self.look_whether_wanted()
            file.flush()
            os.fsync(file.fileno())
        self.look_whether_wanted()
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


def _nobody(_progress: Progress) -> None:
    """Where nobody looks at the progress."""


def read_list(text: str) -> Dict[str, There]:
    """Files of the cluster's half; only names that stay in the folder."""
    found = {}
    for size, written, name in re.findall(
        r"(?m)^(\d{1,18}) (\d{1,12}(?:\.\d+)?) (.+)$", text
    ):
        parts = name.split("/")
        if "\x01" not in name and ".." not in parts and "" not in parts:
            found[name] = There(int(size), float(written))
    return found
