"""What the system's own table says of a disk's other spellings, and what is guessed."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.paths import Mount, MountMap
from sleap_remote_plugin.session.mount_table import MountPoint, read_mountinfo
from sleap_remote_plugin.session.same_disk import with_other_spellings
from sleap_remote_plugin.session.siblings import guess

ROOT = MountPoint("/", "/dev/sda1", "ext4", "8:1", "/")


def nfs(folder, device):
    """As Linux tells every export of one of the server's file systems."""
    return MountPoint(folder, device, "nfs4", "0:51", "/")


def known(*mounts, in_use=0):
    return MountMap(tuple(Mount(*one) for one in mounts), in_use)


@pytest.mark.parametrize(
    ("named", "table", "path", "cluster"),
    [
        # a mapped drive is the share that the profile names
        (
            (r"\\srv\ceph", "/ceph"),
            [MountPoint("Y:\\", r"\\SRV\ceph", "remote")],
            r"y:\lab\a",
            "/ceph/lab/a",
        ),
        # and a share is the drive that it names
        (
            ("Z:\\", "/ceph"),
            [MountPoint("Z:\\", r"\\srv\ceph", "remote")],
            r"\\srv\ceph\lab\a",
            "/ceph/lab/a",
        ),
        # two drives on one share
        (
            ("Z:\\", "/ceph"),
            [
                MountPoint("Z:\\", r"\\srv\ceph", "remote"),
                MountPoint("Q:\\", r"\\srv\ceph", "remote"),
            ],
            r"Q:\a",
            "/ceph/a",
        ),
        # a folder of a drive
        (
            ("Z:\\lab", "/ceph/lab"),
            [MountPoint("Z:\\", r"\\srv\ceph", "remote")],
            r"\\srv\ceph\lab\a",
            "/ceph/lab/a",
        ),
        # the share mounted by Linux or macOS elsewhere
        (
            (r"\\srv\ceph", "/ceph"),
            [ROOT, MountPoint("/home/jo/disk", "//jo@srv/ceph", "cifs")],
            "/home/jo/disk/a",
            "/ceph/a",
        ),
        (
            (r"\\srv\ceph", "/ceph"),
            [ROOT, MountPoint("/Volumes/ceph-1", "//jo@srv/ceph/lab", "smbfs")],
            "/Volumes/ceph-1/a",
            "/ceph/lab/a",
        ),
        # one export mounted twice
        (
            ("/mnt/ceph", "/ceph"),
            [
                ROOT,
                MountPoint("/mnt/ceph", "gw:/export", "nfs4"),
                MountPoint("/media/c", "gw:/export", "nfs4"),
            ],
            "/media/c/a",
            "/ceph/a",
        ),
        # a folder of it, and all of it: Linux tells one disk and "/" of both
        (
            ("/mnt/ceph", "/ceph"),
            [ROOT, nfs("/mnt/ceph", "gw:/export"), nfs("/srv/lab", "GW:/export/lab")],
            "/srv/lab/a",
            "/ceph/lab/a",
        ),
        (
            ("/srv/lab", "/ceph/lab"),
            [ROOT, nfs("/mnt/ceph", "gw:/"), nfs("/srv/lab", "gw:/export/lab/")],
            "/mnt/ceph/export/lab/a",
            "/ceph/lab/a",
        ),
        (
            ("/nfs/jo/data", "/ceph/jo/data"),
            [ROOT, nfs("/nfs/jo", "gw:/homes/jo"), nfs("/d", "gw:/homes/jo/data/x")],
            "/d/a",
            "/ceph/jo/data/x/a",
        ),
        # a bind mount of a folder of a disk
        (
            ("/mnt/ceph", "/ceph"),
            [
                ROOT,
                MountPoint("/mnt/ceph", "mon:6789:/", "ceph", "0:50", "/"),
                MountPoint("/srv/lab", "mon:6789:/", "ceph", "0:50", "/lab"),
            ],
            "/srv/lab/a",
            "/ceph/lab/a",
        ),
        (
            ("/srv/lab", "/ceph/lab"),
            [
                ROOT,
                MountPoint("/mnt/ceph", "mon:6789:/", "ceph", "0:50", "/"),
                MountPoint("/srv/lab", "mon:6789:/", "ceph", "0:50", "/lab"),
            ],
            "/mnt/ceph/lab/a",
            "/ceph/lab/a",
        ),
        # a folder of a share mounted twice: Linux tells that folder of both
        (
            ("/mnt/lab", "/ceph/lab"),
            [
                ROOT,
                MountPoint("/mnt/lab", "//srv/ceph/lab", "cifs", "0:50", "/lab"),
                MountPoint("/media/l", "//srv/ceph/lab", "cifs", "0:51", "/lab"),
            ],
            "/media/l/a",
            "/ceph/lab/a",
        ),
        # sshfs and a disk of this machine's own, bound
        (
            ("/data/ceph", "/ceph"),
            [ROOT, MountPoint("/mnt/same", "/dev/sda1", "ext4", "8:1", "/data/ceph")],
            "/mnt/same/a",
            "/ceph/a",
        ),
        (
            ("/home/jo/ceph", "/ceph"),
            [
                ROOT,
                MountPoint("/home/jo/ceph", "jo@gw:/ceph", "fuse.sshfs"),
                MountPoint("/media/ceph", "jo@gw:/ceph", "fuse.sshfs"),
            ],
            "/media/ceph/a",
            "/ceph/a",
        ),
    ],
)
def test_what_the_system_says_is_one_disk_is_one(named, table, path, cluster):
    before = known(named)
    assert before.to_cluster(path) is None
    found = with_other_spellings(before, table)
    assert str(found.to_cluster(path)) == cluster
    assert found.mounts[-1] == before.mounts[0]


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ([MountPoint("Y:\\", r"\\other\ceph", "remote")], "Y:\\a"),
        ([MountPoint("Y:\\", r"\\srv\cephalon", "remote")], "Y:\\a"),
        ([MountPoint("Y:\\", "", "remote")], "Y:\\a"),
        ([MountPoint("/mnt/usb", "/dev/sdb1", "ext4", "8:17", "/")], "/mnt/usb/a"),
        ([MountPoint("/mnt/x", "tmpfs", "tmpfs"), MountPoint("/t", "tmpfs")], "/t/a"),
    ],
)
def test_another_disk_stays_another(table, path):
    found = with_other_spellings(
        known((r"\\srv\ceph", "/ceph"), ("/mnt/x", "/x")), table
    )
    assert found.to_cluster(path) is None


