"""Which SLEAP trained a model, told by what is in its folder."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.model_kind import (
    generation_of_model,
    generation_of_models,
)

HDF5, ZIP = b"\x89HDF\r\n\x1a\n rest", b"PK\x03\x04 rest"
JSON, YAML = (
    b'{"data": {}, "model": {"heads": {}}}',
    b"model_config:\n  head_configs: {}\n",
)


def model(folder, **files):
    folder.mkdir()
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def legacy(folder):
    return model(folder, best_model__h5=HDF5, training_config__json=JSON)


def current(folder):
    return model(folder, best__ckpt=ZIP, training_config__yaml=YAML)


@pytest.mark.parametrize(
    ("files", "generation"),
    [
        ({"best_model__h5": HDF5, "training_config__json": JSON}, Generation.LEGACY),
        ({"best__ckpt": ZIP, "training_config__yaml": YAML}, Generation.CURRENT),
        # Neither a name nor half of a model makes one.
        ({"best_model__h5": ZIP, "training_config__json": JSON}, None),
        ({"best__ckpt": HDF5, "training_config__yaml": YAML}, None),
        ({"best_model__h5": HDF5}, None),
        ({"training_config__json": JSON}, None),
        ({"best_model__h5": HDF5, "training_config__yaml": YAML}, None),
        ({"best_model__h5": HDF5, "training_config__json": b"{"}, None),
        ({"best_model__h5": HDF5, "training_config__json": b"[1]"}, None),
        ({"best__ckpt": ZIP, "training_config__yaml": b"a: [b"}, None),
        ({"best__ckpt": b"", "training_config__yaml": YAML}, None),
        ({}, None),
    ],
)
def test_a_model_is_known_by_its_content(tmp_path, files, generation):
    assert generation_of_model(model(tmp_path / "run", **files)) is generation


def test_a_models_folder_may_have_any_name(tmp_path):
    run = legacy(tmp_path / "best.ckpt training_config.yaml")
    assert generation_of_model(run) is Generation.LEGACY
    assert generation_of_model(run / "training_config.json") is Generation.LEGACY


def test_what_is_both_is_neither(tmp_path):
    run = legacy(tmp_path / "run")
    (run / "best.ckpt").write_bytes(ZIP)
    (run / "training_config.yaml").write_bytes(YAML)
    assert generation_of_model(run) is None


def test_a_folder_that_is_gone_has_no_model(tmp_path):
    assert generation_of_model(tmp_path / "gone") is None


def test_models_of_two_generations_are_refused_by_name(tmp_path):
    runs = [str(legacy(tmp_path / "old run")), str(current(tmp_path / "new run"))]
    assert generation_of_models(runs[:1]) is Generation.LEGACY
    assert generation_of_models(runs[1:]) is Generation.CURRENT
    assert generation_of_models([]) is None
    with pytest.raises(ProjectNotReady, match="old run.*new run"):
        generation_of_models(runs)
