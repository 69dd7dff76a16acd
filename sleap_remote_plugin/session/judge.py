"""How a job ended, judged by what it made. Which artefacts there are: collect.py."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional, Sequence

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.session import collect
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.words import tr

#: Seconds that results may take to appear on the mount after the job's end.
ARTEFACT_GRACE = 60.0
#: Seconds for which a folder that is not there may come back: its disk is not mounted,
#: or somebody moved it.
FOLDER_GRACE = 3600.0


def is_to_be_judged(job: Job) -> bool:
    """Whether a job's end was told, and its artefacts decide what it is.

    FINISHING alone is no end: a cancelled job is that too, while SLURM clears up.
    """
    if not job.tasks:
        return False
    if job.state is JobState.FAILED:
        return True
    return job.state is JobState.FINISHING and job.ended is not None


def judged(job: Job, folder: Path, now: float) -> Job:
    """A job that has ended, judged by what it made.

    COMPLETED means that every artefact exists and is whole. Until a minute after
    the end a missing one may still appear on the mount, and for an hour the folder.
    """
    if not is_to_be_judged(job):
        return job
    faults = within(MOUNT_DEADLINE, lambda: _faults(job, folder))
    if faults is None:
        return _without_folder(job, folder, now)
    if job.state is JobState.FAILED:
        return _judged_failure(job, folder, faults)
    if not faults:
        return job.changed(state=JobState.COMPLETED, state_since=now, note="")
    if now - (job.state_since or 0.0) < ARTEFACT_GRACE:
        return job
    return job.changed(
        state=JobState.INCOMPLETE,
        state_since=now,
        note=tr(
            "The job ended without an error, but: {} Read its log, then run it again."
        ).format(" ".join(faults)),
    )


def _faults(job: Job, folder: Path) -> Optional[List[str]]:
    """What is missing or broken; None where the whole folder is not there."""
    if not folder.is_dir():
        return None
    return [fault for fault in collect.faults_of(job, folder) if fault]


def _without_folder(job: Job, folder: Path, now: float) -> Job:
    if job.state is JobState.FAILED:
        return job
    if now - (job.state_since or 0.0) < FOLDER_GRACE:
        return job.changed(
            note=tr(
                "The job has ended, and its folder {} is not there just now: what it "
                "made is looked at when it is. Mount the disk; of a folder that was "
                "moved, `sleap-remote jobs --find` finds the new place."
            ).format(folder)
        )
    return job.changed(
        state=JobState.INCOMPLETE,
        state_since=now,
        note=tr(
            "The job ended without an error, but its folder {} has not been there "
            "since. If it was moved, `sleap-remote jobs --find` finds the new "
            "place."
        ).format(folder),
    )


def _judged_failure(job: Job, folder: Path, faults: Sequence[str]) -> Job:
    """An error code though everything is there: SLEAP failed after its work."""
    ended_well = job.kind is JobKind.PREDICT or all(
        collect.is_finished_run(folder / task.output) for task in job.tasks
    )
    if faults or not ended_well:
        return job
    return job.changed(
        state=JobState.COMPLETED,
        note=tr(
            "The job ended with exit code {}, though everything that it should make "
            "is there and whole."
        ).format(job.exit_code or "unknown"),
    )
