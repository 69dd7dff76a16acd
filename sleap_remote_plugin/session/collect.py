"""Models and predictions that are really there: existing, whole, and of this job.

Whether one file is whole is artefacts.py's; loading them into SLEAP, the host's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ResultsMissing, StoreProblem
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.progress import (
    epochs_in_config,
    read_training_log,
)
from sleap_remote_plugin.jobs.record import load_record
from sleap_remote_plugin.jobs.untrusted import Unfit, read_whole, shown
from sleap_remote_plugin.session.artefacts import file_fault, folder_fault, inside
from sleap_remote_plugin.session.predicted import PredictionFile, prediction_file
from sleap_remote_plugin.words import tr

#: Weights -> the config that lies beside them, by generation.
_WEIGHTS = (
    ("best_model.h5", "training_config.json"),
    ("best.ckpt", "training_config.yaml"),
)
_CONFIGS = (
    ("training_config.json", Generation.LEGACY),
    ("training_config.yaml", Generation.CURRENT),
)
_WHOLE = tr(" is whole")
#: Seconds by which a result may seem to be older than the job's start: two clocks.
_OLDER = 3600.0


@dataclass(frozen=True)
class Results:
    """What a job made: run folders of trained models, and predictions files.

    Attributes
    ----------
    note : str
        Sentences on what is not there, or not finished; empty: all is.
    """

    runs: Tuple[Path, ...] = ()
    predictions: Tuple[PredictionFile, ...] = ()
    note: str = ""


def collect(
    job: Job, folder: Path, to_local: Callable[[str], Optional[str]] = lambda _: None
) -> Results:
    """The job's artefacts, each checked.

    Of a job that was cancelled or failed: those that are there and whole.

    Parameters
    ----------
    folder : Path
        The job's folder as this machine spells it.
    to_local : callable
        This machine's spelling of a path of the cluster's elsewhere, or None.

    Raises
    ------
    ResultsMissing
        One of them is not there, or not whole; the message names it.
    """
    check_owner(job, folder)
    faults = faults_of(job, folder)
    tasks = job.tasks
    note = ""
    if is_ended_early(job) and not all(faults):
        tasks = tuple(t for t, fault in zip(tasks, faults) if not fault)
        note = what_is_there(job, folder, faults)
        faults = []
    for fault in faults:
        if fault:
            raise ResultsMissing(
                tr(
                    "{} Nothing was loaded. Read the job's log, then run it again."
                ).format(fault)
            )
    if job.kind is JobKind.TRAIN:
        return Results(tuple(inside(folder, task.output) for task in tasks), note=note)
    found = tuple(prediction_file(job, folder, task, to_local) for task in tasks)
    return Results(predictions=found, note=note)


def is_ended_early(job: Job) -> bool:
    """Whether a job has ended without all that it should have made.

    Some of it may be of use without the rest.
    """
    return job.state.is_final and job.state is not JobState.COMPLETED


def check_owner(job: Job, folder: Path) -> None:
    """See that the folder is this job's still.

    Raises
    ------
    ResultsMissing
        Its record tells of another job.
    """
    try:
        owner = load_record(folder).uid
    except StoreProblem:  # gone or damaged: it is written anew from the list
        return
    if owner != job.uid:
        raise ResultsMissing(
            tr(
                "The folder {} belongs to another job now ({}, not {}), so nothing in "
                "it was used."
            ).format(shown(folder), owner, job.uid)
        )


def faults_of(job: Job, folder: Path) -> List[str]:
    """For each task a sentence on what is wrong with its artefact, or ``""``."""
    return [
        fault_of(job.kind, folder, task) or _age_fault(job, folder, task)
        for task in job.tasks
    ]


def fault_of(kind: JobKind, folder: Path, task: Task) -> str:
    """A sentence on what is wrong with a task's artefact; empty if nothing is."""
    try:
        path = inside(folder, task.output)
        if kind is JobKind.TRAIN:
            return _run_fault(path, folder, task)
        return _predictions_fault(path, task)
    except ResultsMissing as error:
        return str(error)
    except (OSError, ValueError) as error:
        return tr("{} cannot be read: {}.").format(
            shown(folder / task.output), getattr(error, "strerror", "") or error
        )


