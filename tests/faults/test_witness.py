"""The batch script's own account, with SLURM's real requeue, cancel and time limit."""

from __future__ import annotations

import json
import time

import pytest

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.record import SCRIPT_NAME, WITNESS_FOLDER, read_witness
from tests.cluster.laptop import resources
from tests.faults.trial import STUB, fingerprint, submit

pytestmark = [pytest.mark.cluster, pytest.mark.faults]


def witness(folder):
    path = folder / WITNESS_FOLDER / "job.jsonl"
    if not path.exists():
        return []
    return list(read_witness(path.read_text("utf-8")))


def wait_for(look, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def predict(trials, session, sleep, package=None, **asked):
    package = package or trials.package()  # its folder: models and a video beside it
    (package.folder / "video.mp4").write_bytes(b"no video")
    job = session.submit_prediction(
        PredictionRequest(
            (str(package.folder),),
            (VideoInput(str(package.folder / "video.mp4"), 0),),
        ),
        resources(**dict({"gpus": 0, "partition": "cpu"}, **asked)),
        project=str(trials.place / "labels.slp"),
        name="labels predictions",
        module=STUB,
    )
    folder = session.local_folder(job)
    (folder / "stub-sleep").write_text(str(sleep))
    return job, folder


def test_a_requeue_is_appended_and_runs(trials, open_it, slurm):
    session = open_it()
    slurm.partition("DOWN")  # until its SLEAP knows how long to take
    job, folder = predict(trials, session, 30)
    slurm.partition("UP")
    started = lambda: [e for e in witness(folder) if e.event == "started"]  # noqa: E731
    wait_for(started)
    wait_for(lambda: list(folder.glob("slurm-*.out")))
    before = (folder / WITNESS_FOLDER / "job.jsonl").read_bytes()
    (folder / "stub-sleep").write_text("0")

    done = trials.practice.run("gateway", ["scontrol", "requeue", job.slurm_id])
    assert done.returncode == 0, done.stderr
    # SLURM lets a requeued job wait for two minutes.
    start = ["scontrol", "update", "JobId=" + job.slurm_id, "StartTime=now"]
    wait_for(
        lambda: (
            trials.practice.run_as_root("controller", start) and len(started()) == 2
        ),
        150,
    )
    (after,) = trials.ended(session)

    assert after.state is JobState.COMPLETED, session.log_tail(after)
    assert [event.restart for event in started()] == [0, 1]
    assert {event.slurm_id for event in witness(folder)} == {job.slurm_id}
    assert (folder / WITNESS_FOLDER / "job.jsonl").read_bytes().startswith(before)
    trials.tell("scontrol requeue", "while it runs", 1, 1, after.state)


def test_a_second_submission_by_hand_does_nothing(trials, open_it):
    package = trials.package(sleep=6)
    session = open_it()
    job = submit(session, package)
    wait_for(lambda: witness(package.folder))  # else either might be the first
    argv = ["sbatch", "--parsable", "--chdir=" + job.folder]
    argv.append("{}/{}".format(job.folder, SCRIPT_NAME))
    again = trials.practice.run("gateway", argv)
    assert again.returncode == 0, again.stderr
    (after,) = trials.ended(session)

    second = again.stdout.strip()
    asked = ["sacct", "-X", "-n", "-P", "-j", second, "--format=ExitCode,State"]
    wait_for(lambda: "FAILED" in trials.practice.run("gateway", asked).stdout)
    assert trials.practice.run("gateway", asked).stdout.startswith("90:0|")
    assert after.state is JobState.COMPLETED
    assert {event.slurm_id for event in witness(package.folder)} == {job.slurm_id}
    trials.tell("sbatch by hand", "while it runs", 2, 1, after.state)


def test_a_cancelled_job_tells_its_end(trials, open_it):
    package = trials.package(sleep=60)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package)
    wait_for(lambda: [e for e in witness(package.folder) if e.event == "started"])
    session.cancel(job)
    wait_for(lambda: [e for e in witness(package.folder) if e.event == "ended"])

    (end,) = [e for e in witness(package.folder) if e.event == "ended"]
    assert (end.signal, end.exit_code) == ("TERM", 143)
    (after,) = trials.ended(session)
    assert after.state is JobState.CANCELLED
    lines = (package.folder / WITNESS_FOLDER / "job.jsonl").read_text().splitlines()
    assert all(json.loads(line) for line in lines)
    trials.judge(
        "cancelled by the user",
        "while it runs",
        session,
        package,
        before,
        (1, 1),
        right=JobState.CANCELLED,
    )


def test_the_time_limit_is_told_before_the_end(trials, open_it):
    package = trials.package(sleep=300)
    before = fingerprint(package.folder)
    session = open_it()
    job = submit(session, package, time=60)
    wait_for(lambda: [e for e in witness(package.folder) if e.event == "ended"], 200)

    events = [e.event for e in witness(package.folder)]
    assert events[-2:] == ["time_limit", "ended"]
    (after,) = [one for one in trials.ended(session) if one.uid == job.uid]
    assert after.state is JobState.TIMED_OUT
    trials.judge(
        "time limit",
        "while it runs",
        session,
        package,
        before,
        (1, 1),
        right=JobState.TIMED_OUT,
    )
