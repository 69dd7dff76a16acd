"""What SLURM's commands print, as values. All of it is untrusted text.

Unknown words become None and a log line, broken lines are passed over: reading
never fails. Only `read_submission` raises, since its answer must be sure. This is
the door to all readers: submission.py, site.py and reasons.py have the other three.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import time
from typing import Any, Dict, List, Optional, Tuple

from sleap_remote_plugin.jobs.job import JobReport, JobState
from sleap_remote_plugin.jobs.resources import read_memory, read_time
from sleap_remote_plugin.slurm.reasons import reason_in_words, state_in_words
from sleap_remote_plugin.slurm.site import read_modules, read_partitions
from sleap_remote_plugin.slurm.submission import read_submission
from sleap_remote_plugin.slurm.text import FIELD, fields_of, lines_of

__all__ = [
    "STATES",
    "accounting_is_absent",
    "queue_answered",
    "read_accounting",
    "read_modules",
    "read_partitions",
    "read_queue",
    "read_state",
    "read_submission",
    "reason_in_words",
    "state_in_words",
]

log = logging.getLogger(__name__)

#: SLURM's words (long, short) -> how the job stands; SLURM 20.02 to 25.05.
STATES: Dict[str, JobState] = {
    word: state
    for words, state in (
        ("PENDING PD", JobState.QUEUED),
        ("CONFIGURING CF", JobState.QUEUED),
        ("POWER_UP_NODE PU", JobState.QUEUED),
        ("REQUEUED RQ", JobState.QUEUED),
        ("REQUEUE_HOLD RH", JobState.QUEUED),
        ("REQUEUE_FED RF", JobState.QUEUED),
        ("RESV_DEL_HOLD RD", JobState.QUEUED),
        ("SPECIAL_EXIT SE", JobState.QUEUED),
        ("EXPEDITING EX", JobState.QUEUED),
        ("RUNNING R", JobState.RUNNING),
        ("SUSPENDED S", JobState.RUNNING),
        ("STOPPED ST", JobState.RUNNING),
        ("RESIZING RS", JobState.RUNNING),
        ("SIGNALING SI", JobState.RUNNING),
        ("COMPLETING CG", JobState.FINISHING),
        ("STAGE_OUT SO", JobState.FINISHING),
        ("UPDATE_DB UD", JobState.FINISHING),
        ("COMPLETED CD", JobState.COMPLETED),
        ("FAILED F", JobState.FAILED),
        ("LAUNCH_FAILED LF", JobState.FAILED),
        ("TIMEOUT TO", JobState.TIMED_OUT),
        ("DEADLINE DL", JobState.TIMED_OUT),
        ("OUT_OF_MEMORY OOM OO", JobState.OUT_OF_MEMORY),
        ("CANCELLED CA", JobState.CANCELLED),
        ("REVOKED RV", JobState.CANCELLED),
        ("NODE_FAIL NF", JobState.NODE_FAILED),
        ("BOOT_FAIL BF", JobState.NODE_FAILED),
        ("RECONFIG_FAIL RE", JobState.NODE_FAILED),
        ("PREEMPTED PR", JobState.PREEMPTED),
    )
    for word in words.split()
}

_JOB_ID = re.compile(
    r"(\d{1,18})(?:\+\d+)?(?:_(?:(\d+)|\[([\d,:%.-]*)\]))?(?:\.(\w+))?", re.ASCII
)
_CPU_TIME = re.compile(
    r"(?:(\d{1,6})-)?(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}(?:\.\d{1,6})?)", re.ASCII
)
_MOST_TASKS = 10000


def read_state(word: str) -> Optional[JobState]:
    """The state that one of SLURM's words means; None and a log line if none.

    Takes ``CANCELLED by 20001``, ``OUT_OF_ME+`` (cut) and ``R`` as well.
    """
    first = (word.split() or [""])[0].upper()
    if first in STATES:
        return STATES[first]
    if first.endswith("+") and len(first) > 4:
        fitting = {s for name, s in STATES.items() if name.startswith(first[:-1])}
        if len(fitting) == 1:
            return fitting.pop()
    log.warning("SLURM's job state %r is not known here", word[:FIELD])
    return None


def queue_answered(result: Any) -> bool:
    """Whether squeue spoke for the controller; "Invalid job id" is an answer."""
    return result.exit_code == 0 or "Invalid job id" in result.stderr


def accounting_is_absent(result: Any) -> bool:
    """Whether this cluster keeps no accounts at all, so that nobody will ever tell."""
    return "accounting storage is disabled" in result.stderr.lower()


def read_queue(text: str) -> Tuple[JobReport, ...]:
    """Reports of commands.queue(); a waiting range of array tasks is spread out."""
    found: List[JobReport] = []
    for line in lines_of(text):
        fields = fields_of(line, 8)
        match = _JOB_ID.fullmatch(fields[0])
        if len(fields) < 8 or match is None:
            continue
        _, word, reason, elapsed, node, start, _, name = fields
        state = read_state(word)
        waiting = state is JobState.QUEUED
        began = _moment(start)
        for task in _tasks(match):
            found.append(
                JobReport(
                    slurm_id=match.group(1),
                    task=task,
                    state=state,
                    raw_state=word,
                    reason="" if reason == "None" else reason.strip("()"),
                    elapsed=None if waiting else _seconds(elapsed),
                    node=_node(node),
                    name=name,
                    source="squeue",
                    started=None if waiting else began,
                    start_estimate=began if waiting else None,
                )
            )
    return tuple(found)


def read_accounting(text: str) -> Tuple[JobReport, ...]:
    """Reports of commands.accounting(): one a job or task, its steps merged in.

    A requeued job has several records: the last one counts.
    """
    found: Dict[Tuple[str, str], JobReport] = {}
    memory: Dict[Tuple[str, str], float] = {}
    for line in lines_of(text):
        fields = _account_fields(line)
        match = _JOB_ID.fullmatch(fields[0])
        if len(fields) < 12 or match is None:
            continue
        for task in _tasks(match):
            key = (match.group(1), task)
            if match.group(4):
                used = _bytes(fields[4])
                if used:
                    memory[key] = max(used, memory.get(key, 0.0))
                continue
            restarts = found[key].restarts + 1 if key in found else 0
            memory.pop(key, None)
            found[key] = _account(key, fields, restarts)
    return tuple(
        dataclasses.replace(report, max_rss=memory.get(key))
        for key, report in found.items()
    )


def _account(key: Tuple[str, str], fields: List[str], restarts: int) -> JobReport:
    _, word, exit_code, elapsed, _, _, start, end, reason, node, cpu, name = fields
    state = read_state(word)
    waiting = state is JobState.QUEUED
    return JobReport(
        slurm_id=key[0],
        task=key[1],
        state=state,
        raw_state=word,
        reason="" if reason == "None" else reason,
        exit_code=exit_code if re.fullmatch(r"\d+:\d+", exit_code) else "",
        elapsed=None if waiting else _seconds(elapsed),
        node=_node(node),
        name=name,
        source="sacct",
        started=None if waiting else _moment(start),
        ended=_moment(end),
        restarts=restarts,
        cpu_seconds=_cpu_seconds(cpu),
    )


def _account_fields(line: str) -> List[str]:
    """The twelve fields of a line; TotalCPU is empty where sacct did not tell it."""
    fields = fields_of(line, 12)
    if len(fields) == 12 and (not fields[10] or _CPU_TIME.fullmatch(fields[10])):
        return fields
    fields = fields_of(line, 11)
    return fields[:10] + [""] + fields[10:] if len(fields) == 11 else fields


def _cpu_seconds(text: str) -> Optional[float]:
    """Seconds of ``00:01.204``, ``01:02:03`` or ``1-02:03:04``."""
    match = _CPU_TIME.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = match.groups()
    whole = (int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes)
    return whole * 60 + float(seconds)


def _tasks(match: Any) -> List[str]:
    """Array tasks of an id: none, one, or those of ``[4-6,9%3]``."""
    if match.group(3) is None:
        return [match.group(2) or ""]
    found: List[str] = []
    for part in match.group(3).split("%")[0].split(","):
        bounds = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?", part)
        if bounds is None:
            continue
        low, high = int(bounds.group(1)), int(bounds.group(2) or bounds.group(1))
        step = max(1, int(bounds.group(3) or 1))
        high = min(high, low + step * (_MOST_TASKS - len(found) - 1))
        found.extend(str(task) for task in range(low, high + 1, step))
    return found or [""]


def _node(text: str) -> str:
    return "" if text in ("None assigned", "(null)", "n/a", "N/A") else text


def _seconds(text: str) -> Optional[float]:
    if re.fullmatch(r"\d{1,12}", text, re.ASCII):
        return float(text)
    try:
        return float(read_time(text))
    except ValueError:
        # "0:00" is no time limit, but a fair time to have run.
        return 0.0 if re.fullmatch(r"[0:]+", text) else None


def _moment(text: str) -> Optional[float]:
    """Seconds since the epoch, from those or from a local ``2026-11-22T15:38:09``."""
    if re.fullmatch(r"\d{9,12}", text, re.ASCII):
        return float(text)
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
    except (ValueError, OverflowError):
        return None


def _bytes(text: str) -> Optional[float]:
    if re.fullmatch(r"\d{1,18}", text, re.ASCII):
        return float(text)
    try:
        return float(read_memory(text))
    except (ValueError, OverflowError):
        return None
