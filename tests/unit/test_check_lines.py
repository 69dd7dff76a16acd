"""Lines of the cluster check, out of what programs print."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import ConnectionFailed, HostKeyChanged
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.session import check_connection as connection
from sleap_remote_plugin.session import check_disks as disks
from sleap_remote_plugin.session import check_slurm as slurm
from sleap_remote_plugin.session.check_gpu import choose_partition
from sleap_remote_plugin.session.check_line import Asked, line_of
from sleap_remote_plugin.slurm.site import read_associations, read_version
from sleap_remote_plugin.ssh.log import HopReport
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.transport import CommandResult

GB = 10**9
DAY = 86400


def asked(**profile):
    made = ClusterProfile("hpc", "HPC", Address("gateway"), contact="IT", **profile)
    return Asked(SimpleNamespace(profile=made, user="jane"))


def result(code, stdout="", stderr=""):
    return CommandResult(("x",), code, stdout, stderr)


# -- hops ----------------------------------------------------------------------------

HOPS = tuple(Hop(n, n, 22, "jane", n, n) for n in ("bastion", "gateway"))
IN = HopReport(
    "bastion", "10.0.0.2", "SSH-2.0-OpenSSH_9.2", "ssh-ed25519 SHA256:x", "known, 1",
    user="jane", seconds=0.3,
)  # fmt: skip
DOWN = ConnectionFailed(
    "gateway (port 22) is down. Nothing was sent; jobs on the cluster go on. Try later."
)


def verdicts(lines):
    return [(line.subject, line.verdict) for line in lines]


def test_each_hop_that_let_us_in_is_a_line():
    reports = (IN, dataclasses.replace(IN, hop="gateway", address="through bastion"))
    lines = list(connection.hop_lines(asked(), HOPS, reports, None))
    assert verdicts(lines) == [("Bastion", "ok"), ("Gateway", "ok")]
    assert "at 10.0.0.2" in lines[0].text
    assert "OpenSSH_9.2" in lines[0].text
    assert "through bastion" in lines[1].text


def test_a_gateway_that_is_down_leaves_the_bastions_line():
    reports = (IN, HopReport("gateway"))
    lines = list(connection.hop_lines(asked(), HOPS, reports, DOWN))
    assert verdicts(lines) == [("Bastion", "ok"), ("Gateway", "fail")]
    assert lines[1].remedy == "Try later."
    assert lines[1].text.endswith("jobs on the cluster go on.")


def test_what_lies_behind_a_hop_that_failed_was_not_looked_at():
    reports = tuple(HopReport(hop.label) for hop in HOPS)
    lines = list(connection.hop_lines(asked(), HOPS, reports, DOWN))
    assert verdicts(lines) == [("Bastion", "fail"), ("Gateway", "warn")]
    assert "not looked at" in lines[1].text


def test_a_changed_key_is_a_fault_of_the_keys():
    reports = (IN, HopReport("gateway", "through bastion"))
    error = HostKeyChanged("Another key. Nothing was sent. Ask IT.")
    lines = list(connection.hop_lines(asked(), HOPS, reports, error))
    assert verdicts(lines)[-1] == ("Host keys", "fail")
    assert lines[-1].remedy == "Ask IT."


def test_a_host_that_refuses_is_not_blamed_on_the_vpn():
    refused = ConnectionFailed(str(DOWN), detail="ConnectionRefusedError: 111")
    (line, _) = connection.hop_lines(asked(), HOPS, (), refused)
    assert "VPN" not in line.remedy
    (line, _) = connection.hop_lines(asked(), HOPS, (), DOWN)
    assert "network" in line.remedy


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("It broke. Nothing was submitted. Mend it. Try again.", "Mend it. Try again."),
        ("It broke.", "Check again; if it stays so, send the connection log to IT."),
    ],
)
def test_an_error_becomes_a_line_with_a_remedy(text, remedy):
    line = line_of(asked(), "Mount", ConnectionFailed(text))
    assert (line.verdict, line.remedy) == ("fail", remedy)


# -- shell and clock -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "verdict", "words"),
    [
        (0, "", "", "ok", "prints nothing"),
        (0, "Welcome\n", "", "warn", "On stdout: “Welcome”"),
        (0, "a\nb\nc\nd\n", "", "warn", "“a / b” and 2 more lines"),
        (0, "", "\x1b[31mstty: no tty\x1b[0m\n", "warn", "On stderr: “stty: no tty”"),
        (3, "", "", "fail", "exit code 3"),
        (127, "", "bash: not found\n", "fail", "bash: not found"),
    ],
)
def test_what_a_quiet_shell_did(code, stdout, stderr, verdict, words):
    line = connection.shell_line(code, stdout, stderr)
    assert line.verdict == verdict
    assert words in line.text
    assert bool(line.remedy) == (verdict != "ok")


@pytest.mark.parametrize(
    ("there", "began", "ended", "verdict", "words"),
    [
        (1000, 1000.2, 1000.9, "ok", "agree"),
        (1055, 1000.0, 1001.0, "ok", "agree"),
        (1300, 1000.0, 1001.0, "warn", "300 seconds ahead of"),
        (400, 1000.0, 1001.0, "warn", "600 seconds behind"),
        (1065, 1000.0, 1040.0, "ok", "agree"),
    ],
)
def test_the_clocks(there, began, ended, verdict, words):
    line = connection.clock_line(there, began, ended)
    assert line.verdict == verdict
    assert words in line.text


# -- SLURM ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("slurm 23.11.4\n", "23.11.4"),
        ("slurm-wlm 22.05.8\n", "22.05.8"),
        ("Welcome!\nslurm 20.02.6\n", "20.02.6"),
        ("slurm 24.05.0-0rc1\n", "24.05.0-0rc1"),
        ("bash: sinfo: command not found\n", ""),
        ("", ""),
    ],
)
def test_slurms_version_is_read(text, version):
    assert read_version(text) == version


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("lab||normal|\n", (("lab", "", ("normal",), ""),)),
        ("lab|gpu|normal,long|normal\nswc-ac||normal|\n",
         (("lab", "gpu", ("normal", "long"), "normal"),
          ("swc-ac", "", ("normal",), ""))),
        ("||normal|\n", ()),
        (" This cluster 'x' doesn't exist.\n", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_accounts_are_read(text, accounts):
    assert tuple(map(tuple, read_associations(text))) == accounts


def test_programs_that_are_missing_are_named():
    line = slurm.programs_line(asked(), ("sacct",), "")
    assert line.verdict == "fail"
    assert "sacct not found on gateway" in line.text
    assert slurm.programs_line(asked(), (), "23.11.4").verdict == "ok"


def test_accounts_that_do_not_answer_are_no_fault():
    down = "sacct: error: open failed\nsacct: error: Connection refused\n"
    line = slurm.accounting_line(result(1, stderr=down))
    assert line.verdict == "warn"
    assert line.text.endswith("sacct: error: Connection refused")


def test_a_user_whom_the_accounts_do_not_list_is_told_whom_to_ask():
    line = slurm.account_line(asked(), "jane", ())
    assert (line.verdict, "IT" in line.remedy) == ("warn", True)


GPU = Partition("gpu", 4 * DAY, 8, 64 << 30, ("a4500",), 2)
FAST = Partition("fast", 3 * 3600, 8, 64 << 30, ("", "a100"), 2)
CPU = Partition("cpu", 600, 8, 64 << 30)


@pytest.mark.parametrize(
    ("wanted", "found", "verdict", "words"),
    [
        (Resources(), (GPU,), "ok", "partition gpu"),
        (Resources(partition="gone"), (GPU,), "fail", "no partition gone; there are"),
        (Resources(time=9 * DAY), (GPU,), "fail", "allows 4-00:00:00 at most"),
        (Resources(partition="cpu", time=60), (CPU,), "fail", "has no GPUs"),
        (Resources(), (dataclasses.replace(GPU, is_up=False),), "warn", "no jobs just"),
    ],
)
def test_what_the_profile_asks_for_is_held_against_the_cluster(
    wanted, found, verdict, words
):
    defaults = (((JobKind.TRAIN, Generation.CURRENT), wanted),)
    (line,) = slurm.default_lines(asked(defaults=defaults), found)
    assert (line.verdict, words in line.text) == (verdict, True), line


@pytest.mark.parametrize(
    ("partitions", "name"),
    [
        ((GPU, FAST, CPU), "fast"),
        ((GPU, CPU), "gpu"),
        ((GPU, dataclasses.replace(GPU, name="short", time_limit=60)), "short"),
        ((GPU, dataclasses.replace(FAST, is_up=False)), "gpu"),
        ((CPU,), "cpu"),
        ((), None),
    ],
)
def test_the_gpu_check_goes_where_short_jobs_go(partitions, name):
    chosen = choose_partition(partitions)
    assert (chosen.name if chosen else None) == name


@pytest.mark.parametrize(
    ("own", "verdict"), [("1.6.3", "ok"), ("1.6.9", "warn"), ("1.3.1", "fail")]
)
def test_this_sleap_is_held_against_the_modules(own, verdict):
    modules = (SleapModule("SLEAP/a", "1.6.3"), SleapModule("SLEAP/b", ""))
    assert slurm.version_line(own, modules).verdict == verdict


# -- disks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "room"),
    [
        (
            "df Filesystem     1024-blocks      Used Available Capacity Mounted on\n"
            "df 10.1.2.3:/          1000000    400000    600000      40% /ceph\n",
            (600000 * 1024, 1000000 * 1024),
        ),
        ("df //srv/a b     100 90 10 90% /mnt/a b\n", (10240, 102400)),
        ("df disk 100 100 -5 100% /x\n", (0, 102400)),
        ("df: /nowhere: No such file or directory\n", None),
        ("", None),
    ],
)
def test_free_space_is_read(text, room):
    assert disks.read_disk(text) == room


@pytest.mark.parametrize(
    ("text", "quotas"),
    [
        ("ceph 1000 900 /ceph/lab\n", [("/ceph/lab", 900, 1000)]),
        (
            "quota Disk quotas for user jane (uid 20001): \n"
            "quota      Filesystem  blocks   quota   limit   grace   files\n"
            "quota      /dev/sda1   90*     80      100    6days     12       0\n",
            [("/dev/sda1", 90 * 1024, 100 * 1024)],
        ),
        ("quota      srv:/home   90     80      0        12       0       0\n",
         [("srv:/home", 90 * 1024, 80 * 1024)]),
        ("quota Disk quotas for user jane (uid 1): none\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_quotas_are_read(text, quotas):
    assert disks.read_quotas(text) == quotas


@pytest.mark.parametrize(
    ("free", "total", "verdict"),
    [
        (500 * GB, 1000 * GB, "ok"),
        (9 * GB, 50 * GB, "warn"),
        (50 * GB, 1000 * GB, "warn"),
        (0, 1000 * GB, "fail"),
    ],
)
def test_little_room_is_told(free, total, verdict):
    assert disks.room_line(asked(), "/ceph", free, total).verdict == verdict


@pytest.mark.parametrize(
    ("used", "most", "verdict"),
    [
        (10 * GB, 100 * GB, "ok"),
        (95 * GB, 100 * GB, "warn"),
        (1000 * GB, 1009 * GB, "warn"),
        (101 * GB, 100 * GB, "fail"),
    ],
)
def test_a_quota_that_is_nearly_used_up_is_told(used, most, verdict):
    assert disks.quota_line(asked(), "/ceph", used, most).verdict == verdict


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999.6e6, "1000 MB"), (1.23e12, "1.23 TB"), (64.8e9, "64.8 GB")],
)
def test_sizes_are_said_as_disks_are_sold(count, text):
    assert disks.size(count) == text


@given(st.text())
def test_no_text_of_the_cluster_breaks_the_reading(text):
    read_version(text)
    read_associations(text)
    disks.read_disk(text)
    disks.read_quotas(text)
    connection.shell_line(0, text, text)
