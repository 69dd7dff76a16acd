"""Open jobs of clusters that are not in use: not followed here, but told.

They are read from the list of jobs when a cluster is chosen.
"""

from __future__ import annotations

from collections import Counter
from typing import Callable, Dict, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.words import counted, tr


class Elsewhere(QObject):
    """One window's.

    Parameters
    ----------
    titles : callable
        Each cluster's title by its name, of those that have a profile.
    """

    changed = Signal()

    def __init__(self, titles: Callable[[], Dict[str, str]], parent: QObject) -> None:
        super().__init__(parent)
        self._titles = titles
        self._asked: Optional[Connection] = None
        self._jobs: Tuple[Job, ...] = ()

    def look(self, connection: Optional[Connection]) -> None:
        """Read them anew; `connection` is of the cluster in use."""
        self._asked, self._jobs = connection, ()
        if connection is not None:
            connection.local(
                lambda session: session.open_elsewhere(),
                lambda jobs: self._on_found(connection, jobs),
            )

    def _on_found(self, asked: Connection, jobs: Sequence[Job]) -> None:
        if asked is self._asked:
            self._jobs = tuple(jobs)
            self.changed.emit()

    def text(self) -> str:
        """``Open elsewhere, when last looked at: 1 job on ...``; empty for none."""
        titles, counts = self._titles(), Counter(job.cluster for job in self._jobs)
        told = [
            tr("{} on {}").format(counted(count, "job"), titles.get(name, name))
            for name, count in sorted(counts.items())
        ]
        if not told:
            return ""
        return tr("Open elsewhere, when last looked at: {}.").format(", ".join(told))
