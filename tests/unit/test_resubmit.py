"""What is submitted again: the kept package alone, or the request as it was."""

from __future__ import annotations

import json

import pytest

from sleap_remote_plugin.errors import PackageProblem, RemoteError
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.job import (
    Job,
    JobKind,
    JobState,
    job_from_dict,
    job_to_dict,
)
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.plan import Order, plan_prediction
from sleap_remote_plugin.session.resubmit import (
    copied_package,
    request_of,
    was_never_sent,
)


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "labels.slp.training_job"
    (folder / "models" / "old").mkdir(parents=True)
    (folder / "remote-job.json").write_text("{}")
    (folder / "slurm-7.out").write_text("log")
    (folder / "a.json").write_text("{}")
    (folder / "labels.pkg.slp").write_bytes(b"labels")
    entry = {
        "cfg": "a.json",
        "run_path": "models/old",
        "train_labels": "labels.pkg.slp",
    }
    (folder / "jobs.yaml").write_text(json.dumps({"training": [entry]}))
    return folder


def test_the_package_alone_is_copied(package, tmp_path):
    made = copied_package(package, tmp_path / "again")
    names = sorted(path.name for path in made.folder.iterdir())
    assert names == ["a.json", "jobs.yaml", "labels.pkg.slp"]
    assert (made.folder / "labels.pkg.slp").read_bytes() == b"labels"


def test_a_folder_that_is_there_is_not_written_into(package, tmp_path):
    (tmp_path / "again").mkdir()
    with pytest.raises(PackageProblem, match="Nothing was submitted"):
        copied_package(package, tmp_path / "again")
    assert list((tmp_path / "again").iterdir()) == []


def test_a_package_that_is_not_whole_any_more_is_said(package, tmp_path):
    (package / "labels.pkg.slp").unlink()
    with pytest.raises(PackageProblem, match=r"labels\.pkg\.slp"):
        copied_package(package, tmp_path / "again")
    assert not (tmp_path / "again").exists()


REQUEST = PredictionRequest(
    ("/mnt/m/centroid", "/mnt/m/instance"),
    (VideoInput("/mnt/v/a.mp4", 3, "0-9", "d"),),
    (("tracking.tracker", "flow"),),
    (("batch_size", "4"),),
)


def planned():
    order = Order(
        Resources(),
        "/mnt/p.slp",
        "n",
        SleapModule("SLEAP/1", "1.3.1"),
    )
    return plan_prediction(
        REQUEST, order, "/ceph/f", "c", 0.0, lambda p: p.replace("/mnt", "/ceph")
    ).job


def test_a_prediction_can_be_asked_for_again_from_its_record_on_another_computer():
    job = job_from_dict(json.loads(json.dumps(job_to_dict(planned()))))
    again = request_of(job, lambda path: path.replace("/ceph", "Z:"))
    assert again.models == ("Z:/m/centroid", "Z:/m/instance")
    assert again.videos == (VideoInput("Z:/v/a.mp4", 3, "0-9", "d"),)
    assert (again.tracking, again.options) == (REQUEST.tracking, REQUEST.options)


@pytest.mark.parametrize("request_", [{}, {"models": 1}, {"models": [], "videos": [1]}])
def test_a_record_that_does_not_tell_is_said(request_):
    with pytest.raises(RemoteError, match="Submit it from the menu"):
        request_of(planned().changed(request=request_), str)


def test_a_disk_that_is_not_here_is_said():
    with pytest.raises(RemoteError, match="no disk of this machine"):
        request_of(planned(), lambda path: None)


@pytest.mark.parametrize(
    ("state", "slurm_id", "never"),
    [
        (JobState.CANCELLED, "", True),
        (JobState.LOST, "", True),
        (JobState.CANCELLED, "7", False),
        (JobState.UNCONFIRMED, "", False),
    ],
)
def test_only_what_slurm_never_had_is_sent_from_its_own_folder(state, slurm_id, never):
    job = Job("a1", JobKind.TRAIN, "n", "/p", "/f", "c", Resources(), state=state)
    assert was_never_sent(job.changed(slurm_id=slurm_id)) is never
