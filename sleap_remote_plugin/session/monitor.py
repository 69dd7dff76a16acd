"""How the open jobs stand: their own accounts on the mount, and SLURM's.

Both are asked at once, and neither waits for the other. Absence is never an end: a job
that nobody speaks of keeps its last state. What SLURM is asked is in query.py, when in
pace.py; whether a submission that was cut short reached SLURM is settled in recover.py.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.chain import waiting_words
from sleap_remote_plugin.jobs.job import (
    Job,
    JobKind,
    JobReport,
    JobState,
    advance,
    completed,
)
from sleap_remote_plugin.jobs.record import WitnessEvent, witness_report
from sleap_remote_plugin.session.pace import is_followed
from sleap_remote_plugin.session.query import Answer, Query, combined, has_ended
from sleap_remote_plugin.session.shared import Turn
from sleap_remote_plugin.session.witnesses import Events, Seen, Witnesses
from sleap_remote_plugin.slurm import output
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds that SLURM and the witness may both be silent on a job before it is LOST.
SILENCE_PATIENCE = 3600.0
#: Seconds of silence that the user is not told of.
_QUIET = 300.0
#: Seconds after which being heard of once more is worth writing down.
_HEARD = 60.0

Change = Callable[[Job], Job]


class Monitor:
    """Asks how jobs stand.

    Parameters
    ----------
    local_folder : callable
        The job's folder as this machine spells it.
    """

    def __init__(
        self,
        transport: Transport,
        local_folder: Callable[[Job], Path],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.query = Query(transport)
        self.local_folder = local_folder
        self.clock = clock
        self.witnesses = Witnesses()
        self.troubles: Tuple[str, ...] = ()

    def changes(self, jobs: Sequence[Job], turn: Turn = Turn.ALL) -> Dict[str, Change]:
        """What to do to each followed job, by uid; only what would change it.

        Raises
        ------
        RemoteError
            The cluster could not be asked, and the mount told nothing either.
        """
        opened = [job for job in jobs if is_followed(job, self.clock())]
        if not opened:
            self.troubles = ()
            return {}
        self.witnesses.begin(opened, self.local_folder)
        answer, trouble = Answer({}), None
        if turn is Turn.ALL:
            answer, trouble = _tried(self.query.ask, opened)
        seen = self.witnesses.answer()
        if turn is Turn.ENDS:
            ends = [job for job in opened if _seems_ended(job, seen)]
            if ends:
                answer, trouble = _tried(self.query.ask_accounts, ends)
        if trouble is not None and not any(seen.events.values()):
            raise trouble
        seen = self._seen_again(opened, answer, seen)
        found = self._changes(opened, answer, seen, turn)
        words = answer.troubles + seen.troubles
        self.troubles = words + ((str(trouble),) if trouble else ())
        return found

    def _seen_again(self, jobs: Sequence[Job], answer: Answer, seen: Seen) -> Seen:
        """The accounts of jobs that SLURM says have ended, read after it said so."""
        ended = [
            job
            for job in jobs
            if any(map(has_ended, answer.reports.get(job.slurm_id, {}).values()))
        ]
        if not ended or self.witnesses.hangs:
            return seen
        self.witnesses.begin(ended, self.local_folder)
        return Seen({**seen.events, **self.witnesses.answer().events}, seen.troubles)

    def _changes(
        self, jobs: Sequence[Job], answer: Answer, seen: Seen, turn: Turn
    ) -> Dict[str, Change]:
        now = self.clock()
        found: Dict[str, Change] = {}
        for job in jobs:
            events = seen.events.get(job.uid, ())
            known = known_tasks(job, answer, events)
            said = combined(known, len(job.tasks) if is_array(job) else 1)
            change: Change = _Change(said, events, now)
            was_asked = turn is Turn.ALL and answer.knows_all
            if said is None and was_asked and job.slurm_id and job.uid in seen.events:
                change = _Silence(combined(known), events, now)
            if _is_news(job, change(job)):
                found[job.uid] = change
        return found


def _tried(
    ask: Callable[[Sequence[Job]], Answer], jobs: Sequence[Job]
) -> Tuple[Answer, Optional[RemoteError]]:
    try:
        return ask(jobs), None
    except RemoteError as error:
        return Answer({}), error


def _is_news(before: Job, after: Job) -> bool:
    """Whether a change is worth writing down; the time that passes alone is not."""
    if (after.seen or 0.0) - (before.seen or 0.0) >= _HEARD:
        return True
    return after.changed(seen=before.seen, elapsed=before.elapsed) != before


# -- what an account tells ------------------------------------------------------------


def is_array(job: Job) -> bool:
    """Whether each of the job's tasks is a SLURM task of its own."""
    return job.kind is JobKind.PREDICT and len(job.tasks) > 1


