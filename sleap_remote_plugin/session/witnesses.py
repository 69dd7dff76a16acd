"""The jobs' own accounts on the mount, read without keeping anybody waiting.

A network disk may hang. One look is under way at most; while it hangs, SLURM's
answer is told without it. What an account means is in jobs/record.py.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER, WitnessEvent, read_witness
from sleap_remote_plugin.jobs.untrusted import Unfit, read_whole, shown
from sleap_remote_plugin.words import tr

Events = Tuple[WitnessEvent, ...]
#: Size and time of writing of an account, and what was in it.
Known = Dict[Path, Tuple[Tuple[int, int], Events]]

#: Seconds that the mount may take longer than SLURM, before SLURM is told alone.
PATIENCE = 3.0
_HANGS = tr(
    "The mount has not answered for {:.0f} seconds. Jobs on the cluster go on, and "
    "SLURM is asked all the same. Check the network or mount the disk again."
)


class Seen(NamedTuple):
    """What a look at the mount brought; `events` of each job that was looked at."""

    events: Dict[str, Events] = {}
    troubles: Tuple[str, ...] = ()


class _Look:
    """One look at the folders of all jobs, in a thread of its own."""

    def __init__(self, work: Callable[[], Seen]) -> None:
        self.begun = time.monotonic()
        self.seen: Optional[Seen] = None
        self._thread = threading.Thread(
            target=self._run, args=(work,), name="witnesses", daemon=True
        )
        self._thread.start()

    def _run(self, work: Callable[[], Seen]) -> None:
        self.seen = work()

    def wait(self, seconds: float) -> Optional[Seen]:
        self._thread.join(seconds)
        return self.seen

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()


class Witnesses:
    """Reads accounts; a file that has not changed is not read again."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._look: Optional[_Look] = None
        self._known: Known = {}

    @property
    def hangs(self) -> bool:
        """Whether a look at the mount has been under way for too long."""
        look = self._look
        if look is None or not look.is_alive:
            return False
        return time.monotonic() - look.begun > self.patience

    def begin(self, jobs: Sequence[Job], local_folder: Callable[[Job], Path]) -> None:
        """Begin to look, unless a look is under way."""
        if self._look is None:
            self._look = _Look(lambda: self._read_all(jobs, local_folder))

    def answer(self) -> Seen:
        """What was seen; nothing but a sentence where the mount does not answer."""
        look = self._look
        if look is None:
            return Seen()
        seen = look.wait(0.0 if self.hangs else self.patience)
        if seen is None:
            return Seen({}, (_HANGS.format(time.monotonic() - look.begun),))
        self._look = None
        return seen

    def _read_all(
        self, jobs: Sequence[Job], local_folder: Callable[[Job], Path]
    ) -> Seen:
        found: Dict[str, Events] = {}
        troubles: List[str] = []
        for job in jobs:
            try:
                folder = local_folder(job)
                if not folder.is_dir() and not folder.parent.is_dir():
                    troubles.append(
                        tr("{} is not there just now.").format(folder.parent)
                    )
                    continue
                found[job.uid] = read_accounts(folder, self._known)
            except Exception as error:  # one job's folder is no other job's trouble
                troubles.append(_sentence(job, error))
        return Seen(found, tuple(dict.fromkeys(troubles)))


def read_accounts(folder: Path, known: Known) -> Events:
    """All accounts in a job's folder.

    Parameters
    ----------
    known : dict
        What was read before: a file that has not changed is not read again.

    Raises
    ------
    OSError, Unfit
        One of them cannot be read.
    """
    events: List[WitnessEvent] = []
    home = folder / WITNESS_FOLDER
    if not home.is_dir():
        return ()
    for path in sorted(home.glob("*.jsonl")):
        status = path.stat()
        mark = (status.st_size, status.st_mtime_ns)
        before = known.get(path)
        if before is None or before[0] != mark:
            text = read_whole(path).decode("utf-8", "replace")
            before = (mark, read_witness(text))
            known[path] = before
        events.extend(before[1])
    return tuple(events)


def _sentence(job: Job, error: Exception) -> str:
    if isinstance(error, OSError):
        return tr("The folder {} cannot be read: {}.").format(
            job.folder, error.strerror
        )
    if isinstance(error, Unfit):
        return tr("The account of the job in {} {}.").format(shown(job.folder), error)
    return str(error)
