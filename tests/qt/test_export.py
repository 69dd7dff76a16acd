"""A package on its way to the mount: whole, under a name of its own, or not there."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest

from sleap_remote_plugin.errors import Cancelled, PackageProblem
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.qt import export, leftovers
from sleap_remote_plugin.qt.export import check_place, put_on_mount
from tests.cluster.laptop import broken_package

JOB = "labels.slp.training_job"


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


@pytest.fixture
def source(tmp_path):
    place = tmp_path / "written here"
    broken_package(place, Generation.LEGACY)
    (place / "labels.pkg.slp").write_bytes(os.urandom(3 * 2**20))
    return place


@pytest.fixture
def mount(tmp_path):
    place = tmp_path / "mount"
    place.mkdir()
    return place


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_there_already_is_never_overwritten(source, mount):
    (mount / JOB).mkdir()  # empty, even
    (mount / (JOB + ".2")).write_text("a file")
    package = put_on_mount(source, mount / JOB, go_on)
    assert package.folder.name == JOB + ".3"
    assert list((mount / JOB).iterdir()) == []
    assert (mount / (JOB + ".2")).read_text() == "a file"


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from sleap_remote_plugin.qt import export
source, target, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def report(done, total):
    if step == "half" and done > total // 2 or step == "all" and done == total:
        die()
    return True
if step == "rename":
    os.rename = die
elif step == "named":
    export.load_package = die
export.put_on_mount(source, target, report, die if step == "checked" else None)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", ["half", "all", "checked", "rename", "named"])
def test_a_crash_at_any_step_leaves_all_of_it_or_nothing(source, mount, step):
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(source), str(mount / JOB), step]
    )
    assert ended.returncode == -signal.SIGKILL
    seen = [name for name in names_in(mount) if not name.startswith(".")]
    assert seen == ([JOB] if step == "named" else [])
    if step == "named":
        size = (source / "labels.pkg.slp").stat().st_size
        assert (mount / JOB / "labels.pkg.slp").stat().st_size == size
        return
    (partial,) = mount.iterdir()
    check_place(mount / JOB, 1)
    assert partial.exists()  # it may be another window's, at work
    for path in [partial, *partial.rglob("*")]:
        os.utime(str(path), (0, path.stat().st_mtime - 2 * leftovers.OLD))
    check_place(mount / JOB, 1)
    assert names_in(mount) == []


def test_only_what_is_ours_and_old_is_taken_away(mount):
    kept = [".a.training_job.part", ".notes", "a.0a1b2c.part", ".b.0a1b2c.parts"]
    for name in kept:
        (mount / name).mkdir()
    (mount / ".c.0a1b2c.part").mkdir()
    (mount / ".c.0a1b2c.part" / "new").write_text("")  # just written
    (mount / ".d.0a1b2c.part").symlink_to(mount / ".notes")
    (mount / ".e.0a1b2c.part").mkdir()
    for path in mount.iterdir():
        if not path.is_symlink():
            os.utime(str(path), (0, 0))
    check_place(mount / JOB, 1)
    still = [*kept, ".c.0a1b2c.part", ".d.0a1b2c.part"]
    assert names_in(mount) == sorted(still)


def test_what_a_crash_left_on_this_computer_is_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers.tempfile, "tempdir", str(tmp_path))
    for name in ("old", "new"):
        (tmp_path / (leftovers.LOCAL_PREFIX + name)).mkdir()
    (tmp_path / "others").mkdir()
    for name in (leftovers.LOCAL_PREFIX + "old", "others"):
        os.utime(str(tmp_path / name), (0, 0))
    leftovers.remove_local()
    assert names_in(tmp_path) == ["others", leftovers.LOCAL_PREFIX + "new"]


def test_too_little_space_is_said_before_and_in_numbers(mount):
    with pytest.raises(PackageProblem, match=r"needs about .* GB"):
        check_place(mount / JOB, 10**15)
    assert names_in(mount) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left there, or your share of it is used up"),
        (errno.EDQUOT, "no space left there, or your share of it is used up"),
        (errno.EACCES, "you may not write there"),
        (errno.EROFS, "you may not write there"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_what_a_disk_says_midway_is_a_sentence_and_leaves_nothing(
    source, mount, monkeypatch, number, words
):
    def refuse(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(export.os, "fsync", refuse)
    before = {path: path.read_bytes() for path in source.iterdir() if path.is_file()}
    with pytest.raises(PackageProblem) as caught:
        put_on_mount(source, mount / JOB, go_on)
    text = str(caught.value)
    assert words in text
    assert "Nothing was submitted, and your project is as it was." in text
    assert names_in(mount) == []
    assert all(path.read_bytes() == data for path, data in before.items())


def test_a_folder_that_one_may_not_write_to_is_said_before(mount, monkeypatch):
    def refuse(self, *args, **keywords):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(export.Path, "mkdir", refuse)
    with pytest.raises(PackageProblem, match="you may not write there"):
        check_place(mount / JOB, 1)


def test_a_copy_that_came_out_shorter_is_not_taken_for_the_package(
    source, mount, monkeypatch
):
    cut = (source / "labels.pkg.slp").stat().st_size // 2
    real = export._sync

    def shorten(writer):
        real(writer)
        if writer.name.endswith("labels.pkg.slp"):
            os.truncate(writer.name, cut)

    monkeypatch.setattr(export, "_sync", shorten)
    with pytest.raises(PackageProblem, match="not copied whole"):
        put_on_mount(source, mount / JOB, go_on)
    assert names_in(mount) == []


def test_a_package_that_does_not_open_gets_no_name(source, mount):
    def look(folder):
        assert (folder / "labels.pkg.slp").is_file()
        assert folder.name.startswith(".")
        raise PackageProblem("it cannot be read back")

    with pytest.raises(PackageProblem, match="read back"):
        put_on_mount(source, mount / JOB, go_on, look)
    assert names_in(mount) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("mask", [0o002, 0o022, 0o027])
def test_a_package_is_as_readable_as_any_file_that_the_user_makes(source, mount, mask):
    for path in source.rglob("*"):
        path.chmod(0o700)  # as in a temporary folder
    mount.chmod(0o700)  # shared with nobody; else see tests/unit/test_group.py
    before = os.umask(mask)
    try:
        folder = put_on_mount(source, mount / JOB, go_on).folder
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o777 & ~mask
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o666 & ~mask}


def test_the_working_directory_is_not_touched(source, mount):
    before = os.getcwd()
    put_on_mount(source, mount / JOB, lambda *_: os.getcwd() == before)
    assert os.getcwd() == before
