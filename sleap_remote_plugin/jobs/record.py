"""The record beside a package on the mount, and what the batch script wrote there.

A job's folder holds, besides SLEAP's own files::

    remote-job.json        the record: this program's intent and what came of it
    remote-job.claim       only while it is submitted: by whom (session/claim.py)
    remote-job.sbatch      the batch script
    remote-job.witness/    one file an array task: the batch script's own account
    slurm-<id>.out         the log

Record and witness are written whole or not at all, the witness once for each event.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, Optional, Tuple

from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.jobs.group import let_the_group_read
from sleap_remote_plugin.jobs.job import (
    Job,
    JobReport,
    JobState,
    job_from_dict,
    job_to_dict,
)
from sleap_remote_plugin.jobs.names import windows_refuses
from sleap_remote_plugin.jobs.untrusted import read_json, read_whole
from sleap_remote_plugin.words import tr

RECORD_NAME = "remote-job.json"
SCRIPT_NAME = "remote-job.sbatch"
WITNESS_FOLDER = "remote-job.witness"
FORMAT = 1


@dataclass(frozen=True)
class WitnessEvent:
    """One line of a witness file.

    Attributes
    ----------
    event : str
        ``started``, ``step`` (one model or video done), ``time_limit`` (it is near)
        or ``ended``.
    time : float
        Seconds since the epoch by the node's clock.
    index : int
        Which of the job's tasks, for ``step``.
    signal : str
        ``TERM`` where SLURM ended it; else empty.
    """

    event: str
    time: float = 0.0
    host: str = ""
    slurm_id: str = ""
    task: str = ""
    restart: int = 0
    index: int = -1
    exit_code: Optional[int] = None
    signal: str = ""


def save_whole(path: Path, data: bytes) -> None:
    """Write a file completely or not at all, so that it outlives a power cut.

    Temporary name, fsync, rename, fsync of the folder.
    """
    _put_whole(path, data, lasting=True)
    flush_folder(path.parent)


def _put_whole(path: Path, data: bytes, lasting: bool) -> None:
    name = ".{}.{}-{}.part".format(path.name, os.getpid(), secrets.token_hex(3))
    temporary = path.with_name(name)
    try:
        with temporary.open("wb") as out:
            out.write(data)
            if lasting:
                out.flush()
                os.fsync(out.fileno())
        os.replace(str(temporary), str(path))
    except OSError:
        if temporary.exists():
            temporary.unlink()
        raise


def flush_folder(folder: Path) -> None:
    """Make a folder's entries last; not every system and network disk can."""
    try:
        descriptor = os.open(str(folder), os.O_RDONLY)
    except OSError:
        return
    with contextlib.suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)


def save_record(folder: Path, job: Job) -> None:
    """Write a job's record into its folder (local spelling).

    Raises
    ------
    StoreProblem
        The folder cannot be written.
    """
    with _said(folder):
        save_whole(folder / RECORD_NAME, _text(job))
        let_the_group_read(folder / RECORD_NAME, folder)


def save_intent(folder: Path, job: Job, script: str) -> None:
    """Write a batch script, and the record of a job of which nothing was sent yet.

    Whole or not at all, as always; they need not outlive a power cut. Raises as
    save_record() does.
    """
    with _said(folder):
        _put_whole(folder / SCRIPT_NAME, script.encode("utf-8"), lasting=False)
        _put_whole(folder / RECORD_NAME, _text(job), lasting=False)
        for name in (SCRIPT_NAME, RECORD_NAME):
            let_the_group_read(folder / name, folder)


def _text(job: Job) -> bytes:
    values = {"format": FORMAT, "job": job_to_dict(job)}
    text = json.dumps(values, indent=1, ensure_ascii=False, sort_keys=True)
    return text.encode("utf-8")


@contextlib.contextmanager
def _said(folder: Path) -> Iterator[None]:
    """A sentence for a folder that cannot be written."""
    try:
        yield
    except OSError as error:
        raise StoreProblem(
            tr(
                "The job's record could not be written to {}: {}. Check that the mount "
                "is there and has space, then try again."
            ).format(folder, error.strerror)
        ) from error


