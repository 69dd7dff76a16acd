"""A prediction behind a training: its script looks at the models before it begins."""

from __future__ import annotations

import dataclasses
import zipfile

import pytest

from sleap_remote_plugin.jobs.diagnosis import ScriptExit
from sleap_remote_plugin.slurm import script
from tests.slurm.test_script import (  # noqa: F401
    CURRENT,
    LEGACY,
    NASTY,
    check_text,
    cluster,
    prediction,
    pytestmark,
)

HDF5 = b"\x89HDF\r\n\x1a\n" + b"x" * 100


def behind_training(cluster, *models, module=LEGACY):  # noqa: F811
    job, asked, _, videos, module = prediction(cluster, module=module, after="t1")
    resources = dataclasses.replace(job.resources, dependency="afterok:41")
    job = job.changed(resources=resources)
    paths = tuple(str(model) for model in models)
    return script.render_prediction(job, asked, paths, videos, module)


@pytest.fixture
def patience(cluster, tmp_path):  # noqa: F811
    """`sleep` notes that it was called, and takes no time."""
    called = tmp_path / "slept"
    path = cluster.tools / "sleep"
    path.write_text('#!/bin/bash\necho "$1" >> "{}"\n'.format(called))
    path.chmod(0o755)
    return lambda: len(called.read_text().split()) if called.exists() else 0


def a_model(folder, module=LEGACY, weights=None):
    folder.mkdir(parents=True)
    if module is LEGACY:
        (folder / "training_config.json").write_text("{}")
        (folder / "best_model.h5").write_bytes(HDF5 if weights is None else weights)
        return folder
    (folder / "training_config.yaml").write_text("a: 1")
    with zipfile.ZipFile(str(folder / "best.ckpt"), "w") as archive:
        archive.writestr("data.pkl", b"PK" * 40_000)
    if weights is not None:
        (folder / "best.ckpt").write_bytes(weights)
    return folder


def test_it_asks_slurm_to_end_it_when_the_training_fails(cluster):  # noqa: F811
    text = behind_training(cluster, "/ceph/models/a")
    check_text(text)
    assert "#SBATCH --dependency=afterok:41\n" in text
    assert "#SBATCH --kill-on-invalid-dep=yes\n" in text
    assert "kill-on-invalid" not in script.render_prediction(*prediction(cluster))


@pytest.mark.parametrize("module", [LEGACY, CURRENT])
def test_it_begins_at_once_where_all_models_are_whole(
    cluster,  # noqa: F811
    patience,
    tmp_path,
    module,
):
    models = [a_model(tmp_path / NASTY / name, module) for name in ("one", "two")]
    code, out = cluster.run(behind_training(cluster, *models, module=module))
    assert code == 0, out
    assert patience() == 0
    assert str(models[1]) in cluster.calls()[0]


@pytest.mark.parametrize(
    ("module", "weights"),
    [
        (LEGACY, b""),
        (LEGACY, b"no HDF5"),
        (CURRENT, b""),
        (CURRENT, b"PK\x03\x04 and then the disk was full"),
        (None, None),
    ],
)
def test_models_that_are_not_whole_end_it_with_their_own_code(
    cluster,  # noqa: F811
    patience,
    tmp_path,
    module,
    weights,
):
    good = a_model(tmp_path / "good")
    bad = tmp_path / "bad"
    if module is not None:
        a_model(bad, module, weights)
    code, out = cluster.run(behind_training(cluster, good, bad))
    assert code == ScriptExit.MODELS
    assert "{} is not there, or not whole".format(bad) in out
    assert cluster.calls() == []
    assert patience() == 12  # a network disk may show them late


def test_models_that_a_network_disk_shows_late_are_waited_for(
    cluster,  # noqa: F811
    patience,
    tmp_path,
):
    late, ready = tmp_path / "late", a_model(tmp_path / "ready")
    path = cluster.tools / "sleep"
    path.write_text('#!/bin/bash\nmv -- "{}" "{}"\n'.format(ready, late))
    code, out = cluster.run(behind_training(cluster, late))
    assert code == 0, out
