"""Predictions of videos inside packages and of series of images: there, or nowhere."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import cv2
import h5py
import numpy as np
import pytest
from predictions import described, write_predictions

from sleap_remote_plugin.errors import OtherProject, ResultsMissing
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session import plan
from sleap_remote_plugin.session.collect import collect
from sleap_remote_plugin.session.resubmit import request_of
from sleap_remote_plugin.sleap_host import headless, match
from sleap_remote_plugin.sleap_host.attach import host_of
from sleap_remote_plugin.sleap_host.file_videos import FileVideo
from tests.sleap_window import add_video

pytestmark = pytest.mark.sleap

NODES = ("head", "thorax", "tail")
FOLDER = "/ceph/lab/job"


# -- by what is told of it ------------------------------------------------------------


def video(*files, dataset="", is_inside=False):
    return FileVideo(files, dataset, is_inside)


def inside(package, number=0):
    return video(package, dataset="video%d/video" % number, is_inside=True)


def series(folder, *numbers):
    return video(*("{}/img{}.png".format(folder, n) for n in numbers))


def place_of(theirs, wanted, project):
    tables = type("Tables", (), {})()
    tables.path, tables.videos, tables.video = PurePosixPath("p.slp"), (theirs,), []
    (place,) = match.match_videos(tables, [wanted], project, there)
    return place


def there(files):
    """The cluster's /ceph is /mnt here."""
    found = tuple(name.replace("/mnt/", "/ceph/") for name in files)
    return found if all(name.startswith("/ceph/") for name in found) else ()


A = video("/ceph/A.pkg.slp", dataset="video0/video")
SOURCE = video("/home/jo/arena.avi")  # what SLEAP 1.3 tells: of what the package is
PLAIN = video("/mnt/arena.avi")
FULL, HALF = series("/mnt/im", 0, 1, 2, 3), series("/mnt/im", 0, 2)
FULL_THERE = series("/ceph/im", 0, 1, 2, 3)
OLD = match.Wanted("", 1)
GIVEN = match.Wanted("", 1, given=A)
NEW = match.Wanted("", 1, "/mnt/A.pkg.slp", "video0/video")
FIRST = match.Wanted("/mnt/im/img0.png", 1)
MOVED = match.Wanted("Z:\\im\\img0.png", 1)
TWICE = "more than once"
NOT_THERE = "does not have"


@pytest.mark.parametrize(
    ("theirs", "wanted", "project", "found"),
    [
        # The package is where it was, or elsewhere in the list.
        (A, OLD, [PLAIN, inside("/mnt/A.pkg.slp"), inside("/mnt/B.pkg.slp")], 1),
        (A, OLD, [inside("/mnt/A.pkg.slp"), PLAIN], 0),
        (SOURCE, GIVEN, [inside("/mnt/B.pkg.slp"), inside("/mnt/A.pkg.slp")], 1),
        (SOURCE, GIVEN, [inside("/mnt/A.pkg.slp"), inside("/mnt/B.pkg.slp")], 0),
        (SOURCE, NEW, [inside("/mnt/A.pkg.slp"), inside("/mnt/B.pkg.slp")], 0),
        # Another one is in its place.
        (A, OLD, [PLAIN, inside("/mnt/B.pkg.slp")], NOT_THERE),
        (A, OLD, [PLAIN, inside("/mnt/A.pkg.slp", 1)], NOT_THERE),
        (A, OLD, [PLAIN, inside("/home/jo/A.pkg.slp")], NOT_THERE),
        (SOURCE, GIVEN, [PLAIN, inside("/mnt/B.pkg.slp")], NOT_THERE),
        (SOURCE, NEW, [PLAIN, inside("/mnt/B.pkg.slp")], NOT_THERE),
        (SOURCE, NEW, [PLAIN, inside("/mnt/A.pkg.slp", 1)], NOT_THERE),
        (SOURCE, NEW, [PLAIN, video("/mnt/A.pkg.slp")], NOT_THERE),
        # Nothing tells which: not by its place alone.
        (SOURCE, OLD, [PLAIN, inside("/mnt/A.pkg.slp")], "Predict on the video again"),
        (video(), OLD, [PLAIN, inside("/mnt/A.pkg.slp")], "Predict on the video again"),
        # The same one twice.
        (A, OLD, [inside("/mnt/A.pkg.slp"), inside("/mnt/A.pkg.slp")], 1),
        (A, OLD, [inside("/mnt/A.pkg.slp"), PLAIN, inside("/mnt/A.pkg.slp")], TWICE),
        # A series is all of its images.
        (FULL_THERE, FIRST, [PLAIN, FULL, HALF], 1),
        (FULL_THERE, FIRST, [HALF, PLAIN, FULL], 2),
        (FULL_THERE, MOVED, [HALF, PLAIN, FULL], 2),
        (FULL_THERE, FIRST, [PLAIN, HALF], NOT_THERE),
        (FULL_THERE, MOVED, [PLAIN, HALF], NOT_THERE),
        (FULL_THERE, FIRST, [PLAIN, series("/mnt/im", 0, 1, 2, 4)], NOT_THERE),
        (FULL_THERE, FIRST, [PLAIN, video("/mnt/im/img0.png")], NOT_THERE),
        (series("/copies/im", 0, 2), FIRST, [PLAIN, HALF], 1),
        # A file by its path, as before.
        (video("/ceph/b.avi"), match.Wanted("/mnt/arena.avi", 0), [PLAIN], 0),
        (video(), match.Wanted("/mnt/arena.avi", 0), [PLAIN], 0),
        (video("/ceph/arena.avi"), match.Wanted("Z:\\arena.avi", 1), [PLAIN], 0),
    ],
)
def test_a_video_is_known_by_all_of_its_files(theirs, wanted, project, found):
    if isinstance(found, int):
        assert place_of(theirs, wanted, project) == found
        return
    with pytest.raises(OtherProject, match=found):
        place_of(theirs, wanted, project)


