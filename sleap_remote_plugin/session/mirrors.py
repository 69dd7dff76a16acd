"""Which jobs' folders have a half here and a half on the cluster.

What is sent is mirror.py's, what is fetched fetch.py's.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError, ResultsMissing
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.fetch import Fetch
from sleap_remote_plugin.session.mirror import Mirror, MirrorTransport
from sleap_remote_plugin.session.only_one import OnlyOne
from sleap_remote_plugin.session.transfer_progress import Told
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds that a look waits for another one at the same folder.
_SHORTLY = 0.5
_DISCARD = 'cd -- "$1" && rm -rf -- "./.$2".*.part'
_FOLDERS = 'cd -- "$1" && shift && mkdir -p -- "$@"'


class Mirrors:
    """The halves of jobs' folders.

    Parameters
    ----------
    copies : callable
        Gives the Copies in use.
    """

    def __init__(self, copies: Callable[[], Copies], transport: Transport) -> None:
        self._copies = copies
        self._transport = transport
        self._guard = threading.Lock()
        self._locks: Dict[str, OnlyOne] = {}
        #: Who brings what takes over a second, and calls `bring_long` for it; from any
        #: thread. None: it is brought by the call that finds it.
        self.leave_to: Optional[Callable[[Job], None]] = None

    def of_folder(self, folder: Path) -> Optional[Mirror]:
        """The mirror that a folder here is half of; None: it is on a mount."""
        other = self._copies().other_half(str(folder))
        return Mirror(folder, other, self._transport) if other else None

    def of_job(self, job: Job) -> Optional[Mirror]:
        here = self._copies().half_here(job.folder)
        return Mirror(Path(here), job.folder, self._transport) if here else None

    # -- to the cluster ---------------------------------------------------------------

    def sending(self, folder: Path, told: Told) -> Any:
        """A transfer that sends a new job's folder; None where that need not be."""
        mirror = self.of_folder(folder)
        return None if mirror is None else mirror.sending(self._copies(), told)

    def discard(self, folder: Path) -> None:
        """Take away what was sent so far of a folder that is not wanted any more."""
        mirror = self.of_folder(folder)
        if mirror is None:
            return
        argv = ["sh", "-c", _DISCARD, "sh", str(mirror.there.parent), mirror.there.name]
        try:
            self._transport.run(argv, login_shell=False)
        except RemoteError as error:
            log.info("what was sent of %s stays there: %s", folder, error)

    def send(self, folder: Path) -> Optional[Transport]:
        """See that a job's folder is there whole; the transport to submit it with.

        None: it is on a mount, and any transport does.
        """
        mirror = self.of_folder(folder)
        if mirror is None:
            return None
        mirror.sending(self._copies(), lambda progress: None).run()
        folders = [str(one.relative_to(folder).as_posix())
                   for one in folder.rglob("*") if one.is_dir()]  # fmt: skip
        if folders:
            argv = ["sh", "-c", _FOLDERS, "sh", str(mirror.there)] + folders
            self._transport.run(argv, login_shell=False)
        return MirrorTransport(mirror)

    def after(self, transport: Transport) -> None:
        """Send what came of a submission. Where that fails, the half here has it."""
        if isinstance(transport, MirrorTransport):
            try:
                transport.push()
            except RemoteError as error:
                log.info("not sent after a submission: %s", error)

    # -- from the cluster -------------------------------------------------------------

    def fetch(
        self, jobs: Sequence[Job]
    ) -> Tuple[Tuple[Job, ...], Optional[RemoteError]]:
        """Bring what these jobs wrote; all of it of those that have ended.

        Returns
        -------
        (tuple of Job, RemoteError or None)
            Those that can be judged now, and why the others cannot.
        """
        fine: List[Job] = []
        trouble: Optional[RemoteError] = None
        halves = self._copies().halves()
        for job in jobs:
            is_judged = _has_ended(job)
            try:
                if job.folder not in halves:
                    fine.append(job)
                elif not self._transport.is_connected:
                    if not is_judged:
                        fine.append(job)  # else what it made is there: nothing is known
                elif self._bring(job, Path(halves[job.folder]), is_judged):
                    fine.append(job)
            except RemoteError as error:
                trouble = error
                if not is_judged:
                    fine.append(job)
        return tuple(fine), trouble

    def _bring(self, job: Job, here: Path, everything: bool) -> bool:
        """Bring it, unless that is left to others; whether all is here."""
        lock = self._lock_of(job)
        if not lock.acquire(timeout=-1 if self.leave_to is None else _SHORTLY):
            return False  # others are at it, and it takes long
        try:
            mirror = Mirror(here, job.folder, self._transport)
            fetch = mirror.fetching(everything)
            fetch.look()
            if self.leave_to is None or not fetch.is_long:
                fetch.run()
                return True
        finally:
            lock.release()
        self.leave_to(job)
        return False

    def _lock_of(self, job: Job) -> OnlyOne:
        """Held by whoever brings what a job wrote: another window may want it too."""
        name = hashlib.sha256(job.folder.encode("utf-8", "replace")).hexdigest()[:16]
        path = self._copies().path.parent / "fetching" / name
        with self._guard:
            return self._locks.setdefault(job.uid, OnlyOne(path))

    def bring(self, job: Job) -> None:
        """See that all that a job wrote is here; nothing to do where it is on a mount.

        Raises
        ------
        ResultsMissing
            That takes long, and is left to others.
        """
        mirror = self.of_job(job)
        if mirror is None or not self._transport.is_connected:
            return
        if not self._bring(job, mirror.here, everything=True):
            raise ResultsMissing(
                tr(
                    "The results of this job are still on the cluster: they are "
                    "fetched first. Try again when that is done; if it was stopped, "
                    "press Refresh."
                )
            )

    def bring_long(
        self,
        job: Job,
        told: Told,
        begun: Callable[[Fetch], None],
        waits: Callable[[], None],
    ) -> None:
        """What `leave_to` was asked for: bring all that a job wrote, however long.

        Parameters
        ----------
        begun : callable
            Gets what can be cancelled.
        waits : callable
            Called again and again while another window brings it.

        Raises
        ------
        Cancelled, RemoteError
        """
        mirror = self.of_job(job)
        if mirror is None:
            return
        fetch, lock = mirror.fetching(True, told), self._lock_of(job)
        begun(fetch)
        while not lock.acquire(timeout=_SHORTLY):
            waits()
            fetch.look_whether_wanted()
        try:
            fetch.run()
        finally:
            lock.release()


def _has_ended(job: Job) -> bool:
    return job.state.is_final or job.state is JobState.FINISHING
