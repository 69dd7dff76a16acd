"""What a crash or a lost answer left of a submission: finished, adopted, or given up.

Any program that sees the mount does this, for its own user's jobs. Nothing is sent to
SLURM here but questions. How a submission goes is in submit.py.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError, StoreProblem
from sleap_remote_plugin.jobs.job import Job, JobReport, JobState, advance
from sleap_remote_plugin.jobs.record import (
    RECORD_NAME,
    WITNESS_FOLDER,
    load_record,
    read_witness,
    save_record,
)
from sleap_remote_plugin.jobs.untrusted import Unfit, read_whole
from sleap_remote_plugin.session import claim
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.slurm.submission import read_date
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds from the first to the last time that squeue and sacct both say that they
#: know no such job, until it counts as never taken. An sbatch that is cut off may
#: still be trying, and the accounts lag behind.
DOUBT_PATIENCE = 900.0
#: Seconds between two looks while a submission is unsettled.
UNSETTLED_POLL = 5.0

_UNSETTLED = (JobState.PREPARING, JobState.SUBMITTING, JobState.UNCONFIRMED)
_LOOKED_FOR = tr(
    "The program was ended while it submitted this job, so it is not known yet whether "
    "SLURM took it. It is being looked for on the cluster; it is not sent twice."
)


def is_unsettled(job: Job) -> bool:
    """Whether it is not known yet if SLURM has the job."""
    return job.state in _UNSETTLED


class Traces(NamedTuple):
    """What the mount tells of a submission.

    Attributes
    ----------
    at_work : bool
        A program that lives is submitting it just now.
    record : Job or None
        None: it is missing, cannot be read, or is another job's.
    owner : str
        The SLURM id that the batch script runs under; empty: it has not begun.
    """

    at_work: bool = False
    record: Optional[Job] = None
    owner: str = ""


class Answer(NamedTuple):
    """What SLURM knows of a job's name.

    Attributes
    ----------
    reports : tuple of JobReport
        Of all jobs of that name.
    everybody : bool
        Both squeue and sacct were able to answer.
    asked_at : float
        Seconds since the epoch, by the cluster's clock.
    """

    reports: Tuple[JobReport, ...]
    everybody: bool
    asked_at: float


class Recovery:
    """Settles submissions that were cut short.

    Parameters
    ----------
    to_local : callable
        This machine's spelling of a cluster path.
    """

    def __init__(
        self,
        transport: Transport,
        store: Store,
        to_local: Callable[[str], Path],
        clock: Callable[[], float],
    ) -> None:
        self.transport = transport
        self.store = store
        self.to_local = to_local
        self.clock = clock

    def settle(self, jobs: Sequence[Job]) -> Tuple[str, ...]:
        """Settle what can be settled now; sentences on what became of each.

        Raises
        ------
        RemoteError
            The cluster could not be asked; what the mount alone could tell is done.
        """
        told: List[str] = []
        trouble: Optional[RemoteError] = None
        for job in jobs:
            if not is_unsettled(job):
                continue
            try:
                told.extend(self._settle(job, trouble is None))
            except RemoteError as error:
                trouble = error
        if trouble is not None:
            raise trouble
        return tuple(told)

    def _settle(self, job: Job, may_ask: bool) -> List[str]:
        traces = self._traces(job)
        if traces is not None and traces.at_work:
            return []
        if traces is not None:
            settled = by_traces(job, traces, self.clock())
            if settled is not None:
                return self._write(job, settled)
        if not may_ask or (traces is None and job.state is JobState.PREPARING):
            return []
        answer = ask_by_name(job, self.transport, self.clock())
        now = self.clock()
        silent = traces is not None and not traces.owner
        return self._write(job, by_answer(job, answer, traces, silent, now))

    def _traces(self, job: Job) -> Optional[Traces]:
        """None: the mount does not answer."""
        try:
            folder = self.to_local(job.folder)
            return within(MOUNT_DEADLINE, lambda: read_traces(folder, job.uid))
        except (RemoteError, OSError) as error:
            log.warning("%s: mount not read: %s", job.slurm_name, error)
            return None

    def _write(self, before: Job, after: Job) -> List[str]:
        if after == before:
            return []
        kept = self.store.update(
            before.uid, lambda now: after if is_unsettled(now) else now
        )
        if kept is None or after.state is before.state:
            return []
        after = after.changed(events=kept.events)
        if kept != after:
            return []
        try:
            folder = self.to_local(after.folder)
            within(MOUNT_DEADLINE, lambda: _save(folder, after))
        except RemoteError as error:
            log.warning("%s: record not updated: %s", after.slurm_name, error)
        return ["{}: {}".format(after.name, _what_came(after))]


def _save(folder: Path, job: Job) -> None:
    if folder.is_dir():
        save_record(folder, job)
        claim.release(folder, job.uid)


def _what_came(job: Job) -> str:
    if job.slurm_id:
        return tr("SLURM has this job, as {}. It was sent once.").format(job.slurm_id)
    return job.note


def read_traces(folder: Path, uid: str) -> Traces:
    """What a job's folder tells of its submission."""
    found = claim.holder(folder)
    at_work = found is not None and claim.is_at_work(folder, found)
    record = None
    if (folder / RECORD_NAME).exists():
        try:
            record = load_record(folder)
        except StoreProblem as error:
            log.warning("%s (%s)", error, error.detail)
    if record is not None and record.uid != uid:
        record = None
    ours = found is not None and found.uid in (uid, "")
    return Traces(at_work and ours, record, _owner(folder, uid))


