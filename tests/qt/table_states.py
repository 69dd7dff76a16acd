"""The table of jobs in its states, for `screens`; 20 jobs of four projects first."""

from __future__ import annotations

import time

from qtpy.QtCore import Qt

from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.beginning import beginning
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.host import Project, ProjectVideo
from sleap_remote_plugin.words import tr
from tests.qt.standins import a_job, a_profile

LONG = "小鼠_открытое_поле_with_a_very_long_name_of_a_project"
PROJECTS = (
    "/mnt/ceph/lab/mice/mouse_openfield.v003.slp",
    "/mnt/ceph/lab/mice/mouse_openfield.v002.slp",
    "/mnt/ceph/lab/2026/{}.v012.slp".format(LONG),
    "/mnt/ceph/lab/ذباب/ذباب_الفاكهة.slp",
)


def _array(done, failed, count):
    codes = [0] * done + [1] * failed + [None] * (count - done - failed)
    return tuple(
        Task("mouse_{:02}.mp4".format(n), "p", exit_code=code)
        for n, code in enumerate(codes)
    )


def many_jobs():
    """Twenty jobs of four projects, the newest first."""
    now = time.time()
    gpu = Resources(gpu_type="a4500")
    kinds = {"t": JobKind.TRAIN, "p": JobKind.PREDICT}
    rows = (
        ("t9", 0, "top-down", JobState.RUNNING, {"started": now - 4350.0}),
        ("p8", 0, "12 videos", JobState.RUNNING, {"parent": "t7"}),
        ("p7", 0, "predictions", JobState.QUEUED, {"reason": "Priority"}),
        ("t8", 0, "top-down", JobState.COMPLETED, {"parent": "t7"}),
        ("t7", 0, "top-down", JobState.TIMED_OUT, {}),
        ("p6", 2, "predictions", JobState.QUEUED, {"start_estimate": now + 4000}),
        ("t6", 2, "bottom-up", JobState.OUT_OF_MEMORY, {}),
        ("t5", 2, "bottom-up", JobState.SUBMITTING, {"slurm_id": ""}),
        ("p5", 2, "predictions", JobState.COMPLETED, {"parent": "t4"}),
        ("t4", 2, "single animal", JobState.COMPLETED, {}),
        ("p4", 3, "предсказания", JobState.QUEUED, {"reason": "JobHeldUser"}),
        ("t3", 3, "تدريب", JobState.COMPLETED, {}),
        ("p3", 3, "predictions", JobState.UNCONFIRMED, {"slurm_id": ""}),
        ("p2", 1, "predictions", JobState.COMPLETED, {"parent": "t2"}),
        ("p1", 1, "predictions 2", JobState.COMPLETED, {"parent": "t2"}),
        ("t2", 1, "top-down", JobState.COMPLETED, {}),
        ("t1", 1, "top-down", JobState.CANCELLED, {}),
        ("t0", 1, "top-down", JobState.NODE_FAILED, {}),
        ("p0", 1, "predictions", JobState.LOST, {}),
        ("px", 1, "predictions", JobState.INCOMPLETE, {}),
    )
    found = []
    for number, (uid, project, name, state, values) in enumerate(rows):
        path = PROJECTS[project]
        stem = path.split("/")[-1][: -len(".slp")]
        began = state.rank >= JobState.RUNNING.rank
        values = {
            "elapsed": 5400.0 - 100 * number if state.is_final else None,
            "node": "gpu-sr670-{}".format(20 + number % 3) if began else "",
            "resources": gpu if number % 3 else Resources(),
            "submitted": now - 3600.0 * (number + 1),
            "slurm_id": str(5000 - number),
            **values,
        }
        found.append(
            a_job(
                uid,
                name="{} {}".format(stem, name),
                project=path,
                kind=kinds[uid[0]],
                state=state,
                tasks=_array(5, 1, 12) if uid == "p8" else (Task("centroid", "m/a"),),
                **values,
            )
        )
    return tuple(found)


def _filled():
    dock = RemoteDock()
    dock.setWindowTitle("Remote jobs")
    dock.show_connection("ok", "Practice HPC – connected as jane", False)
    dock.show_jobs(many_jobs())
    dock.model.set_progress(
        {"t9": (Progress(41, 200, "epochs"),), "p8": (Progress(64, 101, "frames"),)}
    )
    return dock


_CONNECTED = ("ok", "Practice HPC – connected as jane", False)
#: By what the empty dock lacks.
_CONNECTIONS = {
    "no-cluster": ("off", tr("No cluster"), False),
    "not-set-up": ("off", "Practice HPC" + tr(" – not connected"), True),
}


def docks():
    """(name, dock) for each state; the widths are set by the caller."""
    dock = _filled()
    dock.select("t9")
    yield "table", dock
    dock = _filled()
    dock.panel.filter.choice.setCurrentIndex(3)
    dock.table.columns.sort(2, False)
    yield "table-attention", dock
    dock = _filled()
    dock.panel.filter.search.setText("zebrafish")
    yield "table-no-match", dock
    dock = _filled()
    dock.table.fold_all()
    dock.table.setCurrentIndex(dock.model.index(1, 0))
    yield "table-project", dock
    dock = _filled()
    dock.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    dock.setProperty("one_direction", True)
    dock.select("p2")
    yield "table-right-to-left", dock
    profile = a_profile("/mnt/ceph")
    path = "/home/jane/labels.v001.slp"
    videos = (ProjectVideo(0, "/home/jane/mouse.mp4", 100),)
    elsewhere = "Open elsewhere, when last looked at: 12 jobs on Regional HPC."
    here = Project(path, False, 212, videos)
    for name, values in (
        ("no-cluster", (None, False, None)),
        ("not-set-up", (profile, False, here)),
        ("no-project", (profile, True, None)),
        ("never-saved", (profile, True, Project("", True, 3))),
        ("no-video", (profile, True, Project(path, False, 0))),
        ("no-labels", (profile, True, Project(path, False, 0, videos))),
        ("outside", (profile, True, here, True)),
        ("elsewhere", (profile, True, here, False, elsewhere)),
        ("ready", (profile, True, here)),
    ):
        dock = RemoteDock()
        dock.show_connection(*_CONNECTIONS.get(name, _CONNECTED))
        found = beginning(*values)
        dock.show_beginning(found.text, found.button, found.deed, found.tip)
        yield "empty-" + name, dock
