"""Predictions files that somebody prepared: refused in a sentence, nothing is run."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc

import h5py
import numpy as np
import pytest
from predictions import write_predictions

from sleap_remote_plugin.errors import RemoteError, ResultsDamaged
from sleap_remote_plugin.sleap_host.counts import count_predictions
from sleap_remote_plugin.sleap_host.tables import read_tables

pytestmark = pytest.mark.sleap

NODES = ("head", "thorax", "tail")
#: Bytes that reading a file of a few kilobytes may take.
MOST_MEMORY = 64 << 20


@pytest.fixture(scope="module")
def whole(app_module, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "whole.slp"
    frames = [(0, frame) for frame in range(20)]
    return write_predictions(path, ["/ceph/arena.avi"], frames, NODES, ("a",))


@pytest.fixture
def path(whole, tmp_path):
    shutil.copy(str(whole), str(tmp_path / "predictions.slp"))
    return tmp_path / "predictions.slp"


def described(file):
    return json.loads(bytes_of(file["metadata"].attrs["json"]))


def bytes_of(value):
    return value.tobytes() if isinstance(value, np.ndarray) else value


def describe(file, values):
    text = values if isinstance(values, str) else json.dumps(values)
    file["metadata"].attrs["json"] = np.bytes_(text)


def replaced(file, name, change):
    """A table with a change to its rows."""
    rows = file[name][:]
    change(rows)
    del file[name]
    file[name] = rows


def huge(name):
    def spoil(file):
        kind = file[name].dtype
        del file[name]
        file.create_dataset(name, (10**12,), kind, chunks=(1000,), compression="gzip")

    return spoil


def as_group(file):
    del file["pred_points"]
    file.create_group("pred_points")


def linked(file):
    kind, count = file["pred_points"].dtype, 10
    del file["pred_points"]
    size = kind.itemsize * count
    file.create_dataset(
        "pred_points", (count,), kind, external=[("/etc/passwd", 0, size)]
    )


def linked_file(file):
    del file["pred_points"]
    file["pred_points"] = h5py.ExternalLink("/etc/passwd", "/pred_points")


def set_field(table, field, value):
    def spoil(file):
        def change(rows):
            rows[field][3] = value

        replaced(file, table, change)

    return spoil


def deep(file):
    describe(file, "[" * 20000)


def without(name):
    def spoil(file):
        del file[name]

    return spoil


SPOILS = {
    "frames without end": huge("frames"),
    "instances without end": huge("instances"),
    "points without end": huge("pred_points"),
    "a group for a table": as_group,
    "a table of another file": linked,
    "a link to another file": linked_file,
    "a video that is not there": set_field("frames", "video", 99),
    "a frame before the first": set_field("frames", "frame_idx", 2**64 - 5),
    "instances that are not there": set_field("frames", "instance_id_end", 10**9),
    "points that are not there": set_field("instances", "point_id_end", 10**9),
    "a skeleton that is not there": set_field("instances", "skeleton", 77),
    "a track that is not there": set_field("instances", "track", 77),
    "deep nesting": deep,
    "no JSON": lambda file: describe(file, "{"),
    "another JSON": lambda file: describe(file, [1, 2]),
    "no skeletons": lambda file: describe(file, {"nodes": []}),
    "a format without frames": without("frames"),
    "a format without metadata": without("metadata"),
}


@pytest.mark.parametrize("name", SPOILS)
def test_a_file_that_would_hurt_is_refused_with_its_path(path, name):
    with h5py.File(str(path), "r+") as file:
        SPOILS[name](file)
    tracemalloc.start()
    try:
        with pytest.raises(ResultsDamaged) as caught:
            read_tables(path)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert str(path) in str(caught.value)
    assert "Nothing was loaded" in str(caught.value)


def test_the_file_of_these_tests_is_read_before_it_is_spoilt(path):
    assert read_tables(path).instances == 20
    assert count_predictions(path) == 20


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04N.", b"{}" * 1000])
def test_another_kind_of_file_is_refused(tmp_path, data):
    path = tmp_path / "p.slp"
    path.write_bytes(data)
    for read in (read_tables, count_predictions):
        with pytest.raises(ResultsDamaged, match=str(path)):
            read(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / "p.slp"))
    with pytest.raises(RemoteError):
        read_tables(tmp_path / "p.slp")


EVIL = {"py/reduce": [{"py/function": "os.mkdir"}, {"py/tuple": ["TRACE"]}]}


def test_a_skeleton_that_names_code_is_not_carried_out(path, tmp_path):
    trace = tmp_path / "trace"
    with h5py.File(str(path), "r+") as file:
        values = described(file)
        text = json.dumps(EVIL).replace("TRACE", str(trace))
        for skeleton in values["skeletons"]:
            skeleton.setdefault("graph", {})["evil"] = json.loads(text)
        describe(file, values)
    read_tables(path)
    assert not trace.exists()


def test_a_video_that_is_named_as_a_pipe_is_not_opened(path, tmp_path):
    os.mkfifo(str(tmp_path / "pipe.h5"))
    with h5py.File(str(path), "r+") as file:
        text = bytes_of(file["videos_json"][0])
        values = json.loads(text)
        names = ("filename", str(tmp_path / "pipe.h5")), ("dataset", "/x")
        values.update(names)
        values.setdefault("backend", {}).update(names)
        del file["videos_json"]
        file["videos_json"] = np.array([json.dumps(values)], dtype="S")
    assert read_tables(path).videos[0].path.endswith("pipe.h5")


@pytest.mark.parametrize("bad", ["../../../etc/passwd", "a\nb\x1b[2J.mp4", ""])
def test_a_video_that_is_named_to_mislead_changes_nothing(host, path, bad, project):
    with h5py.File(str(path), "r+") as file:
        values = json.loads(bytes_of(file["videos_json"][0]))
        values["filename"] = bad
        values.setdefault("backend", {})["filename"] = bad
        del file["videos_json"]
        file["videos_json"] = np.array([json.dumps(values)], dtype="S")
    ours = str(project.parent / "arena.avi")
    loaded = host.read_predictions(path, [(ours, 0)], lambda p: "/ceph/arena.avi")
    # By its index it is the video that was asked for; its name is not believed.
    assert loaded.instances == 20
    paths = [host.video_path(video) for video in host.labels.videos]
    assert paths == [ours]
    # Where the index does not say it, the name that misleads does not either.
    with pytest.raises(RemoteError) as caught:
        host.read_predictions(path, [("/elsewhere.avi", 4)], lambda p: "/ceph/x.avi")
    assert not set("\n\x1b") & set(str(caught.value))


def test_nodes_that_are_named_to_mislead_are_shown_on_one_line(host, tmp_path, project):
    path = tmp_path / "p.slp"
    write_predictions(path, ["/ceph/arena.avi"], [(0, 1)], ("a\n\x1b[2Jb", "tail"))
    with pytest.raises(ResultsDamaged) as caught:
        host.read_predictions(path, [(str(project.parent / "arena.avi"), 0)])
    assert not set("\n\x1b") & set(str(caught.value))
