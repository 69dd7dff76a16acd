"""What counts as a model and as predictions that are really there."""

from __future__ import annotations

import json
import os
import pickle
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import ResultsMissing
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.record import save_record
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session import artefacts
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
    ("asked", "meant"),
    [
        ({}, ("", "", None)),
        ({"videos": "damaged"}, ("", "", None)),
        ({"videos": [{}, {}]}, ("", "", None)),
        (
            {"cluster": "/ceph/v.mp4", "dataset": "box", "as_project": False},
            ("", "box", None),
        ),
        (
            {"cluster": "/ceph/f/inputs/v.slp", "dataset": "d", "as_project": True,
             "package": "/p.pkg.slp"},
            ("/p.pkg.slp", "d", "inputs/v.slp"),
        ),
        (
            {"cluster": "/ceph/earlier/inputs/v.slp", "as_project": True},
            ("", "", "/mnt/earlier/inputs/v.slp"),
        ),
        ({"cluster": "/elsewhere/v.slp", "as_project": True}, ("", "", None)),
    ],
)  # fmt: skip
def test_predictions_know_what_the_cluster_was_given(tmp_path, asked, meant):
    write_hdf5(tmp_path / "predictions" / "v.slp")
    request = asked if "cluster" not in asked else {"videos": [asked]}
    job = make_job(JobKind.PREDICT, "predictions/v.slp", request=request)
    package, dataset, given = meant

    def to_local(path):
        return path.replace("/ceph", "/mnt") if path.startswith("/ceph/") else None

    (found,) = collect(job, tmp_path, to_local).predictions
    assert found.meant == ("/v.mp4", 2, package, dataset, given and tmp_path / given)


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


# -- what a job left that ended early --------------------------------------------------

LOG = "epoch,loss,lr,val_loss\n" + "".join("%d,0.5,1e-4,0.4\n" % n for n in range(41))


def two_models(folder):
    """A top-down training: the first model is whole, the second one was begun."""
    make_run(folder, "models/a")
    second = make_run(folder, "models/b", finished=False)
    (second / "training_log.csv").write_text(LOG)
    config = {"optimization": {"epochs": 200}}
    (second / "training_config.json").write_text(json.dumps(config))
    tasks = (Task("centroid", "models/a"), Task("centered_instance", "models/b"))
    return make_job(state=JobState.TIMED_OUT).changed(tasks=tasks)


def test_partly_trained_models_can_be_used_and_are_said_to_be_so(tmp_path):
    job = two_models(tmp_path)
    found = collect(job, tmp_path)
    assert [run.name for run in found.runs] == ["a", "b"]
    assert "centroid is whole" in found.note
    assert "centered_instance was trained 41 of 200 epochs" in found.note


def test_a_model_that_was_not_begun_is_named_and_the_other_is_used(tmp_path):
    job = two_models(tmp_path)
    (tmp_path / "models" / "b" / "best_model.h5").unlink()
    found = collect(job, tmp_path)
    assert [run.name for run in found.runs] == ["a"]
    assert "centered_instance was not trained" in found.note
    # Of a training that is said to be whole, that would not do.
    with pytest.raises(ResultsMissing, match="no weights"):
        collect(job.changed(state=JobState.COMPLETED), tmp_path)


def test_a_model_whose_weights_were_cut_short_is_said_to_be_of_no_use(tmp_path):
    job = two_models(tmp_path)
    path = tmp_path / "models" / "b" / "best_model.h5"
    path.write_bytes(path.read_bytes()[:1000])
    found = collect(job, tmp_path)
    assert [run.name for run in found.runs] == ["a"]
    assert "centroid is whole; centered_instance cannot be used" in found.note


def test_a_job_that_ended_badly_after_all_its_work_is_told_so(tmp_path):
    job = two_models(tmp_path)
    (tmp_path / "models" / "b" / "metrics.val.npz").write_bytes(b"PK")
    assert "all of its models are whole" in collect(job, tmp_path).note


def test_a_training_that_left_nothing_is_a_sentence(tmp_path):
    with pytest.raises(ResultsMissing, match="has no folder"):
        collect(make_job(state=JobState.CANCELLED), tmp_path)


