"""How times, sizes and progress are said."""

from __future__ import annotations

import re
import time
from typing import Any, Optional, Sequence

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, ran_for
from sleap_remote_plugin.jobs.progress import time_needed
from sleap_remote_plugin.words import tr

#: A word that would make the dock wider, and the pieces that it is broken into.
_LONG = re.compile(r"[^\s\u200b]{25,}")
_PIECE = re.compile(r"[^/\\_.-]{0,23}[/\\_.-]|[^/\\_.-]{24}")

KINDS = {JobKind.TRAIN: tr("Train"), JobKind.PREDICT: tr("Predict")}


def duration(seconds: Optional[float]) -> str:
    """``45 s``, ``12 min``, ``1 h 05 min``, ``2 d 3 h``; empty for None."""
    if seconds is None:
        return ""
    seconds = max(0, int(seconds))
    if seconds < 60:
        return "{} s".format(seconds)
    minutes = seconds // 60
    if minutes < 60:
        return tr("{} min").format(minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return "{} h {:02d} min".format(hours, minutes) if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return "{} d {} h".format(days, hours) if hours else "{} d".format(days)


def size(count: Optional[float]) -> str:
    """``1.2 GB``; empty for None."""
    if count is None:
        return ""
    for unit in ("B", "kB", "MB"):
        if count < 1024:
            return "{:.0f} {}".format(count, unit)
        count /= 1024
    return "{:.3g} GB".format(count)


def clock(moment: Optional[float]) -> str:
    """Local time of day; with the date where it isn't today's; empty for None."""
    if moment is None:
        return ""
    then, now = time.localtime(moment), time.localtime()
    form = "%H:%M" if then[:3] == now[:3] else "%d %b %Y, %H:%M"
    return time.strftime(form, then)


def clock_in_brief(moment: float, now: float) -> str:
    """``18:40``; on another day ``Tue 18:40``, or the date alone."""
    days = abs(moment - now) / 86400.0
    same_day = time.localtime(moment)[:3] == time.localtime(now)[:3]
    form = "%H:%M" if same_day else "%a %H:%M" if days < 6 else "%d %b"
    return time.strftime(form, time.localtime(moment))


def clock_with_seconds(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def time_of_limit(job: Job, now: float) -> str:
    """``12 min / 6 h``: the time that it ran and the time that it asked for."""
    ran = ran_for(job, now)
    if ran is None:
        return "– / " + duration(job.resources.time)
    return "{} / {}".format(duration(ran), duration(job.resources.time))


def start_text(job: Job, now: float) -> str:
    """When SLURM expects a waiting job to start; empty where it says nothing."""
    start = job.start_estimate
    if job.state is not JobState.QUEUED or start is None or start <= now:
        return ""
    return tr("SLURM expects it to start at about {}.").format(clock(start))


def limit_text(job: Job, progress: Sequence[Any], now: float) -> str:
    """That a running job will not be done within its time limit; else empty.

    Of an array each task has the limit for itself: nothing is said.
    """
    if job.state is not JobState.RUNNING or not job.started:
        return ""
    if job.kind is JobKind.PREDICT and len(job.tasks) > 1:
        return ""
    needed = time_needed(progress, len(job.tasks))
    limit = job.started + job.resources.time
    if needed is None or now + needed <= limit or limit <= now:
        return ""
    rest = tr(" Training may stop early.") if job.kind is JobKind.TRAIN else ""
    return tr(
        "At this pace it will reach its time limit at {}, before it is done.{}"
    ).format(clock(limit), rest)


def going_on(jobs: Sequence[Job], cluster: str) -> str:
    """That open jobs go on while SLEAP is closed; empty where none is open."""
    count = sum(not job.state.is_final for job in jobs)
    if not count:
        return ""
    return tr("{} {} on {}.\nSLEAP shows how {} when it is open again.").format(
        tr("Your job goes on")
        if count == 1
        else tr("Your {} jobs go on").format(count),
        tr("by itself") if count == 1 else tr("by themselves"),
        cluster,
        tr("it stands") if count == 1 else tr("they stand"),
    )


def current_task(progress: Sequence[Any]) -> int:
    """Index of the task in work: the last that isn't done; -1 for none.

    Tasks that have not begun are not among them. A model before it may have stopped
    early, and never comes to its total.
    """
    for index in reversed(range(len(progress))):
        task = progress[index]
        if task.total is None or task.done < task.total:
            return index
    return len(progress) - 1


def progress_text(job: Job, progress: Sequence[Any]) -> str:
    """``epoch 41/200``, ``frame 64/101``; of the task in work."""
    index = current_task(progress)
    if index < 0 or job.state is JobState.COMPLETED:
        return ""
    task = progress[index]
    word = {"epochs": tr("epoch"), "frames": tr("frame")}.get(task.unit, task.unit)
    done = "{:.0f}".format(task.done)
    text = done if task.total is None else "{}/{:.0f}".format(done, task.total)
    return "{} {}".format(word, text)


def task_text(job: Job, progress: Sequence[Any]) -> str:
    """``centered_instance (2 of 2)``: the task in work; empty where there is one."""
    index = current_task(progress)
    if index < 0 or len(job.tasks) < 2 or index >= len(job.tasks):
        return ""
    title, count = job.tasks[index].title, len(job.tasks)
    return tr("{} ({} of {})").format(title, index + 1, count)


def progress_share(job: Job, progress: Sequence[Any]) -> Optional[float]:
    """From 0 to 1 over all of the job's tasks; None where there is nothing to say."""
    if job.state is JobState.COMPLETED or not progress:
        return None
    if any(task.total is None for task in progress):
        return None
    shares = [min(1.0, t.done / t.total) if t.total else 0.0 for t in progress]
    if job.kind is JobKind.TRAIN:  # one after the other: those before have ended
        shares[:-1] = [1.0] * (len(shares) - 1)
    return sum(shares) / max(len(shares), len(job.tasks) or 1)


def breakable(text: str) -> str:
    """The same to read; a long path or name may wrap, best after ``/ _ . -``.

    To be shown only: characters without width would be copied, too. A label that
    can be selected is a `SelectableLabel`, which leaves them out.
    """
    return _LONG.sub(lambda word: _PIECE.sub("\\g<0>\u200b", word.group()), text)


def unbroken(text: str) -> str:
    """A text as it was before `breakable`."""
    return text.replace("\u200b", "")
