"""Submission: exactly once, and every step can be the last before a crash.

folder claimed -> intent in the store, script and intent on the mount (PREPARING) ->
one conversation with the cluster: claim, script and package seen whole there ->
SUBMITTING on the mount and in the store -> the word for sbatch, once -> id on the
mount, then in the store -> claim released. What a crash leaves is settled by
recover.py; nothing is ever sent again.
"""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple

from sleap_remote_plugin.errors import (
    MountNotProven,
    PackageProblem,
    RemoteError,
    StoreProblem,
    SubmissionRefused,
    SubmissionUnconfirmed,
)
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.record import (
    RECORD_NAME,
    SCRIPT_NAME,
    save_intent,
    save_record,
)
from sleap_remote_plugin.session import claim, resubmit
from sleap_remote_plugin.session.mount import (
    MOUNT_DEADLINE,
    meanwhile,
    prove_mount,
    within,
)
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.whole import Look
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds for the look and sbatch; a busy controller answers late.
SBATCH_DEADLINE = 60.0


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
    transport.connect()
    earlier = _claimed(job, folder, store)
    claimed_at = time.time()
    try:
        with store.kept_open():
            submission = _Submission(job, folder, earlier, transport, store, clock)
            look = submission.intend(script, files)
            return submission.send(look, claimed_at)
    finally:
        _release(job, folder)


def _claimed(job: Job, folder: Path, store: Store) -> Optional[Job]:
    """Claim the folder; its earlier job, if any."""

    def take() -> Optional[Job]:
        claim.take(folder, job.uid)
        return claim.earlier_job(folder, store)

    try:
        return within(MOUNT_DEADLINE, take)
    except MountNotProven:
        claim.give_up(job.uid)  # should the mount come to itself and take it after all
        raise
    except BaseException:
        _release(job, folder)
        raise


