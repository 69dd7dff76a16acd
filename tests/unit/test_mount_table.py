from __future__ import annotations

import os
from collections import namedtuple
from types import SimpleNamespace

import pytest

from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.session.mount_table import (
    MOST_DISKS,
    MountPoint,
    device_spellings,
    find_mounts,
    holder,
    read_mount_table,
    share_of,
)

ROOT = MountPoint("/", "/dev/sda1", "ext4")
CEPH = MountPoint("/mnt/ceph", "//ceph-gw02.hpc/ceph", "cifs")
LAB = MountPoint("/mnt/my_lab", "nas:/export/lab", "nfs4")
HOME = MountPoint("/mnt/usb", "/dev/sdb1", "ext4")


def a_profile(*mounts):
    return ClusterProfile("lab", "Lab", Address("gw"), mounts=mounts)


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        ("//server/share", "cifs"),
        ("//jane@server/share", "smbfs"),
        ("server:/export", "nfs4"),
        ("server:/export", "nfs"),
        ("auto.ceph", "autofs"),
        ("10.0.0.1,10.0.0.2:/", "ceph"),
        ("jane@gateway:/ceph", "fuse.sshfs"),
        ("/root/inside/ceph", "fuse"),
        (r"\\server\share", "remote"),
        ("server@tcp:/fs", "lustre"),
        ("//server/share", "unheard-of"),
    ],
)
def test_a_network_disk_is_one(device, kind):
    assert MountPoint("/mnt/x", device, kind).is_network


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        ("/dev/sda1", "ext4"),
        ("tmpfs", "tmpfs"),
        ("/dev/sdb1", "fuseblk"),
        ("gvfsd-fuse", "fuse.gvfsd-fuse"),
        ("portal", "fuse.portal"),
        ("overlay", "overlay"),
        ("", ""),
    ],
)
def test_a_disk_of_this_machine_is_none(device, kind):
    assert not MountPoint("/mnt/x", device, kind).is_network


def test_the_project_comes_first_then_what_the_profile_names_then_telling_names():
    profile = a_profile(Mount("/mnt/data", "/data"), Mount("Z:\\", "/ceph"))
    other = MountPoint("/mnt/other", "nas:/x", "nfs")
    table = (ROOT, other, LAB, CEPH, HOME)
    found = find_mounts(profile, table, "/mnt/my_lab/mouse")
    assert [c.local for c in found] == [
        "/mnt/my_lab",
        "/mnt/data",
        "/mnt/ceph",
        "/mnt/other",
    ]
    assert found[0].folder == "/mnt/my_lab/mouse"
    assert found[0].device == "nas:/export/lab"
    assert not found[1].is_mounted
    assert found[2].why == "network"


def test_a_project_on_this_machines_own_disk_is_never_the_whole_disk():
    (found,) = find_mounts(a_profile(), (ROOT, HOME), "/home/jane/mouse")
    assert (found.local, found.folder) == ("/home/jane/mouse", "/home/jane/mouse")


def test_a_disk_that_is_named_and_mounted_is_there_once():
    found = find_mounts(a_profile(Mount("/mnt/ceph/", "/ceph")), (ROOT, CEPH))
    assert len(found) == 1
    assert found[0].device == CEPH.device


def test_only_so_many_disks_are_looked_at():
    table = tuple(MountPoint("/mnt/%d" % n, "nas:/x", "nfs") for n in range(200))
    named = a_profile(Mount("/mnt/named", "/ceph"))
    found = find_mounts(named, table)
    assert len(found) == MOST_DISKS
    assert found[0].local == "/mnt/named"


def test_the_deepest_mount_holds_a_path():
    inner = MountPoint("/mnt/ceph/lab", "nas:/lab", "nfs")
    assert holder("/mnt/ceph/lab/x", (ROOT, inner, CEPH)) is inner
    assert holder("/mnt/cephalopod", (ROOT, inner, CEPH)) is ROOT
    assert holder("Z:\\lab", (ROOT,)) is None
    drive = MountPoint("Z:\\", r"\\gw\ceph", "remote")
    assert holder("z:\\lab\\x", (drive,)) is drive


@pytest.mark.parametrize(
    ("device", "paths"),
    [
        ("//gw/ceph/scratch/lab", ("/ceph/scratch/lab", "/scratch/lab", "/lab")),
        (r"\\gw\ceph\lab", ("/ceph/lab", "/lab")),
        ("nas:/export/lab", ("/export/lab", "/lab")),
        ("//jane@gw/ceph", ("/ceph",)),
        ("/dev/sda1", ()),
        ("tmpfs", ()),
        ("", ()),
        ("//gw", ()),
        ("//gw/../x", ("/x",)),
    ],
)
def test_a_devices_name_suggests_paths(device, paths):
    assert device_spellings(device) == paths


def test_this_systems_own_table_is_read():
    assert any(point.folder for point in read_mount_table())


def test_what_autofs_has_mounted_hides_autofs():
    table = (
        ROOT,
        MountPoint("/proc/sys/fs/binfmt_misc", "systemd-1", "autofs"),
        MountPoint("/mnt/ceph", "auto.ceph", "autofs"),
        MountPoint("/mnt/ceph", "gw:/ceph", "nfs4"),
    )
    (found,) = find_mounts(a_profile(), table)
    assert (found.local, found.device) == ("/mnt/ceph", "gw:/ceph")


@pytest.mark.skipif(os.name == "nt", reason="Windows answers itself")
def test_elsewhere_than_on_windows_no_drive_has_a_share():
    assert share_of("Z:\\") == ""


class StandInMpr:
    """Windows' own function, of which only Windows has a real one."""

    def __init__(self, shares):
        self.shares = shares
        self.asked = []

    def WNetGetConnectionW(self, drive, buffer, size):
        self.asked.append(drive)
        if drive not in self.shares:
            return 2250  # ERROR_NOT_CONNECTED
        buffer.value = self.shares[drive]
        return 0


def test_on_windows_a_network_drive_is_listed_with_its_share(monkeypatch):
    mpr = StandInMpr({"Z:": r"\\srv\ceph ü"})
    monkeypatch.setattr("ctypes.windll", SimpleNamespace(mpr=mpr), raising=False)
    part = namedtuple("part", "device mountpoint fstype opts")
    parts = [
        part("C:\\", "C:\\", "NTFS", "rw,fixed"),
        part("Z:\\", "Z:\\", "NTFS", "rw,remote"),
        part("Y:\\", "Y:\\", "", "rw,remote"),
    ]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: parts)
    local, drive, unknown = read_mount_table()
    assert not local.is_network
    assert (drive.folder, drive.device) == ("Z:\\", r"\\srv\ceph ü")
    assert drive.is_network
    assert unknown.device == ""
    assert unknown.is_network
    assert mpr.asked == ["Z:", "Y:"]
