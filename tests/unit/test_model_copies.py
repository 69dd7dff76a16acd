"""Trained models copied beside the project: whole, or not there."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from sleap_remote_plugin.errors import Cancelled, RemoteError
from sleap_remote_plugin.session import model_copies
from sleap_remote_plugin.session.model_copies import copy_models


@pytest.fixture
def runs(tmp_path):
    found = []
    for name in ("261122_100000.centroid.n=6", "261122_100000.centered_instance.n=6"):
        run = tmp_path / "job" / "models" / name
        (run / "viz").mkdir(parents=True)
        (run / "best.ckpt").write_bytes(b"w" * 3_000_000)
        (run / "viz" / "a.png").write_bytes(b"p")
        found.append(run)
    return found


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project").mkdir()
    return tmp_path / "project" / "labels.v001.slp"


def go_on(done, total):
    return True


def left(project):
    return sorted(str(p.relative_to(project.parent)) for p in project.parent.rglob("*"))


def test_models_are_copied_where_sleap_finds_them(runs, project):
    told = []
    copies = copy_models(runs, str(project), lambda *now: told.append(now) or True)
    assert copies == tuple(project.parent / "models" / run.name for run in runs)
    for run, copy in zip(runs, copies):
        assert (copy / "best.ckpt").read_bytes() == (run / "best.ckpt").read_bytes()
        assert (copy / "viz" / "a.png").is_file()
    assert told[-1] == (6_000_002, 6_000_002)
    assert told == sorted(told)
    assert [n for n in left(project) if "part" in n] == []


def test_a_folder_that_exists_is_left_as_it_is(runs, project):
    there = project.parent / "models" / runs[0].name
    there.mkdir(parents=True)
    (there / "best.ckpt").write_bytes(b"mine")
    first = copy_models(runs[:1], str(project), go_on)
    second = copy_models(runs[:1], str(project), go_on)
    assert (there / "best.ckpt").read_bytes() == b"mine"
    assert [path.name for path in first + second] == [
        runs[0].name + " (2)",
        runs[0].name + " (3)",
    ]


@pytest.mark.parametrize("when", [1, 3])
def test_a_copy_that_is_stopped_leaves_nothing_half(runs, project, when):
    told = []

    def stop(done, total):
        told.append(done)
        return len(told) < when

    with pytest.raises(Cancelled, match="stopped"):
        copy_models(runs[:1], str(project), stop)
    assert left(project) == ["models"]


def test_a_disk_without_space_is_told_before_anything_is_copied(
    runs, project, monkeypatch
):
    space = SimpleNamespace(free=10**6)
    monkeypatch.setattr(model_copies.shutil, "disk_usage", lambda _path: space)
    with pytest.raises(RemoteError, match="7 MB are needed and 1 MB are free"):
        copy_models(runs, str(project), go_on)
    assert left(project) == ["models"]


def test_a_folder_that_cannot_be_written_is_a_sentence(runs, project):
    (project.parent / "models").write_text("a file in its place")
    with pytest.raises(RemoteError, match="could not be copied to"):
        copy_models(runs, str(project), go_on)


def test_links_and_pipes_of_a_run_are_left_out(runs, project, tmp_path):
    (tmp_path / "secret").write_text("s")
    (runs[0] / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(str(runs[0] / "pipe"))
    (copy,) = copy_models(runs[:1], str(project), go_on)
    assert sorted(os.listdir(str(copy))) == ["best.ckpt", "viz"]
