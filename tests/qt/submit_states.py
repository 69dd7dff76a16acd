"""The submit dialog's states, to be looked at."""

from __future__ import annotations

import dataclasses
import time

from sleap_remote_plugin.errors import ModuleMissing
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.last_time import LastTime
from sleap_remote_plugin.jobs.resources import GpuCount, Partition, Resources
from sleap_remote_plugin.jobs.site import Association, Site
from sleap_remote_plugin.jobs.version_match import misfit_advice, misfit_sentence
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog, WhatToRun
from sleap_remote_plugin.slurm.estimate import Estimate
from tests.qt.standins import a_profile

GB = 2**30
LONG = "小鼠_открытое_поле_with_a_very_long_name_indeed_of_the_third_round.v012"
WHAT = WhatToRun(
    "top-down: centroid, centered_instance",
    "212 labelled frames, mouse_openfield.v003.pkg.slp",
    "mouse_openfield.v003 top-down",
    settings=(
        "Predicts on nothing after the training, and visualises nothing.",
        "centroid: 261122_101500.centroid.n=181 is used as it is, and goes along.",
    ),
    rotations=(("centered_instance", "\u00b115\u00b0"),),
)
VIDEOS = WhatToRun(
    "3 videos: {0}.mp4, b.mp4, c.mp4".format(LONG),
    "with the models 261122_101500.centroid, 261122_103000.centered_instance.n=181",
    LONG + " predictions",
    ("a.mp4", "b.mp4", "c.mp4"),
)
LONG_WHAT = WhatToRun(
    "top-down: {0}, centered_instance".format(LONG),
    "212 labelled frames, {0}.pkg.slp".format(LONG),
    LONG + " top-down",
    settings=("{0}.centroid.n=181 is used as it is.".format(LONG * 2),),
    warnings=("{0}.slp has a scale that is known to fail.".format(LONG * 2),),
    rotations=((LONG, "\u00b115\u00b0"),),
)
GPUS = (GpuCount("a4500", 4, 3), GpuCount("rtx5000", 4, 0))
PARTITIONS = (
    Partition(
        "gpu", 345600, 32, 128 * GB, ("a4500", "rtx5000"), 4, True, True, 2, GPUS
    ),
    Partition("cpu", 864000, 64, 256 * GB, nodes=12),
    Partition("gpu_lowp", 345600, 32, 128 * GB, ("a4500",), 4, is_up=False),
)
ACCOUNTS = (
    Association("neurolab", "", ("normal", "short"), "normal"),
    Association("visitors", "gpu", ("normal",)),
)
RULES = (
    FieldRule("partition", fixed="gpu"),
    FieldRule("gpus", most=2),
    FieldRule("memory", 4 * GB, 64 * GB, help="Memory of the node, shared by all."),
    FieldRule("cpus", fixed=8),
    FieldRule("constraint", hidden=True),
    FieldRule("exclude", hidden=True),
)
LAST = LastTime(9.1 * GB, 4800.0, Resources())


def a_site(age=0.0):
    return Site(PARTITIONS, ACCOUNTS, time.time() - age)


def a_dialog(what=WHAT, kind=JobKind.TRAIN, **values):
    profile = a_profile(**values)
    dialog = SubmitDialog(profile, what, kind, Generation.CURRENT)
    dialog.suggest_module(profile.modules[0])
    return dialog


def submits():
    """(name, dialog) for each state."""
    best = a_dialog()
    best.offer_site(a_site())
    best.tell_last_time(LAST)
    best.tell_start(Estimate(0.0))
    yield "submit", best
    later = a_dialog(VIDEOS, JobKind.PREDICT)
    later.offer_site(a_site(5000.0))
    later.gpu_type.setCurrentText("rtx5000")
    later.tell_start(Estimate(21000.0))
    yield "submit-later", later
    yield "submit-first", a_dialog()
    yield "submit-long", a_dialog(LONG_WHAT, title=LONG)
    wrong = a_dialog()
    wrong.offer_site(a_site())
    wrong.time.setText("9-00")
    wrong.partition.setCurrentText("cpu")
    wrong.memory.setText("plenty")
    wrong.tell_last_time(LAST)
    yield "submit-problem", wrong
    alone = a_dialog()
    alone.offer_site(a_site())
    alone.memory.setText("32")
    alone.time.setText("1:30")
    yield "submit-no-unit", alone
    refused = a_dialog()
    refused.offer_site(a_site())
    refused.partition.setCurrentText("gpu_lowp")
    refused.tell_start(
        Estimate(refusal="Requested node configuration is not available")
    )
    yield "submit-refused", refused
    ruled = a_dialog(rules=RULES)
    ruled.offer_site(a_site())
    ruled.memory.setText("65G")
    ruled.help.button.setChecked(True)
    yield "submit-rules", ruled
    differs = SubmitDialog(
        a_profile(), WHAT, JobKind.TRAIN, Generation.CURRENT, version="1.6.6"
    )
    differs.leave_out_differences(())
    differs.suggest_module(a_profile().modules[0])
    yield "submit-version", differs
    misfit = SubmitDialog(a_profile(), WHAT, JobKind.TRAIN, Generation.LEGACY)
    profile = a_profile()
    misfit.tell_module_problem(_misfit(profile))
    yield "submit-misfit", misfit
    advised = SubmitDialog(a_profile(), WHAT, JobKind.TRAIN, Generation.LEGACY)
    advised.tell_module_problem(_misfit(profile))
    advised.with_module.how_button.setChecked(True)
    yield "submit-misfit-advice", advised
    script = a_dialog()
    script.show_button.click()
    script.show_script("#!/bin/bash -l\n#SBATCH --job-name=sleap-train-1\n" * 8)
    yield "submit-script", script
    asked = Resources(mail="jane@example.org", extra="--time=9", begin="later")
    advanced = a_dialog(dataclasses.replace(VIDEOS), JobKind.PREDICT)
    advanced.offer_site(a_site())
    advanced.suggest_resources(asked)
    yield "submit-advanced", advanced


def _misfit(profile):
    words = misfit_sentence(profile.title, profile.modules, Generation.LEGACY)
    return ModuleMissing(words, misfit_advice(profile.modules, Generation.LEGACY))
