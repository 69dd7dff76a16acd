"""Every kind of training that SLEAP has, through its real dialogs."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.sleap_host.models import PIPELINES

pytestmark = [
    pytest.mark.sleap,
    pytest.mark.each_sleap,
    # SLEAP 1.4.1's own dialog raises where identities are trained, and goes on.
    pytest.mark.qt_no_exception_capture,
]

#: SLEAP's name of a pipeline -> what it trains, in 1.3 and 1.4, and from 1.5 on.
HEADS = {
    "top-down": (("centroid", "centered_instance"),) * 2,
    "bottom-up": (("multi_instance",), ("bottomup",)),
    "top-down-id": (("centroid", "multi_class_topdown"),) * 2,
    "bottom-up-id": (("multi_class_bottomup",),) * 2,
    "single": (("single_instance",),) * 2,
}
TRACKED = [name for name in HEADS if name.endswith("-id")]


@pytest.fixture
def project(app_module, tmp_path):
    """Two animals, each with its track."""
    from demo.project import make_project

    folder = tmp_path / "two animals"
    return make_project(folder, frames=12, labelled=4, size=96, tracked=True).project


def heads_of(host, pipeline):
    return HEADS[pipeline][host.generation is Generation.CURRENT]


def dialog_for(host, pipeline):
    dialog = host.open_dialog("training")
    dialog.pipeline_form_widget.current_pipeline = pipeline
    return dialog


def heads_in(host, package):
    """Which head each config trains, as SLEAP reads it."""
    found = []
    for model in package.models:
        path = package.folder / model.config
        if host.generation is Generation.LEGACY:
            heads = json.loads(path.read_text())["model"]["heads"]
        else:
            heads = yaml.safe_load(path.read_text("utf-8"))["model_config"][
                "head_configs"
            ]
        found += [name for name, values in heads.items() if values]
    return tuple(found)


@pytest.mark.parametrize("pipeline", HEADS)
def test_a_package_trains_the_heads_of_the_pipeline_and_they_are_used_again(
    host, tmp_path, pipeline
):
    heads, folder = heads_of(host, pipeline), tmp_path / "package"
    folder.mkdir()
    dialog = dialog_for(host, pipeline)
    plan = host.training_plan(dialog)
    assert (plan.pipeline, plan.heads) == (pipeline, heads)
    host.write_configs(host.read_configs(dialog), folder)
    host.write_labels(host.labels_snapshot(), folder / plan.labels_name, _go_on)
    dialog.reject()
    package = load_package(folder)
    assert tuple(model.head for model in package.models) == heads
    assert heads_in(host, package) == heads

    runs = [as_trained(host, package, model) for model in package.models]
    dialog = host.offer_models(runs)
    assert dialog.current_pipeline == pipeline
    assert {PIPELINES[head] for head in heads} >= {pipeline}
    assert host.prediction_request(dialog).models == tuple(str(run) for run in runs)
    dialog.reject()

    host.add_models(dialog_for(host, pipeline), runs)
    configs = [folder / model.config for model in package.models]
    dialog = host.open_training_like(configs, runs)
    plan = host.training_plan(dialog)
    assert (plan.pipeline, plan.heads) == (pipeline, heads)


@pytest.mark.parametrize("pipeline", TRACKED)
def test_the_animals_tracks_are_in_the_package(host, tmp_path, pipeline):
    path = tmp_path / "labels.pkg.slp"
    host.write_labels(host.labels_snapshot(), path, _go_on)
    labels = host.load_predictions(path)
    assert {track.name for track in labels.tracks} == {"upper", "lower"}
    for frame in labels.labeled_frames:
        assert {one.track.name for one in frame.instances} == {"upper", "lower"}


@pytest.mark.parametrize("pipeline", TRACKED)
def test_identities_without_tracks_are_refused(host, window, pipeline):
    for frame in window.labels.labeled_frames:
        for instance in frame.instances:
            instance.track = None
    with pytest.raises(ProjectNotReady, match="track"):
        host.training_plan(dialog_for(host, pipeline))


def _go_on(*_at):
    return True


def as_trained(host, package, model):
    """The run folder as a training leaves it; the weights are an empty file."""
    run, config = package.folder / model.run_path, package.folder / model.config
    run.mkdir(parents=True)
    for name in ("initial_config", "training_config"):
        shutil.copy(str(config), str(run / (name + config.suffix)))
    legacy = host.generation is Generation.LEGACY
    (run / ("best_model.h5" if legacy else "best.ckpt")).write_bytes(b"")
    return run
