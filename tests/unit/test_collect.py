"""What counts as a model and as predictions that are really there."""

from __future__ import annotations

import json

import pytest

from sleap_remote_plugin.errors import ResultsMissing
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.artefacts import file_fault
from sleap_remote_plugin.session.collect import collect, fault_of
from sleap_remote_plugin.session.judge import ARTEFACT_GRACE, FOLDER_GRACE, judged

h5py = pytest.importorskip("h5py")


def write_hdf5(path, libver="earliest"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(str(path), "w", libver=libver) as file:
        file["x"] = list(range(5000))
    return path


def make_run(folder, name="models/a", finished=True):
    run = folder / name
    write_hdf5(run / "best_model.h5")
    (run / "training_config.json").write_text(json.dumps({"model": {}}))
    if finished:
        (run / "metrics.val.npz").write_bytes(b"PK")
    return run


def make_job(kind=JobKind.TRAIN, output="models/a", **values):
    return Job(
        uid="a1",
        kind=kind,
        name="n",
        project="/p.slp",
        folder="/ceph/f",
        cluster="c",
        resources=Resources(),
        tasks=(Task("centroid", output, video="/v.mp4", video_index=2),),
        **values,
    )


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_whole_hdf5_file_has_no_fault(tmp_path, libver):
    assert file_fault(write_hdf5(tmp_path / "a.h5", libver)) == ""


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("kept", [0, 5, 60, 2000])
def test_a_truncated_hdf5_file_is_told(tmp_path, libver, kept):
    path = write_hdf5(tmp_path / "a.h5", libver)
    path.write_bytes(path.read_bytes()[:kept])
    assert "not whole" in file_fault(path) or "no HDF5" in file_fault(path)


def test_a_trained_run_is_collected(tmp_path):
    run = make_run(tmp_path)
    assert collect(make_job(), tmp_path).runs == (run,)


def test_predictions_know_their_video(tmp_path):
    write_hdf5(tmp_path / "predictions" / "v.slp")
    job = make_job(JobKind.PREDICT, "predictions/v.slp")
    (found,) = collect(job, tmp_path).predictions
    assert (found.video, found.video_index) == ("/v.mp4", 2)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda run: (run / "best_model.h5").unlink(), "no weights"),
        (lambda run: (run / "best_model.h5").write_bytes(b""), "no HDF5"),
        (lambda run: (run / "training_config.json").write_text("{"), "not whole"),
    ],
)
def test_a_run_that_is_not_whole_is_named(tmp_path, spoil, words):
    spoil(make_run(tmp_path))
    with pytest.raises(ResultsMissing, match=words):
        collect(make_job(), tmp_path)


def test_missing_predictions_are_named(tmp_path):
    task = Task("v.mp4", "predictions/v.slp")
    assert "v.mp4" in fault_of(JobKind.PREDICT, tmp_path, task)


def test_of_a_cancelled_prediction_the_videos_that_are_whole_are_results(tmp_path):
    write_hdf5(tmp_path / "predictions" / "a.slp")
    job = make_job(JobKind.PREDICT, "predictions/a.slp")
    job = job.changed(tasks=job.tasks + (Task("b.mp4", "predictions/b.slp"),))
    with pytest.raises(ResultsMissing, match=r"b\.mp4"):
        collect(job.changed(state=JobState.COMPLETED), tmp_path)
    (found,) = collect(job.changed(state=JobState.CANCELLED), tmp_path).predictions
    assert found.path.name == "a.slp"
    (tmp_path / "predictions" / "a.slp").unlink()
    with pytest.raises(ResultsMissing):
        collect(job.changed(state=JobState.CANCELLED), tmp_path)


def test_a_link_out_of_the_jobs_folder_is_refused(tmp_path):
    outside = write_hdf5(tmp_path / "elsewhere" / "v.slp")
    folder = tmp_path / "job"
    (folder / "predictions").mkdir(parents=True)
    (folder / "predictions" / "v.slp").symlink_to(outside)
    with pytest.raises(ResultsMissing, match="leads out"):
        collect(make_job(JobKind.PREDICT, "predictions/v.slp"), folder)


# -- the judgement of an ended job ---------------------------------------------------


def test_a_job_that_ended_with_everything_there_is_completed(tmp_path):
    make_run(tmp_path)
    job = make_job(state=JobState.FINISHING, state_since=100.0, ended=99.0)
    assert judged(job, tmp_path, 100.0).state is JobState.COMPLETED
    # SLURM clears it up, and has not told yet whether it was cancelled.
    ending = job.changed(ended=None)
    assert judged(ending, tmp_path, 1e6) == ending


def test_a_missing_artefact_may_still_appear_for_a_minute(tmp_path):
    job = make_job(state=JobState.FINISHING, state_since=100.0, ended=99.0)
    assert judged(job, tmp_path, 100.0 + ARTEFACT_GRACE - 1) == job


def test_a_job_that_ended_well_with_nothing_to_show_is_incomplete(tmp_path):
    job = make_job(state=JobState.FINISHING, state_since=100.0, ended=99.0)
    after = judged(job, tmp_path, 100.0 + ARTEFACT_GRACE)
    assert after.state is JobState.INCOMPLETE
    assert "has no folder" in after.note


def test_a_folder_that_is_not_there_is_waited_for_an_hour(tmp_path):
    job = make_job(state=JobState.FINISHING, state_since=100.0, ended=99.0)
    gone = tmp_path / "not mounted"
    after = judged(job, gone, 100.0 + FOLDER_GRACE - 1)
    assert after.state is JobState.FINISHING
    assert "is not there just now" in after.note
    after = judged(job, gone, 100.0 + FOLDER_GRACE)
    assert after.state is JobState.INCOMPLETE
    assert "has not been there since" in after.note


def test_an_error_code_after_all_work_was_done_is_completed_with_a_note(tmp_path):
    make_run(tmp_path)
    job = make_job(state=JobState.FAILED, exit_code="1:0")
    after = judged(job, tmp_path, 0.0)
    assert after.state is JobState.COMPLETED
    assert "exit code 1:0" in after.note


def test_a_training_that_broke_off_is_failed_though_weights_are_there(tmp_path):
    make_run(tmp_path, finished=False)
    job = make_job(state=JobState.FAILED, exit_code="1:0")
    assert judged(job, tmp_path, 0.0).state is JobState.FAILED