def _text(path: Path) -> str:
    try:
        return read_whole(path).decode("utf-8", "replace")
    except Unfit:  # somebody else's pipe or the like: it says nothing
        return ""


def _owner(folder: Path, uid: str) -> str:
    path = folder / WITNESS_FOLDER / "owner.{}".format(uid)
    if not path.is_file():
        return ""
    text = _text(path).strip()
    if re.fullmatch(r"[1-9]\d{0,17}", text, re.ASCII):
        return text
    for witness in sorted(path.parent.glob("*.jsonl")):
        for event in read_witness(_text(witness)):
            if re.fullmatch(r"[1-9]\d{0,17}", event.slurm_id, re.ASCII):
                return event.slurm_id
    return ""


def by_traces(job: Job, traces: Traces, now: float) -> Optional[Job]:
    """The job as the mount alone settles it; None where SLURM must be asked."""
    record = traces.record
    if record is not None and record.slurm_id:  # ended between record and list
        return record.changed(folder=job.folder)
    if traces.owner:
        submitted = job.submitted or now
        return job.changed(
            slurm_id=traces.owner, state=JobState.QUEUED, submitted=submitted, note=""
        )
    announced = record is not None and record.state is not JobState.PREPARING
    if job.state is JobState.PREPARING and not announced:
        return job.changed(
            state=JobState.CANCELLED,
            state_since=now,
            note=tr(
                "The program was ended before it sent this job. Nothing was "
                "submitted, and the package is kept. Submit it again."
            ),
        )
    if record is not None and record.state.is_final:  # withdrawn, or given up elsewhere
        return record.changed(folder=job.folder)
    return None


def by_answer(
    job: Job, answer: Answer, traces: Optional[Traces], silent: bool, now: float
) -> Job:
    """The job after SLURM was asked for its name.

    Parameters
    ----------
    silent : bool
        The mount was read, and the job has not begun.
    """
    if answer.reports:
        return adopted(job, chosen(answer.reports), now)
    state = JobState.UNCONFIRMED
    note = job.note if job.state is state and job.note else _LOOKED_FOR
    job = job.changed(state=state, note=note, submitted=job.submitted or job.created)
    if not (answer.everybody and silent):
        return job
    since = job.unknown_since
    if since is None or since > answer.asked_at:
        return job.changed(unknown_since=answer.asked_at)
    if answer.asked_at - since < DOUBT_PATIENCE:
        return job
    return job.changed(
        state=JobState.LOST,
        state_since=now,
        note=tr(
            "SLURM knows no such job and it never started, so it was not taken. "
            "The package is kept; submit it again."
        ),
    )


def chosen(reports: Sequence[JobReport]) -> JobReport:
    """Of several SLURM jobs of one name, the first: it has the folder.

    (A second one does nothing: see the batch script.)
    """
    first = min(int(report.slurm_id) for report in reports)
    mine = [report for report in reports if int(report.slurm_id) == first]
    return max(mine, key=lambda report: report.state is not None)


def adopted(job: Job, report: JobReport, now: float) -> Job:
    """The job once it was found on the cluster after all."""
    job = job.changed(
        slurm_id=report.slurm_id,
        state=JobState.QUEUED,
        submitted=job.submitted or now,
        note="",
        unknown_since=None,
    )
    if report.state is not None and report.state.is_final and report.task:
        return job  # one task of an array: the monitor sees the whole
    return advance(job, report, now)


def ask_by_name(job: Job, transport: Transport, now: float) -> Answer:
    """Ask squeue, and then sacct, for the job's unique name."""
    everybody, asked_at = True, now
    questions = (
        (commands.find_in_queue(job.slurm_name), output.read_queue),
        (
            commands.find_in_accounting(job.slurm_name, now - (job.created or now)),
            output.read_accounting,
        ),
    )
    for argv, read in questions:
        result = transport.run(commands.dated(argv))
        asked_at = read_date(result.stdout, now)
        found = tuple(r for r in read(result.stdout) if r.name == job.slurm_name)
        if found:
            return Answer(found, True, asked_at)
        everybody = everybody and _answered(result)
    return Answer((), everybody, asked_at)


def _answered(result: object) -> bool:
    """A cluster without accounts has said all that it will ever say."""
    if getattr(result, "exit_code", 1) == 0:
        return True
    return "accounting storage is disabled" in getattr(result, "stderr", "").lower()
