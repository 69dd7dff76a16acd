"""What is submitted again: the kept package alone, or the request as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import PackageProblem, RemoteError
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.job import (
    Job,
    JobKind,
    JobState,
    job_from_dict,
    job_to_dict,
)
from sleap_remote_plugin.jobs.package import run_folders
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.plan import (
    Order,
    input_names,
    plan_prediction,
    prediction_names,
)
from sleap_remote_plugin.session.resubmit import (
    copied_package,
    request_of,
    still_wanted,
    was_never_sent,
    with_videos,
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


def test_trained_models_that_the_package_took_along_are_copied_too(package, tmp_path):
    for name in ("models/centroid", "starting_points/before"):
        (package / name).mkdir(parents=True)
        (package / name / "best.ckpt").write_text(name)
    jobs = json.loads((package / "jobs.yaml").read_text())
    jobs["reused"] = [{"head": "centroid", "run_path": "models/centroid"}]
    (package / "jobs.yaml").write_text(json.dumps(jobs))
    made = copied_package(package, tmp_path / "again")
    for name in ("models/centroid", "starting_points/before"):
        assert (made.folder / name / "best.ckpt").read_text() == name
    assert not (made.folder / "models" / "old").exists()
    assert run_folders(made) == ("models/centroid", "models/old")


def test_a_model_that_was_taken_along_and_is_gone_is_said(package, tmp_path):
    jobs = json.loads((package / "jobs.yaml").read_text())
    jobs["reused"] = [{"head": "centroid", "run_path": "models/centroid"}]
    (package / "jobs.yaml").write_text(json.dumps(jobs))
    with pytest.raises(PackageProblem, match="Nothing was submitted"):
        copied_package(package, tmp_path / "again")


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


MANY = PredictionRequest(
    ("/mnt/m/single",),
    tuple(VideoInput("/mnt/{}/a.mp4".format(n), n, length=9) for n in range(4)),
)


def planned_many(folder, finished):
    """A job of four videos with the same name, of which some have predictions."""
    h5py = pytest.importorskip("h5py")
    order = Order(Resources(), "/mnt/p.slp", "n", SleapModule("SLEAP/1", "1.3.1"))
    plan = plan_prediction(MANY, order, "/ceph/f", "c", 0.0, str)
    for place in finished:
        path = folder / plan.job.tasks[place].output
        path.parent.mkdir(exist_ok=True)
        with h5py.File(str(path), "w") as file:
            for name in ("metadata", "frames", "instances", "points", "pred_points"):
                file.create_group(name)
    return plan.job


@pytest.mark.parametrize(
    ("finished", "again"),
    [
        ([], (0, 1, 2, 3)),
        ([0, 2], (1, 3)),
        ([0, 1, 2], (3,)),
        ([0, 1, 2, 3], (0, 1, 2, 3)),
    ],
)
def test_only_videos_without_predictions_are_predicted_on_again(
    tmp_path, finished, again
):
    job = planned_many(tmp_path, finished)
    places = still_wanted(job, tmp_path)
    assert places == again
    request = with_videos(request_of(job, str), places)
    assert tuple(video.index for video in request.videos) == again


def test_equal_names_of_videos_do_not_share_a_file(tmp_path):
    job = planned_many(tmp_path, [])
    assert len({task.output for task in job.tasks}) == 4
    assert [task.video_index for task in job.tasks] == [0, 1, 2, 3]


@given(
    st.lists(
        st.text(
            st.characters(blacklist_categories=("Cs",), blacklist_characters="/\\\0"),
            min_size=1,
            max_size=255,
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_video_has_a_file_of_its_own_on_every_disk(names):
    videos = [
        VideoInput("/v/" + name, n, as_project=True) for n, name in enumerate(names)
    ]
    for made in (prediction_names(videos), input_names(videos)):
        files = [name.split("/")[-1] for name in made]
        assert len({name.lower() for name in files}) == len(names)
        assert max(len(name.encode("utf-8")) for name in files) <= 240
        assert not any(set(name) & set("'\"$`\n\r :*?<>|") for name in files)


def test_a_series_of_images_is_asked_for_again_by_its_list_of_frames(tmp_path):
    labels = tmp_path / "inputs" / "a.png.slp"
    video = VideoInput("/mnt/v/a.png", 1, "0-9", length=10, as_project=True)
    request = PredictionRequest(("/mnt/m",), (video,))
    order = Order(Resources(), "/p.slp", "n", SleapModule("SLEAP/1", "1.6.3"))
    plan = plan_prediction(request, order, str(tmp_path), "c", 0.0, str)
    assert plan.files == ("inputs/a.png.slp",)
    assert "{}/inputs/a.png.slp".format(tmp_path) in plan.script
    with pytest.raises(RemoteError, match="not there any more"):
        request_of(plan.job, str)
    labels.parent.mkdir()
    labels.write_bytes(b"")
    (again,) = request_of(plan.job, str).videos
    assert (again.labels, again.path) == (str(labels), video.path)
    later = plan_prediction(request_of(plan.job, str), order, "/new", "c", 0.0, str)
    assert later.files == ()
    assert str(labels) in later.script


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