@pytest.mark.parametrize(
    ("named", "table", "path"),
    [
        (
            ("/nfs/lab1", "/ceph/labs/lab1"),
            [nfs("/nfs/lab1", "gw:/x/labs/lab1"), nfs("/nfs/lab2", "gw:/x/labs/lab2")],
            "/nfs/lab2/rat/a",
        ),
        (
            ("/mnt/ceph", "/ceph"),
            [nfs("/mnt/ceph", "gw:/export/ceph"), nfs("/home", "gw:/export/home")],
            "/home/jo/a",
        ),
        (
            ("/mnt/lab", "/ceph/lab"),
            [nfs("/mnt/lab", "gw:/x/lab"), nfs("/mnt/Lab", "gw:/x/Lab")],
            "/mnt/Lab/a",
        ),
        (
            ("/mnt/ceph", "/ceph"),
            [nfs("/mnt/ceph", "gw:/x"), nfs("/mnt/two", "gw2:/x")],
            "/mnt/two/a",
        ),
        # of the other mount another disk hides the very folder
        (
            ("/srv/lab", "/ceph/lab"),
            [
                nfs("/srv/lab", "gw:/x/lab"),
                nfs("/mnt/x", "gw:/x"),
                MountPoint("/mnt/x/lab", "/dev/sdb1", "ext4", "8:17", "/"),
            ],
            "/mnt/x/lab/a",
        ),
    ],
)
def test_another_export_of_one_server_stays_another(named, table, path):
    found = with_other_spellings(known(named), [ROOT] + table)
    assert found.to_cluster(path) is None


def test_what_is_said_of_a_folder_counts_more_than_what_the_table_makes_of_it():
    mounts = known((r"\\srv\ceph", "/ceph"), ("Y:\\", "/ceph/lab"))
    table = [MountPoint("Y:\\", r"\\srv\ceph", "remote")]
    assert str(with_other_spellings(mounts, table).to_cluster("Y:\\a")) == "/ceph/lab/a"


