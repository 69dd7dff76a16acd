"""What is told of a job beside its state: files, parts of its log, earlier rounds."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.earlier import EarlierCurves
from sleap_remote_plugin.session.job_files import MOST, places_of
from sleap_remote_plugin.session.log_parts import part_of, part_titles


def a_job(uid="u", tasks=("centroid", "instance"), codes=(), **values):
    codes = tuple(codes) + (None,) * len(tasks)
    return Job(
        **{
            "uid": uid,
            "kind": JobKind.TRAIN,
            "name": uid + " top-down",
            "project": "/mnt/lab/labels.slp",
            "folder": "/ceph/" + uid,
            "cluster": "c",
            "resources": Resources(),
            "tasks": tuple(
                Task(t, "models/" + t, exit_code=code) for t, code in zip(tasks, codes)
            ),
            "slurm_id": "7",
            "state": JobState.RUNNING,
            **values,
        }
    )


# -- files ---------------------------------------------------------------------------


def test_files_are_named_here_and_there_and_what_is_missing_is_said(tmp_path):
    (tmp_path / "models" / "centroid").mkdir(parents=True)
    (tmp_path / "slurm-7.out").write_text("log")
    found = {p.title: p for p in places_of(a_job(), tmp_path, "")}
    assert found["Log"].here == str(tmp_path / "slurm-7.out")
    assert found["Log"].there == "/ceph/u/slurm-7.out"
    assert found["Log"].is_there is True
    assert found["Log"].is_text
    assert found["Script"].is_there is False
    assert found["Model: centroid"].is_there is True
    assert found["Model: instance"].is_there is False
    assert found["Project"].is_there is False
    assert "Rounds" not in found


def test_on_no_disk_of_this_computer_only_the_clusters_paths_are_known():
    found = {p.title: p for p in places_of(a_job(), None, "/r.md")}
    assert found["Folder"] == ("Folder", "", "/ceph/u", None, False)
    assert found["Rounds"].is_text


def test_a_large_array_is_not_listed_without_end(tmp_path):
    job = a_job(tasks=["v%d.mp4" % n for n in range(300)], kind=JobKind.PREDICT)
    titles = [place.title for place in places_of(job, tmp_path, "")]
    assert titles.count("Log: v0.mp4") == 1
    assert len(titles) == 3 + 2 * MOST


# -- parts of a log --------------------------------------------------------------------

FIRST = "+ sleap-nn train --config-name centroid.yaml\nepoch 1\n"
SECOND = "+ sleap-nn train --config-name instance.yaml\nepoch 9\n"


@pytest.mark.parametrize(
    ("text", "codes", "part", "expected"),
    [
        ("Job 7 on gpu-1\n" + FIRST, (), 0, FIRST),
        ("Job 7 on gpu-1\n" + FIRST, (), 1, ""),
        ("Job 7 on gpu-1\n" + FIRST + SECOND, (0,), 0, FIRST),
        ("Job 7 on gpu-1\n" + FIRST + SECOND, (0,), 1, SECOND),
        ("epoch 80\n" + SECOND, (0,), 0, "epoch 80\n"),
        ("epoch 80\n" + SECOND, (0,), 1, SECOND),
        ("epoch 81\n", (0,), 1, "epoch 81\n"),
        ("epoch 81\n", (0,), 0, ""),
        ("Job 7 on gpu-1\n" + FIRST, (1,), 0, FIRST),
        ("Job 7 on gpu-1\n" + FIRST + SECOND, (0, 1), 1, SECOND),
    ],
)
def test_a_pipelines_log_has_a_part_for_each_model(text, codes, part, expected):
    assert part_of(text, a_job(codes=codes), part) == expected


def test_one_part_is_no_choice():
    assert part_titles(a_job(tasks=("centroid",))) == ()
    assert part_titles(a_job()) == ("1: centroid", "2: instance")


# -- earlier rounds --------------------------------------------------------------------


def trained(root, uid, created, losses, head="centroid"):
    run = root / uid / "models" / head
    run.mkdir(parents=True)
    lines = ["epoch,loss,val_loss"] + ["%d,1,%s" % pair for pair in enumerate(losses)]
    (run / "training_log.csv").write_text("\n".join(lines) + "\n")
    return a_job(uid, (head,), state=JobState.COMPLETED, created=created)


def test_earlier_rounds_of_the_same_project_and_head_are_found_newest_first(tmp_path):
    job = a_job("now", created=9.0)
    jobs = [
        trained(tmp_path, "old", 1.0, [3, 2]),
        trained(tmp_path, "new", 2.0, [2, 1]),
        trained(tmp_path, "head", 3.0, [1], head="bottomup"),
        trained(tmp_path, "later", 10.0, [1]),
        trained(tmp_path, "other", 4.0, [1]).changed(project="/mnt/lab/flies.slp"),
        a_job("gone", ("centroid",), state=JobState.COMPLETED, created=5.0),
        job,
    ]
    found = EarlierCurves().of(job, jobs, lambda one: tmp_path / one.uid)
    assert [(e.head, e.name) for e in found] == [
        ("centroid", "new top-down"),
        ("centroid", "old top-down"),
    ]
    assert [point.val_loss for point in found[0].curve] == [2.0, 1.0]


def test_a_log_of_an_earlier_round_is_read_once(tmp_path, monkeypatch):
    from sleap_remote_plugin.session import earlier

    jobs = [trained(tmp_path, "old", 1.0, [3, 2])]
    curves = EarlierCurves()
    where = lambda one: tmp_path / one.uid  # noqa: E731
    assert curves.of(a_job(created=9.0), jobs, where)
    monkeypatch.setattr(earlier, "read_whole", None)
    assert curves.of(a_job(created=9.0), jobs, where)