def test_videos_that_are_not_there_are_named(tmp_path):
    write_hdf5(tmp_path / "predictions" / "a.slp")
    job = make_job(JobKind.PREDICT, "predictions/a.slp", state=JobState.CANCELLED)
    job = job.changed(tasks=job.tasks + (Task("b\x1b[31m.mp4", "predictions/b.slp"),))
    note = collect(job, tmp_path).note
    assert "1 of 2 videos are there" in note
    assert "Not there: b\ufffd[31m.mp4" in note


def test_nothing_is_said_of_results_that_are_whole(tmp_path):
    make_run(tmp_path)
    assert collect(make_job(state=JobState.COMPLETED), tmp_path).note == ""


# -- of this job -----------------------------------------------------------------------


def test_a_folder_that_another_job_has_now_is_refused(tmp_path):
    make_run(tmp_path)
    job = make_job()
    save_record(tmp_path, job)
    assert collect(job, tmp_path).runs
    save_record(tmp_path, job.changed(uid="b2"))
    with pytest.raises(ResultsMissing, match=r"another job now \(b2, not a1\)"):
        collect(job, tmp_path)


def test_weights_that_were_there_before_the_job_are_not_its_own(tmp_path):
    run = make_run(tmp_path)
    os.utime(str(run / "best_model.h5"), (1000, 1000))
    with pytest.raises(ResultsMissing, match="older than the job"):
        collect(make_job(started=10000.0), tmp_path)
    # Two servers' clocks; and a job that was requeued keeps what it made before.
    assert collect(make_job(started=1100.0), tmp_path).runs
    assert collect(make_job(started=10000.0, restarts=1), tmp_path).runs


def test_the_videos_of_an_array_may_be_hours_older_than_its_last_start(tmp_path):
    job = make_job(JobKind.PREDICT, "predictions/a.slp", started=90000.0)
    path = write_hdf5(tmp_path / "predictions" / "a.slp")
    os.utime(str(path), (1000, 1000))
    with pytest.raises(ResultsMissing, match="older than the job"):
        collect(job, tmp_path)
    write_hdf5(tmp_path / "predictions" / "b.slp")
    both = job.changed(tasks=job.tasks + (Task("b.mp4", "predictions/b.slp"),))
    assert len(collect(both, tmp_path).predictions) == 2


@pytest.mark.parametrize(
    "output",
    [
        "../elsewhere",
        "/etc",
        "models/../../elsewhere",
        "link",
        "models/link/a",
        "",
        "a\0b",
    ],
)
@pytest.mark.parametrize("kind", list(JobKind))
def test_an_output_outside_the_jobs_folder_is_refused(tmp_path, output, kind):
    folder = tmp_path / "job"
    make_run(folder)
    make_run(tmp_path / "elsewhere", "a")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "models" / "link").symlink_to(tmp_path / "elsewhere")
    job = make_job(kind, output, state=JobState.FINISHING, state_since=0.0, ended=1.0)
    with pytest.raises(ResultsMissing, match="leads out"):
        collect(job, folder)
    # The judge says so too, and goes on with the other jobs.
    assert "leads out" in judged(job, folder, ARTEFACT_GRACE).note


@pytest.mark.parametrize("name", ["metrics.val.npz", "labels_gt.val.slp"])
def test_a_link_out_of_a_run_is_refused(tmp_path, name):
    run = make_run(tmp_path / "job")
    (tmp_path / "secret").write_text("s")
    if (run / name).exists():
        (run / name).unlink()
    (run / name).symlink_to(tmp_path / "secret")
    with pytest.raises(ResultsMissing, match="leads out"):
        collect(make_job(), tmp_path / "job")


def test_a_link_within_a_run_is_fine(tmp_path):
    run = make_run(tmp_path)
    (run / "last.h5").symlink_to(run / "best_model.h5")
    assert collect(make_job(), tmp_path).runs == (run,)


