"""The wizard in each of its states, for the screenshots: `screens.py` renders them."""

from __future__ import annotations

from sleap_remote_plugin.jobs.version_match import install_command
from sleap_remote_plugin.qt.dialogs.wizard import NAMES, SetupWizard
from sleap_remote_plugin.session.check import CheckLine
from tests.qt.standins import a_profile

CONNECTED = CheckLine(
    "Connection", "ok", "Signed in to gateway as jane through bastion.lab.example."
)
DISK = CheckLine(
    "/mnt/my_lab",
    "ok",
    "/ceph/scratch/my_lab on the cluster. A file written here was read there, and one "
    "written there was read here. Files written here belong to jane there; you may "
    "write.",
)
UNMOUNTED = CheckLine(
    "/mnt/winstor",
    "warn",
    "Nothing is mounted there just now.",
    "Jobs can use the other disk.",
)
NO_DISK = CheckLine(
    "Disks",
    "fail",
    "No disk of the cluster (/ceph, /winstor) was found on this computer.",
    "Connect to the VPN if you need one, mount the disk as your institute says, and "
    "try again; or name a folder of yours on it below.",
)
MODULES = CheckLine(
    "SLEAP modules", "ok", "SLEAP/2023-08-01 (1.3.1), SLEAP/2026-05-08 (1.6.3)."
)
NEAR = CheckLine(
    "Your SLEAP",
    "warn",
    "This computer has SLEAP 1.6.6; the cluster's nearest is SLEAP/2026-05-08 (1.6.3). "
    "Jobs run with that one.",
    "To have the same here: " + install_command("1.6.3", "linux"),
)
LOG = [
    "15:35:01.204  bastion.lab.example: connecting to bastion.lab.example:22",
    "15:35:01.231  bastion.lab.example: host key ssh-ed25519 is known",
    "15:35:02.118  bastion.lab.example: password: accepted",
    "15:35:02.140  gateway: connecting to gateway:22",
]
UNREACHABLE = (
    "gateway was not reached from bastion.lab.example: it refused the connection. "
    "Nothing was sent; jobs on the cluster go on. Check the host name, or try again in "
    "a few minutes: the host may be starting."
)
RESULTS = (
    ("cluster", "ok", "Practice HPC"),
    ("user", "ok", "jane"),
    ("connection", "ok", "as jane"),
    ("disks", "ok", "/mnt/my_lab"),
    ("sleap", "warn", "1.3.1, 1.6.3"),
)


def wizard(step, title="Practice HPC"):
    made = SetupWizard((a_profile(title=title, jump=()),), a_profile(title=title))
    for name, sign, text in RESULTS[: NAMES.index(step)]:
        made.steps.mark(name, sign, text)
    made.user.ask(title, "jane")
    made.connection.show_log(LOG)
    made.show_step(step)
    return made


def states():
    """(name, wizard) for each step, and for what can go wrong in it."""
    yield "wizard-1-cluster", wizard("cluster")
    another = wizard("cluster")
    another.cluster.clusters.setCurrentIndex(1)
    another.cluster.login.setText("gateway.my-lab.example")
    yield "wizard-1-another-cluster", another
    yield "wizard-2-user", wizard("user")
    connecting = wizard(
        "connection", "A cluster of a very long name (小鼠 открытое поле)"
    )
    connecting.steps.mark("cluster", "ok", "A cluster of a very long name (小鼠)")
    connecting.steps.mark("connection", "busy", "")
    connecting.say("connection", "busy", "Connecting to A cluster of a very long name.")
    connecting.set_busy(True)
    yield "wizard-3-connecting", connecting
    failed = wizard("connection")
    failed.steps.mark("connection", "fail", "")
    failed.say("connection", "fail", UNREACHABLE)
    failed.set_busy(False, can_go_on=False)
    yield "wizard-3-no-connection", failed
    found = wizard("disks")
    found.show_lines("disks", (DISK, UNMOUNTED))
    found.steps.mark("disks", "ok", "/mnt/my_lab")
    yield "wizard-4-disks", found
    none = wizard("disks")
    none.show_lines("disks", (NO_DISK,))
    none.steps.mark("disks", "fail", "none")
    none.set_busy(False, can_go_on=False)
    yield "wizard-4-no-disk", none
    modules = wizard("sleap")
    modules.show_lines("sleap", (MODULES, NEAR))
    modules.steps.mark("sleap", "warn", "1.3.1, 1.6.3")
    yield "wizard-5-sleap", modules
    done = wizard("done")
    done.show_lines("done", (CONNECTED, DISK, UNMOUNTED, MODULES, NEAR))
    done.say(
        "done",
        "ok",
        "Practice HPC is ready for your jobs. It will be kept in "
        "/home/jane/.config/sleap-remote/clusters/practice.yaml.",
    )
    done.set_busy(False)
    yield "wizard-6-done", done
