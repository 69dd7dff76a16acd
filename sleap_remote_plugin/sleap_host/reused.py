"""Trained models that a training uses: they travel with the package, by copy.

The cluster need not see where they lie, and nobody's later clean-up breaks the job.
"""

from __future__ import annotations

import fnmatch
import shutil
from pathlib import Path

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.words import tr

#: What a model is: its configs, its weights, how good it was.
_PARTS = (
    "training_config.*",
    "initial_config.*",
    "best_model.h5",
    "best.ckpt",
    "metrics.val*",
)
_WEIGHTS = ("best_model.h5", "best.ckpt")


def take_along(run: Path, folder: Path, place: str) -> str:
    """Copy a trained run into a package (*files lane*).

    Returns
    -------
    str
        Where it is, relative to the package: the same on the cluster.

    Raises
    ------
    PackageProblem
        It has no weights, or cannot be read.
    """
    target = _free(folder / place / run.name)
    try:
        if not any((run / name).is_file() for name in _WEIGHTS):
            raise PackageProblem(
                tr(
                    "The trained model {} is to be used, but its weights are not there "
                    "any more. Nothing was submitted. Choose another model in SLEAP's "
                    "training dialog, or train this one anew."
                ).format(run)
            )
        target.mkdir(parents=True)
        for path in sorted(run.iterdir()):
            if path.is_file() and any(fnmatch.fnmatch(path.name, p) for p in _PARTS):
                shutil.copyfile(str(path), str(target / path.name))
    except OSError as error:
        raise PackageProblem(
            tr(
                "The trained model {} is to be used, but it cannot be copied into the "
                "package: {}. Nothing was submitted. Check that its disk is there."
            ).format(run, error.strerror or error)
        ) from error
    return "{}/{}".format(place, target.name)


def _free(target: Path) -> Path:
    found, number = target, 1
    while found.exists():
        number += 1
        found = target.with_name("{}.{}".format(target.name, number))
    return found
