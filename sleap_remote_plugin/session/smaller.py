"""The batch sizes of an earlier job, and half of them for another try.

The earlier job's files are read only. What is changed is the new job's own copy of a
config, or its own request; the text of a config is jobs/batch_size.py's.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.batch_size import (
    OF_PREDICTIONS,
    batch_in_config,
    with_batch,
)
from sleap_remote_plugin.jobs.deeds import Batch
from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.jobs.untrusted import Unfit, read_whole
from sleap_remote_plugin.words import tr

_NAME = "batch_size"


def smaller_batches(job: Job, folder: Path) -> Tuple[Batch, ...]:
    """What would be halved; empty: nothing can be.

    Of a training the model that failed, or all where that is not known.

    Raises
    ------
    PackageProblem
        The package is not there or not whole.
    """
    if job.kind is JobKind.PREDICT:
        before = _of_request(job)
        return (Batch("", before, before // 2),) if before and before > 1 else ()
    failed = {task.title for task in job.tasks if task.exit_code not in (None, 0)}
    found: List[Batch] = []
    package = load_package(folder)
    for model in package.models:
        size = _in_file(package, model.config)
        if size and size > 1 and (not failed or model.head in failed):
            found.append(Batch(model.head, size, size // 2))
    return tuple(found)


def _of_request(job: Job) -> Optional[int]:
    options = job.request.get("options", ())
    try:
        told = {str(name): str(value) for name, value in options}
        return int(told.get(_NAME, OF_PREDICTIONS))
    except (TypeError, ValueError):
        return None


def _in_file(package: TrainingPackage, config: str) -> Optional[int]:
    try:
        text = read_whole(package.folder / config).decode("utf-8")
    except (OSError, Unfit, ValueError):
        return None
    return batch_in_config(text, package.generation)


def change_package(package: TrainingPackage, batches: Sequence[Batch]) -> None:
    """Write smaller batch sizes into the configs of a new job's own package.

    Raises
    ------
    PackageProblem
        A config cannot be changed so; the new job is not to be sent.
    """
    wanted: Dict[str, int] = {batch.title: batch.after for batch in batches}
    for model in package.models:
        if model.head not in wanted:
            continue
        path = package.folder / model.config
        try:
            text = read_whole(path).decode("utf-8")
            changed = with_batch(text, package.generation, wanted[model.head])
            save_whole(path, changed.encode("utf-8"))
        except (OSError, ValueError) as error:
            raise PackageProblem(
                tr(
                    "The batch size in {} could not be changed. Nothing was submitted. "
                    "Set it in SLEAP's training dialog and submit from there."
                ).format(model.config),
                detail=repr(error),
            ) from error


def with_smaller_batch(
    request: PredictionRequest, batches: Sequence[Batch]
) -> PredictionRequest:
    """The same prediction with another batch size."""
    if not batches:
        return request
    kept = tuple(pair for pair in request.options if pair[0] != _NAME)
    options = kept + ((_NAME, str(batches[0].after)),)
    return dataclasses.replace(request, options=options)
