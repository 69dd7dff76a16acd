"""The proof of a disk against a real shell, with this machine as the cluster.

The cluster's own disk, its permissions and its faults are in tests/cluster.
"""

from __future__ import annotations

import os
import string
import threading
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.session.mount import all_within
from sleap_remote_plugin.session.mount_table import Candidate
from sleap_remote_plugin.session.proof import (
    Deadlines,
    Nonce,
    guesses_for,
    prove_both_ways,
    remove_nonce,
    spellings,
    write_nonce,
)
from sleap_remote_plugin.ssh.local import LocalTransport

QUICK = Deadlines(local=10.0, search=20.0, arrival=0.3)


class Apart(LocalTransport):
    """A cluster that does not know what the disk is called here."""

    def __init__(self, local):
        super().__init__()
        self.local, self.away = Path(local), Path(local + ".away")

    def run(self, argv, **options):
        self.local.rename(self.away)
        try:
            return super().run(argv, **options)
        finally:
            self.away.rename(self.local)


def prove(candidate, mounts=(), transport=None):
    nonce = write_nonce(candidate, "jane")
    transport = transport or Apart(candidate.local)
    try:
        return prove_both_ways(nonce, candidate, mounts, transport, QUICK)
    finally:
        remove_nonce(nonce)


@pytest.fixture
def cluster(tmp_path):
    """A folder that stands for the cluster's disk: what its nodes call /ceph."""
    place = tmp_path / "ceph"
    place.mkdir()
    return place


def here(tmp_path, target, name="here"):
    """The same disk under another name, as a mount has."""
    place = tmp_path / name
    place.symlink_to(target)
    return place


@pytest.mark.parametrize("below", ["", "lab", "scratch/my lab"])
def test_a_disk_is_found_by_its_nonce_up_to_two_folders_deep(tmp_path, cluster, below):
    there = cluster / below
    there.mkdir(parents=True, exist_ok=True)
    local = here(tmp_path, there)
    proof = prove(Candidate(str(local)), [Mount("/nowhere", str(cluster))])
    assert proof.mount == Mount(str(local), str(there))
    assert proof.user == proof.owner != ""
    assert list(cluster.rglob(".remote-proof-*")) == []


def test_the_users_own_folder_is_written_to_and_the_whole_disk_proven(
    tmp_path, cluster
):
    (cluster / "lab" / "jane").mkdir(parents=True)
    (cluster / "lab" / "other").mkdir()
    local = here(tmp_path, cluster)
    nonce = write_nonce(Candidate(str(local)), "jane")
    remove_nonce(nonce)
    assert nonce.folder == local / "lab" / "jane"
    proof = prove(Candidate(str(local)), [Mount("/nowhere", str(cluster))])
    assert proof.mount == Mount(str(local), str(cluster))


def test_what_the_user_says_is_believed_only_when_it_is_true(tmp_path, cluster):
    local, elsewhere = here(tmp_path, cluster), tmp_path / "elsewhere"
    elsewhere.mkdir()
    right = Candidate(str(local), cluster=str(cluster))
    assert prove(right).mount == Mount(str(local), str(cluster))
    wrong = Candidate(str(local), cluster=str(elsewhere))
    with pytest.raises(MountNotProven, match="not found on the cluster at"):
        prove(wrong, [Mount("/nowhere", str(cluster))])


def test_a_disk_of_somebody_elses_is_not_found(tmp_path, cluster):
    own = tmp_path / "own"
    own.mkdir()
    candidate = Candidate(str(own), cluster=str(cluster))
    with pytest.raises(MountNotProven, match="was not found on the cluster"):
        prove(candidate)
    assert list(own.iterdir()) == []


class Copying(LocalTransport):
    """A cluster with a copy of the disk: it reads ours, we don't read its."""

    def __init__(self, ours, copy):
        super().__init__()
        self.ours, self.copy = ours, copy

    def run(self, argv, **options):
        for path in self.ours.iterdir():
            (self.copy / path.name).write_bytes(path.read_bytes())
        return super().run(argv, **options)


def test_a_disk_that_is_seen_one_way_only_is_not_proven(tmp_path, cluster):
    own = tmp_path / "own"
    own.mkdir()
    candidate = Candidate(str(own), cluster=str(cluster))
    with pytest.raises(MountNotProven, match="could not be read here"):
        prove(candidate, transport=Copying(own, cluster))
    assert not any(path.name.endswith(".back") for path in cluster.iterdir())