def load_record(folder: Path) -> Job:
    """The job that a folder's record tells of.

    Raises
    ------
    StoreProblem
        There is no record, or it cannot be read.
    """
    path = folder / RECORD_NAME
    try:
        values = read_json(read_whole(path))
        if values["format"] > FORMAT:
            raise ValueError(tr("written by a newer version of this program"))
        return _checked(job_from_dict(values["job"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreProblem(
            tr(
                "The job's record {} cannot be read. The job itself is untouched."
            ).format(path),
            detail=repr(error),
        ) from error


def _checked(job: Job) -> Job:
    """The job, if its values can be used: anybody may have edited a record."""
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", job.uid, re.ASCII):
        raise ValueError(tr("no uid"))
    if not re.fullmatch(r"[0-9]{0,18}", job.slurm_id, re.ASCII):
        raise ValueError(tr("no SLURM id"))
    names = "created submitted started ended seen state_since unknown_since elapsed"
    times = [getattr(job, name) for name in (names + " max_rss cpu_seconds").split()]
    if not all(isinstance(value, (int, float, type(None))) for value in times):
        raise ValueError(tr("a time that is no number"))
    names = "name project folder cluster note user reason module node parent exit_code"
    texts = [getattr(job, name) for name in names.split()]
    texts += [task.output for task in job.tasks]
    if not all(isinstance(value, str) for value in texts):
        raise ValueError(tr("a text that is none"))
    return job


def read_witness(text: str) -> Tuple[WitnessEvent, ...]:
    """Events of one witness file; a partial or foreign line is passed over."""
    found = []
    for line in text.splitlines():
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            continue
        event = _event(values) if isinstance(values, dict) else None
        if event is not None:
            found.append(event)
    return tuple(found)


def _event(values: Dict[str, Any]) -> Optional[WitnessEvent]:
    try:
        code = values.get("exit_code")
        return WitnessEvent(
            event=str(values["event"]),
            time=float(values.get("time", 0)),
            host=str(values.get("host", "")),
            slurm_id=str(values.get("job", "")),
            task=str(values.get("task", "")),
            restart=int(values.get("restart") or 0),
            index=int(values.get("index", -1)),
            exit_code=None if code is None else int(code),
            signal=str(values.get("signal", "")),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def witness_report(events: Iterable[WitnessEvent]) -> Optional[JobReport]:
    """What a witness file says of the last (re)start of its task; None: nothing yet."""
    latest: Optional[JobReport] = None
    at_limit = False
    for event in events:
        if event.event == "started":
            at_limit = False
            latest = JobReport(
                slurm_id=event.slurm_id,
                task=event.task,
                state=JobState.RUNNING,
                node=event.host,
                started=event.time,
                restarts=event.restart,
                source="witness",
            )
        elif event.event == "time_limit":
            at_limit = True
        elif event.event == "ended" and latest is not None:
            latest = JobReport(
                slurm_id=latest.slurm_id,
                task=latest.task,
                state=_end_state(event, at_limit),
                exit_code="{}:0".format(event.exit_code or 0),
                node=latest.node,
                started=latest.started,
                ended=event.time,
                restarts=latest.restarts,
                elapsed=max(0.0, event.time - (latest.started or event.time)),
                source="witness",
            )
    return latest


def _end_state(event: WitnessEvent, at_limit: bool) -> JobState:
    """The end as the script saw it; which signal SLURM meant, only SLURM knows."""
    if event.signal:
        return JobState.TIMED_OUT if at_limit else JobState.FINISHING
    return JobState.COMPLETED if event.exit_code == 0 else JobState.FAILED


def safe_stem(text: str) -> str:
    """A name for a folder on any of the systems: letters, digits, ``_ . -``."""
    cleaned = re.sub(r"[^\w.-]+", "_", text, flags=re.UNICODE).strip("._ ")
    short = cleaned[:79].encode("utf-8")[:120].decode("utf-8", "ignore")
    stem = short.rstrip(".") or "job"
    return "_" + stem if windows_refuses(stem) else stem  # ``con`` is a device there
