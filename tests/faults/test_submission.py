"""A submission that is cut short at every step: sent once or not at all, and told."""

from __future__ import annotations

import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import (
    AlreadySubmitted,
    ClusterBusy,
    NotYours,
    RemoteError,
)
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.jobs.record import RECORD_NAME, WITNESS_FOLDER, load_record
from sleap_remote_plugin.session import recover
from sleap_remote_plugin.session import submit as submission
from tests.cluster.laptop import wait_for
from tests.faults.child import STEPS
from tests.faults.trial import UNSETTLED, fingerprint, submit

pytestmark = pytest.mark.cluster
long = pytest.mark.faults

NOT_SENT = list(STEPS)[: list(STEPS).index("ready to send") + 1]
SHORT = [
    ("seen whole", "before"),
    ("ready to send", "after"),
    ("answer read", "before"),
]


def killed_cases():
    for step in STEPS:
        for when in ("before", "after"):
            marks = () if (step, when) in SHORT else (long,)
            yield pytest.param(step, when, marks=marks)
    for seconds in (0.0, 0.002, 0.005, 0.02):
        yield pytest.param("sent", seconds, marks=long)


@pytest.mark.parametrize(("step", "when"), list(killed_cases()))
def test_a_program_killed_at_any_step_leaves_one_job_or_none(
    trials, open_it, step, when
):
    package = trials.package()
    before = fingerprint(package.folder)
    child = trials.child(package, step=step, when=when)
    out, err = child.communicate(timeout=60)
    assert child.returncode == -9, out + err

    session = open_it()
    jobs = trials.settled(session)
    was_sent = step not in NOT_SENT
    intended = (1, 1) if was_sent else (0, 0)
    if step == "sent":  # on its way: SLURM may have it, or not
        intended = (0, 1)
    elif was_sent:
        assert [job.slurm_id for job in jobs] == trials.on_cluster(package.folder.name)
    where = "{} {}".format(when, step)
    trials.judge("killed", where, session, package, before, intended)
    if intended == (0, 0):  # and the user can send it after all, once
        submit(session, package)
        again = "killed, submitted again"
        trials.judge(again, where, session, package, before, (1, 1))


def submitted_or_said(session, package):
    """What the user is told of a submission; empty where it simply worked."""
    try:
        return submit(session, package).note
    except RemoteError as error:
        return str(error)


# -- two windows ---------------------------------------------------------------------


def both(trials, one, other):
    children = [trials.child(package, at="once") for package in (one, other)]
    for child in children:
        assert child.stdout.readline() == "ready\n", child.stderr.read()
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    return [child.communicate(timeout=90)[0] for child in children]


def test_one_package_from_two_windows_at_once_is_one_job(trials, open_it):
    package = trials.package()
    before = fingerprint(package.folder)
    said = both(trials, package, package)

    assert sorted(text.split()[0] for text in said) == ["AlreadySubmitted:", "queued"]
    assert "Nothing was sent a second time" in "".join(said)
    trials.judge("two windows", "one package", open_it(), package, before, (1, 1))


@long
def test_two_packages_from_two_windows_at_once_are_two_jobs(trials, open_it):
    one, other = trials.package(), trials.package()
    before = fingerprint(one.folder), fingerprint(other.folder)
    said = both(trials, one, other)

    assert [text.split()[0] for text in said] == ["queued", "queued"]
    session = open_it()
    for package, known in zip((one, other), before):
        trials.judge("two windows", "two packages", session, package, known, (1, 1))


# -- the connection ------------------------------------------------------------------


@pytest.fixture
def controller(whole_practice):
    """Freeze slurmctld, and let it go on."""

    def send(signal):
        line = "kill -{} $(cat /run/slurmctld.pid)".format(signal)
        done = whole_practice.run_as_root("controller", ["sh", "-c", line])
        assert done.returncode == 0, done.stderr

    yield send
    whole_practice.mend()


@long
def test_the_network_cut_before_sbatch_is_sent(trials, open_it, monkeypatch):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    real = submission._still_claimed
    monkeypatch.setattr(submission, "SBATCH_DEADLINE", 5.0)
    # A packet that is on its way arrives when the cable is back.
    monkeypatch.setattr(recover, "DOUBT_PATIENCE", 20.0)

    def cut_first(claimed_at):
        trials.practice.fail("network")
        real(claimed_at)

    monkeypatch.setattr(submission, "_still_claimed", cut_first)
    said = submitted_or_said(session, package)
    assert "Nothing was sent" in said or "not sent twice" in said
    trials.practice.mend("network")
    trials.settled(session, 120)
    trials.judge("network cut", "before sbatch is sent", session, package, before)