def test_what_is_in_use_stays_preferred_and_what_the_table_adds_is_in_use():
    table = [
        MountPoint("/mnt/ceph", "gw:/export", "nfs4"),
        MountPoint("/media/c", "gw:/export", "nfs4"),
    ]
    mounts = known(("Z:\\", "/ceph"), ("/mnt/ceph", "/ceph")).preferring(["/mnt/ceph"])
    found = with_other_spellings(mounts, table)
    assert [m.local for m in found.mounts] == ["/mnt/ceph", "/media/c", "Z:\\"]
    assert found.to_local("/ceph/x") == "/mnt/ceph/x"
    none_there = with_other_spellings(known((r"\\srv\ceph", "/ceph")), [])
    assert none_there.in_use == 0


def test_a_long_table_adds_only_so_much():
    table = [MountPoint("/m/%d" % n, "gw:/export", "nfs4") for n in range(300)]
    found = with_other_spellings(known(("/m/7", "/ceph")), table)
    assert len(found.mounts) < 40


def test_linux_tells_disk_and_folder_of_each_mount(tmp_path):
    path = tmp_path / "mountinfo"
    path.write_bytes(
        b"29 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        b"36 29 0:50 /my\\040lab /srv/a\\040b rw shared:1 - nfs4 gw:/x rw\n"
        b"nonsense\n"
        b"37 29 0:51 /\xff /srv/\xff rw - nfs4 gw:/x rw\n"
    )
    found = read_mountinfo(path)
    assert found["/"] == ("8:1", "/")
    assert found["/srv/a b"] == ("0:50", "/my lab")
    assert found["/srv/\udcff"] == ("0:51", "/\udcff")
    assert read_mountinfo(tmp_path / "none") == {}


# -- guesses ---------------------------------------------------------------------------

DRIVES = (
    MountPoint("Y:\\", r"\\srv\ceph", "remote"),
    MountPoint("V:\\", r"\\srv\winstor", "remote"),
)
EXPORTS = (
    MountPoint("/mnt/a", "gw:/exports/ceph", "nfs4"),
    MountPoint("/mnt/b", "gw:/exports/winstor", "nfs4"),
)


@pytest.mark.parametrize(
    ("local", "cluster", "other", "table", "before", "first"),
    [
        ("/media/x/ceph", "/ceph", "/winstor", (), (), "/media/x/winstor"),
        ("/Volumes/ceph", "/ceph", "/winstor", (), (), "/Volumes/winstor"),
        ("/media/x/ceph", "/ceph", "/ceph/winstor", (), (), "/media/x/ceph/winstor"),
        ("Y:\\", "/ceph", "/ceph/winstor", (), (), "Y:\\winstor"),
        (r"\\srv\ceph", "/ceph", "/winstor", (), (), r"\\srv\winstor"),
        ("D:\\net\\ceph", "/ceph", "/winstor", (), (), "D:\\net\\winstor"),
        ("/x/lab", "/ceph/s/lab", "/ceph/s/other", (), (), "/x/other"),
        ("Y:\\", "/ceph", "/winstor", DRIVES, (), "V:\\"),
        ("/mnt/a", "/ceph", "/winstor", EXPORTS, (), "/mnt/b"),
        ("Y:\\", "/ceph", "/w", (), (("Z:\\", "Z:\\w"),), "Y:\\w"),
        ("/net/ceph", "/c", "/w", (), (("/mnt/ceph", "/mnt/w"),), "/net/w"),
    ],
)
def test_one_known_disk_says_where_another_may_be(
    local, cluster, other, table, before, first
):
    assert guess(Mount(local, cluster), other, table, before)[0] == first


@pytest.mark.parametrize(
    ("local", "cluster", "other"),
    [
        ("Y:\\", "/ceph", "/winstor"),
        ("/mnt/my disk", "/ceph", "/winstor"),
        ("/mnt/ceph", "/ceph", "/ceph"),
        ("nonsense", "/ceph", "/winstor"),
        (r"\\srv\data", "/ceph", "/winstor"),
    ],
)
def test_where_nothing_says_it_nothing_is_guessed(local, cluster, other):
    assert guess(Mount(local, cluster), other) == ()
