"""What a job's own files on the mount tell while it runs: its log, how far it is.

Reads only; all of it costs the cluster nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import List, Optional, Tuple

from sleap_remote_plugin.jobs import progress as progress_room
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.progress import Progress

_CONFIGS = {Generation.LEGACY: ".json", Generation.CURRENT: ".yaml"}
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def log_files(job: Job, folder: Path) -> Tuple[Path, ...]:
    """The logs of the job's SLURM id, one for each array task, in order."""
    if not job.slurm_id:
        return ()
    names = list(folder.glob("slurm-{}.out".format(job.slurm_id)))
    names += folder.glob("slurm-{}_*.out".format(job.slurm_id))
    return tuple(sorted(names, key=_task_number))


def _task_number(path: Path) -> Tuple[int, str]:
    match = re.search(r"_(\d+)\.out$", path.name)
    return (int(match.group(1)) if match else -1, path.name)


def log_tail(job: Job, folder: Path, size: int) -> str:
    """The ends of the logs, at most `size` bytes together, safe to show."""
    files = log_files(job, folder)
    share = max(1024, size // max(1, len(files)))
    parts = []
    for path in files:
        text = clean(_end(path, share))
        parts.append("== {}\n{}".format(path.name, text) if len(files) > 1 else text)
    return "\n".join(parts)


def _end(path: Path, size: int) -> str:
    with path.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(max(0, length - size))
        data = file.read(size)
    if length > size:
        data = data.partition(b"\n")[2]
    return data.decode("utf-8", "replace")


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


def progress(job: Job, folder: Path) -> Tuple[Progress, ...]:
    """One Progress for each task that has begun."""
    found: List[Progress] = []
    if job.kind is JobKind.TRAIN:
        for task in job.tasks:
            one = _training(folder, task.output, job)
            if one is not None:
                found.append(one)
        return tuple(found)
    for path in log_files(job, folder):
        prediction = progress_room.read_prediction_progress(_end(path, 65536))
        if prediction is not None:
            found.append(prediction)
    return tuple(found)


def _training(folder: Path, run_path: str, job: Job) -> Optional[Progress]:
    run = folder / run_path
    log = run / "training_log.csv"
    if not run.is_dir():
        return None
    text = log.read_text("utf-8", "replace") if log.is_file() else ""
    total = None
    for generation, ending in _CONFIGS.items():
        for name in ("training_config", "initial_config"):
            config = run / (name + ending)
            if total is None and config.is_file():
                total = progress_room.epochs_in_config(
                    config.read_text("utf-8", "replace"), generation
                )
    elapsed = None
    if log.is_file():
        elapsed = max(0.0, log.stat().st_mtime - _begun(run, log))
    return progress_room.training_progress(text, total, elapsed)


def _begun(run: Path, log: Path) -> float:
    """When the run began: its first config's time; both by the file server's clock."""
    times = [path.stat().st_mtime for path in run.glob("initial_config.*")]
    return min(times) if times else log.stat().st_mtime