@pytest.mark.parametrize("how", ["network", pytest.param("gateway", marks=long)])
def test_the_connection_cut_while_sbatch_waits_for_its_answer(
    trials, open_it, controller, monkeypatch, how
):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    monkeypatch.setattr(submission, "SBATCH_DEADLINE", 6.0)
    controller("STOP")  # sbatch has asked, and waits
    cutting = threading.Timer(3.0, trials.practice.fail, (how,))
    cutting.start()
    job = submit(session, package)
    cutting.join()
    assert job.state is JobState.UNCONFIRMED
    assert "not sent twice" in job.note

    controller("CONT")
    while not trials.on_cluster(package.folder.name):
        time.sleep(0.2)
    trials.practice.mend(how)
    step = "sbatch sent, no answer"
    trials.judge(how + " cut", step, session, package, before, (1, 1))


@long
def test_the_network_cut_after_sbatch_answered(trials, open_it, monkeypatch):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    real = submission.output.read_submission

    def cut_after(answer):
        trials.practice.fail("network")
        return real(answer)

    monkeypatch.setattr(submission.output, "read_submission", cut_after)
    job = submit(session, package)
    assert job.state is JobState.QUEUED
    trials.practice.mend("network")
    trials.judge("network cut", "sbatch answered", session, package, before, (1, 1))


# -- SLURM ---------------------------------------------------------------------------


@long
def test_slurmctld_gone_when_sbatch_asks(trials, open_it):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    trials.practice.fail("slurmctld")
    with pytest.raises(ClusterBusy, match="Nothing was submitted"):
        submit(session, package)
    trials.practice.mend("slurmctld")
    trials.judge("slurmctld stopped", "before sbatch", session, package, before, (0, 0))


@long
def test_slurmctld_killed_while_sbatch_waits_and_started_again(
    trials, open_it, controller, monkeypatch
):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    monkeypatch.setattr(recover, "DOUBT_PATIENCE", 10.0)
    controller("STOP")
    killing = threading.Timer(2.0, trials.practice.fail, ("slurmctld",))
    killing.start()
    back = threading.Timer(6.0, trials.practice.mend, ("slurmctld",))
    back.start()
    said = submitted_or_said(session, package)
    assert "Nothing was submitted" in said or "not sent twice" in said
    killing.join()
    back.join()
    trials.settled(session, 120)
    trials.judge(
        "slurmctld killed, restarted", "during sbatch", session, package, before
    )


@long
def test_slurmdbd_down_leaves_a_doubt_open_until_it_answers(
    trials, open_it, monkeypatch
):
    package = trials.package()
    before = fingerprint(package.folder)
    child = trials.child(package, step="ready to send", when="after")
    child.communicate(timeout=60)
    session = open_it()
    trials.practice.fail("slurmdbd")
    for _ in range(8):
        (job,) = session.refresh()
        time.sleep(0.3)
    assert job.state is JobState.UNCONFIRMED  # silence of one is no answer
    trials.practice.mend("slurmdbd")
    trials.settled(session)
    trials.judge("slurmdbd down", "in doubt", session, package, before, (0, 0))


# -- the mount -----------------------------------------------------------------------


@long
@pytest.mark.parametrize("fault", ["disk-full", "disk-readonly", "disk-unmounted"])
def test_the_mount_fails_before_anything_is_sent(trials, open_it, monkeypatch, fault):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    real = submission.Look.is_whole

    def break_it(*args):
        trials.practice.fail(fault)
        return real(*args)

    monkeypatch.setattr(submission.Look, "is_whole", break_it)
    said = submitted_or_said(session, package)
    trials.practice.mend(fault)
    trials.settled(session)
    intended = (0, 0) if said else (1, 1)
    trials.judge(fault, "seen whole", session, package, before, intended)


@long
@pytest.mark.parametrize("fault", ["disk-full", "disk-readonly", "disk-unmounted"])
def test_the_mount_fails_once_sbatch_has_answered(trials, open_it, monkeypatch, fault):
    package = trials.package(sleep=4)
    before = fingerprint(package.folder)
    session = open_it()
    real = submission.output.read_submission

    def break_it(answer):
        trials.practice.fail(fault)
        return real(answer)

    monkeypatch.setattr(submission.output, "read_submission", break_it)
    assert submit(session, package).state is JobState.QUEUED
    trials.practice.mend(fault)
    trials.judge(fault, "sbatch answered", session, package, before, (1, 1))


# -- the laptop ----------------------------------------------------------------------


