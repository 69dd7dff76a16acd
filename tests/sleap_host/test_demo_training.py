"""SLEAP's own training dialog takes the demo's settings and writes them."""

from __future__ import annotations

import json
import os
import sys

import pytest

from sleap_remote_plugin.shipped import shipped

pytestmark = pytest.mark.sleap

sys.path.insert(0, str(shipped()))
from demo import project as demo  # noqa: E402
from demo import training  # noqa: E402


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return demo.make_project(tmp_path_factory.mktemp("demo"), 12, 6, 96)


@pytest.fixture
def dialog(made):
    from qtpy import QtWidgets
    from sleap.gui.learning.dialog import LearningDialog

    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    if demo._has_sleap_io():
        import sleap_io

        labels = sleap_io.load_slp(str(made.project))
    else:
        import sleap

        labels = sleap.load_file(str(made.project))
    dialog = LearningDialog("training", str(made.project), labels)
    dialog.update_file_lists()
    # As SLEAP's window does; it is what makes 1.3 offer "nothing" to predict on.
    dialog.frame_selection = {"frame": {labels.videos[0]: [0]}}
    yield dialog
    dialog.deleteLater()
    app.processEvents()


def saved_configs(dialog, folder):
    here = os.getcwd()
    try:
        dialog.save(str(folder), labels_filename="labels.v001.pkg.slp")
    finally:
        os.chdir(here)
    configs = {}
    for path in folder.iterdir():
        if path.name in ("centroid.json", "centered_instance.json"):
            configs[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        elif path.name in ("centroid.yaml", "centered_instance.yaml"):
            import yaml

            configs[path.stem] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return configs


def value_at(config, key):
    for part in key.split("."):
        config = config[part]
    return config


def test_the_saved_configs_hold_what_was_entered(dialog, tmp_path):
    settings = training.fill_dialog(dialog)
    configs = saved_configs(dialog, tmp_path)
    assert sorted(configs) == ["centered_instance", "centroid"]
    for head, config in configs.items():
        for key, value in settings[head].items():
            if not key.startswith("_") and key not in settings["form"]:
                assert value_at(config, key) == pytest.approx(value), key
    anchors = [key for key in settings["form"] if key.endswith(".anchor_part")]
    for key in anchors:
        assert value_at(configs["centered_instance"], key) == demo.ANCHOR
    script = (tmp_path / "inference-script.sh").read_text(encoding="utf-8")
    assert script.strip() == "#!/bin/bash"


def test_a_key_that_the_dialog_lacks_is_named(dialog, monkeypatch):
    settings = training.settings_for(dialog)
    wrong = dict(settings["centroid"], **{"optimization.batches": 10})
    monkeypatch.setitem(settings, "centroid", wrong)
    with pytest.raises(ValueError, match="no field optimization.batches on centroid"):
        training.fill_dialog(dialog)


def test_a_value_that_the_dialog_refuses_is_named(dialog, monkeypatch):
    settings = training.settings_for(dialog)
    key = next(key for key in settings["centroid"] if key.endswith(".max_stride"))
    monkeypatch.setitem(settings, "centroid", dict(settings["centroid"], **{key: 7}))
    with pytest.raises(ValueError, match="not 7"):
        training.fill_dialog(dialog)
