from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.paths import Mount, MountMap

SPELLINGS = ("Z:\\", "\\\\srv\\ceph", "/Volumes/ceph", "/mnt/ceph")
NAME = st.text(
    st.characters(
        blacklist_characters='/\\\x00<>:"|?*', blacklist_categories=("Cs", "Cc")
    ),
    min_size=1,
    max_size=12,
).filter(lambda n: n.strip(". ") == n and n not in (".", ".."))


@pytest.mark.parametrize(
    "local",
    [
        r"Z:\lab\a b.mp4",
        r"z:\lab\a b.mp4",
        "Z:/lab/a b.mp4",
        r"\\srv\ceph\lab\a b.mp4",
        r"\\SRV\Ceph\lab\a b.mp4",
        "//srv/ceph/lab/a b.mp4",
        "/Volumes/ceph/lab/a b.mp4",
        "/mnt/ceph/lab/a b.mp4",
    ],
)
def test_every_spelling_is_the_same_place_on_the_cluster(local):
    mounts = MountMap(tuple(Mount(s, "/ceph") for s in SPELLINGS))
    assert mounts.to_cluster(local) == PurePosixPath("/ceph/lab/a b.mp4")


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(parts=st.lists(NAME, min_size=1, max_size=5))
def test_local_and_cluster_are_exact_inverses(spelling, parts):
    mounts = MountMap((Mount(spelling, "/ceph"), Mount("/elsewhere", "/winstor")))
    cluster = "/ceph/" + "/".join(parts)
    local = mounts.to_local(cluster)
    assert mounts.to_cluster(local) == PurePosixPath(cluster)
    assert mounts.to_local(str(mounts.to_cluster(local))) == local


@pytest.mark.parametrize(
    "local",
    ["/home/me/x.mp4", "C:\\x.mp4", "/mnt/cephalon/x", "/mnt/ceph/../x", "x", ""],
)
def test_a_path_on_no_mount_has_no_place_on_the_cluster(local):
    mounts = MountMap(tuple(Mount(s, "/ceph") for s in SPELLINGS))
    assert mounts.to_cluster(local) is None


def test_the_longest_mount_wins_both_ways():
    mounts = MountMap((Mount("/mnt", "/all"), Mount("/mnt/deep", "/all/ceph")))
    assert mounts.to_cluster("/mnt/deep/x") == PurePosixPath("/all/ceph/x")
    assert mounts.to_local("/all/ceph/x") == "/mnt/deep/x"
    assert mounts.to_local("/all/y") == "/mnt/y"


def test_what_is_in_use_here_is_preferred():
    mounts = MountMap(tuple(Mount(s, "/ceph") for s in SPELLINGS))
    assert mounts.to_local("/ceph/x") == "Z:\\x"
    assert mounts.preferring(["/mnt/ceph"]).to_local("/ceph/x") == "/mnt/ceph/x"


def test_a_cluster_path_that_climbs_out_has_no_local_place():
    assert MountMap((Mount("/m", "/ceph"),)).to_local("/ceph/../etc/passwd") is None


@given(st.text(max_size=60))
def test_any_text_is_a_path_or_none(text):
    mounts = MountMap(tuple(Mount(s, "/ceph") for s in SPELLINGS))
    mounts.to_cluster(text)
    mounts.to_local(text)
