"""``sleap-remote predict``: the same choices of videos and frames as SLEAP's dialog."""

from __future__ import annotations

import pytest
from videos import LENGTH, make_labels, make_long_video

from sleap_remote_plugin.cli import build_parser, chaining, predicting
from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.frames import numbers_of, read_frames
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.sleap_host import headless

pytestmark = pytest.mark.sleap

LABELLED, SUGGESTED, PREDICTED = (1, 4), (4, 6, 7), (3, 9)


def instance_of(is_legacy, skeleton, predicted):
    import numpy as np

    point = np.array([[3.0, 4.0]])
    if is_legacy:
        from sleap import Instance, PredictedInstance

        if predicted:
            return PredictedInstance.from_numpy(point, np.array([0.9]), 0.9, skeleton)
        return Instance.from_numpy(point, skeleton)
    import sleap_io

    kind = sleap_io.PredictedInstance if predicted else sleap_io.Instance
    return kind.from_numpy(point, skeleton=skeleton)


@pytest.fixture(scope="module")
def project(sleap_home, tmp_path_factory):
    """A saved project: the first video has labels, suggestions and predictions."""
    is_legacy = headless.generation() is Generation.LEGACY
    folder = tmp_path_factory.mktemp("pro ject")
    labels = make_labels(folder, is_legacy)
    if is_legacy:
        from sleap import LabeledFrame
        from sleap.gui.suggestions import SuggestionFrame
    else:
        from sleap_io import LabeledFrame, SuggestionFrame
    video, skeleton = labels.videos[0], labels.skeletons[0]
    for numbers, predicted in ((LABELLED, False), (PREDICTED, True)):
        for number in numbers:
            one = instance_of(is_legacy, skeleton, predicted)
            labels.append(LabeledFrame(video=video, frame_idx=number, instances=[one]))
    labels.suggestions = [SuggestionFrame(video, number) for number in SUGGESTED]
    host = headless._host_on(labels)
    path = folder / "labels.v001.slp"
    if is_legacy:
        labels.videos = labels.videos[:-1]  # 1.3 saves what a package was made from
    host.save_labels_file(labels, path)
    return path


class Seeing:
    """The part of a session that reading a request needs: every path is seen."""

    def to_cluster(self, path):
        return path


def request_for(*words):
    arguments = build_parser().parse_args(
        ["predict", *[str(word) for word in words], "--model", "/m"]
    )
    return predicting.read_request(arguments, Seeing())[1]


def frames(video):
    return tuple(numbers_of(read_frames(video.frames)))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--frames", "2-4,8"], (2, 3, 4, 8)),
        (["--labelled"], LABELLED),
        (["--suggested"], (6, 7)),
        (["--predicted"], PREDICTED),
        (["--skip-labelled"], (0, 2, 3, 5, 6, 7, 8, 9, 10, 11)),
        (["--frames", "0-4", "--skip-labelled"], (0, 2, 3)),
    ],
)
def test_the_frames_are_those_that_the_words_say(project, words, wanted):
    (video,) = request_for(project, "--video", "1", *words).videos
    assert frames(video) == wanted
    assert video.index == 0


def test_random_frames_are_as_many_of_each_video_as_were_asked_for(project):
    videos = request_for(project, "--random", "5").videos
    assert len(videos) >= 6
    for video in videos:
        count = 3 if video.path == "" else 5
        assert len(frames(video)) == count


def test_all_videos_are_predicted_on_unless_some_are_named(project):
    everything = request_for(project).videos
    assert [video.index for video in everything] == list(range(len(everything)))
    some = request_for(project, "--video", "2", "--video", "4").videos
    assert [video.index for video in some] == [1, 3]
    assert some[1].as_project


def test_only_videos_with_suggestions_are_in_a_request_for_them(project):
    assert [v.index for v in request_for(project, "--suggested").videos] == [0]


def test_videos_without_a_project_are_given_as_they_are(project):
    folder = project.parent
    first, second = request_for(folder / "v.mp4", folder / "v.avi").videos
    assert (first.path, second.path) == (str(folder / "v.mp4"), str(folder / "v.avi"))
    assert (first.index, first.length, first.frames) == (-1, LENGTH, "")


def test_a_folder_of_images_is_a_series(project):
    (video,) = request_for(project.parent / "im ages", "--frames", "3").videos
    assert video.as_project
    assert len(video.entry["backend"]["filenames"]) == LENGTH


def test_an_hdf5_file_is_given_with_its_dataset(project):
    words = ["--dataset", "first", "--input-format", "channels_first"]
    (video,) = request_for(project.parent / "v.h5", *words).videos
    assert (video.dataset, video.input_format) == ("first", "channels_first")
    assert video.length == LENGTH


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--frames", "5-12"], "has 12 frames.*frame 12 was asked for"),
        (["--frames", "a-b"], "not understood"),
        (["--video", "99"], "no video 99"),
        (["--video", "2", "--labelled"], "no labelled frames"),
        (["--video", "2", "--suggested"], "no suggested frames"),
    ],
)
def test_what_is_not_there_is_a_sentence(project, words, sentence):
    with pytest.raises(RemoteError, match=sentence):
        request_for(project, *words)


@pytest.mark.parametrize("word", ["--labelled", "--suggested", "--skip-labelled"])
def test_frames_of_a_project_need_a_project(project, word):
    with pytest.raises(RemoteError, match="Name the project"):
        request_for(project.parent / "v.mp4", word)


@pytest.mark.parametrize("name", ["nothing.mp4", "text.mp4", "empty"])
def test_what_is_no_video_is_a_sentence_with_its_name(project, tmp_path, name):
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RemoteError, match=name):
        request_for(tmp_path / name)


def test_frames_that_cannot_be_read_are_named_and_left_out_on_request(tmp_path):
    path = tmp_path / "cut it's.avi"
    make_long_video(path, 40)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    with pytest.raises(RemoteError, match="(?s)cut it's.avi.*ffmpeg .*--skip-unread"):
        request_for(path)
    (video,) = request_for(path, "--skip-unreadable").videos
    assert 15 < len(frames(video)) < 30


@pytest.mark.parametrize(
    "words",
    [
        ["--random", "0"],
        ["--random", "3", "--frames", "1"],
        ["--video", "-1"],
        ["--input-format", "sideways"],
        ["--tracking", "=simple"],
    ],
)
def test_words_that_make_no_sense_are_wrong_usage(project, words, capsys):
    with pytest.raises(SystemExit):
        request_for(project, *words)
    assert "predict: error" in capsys.readouterr().err


def test_tracker_and_options_are_handed_on(project):
    words = ["--tracking", "tracker=simple", "--option", "batch_size=1"]
    request = request_for(project.parent / "v.mp4", *words)
    assert request.tracking == (("tracking.tracker", "simple"),)
    assert request.options == (("batch_size", "1"),)


def train_for(*words):
    arguments = build_parser().parse_args(
        ["train", *[str(word) for word in words], "--config", "a.json"]
    )
    return chaining.read_then(arguments, Seeing())


def test_a_training_can_be_followed_by_a_prediction_on_the_same_choices(project):
    _, request = train_for(project, "--then-predict", "--suggested", "--video", "1")
    assert [frames(video) for video in request.videos] == [(6, 7)]
    assert request.models == ()
    assert train_for(project) is None
    with pytest.raises(RemoteError, match="--suggested is about the prediction"):
        train_for(project, "--suggested")
