"""*Then* in the submit dialog, and a training with its prediction in the dock."""

from __future__ import annotations

from sleap_remote_plugin.jobs.diagnosis import diagnose
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind, JobState, Task, job_to_dict
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog, WhatToRun
from sleap_remote_plugin.qt.dialogs.then_predict import ThenPredict
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.job_details import Findings
from tests.qt.standins import a_job, a_profile

_LONG = "200 frames of 2026-11-21_openfield_camera-3_小鼠_a_very_long_name_of_it.mp4"
_ASKED = Resources(cpus=16, memory=64 << 30, time=7200)


def then_dialogs():
    """(name, dialog) for each state of the row."""
    yield "then", _dialog(ThenPredict("12 videos", True))
    yield "then-not", _dialog(ThenPredict("all of mouse.mp4"))
    changed = _dialog(ThenPredict(_LONG, True))
    changed.then.change.click()
    changed.then.memory.setText("500G")
    yield "then-change", changed
    nothing = "No frame is chosen to predict on. Choose some under “Predict On” in "
    yield "then-cannot", _dialog(ThenPredict(why_not=nothing + "SLEAP's dialog."))


def _dialog(then):
    what = WhatToRun(
        "top-down: centroid, centered_instance",
        "212 labelled frames, mouse_openfield.v003.pkg.slp",
        "mouse_openfield.v003 top-down",
        settings=(
            "Trains only, and visualises nothing: predictions are a job of their own.",
        ),
        then=then,
    )
    made = SubmitDialog(a_profile(), what, JobKind.TRAIN, Generation.CURRENT)
    made.then.suggest(_ASKED)
    return made


def then_docks():
    """(name, dock): one waits for the other; one was not sent; one was not run."""
    prediction = a_job(
        "then",
        name="mouse_openfield.v003 predictions",
        kind=JobKind.PREDICT,
        state=JobState.QUEUED,
        folder="/ceph/lab/labels.slp.prediction_job",
        tasks=(Task("mouse.mp4", "p.slp"),),
        request={"after": "train"},
        parent="train",
        slurm_id="418",
    )
    training = a_job(
        "train",
        name="mouse_openfield.v003 top-down",
        state=JobState.RUNNING,
        then=job_to_dict(prediction.changed(slurm_id="")),
    )
    yield "waits", _dock((prediction, training), prediction)
    yield "owed", _dock((training,), training)
    ended = prediction.changed(
        state=JobState.CANCELLED,
        note="Not run, because “mouse_openfield.v003 top-down” failed.",
    )
    failed = training.changed(state=JobState.FAILED)
    yield "not-run", _dock((ended, failed), ended)


def _dock(jobs, chosen):
    dock = RemoteDock()
    dock.show_connection("ok", "Practice HPC – connected as jane", False)
    dock.show_jobs(jobs)
    dock.select(chosen.uid)
    dock.show_findings(chosen.uid, Findings(diagnosis=diagnose(chosen, "")))
    return dock
