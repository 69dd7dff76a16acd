"""What a training package is made to do, what goes along, and what must not."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time

import pytest
import yaml
from qtpy.QtCore import QTimer

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.sleap_cli import train_argv
from sleap_remote_plugin.sleap_host import reused

pytestmark = pytest.mark.sleap

SECRET = "wandb-key-0123456789abcdef"
RUN = "261122_100000.centroid.n=6"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "package"
    place.mkdir()
    return place


@pytest.fixture
def ending(host):
    return "json" if host.generation is Generation.LEGACY else "yaml"


def read(path):
    text = path.read_text("utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def plant(config, legacy):
    """A key and paths of this machine, where a user's own profile may have them."""
    if legacy:
        config["wandb"] = {"api_key": SECRET}
        config["outputs"]["zmq"]["controller_address"] = "tcp://127.0.0.1:9123"
        config["outputs"]["tensorboard"]["write_logs"] = True
        config["data"]["labels"]["training_labels"] = "/home/me/labels.slp"
        config["data"]["labels"]["search_path_hints"] = ["/home/me/videos"]
    else:
        wandb = config["trainer_config"].setdefault("wandb", {}) or {}
        wandb.update(api_key=SECRET, entity="my-lab", project="mice", prv_runid="abc")
        config["trainer_config"].update(use_wandb=True, wandb=wandb)
        config["trainer_config"]["zmq"] = {
            "controller_port": 9123,
            "publish_port": 9124,
        }
        config["data_config"]["val_labels_path"] = ["/home/me/val.slp"]
        config["data_config"]["cache_img_path"] = "C:\\Users\\me\\cache"


def save(path, config):
    is_json = path.suffix == ".json"
    path.write_text(json.dumps(config) if is_json else yaml.safe_dump(config))


@pytest.fixture
def run(host, training_dialog, project, ending, tmp_path):
    """A trained centroid model beside the project, with secrets in its config."""
    made = tmp_path / "made"
    made.mkdir()
    host.write_configs(host.read_configs(training_dialog), made)
    place = project.parent / "models" / RUN
    place.mkdir(parents=True)
    config = read(made / ("centroid." + ending))
    plant(config, ending == "json")
    save(place / ("training_config." + ending), config)
    shutil.copy(
        str(place / ("training_config." + ending)),
        str(place / ("initial_config." + ending)),
    )
    weights = "best_model.h5" if ending == "json" else "best.ckpt"
    (place / weights).write_bytes(b"weights")
    (place / "training_log.csv").write_text("epoch,loss\n")
    host.add_models(training_dialog, [place])
    return place


def choose(dialog, run, how):
    """Choose a trained model in SLEAP's dialog, as a user does."""
    tab = dialog.tabs["centroid"]
    menu = tab._cfg_list_widget
    found = [menu.getConfigInfoByMenuIdx(index) for index in range(menu.count())]
    index = [str(info.path).startswith(str(run)) if info else False
             for info in found].index(True)  # fmt: skip
    menu.setCurrentIndex(index)
    old, new = {
        "as it is": ("_use_trained_model", "_radio_use_trained"),
        "on": ("_resume_training", "_radio_resume"),
        "from the start": ("", "_radio_train_scratch"),
    }[how]
    name = new if hasattr(tab, new) else old
    if name:
        getattr(tab, name).setChecked(True)


def test_a_model_that_is_used_as_it_is_goes_along(
    host, training_dialog, folder, run, ending
):
    choose(training_dialog, run, "as it is")
    plan = host.training_plan(training_dialog)
    assert plan.heads == ("centered_instance",)
    assert any(RUN in sentence for sentence in plan.settings)
    host.write_configs(host.read_configs(training_dialog), folder)
    jobs = yaml.safe_load((folder / "jobs.yaml").read_text())
    assert [job["cfg"] for job in jobs["training"]] == ["centered_instance." + ending]
    assert jobs["reused"] == [{"head": "centroid", "run_path": "models/" + RUN}]
    copy = folder / "models" / RUN
    weights = "best_model.h5" if ending == "json" else "best.ckpt"
    assert (copy / weights).read_bytes() == b"weights"
    assert read(copy / ("training_config." + ending))
    assert not (copy / "training_log.csv").exists()
    check_nothing_private(folder)