# -- in SLEAP's window ----------------------------------------------------------------


def images_of(folder):
    folder.mkdir()
    for number in range(6):
        picture = np.full((64, 64, 3), number * 20, "uint8")
        cv2.imwrite(str(folder / "img{}.png".format(number)), picture)
    return sorted(map(str, folder.iterdir()))


def more_videos(host, project):
    """Two packages of the project, a series of images, and half of that series."""
    packages = [project.parent / name for name in ("A.pkg.slp", "B.pkg.slp")]
    images = images_of(project.parent / "im ages")
    if host.generation is Generation.LEGACY:
        from sleap import Labels, Video

        for path in packages:
            labels = Labels.load_file(str(project))
            Labels.save_file(labels, str(path), save_frame_data=True)
        found = [Labels.load_file(str(path)).videos[0] for path in packages]
        return found + [
            Video.from_image_filenames(images),
            Video.from_image_filenames(images[::2]),
        ]
    import sleap_io

    for path in packages:
        labels = sleap_io.load_slp(str(project))
        sleap_io.save_slp(labels, str(path), embed="user", verbose=False)
    found = [sleap_io.load_slp(str(path)).videos[0] for path in packages]
    return found + [sleap_io.load_video(images), sleap_io.load_video(images[::2])]


class Job:
    """A prediction on one video, and its folder as it is when the cluster is done."""

    def __init__(self, host, video, root, folder, told_by):
        self.root, self.folder, self.host = root, folder, host
        module = SleapModule("SLEAP", "1.6.6", Generation.CURRENT)
        order = plan.Order(Resources(), "labels.slp", "job", module)
        request = PredictionRequest(("/m",), (host.video_input(video, ((0, 9),)),))
        made = plan.plan_prediction(request, order, FOLDER, "c", 0.0, self.there)
        self.job = made.job
        host.write_inputs(
            request.videos, plan.input_names(request.videos), folder, self.there
        )
        path = folder / self.job.tasks[0].output
        path.parent.mkdir()
        write_predictions(path, ["/ceph/v.avi"], [(0, 0), (0, 4)], NODES)
        entry = self.entry()
        if told_by == "1.3" and entry["backend"]["filename"].endswith(".pkg.slp"):
            entry = {"backend": {"filename": "/home/jo/arena.avi", "dataset": ""}}
        with h5py.File(str(path), "r+") as file:
            del file["videos_json"]
            file["videos_json"] = np.array([json.dumps(entry).encode()])

    def there(self, local):
        """The cluster sees the project's folder as /ceph/lab."""
        below = str(local).replace(str(self.root), "/ceph/lab").replace("\\", "/")
        return PurePosixPath(below)

    def entry(self):
        """What the cluster was given, which is what SLEAP 1.6 tells."""
        (path,) = (self.folder / "inputs").iterdir()
        with h5py.File(str(path), "r") as file:
            return json.loads(bytes(file["videos_json"][0]).decode())

    def make_old(self):
        """Its record as it was written before packages were named in it."""
        for video in self.job.request["videos"]:
            del video["package"]

    def load(self):
        (one,) = collect(self.job, self.folder).predictions
        host = self.host
        host.merge_predictions(
            host.read_predictions(one.path, [one.meant], lambda p: str(self.there(p)))
        )
        ours = {id(v): n for n, v in enumerate(host.labels.videos)}
        found = {
            ours[id(frame.video)]
            for frame in host.labels.labeled_frames
            if any(map(host.is_predicted, frame.instances))
        }
        host.undo_merge()
        return found


