"""What a job used of what it asked for, and what would do next time: in words."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, ran_for
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.words import tr

G = 2**30
_MEMORY = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
_HOURS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168)
#: What is asked for next time is this much more than what was used.
_RESERVE = 1.3
_ENDED_WELL = (JobState.COMPLETED, JobState.FINISHING)


class Usage(NamedTuple):
    """One kind of resource.

    Attributes
    ----------
    share : float or None
        Of what was asked for, from 0 to 1; None where it is not known.
    advice : str
        A sentence for next time; may be empty.
    """

    name: str
    words: str
    share: Optional[float] = None
    advice: str = ""


def usage_of(job: Job, now: float) -> Tuple[Usage, ...]:
    """Memory, time, CPUs and GPUs, each as far as it is known."""
    return (_memory(job), _time(job, now), _cpus(job), _gpus(job))


def _memory(job: Job) -> Usage:
    asked, used = job.resources.memory, job.max_rss
    if used is None:
        words = tr("{} asked for").format(texts.size(asked))
        if job.state is JobState.RUNNING:
            words += tr("; SLURM tells what was used when the job has ended")
        return Usage(tr("Memory"), words)
    share = used / asked
    words = "{}, {:.0f} %".format(_of(used / G, asked / G, "GB"), 100 * share)
    return Usage(tr("Memory"), words, share, _memory_advice(job, used, asked))


def _memory_advice(job: Job, used: float, asked: int) -> str:
    if job.state not in _ENDED_WELL:
        return ""
    wanted = _first(_MEMORY, used * _RESERVE / G)
    if wanted is None:
        return ""
    if wanted * G <= 0.75 * asked:
        return tr("{} GB would do next time.").format(wanted)
    if used > 0.9 * asked and wanted * G > asked:
        return tr("That was close: ask for {} GB next time.").format(wanted)
    return ""


def _time(job: Job, now: float) -> Usage:
    asked, used = job.resources.time, ran_for(job, now)
    if used is None:
        return Usage(tr("Time"), tr("{} asked for").format(texts.duration(asked)))
    if is_array(job):
        words = tr("{} for all videos; each may take {}")
        return Usage(
            tr("Time"), words.format(texts.duration(used), texts.duration(asked))
        )
    share = used / asked
    words = tr("{} of {}, {:.0f} %").format(
        texts.duration(used), texts.duration(asked), 100 * share
    )
    advice = ""
    wanted = _first(_HOURS, used * _RESERVE / 3600)
    if job.state in _ENDED_WELL and wanted and wanted * 3600 <= 0.75 * asked:
        advice = tr("{} would do next time; short jobs start sooner.").format(
            texts.duration(wanted * 3600)
        )
    elif job.state in _ENDED_WELL and share > 0.9 and wanted:
        advice = tr("That was close: ask for {} next time.").format(
            texts.duration(wanted * 3600)
        )
    return Usage(tr("Time"), words, share, advice)


def _cpus(job: Job) -> Usage:
    asked, ran = job.resources.cpus, job.elapsed
    if job.cpu_seconds is None or not ran or is_array(job):
        return Usage("CPUs", tr("{} asked for").format(asked))
    busy = job.cpu_seconds / ran
    share = busy / asked
    words = tr("{:.1f} of {} busy on average, {:.0f} %").format(
        busy, asked, 100 * share
    )
    wanted = max(1, int(busy * _RESERVE) + 1)
    advice = ""
    if job.state in _ENDED_WELL and wanted <= asked // 2:
        advice = tr("{} would do next time.").format(
            "1 CPU" if wanted == 1 else "{} CPUs".format(wanted)
        )
    return Usage("CPUs", words, share, advice)


def _gpus(job: Job) -> Usage:
    count, kind = job.resources.gpus, job.resources.gpu_type
    if not count:
        return Usage("GPU", tr("none asked for"))
    return Usage("GPU", tr("{} asked for, {}").format(count, kind or tr("of any type")))


def is_array(job: Job) -> bool:
    return job.kind is JobKind.PREDICT and len(job.tasks) > 1


def other_facts(job: Job) -> List[Tuple[str, str]]:
    """(name, value) of what has no measure."""
    wanted = job.resources
    return [
        (tr("Partition"), wanted.partition),
        (tr("Node"), job.node),
        (tr("SLEAP module"), job.module),
        (tr("SLURM job"), job.slurm_id),
        (tr("Exit code"), job.exit_code),
        (tr("Left out"), wanted.exclude),
    ]


def _of(used: float, asked: float, unit: str) -> str:
    """``9.1 of 32 GB``"""
    return tr("{:.3g} of {:.3g} {}").format(used, asked, unit)


def _first(steps: Sequence[int], least: float) -> Optional[int]:
    for step in steps:
        if step >= least:
            return step
    return None