@long
@pytest.mark.parametrize("hours", [-3, 3])
def test_a_laptop_whose_clock_is_wrong(trials, open_it, monkeypatch, hours):
    package = trials.package(sleep=1)
    before = fingerprint(package.folder)
    child = trials.child(package, step="answer read", when="before")
    child.communicate(timeout=60)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
    session = open_it()
    session.clock = time.time
    trials.settled(session)
    trials.judge(
        "clock {:+d} h".format(hours), "in doubt", session, package, before, (1, 1)
    )


@long
def test_another_computer_finds_the_job_and_settles_it(
    trials, open_it, tmp_path, monkeypatch
):
    package = trials.package()
    before = fingerprint(package.folder)
    child = trials.child(package, step="answer read", when="before")
    child.communicate(timeout=60)
    other = tmp_path / "another computer"
    other.mkdir()
    monkeypatch.setenv("HOME", str(other))
    session = open_it()
    assert session.jobs() == ()

    found = session.find_jobs(Path(trials.practice.local_mount))
    assert len(found.added) == 1
    assert found.jobs[0].state in UNSETTLED
    trials.settled(session)
    trials.judge("another computer", "in doubt", session, package, before, (1, 1))


# -- the list and the records --------------------------------------------------------


@long
def test_a_damaged_list_is_made_again_from_the_mount(trials, open_it):
    package = trials.package(sleep=2)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    session.store.path.write_bytes(b"garbled" * 1000)

    assert session.jobs() == ()
    assert session.next_poll() is not None
    assert [found.uid for found in session.refresh()] == [job.uid]
    assert "kept as" in " ".join(session.troubles)
    trials.judge("list damaged", "while it runs", session, package, before, (1, 1))


@long
@pytest.mark.parametrize("edit", ["deleted", "garbled", "another id"])
def test_a_record_that_somebody_spoiled_is_written_again(trials, open_it, edit):
    package = trials.package(sleep=2)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    record = package.folder / RECORD_NAME
    if edit == "deleted":
        record.unlink()
    elif edit == "garbled":
        record.write_text("{ no record")
    else:
        values = json.loads(record.read_text("utf-8"))
        values["job"]["slurm_id"] = "1"
        record.write_text(json.dumps(values))

    session.refresh()
    assert "written again" in " ".join(session.troubles)
    assert load_record(package.folder).slurm_id == job.slurm_id
    trials.judge("record " + edit, "while it runs", session, package, before, (1, 1))


@long
def test_a_renamed_folder_is_found_by_its_record(trials, open_it):
    package = trials.package(sleep=6)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    begun = package.folder / WITNESS_FOLDER / "job.jsonl"
    wait_for(session, job, lambda _: begun.exists())
    old = package.folder
    trials_folder = old.with_name("renamed by the user")
    old.rename(trials_folder)

    session.refresh()
    assert "was renamed, and found again" in " ".join(session.troubles)
    (job,) = trials.ended(session)
    assert job.state is JobState.COMPLETED, session.log_tail(job)
    assert session.results(job).runs[0].parent.parent == trials_folder
    trials_folder.rename(old)
    assert session.results(job).runs[0].parent.parent == old
    trials.judge("folder renamed", "while it runs", session, package, before, (1, 1))


@long
def test_a_colleagues_job_can_be_looked_at_only(trials, open_it):
    package = trials.package()
    session = open_it()
    job = submit(session, package)
    trials.ended(session)
    record = package.folder / RECORD_NAME
    values = json.loads(record.read_text("utf-8"))
    values["job"].update(user="john", state="running", uid="abcdef0123")
    record.write_text(json.dumps(values))
    text = record.read_bytes()
    session.forget(job)

    (found,) = session.find_jobs(package.folder).added
    assert not session.is_mine(found)
    with pytest.raises(NotYours, match="john's"):
        session.cancel(found)
    with pytest.raises(AlreadySubmitted):
        submit(session, package)
    session.refresh()
    assert record.read_bytes() == text
    values["job"]["state"] = "completed"
    record.write_text(json.dumps(values))
    session.refresh()
    assert [one.state for one in session.jobs()] == [JobState.COMPLETED]


@long
def test_a_copied_folder_is_no_second_job(trials, open_it):
    package = trials.package()
    session = open_it()
    submit(session, package)
    trials.ended(session)
    copy = package.folder.with_name("copy")
    shutil.copytree(str(package.folder), str(copy))

    found = session.find_jobs(copy)
    assert found.added == ()
    assert "is a copy of" in found.troubles[0]
    assert len(session.jobs()) == 1
