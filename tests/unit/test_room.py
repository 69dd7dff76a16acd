"""What the cluster says of a folder's room, and what is made of it."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import NoRoom
from sleap_remote_plugin.session.digests import read_digests
from sleap_remote_plugin.session.room import Room, check_room, in_words, read_room

DF = "=df ceph-fuse 1000000 400000 600000 40% /ceph/lab\n=writable\n"
KB = 1024


@pytest.mark.parametrize(
    ("said", "room"),
    [
        (DF, Room(600000 * KB, "the disk's room")),
        (DF.replace("=writable\n", ""), Room(600000 * KB, "the disk's room", False)),
        (
            "=df a disk 10 5 5 50% /mnt/a disk\n=writable\n",
            Room(5 * KB, "the disk's room"),
        ),
        (
            DF + "=quota ceph-fuse 90000* 80000 100000 6days 12 0 0\n",
            Room(10000 * KB, "your quota"),
        ),
        (
            DF + "=quota      ceph-fuse  90000  95000      0         12  0  0\n",
            Room(5000 * KB, "your quota"),
        ),
        (
            DF + "=quota nfs:/home 90 100 100 12 0 0\n",
            Room(600000 * KB, "the disk's room"),
        ),
        (DF + "=ceph 5000 4000\n", Room(1000, "the folder's quota")),
        (DF + "=ceph 5000 9000\n", Room(0, "the folder's quota")),
        ("Welcome!\n=ceph lots of\n=writable\n", Room(None)),
        ("", Room(None, "", False)),
    ],
)
def test_the_tightest_limit_counts(said, room):
    assert read_room(said) == room


def test_what_does_not_fit_is_said_in_words():
    with pytest.raises(
        NoRoom, match=r"2 GB are.*/ceph/lab, and only 1.5 GB fit \(your"
    ):
        check_room(Room(1500 * 10**6, "your quota"), 2 * 10**9, "/ceph/lab")
    check_room(Room(2 * 10**9), 2 * 10**9, "/ceph/lab")
    check_room(Room(None), 2 * 10**9, "/ceph/lab")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (51.2e9, "51.2 GB"), (3e12, "3 TB")],
)
def test_sizes_in_words(count, text):
    assert in_words(count) == text


def test_names_of_digests_are_read_as_they_are():
    one, other = "a" * 64, "b" * 64
    text = "{0}  ./a b.png\n\\{1}  ./line\\nbreak\\\\n.png\nnoise\n".format(one, other)
    assert read_digests(text) == {"a b.png": one, "line\nbreak\\n.png": other}
