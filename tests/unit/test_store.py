"""The list of jobs: shared, killed at any point, damaged."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.store import Store


def make_job(uid, created=1.0, **values):
    return Job(
        uid=uid,
        kind=JobKind.TRAIN,
        name="näme, 'quoted'",
        project="/mnt/ceph/a b/labels.v001.slp",
        folder="/ceph/a b/labels.v001.slp.training_job",
        cluster=values.pop("cluster", "practice"),
        resources=Resources(),
        tasks=(Task("centroid", "models/a"),),
        created=created,
        **values,
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "data" / "jobs.sqlite")


def test_a_job_comes_back_as_it_was(store):
    job = make_job("a1", slurm_id="42", state=JobState.RUNNING, max_rss=1e9)
    store.add(job)
    assert store.jobs() == (job,)


def test_the_newest_job_comes_first(store):
    for uid, created in (("a", 1.0), ("b", 3.0), ("c", 2.0)):
        store.add(make_job(uid, created))
    assert [job.uid for job in store.jobs()] == ["b", "c", "a"]


def test_another_clusters_jobs_stay_out(store):
    store.add(make_job("a"))
    store.add(make_job("b", cluster="other"))
    assert [job.uid for job in store.jobs("other")] == ["b"]


def test_an_empty_place_is_an_empty_list(store):
    assert store.jobs() == ()
    assert not store.path.exists()


def test_a_removed_job_cannot_be_updated(store):
    store.add(make_job("a"))
    store.remove("a")
    assert store.update("a", lambda job: job) is None


def test_a_change_that_fails_changes_nothing(store):
    store.add(make_job("a"))

    def change(job):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.update("a", change)
    assert store.get("a") == make_job("a")


def test_changes_from_many_threads_all_count(store):
    store.add(make_job("a"))

    def count():
        for _ in range(10):
            store.update("a", lambda job: job.changed(restarts=job.restarts + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("a").restarts == 40


def test_a_program_killed_inside_a_change_leaves_the_last_whole_state(store):
    store.add(make_job("a"))
    killed = (
        "import os, pathlib, sys\n"
        "from sleap_remote_plugin.session.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "store.update('a', lambda job: os.kill(os.getpid(), 9))\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(store.path)])
    assert done.returncode == -9
    assert store.get("a") == make_job("a")
    assert store.update("a", lambda job: job.changed(name="b")).name == "b"


def test_a_damaged_file_is_kept_aside_and_the_list_begins_anew(store):
    store.path.parent.mkdir()
    store.path.write_bytes(b"no database at all" * 100)
    store.add(make_job("a"))
    assert [job.uid for job in store.jobs()] == ["a"]
    (aside,) = store.path.parent.glob("jobs.sqlite.corrupt-*")
    assert aside.read_bytes().startswith(b"no database")


def test_a_newer_programs_file_is_left_alone_and_another_list_begins(store):
    store.add(make_job("a"))
    connection = sqlite3.connect(str(store.path))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = store.path.read_bytes()

    older = Store(store.path)
    assert older.jobs() == ()
    assert "newer version" in older.notices[0]
    assert older.must_be_rebuilt("practice")
    older.add(make_job("b"))
    older.is_rebuilt("practice")
    assert [job.uid for job in older.jobs()] == ["b"]
    assert not older.must_be_rebuilt("practice")
    assert store.path.read_bytes() == before
    assert len(older.notices) == 1


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreProblem, match="cannot be used just now"):
        Store(tmp_path / "file" / "jobs.sqlite").add(make_job("a"))
