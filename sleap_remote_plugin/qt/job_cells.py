"""What the table's cells say of a job: texts, tooltip, what it is sorted by."""

from __future__ import annotations

import html
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task, ran_for
from sleap_remote_plugin.jobs.state_words import TEXTS
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.slurm.reasons import reason_in_brief
from sleap_remote_plugin.words import tr

NAME, KIND, STATE, PROGRESS, TIME, NODE, SUBMITTED = range(7)
HEADERS = (
    tr("Job"),
    tr("Kind"),
    tr("State"),
    tr("Progress"),
    tr("Time / limit"),
    tr("Node, GPU"),
    tr("Submitted"),
)
#: Names of the columns in the settings.
KEYS = ("name", "kind", "state", "progress", "time", "node", "submitted")

#: Videos that a tooltip names one by one.
_MOST_VIDEOS = 12

#: By what needs the user first, then by how far it is.
_STATE_ORDER = (
    JobState.FAILED,
    JobState.OUT_OF_MEMORY,
    JobState.TIMED_OUT,
    JobState.NODE_FAILED,
    JobState.LOST,
    JobState.UNCONFIRMED,
    JobState.INCOMPLETE,
    JobState.PREEMPTED,
    JobState.FINISHING,
    JobState.RUNNING,
    JobState.QUEUED,
    JobState.SUBMITTING,
    JobState.PREPARING,
    JobState.COMPLETED,
    JobState.CANCELLED,
)


def text_of(job: Job, column: int, progress: Sequence[Any], now: float) -> str:
    """What stands in one cell."""
    if column == NAME:
        return job.name
    if column == KIND:
        return texts.KINDS[job.kind]
    if column == STATE:
        return TEXTS[job.state]
    if column == PROGRESS:
        return progress_text(job, progress, now)
    if column == TIME:
        return texts.time_of_limit(job, now)
    if column == NODE:
        return " · ".join(part for part in (job.node, gpu_text(job)) if part)
    return texts.clock(job.submitted or job.created or None)


def progress_text(job: Job, progress: Sequence[Any], now: float) -> str:
    """How far a job is; of a waiting one when it starts, or why it does not yet."""
    if job.state is JobState.QUEUED:
        start = job.start_estimate
        if start is not None and start > now:
            return tr("starts ~{}").format(texts.clock_in_brief(start, now))
        return reason_in_brief(job.reason)
    return videos_text(job) or texts.progress_text(job, progress)


def videos_text(job: Job) -> str:
    """``5/12 videos``, ``1 failed, 5/12``; empty unless it predicts on several.

    Of videos there may be hundreds, so they have no rows of their own: the tooltip
    has the first ones.
    """
    counts = _counts(job)
    if counts is None:
        return ""
    done, failed = counts
    if job.state is JobState.COMPLETED and not failed:
        return tr("{} videos").format(done)
    if failed:
        return tr("{} failed, {}/{}").format(failed, done, len(job.tasks))
    return tr("{}/{} videos").format(done, len(job.tasks))


def _counts(job: Job) -> Optional[Tuple[int, int]]:
    """Videos that are done and that failed, of a job that has begun on several."""
    if job.kind is not JobKind.PREDICT or len(job.tasks) < 2:
        return None
    if job.state.rank < JobState.RUNNING.rank:
        return None
    codes = [task.exit_code for task in job.tasks]
    done = len(codes) if job.state is JobState.COMPLETED else codes.count(0)
    return done, sum(code not in (0, None) for code in codes)


def share_of(job: Job, progress: Sequence[Any]) -> Optional[float]:
    """From 0 to 1; None where there is nothing to draw."""
    if job.state is JobState.COMPLETED:
        return None
    counts = _counts(job)
    if counts is not None:
        return sum(counts) / len(job.tasks)
    return texts.progress_share(job, progress)


