"""What a job's own files tell while it runs: its log, how far it is.

Reads only, and each byte once: it costs the cluster nothing. Where the files are is
files.py's; what their text means is jobs/progress.py's.
"""

from __future__ import annotations

import re
import threading
from typing import Callable, Dict, List, Optional, Tuple, TypeVar

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.jobs import progress as progress_room
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, Task
from sleap_remote_plugin.jobs.progress import PredictionLog, Progress, TrainingLog
from sleap_remote_plugin.jobs.stopping import (
    Stopping,
    config_values,
    stopping_in_config,
)
from sleap_remote_plugin.session.files import Files, Status, Tail
from sleap_remote_plugin.session.log_parts import is_array, part_of
from sleap_remote_plugin.words import tr

T = TypeVar("T")

#: Bytes of a log that are looked at: its end.
LOG_END = 65536
_CONFIGS = tuple(
    (name + ending, generation)
    for ending, generation in (
        (".json", Generation.LEGACY),
        (".yaml", Generation.CURRENT),
    )
    for name in ("training_config", "initial_config")
)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)?")
#: Also what turns the direction of what follows, or breaks a line unseen.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def log_names(job: Job) -> Tuple[str, ...]:
    """The logs of the job's SLURM id, one for each array task, in order."""
    if not job.slurm_id:
        return ()
    if job.kind is JobKind.PREDICT and len(job.tasks) > 1:
        tasks = range(len(job.tasks))
        return tuple("slurm-{}_{}.out".format(job.slurm_id, n) for n in tasks)
    return ("slurm-{}.out".format(job.slurm_id),)


def clean(text: str) -> str:
    """Untrusted text as a person would see it in a terminal, without its powers.

    Colour codes and control characters go; of a line that was overwritten by
    carriage returns (a progress bar) the last state stays.
    """
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        shown = [part for part in line.split("\r") if part.strip()]
        lines.append(_CONTROL.sub("", _ANSI.sub("", shown[-1] if shown else "")))
    return "\n".join(lines)


class Reader:
    """Reads the files of many jobs, and remembers how far it has read each."""

    _MOST = 1000

    def __init__(self) -> None:
        self._jobs: Dict[Tuple[str, str], _JobFiles] = {}
        self._lock = threading.Lock()

    def progress(self, job: Job, files: Files) -> Tuple[Progress, ...]:
        """One Progress for each task that has begun."""
        return self._of(job, lambda read: read.progress(job, files))

    def log_tail(self, job: Job, files: Files, size: int, part: int = -1) -> str:
        """The ends of the logs, at most `size` bytes together, safe to show.

        Parameters
        ----------
        part : int
            Which of the job's tasks; -1: all.
        """
        return self._of(job, lambda read: read.log_tail(job, files, size, part))

    def _of(self, job: Job, look: Callable[["_JobFiles"], T]) -> T:
        with self._lock:
            if len(self._jobs) >= self._MOST:
                self._jobs.clear()
            read = self._jobs.setdefault((job.uid, job.slurm_id), _JobFiles())
        # A look at a disk that hangs is left behind, and holds this for good.
        if not read.lock.acquire(timeout=1.0):
            raise MountNotProven(
                tr(
                    "The mount still does not answer. Jobs on the cluster go on; what "
                    "is shown is the last that was seen."
                )
            )
        try:
            return look(read)
        finally:
            read.lock.release()


