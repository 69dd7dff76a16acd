"""A training package: the exported folder, as its jobs.yaml and configs describe it.

SLEAP's own train-script.sh and inference-script.sh are never run, nor read: they
lack the exec bit, go on after a failed model, and hold local paths.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence, Tuple

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.generation import Generation, generation_of_configs
from sleap_remote_plugin.jobs.untrusted import read_config
from sleap_remote_plugin.words import tr

#: Where models lie in a package that training only goes on from.
STARTS = "starting_points"


@dataclass(frozen=True)
class ModelSpec:
    """One model to train.

    Attributes
    ----------
    config : str
        The config's file name in the package.
    head : str
        ``centroid``, ``centered_instance``, ``bottomup``, ...
    run_path : str
        Where SLEAP writes the run, relative to the package: ``models/...``.
    labels : str
        The labels package's file name.
    """

    config: str
    head: str
    run_path: str
    labels: str


@dataclass(frozen=True)
class TrainingPackage:
    """An exported folder, seen from this machine."""

    folder: Path
    labels: str
    models: Tuple[ModelSpec, ...]
    generation: Generation


def load_package(folder: Path) -> TrainingPackage:
    """Read an exported, unzipped training package.

    Raises
    ------
    PackageProblem
        Something is missing, or would lie outside the package.
    """
    try:
        entries = read_config(folder / "jobs.yaml")["training"]
        models = tuple(_read_model(entry) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PackageProblem(
            tr(
                "The training package {} has no jobs.yaml that can be read. Nothing "
                "was submitted; export the package again."
            ).format(folder.name),
            detail=repr(error),
        ) from error
    if not models:
        raise PackageProblem(
            tr(
                "The training package {} has no model to train. Nothing was submitted; "
                "choose at least one model in SLEAP's training dialog."
            ).format(folder.name)
        )
    generation = generation_of_configs(model.config for model in models)
    if generation is None:
        raise PackageProblem(
            tr(
                "The training package {} mixes configs of two generations of SLEAP. "
                "Nothing was submitted; export it again."
            ).format(folder.name)
        )
    for name in {model.config for model in models} | {m.labels for m in models}:
        if not (folder / name).is_file():
            raise PackageProblem(
                tr(
                    "The training package {} lacks the file {}. Nothing was submitted; "
                    "export it again."
                ).format(folder.name, name)
            )
    return TrainingPackage(folder, models[0].labels, models, generation)


def run_folders(package: TrainingPackage) -> Tuple[str, ...]:
    """Run folders of all models of a package's pipeline, the centroid's first.

    Relative to the package: those to be trained, and those that it took along.
    """
    runs = [(model.head, model.run_path) for model in package.models]
    runs += _reused(package.folder)
    return tuple(path for _, path in sorted(runs, key=lambda run: run[0] != "centroid"))


def with_reused(runs: Sequence[Path]) -> Tuple[Path, ...]:
    """Runs of a package, and before them the trained models that it took along.

    Parameters
    ----------
    runs : sequence of Path
        Of one package, each in a folder of it (``models/...``).
    """
    if not runs:
        return ()
    folder = runs[0].parent.parent
    there = [folder / name for _, name in _reused(folder) if (folder / name).is_dir()]
    return tuple(there) + tuple(runs)


def taken_along(package: TrainingPackage) -> Tuple[str, ...]:
    """Folders of trained models that the package brings with it, relative to it."""
    found = [name for _, name in _reused(package.folder)]
    starts = package.folder / STARTS
    if starts.is_dir():
        found.append(STARTS)
    return tuple(found)


def _reused(folder: Path) -> Tuple[Tuple[str, str], ...]:
    """Head and run folder of each trained model that a package took along."""
    try:
        entries = read_config(folder / "jobs.yaml")["reused"]
        return tuple(
            (str(entry["head"]), _inside(str(entry["run_path"]), folders=True))
            for entry in entries
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _read_model(entry: dict) -> ModelSpec:
    config = _inside(str(entry["cfg"]))
    labels = _inside(str(entry["train_labels"]))
    run_path = _inside(str(entry["run_path"]).replace("\\", "/"), folders=True)
    return ModelSpec(config, Path(config).stem, run_path, labels)


def _inside(name: str, folders: bool = False) -> str:
    """The name, if it stays in the package and holds no control character."""
    parts = name.split("/")
    bad = (
        not name
        or name.startswith(("/", "-", "~"))
        or ".." in parts
        or "" in parts
        or re.search(r"[\x00-\x1f\x7f]", name)
        or (len(parts) > 1 and not folders)
        or re.match(r"[A-Za-z]:", name)
    )
    if bad:
        raise ValueError(tr("{!r} does not lie in the package").format(name))
    return name
