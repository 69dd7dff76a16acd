"""What a finished prediction found, told before it is loaded."""

from __future__ import annotations

import logging
from typing import Any, Dict

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

NOTHING_FOUND = tr(
    "The models found no animal on any frame: there is nothing to load. Label more "
    "frames or train for longer, and predict again."
)


class Predicted:
    """Counts each job's predictions once."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._known: Dict[str, str] = {}

    def warning(self, session: Any, job: Job) -> str:
        """A sentence where a job's files hold no animal (*files lane*)."""
        if job.kind is not JobKind.PREDICT or job.state is not JobState.COMPLETED:
            return ""
        if job.uid not in self._known:
            self._known[job.uid] = self._look(session, job)
        return self._known[job.uid]

    def _look(self, session: Any, job: Job) -> str:
        try:
            files = session.results(job).predictions
            found = sum(self._host.count_predictions(one.path) for one in files)
        except (RemoteError, OSError) as error:  # said when they are loaded
            log.info("Not counted: the predictions of %s: %s", job.slurm_name, error)
            return ""
        return "" if found else NOTHING_FOUND