def own_events(job: Job, events: Events) -> Events:
    """Those events that are of this SLURM job, and not of a run before a requeue."""
    found = [e for e in events if not job.slurm_id or e.slurm_id in ("", job.slurm_id)]
    if not is_array(job):
        found = [e for e in found if e.restart >= job.restarts]
    return tuple(found)


def _by_task(job: Job, events: Events) -> Dict[str, JobReport]:
    """How each task ended, as it told itself; of those that told an end."""
    groups: Dict[str, List[WitnessEvent]] = {}
    for event in own_events(job, events):
        groups.setdefault(event.task, []).append(event)
    found = {}
    for task, group in groups.items():
        report = witness_report(group)
        if report is None or report.ended is None:
            continue
        if report.state is JobState.FINISHING:  # told to stop; why, nobody knows now
            report = dataclasses.replace(report, state=JobState.CANCELLED)
        found[task] = report
    return found


def _seems_ended(job: Job, seen: Seen) -> bool:
    if not job.slurm_id:
        return False
    if job.state.is_final:
        return job.max_rss is None
    if job.state is JobState.FINISHING and job.ended is None:
        return True
    tasks = len(job.tasks) if is_array(job) else 1
    return len(_by_task(job, seen.events.get(job.uid, ()))) >= tasks


def known_tasks(job: Job, answer: Answer, events: Events) -> List[JobReport]:
    """What is said of each task; its own word counts where SLURM has forgotten it."""
    said = answer.reports.get(job.slurm_id, {}) if job.slurm_id else {}
    reports = dict(said)
    if answer.knows_all:
        for task, own in _by_task(job, events).items():
            reports.setdefault(task, own)
    return [reports[task] for task in sorted(reports)]


def with_witness(job: Job, events: Sequence[WitnessEvent], now: float) -> Job:
    """The job after its own account; a plain job's end is believed, an array's is not.

    (Of an array each task has its own account; SLURM tells of the whole.)
    """
    mine = own_events(job, tuple(events))
    if not mine:
        return job
    job = job.changed(tasks=_with_exit_codes(job, mine))
    report = witness_report(mine)
    if report is None:
        return job
    if report.state is JobState.RUNNING and job.state.rank < JobState.RUNNING.rank:
        return advance(job, report, now)
    if report.state is JobState.COMPLETED and not is_array(job):
        return advance(job, report, now)
    return job


def _with_exit_codes(job: Job, events: Events) -> Tuple:
    tasks = list(job.tasks)
    for event in events:
        if event.event == "step" and 0 <= event.index < len(tasks):
            tasks[event.index] = dataclasses.replace(
                tasks[event.index], exit_code=event.exit_code
            )
    return tuple(tasks)


# -- what changes ---------------------------------------------------------------------


class _Change:
    """What one look changes in a job; callable, so that the store can apply it."""

    def __init__(self, said: Optional[JobReport], seen: Events, now: float) -> None:
        self.said = said
        self.seen = seen
        self.now = now

    def __call__(self, job: Job) -> Job:
        job = with_witness(job, self.seen, self.now)
        if self.said is None:
            return job
        if job.state.is_final:
            return completed(advance(job, self.said, self.now), self.said)
        return _noted(advance(job, self.said, self.now), self.said)


class _Silence(_Change):
    """SLURM and the mount were asked, and neither knows of the job.

    Of an array, `said` is what is known of some tasks, all of which have ended.
    """

    def __call__(self, job: Job) -> Job:
        job = with_witness(job, self.seen, self.now)
        if job.state.is_final:
            return job
        since = min(job.silent_since or self.now, self.now)
        if self.now - since <= SILENCE_PATIENCE:
            return _waiting(job.changed(silent_since=since), self.now - since)
        if self.said is not None:
            return advance(job, self.said, self.now)
        return job.changed(
            state=JobState.LOST,
            state_since=self.now,
            note=tr(
                "Neither SLURM nor the job itself has told of it for {:.0f} h. What "
                "it wrote is in its folder. Look there, or ask the cluster's people; "
                "submit it again if nothing came."
            ).format((self.now - since) / 3600.0),
        )


def _waiting(job: Job, seconds: float) -> Job:
    if seconds < _QUIET:
        return job
    return job.changed(
        note=tr(
            "Neither SLURM nor the job itself has told of it for {:.0f} min. That is "
            "no end yet: it is asked after for an hour."
        ).format(seconds / 60.0)
    )


def _noted(job: Job, report: JobReport) -> Job:
    if has_ended(report):
        return job
    if job.state is JobState.QUEUED:
        words = waiting_words(job) or output.reason_in_words(job.reason)
        return job.changed(note=words)
    if job.state is JobState.RUNNING:
        return job.changed(note=output.state_in_words(report.raw_state))
    return job