class Stale(Copying):
    """A cluster on whose disk a file of that name says something else."""

    def run(self, argv, **options):
        for path in self.ours.iterdir():
            (self.copy / path.name).write_text("something else\n")
        return LocalTransport.run(self, argv, **options)


def test_a_file_that_says_something_else_proves_nothing(tmp_path, cluster):
    own = tmp_path / "own"
    own.mkdir()
    candidate = Candidate(str(own), cluster=str(cluster))
    with pytest.raises(MountNotProven, match="was not found"):
        prove(candidate, transport=Stale(own, cluster))


def test_many_folders_of_others_do_not_hide_one_that_can_be_written(tmp_path):
    for number in range(70):
        (tmp_path / "lab{}".format(number)).mkdir()
    nonce = write_nonce(Candidate(str(tmp_path)), "jane")
    remove_nonce(nonce)
    assert nonce.folder.is_dir()


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(MountNotProven, match="There is no folder"):
        write_nonce(Candidate(str(tmp_path / "none")), "jane")


def test_disks_that_hang_cost_one_deadline_together():
    never, begun = threading.Event(), threading.Semaphore(0)

    def hang():
        begun.release()
        never.wait(60)

    found = all_within(0.5, [lambda: "fine", hang, hang])
    never.set()
    assert found[0] == "fine"
    assert [type(one) for one in found[1:]] == [MountNotProven] * 2
    assert begun.acquire(timeout=10)
    assert begun.acquire(timeout=10)


NAMES = st.text(
    st.sampled_from(string.ascii_letters + " '\"$`();&|*?[]{}~#!\\-<>=%é小"),
    min_size=1,
    max_size=20,
).filter(lambda name: name.strip() and name not in (".", ".."))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=NAMES)
def test_no_name_of_a_folder_is_executed_or_expanded(tmp_path, name):
    place = tmp_path / "hostile"
    there = place / "ceph" / name / "jane"
    there.mkdir(parents=True)
    local = place / "here"
    local.symlink_to(place / "ceph")
    try:
        candidate = Candidate(str(local), folder=str(local / name / "jane"))
        proof = prove(candidate, [Mount("/nowhere", str(place / "ceph"))])
        assert proof.mount == Mount(str(local), str(place / "ceph"))
    finally:
        local.unlink()
        there.rmdir()
        there.parent.rmdir()
        assert list((place / "ceph").iterdir()) == []
        (place / "ceph").rmdir()
        place.rmdir()


@pytest.mark.parametrize(
    ("local", "folder", "place", "mount"),
    [
        ("/mnt/c", "/mnt/c", "/ceph", ("/mnt/c", "/ceph")),
        ("/mnt/c", "/mnt/c/lab/jane", "/ceph/lab/jane", ("/mnt/c", "/ceph")),
        ("/mnt/l", "/mnt/l/jane", "/ceph/s/lab/jane", ("/mnt/l", "/ceph/s/lab")),
        ("/mnt/l", "/mnt/l/jane", "/jane", ("/mnt/l/jane", "/jane")),
        ("/mnt/l", "/mnt/l/a/b", "/ceph/x/b", ("/mnt/l/a", "/ceph/x")),
        ("/ceph", "/ceph/lab", "/ceph/lab", ("/ceph", "/ceph")),
    ],
)
def test_one_folders_two_spellings_are_the_disks(local, folder, place, mount):
    found = spellings(Candidate(local), Path(folder), PurePosixPath(place))
    assert found == Mount(*mount)


def test_a_devices_name_and_the_profile_are_guessed_first():
    candidate = Candidate("/mnt/my_lab", "//gw/ceph/scratch/lab")
    mounts = [Mount("/mnt", "/all")]
    guesses = guesses_for(candidate, Path("/mnt/my_lab/jane"), "/jane", mounts)
    assert guesses[0] == "/all/my_lab/jane"
    assert "/ceph/scratch/lab/jane" in guesses
    assert "/all/lab/jane" in guesses
    assert guesses[-1] == "/mnt/my_lab/jane"


def test_a_nonce_that_went_with_its_disk_is_no_error(tmp_path):
    remove_nonce(Nonce(tmp_path / "gone", "x", "y"))
    assert os.listdir(str(tmp_path)) == []
