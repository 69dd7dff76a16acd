"""What the cluster sees of this machine's files, links and all; real links on disk."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

import pytest

from sleap_remote_plugin.errors import NotOnMount
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount, MountMap
from sleap_remote_plugin.session.outside import Wanted, not_on_mount, seen_as
from sleap_remote_plugin.session.places import Places


@pytest.fixture
def disk(tmp_path):
    """A folder that stands for a mount of /ceph."""
    made = tmp_path / "mnt" / "ceph"
    (made / "lab" / "round 2").mkdir(parents=True)
    (made / "lab" / "a.mp4").write_text("video")
    return made


@pytest.fixture
def own(tmp_path):
    """A folder of this machine's own disk."""
    made = tmp_path / "home"
    made.mkdir()
    (made / "b.mp4").write_text("video")
    return made


@pytest.fixture
def mounts(disk):
    return MountMap((Mount(str(disk), "/ceph"),)).preferring([str(disk)])


def there(path, mounts):
    found = seen_as(str(path), mounts)
    return None if found is None else str(found)


def test_a_file_on_the_mount_is_where_its_text_says(disk, mounts):
    assert there(disk / "lab" / "a.mp4", mounts) == "/ceph/lab/a.mp4"
    assert there(disk / "lab" / "not there yet", mounts) == "/ceph/lab/not there yet"


def test_a_link_to_the_mount_is_followed_through_a_chain(disk, own, mounts):
    (own / "first").symlink_to(disk / "lab")
    (own / "second").symlink_to(own / "first")
    assert there(own / "second" / "a.mp4", mounts) == "/ceph/lab/a.mp4"


def test_a_mount_that_is_a_link_itself_holds_what_it_leads_to(disk, own):
    (own / "ceph").symlink_to(disk)
    mounts = MountMap((Mount(str(own / "ceph"), "/ceph"),))
    assert there(own / "ceph" / "lab" / "a.mp4", mounts) == "/ceph/lab/a.mp4"
    assert there(disk / "lab" / "a.mp4", mounts) == "/ceph/lab/a.mp4"


def test_dots_are_followed_as_the_disk_says_not_as_the_text_does(disk, own, mounts):
    (own / "deep").symlink_to(disk / "lab" / "round 2")
    path = os.path.join(str(own), "deep", "..", "a.mp4")
    assert there(path, mounts) == "/ceph/lab/a.mp4"
    assert there(os.path.join(str(disk), "lab", "..", "..", "x"), mounts) is None


def test_a_link_on_the_mount_to_this_machines_own_disk_is_not_seen(disk, own, mounts):
    (disk / "lab" / "b.mp4").symlink_to(own / "b.mp4")
    (disk / "lab" / "mine").symlink_to(own)
    assert there(disk / "lab" / "b.mp4", mounts) is None
    assert there(disk / "lab" / "mine" / "b.mp4", mounts) is None


def test_a_link_on_the_mount_that_goes_up_and_out_is_not_seen(disk, own, mounts):
    up = os.path.join(*[".."] * 3, "home", "b.mp4")
    (disk / "lab" / "b.mp4").symlink_to(up)
    assert (disk / "lab" / "b.mp4").exists()
    assert there(disk / "lab" / "b.mp4", mounts) is None


def test_a_relative_link_within_the_mount_keeps_its_name(disk, mounts):
    (disk / "now").symlink_to("lab")
    assert there(disk / "now" / "a.mp4", mounts) == "/ceph/now/a.mp4"


def test_of_a_whole_path_in_a_link_the_cluster_is_told_the_target(disk, mounts):
    (disk / "now").symlink_to(disk / "lab")
    assert there(disk / "now" / "a.mp4", mounts) == "/ceph/lab/a.mp4"


def test_a_link_that_was_made_on_the_cluster_leads_somewhere_there(disk, mounts):
    (disk / "lab" / "far").symlink_to("/ceph-of-the-cluster/x.mp4")
    assert there(disk / "lab" / "far", mounts) == "/ceph/lab/far"


def test_a_link_to_itself_has_an_end(disk, own, mounts):
    (own / "loop").symlink_to(own / "loop")
    assert there(own / "loop", mounts) is None
    (disk / "loop").symlink_to(disk / "loop")
    assert there(disk / "loop", mounts) in ("/ceph/loop", None)


def test_the_session_says_which_file_and_where_it_would_be_seen(disk, own):
    profile = ClusterProfile(
        "lab",
        "Lab HPC",
        None,
        mounts=(Mount("Z:\\", "/ceph"), Mount(str(disk), "/ceph")),
    )
    places = Places(profile)
    assert places.to_cluster(str(disk / "lab")) == PurePosixPath("/ceph/lab")
    with pytest.raises(NotOnMount) as caught:
        places.to_cluster(str(own / "b.mp4"))
    assert str(own / "b.mp4") in str(caught.value)
    assert "It sees what is below {} (there /ceph).".format(disk) in str(caught.value)
    assert caught.value.paths == (str(own / "b.mp4"),)
    assert caught.value.tried == ((str(disk), "/ceph"), ("Z:\\", "/ceph"))


def test_all_files_are_named_and_a_series_of_images_once():
    mounts = MountMap((Mount("/mnt/ceph", "/ceph"), Mount("/mnt/win", "/winstor")))
    images = tuple("/home/jo/frames/{}.png".format(n) for n in range(300))
    outside = [Wanted("video 1", "/home/jo/a.mp4")]
    outside.append(Wanted("video 2", "/home/jo/frames", images))
    error = not_on_mount(outside, mounts, "Lab HPC")
    assert "video 1: /home/jo/a.mp4" in str(error)
    assert "video 2: 300 files in /home/jo/frames" in str(error)
    assert "/mnt/ceph (there /ceph) or /mnt/win (there /winstor)" in str(error)
    assert "nothing is mounted there now" in str(error)
    assert error.paths == ("/home/jo/a.mp4",) + images


def test_a_long_list_is_cut_in_the_sentence_and_whole_in_the_details():
    outside = [Wanted("video %d" % n, "/home/v%d.mp4" % n) for n in range(1, 31)]
    error = not_on_mount(outside, MountMap(()), "Lab HPC")
    assert "video 8: /home/v8.mp4" in str(error)
    assert "/home/v9.mp4" not in str(error)
    assert "and 22 more" in str(error)
    assert "video 30: /home/v30.mp4" in error.detail
    assert len(error.paths) == 30
    assert "names no disk" in str(error)


@pytest.mark.skipif(os.name == "nt", reason="a link is followed without Windows' words")
def test_why_a_link_is_not_seen_is_told(disk, own, mounts):
    (disk / "b.mp4").symlink_to(own / "b.mp4")
    error = not_on_mount([Wanted("video 1", str(disk / "b.mp4"))], mounts, "Lab HPC")
    assert "a link to {}".format(own / "b.mp4") in str(error)


def test_a_folder_that_windows_cannot_open_is_told_by_name():
    places = Places(
        ClusterProfile("lab", "Lab", None, mounts=(Mount("Z:\\", "/ceph"),))
    )
    with pytest.raises(NotOnMount, match="“a:b” cannot be opened on Windows"):
        places.to_local("/ceph/lab/a:b")


def test_a_folder_over_which_another_disk_is_mounted_is_told():
    mounts = (Mount("/mnt/ceph", "/ceph"), Mount("/mnt/ceph/winstor", "/winstor"))
    places = Places(ClusterProfile("lab", "Lab", None, mounts=mounts))
    with pytest.raises(NotOnMount, match="at /mnt/ceph/winstor/a this computer has"):
        places.to_local("/ceph/winstor/a")
