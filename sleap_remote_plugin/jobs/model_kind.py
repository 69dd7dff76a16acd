"""Which SLEAP trained a model: told by what is in its folder, not by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterable, Optional

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.untrusted import Unfit, open_plain, read_config
from sleap_remote_plugin.words import tr

#: Weights and how they begin, the config beside them and what it must hold.
_KINDS = (
    (Generation.LEGACY, "best_model.h5", b"\x89HDF", "training_config.json", "model"),
    (Generation.CURRENT, "best.ckpt", b"PK", "training_config.yaml", "model_config"),
)


def generation_of_model(run: Path) -> Optional[Generation]:
    """The generation that trained a model and can use it (*files lane*).

    None: the folder holds no trained model, or one of both, or cannot be read.

    Parameters
    ----------
    run : Path
        The model's folder, or its config.
    """
    is_config = run.name in [config for _, _, _, config, _ in _KINDS]
    folder = run.parent if is_config else run
    found = [kind[0] for kind in _KINDS if _is_there(folder, *kind[1:])]
    return found[0] if len(found) == 1 else None


def _is_there(
    folder: Path, weights: str, begins: bytes, config: str, part: str
) -> bool:
    try:
        with open_plain(folder / weights) as file:
            is_right = file.read(len(begins)) == begins
        values: Any = read_config(folder / config) if is_right else None
    except (OSError, Unfit):
        return False
    return isinstance(values, dict) and isinstance(values.get(part), dict)


def generation_of_models(runs: Iterable[str]) -> Optional[Generation]:
    """The generation of models that work together; None: it is not known.

    Raises
    ------
    ProjectNotReady
        They are of different ones.
    """
    found = {run: generation_of_model(Path(run)) for run in runs}
    known = {generation for generation in found.values() if generation is not None}
    if len(known) > 1:
        raise ProjectNotReady(
            tr(
                "These models cannot work together: {}. Nothing was submitted. Choose "
                "models that one SLEAP has trained."
            ).format(
                "; ".join(
                    tr("{} is of {}").format(Path(run).name, kind.title)
                    for run, kind in found.items()
                    if kind is not None
                )
            )
        )
    return known.pop() if known else None
