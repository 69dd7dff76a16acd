"""The dock's and the window's menus, as they are when they are open."""

from __future__ import annotations

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.qt.connection_line import ConnectionLine
from sleap_remote_plugin.qt.dock import buttons_for
from sleap_remote_plugin.qt.job_menu import JobMenu, ProjectMenu
from sleap_remote_plugin.qt.menu import RemoteMenu
from tests.qt.standins import a_job

WHY_NOT = "Save the project first: the cluster reads it from the disk."
JOBS = (
    ("trained", JobKind.TRAIN, JobState.COMPLETED),
    ("predicted", JobKind.PREDICT, JobState.COMPLETED),
    ("failed", JobKind.TRAIN, JobState.FAILED),
    ("running", JobKind.TRAIN, JobState.RUNNING),
)


def menus():
    """(name, menu) for each."""
    menu = RemoteMenu("practice", _chosen)
    menu.set_shortcut("remote_train", "Ctrl+Alt+T")
    menu.set_shortcut("remote_jobs", "Ctrl+Alt+J")
    yield "menu-cluster", menu
    menu = RemoteMenu("", _chosen)
    for name in ("remote_train", "remote_predict", "remote_train_then_predict"):
        menu.allow(name, WHY_NOT, "")
    yield "menu-cluster-grey", menu
    for name, kind, state in JOBS:
        job = a_job(name, kind=kind, state=state)
        yield "menu-job-" + name, JobMenu(job, buttons_for(job))
    yield "menu-project", ProjectMenu("/mnt/lab/mouse.slp", "")
    yield "menu-project-open", ProjectMenu("/mnt/lab/mouse.slp", "/mnt/lab/mouse.slp")
    line = ConnectionLine()
    line.show_state("ok", "Practice HPC – connected as jane", False)
    yield "menu-connection", line.menu


def _chosen(_cluster, _entry):
    """What a click leads to here."""
