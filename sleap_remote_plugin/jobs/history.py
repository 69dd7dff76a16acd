"""What happened to a job and when: from its record, its own account, and the list.

What nobody told is not in it. Moments are seconds since the epoch, each by the clock of
who told it: this computer's, SLURM's, the node's.
"""

from __future__ import annotations

import dataclasses
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.job import Event, Job, JobKind, JobState
from sleap_remote_plugin.jobs.record import WitnessEvent
from sleap_remote_plugin.jobs.untrusted import shown
from sleap_remote_plugin.words import tr

#: Events that one job keeps; the oldest go first.
MOST_EVENTS = 60

#: A moment after this one is no moment: anybody may have written an account.
_LATEST = 2.0**33

CANCEL_ASKED = "cancel_asked"
LOADED = "loaded"
LOAD_UNDONE = "load_undone"
REQUEUED = "requeued"


class HistoryLine(NamedTuple):
    """A moment, and what happened then."""

    time: float
    words: str


def with_event(job: Job, moment: float, what: str, words: str = "") -> Job:
    """The job with one more event in its history."""
    event = Event(moment, what, shown(words)[:300])
    return dataclasses.replace(job, events=(job.events + (event,))[-MOST_EVENTS:])


def recorded(before: Job, after: Job) -> Job:
    """The job after a change, with what the change was in its history."""
    if after.restarts > before.restarts:
        after = with_event(after, _seen(after), REQUEUED)
    if after.state is JobState.QUEUED:
        if after.note and not _waits_told(after):
            return with_event(after, _seen(after), JobState.QUEUED.value, after.note)
        return after
    if after.state is before.state:
        return after
    if after.state is JobState.RUNNING:
        moment = after.started
    else:
        moment = after.ended if after.state.is_final else None
    words = after.reason if after.state is JobState.CANCELLED else ""
    if after.state in (JobState.COMPLETED, JobState.INCOMPLETE):
        moment = after.state_since  # when its files were looked at, after the end
    return with_event(after, moment or _seen(after), after.state.value, words)


def _seen(job: Job) -> float:
    return job.seen or job.state_since or job.created


def _waits_told(job: Job) -> bool:
    """Whether this reason to wait is known already, since it last began to wait."""
    for event in reversed(job.events):
        if event.what == REQUEUED:
            return False
        if event.what == JobState.QUEUED.value and event.words == shown(job.note)[:300]:
            return True
    return False


def history_of(job: Job, account: Sequence[WitnessEvent]) -> Tuple[HistoryLine, ...]:
    """The job's history, oldest first.

    Parameters
    ----------
    account : sequence of WitnessEvent
        The batch script's own, of all its tasks; may be empty.
    """
    own = [event for event in account if event.slurm_id in ("", job.slurm_id)]
    told = _events_of(job)
    ends = [event for event in told if _is_end(event)]
    others = [event for event in told if not _is_end(event)]
    lines = list(_sent(job))
    lines += _told(job, others, bool(own))
    lines += _own(job, own)
    lines += _told(job, ends, bool(own))
    lines = [line for line in lines if 0 < line.time < _LATEST]
    # Of one moment they stay in this order.
    return tuple(sorted(lines, key=lambda line: line.time))


def _sent(job: Job) -> Iterator[HistoryLine]:
    if job.submitted:
        words = tr("Submitted as SLURM job {}, partition {}.")
        yield HistoryLine(
            job.submitted,
            words.format(job.slurm_id or tr("of unknown id"), job.resources.partition),
        )
    elif job.created:
        yield HistoryLine(job.created, tr("Made on this computer."))


_WORDS = {
    JobState.UNCONFIRMED.value: tr(
        "SLURM's answer to the submission was lost; it is looked for."
    ),
    JobState.COMPLETED.value: tr(
        "Collected: everything that it should make is there and whole."
    ),
    JobState.INCOMPLETE.value: tr("Looked for its results: not everything is there."),
    JobState.FAILED.value: "Failed.",
    JobState.TIMED_OUT.value: tr("Ended by SLURM at the time limit."),
    JobState.OUT_OF_MEMORY.value: tr("Ended by SLURM: out of memory."),
    JobState.NODE_FAILED.value: tr("The node failed."),
    JobState.PREEMPTED.value: tr("Ended by SLURM to make way for a more urgent job."),
    JobState.LOST.value: tr("Nobody has told of it any more."),
    REQUEUED: tr("SLURM put it back into the queue."),
    CANCEL_ASKED: tr("You asked SLURM to cancel it."),
}


def _events_of(job: Job) -> List[Event]:
    """What was seen while it was followed, and what its state alone tells."""
    told = {event.what for event in job.events}
    found = list(job.events)
    if job.started and JobState.RUNNING.value not in told:
        found.append(Event(job.started, JobState.RUNNING.value))
    if job.state.is_final and job.state.value not in told:
        moment = job.ended or job.state_since or 0.0
        found.append(Event(moment, job.state.value, job.reason))
    return found


