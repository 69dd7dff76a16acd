"""Every kind of video, as the cluster's SLEAP is given it (both generations)."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from videos import INSIDE, KINDS, LENGTH, make_labels, make_long_video, number_of

from sleap_remote_plugin.errors import Cancelled, NotOnMount, ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.prediction import VideoInput
from sleap_remote_plugin.jobs.sleap_cli import predict_argv
from sleap_remote_plugin.session.plan import input_names
from sleap_remote_plugin.sleap_host import headless

pytestmark = pytest.mark.sleap

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "sleap"
ROBOT = SHARED / "models" / "minimal_robot.UNet.single_instance"


def here(path):
    return PurePosixPath(path)


@pytest.fixture(scope="module")
def host(sleap_home, tmp_path_factory):
    is_legacy = headless.generation() is Generation.LEGACY
    folder = tmp_path_factory.mktemp("every kind")
    return headless._host_on(make_labels(folder, is_legacy))


def the_input(host, kind, spans=((0, LENGTH - 1),)):
    return host.video_input(host.labels.videos[KINDS.index(kind)], spans)


def written(host, video, folder):
    """The small project that stands for a video, as SLEAP reads it back."""
    (name,) = input_names([dataclasses.replace(video, as_project=True)])
    host.write_inputs([video], [name], folder, here)
    return host.open_labels(folder / name)


def frames_in(labels):
    return [int(frame.frame_idx) for frame in labels.labeled_frames]


@pytest.mark.parametrize("kind", ["v.mp4", "v.avi", "v.mov"])
def test_a_video_file_is_given_as_it_is(host, kind):
    video = the_input(host, kind)
    assert (Path(video.path).name, video.as_project) == (kind, False)
    assert video.frames in ("", "0-11")  # 1.3 knows the length once it was shown
    assert (video.dataset, video.input_format) == ("", "")


@pytest.mark.parametrize(
    ("kind", "dataset"), [("channels last", "last"), ("channels first", "first")]
)
def test_an_hdf5_video_is_given_with_its_dataset_and_its_axes(host, kind, dataset):
    video = the_input(host, kind, ((2, 4),))
    assert (video.dataset, video.frames, video.as_project) == (dataset, "2-4", False)
    assert video.input_format == kind.replace(" ", "_")


@pytest.mark.parametrize(
    ("kind", "spans", "frames"),
    [
        ("images", ((0, 11),), list(range(12))),
        ("images", ((3, 5), (8, 8)), [3, 4, 5, 8]),
        ("inside", ((0, 2),), list(INSIDE)),  # SLEAP: as many as there are in it
        ("inside", ((2, 5),), [2, 5]),
    ],
)
def test_what_no_command_can_name_is_given_as_a_small_project(
    host, tmp_path, kind, spans, frames
):
    video = the_input(host, kind, spans)
    assert video.as_project
    labels = written(host, video, tmp_path)
    assert frames_in(labels) == frames
    assert len(labels.videos) == 1
    for frame in labels.labeled_frames:
        assert number_of(frame.image) == frame.frame_idx


def test_more_frames_than_a_command_line_holds_are_given_as_a_small_project(
    host, tmp_path
):
    spans = tuple((n, n) for n in range(0, 200000, 2))
    video = the_input(host, "v.mp4", spans)
    assert video.as_project
    labels = written(host, dataclasses.replace(video, length=200000), tmp_path)
    assert frames_in(labels) == list(range(0, 200000, 2))


def test_a_small_project_has_the_clusters_paths_alone(host, tmp_path):
    video = the_input(host, "images")

    def there(path):
        return PurePosixPath("/ceph/lab") / Path(path).name

    (name,) = input_names([video])
    host.write_inputs([video], [name], tmp_path, there)
    data = (tmp_path / name).read_bytes()
    assert b"/ceph/lab/img000.png" in data
    assert b"/ceph/lab/img011.png" in data
    assert str(Path(video.path).parent).encode() not in data


def test_a_video_that_the_cluster_does_not_see_leaves_no_file(host, tmp_path):
    video = the_input(host, "images")

    def nowhere(path):
        raise NotOnMount("It is on no mount.")

    with pytest.raises(NotOnMount):
        host.write_inputs([video], ["inputs/x.slp"], tmp_path, nowhere)
    assert list(tmp_path.rglob("*.slp")) == []


def test_a_package_without_the_chosen_frames_is_a_sentence(host):
    with pytest.raises(ProjectNotReady, match="has none of the frames"):
        the_input(host, "inside", ((0, 1),))


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_video_can_be_read_to_its_end(host, kind):
    video = the_input(host, kind)
    (known,), bad = host.look_at_endings([video], lambda done, total: True)
    assert bad == ()
    assert known.length == (0 if kind == "inside" else LENGTH)


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """A video of forty frames that was cut short, as an input."""
    path = tmp_path_factory.mktemp("cut") / "cut.avi"
    make_long_video(path, 40)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.6)])
    return VideoInput(str(path), 0, entry={"backend": {"filename": str(path)}})


def test_a_video_that_was_cut_short_is_named_with_its_first_bad_frame(host, cut):
    good = the_input(host, "v.avi")
    told = []

    def report(done, total):
        told.append((done, total))
        return True

    known, (bad,) = host.look_at_endings([good, cut], report)
    assert bad.place == 1
    assert 15 < bad.first_bad < 30
    assert bad.lost == 40 - bad.first_bad
    assert bad.instead.frames == "0-{}".format(bad.first_bad - 1)
    assert known[1].length == 40
    assert told[-1] == (2, 2)
    assert host.look_at_endings([bad.instead], report)[1] == ()


def test_only_the_frames_that_are_wanted_need_to_be_there(host, cut):
    video = dataclasses.replace(cut, frames="0-9")
    assert host.look_at_endings([video], lambda done, total: True)[1] == ()


def test_reading_stops_when_it_is_cancelled(host):
    with pytest.raises(Cancelled):
        host.look_at_endings([the_input(host, "v.avi")], lambda done, total: False)


def test_a_video_that_is_no_video_is_a_sentence_with_its_path(host, tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("no video")
    video = VideoInput(str(path), 0, entry={"backend": {"filename": str(path)}})
    with pytest.raises(ProjectNotReady, match="text.mp4"):
        host.look_at_endings([video], lambda done, total: True)


@pytest.mark.each_sleap
@pytest.mark.skipif(not ROBOT.is_dir(), reason="no trained model beside the checkout")
def test_sleaps_own_command_predicts_on_a_series_of_images(host, tmp_path):
    video = the_input(host, "images", ((3, 4), (8, 8)))
    (name,) = input_names([video])
    host.write_inputs([video], [name], tmp_path, here)
    argv = predict_argv(
        [str(ROBOT)],
        str(tmp_path / name),
        str(tmp_path / "out.slp"),
        version=headless.version(),
        frames=video.frames,
    )
    program = Path(sys.executable).parent / argv[0]
    ran = subprocess.run(
        [str(program), *argv[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=str(tmp_path),
    )
    assert ran.returncode == 0, ran.stdout.decode(errors="replace")[-2000:]
    assert frames_in(host.load_predictions(tmp_path / "out.slp")) == [3, 4, 8]


HELP = Path(__file__).resolve().parents[1] / "data" / "sleap_help"


@pytest.mark.each_sleap
def test_the_recorded_help_is_that_of_the_sleap_that_is_here(sleap_home):
    found = {path.name.split("-")[0] for path in HELP.iterdir()}
    version = headless.version()
    if version not in found:
        pytest.skip("the help of SLEAP {} is not recorded".format(version))
    is_legacy = headless.generation() is Generation.LEGACY
    words = ["sleap-track"] if is_legacy else ["sleap", "predict"]
    program = Path(sys.executable).parent / words[0]
    ran = subprocess.run(
        [str(program), *words[1:], "--help"],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "COLUMNS": "100"},  # as wide as it was recorded
    )
    recorded = (HELP / "{}-{}.txt".format(version, "-".join(words))).read_text("utf-8")
    assert options_in(ran.stdout.decode()) == options_in(recorded)


def options_in(text):
    return set(re.findall(r"(?<![\w-])--[A-Za-z][\w.-]*(?<![.-])", text))
