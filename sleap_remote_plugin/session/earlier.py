"""Loss curves of a project's earlier rounds, to be drawn behind those of a training."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.jobs.metrics import rounds_before
from sleap_remote_plugin.jobs.progress import EpochPoint, read_training_log
from sleap_remote_plugin.jobs.untrusted import Unfit, read_whole, shown
from sleap_remote_plugin.session.artefacts import inside

#: Rounds that are drawn of each model: more of them tell less.
MOST_ROUNDS = 3
#: Rounds that are looked into for them.
_MOST_LOOKED = 8
_MOST_BYTES = 4 << 20


class EarlierCurve(NamedTuple):
    """One model's curve in an earlier round.

    Attributes
    ----------
    head : str
        The model's, as in the later round.
    name : str
        The earlier job's.
    """

    head: str
    name: str
    curve: Tuple[EpochPoint, ...]


class EarlierCurves:
    """Reads them; a log that has not changed is not read again."""

    _MOST = 200

    def __init__(self) -> None:
        self._known: Dict[Path, Tuple[Tuple[int, int], Tuple[EpochPoint, ...]]] = {}
        self._lock = threading.Lock()

    def of(
        self, job: Job, jobs: Sequence[Job], local_folder: Callable[[Job], Path]
    ) -> Tuple[EarlierCurve, ...]:
        """The last rounds before a training, for each of its models, newest first."""
        wanted = {task.title: MOST_ROUNDS for task in job.tasks}
        found: List[EarlierCurve] = []
        for earlier in rounds_before(job, jobs)[:_MOST_LOOKED]:
            for task in earlier.tasks:
                if not wanted.get(task.title):
                    continue
                try:
                    path = inside(local_folder(earlier), task.output)
                    curve = self._curve(path / "training_log.csv")
                except (RemoteError, OSError, Unfit):
                    continue  # its disk is away, or it was removed: not a fault here
                if curve:
                    wanted[task.title] -= 1
                    found.append(EarlierCurve(task.title, shown(earlier.name), curve))
        return tuple(found)

    def _curve(self, path: Path) -> Tuple[EpochPoint, ...]:
        status = path.stat()
        mark = (status.st_size, status.st_mtime_ns)
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == mark:
            return known[1]
        text = read_whole(path, _MOST_BYTES).decode("utf-8", "replace")
        curve = read_training_log(text)
        with self._lock:
            if len(self._known) >= self._MOST:
                self._known.clear()
            self._known[path] = (mark, curve)
        return curve
