"""A training package out of SLEAP's real training dialog."""

from __future__ import annotations

import errno
import json
import os
import shutil

import pytest
import yaml

from sleap_remote_plugin.errors import Cancelled, PackageProblem, ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.sleap_host.attach import host_of
from tests.sleap_window import add_video

pytestmark = pytest.mark.sleap


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "package"
    place.mkdir()
    return place


def configs_in(folder, host):
    if host.generation is Generation.LEGACY:
        return {p.stem: json.loads(p.read_text()) for p in folder.glob("*.json")}
    return {
        p.stem: yaml.safe_load(p.read_text("utf-8"))
        for p in folder.glob("*.yaml")
        if p.name != "jobs.yaml"
    }


def snapshot_of(labels):
    return [
        (
            id(frame),
            id(frame.video),
            frame.frame_idx,
            [(id(i), i.numpy().tobytes()) for i in frame.instances],
        )
        for frame in labels.labeled_frames
    ]


def test_the_plan_says_what_the_dialog_is_set_to(host, training_dialog):
    plan = host.training_plan(training_dialog)
    assert plan.pipeline == "top-down"
    assert plan.heads == ("centroid", "centered_instance")
    assert plan.labels_name == "labels.v001.pkg.slp"
    assert plan.warnings == ()


@pytest.mark.each_sleap
def test_the_package_is_one_that_can_be_submitted(host, training_dialog, folder):
    host.write_configs(host.read_configs(training_dialog), folder)
    host.write_labels(
        host.labels_snapshot(), folder / "labels.v001.pkg.slp", lambda *at: True
    )
    package = load_package(folder)
    assert package.generation is host.generation
    assert [model.head for model in package.models] == ["centroid", "centered_instance"]
    assert all(model.run_path.startswith("models/") for model in package.models)
    assert len({model.run_path for model in package.models}) == 2
    names = {path.name for path in folder.iterdir()}
    ending = ".json" if host.generation is Generation.LEGACY else ".yaml"
    assert names == {
        "jobs.yaml",
        "labels.v001.pkg.slp",
        "centroid" + ending,
        "centered_instance" + ending,
    }


@pytest.mark.each_sleap
def test_visualisation_is_off_in_the_package(host, training_dialog, folder):
    form = training_dialog.pipeline_form_widget
    if host.generation is Generation.LEGACY:
        form.set_form_data({"_save_viz": True})
    else:
        form.set_form_data({"trainer_config.visualize_preds_during_training": True})
    host.write_configs(host.read_configs(training_dialog), folder)
    for config in configs_in(folder, host).values():
        if host.generation is Generation.LEGACY:
            assert config["outputs"]["save_visualizations"] is False
            assert config["outputs"]["zmq"]["publish_updates"] is False
            assert config["outputs"]["tensorboard"]["write_logs"] is False
        else:
            trainer = config["trainer_config"]
            assert trainer["visualize_preds_during_training"] is False
            assert trainer["keep_viz"] is False
            assert trainer["zmq"]["publish_port"] is None


def test_this_computers_device_is_not_asked_for_on_the_node(
    host, training_dialog, folder
):
    if host.generation is Generation.LEGACY:
        pytest.skip("SLEAP 1.3 and 1.4 choose the device when training starts")
    training_dialog.pipeline_form_widget.set_form_data(
        {"trainer_config.trainer_accelerator": "cpu"}
    )
    host.write_configs(host.read_configs(training_dialog), folder)
    for config in configs_in(folder, host).values():
        assert config["trainer_config"]["trainer_accelerator"] == "auto"
        assert config["trainer_config"]["trainer_devices"] is None


def test_nothing_private_or_local_is_in_the_package(
    host, training_dialog, folder, project, tmp_path
):
    if host.generation is Generation.CURRENT:
        training_dialog.pipeline_form_widget.set_form_data(
            {
                "trainer_config.use_wandb": True,
                "trainer_config.wandb.api_key": "secret-key-of-mine",
                "trainer_config.ckpt_dir": str(tmp_path / "runs"),
            }
        )
    else:
        training_dialog.pipeline_form_widget.set_form_data(
            {"outputs.runs_folder": str(tmp_path / "runs")}
        )
    host.write_configs(host.read_configs(training_dialog), folder)
    for path in folder.iterdir():
        data = path.read_bytes()
        assert b"secret-key-of-mine" not in data
        assert str(tmp_path).encode() not in data
        assert b"\r" not in data
    jobs = yaml.safe_load((folder / "jobs.yaml").read_text())
    assert jobs["inference"] == []
    assert {job["train_labels"] for job in jobs["training"]} == {"labels.v001.pkg.slp"}


