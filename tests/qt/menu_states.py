"""The dock's and the window's menus, as they are when they are open."""

from __future__ import annotations

from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QMenu

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.qt.connection_line import ConnectionLine
from sleap_remote_plugin.qt.dock import buttons_for
from sleap_remote_plugin.qt.files_page import FilesPage
from sleap_remote_plugin.qt.job_menu import JobMenu, ProjectMenu
from sleap_remote_plugin.qt.job_panel import JobPanel
from sleap_remote_plugin.qt.menu import RemoteMenu
from sleap_remote_plugin.qt.menus import IN_USE, OTHER
from sleap_remote_plugin.session.job_files import FilePlace
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
    menu.setObjectName(IN_USE)
    yield "menu-cluster", menu
    menu = RemoteMenu("", _chosen)
    menu.setObjectName(OTHER)
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


def menus_of_parts():
    """(name, menu) for those that a part of a window makes when it is asked."""
    panels = JobPanel(), JobPanel()
    for panel in panels:
        panel.show_jobs([a_job("one")])
        panel.table.columns.show_menu(QPoint(0, 0))
    yield "menu-columns", panels[0].table.columns.menu
    (order,) = panels[1].table.columns.menu.findChildren(QMenu)
    yield "menu-columns-order", order
    files = FilesPage()
    files.show_places(
        [FilePlace("Folder", "/mnt/lab/job", "/ceph/lab/job", True, False)]
    )
    files.table.customContextMenuRequested.emit(QPoint(0, 0))
    yield "menu-file", files.menu
    away = FilesPage()
    away.show_places([FilePlace("Log", "", "/ceph/lab/job/slurm-1.out", None, True)])
    away.table.customContextMenuRequested.emit(QPoint(0, 0))
    yield "menu-file-not-here", away.menu


def _chosen(_cluster, _entry):
    """What a click leads to here."""
