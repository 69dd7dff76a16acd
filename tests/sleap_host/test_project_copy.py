"""A copy of a project for colleagues: SLEAP shows each label on its own video."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from sleap_remote_plugin.errors import CopyStopped
from sleap_remote_plugin.session import copying
from sleap_remote_plugin.session.sources import find_items
from tests.qt.standins import StandInSession, a_profile

pytestmark = [pytest.mark.sleap, pytest.mark.usefixtures("app_module")]

GREY = {"a": 40, "b": 160}


@pytest.fixture
def mount(tmp_path):
    folder = tmp_path / "ceph"
    (folder / "mice").mkdir(parents=True)
    (folder / "home").mkdir()
    return folder


@pytest.fixture
def session(mount):
    return StandInSession(a_profile(mount), mount)


@pytest.fixture
def own(tmp_path):
    """A project with two videos of one name, and two series of one name."""
    folder = tmp_path / "own"
    for place, grey in GREY.items():
        images = folder / place / "cam"
        images.mkdir(parents=True)
        picture = np.full((64, 96, 3), grey, dtype="uint8")
        code = cv2.VideoWriter_fourcc(*"MJPG")
        writer = cv2.VideoWriter(str(images.parent / "äöü v.avi"), code, 10, (96, 64))
        for number in range(10):
            writer.write(picture)
            cv2.imwrite(str(images / "img{:02d}.png".format(number)), picture)
        writer.release()
    save(folder / "labels.slp", videos_of(folder))
    return folder


def videos_of(folder):
    return [str(folder / place / "äöü v.avi") for place in GREY] + [
        [str(path) for path in sorted((folder / place / "cam").iterdir())]
        for place in GREY
    ]


def save(path, videos):
    try:
        import sleap_io
    except ImportError:
        from sleap import Labels, Video

        made = [
            Video.from_image_filenames(one)
            if isinstance(one, list)
            else Video.from_filename(one)
            for one in videos
        ]
        Labels.save_file(Labels(videos=made), str(path))
        return
    made = [sleap_io.Video.from_filename(one) for one in videos]
    sleap_io.Labels(videos=made).save(str(path), embed=False, verbose=False)


def opened(path):
    """(file name, grey) of each video as SLEAP opens a project; of a series no grey."""
    try:
        from sleap.sleap_io_adaptors import lf_labels_utils
    except ImportError:
        from sleap import Labels

        search = Labels.make_video_callback([str(path.parent)])
        labels = Labels.load_file(str(path), video_search=search)
        files = [
            getattr(one.backend, "filenames", None) or one.backend.filename
            for one in labels.videos
        ]
    else:
        search = lf_labels_utils.make_video_callback([str(path.parent)])
        labels = lf_labels_utils.load_labels_video_search(str(path), search)
        files = [one.filename for one in labels.videos]
    return [
        (file[0], None)
        if isinstance(file, list)
        else (file, 40 * round(float(np.asarray(video[0]).mean()) / 40))
        for file, video in zip(files, labels.videos)
    ]


@pytest.fixture
def copy(session, mount, tmp_path):
    """Copy videos, then their project, as the dialog does."""

    def copy(project, videos):
        sources = [
            one
            for video in videos
            for one in (video if isinstance(video, list) else [video])
        ]
        offer = copying.Offer(str(project), False, find_items(sources), ())
        folder = str(mount / "mice")
        copied = copying.begin(session, offer, folder, lambda _: None).run()
        with tempfile.TemporaryDirectory(dir=str(tmp_path)) as scratch:
            copying.begin_project(
                session, offer, folder, copied, Path(scratch), lambda _: None
            ).run()
        return mount / "mice" / project.name

    return copy


def test_two_videos_of_one_name_stay_two_for_a_colleague(own, mount, copy):
    project = own / "labels.slp"
    before = project.read_bytes()
    copy(project, videos_of(own))
    copied = copy(project, videos_of(own))
    assert project.read_bytes() == before
    assert sorted(path.name for path in (mount / "mice").iterdir()) == [
        "b cam",
        "b äöü v.avi",
        "cam",
        "labels.slp",
        "äöü v.avi",
    ]
    shutil.rmtree(str(own))
    here = str(mount / "mice")
    assert opened(copied) == [
        (here + "/äöü v.avi", 40),
        (here + "/b äöü v.avi", 160),
        ("/ceph/lab/mice/cam/img00.png", None),
        ("/ceph/lab/mice/b cam/img00.png", None),
    ]


def test_a_project_whose_video_another_file_would_be_taken_for_is_not_copied(
    own, mount, copy
):
    there = mount / "mice" / "äöü v.avi"
    there.write_bytes(b"somebody's")
    with pytest.raises(CopyStopped, match="on another video, /ceph/lab/mice/äöü v.avi"):
        copy(own / "labels.slp", [])
    assert list((mount / "mice").iterdir()) == [there]
    names = [
        Path(name).name for name, _ in opened(copy(own / "labels.slp", videos_of(own)))
    ]
    assert names[:2] == ["a äöü v.avi", "b äöü v.avi"]


def test_a_video_that_sleap_found_elsewhere_is_told_by_its_name_where_it_has_one_alone(
    own, mount, copy
):
    (mount / "mice" / "äöü v.avi").write_bytes(b"somebody's")
    first, second = videos_of(own)[:2]
    save(own / "one.slp", [second])
    save(own / "two.slp", [first, second])
    (own / "b").rename(own / "moved")
    shutil.rmtree(str(own / "a"))
    moved = [str(own / "moved" / "äöü v.avi")]
    ((name, grey),) = opened(copy(own / "one.slp", moved))
    assert (Path(name).name, grey) == ("moved äöü v.avi", 160)
    with pytest.raises(CopyStopped, match="which has the same name"):
        copy(own / "two.slp", moved)


@pytest.mark.parametrize("content", [b"", b"labels", None])
def test_a_project_that_says_nothing_of_its_videos_is_not_copied(own, copy, content):
    project = own / "labels.slp"
    if content is None:
        with h5py.File(str(project), "r+") as file:
            del file["videos_json"]
    else:
        project.write_bytes(content)
    with pytest.raises(CopyStopped, match="cannot be read from it"):
        copy(project, [])