def test_files_that_lie_in_the_folder_already_are_left_alone(
    host, training_dialog, folder
):
    images = folder / "labels.v001.pkg.slp"
    images.write_bytes(b"\x89HDF\r\n\x1a\n\r\n")
    host.write_configs(host.read_configs(training_dialog), folder)
    assert images.read_bytes() == b"\x89HDF\r\n\x1a\n\r\n"


def test_lines_end_as_the_cluster_wants_them(tmp_path):
    from sleap_remote_plugin.sleap_host import package

    (tmp_path / "jobs.yaml").write_bytes(b"training: []\r\ninference: []\r\n")
    package.tidy(tmp_path)
    assert (tmp_path / "jobs.yaml").read_bytes() == b"training: []\ninference: []\n"


def test_the_users_form_and_preferences_stay_as_they_are(
    host, training_dialog, folder, sleap_home
):
    from sleap.prefs import prefs

    if host.generation is Generation.CURRENT:
        key = "trainer_config.train_data_loader.num_workers"
        training_dialog.pipeline_form_widget.set_form_data({key: 3})
    before = dict(prefs._prefs)
    form = host.dialog_form(training_dialog)
    host.write_configs(host.read_configs(training_dialog), folder)
    assert host.dialog_form(training_dialog) == form
    assert dict(prefs._prefs) == before


def test_the_working_directory_is_back_even_if_sleap_raises(
    host, training_dialog, folder, monkeypatch
):
    from sleap.gui.learning import runners

    before = os.getcwd()
    host.write_configs(host.read_configs(training_dialog), folder)
    assert os.getcwd() == before

    def fail(*args, **kwargs):
        raise ValueError("broken on purpose")

    if host.generation is Generation.LEGACY:
        monkeypatch.setattr(runners.training, "setup_new_run_folder", fail)
    else:
        monkeypatch.setattr(runners, "setup_new_run_folder", fail)
    with pytest.raises(PackageProblem, match="broken on purpose"):
        host.write_configs(host.read_configs(training_dialog), folder)
    assert os.getcwd() == before


@pytest.mark.each_sleap
def test_the_labels_package_has_the_labelled_frames_with_images(host, folder):
    path = folder / "labels.v001.pkg.slp"
    seen = []
    host.write_labels(host.labels_snapshot(), path, lambda *at: seen.append(at) is None)
    assert seen
    # As after the copy onto the mount: it must not know where it was made.
    moved = folder / "elsewhere.pkg.slp"
    path.rename(moved)
    labels = host.load_predictions(moved)
    assert len(labels.user_labeled_frames) == 6
    frame = labels.user_labeled_frames[0]
    ours = next(f for f in host.labels.user_labeled_frames
                if f.frame_idx == frame.frame_idx)  # fmt: skip
    if host.generation is Generation.CURRENT:
        import sleap_io

        labels = sleap_io.load_slp(str(moved))
        frame = labels.user_labeled_frames[0]
    assert (frame.image == ours.image).all()
    assert (frame.instances[0].numpy() == ours.instances[0].numpy()).all()


def test_the_open_project_is_untouched_by_an_export(host, window, folder):
    labels = window.labels
    before = snapshot_of(labels)
    videos = [(id(video), host.video_path(video)) for video in labels.videos]
    provenance = dict(labels.provenance)
    host.write_labels(host.labels_snapshot(), folder / "a.pkg.slp", lambda *at: True)
    assert window.labels is labels
    assert snapshot_of(labels) == before
    assert [(id(v), host.video_path(v)) for v in labels.videos] == videos
    assert dict(labels.provenance) == provenance
    assert not window.state["has_changes"]


def test_a_snapshot_does_not_follow_later_edits(host, window, folder):
    snapshot = host.labels_snapshot()
    count = len(snapshot.labeled_frames)
    before = snapshot.labeled_frames[0].instances[0].numpy().copy()
    frame = window.labels.labeled_frames[0]
    if host.generation is Generation.LEGACY:
        frame.instances[0]._points["x"] += 5
    else:
        frame.instances[0].points["xy"] += 5
    frame.instances = []
    assert len(snapshot.labeled_frames) == count
    assert (snapshot.labeled_frames[0].instances[0].numpy() == before).all()


def test_a_cancelled_export_leaves_nothing(host, folder):
    with pytest.raises(Cancelled):
        host.write_labels(
            host.labels_snapshot(), folder / "a.pkg.slp", lambda *at: False
        )
    assert list(folder.iterdir()) == []


