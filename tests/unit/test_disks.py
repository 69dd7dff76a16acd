"""What is said of each disk; this machine stands for the cluster."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.session import disks
from sleap_remote_plugin.session.mount_table import MountPoint
from sleap_remote_plugin.session.proof import Deadlines, Proof
from sleap_remote_plugin.session.proven import proven
from sleap_remote_plugin.session.settings import Settings
from tests.unit.test_proof import Apart


@pytest.fixture
def ceph(tmp_path):
    """The cluster's disk; this machine calls it ``laptop/here``."""
    made = tmp_path / "ceph"
    made.mkdir()
    return made


@pytest.fixture
def laptop(tmp_path, ceph):
    made = tmp_path / "laptop"
    made.mkdir()
    (made / "here").symlink_to(ceph)
    return made


@pytest.fixture
def look(laptop, ceph, monkeypatch):
    """Look at the disks of a made-up mount table."""

    def call(*named, table=("here",), project="", looks=1):
        points = tuple(MountPoint(str(laptop / n), "nas:/x", "nfs") for n in table)
        monkeypatch.setattr(disks, "read_mount_table", lambda: points)
        mounts = tuple(Mount(str(laptop / n), str(ceph)) for n in named)
        profile = ClusterProfile("lab", "Lab", None, mounts=mounts)
        transport = Apart(str(laptop))
        session = SimpleNamespace(
            profile=profile,
            user="jane",
            transport=transport,
            settings=Settings(laptop.parent / "settings.json"),
        )
        deadlines = Deadlines(10.0, 20.0, 0.3, looks, 0.0)
        return disks.look_at_disks(session, project, deadlines=deadlines)

    return call


def test_the_disk_of_the_profile_is_proven(look, laptop, ceph):
    found = look("here")
    assert found.mounts == (Mount(str(laptop / "here"), str(ceph)),)
    assert [line.verdict for line in found.lines] == ["ok"]
    assert "you may write" in found.lines[0].text
    settings = Settings(laptop.parent / "settings.json")
    assert list(proven(settings, "lab")) == list(found.mounts)
    assert list(ceph.iterdir()) == []


def test_no_disk_at_all_names_those_there_should_be(look, ceph):
    found = look("gone", table=())
    assert found.mounts == ()
    assert str(ceph) in found.lines[0].text
    assert "mount the disk" in found.lines[0].remedy


def test_an_empty_mount_point_is_not_mounted(look, laptop):
    (laptop / "empty").mkdir()
    found = look("empty", table=())
    assert found.lines[0].verdict == "fail"
    assert "Nothing is mounted there" in found.lines[0].text
    assert list((laptop / "empty").iterdir()) == []


def test_beside_a_proven_disk_another_is_a_note_only(look, laptop):
    (laptop / "empty").mkdir()
    found = look("here", "empty")
    assert [line.verdict for line in found.lines] == ["ok", "warn"]


@pytest.mark.parametrize("named", [(), ("here",)])
def test_somebody_elses_disk_gets_no_line(look, laptop, named):
    (laptop / "other").mkdir()
    found = look(*named, table=("other", "here") if named else ("other",))
    assert str(laptop / "other") not in [line.subject for line in found.lines]
    assert list((laptop / "other").iterdir()) == []


def test_a_project_that_is_on_no_disk_of_the_cluster_is_told(look, laptop):
    project = laptop / "desktop"
    project.mkdir()
    found = look("here", project=str(project))
    assert found.mounts
    assert found.lines[1].subject == str(project)
    assert found.lines[1].verdict == "warn"


@pytest.mark.parametrize(
    ("owner", "verdict", "words"),
    [
        ("jane", "ok", "belong to jane there; you may write"),
        ("nobody", "warn", "belong to nobody there, not to jane"),
    ],
)
def test_whom_the_files_belong_to_there_is_told(
    look, monkeypatch, owner, verdict, words
):
    proof = Proof(Mount("/mnt/c", "/ceph"), "jane", owner)
    monkeypatch.setattr(disks, "prove_both_ways", lambda *_args: proof)
    (line,) = look("here").lines
    assert line.verdict == verdict
    assert words in line.text


def test_what_comes_late_is_looked_for_again(look, monkeypatch):
    real, calls = disks.prove_both_ways, []

    def late(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise disks.MountNotProven("not yet")
        return real(*arguments)

    monkeypatch.setattr(disks, "prove_both_ways", late)
    assert look("here", looks=2).mounts
