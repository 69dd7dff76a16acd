"""A new round in SLEAP's real window: saved under a new name, training as before."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from sleap_remote_plugin.errors import RoundNotBegun
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.session.rounds import take_next

pytestmark = pytest.mark.sleap

WEIGHTS = {Generation.LEGACY: "best_model.h5", Generation.CURRENT: "best.ckpt"}
ENDING = {Generation.LEGACY: ".json", Generation.CURRENT: ".yaml"}

#: What changes from one run of the same settings to the next.
OF_A_RUN = (
    "run_name",
    "run_name_prefix",
    "run_name_suffix",
    "experiment_name",
    "train_labels_path",
)


def read_config(path):
    text = path.read_text("utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def settings(config, prefix=""):
    """A config as flat names and values, without what names the run."""
    found = {}
    for key, value in config.items():
        name = prefix + key
        if isinstance(value, dict):
            found.update(settings(value, name + "."))
        elif key not in OF_A_RUN:
            found[name] = value
    return found


def write_package(host, dialog, folder):
    folder.mkdir()
    host.write_configs(host.read_configs(dialog), folder)
    return folder


def configs_of(folder, host):
    ending = ENDING[host.generation]
    return [folder / (head + ending) for head in ("centroid", "centered_instance")]


def as_trained(folder, host):
    """Run folders of the package's models, with weights beside their configs."""
    runs = []
    for config in configs_of(folder, host):
        run = folder / "models" / ("run of " + config.stem)
        run.mkdir(parents=True)
        shutil.copy(str(config), str(run / ("training_config" + config.suffix)))
        (run / WEIGHTS[host.generation]).write_bytes(b"weights")
        runs.append(run)
    return runs


def change_settings(host, dialog):
    """Settings that no default has, on each page of the dialog."""
    page, tabs = dialog.pipeline_form_widget, dialog.tabs
    if host.generation is Generation.LEGACY:
        page.set_form_data(
            {
                "_ensure_channels": "RGB",
                "model.heads.centroid.sigma": 3.25,
                "model.heads.centered_instance.sigma": 4.75,
            }
        )
        dialog.on_tab_data_change()
        for head, epochs in (("centroid", 11), ("centered_instance", 13)):
            tabs[head].set_fields_from_key_val_dict(
                {
                    "optimization.epochs": epochs,
                    "optimization.batch_size": 3,
                    "optimization.augmentation_config.random_flip": "vertical",
                }
            )
    else:
        key = "model_config.head_configs.{}.confmaps.sigma"
        page.set_form_data(
            {
                "_ensure_channels": "RGB",
                key.format("centroid"): 3.25,
                key.format("centered_instance"): 4.75,
            }
        )
        dialog.on_tab_data_change()
        for head, epochs in (("centroid", 11), ("centered_instance", 13)):
            tabs[head].set_fields_from_key_val_dict(
                {
                    "trainer_config.max_epochs": epochs,
                    "trainer_config.train_data_loader.batch_size": 3,
                }
            )


def test_the_open_project_is_the_new_file_and_the_old_one_stays(host, window, project):
    before = project.read_bytes()
    window.state["has_changes"] = True
    path = take_next(project)
    host.save_as(path)
    assert path.name == "labels.v002.slp"
    assert window.state["filename"] == str(path)
    assert not window.state["has_changes"]
    assert project.read_bytes() == before
    labels = host.open_labels(path)
    assert len(labels.user_labeled_frames) == 6


def test_a_save_that_fails_leaves_the_project_open_as_it_was(
    host, window, project, monkeypatch
):
    from sleap.gui import commands

    monkeypatch.setattr(
        commands.SaveProjectAs, "_try_save", staticmethod(lambda *_: False)
    )
    with pytest.raises(RoundNotBegun, match="as it was"):
        host.save_as(project.with_name("labels.v002.slp"))
    assert window.state["filename"] == str(project)


@pytest.mark.each_sleap
def test_the_last_models_are_offered_as_starting_points(
    host, training_dialog, tmp_path
):
    first = write_package(host, training_dialog, tmp_path / "first")
    runs = as_trained(first, host)
    dialog = host.open_training_like(configs_of(first, host), runs)
    for head in ("centroid", "centered_instance"):
        tab = dialog.tabs[head]
        chosen = tab._cfg_list_widget.getSelectedConfigInfo()
        assert str(first / "models" / ("run of " + head)) in str(chosen.path)
        assert chosen.has_trained_model
        assert not tab.use_trained  # trained anew unless the user wants it otherwise
        assert not tab.resume_training


def test_without_trained_models_the_settings_are_still_the_last_ones(
    host, training_dialog, make_window, project, tmp_path
):
    change_settings(host, training_dialog)
    first = write_package(host, training_dialog, tmp_path / "first")
    training_dialog.close()

    from sleap_remote_plugin.sleap_host.attach import host_of

    again = host_of(make_window(project))
    dialog = again.open_training_like(configs_of(first, host), ())
    second = write_package(again, dialog, tmp_path / "second")
    for one, other in zip(configs_of(first, host), configs_of(second, host)):
        assert settings(read_config(other)) == settings(read_config(one))


def test_configs_that_cannot_be_read_leave_the_dialog_as_sleap_has_it(host, tmp_path):
    ending = ENDING[host.generation]
    broken = tmp_path / ("centroid" + ending)
    broken.write_text("{")
    dialog = host.open_training_like([broken, tmp_path / ("gone" + ending)], ())
    assert dialog.isVisible()
