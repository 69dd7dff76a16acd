"""The dock, the submit dialog and the settings in each of their states.

Other windows have files of their own beside this one; ``windows.py`` gathers them.
"""

from __future__ import annotations

import time

from sleap_remote_plugin.jobs.diagnosis import Diagnosis
from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.metrics import HeadMetrics, RunMetrics
from sleap_remote_plugin.jobs.progress import EpochPoint, Progress
from sleap_remote_plugin.qt.dialogs.one_disk import DiskDialog
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.doings import Doings
from sleap_remote_plugin.qt.job_details import Findings
from sleap_remote_plugin.session.known_disks import How, KnownDisk, proven_words
from tests.qt.settings_states import settings_states
from tests.qt.standins import a_job

LOG = "".join(
    "2026-11-22 15:35:{:02d} | INFO | epoch {}: train/loss 0.00{}, val/loss "
    "0.00{}\n".format(n % 60, n, 90 - n, 95 - n)
    for n in range(60)
)


def curve(count, scale):
    return tuple(
        EpochPoint(n, scale / (n + 2), scale * 1.15 / (n + 2) + scale * n * 2e-4)
        for n in range(count)
    )


def jobs():
    now = time.time()
    running = a_job(
        "run",
        name="mouse_openfield.v003 top-down",
        state=JobState.RUNNING,
        started=now - 4350,
        node="gpu-sr670-20",
        module="SLEAP/2026-05-08",
    )
    return {
        "queued": a_job(
            "queue",
            name="mouse_openfield.v003 predictions",
            kind=JobKind.PREDICT,
            state=JobState.QUEUED,
            tasks=(Task("mouse.mp4", "p.slp"),),
            note="Waiting for a free GPU. Estimated start 18:40.",
        ),
        "running": running,
        "failed": running.changed(
            uid="fail",
            name="小鼠_открытое_поле_with_a_very_long_name.v012 bottom-up",
            state=JobState.OUT_OF_MEMORY,
            elapsed=700.0,
            started=now - 9000,
            ended=now - 8300,
        ),
        "completed": running.changed(
            uid="done",
            name="mouse_openfield.v002 top-down",
            state=JobState.COMPLETED,
            elapsed=5400.0,
            max_rss=9.1 * 2**30,
        ),
        "early": running.changed(
            uid="early",
            name="mouse_openfield.v004 top-down",
            state=JobState.TIMED_OUT,
            elapsed=21600.0,
        ),
        "predicted": running.changed(
            uid="pred",
            name="mouse_openfield.v002 predictions",
            kind=JobKind.PREDICT,
            state=JobState.COMPLETED,
            elapsed=340.0,
        ),
    }


BEFORE = "小鼠_открытое_поле_with_a_very_long_name.v001 top-down"
METRICS = (
    HeadMetrics(
        "centroid",
        RunMetrics(None, 1.21, 3.4, 0.93),
        before=RunMetrics(None, 1.21, 2.9, 0.9),
        before_name=BEFORE,
    ),
    HeadMetrics(
        "centered_instance",
        RunMetrics(0.812, 1.25, 4.02),
        before=RunMetrics(0.75, 2.0, 3.5),
        before_name=BEFORE,
    ),
)
DAMAGED = (
    METRICS[1],
    HeadMetrics(
        "centroid",
        fault="/mnt/lab/mouse_openfield.v003.slp.training_job/models/260101.centroid/"
        "metrics.val.0.npz holds something other than numbers, so it was not opened.",
    ),
)
FINDINGS = {
    "queued": Findings(),
    "running": Findings(
        (
            Progress(200, 200, curve=curve(90, 0.004)),
            Progress(41, 200, eta=3900.0, curve=curve(41, 0.01)),
        ),
        LOG,
        None,
        "/mnt/lab/mouse/mouse_openfield.v003.slp.training_job",
    ),
    "failed": Findings(
        (),
        LOG + "torch.cuda.OutOfMemoryError: CUDA out of memory.\n",
        Diagnosis(
            "The GPU ran out of memory at batch size 8.",
            "torch.cuda.OutOfMemoryError: CUDA out of memory.",
            "Use batch size 4 in SLEAP's training dialog, or ask for a GPU with more "
            "memory, and submit again.",
        ),
        "/mnt/lab/mouse",
    ),
    "completed": Findings(
        (Progress(120, 200, curve=curve(120, 0.004)),),
        LOG,
        None,
        "/mnt/lab/mouse",
        METRICS,
    ),
    "early": Findings(
        (Progress(41, 200, curve=curve(41, 0.004)),),
        LOG,
        None,
        "/mnt/lab/mouse",
        DAMAGED,
        True,
        "This training did not come to its end: centroid is whole; centered_instance "
        "was trained 41 of 200 epochs, the best of which is used.",
    ),
    "predicted": Findings((), LOG, None, "/mnt/lab/mouse"),
}


DISKS = (
    KnownDisk("/ceph", "/mnt/ceph", How.PROVEN, proven_words(1.78e9)),
    KnownDisk(
        "/ceph/a_scratch_folder_with_a_very_long_name/neurolab",
        "/media/jane.longname-with-numbers123/a folder with a long name/neurolab",
        How.GUESSED,
        "Guessed, since /mnt/ceph is /ceph. It is not proven yet.",
    ),
    KnownDisk(
        "/winstor",
        "",
        How.MISSING,
        "Not found on this computer; looked at /mnt/winstor and /winstor. Mount it, or "
        "say where it is.",
    ),
    KnownDisk(
        "/data",
        "/mnt/data",
        How.REFUTED,
        "What was written into /mnt/data/jane was not found on the cluster at /data.",
    ),
)


def docks():
    """(name, dock) for each state; the widths are set by the caller."""
    for name in ("empty",) + tuple(jobs()):
        dock = RemoteDock()
        dock.setWindowTitle("Remote jobs")
        dock.show_connection("ok", "Practice HPC – connected as jane", False)
        dock.empty.setText(
            "No remote jobs yet.\n\nLabel some frames, save the project on a disk that "
            "Practice HPC mounts too, and press Train...: SLEAP's own dialog opens, "
            "with a button “Run on Practice HPC” in it."
        )
        if name != "empty":
            dock.show_jobs(tuple(jobs().values()))
            dock.model.set_progress(
                {job.uid: FINDINGS[key].progress for key, job in jobs().items()}
            )
            job = jobs()[name]
            dock.select(job.uid)
            dock.show_findings(job.uid, FINDINGS[name])
        if name == "running":
            doings = Doings(dock.progress, dock)
            doings.add().show_progress("Exporting labels.v003.pkg.slp", 400, 1000)
            doings.add().show_progress(
                "Reading the predictions of mouse_openfield.v002 top-down", 3, 10
            )
        if name == "predicted":
            dock.notice.say(
                "Loaded 202 predicted instances on 101 frames. Your labels are as they "
                "were; nothing is saved yet.",
                True,
            )
        if name == "completed":
            dock.progress.show_progress(
                "Fetching the results of mouse_openfield.v002 top-down: file 12 of 30, "
                "41 MB of 96 MB, 4.2 MB/s, about 13 s left",
                427,
                1000,
            )
        if name == "queued":
            dock.show_connection(
                "warn",
                "Practice HPC – offline since 14:02, last known states shown, "
                "next try at 14:03:20",
                True,
            )
        if name == "failed":
            dock.show_connection("connecting", "Practice HPC – connecting", False)
        yield name, dock


def dialogs():
    """(name, dialog) for each dialog, some in more than one state."""
    yield from settings_states(DISKS)
    yield "settings-disk", DiskDialog(DISKS[1])