class _JobFiles:
    """What was read of one job's files so far."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._runs: Dict[str, _Run] = {}
        self._logs: Dict[str, _Log] = {}

    def progress(self, job: Job, files: Files) -> Tuple[Progress, ...]:
        if job.kind is JobKind.TRAIN:
            return self._training(job, files)
        found = [log.prediction.last for log in self._read_logs(job, files)]
        return tuple(one for one in found if one is not None)

    def _training(self, job: Job, files: Files) -> Tuple[Progress, ...]:
        names = [name for task in job.tasks for name in _run_names(task)]
        there = files.status(names)
        found: List[Progress] = []
        for task in job.tasks:
            run = self._runs.setdefault(task.output, _Run())
            one = run.progress(task, files, there)
            if one is not None:
                found.append(one)
        return tuple(found)

    def _read_logs(
        self, job: Job, files: Files, size: int = LOG_END, part: int = -1
    ) -> List["_Log"]:
        names = log_names(job)
        if part >= 0 and is_array(job):
            names = names[part : part + 1]
        there = files.status(names)
        logs = self._logs if size <= LOG_END else {}  # more was not kept
        found = []
        for name in names:
            if name in there:
                new = _Log(max(size, LOG_END), job.kind is JobKind.PREDICT)
                log = logs.setdefault(name, new)
                log.read(files, name, there[name])
                found.append(log)
        return found

    def log_tail(self, job: Job, files: Files, size: int, part: int) -> str:
        logs = self._read_logs(job, files, size, part)
        share = max(1024, size // max(1, len(logs)))
        if len(logs) == 1:
            text = logs[0].end(share)
            is_whole = part < 0 or is_array(job) or len(job.tasks) < 2
            return text if is_whole else part_of(text, job, part)
        return "\n".join("== {}\n{}".format(o.name, o.end(share)) for o in logs)


def _run_names(task: Task) -> List[str]:
    names = ["training_log.csv"] + [name for name, _ in _CONFIGS]
    return ["{}/{}".format(task.output, name) for name in names]


class _Run:
    """One model's folder: its log, and the most epochs that its config allows."""

    def __init__(self) -> None:
        self._tail = Tail()
        self._log = TrainingLog()
        self._epochs: Optional[int] = None
        self._stopping: Optional[Stopping] = None

    def progress(
        self, task: Task, files: Files, there: Dict[str, Status]
    ) -> Optional[Progress]:
        names = _run_names(task)
        if not any(name in there for name in names):
            return None
        self._find_epochs(task, files, there)
        log = there.get(names[0])
        elapsed = None
        if log is not None:
            new = self._tail.new(files, names[0], log.size)
            if self._tail.began_again:
                self._log = TrainingLog()
            self._log.feed(new.decode("utf-8", "replace"))
            begun = [there[n].written for n in names[1:] if n in there and "init" in n]
            elapsed = max(0.0, log.written - min(begun)) if begun else None
        elif self._log.curve:  # taken away: it begins anew
            self._tail, self._log = Tail(), TrainingLog()
        return progress_room.training_progress(
            self._log.curve, self._epochs, elapsed, self._stopping
        )

    def _find_epochs(self, task: Task, files: Files, there: Dict[str, Status]) -> None:
        for name, generation in _CONFIGS:
            path = "{}/{}".format(task.output, name)
            if self._epochs is None and path in there:
                text = files.read(path, 0, 1 << 20).decode("utf-8", "replace")
                values = config_values(text, generation)
                self._epochs = progress_room.epochs_in_values(values, generation)
                self._stopping = stopping_in_config(values, generation)


class _Log:
    """The end of one log, and what its inference lines tell."""

    def __init__(self, most: int = LOG_END, is_prediction: bool = True) -> None:
        self.name = ""
        self.is_prediction = is_prediction
        self.prediction = PredictionLog()
        self._most = most
        self._tail = Tail(first=most)
        self._end = b""
        self._is_cut = False

    def read(self, files: Files, name: str, status: Status) -> None:
        self.name = name
        if not self._end:
            self._is_cut = status.size > self._most
        new = self._tail.new(files, name, status.size)
        if self._tail.began_again:
            self.prediction, self._end, self._is_cut = PredictionLog(), b"", False
        if self.is_prediction:
            self.prediction.feed(new.decode("utf-8", "replace"))
        self._is_cut = self._is_cut or len(self._end) + len(new) > self._most
        self._end = (self._end + new)[-self._most :]

    def end(self, size: int) -> str:
        """The last whole lines."""
        data = self._end[-size:]
        if self._is_cut or len(self._end) > size:
            data = data.partition(b"\n")[2]
        return clean(data.decode("utf-8", "replace"))
