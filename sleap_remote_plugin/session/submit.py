"""Submission: exactly once, and every step can be the last before a crash.

mount proven -> folder claimed -> intent in the store and on the mount (PREPARING) ->
script -> claim, script and package seen whole on the cluster -> SUBMITTING on the
mount and in the store -> sbatch, once -> id on the mount, then in the store -> claim
released. What a crash leaves is settled by recover.py; nothing is ever sent again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path
from typing import Callable, Dict, Tuple

from sleap_remote_plugin.errors import (
    AlreadySubmitted,
    MountNotProven,
    RemoteError,
    StoreProblem,
    SubmissionRefused,
    SubmissionUnconfirmed,
)
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.record import (
    RECORD_NAME,
    SCRIPT_NAME,
    load_record,
    save_record,
    save_whole,
)
from sleap_remote_plugin.session import claim
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
    AlreadySubmitted
        The folder has a job, or is being submitted; nothing was sent for this one.
    """
    prove_mount(folder, job.folder, transport)
    within(MOUNT_DEADLINE, lambda: claim.take(folder, job.uid))
    claimed_at = time.time()
    try:
        within(MOUNT_DEADLINE, lambda: _has_no_job(folder, store))
        _intend(job, folder, script, store)
        try:
            _seen_whole(job, folder, script, files, transport)
            job = _announce(job, folder, store)
            _still_claimed(claimed_at)
        except BaseException:
            _withdraw(job, folder, store)
            raise
        return _send(job, folder, transport, store, clock)
    finally:
        _release(job, folder)


def _has_no_job(folder: Path, store: Store) -> None:
    """A folder's earlier job must have ended, or never have begun."""
    if not (folder / RECORD_NAME).exists():
        return
    try:
        earlier = load_record(folder)
    except StoreProblem as error:
        raise AlreadySubmitted(
            "{} Nothing was submitted: that folder may have a job already. Export "
            "again, into a new folder.".format(error),
            detail=error.detail,
        ) from error
    known = store.get(earlier.uid)
    state = (known or earlier).state
    if state.is_final or state is JobState.PREPARING:
        return
    if state in (JobState.SUBMITTING, JobState.UNCONFIRMED):
        if known is None:
            store.add(earlier)  # settled from here on, like any other
        raise AlreadySubmitted(
            "It is not known yet whether an earlier job of {} reached SLURM. Nothing "
            "was sent a second time. The earlier one is being looked for; see the list "
            "of jobs.".format(folder)
        )
    raise AlreadySubmitted(
        "{} has a job already, SLURM job {}. Nothing was sent a second time. Wait for "
        "its end or cancel it, or export again.".format(
            folder, (known or earlier).slurm_id or "of unknown id"
        )
    )


def _intend(job: Job, folder: Path, script: str, store: Store) -> None:
    """The intent, in the list and on the mount, and the script."""
    data = script.encode("utf-8")

    def write() -> None:
        save_record(folder, job)
        save_whole(folder / SCRIPT_NAME, data)

    try:
        store.add(job)
        within(MOUNT_DEADLINE, write)
    except (OSError, RemoteError) as error:
        _withdraw(job, folder, store)
        text = str(error)
        if isinstance(error, OSError):
            text = "The batch script could not be written to {}: {}.".format(
                folder, error.strerror or error
            )
        raise StoreProblem(
            text + " Nothing was submitted.", detail=getattr(error, "detail", "")
        ) from error


def _announce(job: Job, folder: Path, store: Store) -> Job:
    """From here on the job may be on the cluster; whoever finds it must look there."""
    job = job.changed(state=JobState.SUBMITTING)
    within(MOUNT_DEADLINE, lambda: save_record(folder, job))
    store.add(job)
    return job


def _still_claimed(claimed_at: float) -> None:
    """A laptop that slept meanwhile may have been given up by another program.

    (Should the two meet all the same, the batch script lets one of them run.)
    """
    if abs(time.time() - claimed_at) > claim.LEASE / 2:
        raise SubmissionRefused(
            "This computer was asleep or too slow while it submitted the job. Nothing "
            "was sent, and the package is kept. Submit it again."
        )


def _send(
    job: Job,
    folder: Path,
    transport: Transport,
    store: Store,
    clock: Callable[[], float],
) -> Job:
    sent_at = clock()
    try:
        slurm_id = _sbatch(job, transport)
    except RemoteError as error:
        if not (isinstance(error, SubmissionUnconfirmed) or _was_sent(error)):
            _withdraw(job, folder, store)
            raise
        job = _in_doubt(job, error, sent_at)
    except Exception as error:
        job = _in_doubt(job, error, sent_at)
    except BaseException as error:
        _keep(_in_doubt(job, error, sent_at), folder, store)
        raise
    else:
        job = job.changed(
            state=JobState.QUEUED, slurm_id=slurm_id, submitted=sent_at, note=""
        )
    _keep(job, folder, store)
    return job


def _sbatch(job: Job, transport: Transport) -> str:
    """SLURM's id of the job: the only place where anything is sent."""
    argv = commands.submit("{}/{}".format(job.folder, SCRIPT_NAME), job.folder)
    return output.read_submission(transport.run(argv, timeout=SBATCH_DEADLINE))


def _was_sent(error: RemoteError) -> bool:
    return bool(getattr(error, "sent", False))


def _in_doubt(job: Job, error: BaseException, sent_at: float) -> Job:
    text = (
        str(error)
        if isinstance(error, SubmissionUnconfirmed)
        else "The answer of SLURM was lost, so it is not known yet whether it took the "
        "job. It is being looked for on the cluster; it is not sent twice."
    )
    detail = getattr(error, "detail", "") or repr(error)
    log.warning("%s: %s (%s)", job.slurm_name, text, detail)
    return job.changed(state=JobState.UNCONFIRMED, submitted=sent_at, note=text)


def _keep(job: Job, folder: Path, store: Store) -> None:
    """What came of it, on the mount first. The job is there, whatever fails here."""
    try:
        within(MOUNT_DEADLINE, lambda: save_record(folder, job))
    except RemoteError as error:
        log.warning("%s: record not updated: %s", job.slurm_name, error)
    try:
        store.add(job)
    except StoreProblem as error:  # it is SUBMITTING there: looked for, and found
        log.warning("%s: list not updated: %s", job.slurm_name, error)


def _withdraw(job: Job, folder: Path, store: Store) -> None:
    """Take the intent back: SLURM never had this job. The package stays."""
    withdrawn = job.changed(state=JobState.CANCELLED, note="It was not submitted.")
    try:
        within(MOUNT_DEADLINE, lambda: save_record(folder, withdrawn))
    except RemoteError as error:
        log.warning("%s: record not withdrawn: %s", job.slurm_name, error)
    try:
        store.remove(job.uid)
    except StoreProblem as error:
        log.warning("%s: still in the list: %s", job.slurm_name, error)


def _release(job: Job, folder: Path) -> None:
    try:
        within(MOUNT_DEADLINE, lambda: claim.release(folder, job.uid))
    except RemoteError as error:  # it runs out
        log.warning("%s: claim not released: %s", job.slurm_name, error)


def _seen_whole(
    job: Job, folder: Path, script: str, files: Tuple[str, ...], transport: Transport
) -> None:
    """Wait until the cluster sees the script and every file with the right size."""
    digest = hashlib.sha256(script.encode("utf-8")).hexdigest()
    names = (claim.CLAIM_NAME,) + files
    sizes: Dict[str, int] = within(
        MOUNT_DEADLINE,
        lambda: {name: (folder / name).stat().st_size for name in names},
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