def test_a_model_that_training_goes_on_from_goes_along(
    host, training_dialog, folder, run, ending
):
    choose(training_dialog, run, "on")
    plan = host.training_plan(training_dialog)
    assert plan.heads == ("centroid", "centered_instance")
    host.write_configs(host.read_configs(training_dialog), folder)
    config = read(folder / ("centroid." + ending))
    place = "starting_points/" + RUN
    if ending == "json":
        assert config["model"]["base_checkpoint"] == place
        assert (folder / place / "best_model.h5").is_file()
    else:
        for part in ("backbone", "head"):
            weights = config["model_config"]["pretrained_{}_weights".format(part)]
            assert weights == place + "/best.ckpt"
        assert (folder / place / "best.ckpt").is_file()
    check_nothing_private(folder)
    (folder / "labels.v001.pkg.slp").touch()
    package = load_package(folder)
    version = "1.3.1" if ending == "json" else "1.6.3"
    for model in package.models:
        words = " ".join(train_argv(model, version))
        assert str(run.parent) not in words  # the config says it, for every version


def test_a_model_from_whose_settings_one_starts_does_not_go_along(
    host, training_dialog, folder, run
):
    choose(training_dialog, run, "from the start")
    host.write_configs(host.read_configs(training_dialog), folder)
    assert not any(path.is_dir() for path in folder.iterdir())
    check_nothing_private(folder)


def test_weights_that_are_gone_by_then_are_a_sentence(folder):
    run = folder.parent / RUN
    run.mkdir()
    with pytest.raises(PackageProblem, match="weights are not there any more"):
        reused.take_along(run, folder, "models")
    assert list(folder.iterdir()) == []


def check_nothing_private(folder):
    """Nothing that was planted, in any file of the package."""
    home = str(folder.parent)
    private = [SECRET, "my-lab", "/home/me", "Users", home, "9123", "9124", "tcp://"]
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        for text in private:
            assert text.encode() not in data, (path.name, text)
        assert b"\r" not in data


def test_rotation_is_the_dialogs_unless_the_user_asks(
    host, training_dialog, folder, ending
):
    form = (
        {
            "optimization.augmentation_config.rotate": True,
            "optimization.augmentation_config.rotation_min_angle": -15,
            "optimization.augmentation_config.rotation_max_angle": 15,
        }
        if ending == "json"
        else {"_rotation_preset": "\u00b115\u00b0"}
    )
    training_dialog.tabs["centered_instance"].set_fields_from_key_val_dict(form)
    plan = host.training_plan(training_dialog)
    assert plan.rotations == (
        ("centroid", "\u00b1180\u00b0"),
        ("centered_instance", "\u00b115\u00b0"),
    )
    found = {}
    for full in (False, True):
        host.write_configs(host.read_configs(training_dialog), folder, full)
        config = read(folder / ("centered_instance." + ending))
        if ending == "json":
            turned = config["optimization"]["augmentation_config"]
            found[full] = turned["rotation_min_angle"], turned["rotation_max_angle"]
        else:
            turned = config["data_config"]["augmentation_config"]["geometric"]
            found[full] = turned["rotation_min"], turned["rotation_max"]
    assert found == {False: (-15, 15), True: (-180, 180)}


def test_the_working_directory_is_never_left(
    host, training_dialog, folder, monkeypatch
):
    """SLEAP's own writer of these files goes into the folder, and may stay there."""
    seen = []
    monkeypatch.setattr(os, "chdir", seen.append)
    configs = host.read_configs(training_dialog)
    host.write_configs(configs, folder)
    monkeypatch.setattr(host, "write_config", lambda *_: 1 / 0)
    with pytest.raises(PackageProblem, match="division by zero"):
        host.write_configs(configs, folder)
    assert seen == []


def test_the_window_lives_while_configs_and_labels_are_written(
    host, training_dialog, folder, qtbot
):
    """(How long it waits at most is `make bench-export`'s to say.)"""
    configs = host.read_configs(training_dialog)
    beats = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    timer.start(1)
    main = threading.get_ident()
    threads = []

    def write():
        threads.append(threading.get_ident())
        host.write_configs(configs, folder)
        snapshot = host.labels_snapshot()
        host.write_labels(snapshot, folder / "a.pkg.slp", lambda *_: True)

    worker = threading.Thread(target=write)
    before = len(beats)
    worker.start()
    qtbot.waitUntil(lambda: not worker.is_alive(), timeout=60000)
    timer.stop()
    assert threads[0] != main
    assert len(beats) > before
    assert (folder / "jobs.yaml").is_file()
    assert (folder / "a.pkg.slp").is_file()
