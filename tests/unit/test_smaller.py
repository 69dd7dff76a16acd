"""A smaller batch size for another try: in a copy of the config, nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.batch_size import batch_in_config, with_batch
from sleap_remote_plugin.jobs.deeds import Batch
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.resubmit import copied_package
from sleap_remote_plugin.session.smaller import (
    change_package,
    smaller_batches,
    with_smaller_batch,
)

YAML = """\
# 小鼠: kept, as all comments are
data_config:
  name: "batch_size: 4"   # not this one
trainer_config:
  train_data_loader: {batch_size: 4, shuffle: true}
  val_data_loader:
    batch_size: 4
  lr: 1e-4
"""


def test_in_a_yaml_only_the_numbers_change():
    changed = with_batch(YAML, Generation.CURRENT, 2)
    assert changed == YAML.replace("{batch_size: 4", "{batch_size: 2").replace(
        "    batch_size: 4", "    batch_size: 2"
    )


def test_in_a_json_only_the_value_changes():
    values = {"optimization": {"batch_size": 8, "lr": 1e-08}, "name": "小鼠 / \\"}
    changed = json.loads(with_batch(json.dumps(values), Generation.LEGACY, 4))
    values["optimization"]["batch_size"] = 4
    assert changed == values


@pytest.mark.parametrize(
    ("text", "generation"),
    [
        ("", Generation.CURRENT),
        ("trainer_config: {train_data_loader: {batch_size: auto}}", Generation.CURRENT),
        ("trainer_config: {train_data_loader: 4}", Generation.CURRENT),
        ("a: [", Generation.CURRENT),
        ("{}", Generation.LEGACY),
        ('{"optimization": {"batch_size": true}}', Generation.LEGACY),
        ('{"optimization": {"batch_size": 0}}', Generation.LEGACY),
    ],
)
def test_a_config_that_tells_no_batch_size_is_not_changed(text, generation):
    assert batch_in_config(text, generation) is None
    with pytest.raises(ValueError, match="batch size"):
        with_batch(text, generation, 2)


@settings(deadline=None)
@given(st.text("trainer_config:{}[]&*\n 4'\"batch_size-#", max_size=120))
def test_any_text_is_read_or_refused(text):
    for generation in Generation:
        batch_in_config(text, generation)


# -- a package -------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "labels.slp.training_job"
    folder.mkdir()
    (folder / "labels.pkg.slp").write_bytes(b"labels")
    entries = []
    for head, size in (("centroid", 4), ("instance", 1)):
        config = {
            "optimization": {"batch_size": size},
            "model": {"heads": {head: {"a": 1}}},
        }
        (folder / (head + ".json")).write_text(json.dumps(config))
        entries.append(
            {
                "cfg": head + ".json",
                "run_path": "models/" + head,
                "train_labels": "labels.pkg.slp",
            }
        )
    (folder / "jobs.yaml").write_text(json.dumps({"training": entries}))
    return folder


def trained(folder, **exit_codes):
    from sleap_remote_plugin.jobs.package import load_package

    heads = [model.head for model in load_package(folder).models]
    tasks = tuple(Task(h, "models/" + h, exit_code=exit_codes.get(h)) for h in heads)
    return Job(
        "u", JobKind.TRAIN, "n", "/p", "/f", "c", Resources(), tasks,
        state=JobState.FAILED,
    )  # fmt: skip


def test_the_model_that_failed_gets_half_as_many(package):
    job = trained(package)
    first = job.tasks[0].title
    assert smaller_batches(job, package) == (Batch(first, 4, 2),)
    assert smaller_batches(trained(package, **{first: 1}), package)
    second = job.tasks[1].title
    assert smaller_batches(trained(package, **{second: 1}), package) == ()


def test_the_new_jobs_copy_is_changed_and_the_package_is_not(package, tmp_path):
    before = {path.name: path.read_bytes() for path in package.iterdir()}
    made = copied_package(package, tmp_path / "again")
    change_package(made, smaller_batches(trained(package), package))
    config = json.loads((made.folder / "centroid.json").read_text())
    assert config["optimization"]["batch_size"] == 2
    assert {path.name: path.read_bytes() for path in package.iterdir()} == before


def test_a_config_that_cannot_be_changed_is_said(package, tmp_path):
    made = copied_package(package, tmp_path / "again")
    (made.folder / "centroid.json").write_text("{}")
    with pytest.raises(PackageProblem, match="Nothing was submitted"):
        change_package(made, (Batch(made.models[0].head, 4, 2),))


# -- a prediction ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], (Batch("", 4, 2),)),
        ([["batch_size", "8"]], (Batch("", 8, 4),)),
        ([["batch_size", "1"]], ()),
        ([["batch_size", "?"]], ()),
    ],
)
def test_a_prediction_gets_half_of_what_it_had(tmp_path, options, expected):
    job = Job(
        "u", JobKind.PREDICT, "n", "/p", "/f", "c", Resources(),
        request={"options": options},
    )  # fmt: skip
    assert smaller_batches(job, tmp_path) == expected


def test_other_options_of_a_prediction_stay():
    request = PredictionRequest(
        (), (), (), (("batch_size", "8"), ("max_instances", "2"))
    )
    changed = with_smaller_batch(request, (Batch("", 8, 4),))
    assert sorted(changed.options) == [("batch_size", "4"), ("max_instances", "2")]
    assert with_smaller_batch(request, ()) is request
