"""What a job does, in the words of the submit dialog."""

from __future__ import annotations

import dataclasses
from typing import Optional, Tuple

from sleap_remote_plugin.qt.dialogs.then_predict import ThenPredict


@dataclasses.dataclass(frozen=True)
class WhatToRun:
    """What the job does, in words.

    Attributes
    ----------
    title, detail : str
        Two lines: the models or videos; the labels or models they come from.
    name : str
        Suggested name of the job.
    parts : tuple of str
        Models to train, or videos.
    warnings : tuple of str
        Sentences on what is known to fail.
    settings, rotations
        As `TrainingPlan` has them.
    then : ThenPredict or None
        What may follow a training; None: nothing is offered.
    """

    title: str
    detail: str
    name: str
    parts: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()
    settings: Tuple[str, ...] = ()
    rotations: Tuple[Tuple[str, str], ...] = ()
    then: Optional[ThenPredict] = None