def _is_end(event: Event) -> bool:
    """Whether it is an end, or came after it."""
    ends = {state.value for state in JobState if state.is_final}
    return event.what in ends or event.what in (LOADED, LOAD_UNDONE)


def _told(
    job: Job, events: Sequence[Event], has_account: bool
) -> Iterator[HistoryLine]:
    for event in events:
        words = _words_of(event, job, has_account)
        if words:
            yield HistoryLine(event.time, words)


def _words_of(event: Event, job: Job, has_account: bool) -> str:
    if event.what == JobState.QUEUED.value:
        return event.words
    if event.what == JobState.RUNNING.value:  # its own account tells it better
        return "" if has_account else _started(job.node)
    if event.what == JobState.CANCELLED.value:
        # squeue tells it first, and not by whom; that comes with the accounts.
        return _cancelled(job.reason if " by " in job.reason else event.words)
    if event.what == LOADED:
        return tr("Predictions loaded into {}.").format(event.words)
    if event.what == LOAD_UNDONE:
        return tr("The load into {} was taken back.").format(event.words)
    return _WORDS.get(event.what, "")


def _started(node: str) -> str:
    return tr("Started on {}.").format(shown(node)) if node else "Started."


def _cancelled(reason: str) -> str:
    """SLURM's own ``CANCELLED by 20001`` has the number of who did it."""
    _, by, who = reason.partition(" by ")
    if not by or not who.isdecimal():
        return "Cancelled."
    if who == "0":
        return tr("Cancelled by an administrator (root).")
    return tr("Cancelled by the user with number {}.").format(who)


# -- the batch script's own account ---------------------------------------------------


def _own(job: Job, account: Sequence[WitnessEvent]) -> Iterator[HistoryLine]:
    groups: Dict[str, List[WitnessEvent]] = {}
    for event in account:
        groups.setdefault(event.task, []).append(event)
    for task, events in groups.items():
        for line in _own_of(job, _place(task), events):
            yield line


def _place(task: str) -> Optional[int]:
    return int(task) if task.isdecimal() and len(task) < 8 else None


def _own_of(
    job: Job, place: Optional[int], events: Sequence[WitnessEvent]
) -> Iterator[HistoryLine]:
    """One SLURM task's account; the job's parts follow one another in it."""
    name = _title(job, place) if place is not None else ""
    begun = 0.0
    for event in events:
        if event.event == "started":
            begun = event.time
            again = tr(", for the {}. time").format(event.restart + 1)
            words = tr("{} on {}{}.").format(
                tr("{} started").format(name) if name else tr("Started"),
                shown(event.host or "a node"),
                again if event.restart else "",
            )
            yield HistoryLine(event.time, words)
            if place is None and len(job.tasks) > 1:
                yield HistoryLine(event.time, tr("{} began.").format(_title(job, 0)))
        elif event.event == "step":
            yield HistoryLine(event.time, _step(job, event, begun))
            begun = event.time
            follows = event.index + 1
            if place is None and event.exit_code == 0 and follows < len(job.tasks):
                yield HistoryLine(
                    event.time, tr("{} began.").format(_title(job, follows))
                )
        elif event.event == "time_limit":
            yield HistoryLine(event.time, tr("The time limit was near."))
        elif event.event == "ended":
            yield HistoryLine(event.time, _ended(name, event))


def _title(job: Job, place: int) -> str:
    if 0 <= place < len(job.tasks):
        return shown(job.tasks[place].title)
    return "Task {}".format(place)


def _step(job: Job, event: WitnessEvent, begun: float) -> str:
    title = _title(job, event.index)
    if event.exit_code:
        return tr("{} ended with exit code {}.").format(title, event.exit_code)
    done = "trained" if job.kind is JobKind.TRAIN else "predicted"
    if not 0 < begun <= event.time:
        return tr("{} is {}.").format(title, done)
    return tr("{} is {}, after {}.").format(title, done, _took(event.time - begun))


def _took(seconds: float) -> str:
    minutes = int(round(seconds / 60.0))
    if minutes < 1:
        return "{:.0f} s".format(seconds)
    hours, rest = divmod(minutes, 60)
    return (
        tr("{} h {:02d} min").format(hours, rest)
        if hours
        else tr("{} min").format(minutes)
    )


def _ended(name: str, event: WitnessEvent) -> str:
    what = tr("{} ended").format(name) if name else tr("Ended")
    if event.signal:
        return tr("{}: SLURM stopped it ({}).").format(what, shown(event.signal))
    if event.exit_code:
        return tr("{} with exit code {}.").format(what, event.exit_code)
    return what + tr(" without an error.")
