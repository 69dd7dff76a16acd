"""Where a loss curve's points lie: scales, ticks, and its words. No painting."""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.stopping import Stopping, waited
from sleap_remote_plugin.words import tr

#: A loss that is not above it has no place on the axis: a tick below it would be 0.
_NONE = 1e-300


class Curve(NamedTuple):
    """One model's training.

    Attributes
    ----------
    points : tuple of EpochPoint
    earlier : tuple of (str, tuple of EpochPoint)
        Name and points of earlier rounds of the same model, newest first.
    stopping : Stopping or None
        When it stops by itself.
    """

    name: str
    points: Tuple[Any, ...] = ()
    earlier: Tuple[Tuple[str, Tuple[Any, ...]], ...] = ()
    stopping: Optional[Stopping] = None


class Range(NamedTuple):
    """What the axes show: epochs counted from 1, losses as powers of ten."""

    last: int
    low: float
    high: float


def best_epoch(curve: Sequence[Any]) -> Optional[Any]:
    """The point with the lowest validation loss; None where there is none."""
    known = [point for point in curve if point.val_loss is not None]
    return min(known, key=lambda point: point.val_loss) if known else None


def range_of(curves: Sequence[Curve], earlier: int) -> Optional[Range]:
    """What must be seen of all curves; None where there is nothing.

    Parameters
    ----------
    earlier : int
        Earlier rounds of each model that are drawn.
    """
    seen: List[float] = []
    last = 0
    for curve in curves:
        shown = [(curve.points, "val_loss"), (curve.points, "loss")]
        shown += [(points, "val_loss") for _, points in curve.earlier[:earlier]]
        for points, field in shown:
            values = [getattr(point, field) for point in points]
            values = [value for value in values if value is not None and value > _NONE]
            if values:
                seen += [min(values), max(values)]
                last = max(last, points[-1].epoch + 1)
    if not seen:
        return None
    low, high = math.log10(min(seen)), math.log10(max(seen))
    space = max(0.05 * (high - low), 0.02)
    return Range(last, low - space, high + space)


def loss_ticks(low: float, high: float) -> List[Tuple[float, str]]:
    """(power of ten, label), from two to nine of them.

    Examples
    --------
    >>> loss_ticks(-3.1, -1.9)
    [(-3.0, '0.001'), (-2.0, '0.01')]
    """
    decades = range(math.ceil(low), math.floor(high) + 1)
    if len(decades) >= 2:
        step = max(1, math.ceil(len(decades) / 6.0))
        return [(float(d), _label(10.0**d)) for d in decades if d % step == 0]
    found = []
    for decade in range(math.floor(low), math.floor(high) + 1):
        for factor in (1, 2, 5) if high - low > 0.35 else (1, 1.5, 2, 3, 4, 5, 6, 8):
            power = decade + math.log10(factor)
            if low <= power <= high:
                found.append((power, _label(factor * 10.0**decade)))
    return found if len(found) > 1 else _ticks_between(10.0**low, 10.0**high)


def _ticks_between(low: float, high: float) -> List[Tuple[float, str]]:
    """Round losses at equal distances, where they are close to each other."""
    power = math.floor(math.log10(high - low))
    for step in [factor * 10.0**power for factor in (5, 2, 1, 0.5, 0.2)]:
        found = range(math.ceil(low / step), math.floor(high / step) + 1)
        if len(found) > 2:
            break
    digits = math.floor(math.log10(high)) - math.floor(math.log10(step)) + 1
    return [(math.log10(n * step), _label(n * step, digits)) for n in found if n > 0]


def _label(value: float, digits: int = 2) -> str:
    whole = math.floor(math.log10(value)) + 1 if value < 1e5 else 0
    text = "{:.{}g}".format(value, max(digits, whole))
    mantissa, e, exponent = text.partition("e")
    return "{}e{}".format(mantissa, int(exponent)) if e else text


def epoch_ticks(last: int, most: int) -> List[int]:
    """Whole epochs, at most `most` of them, with the first one.

    Examples
    --------
    >>> epoch_ticks(41, 6)
    [1, 10, 20, 30, 40]
    """
    step = 1
    for step in (s * 10**d for d in range(8) for s in (1, 2, 5)):
        if last / step <= max(most - 1, 1):
            break
    return [1] + [n for n in range(step, last + 1, step) if n > 1 and n != 1]


