"""*Find my jobs*: records on the mount, whoever made them, wherever they lie now."""

from __future__ import annotations

import json
import shutil

import pytest

from sleap_remote_plugin.errors import StoreProblem
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, job_to_dict
from sleap_remote_plugin.jobs.record import RECORD_NAME, load_record, save_record
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.find import find_jobs, find_moved, mend_record
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.upkeep import Upkeep


class Disk:
    """A mount: this machine's folder is ``/ceph`` on the cluster."""

    def __init__(self, root):
        self.root = root
        self.store = Store(root / ".list" / "jobs.sqlite")

    def to_cluster(self, local):
        return local.replace(str(self.root), "/ceph")

    def to_local(self, cluster):
        return self.root / cluster[len("/ceph/") :]

    def job(self, uid, name="a/job", **values):
        job = Job(
            uid, JobKind.TRAIN, "n", "/p.slp", "/ceph/" + name, "c", Resources()
        ).changed(**dict({"state": JobState.QUEUED, "slurm_id": "7"}, **values))
        folder = self.to_local(job.folder)
        folder.mkdir(parents=True, exist_ok=True)
        save_record(folder, job)
        return job, folder

    def find(self, folder=None):
        return find_jobs(
            folder or self.root,
            "c",
            self.store,
            self.to_cluster,
            self.to_local,
            self.is_mine,
        )

    def is_mine(self, job):
        return job.user != "john"

    def upkeep(self):
        places = (self.to_local, self.to_cluster)
        return Upkeep("c", None, self.store, *places, self.is_mine, None)


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path)


def test_jobs_of_another_computer_come_into_the_list(disk):
    one, _ = disk.job("a1")
    two, _ = disk.job("a2", "b/c/d/job")
    found = disk.find()
    assert set(found.added) == {one, two}
    assert str(found) == "2 jobs found; 2 new in the list."
    assert disk.find().added == ()
    assert len(disk.store.jobs()) == 2


def test_another_clusters_jobs_are_passed_over(disk):
    disk.job("a1", cluster="other")
    found = disk.find()
    assert found.jobs == ()
    assert "profile other" in found.troubles[0]


def test_a_folder_that_was_moved_is_followed(disk):
    job, folder = disk.job("a1")
    disk.find()
    new = disk.root / "elsewhere"
    shutil.move(str(folder), str(new))
    (moved,) = disk.find().moved
    assert moved.folder == "/ceph/elsewhere"
    assert load_record(new) == moved == disk.store.get("a1")


def test_a_renamed_folder_is_found_beside_its_place(disk):
    job, folder = disk.job("a1")
    assert find_moved(job, folder) is None
    new = folder.with_name("renamed")
    folder.rename(new)
    assert find_moved(job, folder) == new
    shutil.copytree(str(new), str(folder.with_name("and a copy")))
    assert find_moved(job, folder) is None  # which one, only the user knows


def test_a_copy_is_no_second_job(disk):
    job, folder = disk.job("a1")
    disk.find()
    shutil.copytree(str(folder), str(folder.with_name("copy")))
    found = disk.find(folder.with_name("copy"))
    assert (found.added, found.moved) == ((), ())
    assert "is a copy of /ceph/a/job" in found.troubles[0]
    assert disk.store.get("a1").folder == "/ceph/a/job"


@pytest.mark.parametrize(
    "edit",
    [
        {"uid": "../../etc"},
        {"slurm_id": "7; rm -rf /"},
        {"created": "yesterday"},
        {"state": "flying"},
        {"folder": None},
        {"tasks": [{"title": "t", "output": 3}]},
    ],
)
def test_a_record_that_cannot_be_used_is_named_and_nothing_else(disk, edit):
    job, folder = disk.job("a1")
    disk.job("a2", "b/job")
    values = dict(job_to_dict(job), **edit)
    (folder / RECORD_NAME).write_text(json.dumps({"format": 1, "job": values}))
    with pytest.raises(StoreProblem):
        load_record(folder)
    found = disk.find()
    assert [one.uid for one in found.jobs] == ["a2"]
    assert str(folder) in found.troubles[0]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (None, "was gone"),
        ("{", "changed by hand"),
        ({"slurm_id": "8"}, "changed by hand"),
        ({"state": "lost"}, ""),
        ({"uid": "b2"}, ""),
    ],
)
def test_a_record_is_mended_where_it_speaks_of_this_job_otherwise(disk, edit, told):
    job, folder = disk.job("a1")
    path = folder / RECORD_NAME
    if edit is None:
        path.unlink()
    elif isinstance(edit, str):
        path.write_text(edit)
    else:
        values = dict(job_to_dict(job), **edit)
        path.write_text(json.dumps({"format": 1, "job": values}))
    said = mend_record(job, folder)
    assert told in said
    assert bool(said) == bool(told)
    if told:
        assert load_record(folder) == job
    kept = [p for p in folder.iterdir() if "damaged" in p.name]
    assert len(kept) == (1 if told == "changed by hand" else 0)


def test_a_colleagues_job_follows_its_record_and_is_never_written(disk):
    job, folder = disk.job("a1", user="john")
    disk.find()
    save_record(folder, job.changed(state=JobState.RUNNING))
    before = (folder / RECORD_NAME).read_bytes()
    assert disk.upkeep().look_after(disk.store.jobs()) is None
    assert disk.store.get("a1").state is JobState.RUNNING
    assert disk.store.get("a1").user == "john"
    assert (folder / RECORD_NAME).read_bytes() == before

    folder.rename(folder.with_name("renamed"))
    (moved,) = disk.find().moved
    assert moved.folder == "/ceph/a/renamed"
    assert (folder.with_name("renamed") / RECORD_NAME).read_bytes() == before


def test_a_lost_list_is_made_again_where_there_were_jobs(disk):
    for uid, name in (("a1", "a/job"), ("a2", "a/other"), ("b1", "b/job")):
        disk.store.add(disk.job(uid, name)[0])
    disk.job("d1", "d/job")  # never in the list: not looked for there
    disk.store.path.write_bytes(b"garbled" * 999)
    assert disk.store.jobs() == ()

    upkeep = disk.upkeep()
    assert disk.store.must_be_rebuilt("c")
    upkeep.look_after(())
    assert {job.uid for job in disk.store.jobs()} == {"a1", "a2", "b1"}
    assert "3 jobs" in " ".join(upkeep.told)
    assert not disk.store.must_be_rebuilt("c")


def test_a_list_is_not_called_whole_while_nothing_is_mounted(disk):
    _, folder = disk.job("a1")
    disk.store.add(disk.job("a1")[0])
    disk.store.path.unlink()
    folder.parent.rename(disk.root / "away")
    disk.upkeep().look_after(())
    assert disk.store.must_be_rebuilt("c")
