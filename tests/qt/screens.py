"""Renders the dock and every dialog into ``build/screens``, to be looked at.

``python -m tests.qt.screens [folder]`` under either generation, with a display or
QT_QPA_PLATFORM=offscreen. Light and dark; the dock at 360 and 1200 pixels.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from qtpy import API_NAME
from qtpy.QtCore import QEventLoop, QTimer
from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.errors import (
    HostKeyUnknown,
    ModuleMissing,
    SignInNeeded,
    SignInRefused,
)
from sleap_remote_plugin.jobs.diagnosis import Diagnosis
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.metrics import HeadMetrics, RunMetrics
from sleap_remote_plugin.jobs.progress import EpochPoint, Progress
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.version_match import misfit_sentence
from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.dialogs.connection_log import ConnectionLogDialog
from sleap_remote_plugin.qt.dialogs.host_key import HostKeyDialog
from sleap_remote_plugin.qt.dialogs.install_key import InstallKeyDialog
from sleap_remote_plugin.qt.dialogs.load import LoadDialog
from sleap_remote_plugin.qt.dialogs.message import ask, tell_error
from sleap_remote_plugin.qt.dialogs.one_disk import DiskDialog
from sleap_remote_plugin.qt.dialogs.password import PasswordDialog, UserDialog
from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
from sleap_remote_plugin.qt.dialogs.submit import SubmitDialog, WhatToRun
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.job_details import Findings
from sleap_remote_plugin.qt.loads import LoadPreview, LoadVideo
from sleap_remote_plugin.session.check import CheckLine
from sleap_remote_plugin.session.known_disks import How, KnownDisk, proven_words
from tests.qt.standins import a_job, a_profile, password_needed
from tests.qt.transfer_states import transfers
from tests.qt.wizard_states import states

LOG = "".join(
    "2026-11-22 15:35:{:02d} | INFO | epoch {}: train/loss 0.00{}, val/loss "
    "0.00{}\n".format(n % 60, n, 90 - n, 95 - n)
    for n in range(60)
)


def dark_palette():
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, "#2d2d2d"),
        (role.WindowText, "#e8e8e8"),
        (role.Base, "#1e1e1e"),
        (role.AlternateBase, "#262626"),
        (role.Text, "#e8e8e8"),
        (role.Button, "#3a3a3a"),
        (role.ButtonText, "#e8e8e8"),
        (role.Highlight, "#2a6db0"),
        (role.HighlightedText, "#ffffff"),
        (role.ToolTipBase, "#3a3a3a"),
        (role.ToolTipText, "#e8e8e8"),
        (role.PlaceholderText, "#8a8a8a"),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor("#7a7a7a"))
    return palette


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


def settle():
    """Let Qt lay out and paint."""
    loop = QEventLoop()
    QTimer.singleShot(120, loop.quit)
    loop.exec_()


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
            dock.progress.show_progress("Exporting labels.v003.pkg.slp", 400, 1000)
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


def sign_ins():
    """(name, error) for each thing that a sign-in may ask for."""
    user, host = "jane.longname-with-numbers123", "hpc-gateway-2.cluster.example.org"
    locked = SignInNeeded(
        "The key ~/.ssh/id_ed25519 has a passphrase, and {} takes that key. The "
        "passphrase stays on this computer.".format(host),
        user,
        host,
        key_file="/home/jane/.ssh/a folder with a long name/id_ed25519_of_the_cluster",
        or_password=True,
    )
    locked.keyring_problem = "This computer's keyring is locked."
    yield "password-passphrase", locked
    words = "{} asks: Passcode or option (1-3)\nDuo two-factor login for jane\n"
    yield (
        "password-code",
        SignInNeeded(
            words.format(host) + " 1. Duo Push to XXX-XXX-1234\n 2. Phone call",
            user,
            host,
            prompts=[("Passcode or option (1-3):", False)],
        ),
    )
    yield (
        "password-both",
        SignInRefused(
            "{} did not take what was given. It does not say whether the password or "
            "the code was wrong, so both are asked for again. Each was tried "
            "once.".format(host),
            user,
            host,
            prompts=[("Password", False), ("Verification code:", False)],
            password_prompt="Password",
        ),
    )
    yield (
        "password-confirm",
        SignInNeeded(
            "{} gave no answer to the sign-in of jane. It may have waited for you to "
            "confirm it, on your phone for example. Have the phone at hand and try "
            "again.".format(host),
            user,
            host,
            is_confirmation=True,
        ),
    )


def dialogs():
    """(name, dialog) for each dialog, some in more than one state."""
    profile = a_profile()
    what = WhatToRun(
        "top-down: centroid, centered_instance",
        "212 labelled frames, mouse_openfield.v003.pkg.slp",
        "mouse_openfield.v003 top-down",
        settings=(
            "Predicts on nothing after the training, and visualises nothing.",
            "centroid: 261122_101500.centroid.n=181 is used as it is, and goes along.",
        ),
        rotations=(("centered_instance", "\u00b115\u00b0"),),
    )
    submit = SubmitDialog(profile, what, JobKind.TRAIN, Generation.CURRENT)
    yield "submit", submit
    worse = SubmitDialog(profile, what, JobKind.TRAIN, Generation.CURRENT)
    worse.time.setText("9-00")
    worse.partition.setCurrentText("cpu")
    yield "submit-problem", worse
    differs = SubmitDialog(
        profile, what, JobKind.TRAIN, Generation.CURRENT, version="1.6.6"
    )
    differs.leave_out_differences(())
    differs.suggest_module(profile.modules[0])
    yield "submit-version", differs
    misfit = SubmitDialog(profile, what, JobKind.TRAIN, Generation.LEGACY)
    sentence = misfit_sentence(profile.title, profile.modules, Generation.LEGACY)
    misfit.tell_module_problem(ModuleMissing(sentence))
    yield "submit-misfit", misfit
    script = SubmitDialog(profile, what, JobKind.TRAIN, Generation.CURRENT)
    script.show_button.click()
    script.show_script("#!/bin/bash -l\n#SBATCH --job-name=sleap-train-1\n" * 8)
    yield "submit-script", script
    advanced = SubmitDialog(
        profile,
        WhatToRun(what.title, what.detail, what.name, ("a.mp4", "b.mp4")),
        JobKind.PREDICT,
        Generation.CURRENT,
    )
    advanced.suggest_resources(Resources(mail="jane@example.org", extra="--time=9"))
    yield "submit-advanced", advanced
    yield "password", PasswordDialog(password_needed())
    refused = SignInRefused(
        "gateway did not accept the password. Type it once more.", "jane", "gateway"
    )
    yield "password-refused", PasswordDialog(refused)
    for name, needed in sign_ins():
        yield name, PasswordDialog(needed)
    yield "install-key", InstallKeyDialog("Practice HPC", "")
    yield "install-key-old", InstallKeyDialog("Practice HPC", "~/.ssh/id_ed25519")
    yield "user", UserDialog("Practice HPC")
    key = "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM"
    unknown = HostKeyUnknown("", "[gateway]:2222", "ssh-ed25519", key, "AAAA")
    yield "host-key", HostKeyDialog(unknown, "the cluster's help desk")
    yield from checks()
    yield "log", connection_log(LOG_LINES)
    yield "log-empty", connection_log(())
    for name, wizard in states():
        yield name, wizard
    yield from transfers()
    settings = SettingsDialog((profile,), profile, "jane", True)
    settings.show_kept(2, "")
    settings.disks.show_disks(DISKS)
    yield "settings", settings
    refuted = SettingsDialog((profile,), profile, "jane", True)
    refuted.disks.show_disks(DISKS[::-1])
    refuted.disks.show_progress("Proving " + DISKS[1].local, 1, 3)
    yield "settings-disks", refuted
    yield "settings-disk", DiskDialog(DISKS[1])
    locked = SettingsDialog((profile,), profile, "jane", True)
    locked.show_kept(0, "This computer's keyring did not answer within 20 seconds.")
    yield "settings-locked", locked
    yield from loads()
    yield "message", tell_error(None, refused)
    question = "Stop “mouse top-down” on the cluster? What it has written so far stays."
    yield "question", ask(None, question, "Stop the job", "Let it go on", settle)


def loads():
    """What a load will change: plainly, and with everything that can be said."""
    one = LoadVideo("/mnt/lab/mouse.mp4", 20000, 40000)
    plain = LoadPreview((one,), 20000, 40000)
    yield "load", LoadDialog("mouse_openfield.v003 predictions", plain)
    folder = "/mnt/ceph/lab/小鼠_openfield/2026/a folder with a very long name/"
    videos = tuple(
        LoadVideo("{}mouse_camera_3_{:04}.mp4".format(folder, n), 1000 * n, 2000 * n)
        for n in range(9)
    )
    yield (
        "load-much",
        LoadDialog(
            "小鼠_открытое_поле_with_a_very_long_name.v012 predictions",
            LoadPreview(videos, 36000, 72000, 1200, 5830, 203, 14),
            "They were made from /mnt/lab/mouse_openfield.v002.slp. The open project "
            "has another name, and the same videos and skeleton.",
        ),
    )


CHECK_GOOD = (
    CheckLine("Network", "ok", "The name ssh.hpc.example.org is known: 10.20.30.40."),
    CheckLine(
        "Bastion",
        "ok",
        "ssh.hpc.example.org was reached at 10.20.30.40 and let jane in within 0.3 s "
        "(OpenSSH_9.2p1 Debian-2+deb12u3).",
    ),
    CheckLine(
        "Host keys",
        "ok",
        "ssh.hpc.example.org shows ssh-ed25519 "
        "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM, which is pinned: "
        "/home/jane/.ssh/known_hosts, line 12.",
    ),
    CheckLine("Sign-in", "ok", "Signed in as jane: by key ~/.ssh/id_ed25519."),
    CheckLine("Partitions", "ok", "gpu (GPUs: a4500, rtx5000; up to 4-00:00:00)."),
    CheckLine("Version match", "ok", "SLEAP 1.6.3 is here and there."),
    CheckLine("Mount", "ok", "/mnt/lab is /ceph/lab there, in both directions."),
)
CHECK_BAD = (
    CHECK_GOOD[0],
    CheckLine(
        "Bastion",
        "fail",
        "ssh.hpc.example.org (port 22) did not answer within 15 seconds. Nothing was "
        "sent; jobs on the cluster go on.",
        "Check the network, and the VPN where one is needed: a firewall drops what "
        "comes from outside.",
    ),
    CheckLine(
        "Gateway",
        "warn",
        "gateway was not looked at: it is reached through ssh.hpc.example.org.",
        "Mend what failed before it, and check again.",
    ),
    CheckLine(
        "Mount",
        "fail",
        "Nothing is mounted at /mnt/小鼠_a_very_long_name_of_a_folder/behavioural_data"
        "/2026/openfield: it is a folder of this computer's own disk.",
        "Mount the cluster's disk on this computer.",
    ),
)
CHECK_GPU = (
    CheckLine("GPU job", "ok", "Job 4711 ran in partition fast."),
    CheckLine("nvidia-smi", "ok", "gpu-sr670-20: NVIDIA RTX A4500 with 20470 MiB."),
    CheckLine(
        "GPU for SLEAP",
        "fail",
        "SLEAP sees no GPU there: jobs compute on the CPU, many times slower.",
        "Choose a module that fits the node's driver, or another GPU type.",
    ),
)
LOG_LINES = tuple(
    "2026-11-22 14:02:00.{:03d}  ssh.hpc.example.org: {}".format(117 * n, text)
    for n, text in enumerate(
        (
            "connecting to ssh.hpc.example.org:22",
            "reached at 10.20.30.40",
            "SSH-2.0-OpenSSH_9.2p1 shows the host key ssh-ed25519 "
            "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
            "that key is pinned: ~/.ssh/known_hosts, line 12",
            "takes for signing in: publickey, password",
            "key /home/jane/.ssh/id_ed25519: in",
            "it says: Welcome. \\x1b[31mFair use\\x1b[0m applies.",
            "signed in as jane after 0.21 s",
        )
    )
)


def checks():
    """The check while it runs, good, failed, and with a job on a GPU node."""
    running = CheckDialog("Practice HPC")
    running.begin("Checking. Lines appear as they are found.")
    for line in CHECK_GOOD[:4]:
        running.add_line(line)
    running.show_step("SLURM's commands")
    yield "check-running", running
    with_gpu = CHECK_GOOD[-2:] + CHECK_GPU
    for name, lines in (("good", CHECK_GOOD), ("bad", CHECK_BAD), ("gpu", with_gpu)):
        dialog = CheckDialog("Practice HPC")
        dialog.show_lines(lines)
        yield "check-" + name, dialog


def connection_log(lines):
    return ConnectionLogDialog("Practice HPC", lambda: lines)


def main():
    os.environ["HOME"] = tempfile.mkdtemp()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screens")
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    app.setStyle("Fusion")
    light = QPalette(app.palette())
    for look, palette in (("light", light), ("dark", dark_palette())):
        app.setPalette(palette)
        for width, height in ((360, 760), (1200, 600)):
            for name, dock in docks():
                dock.resize(width, height)
                dock.show()
                settle()
                path = "{}-{}-dock-{}-{}.png".format(API_NAME, look, name, width)
                dock.grab().save(str(folder / path))
                dock.close()
        for name, dialog in dialogs():
            dialog.show()
            settle()
            path = "{}-{}-{}.png".format(API_NAME, look, name)
            dialog.grab().save(str(folder / path))
            dialog.close()


if __name__ == "__main__":
    main()