class Frame(NamedTuple):
    """Where the curves are drawn, in pixels; y grows downwards."""

    left: float
    top: float
    width: float
    height: float
    shown: Range

    def x(self, epoch: float) -> float:
        """Place of an epoch, counted from 1."""
        return self.left + (epoch - 1) / max(self.shown.last - 1, 1) * self.width

    def y(self, power: float) -> float:
        """Place of a loss, as a power of ten."""
        share = (power - self.shown.low) / (self.shown.high - self.shown.low)
        return self.top + (1.0 - share) * self.height

    def places(self, points: Iterable[Any], field: str) -> List[Tuple[float, float]]:
        """Where a line's points are; no more of them than there are pixels."""
        step = self.width / max(self.shown.last - 1, 1)
        values = []
        for point in points:
            value = point.val_loss if field == "val_loss" else point.loss
            if value is not None and value > _NONE:
                values.append((self.left + point.epoch * step, value))
        return [(x, self.y(math.log10(value))) for x, value in thinned(values)]


def thinned(places: Sequence[Tuple[float, float]]) -> List[Tuple[float, float]]:
    """The same line with no more points than its columns of pixels can show.

    Of each column the lowest and the highest are kept, so that no peak goes.

    Parameters
    ----------
    places : sequence of (float, float)
        From left to right, x in pixels.
    """
    if len(places) < 3 or places[-1][0] - places[0][0] >= len(places) - 1:
        return list(places)
    columns: Dict[int, List[Tuple[float, float]]] = {}
    for place in places:
        columns.setdefault(int(place[0]), []).append(place)
    found: List[Tuple[float, float]] = []
    for column in columns.values():
        if len(column) > 2:
            kept = {min(column, key=_second), max(column, key=_second)}
            column = [one for one in column if one in kept]
        found += column
    return found


def _second(pair: Tuple[float, float]) -> float:
    return pair[1]


def dashes(
    places: Sequence[Tuple[float, float]], on: float, off: float
) -> List[Tuple[float, float, float, float]]:
    """Pieces of a broken line along these places: x, y, x, y of each.

    Qt's own dashes of an antialiased line of many points take a tenth of a second.
    """
    found = []
    walked, period = 0.0, on + off
    for (x0, y0), (x1, y1) in zip(places, places[1:]):
        length = math.hypot(x1 - x0, y1 - y0)
        at = 0.0
        while at < length:
            phase = (walked + at) % period
            left = (on if phase < on else period) - phase
            end = min(length, at + max(left, 0.01))
            if phase < on:
                a, b = at / length, end / length
                dx, dy = x1 - x0, y1 - y0
                found.append((x0 + a * dx, y0 + a * dy, x0 + b * dx, y0 + b * dy))
            at = end
        walked += length
    return found


# -- words ----------------------------------------------------------------------------


def patience_text(curve: Curve) -> str:
    """``no better for 7 of 10 epochs``; empty where it does not stop by itself."""
    if curve.stopping is None or not curve.points:
        return ""
    count = waited(curve.points, curve.stopping)
    if count >= curve.stopping.patience:
        return tr("stopped by itself after {} epochs without a better one").format(
            count
        )
    if not count:
        return tr("the last epoch is the best")
    return tr("no better for {} of {} epochs").format(count, curve.stopping.patience)


def best_text(curve: Curve) -> str:
    """Best epoch, patience, and the round before, as a sentence; or empty."""
    best = best_epoch(curve.points)
    if best is None:
        return ""
    words = tr("{}: best validation loss {:.3g} at epoch {}").format(
        curve.name, best.val_loss, best.epoch + 1
    )
    patience = patience_text(curve)
    before = best_epoch(curve.earlier[0][1]) if curve.earlier else None
    if patience:
        words += "; " + patience
    words += "."
    if before is not None:
        words += tr(" It was {:.3g} in {}.").format(
            before.val_loss, curve.earlier[0][0]
        )
    return words


def description(curves: Sequence[Curve]) -> str:
    """The curves in words, for who does not see them."""
    lines = []
    for curve in curves:
        known = [p.val_loss for p in curve.points if p.val_loss is not None]
        if known:
            lines.append(
                tr("{}: {} epochs, validation loss from {:.3g} to {:.3g}. {}").format(
                    curve.name,
                    len(curve.points),
                    known[0],
                    known[-1],
                    best_text(curve),
                )
            )
        elif curve.points:
            words = tr("{}: {} epochs, no validation loss.")
            lines.append(words.format(curve.name, len(curve.points)))
    return " ".join(lines)


def values_at(curves: Sequence[Curve], epoch: int) -> List[str]:
    """The values of one epoch (from 1), a line for the epoch and one a model."""
    lines = ["Epoch {}".format(epoch)]
    for curve in curves:
        for point in curve.points:
            if point.epoch + 1 == epoch:
                validation, train = _value(point.val_loss), _value(point.loss)
                words = tr("{}: {} (train {})")
                lines.append(words.format(curve.name, validation, train))
    return lines


def _value(value: Optional[float]) -> str:
    return "–" if value is None else "{:.3g}".format(value)
