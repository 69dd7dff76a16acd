from __future__ import annotations

import pytest
import yaml

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.generation import (
    Generation,
    generation_of_configs,
    generation_of_version,
)
from sleap_remote_plugin.jobs.package import load_package, with_reused


def entry(cfg="centroid.json", run="models/1.centroid", labels="l.pkg.slp"):
    return {"cfg": cfg, "run_path": run, "train_labels": labels}


def package(folder, *entries):
    for one in entries:
        for name in (one["cfg"], one["train_labels"]):
            if "/" not in name and "\n" not in name:
                (folder / name).write_text("x")
    text = yaml.safe_dump({"inference": [], "training": list(entries)})
    (folder / "jobs.yaml").write_text(text)
    return folder


def test_a_package_is_what_jobs_yaml_says(tmp_path):
    found = load_package(
        package(tmp_path, entry(), entry("centered.json", "models\\2.centered"))
    )
    assert found.generation is Generation.LEGACY
    assert [m.run_path for m in found.models] == [
        "models/1.centroid",
        "models/2.centered",
    ]
    assert found.models[0].head == "centroid"
    assert found.labels == "l.pkg.slp"


@pytest.mark.parametrize(
    "bad",
    [
        entry(cfg="../x.json"),
        entry(cfg="/abs.json"),
        entry(cfg="-m.json"),
        entry(cfg="a/b.json"),
        entry(run="/home/me/models/x"),
        entry(run="models/../../x"),
        entry(run="C:\\models\\x"),
        entry(run="models//x"),
        entry(labels="a\nb.slp"),
        {"cfg": "centroid.json"},
        "text",
    ],
)
def test_what_would_leave_the_package_is_refused(tmp_path, bad):
    (tmp_path / "jobs.yaml").write_text(yaml.safe_dump({"training": [bad]}))
    with pytest.raises(PackageProblem, match="Nothing was submitted"):
        load_package(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    package(tmp_path, entry())
    (tmp_path / "l.pkg.slp").unlink()
    with pytest.raises(PackageProblem, match="lacks the file l.pkg.slp"):
        load_package(tmp_path)


def test_two_generations_in_one_package_are_refused(tmp_path):
    with pytest.raises(PackageProblem, match="mixes configs"):
        load_package(package(tmp_path, entry(), entry("b.yaml", "models/2")))


@pytest.mark.parametrize("text", ["", "training: []", "training:", "[", "- x", "\x00"])
def test_a_broken_jobs_yaml_is_a_sentence(tmp_path, text):
    (tmp_path / "jobs.yaml").write_text(text)
    with pytest.raises(PackageProblem):
        load_package(tmp_path)


@pytest.mark.parametrize(
    ("version", "generation"),
    [
        ("1.2.9", Generation.LEGACY),
        ("1.4.1", Generation.LEGACY),
        ("1.4.1a2", Generation.LEGACY),
        ("1.5.0a1", Generation.CURRENT),
        ("1.6.6", Generation.CURRENT),
        ("2.0", Generation.CURRENT),
        ("", None),
        ("newest", None),
    ],
)
def test_a_version_has_a_generation(version, generation):
    assert generation_of_version(version) is generation


def test_configs_have_a_generation():
    assert generation_of_configs(["a.json"]) is Generation.LEGACY
    assert generation_of_configs(["a.yaml", "b.YAML"]) is Generation.CURRENT
    assert generation_of_configs(["a.yaml", "b.json"]) is None
    assert generation_of_configs([]) is None


REUSED = '{"training": [], "reused": [{"head": "centroid", "run_path": "%s"}]}'


@pytest.mark.parametrize(
    ("jobs", "found"),
    [
        (REUSED % "models/old", ["models/old", "models/new"]),
        (REUSED % "models/gone", ["models/new"]),
        (REUSED % "../old", ["models/new"]),
        (REUSED % "/etc", ["models/new"]),
        ('{"training": []}', ["models/new"]),
        ('{"reused": 3}', ["models/new"]),
        ("nothing", ["models/new"]),
    ],
)
def test_models_that_a_training_used_come_before_those_that_it_made(
    tmp_path, jobs, found
):
    for name in ("old", "new"):
        (tmp_path / "job" / "models" / name).mkdir(parents=True)
    (tmp_path / "old").mkdir()
    (tmp_path / "job" / "jobs.yaml").write_text(jobs)
    runs = with_reused([tmp_path / "job" / "models" / "new"])
    assert [run.relative_to(tmp_path / "job").as_posix() for run in runs] == found
    assert with_reused([]) == ()
