"""Metrics out of SLEAP's files, which are pickled and never unpickled."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import pickletools
import random
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.metrics import (
    RunMetrics,
    flat_metrics,
    read_metrics,
    rounds_before,
)
from sleap_remote_plugin.jobs.pickled import read_pickle
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.untrusted import Unfit
from sleap_remote_plugin.session.metrics import MetricsReader, load_metrics

np = pytest.importorskip("numpy")

#: As each generation writes them.
LEGACY = {
    "vis.tp": 4,
    "dist.dists": [[1.0, 2.0]],
    "dist.p50": 1.5,
    "dist.p90": 4.0,
    "oks_voc.mAP": 0.75,
}
CURRENT = {
    "voc_metrics": {"oks_voc.mAP": 0.75, "oks_voc.AP": [0.7, 0.8]},
    "mOKS": {"mOKS": 0.8},
    "distance_metrics": {"p50": 1.5, "p90": 4.0, "video_paths": ["a.mp4", None]},
    "pck_metrics": {"mPCK": 0.5},
    "visibility_metrics": {"tp": 4},
}
CENTROID = {
    "detection_metrics": {"precision": 0.5, "recall": 0.9},
    "distance_metrics": {"p50": 1.5, "p90": float("nan")},
}


def with_arrays(value):
    """Numbers and lists of numbers as numpy's, as SLEAP keeps them."""
    if isinstance(value, dict):
        return {key: with_arrays(item) for key, item in value.items()}
    if isinstance(value, list) and isinstance(value[0], str):
        return value
    if isinstance(value, list):
        return np.array(value)
    return np.float64(value) if isinstance(value, float) else value


def write_metrics(path, values):
    np.savez_compressed(str(path), metrics=with_arrays(values))
    return path


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (LEGACY, RunMetrics(0.75, 1.5, 4.0)),
        (CURRENT, RunMetrics(0.75, 1.5, 4.0)),
        (CENTROID, RunMetrics(None, 1.5, None, 0.9)),
        ({}, RunMetrics()),
        ([1, 2], RunMetrics()),
        ({"dist.p50": "big", "dist.p90": True}, RunMetrics()),
        ({"voc_metrics": 3, "distance_metrics": {"p50": 2.0}}, RunMetrics(p50=2.0)),
    ],
)
def test_both_generations_metrics_are_read(tmp_path, values, wanted):
    path = write_metrics(tmp_path / "metrics.val.0.npz", values)
    assert read_metrics(load_metrics(path)) == wanted


def test_both_generations_have_the_names_of_sleaps_window():
    assert flat_metrics(CURRENT)["vis.tp"] == flat_metrics(LEGACY)["vis.tp"]
    assert flat_metrics(CURRENT)["oks.mOKS"] == 0.8


def test_metrics_in_json_are_read_too(tmp_path):
    path = tmp_path / "metrics.val.0.json"
    path.write_text('{"voc_metrics": {"oks_voc.mAP": 0.5, "pck_voc.mAP": null}}')
    assert read_metrics(load_metrics(path)) == RunMetrics(0.5)


@pytest.mark.parametrize("protocol", range(2, 5))
def test_every_way_of_pickling_numbers_is_read(protocol):
    values = {
        "a": np.float32(1.5),
        "list": [1, -1, 70000, 2**40, None, True, (1, 2)],
        "array": np.arange(6.0).reshape(2, 3),
        "none": np.array(3.0),
        "text": "é",
        "numpy's text": np.array(["a"])[0],
        "objects": np.array(["a", None], dtype=object),
    }
    found = read_pickle(pickle.dumps(np.array(values, dtype=object), protocol))
    assert found["a"] == 1.5
    assert found["list"] == [1, -1, 70000, 2**40, None, True, [1, 2]]
    array = found["array"]
    assert np.frombuffer(array.data, array.kind).reshape(array.shape).sum() == 15.0
    assert (found["none"], found["text"]) == (3.0, "é")
    assert found["objects"].data == ["a", None]


# -- hostile --------------------------------------------------------------------------


