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

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.stopping import Stopping, config_values

_LOSS = ("loss", "train/loss", "train_loss")
_VAL_LOSS = ("val_loss", "val/loss")
_LONGEST_LINE = 65536
#: What our batch script says first, each time that SLURM starts it.
_START = re.compile(r"Job \d+(?: task \d+)? on \S* ?, restart \d+")


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
    stopping : Stopping or None
        Training only: when it stops by itself.
    """

    done: float
    total: Optional[float] = None
    unit: str = "epochs"
    rate: Optional[float] = None
    eta: Optional[float] = None
    curve: Tuple[EpochPoint, ...] = ()
    stopping: Optional[Stopping] = None


class TrainingLog:
    """A training_log.csv as it grows; fed piece by piece, each byte once.

    A partial last line is kept until the rest comes, a repeated header (a second start
    in the same folder) begins a new curve, an epoch that is there twice counts once.
    """

    def __init__(self) -> None:
        self._columns: Dict[str, int] = {}
        self._points: Dict[int, EpochPoint] = {}
        self._partial = ""

    @property
    def curve(self) -> Tuple[EpochPoint, ...]:
        return tuple(self._points[epoch] for epoch in sorted(self._points))

    def feed(self, text: str) -> None:
        whole, end, partial = (self._partial + text).rpartition("\n")
        self._partial = partial[-_LONGEST_LINE:]
        for line in (whole + end).replace("\x00", "").splitlines():
            self._feed_line(line)

    def _feed_line(self, line: str) -> None:
        row = _row(line)
        if "epoch" in row:
            self._columns = {name.strip(): place for place, name in enumerate(row)}
            self._points = {}
            return
        point = _point(row, self._columns)
        if point is not None:
            self._points[point.epoch] = point


def read_training_log(text: str) -> Tuple[EpochPoint, ...]:
    r"""Points of a training_log.csv of either generation, by its header.

    Examples
    --------
    >>> read_training_log("epoch,loss,lr,val_loss\n0,0.5,1e-4,0.4\n")
    (EpochPoint(epoch=0, loss=0.5, val_loss=0.4),)
    """
    log = TrainingLog()
    log.feed(text)
    return log.curve


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
    curve: Tuple[EpochPoint, ...],
    total_epochs: Optional[int] = None,
    elapsed: Optional[float] = None,
    stopping: Optional[Stopping] = None,
) -> Progress:
    """Progress of one model.

    Parameters
    ----------
    curve : tuple of EpochPoint
        What its log has; empty while there is none.
    elapsed : float, optional
        Seconds since this model's training began.
    """
    done = float(len(curve))
    rate = done / elapsed if done and elapsed and elapsed > 0 else None
    eta = None
    if rate and total_epochs:
        eta = max(0.0, total_epochs - done) / rate
    total = float(total_epochs) if total_epochs else None
    return Progress(done, total, "epochs", rate, eta, curve, stopping)


class PredictionLog:
    """Inference lines of a log as it grows, of either generation."""

    def __init__(self) -> None:
        self.last: Optional[Progress] = None
        self._partial = ""

    def feed(self, text: str) -> None:
        """Take more of the log; a line of a new start makes it begin again."""
        # SLEAP 1.5 and newer end a line by a carriage return where it is overwritten.
        parts = (self._partial + text).replace("\r", "\n").split("\n")
        self._partial = parts[-1][-_LONGEST_LINE:]
        for line in reversed(parts):  # the last one counts: most are not looked at
            found = _last_inference(line) if "n_processed" in line else None
            if found is not None or _START.match(line):
                self.last = found
                return


def _last_inference(line: str) -> Optional[Progress]:
    for text in reversed(re.findall(r"\{[^{}]*\"n_processed\"[^{}]*\}", line)):
        found = _inference_line(text)
        if found is not None:
            return found
    return None


def read_prediction_progress(log_text: str) -> Optional[Progress]:
    """The last progress line of inference, of either generation; None: none yet."""
    log = PredictionLog()
    log.feed(log_text)
    return log.last


def _inference_line(text: str) -> Optional[Progress]:
    try:
        values = json.loads(text)
    except ValueError:
        return None
    done, total = _number(values["n_processed"]), _number(values.get("n_total"))
    if done is None or done < 0:
        return None
    rate, eta = _number(values.get("rate")), _number(values.get("eta"))
    if eta is None and rate and total is not None and rate > 0:
        eta = max(0.0, total - done) / rate
    return Progress(done, total, "frames", rate, eta)


def time_needed(progress: Sequence[Progress], tasks: int) -> Optional[float]:
    """Seconds that the tasks of a job still need at this pace, one after the other.

    A task that has not begun is taken to be like the one in work. None where nothing
    can be said. It is the most: training may stop early.
    """
    in_work = [one for one in progress if one.total is None or one.done < one.total]
    if not in_work:
        return None
    one = in_work[-1]
    if one.eta is None or not one.rate or one.rate <= 0 or one.total is None:
        return None
    to_come = max(0, tasks - len(progress))
    return one.eta + to_come * one.total / one.rate


def epochs_in_config(text: str, generation: Generation) -> Optional[int]:
    """The most epochs that a training config allows; None if it does not say."""
    return epochs_in_values(config_values(text, generation), generation)


def epochs_in_values(values: Any, generation: Generation) -> Optional[int]:
    """The same, of a config that was read already."""
    section, name = {
        Generation.LEGACY: ("optimization", "epochs"),
        Generation.CURRENT: ("trainer_config", "max_epochs"),
    }[generation]
    try:
        found = _number(values[section][name])
    except (KeyError, TypeError):
        return None
    return int(found) if found and found >= 1 else None