@pytest.fixture
def with_more(make_window, project):
    host = host_of(make_window(project))
    host.labels.videos.extend(more_videos(host, project))
    return host


@pytest.mark.each_sleap
def test_what_was_removed_lands_in_no_other_video(with_more, project, tmp_path):
    host, videos = with_more, list(with_more.labels.videos)
    jobs = []
    for number, told_by in [(1, "1.3"), (1, "1.6"), (3, "")]:
        for is_old in (False, True):
            folder = tmp_path / "job {}".format(len(jobs))
            job = Job(host, videos[number], project.parent, folder, told_by)
            if is_old:
                job.make_old()
            jobs.append((number, job))
    for number, job in jobs:
        assert job.load() == {number}
    host.labels.videos.reverse()
    for number, job in jobs:
        assert job.load() == {len(videos) - 1 - number}
    host.labels.videos[:] = [videos[0], videos[2], videos[4]]
    for _, job in jobs:
        with pytest.raises(OtherProject, match=r"A\.pkg\.slp|the first of 6 images"):
            job.load()
    assert described(host, predicted=True) == []


@pytest.mark.each_sleap
@pytest.mark.parametrize("is_moved", [False, True])
def test_a_series_on_its_own_has_all_of_its_images(
    app_module, project, tmp_path, is_moved
):
    images = images_of(project.parent / "im ages")
    add_video(project, images)
    host = headless._open(project)
    job = Job(host, host.labels.videos[1], project.parent, tmp_path / "job", "")
    (one,) = collect(job.job, job.folder).predictions
    if is_moved:  # known by the cluster's path alone
        project.parent.rename(project.parent.with_name("moved"))
    root = project.parent.with_name("moved") if is_moved else project.parent
    labels = host.read_as_project(
        [(one.path, one.video)],
        lambda there: there.replace("/ceph/lab", str(root)),
    )
    (series,) = labels.videos
    assert list(host.video_files(series)) == [
        str(root / "im ages" / "img{}.png".format(n)) for n in range(6)
    ]
    assert len(series) == 6
    is_legacy = host.generation is Generation.LEGACY
    picture = series.get_frame(4) if is_legacy else series[4]
    assert float(np.mean(picture)) == 80
    with pytest.raises(ResultsMissing, match="not on this computer"):
        host.read_as_project([(one.path, "/gone/img0.png")], lambda there: "")


@pytest.mark.each_sleap
def test_a_package_that_nothing_names_is_a_sentence(with_more, project, tmp_path):
    host = with_more
    job = Job(host, host.labels.videos[1], project.parent, tmp_path / "job", "1.3")
    again = request_of(job.job, lambda path: path.replace(FOLDER, str(job.folder)))
    assert again.videos[0].package.endswith("A.pkg.slp")  # and of a job made from it
    job.make_old()
    (given,) = (job.folder / "inputs").iterdir()
    given.write_bytes(b"no longer whole")
    with pytest.raises(OtherProject, match="tell which package that was"):
        job.load()
    assert described(host, predicted=True) == []


def test_the_command_line_asks_for_the_same(with_more, project, tmp_path):
    folder, host = tmp_path / "job", with_more
    job = Job(host, host.labels.videos[4], project.parent, folder, "")
    found = collect(job.job, folder).predictions
    host.labels.videos[:] = [host.labels.videos[n] for n in (0, 4, 3)]
    other = project.with_name("other.slp")
    host.save_labels_file(host.labels, other)
    assert headless.load_predictions(other, found).instances == 2
    labels = headless._open(other).labels
    (landed,) = {
        n
        for n, one in enumerate(labels.videos)
        for frame in labels.labeled_frames
        if frame.video is one and any(map(host.is_predicted, frame.instances))
    }
    assert landed == 1