def is_finished_run(run: Path) -> bool:
    """Whether SLEAP came to the end of a run: it evaluates only after training."""
    return any(run.glob("metrics.*")) or any(run.glob("labels_pr.*"))


def what_is_there(job: Job, folder: Path, faults: Sequence[str]) -> str:
    """What a job that ended early has made so far, and what is missing, by name."""
    if job.kind is JobKind.TRAIN:
        words = [_part(folder, t, fault) for t, fault in zip(job.tasks, faults)]
        if all(word.endswith(_WHOLE) for word in words):
            return tr("The job did not end well, and all of its models are whole.")
        return tr("This training did not come to its end: {}.").format("; ".join(words))
    missing = [shown(t.title) for t, fault in zip(job.tasks, faults) if fault]
    if not missing:
        return ""
    return tr("{} of {} videos are there. Not there: {}.").format(
        len(job.tasks) - len(missing), len(job.tasks), ", ".join(missing[:20])
    )


def _part(folder: Path, task: Task, fault: str) -> str:
    title = shown(task.title)
    run = folder / task.output
    if fault:
        return title + (
            tr(" cannot be used") if _has_weights(run) else tr(" was not trained")
        )
    if is_finished_run(run):
        return title + _WHOLE
    done, total = _epochs(run)
    if not done:
        return tr("{} was begun").format(title)
    of = " of {}".format(total) if total else ""
    return tr("{} was trained {}{} epochs, the best of which is used").format(
        title, done, of
    )


def _has_weights(run: Path) -> bool:
    try:
        return any((run / weights).exists() for weights, _ in _WEIGHTS)
    except (OSError, ValueError):  # a name that no file can have
        return False


def _epochs(run: Path) -> Tuple[int, int]:
    """Epochs that were done, and the most that the config allows (0: unknown)."""
    done, total = 0, 0
    try:
        log = read_whole(run / "training_log.csv").decode("utf-8", "replace")
        done = len(read_training_log(log))
        for name, generation in _CONFIGS:
            if (run / name).is_file():
                text = read_whole(run / name).decode("utf-8", "replace")
                total = total or epochs_in_config(text, generation) or 0
    except (OSError, Unfit):
        pass  # what it was trained is only told
    return done, total


def _run_fault(run: Path, folder: Path, task: Task) -> str:
    title = shown(task.title)
    if not run.is_dir():
        return tr("The model {} has no folder {}.").format(title, shown(run))
    fault = folder_fault(run, folder.resolve())
    if fault:
        return fault
    for weights, config in _WEIGHTS:
        if (run / weights).is_file() and (run / config).is_file():
            return file_fault(run / weights) or file_fault(run / config)
    return tr("The model {} was not trained: {} has no weights.").format(
        title, shown(run)
    )


def _predictions_fault(path: Path, task: Task) -> str:
    if not path.exists():
        return tr("There are no predictions for {}: {} is missing.").format(
            shown(task.title), shown(path)
        )
    return file_fault(path)


def _age_fault(job: Job, folder: Path, task: Task) -> str:
    """A sentence if an artefact was there before the job began: another one's.

    Of an array the start is not one moment, and what is requeued goes on from before.
    """
    is_array = job.kind is JobKind.PREDICT and len(job.tasks) > 1
    if job.started is None or job.restarts or is_array:
        return ""
    path = folder / task.output
    names = [w for w, _ in _WEIGHTS] if job.kind is JobKind.TRAIN else [""]
    try:
        times = [(path / n).stat().st_mtime for n in names if (path / n).is_file()]
    except OSError as error:
        return tr("{} cannot be read: {}.").format(shown(path), error.strerror or error)
    if not times or max(times) >= job.started - _OLDER:
        return ""
    return tr("{} is older than the job, so it is not what the job made.").format(
        shown(path)
    )
