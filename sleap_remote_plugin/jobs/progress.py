"""How far a job is: SLEAP's training_log.csv and its inference lines, as numbers.

Pure text in, numbers out; which file to read is in session.
"""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import yaml

from sleap_remote_plugin.jobs.generation import Generation

_LOSS = ("loss", "train/loss", "train_loss")
_VAL_LOSS = ("val_loss", "val/loss")


@dataclass(frozen=True)
class EpochPoint:
    """One finished epoch; None where the log has no number (or NaN)."""

    epoch: int
    loss: Optional[float] = None
    val_loss: Optional[float] = None


@dataclass(frozen=True)
class Progress:
    """How far one task is.

    Attributes
    ----------
    done, total : float
        In `unit`; total None where it is not known.
    unit : str
        ``epochs`` or ``frames``.
    rate : float or None
        Units per second.
    eta : float or None
        Seconds to go, at most: training may stop early.
    curve : tuple of EpochPoint
        Training only.
    """

    done: float
    total: Optional[float] = None
    unit: str = "epochs"
    rate: Optional[float] = None
    eta: Optional[float] = None
    curve: Tuple[EpochPoint, ...] = ()


def read_training_log(text: str) -> Tuple[EpochPoint, ...]:
    r"""Points of a training_log.csv of either generation, by its header.

    A partial last line is left out, a repeated header (a second start in the same
    folder) begins a new curve, an epoch that is there twice counts once.

    Examples
    --------
    >>> read_training_log("epoch,loss,lr,val_loss\n0,0.5,1e-4,0.4\n")
    (EpochPoint(epoch=0, loss=0.5, val_loss=0.4),)
    """
    whole = text[: text.rfind("\n") + 1].replace("\x00", "")
    columns: Dict[str, int] = {}
    points: Dict[int, EpochPoint] = {}
    for line in whole.splitlines():
        row = _row(line)
        if "epoch" in row:
            columns = {name.strip(): place for place, name in enumerate(row)}
            points = {}
            continue
        point = _point(row, columns)
        if point is not None:
            points[point.epoch] = point
    return tuple(points[epoch] for epoch in sorted(points))


def _row(line: str) -> List[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _point(row: Sequence[str], columns: Dict[str, int]) -> Optional[EpochPoint]:
    if not columns or len(row) < len(columns):
        return None
    epoch = _number(row[columns["epoch"]])
    if epoch is None or not 0 <= epoch < 1e9:
        return None
    return EpochPoint(
        int(epoch), _column(row, columns, _LOSS), _column(row, columns, _VAL_LOSS)
    )


def _column(
    row: Sequence[str], columns: Dict[str, int], names: Sequence[str]
) -> Optional[float]:
    for name in names:
        if name in columns:
            return _number(row[columns[name]])
    return None


def _number(text: Any) -> Optional[float]:
    if isinstance(text, bool):
        return None
    try:
        value = float(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def training_progress(
    log_text: str,
    total_epochs: Optional[int] = None,
    elapsed: Optional[float] = None,
) -> Progress:
    """Progress of one model.

    Parameters
    ----------
    log_text : str
        training_log.csv; empty while there is none.
    elapsed : float, optional
        Seconds since this model's training began.
    """
    curve = read_training_log(log_text)
    done = float(len(curve))
    rate = done / elapsed if done and elapsed and elapsed > 0 else None
    eta = None
    if rate and total_epochs:
        eta = max(0.0, total_epochs - done) / rate
    total = float(total_epochs) if total_epochs else None
    return Progress(done, total, "epochs", rate, eta, curve)


def read_prediction_progress(log_text: str) -> Optional[Progress]:
    """The last progress line of inference, of either generation; None: none yet."""
    for line in reversed(log_text.splitlines()):
        for part in reversed(re.findall(r"\{[^{}]*\"n_processed\"[^{}]*\}", line)):
            found = _inference_line(part)
            if found is not None:
                return found
    return None


def _inference_line(text: str) -> Optional[Progress]:
    try:
        values = json.loads(text)
    except ValueError:
        return None
    done, total = _number(values["n_processed"]), _number(values.get("n_total"))
    if done is None or done < 0:
        return None
    rate, eta = _number(values.get("rate")), _number(values.get("eta"))
    return Progress(done, total, "frames", rate, eta)


def epochs_in_config(text: str, generation: Generation) -> Optional[int]:
    """The most epochs that a training config allows; None if it does not say."""
    try:
        # JSON is read as JSON: YAML takes 1e-4 for text.
        values = (
            json.loads(text)
            if generation is Generation.LEGACY
            else yaml.safe_load(text)
        )
        section, name = {
            Generation.LEGACY: ("optimization", "epochs"),
            Generation.CURRENT: ("trainer_config", "max_epochs"),
        }[generation]
        found = _number(values[section][name])
    except (ValueError, KeyError, TypeError, yaml.YAMLError, RecursionError):
        return None
    return int(found) if found and found >= 1 else None
