"""When a training stops by itself: after how many epochs without a better one.

As SLEAP has it: Keras's and Lightning's EarlyStopping, on the validation loss.
"""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple, Optional, Sequence

import yaml

from sleap_remote_plugin.jobs.generation import Generation

_WHERE = {
    Generation.LEGACY: (
        ("optimization", "early_stopping"),
        ("plateau_patience", "plateau_min_delta"),
    ),
    Generation.CURRENT: (
        ("trainer_config", "early_stopping"),
        ("patience", "min_delta"),
    ),
}


class Stopping(NamedTuple):
    """Early stopping as a training config sets it.

    Attributes
    ----------
    patience : int
        Epochs without a better one, after which the training ends.
    min_delta : float
        By how much a validation loss must be less to be better.
    """

    patience: int
    min_delta: float = 0.0


def config_values(text: str, generation: Generation) -> Any:
    """A training config's values; None where it cannot be read.

    JSON is read as JSON: YAML takes 1e-4 for text.
    """
    try:
        if generation is Generation.LEGACY:
            return json.loads(text)
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (ValueError, yaml.YAMLError, RecursionError):
        return None


def stopping_in_config(values: Any, generation: Generation) -> Optional[Stopping]:
    """Early stopping of a config's values; None where there is none."""
    path, (patience_name, delta_name) = _WHERE[generation]
    for name in path:
        values = values.get(name) if isinstance(values, dict) else None
    if not isinstance(values, dict) or values.get("stop_training_on_plateau") is False:
        return None
    patience = _number(values.get(patience_name))
    delta = _number(values.get(delta_name))
    if patience is None or not 1 <= patience < 1e6:
        return None
    return Stopping(int(patience), abs(delta or 0.0))


def waited(curve: Sequence[Any], stopping: Stopping) -> int:
    """Epochs since the last one that counted as better.

    Parameters
    ----------
    curve : sequence of EpochPoint
        In the order of the epochs.
    """
    best, count = math.inf, 0
    for point in curve:
        loss = point.val_loss
        if loss is not None and loss < best - stopping.min_delta:
            best, count = loss, 0
        else:
            count += 1
    return count


def _number(value: Any) -> Optional[float]:
    """YAML takes SLEAP's ``1e-08`` for text."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
