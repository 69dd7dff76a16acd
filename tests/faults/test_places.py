"""The mount and the job's folder, while a package is exported, a job runs, or ends."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import PackageProblem, RemoteError
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt.export import put_on_mount
from sleap_remote_plugin.session import judge
from tests.cluster.laptop import wait_for
from tests.faults.trial import fingerprint, submit

pytestmark = pytest.mark.cluster
long = pytest.mark.faults
DISKS = ["disk-unmounted", "disk-full", "disk-readonly"]


# -- while a package is exported -----------------------------------------------------


def exported(trials, tmp_path, break_it):
    """Export a package of two files of 3 MB; the fault comes between them."""
    source = tmp_path / "written here"
    source.mkdir()
    for name in ("a.slp", "b.slp"):
        (source / name).write_bytes(b"x" * 3 * 2**20)
    (source / "jobs.yaml").write_text('{"training": []}')
    target = trials.place / "labels.slp.training_job.export"
    calls = []

    def report(done, total):
        calls.append(done)
        if len(calls) == 3:
            break_it()
        return True

    with pytest.raises(PackageProblem, match="Nothing was submitted"):
        put_on_mount(source, target, report)
    return target


@pytest.mark.parametrize(
    "fault",
    [
        fault if fault == "disk-unmounted" else pytest.param(fault, marks=long)
        for fault in DISKS[:2]
    ],
)
def test_the_mount_fails_while_a_package_is_exported(trials, open_it, tmp_path, fault):
    other = trials.package()  # what the user has there already
    before = fingerprint(other.folder)
    target = exported(trials, tmp_path, lambda: trials.practice.fail(fault))
    assert not trials.place.exists() or fault != "disk-unmounted"
    trials.practice.mend(fault)
    assert not target.exists()
    trials.judge(fault, "exporting", open_it(), other, before, (0, 0))


@long
def test_the_mount_is_read_only_when_a_package_is_exported(trials, open_it, tmp_path):
    """(A disk cannot become read-only under a file that is open for writing.)"""
    other = trials.package()
    before = fingerprint(other.folder)
    source = tmp_path / "written here"
    source.mkdir()
    (source / "jobs.yaml").write_text('{"training": []}')
    trials.practice.fail("disk-readonly")
    with pytest.raises(PackageProblem, match="Nothing was submitted"):
        put_on_mount(source, trials.place / "export", lambda *_: True)
    trials.practice.mend()
    trials.judge("disk-readonly", "exporting", open_it(), other, before, (0, 0))


# -- while a job runs ----------------------------------------------------------------


@long
@pytest.mark.parametrize("back", ["whole", "read-only"])
def test_the_mount_goes_while_a_job_runs_and_comes_back(trials, open_it, back):
    package = trials.package(sleep=8)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    wait_for(session, job, lambda job: job.state is JobState.RUNNING)
    trials.practice.fail("disk-unmounted")
    (after,) = session.refresh()
    assert not after.state.is_final
    trials.practice.mend("disk-unmounted")
    if back == "read-only":
        trials.practice.fail("disk-readonly")
    (after,) = trials.ended(session)
    assert after.state is JobState.COMPLETED
    assert session.results(after).runs
    trials.practice.mend()
    step = "while it runs, back " + back
    trials.judge("disk-unmounted", step, session, package, before, (1, 1))


@long
def test_the_disk_is_full_while_a_job_runs(trials, open_it):
    package = trials.package(sleep=4)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    wait_for(session, job, lambda job: job.state is JobState.RUNNING)
    trials.practice.fail("disk-full")
    (after,) = trials.ended(session)
    assert after.state is JobState.FAILED, session.log_tail(after)
    trials.practice.mend()
    trials.judge(
        "disk-full",
        "while it runs",
        session,
        package,
        before,
        (1, 1),
        right=JobState.FAILED,
    )


# -- while its results are collected -------------------------------------------------


@long
@pytest.mark.parametrize("fault", ["disk-unmounted", "moved"])
def test_the_folder_is_not_there_when_results_are_collected(
    trials, open_it, monkeypatch, fault
):
    monkeypatch.setattr(judge, "ARTEFACT_GRACE", 0.0)
    package = trials.package(sleep=2)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    wait_for(session, job, lambda job: job.state is JobState.RUNNING)
    elsewhere = trials.place / "old" / package.folder.name
    if fault == "moved":
        elsewhere.parent.mkdir()
        package.folder.rename(elsewhere)
    else:
        trials.practice.fail(fault)

    job = wait_for(session, job, lambda job: job.ended)
    for _ in range(2):  # a minute without a mount is no bad end
        (job,) = session.refresh()
    assert job.state is JobState.FINISHING, job
    assert "is not there just now" in job.note
    with pytest.raises(RemoteError):
        session.results(job)
    if fault == "moved":
        assert [one.uid for one in session.find_jobs(trials.place).moved] == [job.uid]
    else:
        trials.practice.mend()
    (job,) = trials.ended(session)
    assert session.results(job).runs
    if fault == "moved":
        elsewhere.rename(package.folder)
        session.find_jobs(trials.place)
    trials.judge(
        "folder moved" if fault == "moved" else fault,
        "collecting",
        session,
        package,
        before,
        (1, 1),
    )
