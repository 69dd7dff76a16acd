"""Packages and predictions without SLEAP's window, as the command line has them."""

from __future__ import annotations

import os

import pytest
from predictions import write_predictions

from sleap_remote_plugin.errors import PackageProblem, ProjectNotReady, ResultsDamaged
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.session.predicted import PredictionFile
from sleap_remote_plugin.sleap_host import headless

pytestmark = pytest.mark.sleap

NODES = ("head", "thorax", "tail")


@pytest.fixture
def profiles():
    """SLEAP's own training profiles of a top-down pipeline."""
    from pathlib import Path

    import sleap

    folder = Path(sleap.__file__).parent / "training_profiles"
    names = ("baseline.centroid.*", "baseline_medium_rf.topdown.*")
    return [next(folder.glob(name)) for name in names]


@pytest.fixture
def predictions(tmp_path, project):
    path = tmp_path / "p.slp"
    write_predictions(path, ["/ceph/arena.avi"], [(0, 30), (0, 31)], NODES)
    return PredictionFile(path, str(project.parent / "arena.avi"), 0)


def labels_of(project):
    """User and predicted instances of a project file."""
    host = headless._open(project)
    found = {"user": [], "predicted": []}
    for frame in host.labels.labeled_frames:
        for instance in frame.instances:
            kind = "predicted" if host.is_predicted(instance) else "user"
            found[kind].append((frame.frame_idx, instance.numpy().tobytes()))
    return {kind: sorted(values) for kind, values in found.items()}


def test_a_package_is_whole_and_its_models_are_in_order(project, profiles):
    folder = project.parent / "labels.v001.slp.training_job"
    headless.export_package(project, profiles, folder)
    package = load_package(folder)
    assert [model.head for model in package.models] == ["centroid", "centered_instance"]
    assert (folder / package.labels).stat().st_size > 10000
    assert all(model.run_path.startswith("models/") for model in package.models)


def test_a_file_that_is_no_profile_leaves_nothing(project, tmp_path):
    (tmp_path / "centroid.json").write_text("{}")
    folder = project.parent / "job"
    with pytest.raises(PackageProblem, match="no training profile"):
        headless.export_package(project, [tmp_path / "centroid.json"], folder)
    assert not list(project.parent.glob("*job*"))


def test_a_file_that_is_no_project_is_a_sentence(tmp_path):
    (tmp_path / "x.slp").write_bytes(b"no project")
    with pytest.raises(ProjectNotReady, match="cannot be opened"):
        headless.open_inputs([str(tmp_path / "x.slp")])


def test_predictions_are_in_the_file_and_user_labels_as_before(project, predictions):
    before = labels_of(project)
    summary = headless.load_predictions(project, [predictions])
    after = labels_of(project)
    assert after["user"] == before["user"]
    assert len(after["predicted"]) == 2
    assert (summary.frames, summary.instances) == (2, 2)


def test_the_project_is_kept_as_it_was_beside_it(project, predictions):
    before = project.read_bytes()
    summary = headless.load_predictions(project, [predictions])
    with open(summary.backup, "rb") as kept:
        assert kept.read() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no groups of files.")
def test_a_link_stays_one_and_the_lab_may_write_on(project, predictions, tmp_path):
    shared = tmp_path / "shared.slp"
    project.rename(shared)
    project.symlink_to(shared)
    groups = [50] if os.getuid() == 0 else os.getgroups()
    os.chown(str(shared), -1, groups[-1])
    shared.chmod(0o664)
    before = shared.read_bytes()
    umask = os.umask(0o022)
    try:
        summary = headless.load_predictions(project, [predictions])
    finally:
        os.umask(umask)
    assert project.is_symlink()
    assert len(labels_of(shared)["predicted"]) == 2
    backup = tmp_path / "shared.before-load-1.slp"
    assert summary.backup == str(backup)
    assert backup.read_bytes() == before
    for path in (shared, backup):
        assert (path.stat().st_mode & 0o777, path.stat().st_gid) == (0o664, groups[-1])


def test_a_second_load_changes_nothing(project, predictions):
    headless.load_predictions(project, [predictions])
    once = labels_of(project)
    summary = headless.load_predictions(project, [predictions])
    assert labels_of(project) == once
    assert (summary.replaced, summary.remark) == (2, "")


def test_frames_that_the_video_does_not_have_are_told(project, predictions):
    one = predictions.path.with_name("more.slp")
    write_predictions(one, ["/ceph/arena.avi"], [(0, 30), (0, 50)], NODES)
    host = headless._open(project)
    video = host.labels.videos[0]
    known = host.generation is Generation.CURRENT  # 1.3 keeps no length in the project
    found = PredictionFile(one, host.video_path(video), 0)
    remark = headless.load_predictions(project, [found]).remark
    assert remark.startswith("Beyond the end of arena.avi") is known


def test_damaged_predictions_leave_the_project_alone(project, predictions):
    predictions.path.write_bytes(predictions.path.read_bytes()[:2000])
    before = project.read_bytes()
    with pytest.raises(ResultsDamaged):
        headless.load_predictions(project, [predictions])
    assert project.read_bytes() == before
    assert not list(project.parent.glob("*before-load*"))
