"""The check of a cluster and the connection log, in each of their states."""

from __future__ import annotations

from sleap_remote_plugin.qt.dialogs.check import CheckDialog
from sleap_remote_plugin.qt.dialogs.connection_log import ConnectionLogDialog
from sleap_remote_plugin.session.check import CheckLine

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


def logs():
    yield "log", ConnectionLogDialog("Practice HPC", lambda: LOG_LINES)
    yield "log-empty", ConnectionLogDialog("Practice HPC", lambda: ())
