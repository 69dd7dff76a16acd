"""A job's folder that somebody prepared: nobody waits for it, and it is told."""

from __future__ import annotations

import json
import os
import threading

import pytest

from sleap_remote_plugin.errors import PackageProblem, StoreProblem
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task, job_to_dict
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.record import RECORD_NAME, WITNESS_FOLDER, load_record
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.files import MountFiles
from sleap_remote_plugin.session.find import records_below
from sleap_remote_plugin.session.follow import Reader
from sleap_remote_plugin.session.recover import _owner
from sleap_remote_plugin.session.witnesses import Witnesses


@pytest.fixture(autouse=True)
def nobody_waits():
    """A thread that waits for a pipe would be left behind."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive(), thread


def make_job(**values):
    return Job(
        **{
            "uid": "a1",
            "kind": JobKind.TRAIN,
            "name": "n",
            "project": "/p.slp",
            "folder": "/ceph/f",
            "cluster": "c",
            "resources": Resources(),
            "tasks": (Task("centroid", "models/a"),),
            "slurm_id": "7",
            "state": JobState.RUNNING,
            **values,
        }
    )


def write_record(folder):
    text = json.dumps({"format": 1, "job": job_to_dict(make_job())})
    (folder / RECORD_NAME).write_text(text)


DEEP = b"[" * 200_000
LONG = b'{"format": 1, "job": "' + b"x" * (9 << 20) + b'"}'


@pytest.mark.parametrize(
    "data", [b"", DEEP, LONG, b"9" * 100_000, b"\xff", b"[]", b'{"format": "x"}'],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_a_record_that_would_hurt_is_a_sentence(tmp_path, data):
    (tmp_path / RECORD_NAME).write_bytes(data)
    with pytest.raises(StoreProblem, match="cannot be read"):
        load_record(tmp_path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_record_that_is_no_file_is_a_sentence(tmp_path, make):
    make(str(tmp_path / RECORD_NAME))
    with pytest.raises(StoreProblem, match="cannot be read"):
        load_record(tmp_path)


def test_jobs_are_found_beside_a_record_that_would_hurt(tmp_path):
    for name in ("bad", "good"):
        (tmp_path / name).mkdir()
    os.mkfifo(str(tmp_path / "bad" / RECORD_NAME))
    write_record(tmp_path / "good")
    found, _ = records_below(tmp_path, 3)
    assert [place.name for place, _ in found] == ["good"]


def test_an_account_that_is_a_pipe_is_told_and_the_other_jobs_are_read(tmp_path):
    for name in ("bad", "good"):
        (tmp_path / name / WITNESS_FOLDER).mkdir(parents=True)
    os.mkfifo(str(tmp_path / "bad" / WITNESS_FOLDER / "job.jsonl"))
    good = tmp_path / "good" / WITNESS_FOLDER / "job.jsonl"
    good.write_text('{"event": "started", "job": "7"}\n')
    jobs = [make_job(uid=name) for name in ("bad", "good")]
    witnesses = Witnesses(patience=10.0)
    witnesses.begin(jobs, lambda job: tmp_path / job.uid)
    seen = witnesses.answer()
    assert [event.event for event in seen.events["good"]] == ["started"]
    assert any("no ordinary file" in trouble for trouble in seen.troubles)


def test_an_owner_that_is_a_pipe_says_nothing(tmp_path):
    (tmp_path / WITNESS_FOLDER).mkdir()
    os.mkfifo(str(tmp_path / WITNESS_FOLDER / "job.jsonl"))
    (tmp_path / WITNESS_FOLDER / "owner.a1").write_text("rubbish")
    assert _owner(tmp_path, "a1") == ""


LOGS = ("slurm-7.out", "models/a/training_log.csv", "models/a/training_config.json")


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_is_a_pipe_is_not_waited_for(tmp_path, name):
    (tmp_path / "models" / "a").mkdir(parents=True)
    os.mkfifo(str(tmp_path / name))
    files = MountFiles(tmp_path)
    assert files.status([name]) == {}
    reader = Reader()
    reader.progress(make_job(), files)
    assert reader.log_tail(make_job(), files, 1000) == ""


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_is_a_link_elsewhere_is_not_read(tmp_path, name):
    (tmp_path / "models" / "a").mkdir(parents=True)
    (tmp_path / "secret").write_text("epoch,loss\n0,1\nthe secret\n")
    (tmp_path / name).symlink_to(tmp_path / "secret")
    assert MountFiles(tmp_path).status([name]) == {}


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0" * 5000,
        b"epoch,loss,val_loss\n" + b"1e999,nan,inf\n" * 50,
        b"epoch,loss\n" + b'"' * 100_000,
        b"epoch" * 30_000 + b"\n1,2,3",
        b"\x1b[2J\x1b]0;evil\x07epoch,loss\n0,0.5\n",
        bytes(range(256)) * 40,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_garbage_in_a_training_log_is_no_progress_and_no_error(tmp_path, garbage):
    (tmp_path / "models" / "a").mkdir(parents=True)
    (tmp_path / LOGS[1]).write_bytes(garbage)
    (tmp_path / LOGS[0]).write_bytes(garbage)
    reader, files = Reader(), MountFiles(tmp_path)
    for progress in reader.progress(make_job(), files):
        assert progress.done >= 0
    shown = reader.log_tail(make_job(), files, 10_000)
    assert not set(shown) & set("\x1b\x07\0")


YAML_BOMB = "a: &a [x,x,x,x,x]\n" + "".join(
    "{1}: &{1} [{0},{0},{0},{0},{0},{0}]\n".format("*" + one, two)
    for one, two in zip("abcdefg", "bcdefgh")
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        YAML_BOMB,
        "training: &a [*a]",
        "training: 5",
        "training:\n- {cfg: ../../x.json, train_labels: a.slp, run_path: models/a}",
        "training:\n- {cfg: x.json, train_labels: /etc/passwd, run_path: models/a}",
        "training:\n- {cfg: x.json, train_labels: a.slp, run_path: ../../models}",
        'training:\n- {cfg: "x\\n.json", train_labels: a.slp, run_path: models/a}',
        "training: !!python/object/apply:os.system [true]",
    ],
    ids=lambda text: text[:20],
)
def test_a_package_that_would_hurt_is_a_sentence(tmp_path, text):
    (tmp_path / "jobs.yaml").write_text(text)
    with pytest.raises(PackageProblem, match="no jobs.yaml that can be read"):
        load_package(tmp_path)