class _Evil:
    """Makes a folder when it is unpickled, as any code could."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


@pytest.mark.parametrize("place", ["value", "key", "whole"])
@pytest.mark.parametrize("protocol", range(5))
def test_a_pickle_that_names_code_is_refused_and_not_run(tmp_path, place, protocol):
    trace = tmp_path / "trace"
    one = _Evil(trace)
    values = {"value": {"dist.p50": one}, "key": {(one,): 1}, "whole": one}[place]
    with pytest.raises(Unfit, match="other than numbers"):
        read_pickle(pickle.dumps(values, protocol))
    assert not trace.exists()


def test_the_evil_of_these_tests_is_evil(tmp_path):
    pickle.loads(pickle.dumps(_Evil(tmp_path / "trace")))
    assert (tmp_path / "trace").exists()


def bomb(levels):
    """Lists in lists: 2 ** levels values in some bytes a level."""
    text = b"\x80\x02]q\x00."[:-1]
    for level in range(levels):
        before, this = bytes([level]), bytes([level + 1])
        text += b"]q" + this + b"(h" + before + b"h" + before + b"e"
    return text + b"."


def itself():
    values = {}
    values["a"] = values
    return pickle.dumps(values, 2)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bomb(60), id="a bomb of lists"),
        pytest.param(itself(), id="a dict that is in itself"),
        pytest.param(b"\x80\x02)" + b"\x85" * 200000 + b".", id="deep tuples"),
        pytest.param(b"\x80\x02" + b"N0" * 200000 + b".", id="an instruction unknown"),
        pytest.param(b"\x80\x04\x8e" + b"\xff" * 8 + b".", id="bytes without end"),
        pytest.param(b"\x80\x02Nr\xff\xff\xff\x7f.", id="a huge memo"),
        pytest.param(b"\x80\x02" + b"K\x01" * 3_000_000, id="endless numbers"),
        pytest.param(b"cos\nsystem\n(S'true'\ntR.", id="protocol 0"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_pickle_that_would_hurt_is_refused(data):
    if data.startswith(b"\x80\x02Nr"):
        assert read_pickle(data) is None  # a place of its own in a dict: no memory
        return
    with pytest.raises(Unfit):
        read_pickle(data)


_WHOLE = pickle.dumps(np.array({"dist.p50": np.float64(1), "a": np.arange(3.0)}), 4)


@example(_WHOLE)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_value_or_unfit(data):
    for one in (data, b"\x80\x04" + data + b"."):
        with contextlib.suppress(Unfit):
            read_pickle(one)


@given(st.integers(0, 2**32))
def test_a_pickle_with_wrong_bytes_is_a_value_or_unfit(seed):
    random_place = random.Random(seed)
    data = bytearray(_WHOLE)
    for _ in range(3):
        data[random_place.randrange(len(data))] = random_place.randrange(256)
    with contextlib.suppress(Unfit):
        read_pickle(bytes(data))


def zip_bomb(path):
    with zipfile.ZipFile(str(path), "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("metrics.npy", "w") as out:
            for _ in range(80):
                out.write(b"\0" * (1 << 20))


def wrong_header(path):
    out = io.BytesIO()
    np.save(out, np.array({"a": 1}, dtype=object), allow_pickle=True)
    text = out.getvalue().replace(b"'fortran_order'", b"__import__('os')"[:15])
    with zipfile.ZipFile(str(path), "w") as archive:
        archive.writestr("metrics.npy", text)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b""), "not whole"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "not whole"),
        (lambda path: path.write_bytes(b"x" * (17 << 20)), "larger than any metrics"),
        (zip_bomb, "larger than any metrics"),
        (wrong_header, "not whole"),
        (lambda path: (path.unlink(), os.mkfifo(str(path))), "no ordinary file"),
        (
            lambda path: np.savez(str(path), metrics=np.array(_Evil("/nowhere/x"))),
            "other than numbers",
        ),
    ],
)
def test_metrics_that_cannot_be_read_are_a_sentence_with_their_path(
    tmp_path, spoil, words
):
    run = tmp_path / "models" / "a"
    run.mkdir(parents=True)
    path = write_metrics(run / "metrics.val.npz", LEGACY)
    spoil(path)
    job = training("one")
    (found,) = MetricsReader().of(job, [job], lambda job: tmp_path)
    assert words in found.fault
    assert str(path) in found.fault


def test_a_link_out_of_the_job_is_not_followed(tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    write_metrics(outside / "metrics.val.npz", LEGACY)
    run = tmp_path / "job" / "models" / "a"
    run.mkdir(parents=True)
    (run / "metrics.val.npz").symlink_to(outside / "metrics.val.npz")
    job = training("one")
    (found,) = MetricsReader().of(job, [job], lambda job: tmp_path / "job")
    assert "leads out" in found.fault


def test_the_instructions_that_are_read_have_these_names():
    from sleap_remote_plugin.jobs.pickled import _STEPS

    names = {pickletools.code2op[code.decode("latin-1")].name for code in _STEPS}
    assert {"GLOBAL", "REDUCE", "BUILD", "SETITEMS", "BINFLOAT", "MEMOIZE"} <= names
    assert not names & {"INST", "OBJ", "NEWOBJ", "PERSID", "EXT1", "BINPERSID"}


# -- the round before -----------------------------------------------------------------


def training(uid, created=0.0, project="/lab/labels.v001.slp", **values):
    return Job(
        **{
            "uid": uid,
            "kind": JobKind.TRAIN,
            "name": "training " + uid,
            "project": project,
            "folder": "/ceph/" + uid,
            "cluster": "c",
            "resources": Resources(),
            "tasks": (Task("centroid", "models/a"),),
            "state": JobState.COMPLETED,
            "created": created,
            **values,
        }
    )


def test_the_round_before_is_the_last_finished_training_of_the_project():
    job = training("now", 50.0, "/lab/labels.v003.slp")
    older = training("older", 10.0)
    newer = training("newer", 20.0, "/lab/labels.v002.slp")
    others = [
        training("later", 60.0),
        training("failed", 30.0, state=JobState.FAILED),
        training("other", 40.0, "/lab/rat.slp"),
        training("prediction", 45.0, kind=JobKind.PREDICT),
    ]
    assert rounds_before(job, [older, *others, job, newer]) == (newer, older)


def test_each_head_is_beside_its_last_round_that_has_metrics(tmp_path):
    tasks = (Task("centroid", "models/a"), Task("centered_instance", "models/b"))
    first = training("first", 1.0, tasks=tasks)
    second = training("second", 2.0)
    third = training("third", 3.0, tasks=tasks)
    for uid, run, p50 in [
        ("first", "a", 9.0),
        ("first", "b", 5.0),
        ("second", "a", 4.0),
        ("third", "a", 3.0),
        ("third", "b", 2.0),
    ]:
        folder = tmp_path / uid / "models" / run
        folder.mkdir(parents=True)
        write_metrics(folder / "metrics.val.npz", dict(LEGACY, **{"dist.p50": p50}))
    reader = MetricsReader()
    jobs = [third, second, first]
    centroid, instance = reader.of(third, jobs, lambda job: tmp_path / job.uid)
    assert (centroid.now.p50, centroid.before.p50) == (3.0, 4.0)
    assert centroid.before_name == "training second"
    assert (instance.now.p50, instance.before.p50) == (2.0, 5.0)
    (alone,) = reader.of(first, jobs, lambda job: tmp_path / job.uid)[:1]
    assert alone.before is None


def test_metrics_written_anew_are_read_anew(tmp_path):
    run = tmp_path / "models" / "a"
    run.mkdir(parents=True)
    job, reader = training("one"), MetricsReader()
    (found,) = reader.of(job, [job], lambda job: tmp_path)
    assert found.fault == "SLEAP wrote no metrics."
    path = write_metrics(run / "metrics.val.npz", LEGACY)
    (found,) = reader.of(job, [job], lambda job: tmp_path)
    assert found.now.p50 == 1.5
    write_metrics(path, dict(LEGACY, **{"dist.p50": 1.25}))
    os.utime(str(path), (1, 1))
    (found,) = reader.of(job, [job], lambda job: tmp_path)
    assert found.now.p50 == 1.25
