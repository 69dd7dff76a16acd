"""The list of jobs: shared, killed at any point, damaged."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task, job_to_dict
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.schema import SCHEMA
from sleap_remote_plugin.session.store import Store

CHECKOUT = Path(__file__).resolve().parents[2]


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


def test_what_is_open_elsewhere_is_of_other_clusters_and_has_not_ended(store):
    for uid, cluster, state in (
        ("a", "practice", JobState.RUNNING),
        ("b", "other", JobState.RUNNING),
        ("c", "other", JobState.COMPLETED),
        ("d", "third", JobState.QUEUED),
    ):
        store.add(make_job(uid, cluster=cluster, state=state))
    assert [job.uid for job in store.open_elsewhere("practice")] == ["b", "d"]


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


# -- shared, full, read-only, older --------------------------------------------------

OLD_SCHEMA = (
    "CREATE TABLE jobs (uid TEXT PRIMARY KEY, cluster TEXT NOT NULL, "
    "created REAL NOT NULL, data TEXT NOT NULL)"
)


def test_an_older_programs_list_is_brought_up_to_date(store):
    store.path.parent.mkdir()
    connection = sqlite3.connect(str(store.path))
    connection.execute(OLD_SCHEMA)
    job = make_job("a")
    connection.execute(
        "INSERT INTO jobs VALUES (?, ?, ?, ?)",
        (job.uid, job.cluster, job.created, json.dumps(job_to_dict(job))),
    )
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()

    assert store.jobs() == (job,)
    assert not store.must_be_rebuilt("practice")
    connection = sqlite3.connect(str(store.path))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert version == SCHEMA


HAMMER = """
import pathlib, sys
from sleap_remote_plugin.session.store import Store
store = Store(pathlib.Path(sys.argv[1]))
for n in range(25):
    store.update("a", lambda job: job.changed(restarts=job.restarts + 1))
    store.add(store.get("a").changed(uid=sys.argv[2] + str(n)))
    assert len(store.jobs()) > n
"""


def test_windows_and_the_command_line_write_at_once(store):
    store.add(make_job("a"))
    hands = [
        subprocess.Popen([sys.executable, "-c", HAMMER, str(store.path), name])
        for name in ("b", "c", "d", "e")
    ]
    assert [hand.wait(timeout=120) for hand in hands] == [0, 0, 0, 0]
    assert store.get("a").restarts == 100
    assert len(store.jobs()) == 101


def test_programs_that_are_killed_while_they_write_leave_a_whole_list(store):
    store.add(make_job("a"))
    for name in ("b", "c", "d"):
        hand = subprocess.Popen(
            [sys.executable, "-c", HAMMER, str(store.path), name],
            stderr=subprocess.DEVNULL,
        )
        while store.get(name + "1") is None and hand.poll() is None:
            pass
        hand.kill()
        hand.wait()
    assert store.get("a").restarts >= 3
    connection = sqlite3.connect(str(store.path))
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_damage_in_the_middle_is_found_when_it_is_read(store):
    for n in range(200):
        store.add(make_job("a{}".format(n), float(n)))
    data = bytearray(store.path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    store.path.write_bytes(bytes(data))

    with contextlib.suppress(StoreProblem):
        store.jobs()
    assert store.jobs() == ()
    assert "kept as" in store.notices[0]
    assert store.must_be_rebuilt("practice")
    store.is_rebuilt("practice")
    assert not Store(store.path).must_be_rebuilt("practice")
    store.add(make_job("b"))
    assert len(list(store.path.parent.glob("*.corrupt-*"))) >= 1


def test_a_list_that_was_deleted_is_made_again(store):
    store.add(make_job("a"))
    assert not store.must_be_rebuilt("practice")
    store.path.unlink()
    again = Store(store.path)
    assert again.must_be_rebuilt("practice")
    assert again.places("practice") == ("/ceph/a b",)
    assert again.places("other") == ()


def test_one_job_that_cannot_be_read_hides_no_other(store):
    store.add(make_job("a"))
    store.add(make_job("b"))
    connection = sqlite3.connect(str(store.path))
    connection.execute("""UPDATE jobs SET data = '{"kind": "new"}' WHERE uid = 'a'""")
    connection.commit()
    connection.close()
    assert [job.uid for job in store.jobs()] == ["b"]
    assert store.update("a", lambda job: job) is None


ON_A_DISK = """
import pathlib, subprocess, sys
from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.session.store import Store
from tests.unit.test_store import make_job
place, fault = sys.argv[1:]
subprocess.check_call(["mount", "-t", "tmpfs", "-o", "size=400k", "none", place])
store = Store(pathlib.Path(place) / "jobs.sqlite")
store.add(make_job("first"))
if fault == "full":
    filler = open(place + "/filler", "wb", buffering=0)
    try:
        while filler.write(bytes(4096)):
            pass
    except OSError:
        filler.close()
else:
    subprocess.check_call(["mount", "-o", "remount,ro", place])
assert [job.uid for job in store.jobs()] == ["first"], store.jobs()
try:
    for n in range(100):
        store.add(make_job("x%d" % n))
    sys.exit("no problem was told")
except StoreProblem as error:
    assert "are untouched" in str(error)
    assert "disk has space" in str(error)
assert "first" in [job.uid for job in store.jobs()]
assert not list(pathlib.Path(place).glob("*.corrupt*"))
"""


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_disk_that_cannot_be_written_is_a_sentence_and_the_list_is_still_read(
    tmp_path, fault
):
    own = ["unshare", "--mount", "--map-root-user"]
    try:
        able = subprocess.run(own + ["true"], stderr=subprocess.DEVNULL).returncode
    except OSError:
        able = 1
    if able:
        pytest.skip("needs mount namespaces")
    done = subprocess.run(
        own + [sys.executable, "-c", ON_A_DISK, str(tmp_path), fault],
        cwd=str(CHECKOUT),
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    assert done.returncode == 0, done.stderr