class _Submission:
    """One job on its way, in a folder that is claimed for it.

    Attributes
    ----------
    sent_at : float or None
        When the word for sbatch was given; until then SLURM has nothing, for certain.
    is_elsewhere : bool
        The folder turned out not to be the cluster's.
    """

    def __init__(
        self,
        job: Job,
        folder: Path,
        earlier: Optional[Job],
        transport: Transport,
        store: Store,
        clock: Callable[[], float],
    ) -> None:
        self.job = job
        self.folder = folder
        self.earlier = earlier
        self.transport = transport
        self.store = store
        self.clock = clock
        self.sent_at: Optional[float] = None
        self.is_elsewhere = False

    def intend(self, script: str, files: Tuple[str, ...]) -> Look:
        """The intent, in the list and on the mount, and the script.

        Neither must outlive a power cut: nothing is sent before _announce().
        """

        def write() -> Look:
            save_intent(self.folder, self.job, script)
            names = (claim.CLAIM_NAME,) + files
            needed = resubmit.read_elsewhere(self.job)
            return Look(self.folder, self.job.folder, script, names, needed)

        try:
            self.store.add(self.job, lasting=False)
            return within(MOUNT_DEADLINE, write)
        except RemoteError as error:
            self._withdraw()
            text = tr("{} Nothing was submitted.").format(error)
            raise StoreProblem(text, detail=error.detail) from error

    def send(self, look: Look, claimed_at: float) -> Job:
        """Have the cluster look and, where all is there, run sbatch; once."""
        try:
            slurm_id = self._sbatch(look, claimed_at)
        except BaseException as error:
            if self.sent_at is None or _is_a_no(error):
                self._withdraw()
                raise
            self._in_doubt(error, self.sent_at)
            if not isinstance(error, Exception):
                raise
        else:
            self._keep(
                state=JobState.QUEUED,
                slurm_id=slurm_id,
                submitted=self.sent_at,
                note="",
            )
        return self.job

    def _sbatch(self, look: Look, claimed_at: float) -> str:
        """SLURM's id of the job: the only place where anything is sent."""
        folder = self.job.folder
        argv = commands.submit("{}/{}".format(folder, SCRIPT_NAME), folder)

        spelling_is_known = False

        def decide(printed: str) -> bool:
            if not look.is_whole(printed):
                return False
            if look.lacks(printed) and not spelling_is_known:
                return False
            self._announce()
            _still_claimed(claimed_at)
            self.sent_at = self.clock()
            return True

        run = self.transport.run_checked
        result = run(look.argv, argv, decide, SBATCH_DEADLINE)
        if result is None:
            self._prove_mount()
            if look.missing:
                raise PackageProblem(
                    tr(
                        "{} is not in {} any more. Nothing was submitted. Export it "
                        "again."
                    ).format(look.missing[0], self.folder)
                )
            look.wait(self.transport)
            look.check_spelling(self.transport)
            spelling_is_known = True
            result = run(look.argv, argv, decide, SBATCH_DEADLINE)
        if result is None:
            raise look.not_whole()
        return output.read_submission(result)

    def _prove_mount(self) -> None:
        """Find out why the cluster does not see the files: another disk, or late."""
        try:
            prove_mount(self.folder, self.job.folder, self.transport)
        except MountNotProven:
            self.is_elsewhere = True
            raise

    def _announce(self) -> None:
        """From here on SLURM may have it; whoever finds it must look there."""
        self.job = self.job.changed(state=JobState.SUBMITTING)
        for trouble in self._write_both():
            if not isinstance(trouble, StoreProblem):
                raise trouble
            raise StoreProblem(
                tr("{} Nothing was submitted.").format(trouble), detail=trouble.detail
            ) from trouble

    def _in_doubt(self, error: BaseException, sent_at: float) -> None:
        text = (
            str(error)
            if isinstance(error, SubmissionUnconfirmed)
            else tr(
                "The answer of SLURM was lost, so it is not known yet whether it took "
                "the job. It is being looked for on the cluster; it is not sent twice."
            )
        )
        detail = getattr(error, "detail", "") or repr(error)
        log.warning("%s: %s (%s)", self.job.slurm_name, text, detail)
        self._keep(state=JobState.UNCONFIRMED, submitted=sent_at, note=text)

    def _keep(self, **values: Any) -> None:
        """What came of it. Where nothing can be written it is looked for, and found."""
        self.job = self.job.changed(**values)
        for trouble in self._write_both():
            if not isinstance(trouble, RemoteError):
                raise trouble
            log.warning("%s: not written: %s", self.job.slurm_name, trouble)

    def _write_both(self) -> List[BaseException]:
        """Write record and list, at the same time: each alone would do."""
        job = self.job
        answers = meanwhile(
            MOUNT_DEADLINE,
            lambda: save_record(self.folder, job),
            lambda: self.store.add(job),
        )
        return [answer for answer in answers if isinstance(answer, BaseException)]

    def _withdraw(self) -> None:
        """Take the intent back: SLURM never had this job. The package stays."""
        job = self.job
        withdrawn = job.changed(
            state=JobState.CANCELLED, note=tr("It was not submitted.")
        )

        def write() -> None:
            if self.is_elsewhere:
                _leave_as_it_was(self.folder, self.earlier)
            else:
                save_record(self.folder, withdrawn)

        try:
            within(MOUNT_DEADLINE, write)
        except RemoteError as error:
            log.warning("%s: record not withdrawn: %s", job.slurm_name, error)
        try:
            self.store.remove(job.uid)
        except StoreProblem as error:
            log.warning("%s: still in the list: %s", job.slurm_name, error)


def _still_claimed(claimed_at: float) -> None:
    """A laptop that slept meanwhile may have been given up by another program.

    (Should the two meet all the same, the batch script lets one of them run.)
    """
    if abs(time.time() - claimed_at) > claim.LEASE / 2:
        raise SubmissionRefused(
            tr(
                "This computer was asleep or too slow while it submitted the job. "
                "Nothing was sent, and the package is kept. Submit it again."
            )
        )


def _leave_as_it_was(folder: Path, earlier: Optional[Job]) -> None:
    """Leave nothing on a disk that is not the cluster's."""
    if earlier is not None:
        save_record(folder, earlier)
        return
    for name in (RECORD_NAME, SCRIPT_NAME):
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def _is_a_no(error: BaseException) -> bool:
    """Whether SLURM has no such job for certain, though the word was given."""
    if not isinstance(error, RemoteError) or isinstance(error, SubmissionUnconfirmed):
        return False
    return not getattr(error, "sent", False)


def _release(job: Job, folder: Path) -> None:
    try:
        within(MOUNT_DEADLINE, lambda: claim.release(folder, job.uid))
    except RemoteError as error:  # it runs out
        log.warning("%s: claim not released: %s", job.slurm_name, error)
