"""A project that is not on the mount: what the cluster has in its place."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from sleap_remote_plugin.errors import NotOnMount
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.session.copies import Copies, Copy
from sleap_remote_plugin.session.places import Places
from tests.qt.standins import a_profile


@pytest.fixture
def mount(tmp_path):
    folder = tmp_path / "mount"
    (folder / "mice").mkdir(parents=True)
    return folder


@pytest.fixture
def copies(tmp_path):
    return Copies(tmp_path / "copies.json", "practice")


@pytest.fixture
def places(mount, copies):
    profile = a_profile(mounts=(Mount(str(mount), "/ceph/lab"),))
    return Places(profile, copies)


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "laptop" / "labels.v001.slp"
    path.parent.mkdir()
    path.write_bytes(b"labels")
    return str(path)


def remember(copies, path, copied, **values):
    status = path.stat()
    copies.add(
        Copy(
            "practice",
            str(path),
            copied,
            status.st_size,
            status.st_mtime_ns,
            "0" * 64,
            **values,
        )
    )


def test_a_project_without_a_home_is_not_on_the_mount(places, project):
    with pytest.raises(NotOnMount):
        places.free_folder(project, JobKind.TRAIN)


def test_jobs_of_a_project_go_to_the_home_that_was_chosen(
    places, copies, project, mount
):
    copies.keep_home(project, "/ceph/lab/mice")
    folder = places.free_folder(project, JobKind.TRAIN)
    assert folder == mount / "mice" / "labels.v001.slp.training_job"
    assert places.to_cluster(str(folder.parent)) == PurePosixPath("/ceph/lab/mice")
    folder.mkdir()
    again = places.free_folder(project, JobKind.TRAIN)
    assert again.name == "labels.v001.slp.training_job.2"


def test_a_project_that_came_to_the_mount_needs_its_home_no_more(places, copies, mount):
    project = mount / "labels.v001.slp"
    copies.keep_home(str(project), "/ceph/lab/mice")
    folder = places.free_folder(str(project), JobKind.TRAIN)
    assert folder.parent == mount


def test_other_files_of_that_folder_are_still_not_on_the_mount(places, copies, project):
    copies.keep_home(project, "/ceph/lab/mice")
    other = Path(project).with_name("other.slp")
    with pytest.raises(NotOnMount):
        places.to_cluster(str(other))


def test_a_video_with_a_copy_is_seen_as_that(places, copies, tmp_path):
    video = tmp_path / "mouse.mp4"
    video.write_bytes(b"video")
    with pytest.raises(NotOnMount):
        places.to_cluster(str(video))
    remember(copies, video, "/ceph/lab/mice/mouse.mp4")
    assert str(places.to_cluster(str(video))) == "/ceph/lab/mice/mouse.mp4"
    video.write_bytes(b"recorded anew")
    with pytest.raises(NotOnMount):
        places.to_cluster(str(video))


def test_a_folder_in_which_something_changed_has_no_copy(places, copies, tmp_path):
    run = tmp_path / "centroid"
    run.mkdir()
    weights = run / "best.ckpt"
    weights.write_bytes(b"weights")
    remember(copies, weights, "/ceph/lab/x")
    newest = weights.stat().st_mtime_ns
    copies.add(
        Copy("practice", str(run), "/ceph/lab/centroid", 7, newest, "0" * 64, True)
    )
    assert str(places.to_cluster(str(run))) == "/ceph/lab/centroid"
    (run / "new.txt").write_text("trained on")
    os.utime(str(run / "new.txt"), ns=(newest + 10, newest + 10))
    with pytest.raises(NotOnMount):
        places.to_cluster(str(run))


def test_two_windows_do_not_forget_each_others_copies(copies, tmp_path):
    for name in ("one.mp4", "two.mp4"):
        (tmp_path / name).write_bytes(b"video")
        window = Copies(copies.path, "practice")
        remember(window, tmp_path / name, "/ceph/lab/" + name)
    assert len(copies.all()) == 2
