"""A package on its way to the mount: whole, under a name of its own, or not there."""

from __future__ import annotations

import threading

import pytest

from sleap_remote_plugin.errors import Cancelled, PackageProblem
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.qt.export import put_on_mount
from tests.cluster.laptop import broken_package


def go_on(done, total):
    return True


def test_two_windows_at_the_same_moment_make_two_packages(tmp_path):
    sources = [tmp_path / "one", tmp_path / "other"]
    for source in sources:
        broken_package(source, Generation.LEGACY)
        (source / "labels.pkg.slp").write_bytes(source.name.encode() * 100000)
    target = tmp_path / "mount" / "labels.slp.training_job"
    target.parent.mkdir()
    start = threading.Barrier(2)
    made = []

    def export(source):
        start.wait()
        made.append(put_on_mount(source, target, go_on))

    threads = [threading.Thread(target=export, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    names = sorted(package.folder.name for package in made)
    assert names == [target.name, target.name + ".2"]
    assert sorted(path.name for path in target.parent.iterdir()) == names
    found = {(package.folder / "labels.pkg.slp").read_bytes() for package in made}
    assert found == {b"one" * 100000, b"other" * 100000}


@pytest.mark.parametrize("ends", ["cancelled", "no mount"])
def test_a_package_that_is_not_whole_leaves_nothing(tmp_path, ends):
    broken_package(tmp_path / "one", Generation.LEGACY)
    mount = tmp_path / "mount"
    if ends == "cancelled":
        mount.mkdir()
        with pytest.raises(Cancelled):
            put_on_mount(tmp_path / "one", mount / "job", lambda *_: False)
        assert list(mount.iterdir()) == []
    else:
        with pytest.raises(PackageProblem, match="Nothing was submitted"):
            put_on_mount(tmp_path / "one", mount / "job", go_on)


def test_a_disk_that_is_unmounted_between_two_files_is_not_made_anew(tmp_path):
    source = tmp_path / "one"
    broken_package(source, Generation.LEGACY)
    (source / "deeper").mkdir()
    (source / "deeper" / "a.txt").write_text("a")
    mount = tmp_path / "mount"
    (mount / "mice").mkdir(parents=True)

    def unmount(done, total):
        if mount.is_dir():
            mount.rename(tmp_path / "the disk")
            mount.mkdir()  # the mount point is an empty folder then
        return True

    with pytest.raises(PackageProblem, match="Nothing was submitted"):
        put_on_mount(source, mount / "mice" / "job", unmount)
    assert list(mount.iterdir()) == []
