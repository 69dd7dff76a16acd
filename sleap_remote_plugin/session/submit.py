"""Submission: exactly once, and every step can be the last before a crash.

mount proven -> intent recorded on the mount -> script written -> script and package
seen whole on the cluster -> sbatch, once -> id recorded. After any doubt the job is
UNCONFIRMED: it is looked for by its name (`find_submission`), never sent again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path
from typing import Callable, Dict, Optional, Tuple

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    MountNotProven,
    RemoteError,
    ShellTrouble,
    StoreProblem,
    SubmissionUnconfirmed,
)
from sleap_remote_plugin.jobs.job import Job, JobReport, JobState, advance
from sleap_remote_plugin.jobs.record import SCRIPT_NAME, save_record, save_whole
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, prove_mount, within
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.ssh.transport import Transport

log = logging.getLogger(__name__)

#: Seconds that files written here may take to be seen whole on the cluster.
VISIBLE_WITHIN = 30.0
#: Seconds for sbatch; a busy controller answers late.
SBATCH_DEADLINE = 60.0

_SIZES = (
    'cd -- "$1" && shift && sha256sum -- "$1" && shift && '
    'for name; do wc -c < "$name"; done'
)


def submit(
    job: Job,
    folder: Path,
    script: str,
    files: Tuple[str, ...],
    transport: Transport,
    store: Store,
    clock: Callable[[], float] = time.time,
) -> Job:
    """Send one job to SLURM.

    Parameters
    ----------
    job : Job
        In state PREPARING, with its folder as the cluster spells it.
    folder : Path
        The same folder as this machine spells it; it exists.
    script : str
        The batch script.
    files : tuple of str
        Names in the folder that must have arrived before the job may start.

    Returns
    -------
    Job
        QUEUED, or UNCONFIRMED where SLURM's answer was lost.

    Raises
    ------
    MountNotProven, ConnectionFailed, SubmissionRefused, ClusterBusy
        Nothing was submitted; the job is in no list.
    """
    prove_mount(folder, job.folder, transport)
    job = job.changed(state=JobState.SUBMITTING)
    try:
        _save_intent(job, folder, script, store)
        _seen_whole(job, folder, script, files, transport)
        job = _sbatch(job, transport, clock)
    except SubmissionUnconfirmed as doubt:
        job = job.changed(
            state=JobState.UNCONFIRMED, submitted=clock(), note=str(doubt)
        )
        log.warning("%s: %s (%s)", job.slurm_name, doubt, doubt.detail)
    except RemoteError:
        _withdraw(job, folder, store)
        raise
    store.add(job)
    try:
        within(MOUNT_DEADLINE, lambda: save_record(folder, job))
    except RemoteError as error:
        # The job is on the cluster and in the store: say so, and go on.
        log.warning("%s: record not updated: %s", job.slurm_name, error)
    return job


def _save_intent(job: Job, folder: Path, script: str, store: Store) -> None:
    data = script.encode("utf-8")

    def write() -> None:
        save_record(folder, job)
        save_whole(folder / SCRIPT_NAME, data)

    try:
        within(MOUNT_DEADLINE, write)
    except OSError as error:
        raise StoreProblem(
            "The batch script could not be written to {}: {}. Nothing was submitted. "
            "Check that the mount has space and can be written.".format(
                folder, error.strerror or error
            )
        ) from error
    store.add(job)


def _withdraw(job: Job, folder: Path, store: Store) -> None:
    """Take the intent back: SLURM never had this job. The package stays."""
    store.remove(job.uid)
    try:
        within(
            MOUNT_DEADLINE,
            lambda: save_record(
                folder,
                job.changed(state=JobState.CANCELLED, note="It was not submitted."),
            ),
        )
    except RemoteError as error:
        log.warning("%s: record not withdrawn: %s", job.slurm_name, error)


def _seen_whole(
    job: Job, folder: Path, script: str, files: Tuple[str, ...], transport: Transport
) -> None:
    """Wait until the cluster sees the script and every file with the right size."""
    digest = hashlib.sha256(script.encode("utf-8")).hexdigest()
    sizes: Dict[str, int] = within(
        MOUNT_DEADLINE,
        lambda: {name: (folder / name).stat().st_size for name in files},
    )
    argv = ["sh", "-c", _SIZES, "sh", job.folder, SCRIPT_NAME] + list(sizes)
    deadline = time.monotonic() + VISIBLE_WITHIN
    while True:
        seen = transport.run(argv, login_shell=False)
        lines = seen.stdout.split("\n")
        there = [line.strip() for line in lines[1:] if line.strip()]
        if lines[0].split(" ")[0] == digest and there == [
            str(size) for size in sizes.values()
        ]:
            return
        if time.monotonic() > deadline:
            raise MountNotProven(
                "The cluster does not see the job's files whole in {} yet. Nothing "
                "was submitted, and the package is kept. Try again in a minute.".format(
                    job.folder
                ),
                detail=seen.stdout + seen.stderr,
            )
        time.sleep(0.5)


def _sbatch(job: Job, transport: Transport, clock: Callable[[], float]) -> Job:
    argv = commands.submit("{}/{}".format(job.folder, SCRIPT_NAME), job.folder)
    try:
        result = transport.run(argv, timeout=SBATCH_DEADLINE)
    except (ConnectionFailed, ShellTrouble) as error:
        if not error.sent:
            raise
        raise _doubt(error) from error
    slurm_id = output.read_submission(result)
    return job.changed(
        state=JobState.QUEUED, slurm_id=slurm_id, submitted=clock(), note=""
    )


def _doubt(error: RemoteError) -> SubmissionUnconfirmed:
    return SubmissionUnconfirmed(
        "The answer of SLURM was lost, so it is not known yet whether it took the "
        "job. It is being looked for on the cluster; it is not sent twice.",
        detail=str(error),
    )


def find_submission(
    job: Job, transport: Transport, now: float
) -> Tuple[Optional[JobReport], bool]:
    """Look for a job whose submission was in doubt, by its unique name.

    Returns
    -------
    (JobReport or None, bool)
        What was found; and whether both squeue and sacct were able to answer, so
        that None means "not there (yet)".
    """
    answered = True
    for argv, read in (
        (commands.find_in_queue(job.slurm_name), output.read_queue),
        (
            commands.find_in_accounting(job.slurm_name, now - (job.created or now)),
            output.read_accounting,
        ),
    ):
        result = transport.run(argv)
        found = read(result.stdout)
        named = [r for r in found if not r.name or r.name == job.slurm_name]
        if named:
            return named[-1], True
        answered = answered and result.exit_code == 0
    return None, answered


def adopted(job: Job, report: JobReport, now: float) -> Job:
    """The job once it was found on the cluster after all."""
    job = job.changed(slurm_id=report.slurm_id, state=JobState.QUEUED, note="")
    return advance(job, report, now)
