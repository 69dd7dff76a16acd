"""What a job's state is called."""

from __future__ import annotations

from typing import Dict

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.words import tr

TEXTS: Dict[JobState, str] = {
    JobState.PREPARING: tr("Preparing"),
    JobState.SUBMITTING: tr("Submitting"),
    JobState.UNCONFIRMED: tr("Unconfirmed"),
    JobState.QUEUED: tr("Queued"),
    JobState.RUNNING: tr("Running"),
    JobState.FINISHING: tr("Finishing"),
    JobState.COMPLETED: tr("Completed"),
    JobState.INCOMPLETE: tr("Incomplete"),
    JobState.FAILED: tr("Failed"),
    JobState.TIMED_OUT: tr("Timed out"),
    JobState.OUT_OF_MEMORY: tr("Out of memory"),
    JobState.CANCELLED: tr("Cancelled"),
    JobState.NODE_FAILED: tr("Node failed"),
    JobState.PREEMPTED: tr("Preempted"),
    JobState.LOST: tr("Lost"),
}
