"""The selected job's details, page by page, in each state worth looking at.

``python -m tests.qt.details_states [folder]`` renders these alone.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from pathlib import Path

from qtpy import API_NAME
from qtpy.QtCore import QEventLoop, QTimer
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.jobs.another_try import offer_of
from sleap_remote_plugin.jobs.deeds import Batch, Deed
from sleap_remote_plugin.jobs.diagnosis import diagnose
from sleap_remote_plugin.jobs.history import history_of, with_event
from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.progress import EpochPoint, Progress
from sleap_remote_plugin.jobs.record import WitnessEvent
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.stopping import Stopping
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.findings import Findings
from sleap_remote_plugin.session.earlier import EarlierCurve
from sleap_remote_plugin.session.job_files import FilePlace
from tests.qt.standins import a_job

G = 2**30
NOW = time.time()
LONG = (
    "/mnt/ceph/a_lab_with_a_long_name/jane.longname-with-numbers123/"
    "小鼠_открытое_поле/2026/a folder with spaces/mouse_openfield.v003.slp.training_job"
)
LOG = "".join(
    "2026-11-22 15:35:{:02d} | INFO | epoch {}: train/loss 0.00{}, val/loss "
    "0.00{}\n".format(n % 60, n, 90 - n, 95 - n)
    for n in range(60)
)
OUT_OF_GPU = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has "
    "a total capacity of 19.99 GiB of which 1.02 GiB is free.\n"
)
#: Keyboard pages of the details, by the name of the state that is rendered.
PAGES = ("progress", "log", "resources", "history", "files")


def curve(count, scale, speed=0.06, best=None):
    """A loss that falls, then rises a little after its best epoch."""
    points = []
    for n in range(count):
        wave = 1 + 0.12 * math.sin(1.7 * n) / (1 + n / 20)
        loss = scale * (0.08 + math.exp(-speed * n)) * wave
        over = 1 + 0.02 * max(0, n - (best or count))
        points.append(EpochPoint(n, loss, loss * 1.25 * over))
    return tuple(points)


def files_of(job, is_there=True):
    folder = LONG
    places = [
        FilePlace("Project", job.project, "", True),
        FilePlace("Rounds", "/mnt/lab/mouse_openfield.rounds.md", "", True, True),
        FilePlace("Folder", folder, job.folder, is_there),
        FilePlace(
            "Script",
            folder + "/remote-job.sbatch",
            job.folder + "/remote-job.sbatch",
            is_there,
            True,
        ),
        FilePlace(
            "Log", folder + "/slurm-417.out", job.folder + "/slurm-417.out", True, True
        ),
    ]
    what = "Model" if job.kind is JobKind.TRAIN else "Predictions"
    for place, task in enumerate(job.tasks):
        title = "{}: {}".format(what, task.title)
        path = folder + "/" + task.output
        places.append(FilePlace(title, path, job.folder + "/" + task.output, not place))
    return tuple(places)


def account(job):
    begun = job.started or NOW - 4000
    events = [WitnessEvent("started", begun, "gpu-sr670-20", "417")]
    if len(job.tasks) > 1 and job.kind is JobKind.TRAIN:
        events.append(WitnessEvent("step", begun + 2400, "gpu", "417", "", 0, 0, 0))
    return events


def running():
    job = a_job(
        "run",
        name="mouse_openfield.v003 top-down",
        state=JobState.RUNNING,
        submitted=NOW - 5200,
        started=NOW - 4350,
        node="gpu-sr670-20",
        module="SLEAP/2026-05-08",
        tasks=(
            Task("centroid", "models/a", exit_code=0),
            Task("centered_instance", "models/b"),
        ),
    )
    job = with_event(
        job, NOW - 5190, "queued", "Waits for a free GPU in partition gpu."
    )
    stopping = Stopping(10, 1e-8)
    found = Findings(
        (
            Progress(90, 200, curve=curve(90, 0.004, best=80), stopping=stopping),
            Progress(
                41,
                200,
                rate=0.02,
                eta=3900.0,
                curve=curve(41, 0.012, 0.09, 34),
                stopping=stopping,
            ),
        ),
        LOG,
        folder=LONG,
        history=history_of(job, account(job)),
        files=files_of(job),
        earlier=(
            EarlierCurve("centroid", "mouse_openfield.v002 top-down", curve(70, 0.006)),
            EarlierCurve(
                "centered_instance",
                "mouse_openfield.v002 top-down",
                curve(120, 0.015, 0.05),
            ),
            EarlierCurve("centered_instance", "mouse_openfield.v001", curve(60, 0.02)),
        ),
        seen=NOW,
    )
    return job, found


def ended(state, log, exit_code="1:0", batches=(), **values):
    job, found = running()
    job = job.changed(
        uid=state.value + exit_code,
        state=state,
        exit_code=exit_code,
        ended=NOW - 60,
        elapsed=4290.0,
        max_rss=9.1 * G,
        cpu_seconds=4290.0 * 2.4,
        **values,
    )
    told = diagnose(job, log)
    offer = offer_of(job, told.deed, (), batches) if told else None
    events = account(job) + [
        WitnessEvent("step", NOW - 62, "gpu", "417", "", 0, 1, 1),
        WitnessEvent("ended", NOW - 60, "gpu", "417", exit_code=1),
    ]
    return job, found._replace(
        log=log,
        diagnosis=told,
        offer=offer,
        history=history_of(job, events),
        files=files_of(job),
    )


def states():
    """name -> (job, findings)"""
    found = {"running": running()}
    found["gpu-memory"] = ended(
        JobState.FAILED,
        LOG + OUT_OF_GPU,
        batches=(Batch("centered_instance", 8, 4),),
    )
    found["memory"] = ended(JobState.OUT_OF_MEMORY, LOG, "0:125")
    found["time"] = ended(JobState.TIMED_OUT, LOG, "0:15")
    found["module"] = ended(
        JobState.FAILED, "The module SLEAP/x could not be loaded.\n", "91:0"
    )
    found["cancelled"] = ended(
        JobState.CANCELLED, LOG, "0:15", reason="CANCELLED by 20001"
    )
    job, done = ended(JobState.COMPLETED, LOG, "0:0")
    done = done._replace(
        diagnosis=None,
        offer=None,
        history=history_of(
            with_event(job, NOW, "loaded", "mouse_openfield.v003.slp"), account(job)
        ),
    )
    found["completed"] = (job, done)
    queued = a_job(
        "queue",
        name="mouse_openfield.v003 predictions",
        kind=JobKind.PREDICT,
        state=JobState.QUEUED,
        submitted=NOW - 600,
        tasks=tuple(
            Task("mouse_{}.mp4".format(n), "p{}.slp".format(n)) for n in range(3)
        ),
        note="Waits for a free GPU in partition gpu.",
        start_estimate=NOW + 5000,
    )
    found["queued"] = (
        queued,
        Findings(folder=LONG, files=files_of(queued)[:4], seen=NOW),
    )
    array = queued.changed(
        uid="array",
        state=JobState.RUNNING,
        note="",
        started=NOW - 500,
        resources=Resources(memory=64 * G),
        tasks=tuple(
            Task(
                "mouse_camera-{}_{}.mp4".format(n, "小鼠_long_name" * 3),
                "predictions/{}.slp".format(n),
                exit_code=0 if n < 2 else None,
            )
            for n in range(6)
        ),
    )
    found["array"] = (
        array,
        Findings(
            (Progress(100, 100, "frames"),) * 2 + (Progress(64, 101, "frames"),),
            "== slurm-417_0.out\n" + LOG,
            folder=LONG,
            files=files_of(array),
            history=history_of(
                array,
                [
                    WitnessEvent("started", NOW - 500 + n, "gpu-1", "417", str(n))
                    for n in range(3)
                ]
                + [
                    WitnessEvent("step", NOW - 90 + n, "g", "417", str(n), 0, n, 0)
                    for n in range(2)
                ],
            ),
            seen=NOW,
        ),
    )
    sent = a_job("sent", state=JobState.SUBMITTING, folder="", slurm_id="")
    found["sending"] = (sent, Findings())
    begun, _ = running()
    begun = begun.changed(uid="begun", started=NOW - 40)
    found["begun"] = (begun, Findings((Progress(0, 200),), seen=NOW))
    away, _ = running()
    sentence = (
        "The mount has not answered for 20 seconds. Jobs on the cluster go on; check "
        "the network, or mount the disk again."
    )
    offer = offer_of(away, Deed.SIGN_IN, ())
    away = away.changed(uid="away")
    found["away"] = (away, Findings(trouble=sentence, offer=offer))
    return found


def details_docks():
    """(name, dock): each state on the page that tells most of it."""
    wanted = {
        "running": PAGES,
        "gpu-memory": ("log", "progress", "history"),
        "memory": ("log", "resources"),
        "completed": ("progress", "resources", "history", "files"),
        "array": PAGES,
        "queued": PAGES,
    }
    for name, (job, found) in states().items():
        for page in wanted.get(name, ("",)):
            dock = RemoteDock()
            dock.setWindowTitle("Remote jobs")
            dock.show_connection("ok", "Practice HPC – connected as jane", False)
            dock.show_jobs((job, a_job("other", state=JobState.COMPLETED)))
            dock.select(job.uid)
            if name == "away":
                dock.show_findings(job.uid, running()[1])
            dock.show_findings(job.uid, found)
            if page:
                dock.details.tabs.setCurrentWidget(getattr(dock.details, page))
            yield "details-{}{}".format(name, "-" + page if page else ""), dock


def settle():
    loop = QEventLoop()
    QTimer.singleShot(120, loop.quit)
    loop.exec_()


def main():
    from tests.qt.screens import dark_palette

    os.environ["HOME"] = tempfile.mkdtemp()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screens")
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    app.setStyle("Fusion")
    light = QPalette(app.palette())
    for look, palette in (("light", light), ("dark", dark_palette())):
        app.setPalette(palette)
        for width, height in ((360, 760), (1200, 600)):
            for name, dock in details_docks():
                dock.resize(width, height)
                dock.show()
                settle()
                path = "{}-{}-dock-{}-{}.png".format(API_NAME, look, name, width)
                dock.grab().save(str(folder / path))
                dock.close()


if __name__ == "__main__":
    main()