def test_an_unreadable_video_is_named_with_its_frame(host, project, folder):
    from sleap_remote_plugin.errors import PackageProblem

    snapshot = host.labels_snapshot()
    video = project.parent / "arena.avi"
    for one in snapshot.videos:
        if host.generation is Generation.LEGACY:
            one.backend._reader_ = None
            one.backend._test_frame_ = None
        else:
            one.close()
    data = video.read_bytes()
    video.write_bytes(data[: len(data) // 2])
    with pytest.raises(PackageProblem, match="arena.avi") as caught:
        host.write_labels(snapshot, folder / "a.pkg.slp", lambda *at: True)
    assert "at frame" in str(caught.value)
    assert list(folder.iterdir()) == []


def test_scaling_the_crops_is_warned_of_where_it_fails(host, training_dialog):
    tab = training_dialog.tabs["centered_instance"]
    if host.generation is Generation.LEGACY:
        tab.set_fields_from_key_val_dict({"data.preprocessing.input_scaling": 0.5})
        (warning,) = host.training_plan(training_dialog).warnings
        assert "centered_instance" in warning
        assert "0.5" in warning
    else:
        tab.set_fields_from_key_val_dict({"data_config.preprocessing.scale": 0.5})
        assert host.training_plan(training_dialog).warnings == ()


@pytest.mark.parametrize("state", ["changed", "unsaved", "unlabelled", "package"])
def test_what_cannot_be_trained_is_refused_in_a_sentence(
    host, window, training_dialog, state
):
    words = {
        "changed": "not saved",
        "unsaved": "never saved",
        "unlabelled": "no labelled frames",
        "package": "training package",
    }
    if state == "changed":
        window.state["has_changes"] = True
    elif state == "unsaved":
        window.state["filename"] = None
    elif state == "unlabelled":
        window.labels.labeled_frames.clear()
        host.objects.refresh(window.labels)
    else:
        window.state["filename"] = "/somewhere/labels.v001.pkg.slp"
    with pytest.raises(ProjectNotReady, match=words[state]):
        host.training_plan(training_dialog)


@pytest.mark.parametrize("edit", ["added", "deleted", "renamed"])
@pytest.mark.parametrize("when", ["while it is copied", "while it is written"])
def test_a_skeleton_that_is_edited_meanwhile_makes_no_package(
    host, window, folder, edit, when
):
    skeleton, edited = window.state["skeleton"], []

    def change():
        edited.append(edit)
        if edit == "added":
            window.commands.newNode()
        elif edit == "deleted":
            window.state["selected_node"] = skeleton.nodes[1]
            window.commands.deleteNode()
        else:
            window.commands.setNodeName(skeleton, skeleton.nodes[1], "middle")

    def report(*_at):
        if not edited:
            change()
        return True

    slices = host.labels_slices()
    if when == "while it is copied":
        next(slices)
        change()
    (snapshot,) = [one for one in slices if one is not None]
    with pytest.raises(PackageProblem, match="skeleton was edited while"):
        host.write_labels(snapshot, folder / "a.pkg.slp", report)
    assert list(folder.iterdir()) == []


def write(host, folder):
    host.write_labels(host.labels_snapshot(), folder / "a.pkg.slp", lambda *at: True)


def refuse(host, monkeypatch, error):
    """SLEAP's writing ends with this: no test fills this machine's own disk."""

    def write(*_args):
        raise error

    monkeypatch.setattr(host, "write_draft", write)


def test_a_full_disk_here_is_said(host, folder, monkeypatch):
    refuse(host, monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(PackageProblem, match="no space left on this computer"):
        host.write_labels(
            host.labels_snapshot(), folder / "a.pkg.slp", lambda *at: True
        )


def test_a_video_without_labels_that_is_gone_is_named(
    make_window, project, folder, monkeypatch
):
    gone = project.parent / "gone.avi"
    shutil.copy(str(project.parent / "arena.avi"), str(gone))
    add_video(project, str(gone))
    host = host_of(make_window(project))
    snapshot = host.labels_snapshot()
    gone.unlink()
    if host.generation is Generation.CURRENT:  # which can do without it
        refuse(host, monkeypatch, FileNotFoundError("gone.avi"))
    with pytest.raises(PackageProblem) as caught:
        host.write_labels(snapshot, folder / "a.pkg.slp", lambda *at: True)
    assert "video {} is not there".format(gone) in str(caught.value)
    assert "remove the video from the project" in str(caught.value)


def test_a_pipeline_that_sleap_refuses_is_refused_in_its_words(host, training_dialog):
    training_dialog.message_widget.setText("<b>Unable to run:</b><br />No &gt; tracks.")
    training_dialog.run_button.setEnabled(False)
    with pytest.raises(ProjectNotReady, match="Unable to run: No > tracks"):
        host.training_plan(training_dialog)
