"""Models and predictions that are really there: existing, whole, and of this job.

Loading them into SLEAP is the host's business.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Tuple

import yaml

from sleap_remote_plugin.errors import ResultsMissing
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task

_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
#: Weights -> the config that lies beside them, by generation.
_WEIGHTS = (
    ("best_model.h5", "training_config.json"),
    ("best.ckpt", "training_config.yaml"),
)


@dataclass(frozen=True)
class PredictionFile:
    """A predictions file, and the project's video that it is of.

    Attributes
    ----------
    video : str
        Path as the project spelled it at submission.
    video_index : int
        Its place in the project, or -1.
    """

    path: Path
    video: str
    video_index: int


@dataclass(frozen=True)
class Results:
    """What a job made: run folders of trained models, and predictions files."""

    runs: Tuple[Path, ...] = ()
    predictions: Tuple[PredictionFile, ...] = ()


def collect(job: Job, folder: Path) -> Results:
    """The job's artefacts, each checked.

    Of a prediction that was cancelled or failed: those videos that are whole.

    Parameters
    ----------
    folder : Path
        The job's folder as this machine spells it.

    Raises
    ------
    ResultsMissing
        One of them is not there, or not whole; the message names it.
    """
    faults = [fault_of(job.kind, folder, task) for task in job.tasks]
    tasks = job.tasks
    if _may_be_partial(job) and not all(faults):
        tasks = tuple(t for t, fault in zip(tasks, faults) if not fault)
        faults = []
    for fault in faults:
        if fault:
            raise ResultsMissing(
                "{} Nothing was loaded. Read the job's log, then run it again.".format(
                    fault
                )
            )
    if job.kind is JobKind.TRAIN:
        return Results(runs=tuple(inside(folder, task.output) for task in job.tasks))
    return Results(
        predictions=tuple(
            PredictionFile(inside(folder, task.output), task.video, task.video_index)
            for task in tasks
        )
    )


def _may_be_partial(job: Job) -> bool:
    """Whether some of the job's artefacts are of use without the others."""
    ended_early = job.state.is_final and job.state is not JobState.COMPLETED
    return ended_early and job.kind is JobKind.PREDICT


def fault_of(kind: JobKind, folder: Path, task: Task) -> str:
    """A sentence on what is wrong with a task's artefact; empty if nothing is."""
    path = inside(folder, task.output)
    try:
        if kind is JobKind.TRAIN:
            return _run_fault(path, task)
        return _predictions_fault(path, task)
    except OSError as error:
        return "{} cannot be read: {}.".format(path, error.strerror or error)


def inside(folder: Path, name: str) -> Path:
    """A path in the job's folder; a link that leads out of it is refused.

    Raises
    ------
    ResultsMissing
        The artefact lies elsewhere.
    """
    path = folder / name
    root = folder.resolve()
    real = path.resolve()
    if real != root and root not in real.parents:
        raise ResultsMissing(
            "{} leads out of the job's folder, so it was not opened.".format(path)
        )
    return path


def is_finished_run(run: Path) -> bool:
    """Whether SLEAP came to the end of a run: it evaluates only after training."""
    return any(run.glob("metrics.*")) or any(run.glob("labels_pr.*"))


def _run_fault(run: Path, task: Task) -> str:
    if not run.is_dir():
        return "The model {} has no folder {}.".format(task.title, run)
    for weights, config in _WEIGHTS:
        if (run / weights).is_file() and (run / config).is_file():
            return _weights_fault(run / weights) or _config_fault(run / config)
    return "The model {} was not trained: {} has no weights.".format(task.title, run)


def _weights_fault(path: Path) -> str:
    if path.suffix == ".h5":
        return hdf5_fault(path)
    if zipfile.is_zipfile(str(path)):
        return ""
    return "{} is not whole.".format(path)


def _config_fault(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".json":
            json.loads(text)
        else:
            yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (ValueError, yaml.YAMLError):
        return "{} is not whole.".format(path)
    return ""


def _predictions_fault(path: Path, task: Task) -> str:
    if not path.is_file():
        return "There are no predictions for {}: {} is missing.".format(
            task.title, path
        )
    return hdf5_fault(path)


def hdf5_fault(path: Path) -> str:
    """A sentence if a file is no whole HDF5 file; empty if it is.

    The superblock tells where the file ends (HDF5 file format 3.0, II.A): a shorter
    file was truncated, or is still being written.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(64)
    if not head.startswith(_HDF5_SIGNATURE):
        return "{} is empty or no HDF5 file.".format(path)
    end = _end_of_file(head)
    if end is not None and size < end:
        return "{} is not whole: {} of {} bytes are there.".format(path, size, end)
    return ""


def _end_of_file(head: bytes) -> Optional[int]:
    version = head[8]
    if version in (0, 1):
        offset, width = (40 if version == 0 else 44), head[13]
    elif version in (2, 3):
        width = head[9]
        offset = 12 + 2 * width
    else:
        return None
    return int.from_bytes(head[offset : offset + width], "little")
