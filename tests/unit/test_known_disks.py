"""What the settings say of the disks; real folders, this machine as the cluster."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.session import known_disks as module
from sleap_remote_plugin.session.known_disks import (
    How,
    corrected,
    keep_disks,
    known_disks,
    prove,
)
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.settings import Settings
from tests.unit.test_proof import Apart


@pytest.fixture
def cluster(tmp_path):
    """The cluster's disks, ceph and winstor."""
    for name in ("ceph", "winstor"):
        (tmp_path / "cluster" / name).mkdir(parents=True)
    return tmp_path / "cluster"


@pytest.fixture
def here(tmp_path, cluster):
    """Where this machine has them: below ``media``, under their own names."""
    made = tmp_path / "media"
    made.mkdir()
    for name in ("ceph", "winstor"):
        (made / name).symlink_to(cluster / name)
    return made


@pytest.fixture
def session(tmp_path, cluster, here, monkeypatch):
    """A session whose profile expects the disks elsewhere."""
    monkeypatch.setattr(module, "read_mount_table", lambda: ())
    expected = tmp_path / "mnt"
    names = ("ceph", "winstor")
    mounts = [Mount(str(expected / name), str(cluster / name)) for name in names]
    return a_session(tmp_path, here, mounts + [Mount("Z:\\", str(cluster / "ceph"))])


def a_session(tmp_path, here, mounts):
    profile = ClusterProfile("lab", "Lab", Address("gw"), mounts=tuple(mounts))
    made = SimpleNamespace(
        profile=profile,
        places=Places(profile),
        settings=Settings(tmp_path / "settings.json"),
        transport=Apart(str(here)),
        user="jane",
    )

    def use_profile(profile):
        made.profile, made.places = profile, Places(profile)

    made.use_profile = use_profile
    return made


def test_disks_that_are_not_here_are_listed_with_where_they_should_be(
    session, cluster, tmp_path
):
    ceph, winstor = known_disks(session)
    assert (ceph.cluster, winstor.cluster) == (
        str(cluster / "ceph"),
        str(cluster / "winstor"),
    )
    assert ceph.how is winstor.how is How.MISSING
    assert str(tmp_path / "mnt" / "ceph") in ceph.words
    assert "Z:\\" not in ceph.words


def test_one_correction_fills_the_siblings(session, cluster, here):
    old = str(cluster / "ceph")
    new = Mount(str(here / "ceph"), old)
    ceph, winstor = corrected(known_disks(session), old, new, session.places.mounts)
    assert (ceph.local, ceph.how) == (str(here / "ceph"), How.SAID)
    assert (winstor.local, winstor.how) == (str(here / "winstor"), How.GUESSED)
    assert "Guessed, since {} is {}".format(new.local, old) in winstor.words
    assert "not proven" in winstor.words


def test_a_sibling_that_is_not_there_is_not_made_up(session, cluster, here):
    (here / "winstor").unlink()
    old = str(cluster / "ceph")
    new = Mount(str(here / "ceph"), old)
    winstor = corrected(known_disks(session), old, new, session.places.mounts)[1]
    assert (winstor.local, winstor.how) == ("", How.MISSING)
    assert str(here / "winstor") in winstor.words


def test_a_sibling_that_was_found_stays_where_it_is(session, cluster, here, tmp_path):
    (tmp_path / "mnt").mkdir()
    (tmp_path / "mnt" / "winstor").symlink_to(cluster / "winstor")
    before = known_disks(session)
    new = Mount(str(here / "ceph"), str(cluster / "ceph"))
    after = corrected(before, new.cluster, new, session.places.mounts)
    assert after[1] == before[1]
    assert after[1].how is How.NAMED


def test_a_cluster_path_can_be_corrected_too(session, cluster, here):
    new = Mount(str(here / "ceph"), str(cluster / "ceph") + "/lab")
    after = corrected(
        known_disks(session), str(cluster / "ceph"), new, session.places.mounts
    )
    assert [disk.cluster for disk in after] == [new.cluster, str(cluster / "winstor")]


def test_a_disk_that_was_added_comes_last(session, cluster, here):
    new = Mount(str(here), "/another")
    after = corrected(known_disks(session), "", new, session.places.mounts)
    assert [disk.cluster for disk in after][-1] == "/another"
    assert len(after) == 3


def test_a_proof_is_remembered(session, cluster, here):
    old = str(cluster / "ceph")
    new = Mount(str(here / "ceph"), old)
    disks = corrected(known_disks(session), old, new, session.places.mounts)
    proven = prove(session, disks[0])
    assert proven.how is How.PROVEN
    assert "each side read what the other wrote" in proven.words
    keep_disks_in(session, [proven, disks[1]])
    assert [disk.how for disk in known_disks(session)] == [How.PROVEN, How.NAMED]
    assert list(cluster.rglob(".remote-proof*")) == []


def test_a_wrong_guess_is_refuted_in_words(session, cluster, here):
    wrong = Mount(str(here / "winstor"), str(cluster / "ceph"))
    disks = corrected(known_disks(session), wrong.cluster, wrong, session.places.mounts)
    refuted = prove(session, disks[0])
    assert refuted.how is How.REFUTED
    assert "was not found on the cluster at {}".format(wrong.cluster) in refuted.words
    assert session.settings.get("mounts.proven.lab", None) is None


def keep_disks_in(session, disks):
    """As `keep_disks`, without a file."""
    session.use_profile(module.with_disks(session.profile, disks))


def test_what_was_said_is_kept_in_the_users_profile(
    session, cluster, here, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "sleap_remote_plugin.jobs.profile_writing.config_folder",
        lambda: tmp_path / "config",
    )
    old = str(cluster / "ceph")
    new = Mount(str(here / "ceph"), old)
    disks = corrected(known_disks(session), old, new, session.places.mounts)
    keep_disks(session, disks)
    written = load_profile(tmp_path / "config" / "clusters" / "lab.yaml")
    assert session.profile == written
    assert str(session.places.to_cluster(str(here / "winstor" / "x"))) == str(
        cluster / "winstor" / "x"
    )
    assert Mount("Z:\\", old) in written.mounts
    assert [disk.local for disk in known_disks(session)] == [
        str(here / "ceph"),
        str(here / "winstor"),
    ]
    before = sorted(p.name for p in (tmp_path / "config" / "clusters").iterdir())
    keep_disks(session, known_disks(session))
    after = sorted(p.name for p in (tmp_path / "config" / "clusters").iterdir())
    assert after == before


def test_damaged_settings_prove_nothing(session):
    for value in ("text", [1, [1], ["a", "b", "c"], None], {"a": "b"}, None):
        session.settings.set("mounts.proven.lab", value)
        assert {disk.how for disk in known_disks(session)} == {How.MISSING}
