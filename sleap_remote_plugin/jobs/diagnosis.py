"""What went wrong: a job's end and the end of its log -> cause, evidence, remedy.

The tables of causes.py, tried from top to bottom; the most certain comes first. It says
nothing of jobs that ended well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional, Tuple

from sleap_remote_plugin.jobs.causes import BY_EXIT, BY_LOG, BY_STATE, ScriptExit
from sleap_remote_plugin.jobs.chain import was_not_run
from sleap_remote_plugin.jobs.deeds import Deed
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.words import tr


@dataclass(frozen=True)
class Diagnosis:
    """Why a job did not end well.

    Attributes
    ----------
    cause : str
        What happened, in a sentence.
    evidence : str
        The line of the log, or SLURM's word, that says so.
    remedy : str
        What is safe, and what to do next.
    deed : Deed
        What of that a button can do.
    """

    cause: str
    evidence: str
    remedy: str
    deed: Deed = Deed.AGAIN


_TROUBLED = (JobState.FAILED, JobState.INCOMPLETE)
_ERROR_LINE = re.compile(
    r"^\s*([\w.]*(Error|Exception|Failure)\b|.*\berror\b.*:)", re.I
)


def diagnose(job: Job, log_tail: str) -> Optional[Diagnosis]:
    """Why a job did not end well; None for one that did, or that has not ended.

    Parameters
    ----------
    log_tail : str
        The end of its log or logs; may be empty.
    """
    if not job.state.is_final or job.state is JobState.COMPLETED:
        return None
    if was_not_run(job):
        return Diagnosis(
            job.note,
            _shown(job.reason or tr("cancelled by SLURM")),
            tr(
                "Nothing was predicted. Submit the training again, and let the "
                "prediction follow it; once there are models, the prediction can be "
                "submitted alone."
            ),
        )
    log_tail = log_tail[-200_000:]
    code, signal = exit_of(job)
    if code in BY_EXIT:
        cause, remedy, deed = BY_EXIT[ScriptExit(code)]
        evidence = _last_line(log_tail) or _shown(job.exit_code)
        return Diagnosis(cause, evidence, remedy, deed)
    if (code, signal) == (0, 53) and not log_tail.strip():
        return Diagnosis(
            tr(
                "SLURM could not start the job: its folder cannot be written from the "
                "node, so there is not even a log."
            ),
            tr("exit code 0:53"),
            tr(
                "Check that the folder is on a disk that the nodes see, and that you "
                "may write there. The package is kept; submit it again."
            ),
            Deed.CHECK,
        )
    if job.state in (JobState.CANCELLED, JobState.PREEMPTED, JobState.NODE_FAILED):
        return _by_state(job)
    return _by_log(job, log_tail) or _by_state(job) or _fallback(job, log_tail)


def exit_of(job: Job) -> Tuple[int, int]:
    for task in job.tasks:
        if task.exit_code in BY_EXIT:
            return int(task.exit_code or 0), 0
    match = re.fullmatch(r"(\d{1,5}):(\d{1,5})", job.exit_code)
    return (int(match.group(1)), int(match.group(2))) if match else (0, 0)


def _by_log(job: Job, log_tail: str) -> Optional[Diagnosis]:
    by_state = job.state not in _TROUBLED
    for pattern, (cause, remedy, deed) in BY_LOG:
        matches = list(re.finditer(pattern, log_tail))
        if not matches:
            continue
        if by_state and job.state is not JobState.OUT_OF_MEMORY:
            # SLURM said how it ended; the log only adds a GPU without memory.
            return None
        evidence = _line_at(log_tail, matches[-1].start())
        return Diagnosis(cause, evidence, remedy, deed)
    return None


def _by_state(job: Job) -> Optional[Diagnosis]:
    if job.state not in BY_STATE:
        return None
    cause, remedy, deed = BY_STATE[job.state]
    if job.state is JobState.NODE_FAILED and job.node:
        cause = tr("The node {} that ran the job failed.").format(job.node)
    word = job.reason or job.state.value.replace("_", " ")
    return Diagnosis(cause, _shown(word), remedy, deed)


def _fallback(job: Job, log_tail: str) -> Diagnosis:
    failed = [task.title for task in job.tasks if task.exit_code not in (None, 0)]
    if job.state is JobState.INCOMPLETE:
        cause = tr("The job ended, but not everything that it should make is there.")
    elif failed:
        cause = tr("{} failed.").format(", ".join(failed))
    else:
        cause = tr("The job failed.")
    return Diagnosis(
        cause,
        _last_line(log_tail) or _shown(tr("exit code ") + (job.exit_code or "unknown")),
        tr(
            "Read the log. The package and what was finished are kept; submit it again "
            "once the cause is gone."
        ),
        Deed.SHOW_LOG,
    )


def _line_at(text: str, place: int) -> str:
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return _shown(text[start : end if end >= 0 else len(text)])


def _last_line(text: str) -> str:
    """The last line that looks like an error, else the last that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in reversed(lines[-200:]):
        if _ERROR_LINE.match(line[:1000]):
            return _shown(line)
    return _shown(lines[-1]) if lines else ""


def _shown(line: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", line)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", plain).strip()[:300]