def test_a_link_that_leads_to_itself_is_refused(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a").symlink_to(tmp_path / "models" / "a")
    with pytest.raises(ResultsMissing, match=r"leads out|has no folder"):
        collect(make_job(), tmp_path)


# -- hostile ---------------------------------------------------------------------------


def _pipe(path):
    path.unlink()
    os.mkfifo(str(path))


def _zeros(path):
    data = path.read_bytes()
    path.write_bytes(data[:200] + bytes(len(data) - 200))


def _huge(path):
    with path.open("wb") as out:
        out.truncate(1 << 31)


EVIL_SKELETON = '{"a": {"py/reduce": [{"py/type": "os.system"}, {"py/tuple": ["x"]}]}}'


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        ("best_model.h5", _pipe, "no ordinary file"),
        ("labels_gt.val.slp", _pipe, "no ordinary file"),
        ("training_config.json", _pipe, "no ordinary file"),
        ("best_model.h5", _zeros, "damaged"),
        ("best_model.h5", _huge, "no HDF5 file"),
        ("training_config.json", _huge, "larger than"),
        (
            "training_config.json",
            lambda p: p.write_text("[" * 99999),
            "nested too deep",
        ),
        ("training_config.json", lambda p: p.write_text(EVIL_SKELETON), "names code"),
        ("training_config.json", lambda p: p.write_bytes(b"\xff"), "not whole"),
    ],
)
def test_a_run_that_would_hurt_is_a_sentence_with_its_path(
    tmp_path, name, spoil, words
):
    run = make_run(tmp_path)
    (run / "labels_gt.val.slp").write_bytes(b"x")
    spoil(run / name)
    with pytest.raises(ResultsMissing, match=words) as caught:
        collect(make_job(), tmp_path)
    assert str(run / name) in str(caught.value)


def make_checkpoint(folder):
    run = folder / "models" / "a"
    run.mkdir(parents=True)
    with zipfile.ZipFile(str(run / "best.ckpt"), "w") as archive:
        archive.writestr("best/data.pkl", pickle.dumps(Evil(folder / "trace")))
        archive.writestr("best/data/0", b"\0" * 100000)
    (run / "training_config.yaml").write_text("trainer_config: {run_name: a}\n")
    return run


class Evil:
    """Makes a folder when it is unpickled, as any code could."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def test_a_checkpoint_is_not_unpickled(tmp_path):
    run = make_checkpoint(tmp_path)
    assert collect(make_job(), tmp_path).runs == (run,)
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("kept", [0, 10, 50000, -1, -30])
def test_a_truncated_checkpoint_is_told(tmp_path, kept):
    path = make_checkpoint(tmp_path) / "best.ckpt"
    path.write_bytes(path.read_bytes()[:kept])
    assert "not whole" in file_fault(path)


def test_a_checkpoint_that_lost_its_middle_is_told(tmp_path):
    path = make_checkpoint(tmp_path) / "best.ckpt"
    path.write_bytes(path.read_bytes()[50000:])
    assert "not whole" in file_fault(path)


def test_a_file_that_is_being_written_is_told(tmp_path, monkeypatch):
    path = write_hdf5(tmp_path / "a.slp")
    check = artefacts._check_hdf5

    def and_more(file, size):
        check(file, size)
        with path.open("ab") as out:
            out.write(b"more")

    monkeypatch.setattr(artefacts, "_check_hdf5", and_more)
    assert "still being written" in file_fault(path)


@given(st.binary(max_size=200))
def test_any_bytes_are_told_or_taken(data):
    for head in (b"", b"\x89HDF\r\n\x1a\n", b"PK\x05\x06"):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("a.slp", "a.ckpt", "a.json", "a.yaml"):
                path = Path(folder, name)
                path.write_bytes(head + data)
                assert isinstance(file_fault(path), str)


def test_names_of_strangers_are_shown_on_one_line(tmp_path):
    job = make_job(JobKind.PREDICT, "predictions/a\n\x1b[2Jb.slp")
    with pytest.raises(ResultsMissing) as caught:
        collect(job, tmp_path)
    assert not set("\n\x1b") & set(str(caught.value))
