"""The cluster check against real SSH, real SLURM and a real disk, whole and broken."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session import check_connection, check_job

pytestmark = pytest.mark.cluster

SUBJECTS = [
    "Network", "Bastion", "Gateway", "Host keys", "Host keys", "Sign-in",
    "Login shell", "Clock", "SLURM's commands", "Accounting", "Account", "Partitions",
    "Default resources", "SLEAP modules", "Mount", "Free space", "Free space",
]  # fmt: skip


def checked(session, folder=None):
    """{subject: line}, the last one of each; every fault has a remedy."""
    lines = session.check("", folder)
    assert all(line.remedy for line in lines if line.verdict != "ok"), lines
    return {line.subject: line for line in lines}


def faults(lines):
    return sorted(s for s, line in lines.items() if line.verdict == "fail")


def test_a_whole_cluster_is_told_line_by_line(session, place):
    told = []
    lines = session.check("", place, lambda item: told.append(item) or True)
    assert [line.subject for line in lines] == SUBJECTS
    assert not [line for line in lines if line.verdict == "fail"], lines
    assert tuple(one for one in told if not isinstance(one, str)) == lines
    by_subject = {line.subject: line for line in lines}
    assert "the other way round" in by_subject["Mount"].text
    assert "known_hosts, line" in by_subject["Host keys"].text
    assert "a4500" in by_subject["Partitions"].text
    assert list(place.iterdir()) == []


def test_with_the_bastion_down_what_can_be_said_is_said(session, whole_practice):
    session.disconnect()
    whole_practice.fail("bastion")
    lines = checked(session)
    assert faults(lines) == ["Bastion"]
    assert "refused" in lines["Bastion"].text
    assert lines["Gateway"].verdict == "warn"
    assert lines["Free space"].verdict in ("ok", "warn")
    assert "SLEAP modules" in lines["Not looked at"].text


def test_with_the_gateway_down_the_bastion_is_still_good(session, whole_practice):
    session.disconnect()
    whole_practice.fail("gateway")
    lines = checked(session)
    assert faults(lines) == ["Gateway"]
    assert lines["Bastion"].verdict == "ok"
    assert "pinned" in lines["Host keys"].text


def test_a_name_that_nobody_knows_is_the_networks_line(session):
    transport = session.transport
    transport.close()
    (hop,) = transport._jump
    transport._jump = (dataclasses.replace(hop, host="no-such-host.invalid"),)
    lines = checked(session)
    assert faults(lines) == ["Network"]
    assert "no-such-host.invalid is not known" in lines["Network"].text


def test_without_accounting_jobs_run_all_the_same(session, whole_practice):
    whole_practice.fail("slurmdbd")
    lines = checked(session)
    assert faults(lines) == []
    assert lines["Accounting"].verdict == "warn"
    assert "Account" not in lines


def test_an_unmounted_disk_is_found_out(session, whole_practice):
    whole_practice.fail("disk-unmounted")
    lines = checked(session)
    assert faults(lines) == ["Mount"]
    assert lines["Partitions"].verdict == "ok"


def test_a_full_disk_is_a_fault_on_both_sides(session, place, whole_practice):
    whole_practice.fail("disk-full")
    lines = session.check("", place)
    full = [line for line in lines if line.subject == "Free space"]
    assert [line.verdict for line in full] == ["fail", "fail"]


def test_a_default_partition_that_is_not_there_is_a_fault(session):
    key = (JobKind.TRAIN, Generation.CURRENT)
    wrong = ((key, Resources(partition="gone")),)
    session.profile = dataclasses.replace(session.profile, defaults=wrong)
    lines = checked(session)
    assert faults(lines) == ["Default resources"]
    assert "no partition gone" in lines["Default resources"].text


@pytest.fixture
def start_file(whole_practice):
    """Write the user's ~/.bashrc on the cluster; the old one comes back."""
    path = "/home/{}/.bashrc".format(whole_practice.user)

    def call(line):
        done = whole_practice.run_as_root("gateway", ["sh", "-c", line])
        assert done.returncode == 0, done.stderr

    call("cp -p {0} {0}.kept".format(path))
    yield lambda text: call("printf '%s\\n' '{}' > {}".format(text, path))
    call("mv {0}.kept {0}".format(path))