def gpu_text(job: Job) -> str:
    """The GPU that was asked for: ``a4500``, ``2 × a4500``, ``any GPU``."""
    wanted = job.resources
    if not wanted.gpus:
        return tr("no GPU")
    kind = wanted.gpu_type or (tr("any GPU") if wanted.gpus == 1 else tr("any GPUs"))
    return kind if wanted.gpus == 1 else "{} × {}".format(wanted.gpus, kind)


def tooltip(job: Job, progress: Sequence[Any], now: float, parent: str = "") -> str:
    """All that the row has to say.

    Parameters
    ----------
    parent : str
        Where the job comes from: `origin_text`.
    """
    lines = ["{} · {}".format(job.name, texts.KINDS[job.kind]), job.project]
    steps = [TEXTS[job.state]]
    if _counts(job) is None:
        steps += [texts.task_text(job, progress), progress_text(job, progress, now)]
    lines.append(" · ".join(step for step in steps if step))
    lines += [job.note, texts.start_text(job, now), parent]
    lines.append(tr("Time / limit: ") + texts.time_of_limit(job, now))
    if job.node:
        lines.append(tr("Node: ") + job.node)
    asked = job.resources
    lines.append(
        tr("Asked for: {}, {} CPUs, partition {}").format(
            gpu_text(job), asked.cpus, asked.partition
        )
    )
    if job.submitted:
        lines.append(tr("Submitted: ") + texts.clock(job.submitted))
    if job.slurm_id:
        lines.append(tr("SLURM job: ") + job.slurm_id)
    lines += _videos(job)
    return plain("\n".join(line for line in lines if line))


def origin_text(job: Job, parent: Optional[Job]) -> str:
    """``With the models of “...”``; empty where the job before is not known."""
    if parent is None:
        return ""
    if parent.kind is job.kind:
        return tr("Another try of “{}” ({})").format(parent.name, TEXTS[parent.state])
    return tr("With the models of “{}”").format(parent.name)


def plain(text: str) -> str:
    """A tooltip's text that Qt does not take for HTML, whatever is in it."""
    if "<" not in text and "&" not in text:
        return text
    return "<span>{}</span>".format(html.escape(text).replace("\n", "<br>"))


def sort_key(
    column: int, progress: Callable[[str], Sequence[Any]], now: float
) -> Callable[[Job], Any]:
    """By what jobs are sorted when this column's header is clicked."""
    keys: Dict[int, Callable[[Job], Any]] = {
        NAME: lambda job: job.name.casefold(),
        KIND: lambda job: texts.KINDS[job.kind],
        STATE: lambda job: _STATE_ORDER.index(job.state),
        PROGRESS: lambda job: _how_far(job, progress(job.uid)),
        TIME: lambda job: ran_for(job, now) or 0.0,
        NODE: lambda job: (job.node.casefold(), gpu_text(job)),
        SUBMITTED: lambda job: job.submitted or job.created,
    }
    return keys[column]


def _how_far(job: Job, progress: Sequence[Any]) -> Tuple[int, float]:
    if job.state is JobState.COMPLETED:
        return (6, 1.0)
    return (min(job.state.rank, 5), share_of(job, progress) or 0.0)


def _videos(job: Job) -> List[str]:
    """Of a prediction on several videos how each stands."""
    counts = _counts(job)
    if counts is None:
        return []
    told = tr("{} of {} videos done").format(counts[0], len(job.tasks))
    lines = [told + (tr(", {} failed").format(counts[1]) if counts[1] else "")]
    for task in job.tasks[:_MOST_VIDEOS]:
        lines.append("    {}: {}".format(task.title, _task_state(job, task)))
    more = len(job.tasks) - _MOST_VIDEOS
    return lines + ([tr("    and {} more").format(more)] if more > 0 else [])


def _task_state(job: Job, task: Task) -> str:
    if task.exit_code == 0 or job.state is JobState.COMPLETED:
        return tr("done")
    if task.exit_code is None:
        return tr("not done") if job.state.is_final else tr("not done yet")
    return tr("failed (exit code {})").format(task.exit_code)
