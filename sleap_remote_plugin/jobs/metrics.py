"""How good a trained model is, as SLEAP measured it on frames that it had not seen.

Out of the values of a metrics file, of either generation. Reading the file is
session/metrics.py's; showing it is qt/metrics.py's.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.rounds import is_same_family

#: Where SLEAP 1.5 and newer keep what 1.3 and 1.4 call by these first words.
_SECTIONS = {
    "oks_voc": "voc_metrics",
    "pck_voc": "voc_metrics",
    "oks": "mOKS",
    "dist": "distance_metrics",
    "pck": "pck_metrics",
    "vis": "visibility_metrics",
    "detection": "detection_metrics",
}


@dataclass(frozen=True)
class RunMetrics:
    """What a model scored on the validation frames; None where SLEAP does not tell.

    Attributes
    ----------
    oks_map : float or None
        Mean average precision of object keypoint similarity, 0 to 1; more is better.
        A centroid model of SLEAP 1.5 and newer has none.
    p50, p90 : float or None
        Half, and nine tenths, of the points are nearer to the label than this, in
        pixels; less is better.
    recall : float or None
        Share of the labelled animals that a centroid model found, 0 to 1.
    """

    oks_map: Optional[float] = None
    p50: Optional[float] = None
    p90: Optional[float] = None
    recall: Optional[float] = None


@dataclass(frozen=True)
class HeadMetrics:
    """The metrics of one of a training's models, beside those of the round before.

    Attributes
    ----------
    fault : str
        Why there are none, as a sentence; empty: there are.
    before : RunMetrics or None
        Of the last finished training of the same project and head.
    before_name : str
        Name of that training.
    """

    head: str
    now: RunMetrics = RunMetrics()
    fault: str = ""
    before: Optional[RunMetrics] = None
    before_name: str = ""


def flat_metrics(values: Any) -> Dict[str, Any]:
    """The values under the names of SLEAP 1.3 (``dist.p50``), of either generation."""
    if not isinstance(values, dict):
        return {}
    if not any(isinstance(values.get(name), dict) for name in _SECTIONS.values()):
        return dict(values)
    found: Dict[str, Any] = {}
    for first, section in _SECTIONS.items():
        inner = values.get(section)
        for name, value in inner.items() if isinstance(inner, dict) else ():
            is_whole = name.startswith(("oks_voc.", "pck_voc."))
            found[name if is_whole else "{}.{}".format(first, name)] = value
    return found


def read_metrics(values: Any) -> RunMetrics:
    """The few numbers that the dock shows."""
    flat = flat_metrics(values)
    return RunMetrics(
        oks_map=_number(flat.get("oks_voc.mAP")),
        p50=_number(flat.get("dist.p50")),
        p90=_number(flat.get("dist.p90")),
        recall=_number(flat.get("detection.recall")),
    )


def _number(value: Any) -> Optional[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def rounds_before(job: Job, jobs: Sequence[Job]) -> Tuple[Job, ...]:
    """Trainings of the same project that were finished before this one, newest first.

    By the time of submission, which one clock tells, and not by that of the end.
    """
    found = [
        one
        for one in jobs
        if one.kind is JobKind.TRAIN
        and one.state is JobState.COMPLETED
        and one.uid != job.uid
        and one.created < job.created
        and is_same_family(one.project, job.project)
    ]
    return tuple(sorted(found, key=lambda one: one.created, reverse=True))


def beside(now: HeadMetrics, before: RunMetrics, name: str) -> HeadMetrics:
    """The metrics with those of the round before."""
    return dataclasses.replace(now, before=before, before_name=name)