def test_a_shell_that_prints_is_a_note_and_all_else_is_good(session, start_file):
    start_file("echo Willkommen; echo stty: no tty >&2")
    lines = checked(session)
    assert faults(lines) == []
    assert lines["Login shell"].verdict == "warn"
    assert "Willkommen" in lines["Login shell"].text
    assert "no tty" in lines["Login shell"].text


@pytest.mark.parametrize("text", ["exit 3", "sleep 60"])
def test_a_shell_that_ends_or_waits_is_told_once(
    session, start_file, monkeypatch, text
):
    monkeypatch.setattr(check_connection, "SHELL_DEADLINE", 2.0)
    start_file(text)
    lines = checked(session)
    assert faults(lines) == ["Login shell"]
    assert "Partitions" in lines["Not looked at"].text


# -- the job on a GPU node -----------------------------------------------------------


@pytest.fixture
def looks_often(monkeypatch):
    monkeypatch.setattr(check_job, "BETWEEN_LOOKS", 0.2)
    monkeypatch.setattr(check_job, "BETWEEN_QUESTIONS", 0.5)


def left_behind(session, place):
    """Jobs in the queue, files in the folder, jobs in the user's list."""
    queued = session.transport.run(["squeue", "-h", "--me"]).stdout
    return queued, [path.name for path in place.iterdir()], session.jobs()


@pytest.mark.usefixtures("looks_often")
def test_a_short_job_tells_what_the_node_has(session, place):
    lines = {line.subject: line for line in session.check_gpu("", place)}
    assert lines["GPU job"].verdict == "ok", lines
    # The practice cluster's GPUs are real to SLURM only; it says so.
    assert "no nvidia-smi on gpu-" in lines["nvidia-smi"].text
    assert lines["which python"].verdict == "ok"
    assert "SLEAP" in lines["SLEAP on the node"].text
    assert left_behind(session, place)[1:] == ([], ())


@pytest.fixture
def nothing_starts(session, whole_practice):
    """The partition ``fast`` takes jobs and starts none; the session knew it whole."""
    session.partitions()

    def turn(state):
        argv = ["scontrol", "update", "PartitionName=fast", "State=" + state]
        assert whole_practice.run_as_root("controller", argv).returncode == 0

    turn("DOWN")
    yield
    turn("UP")


@pytest.mark.usefixtures("looks_often", "nothing_starts")
def test_a_gpu_check_that_waits_can_be_cancelled(session, place):
    def until_it_waits(item):
        return not (isinstance(item, str) and "waits for its start" in item)

    with pytest.raises(Cancelled):
        session.check_gpu("", place, until_it_waits)
    assert left_behind(session, place) == ("", [], ())


@pytest.mark.usefixtures("looks_often", "nothing_starts")
def test_a_gpu_check_that_never_starts_is_taken_back(session, place, monkeypatch):
    monkeypatch.setattr(check_job, "MOST_WAITING", 1.0)
    lines = session.check_gpu("", place)
    assert [(line.subject, line.verdict) for line in lines] == [("GPU job", "warn")]
    assert "did not start" in lines[0].text
    assert left_behind(session, place) == ("", [], ())


def test_without_a_project_the_gpu_is_checked_from_the_home(session, whole_practice):
    looked = []

    def stop_at_the_job(item):
        looked.append(item)
        return not (isinstance(item, str) and item.startswith("job "))

    with pytest.raises(Cancelled):
        session.check_gpu("", None, stop_at_the_job)
    home = whole_practice.run("gateway", ["ls", "-A"]).stdout
    assert ".sleap-remote-check" not in home
    assert not list(Path(whole_practice.local_mount).glob(".sleap-remote-check*"))
