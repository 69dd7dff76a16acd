"""The demo project says the truth: its labels, its video, its measure of errors."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from sleap_remote_plugin.shipped import shipped

pytestmark = pytest.mark.sleap

sys.path.insert(0, str(shipped()))
from demo import project as demo  # noqa: E402

FRAMES, LABELLED, SIZE = 30, 7, 128


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "made here"
    return demo.make_project(folder, FRAMES, LABELLED, SIZE, seed=3)


def load_labels(path):
    if demo._has_sleap_io():
        import sleap_io

        return sleap_io.load_slp(str(path))
    import sleap

    return sleap.load_file(str(path))


def save_labels(labels, path):
    if demo._has_sleap_io():
        labels.save(str(path), embed=False, verbose=False)
    else:
        labels.save(str(path))


def predictions_of(made, path, shift=0, move=0.0, animals=2, score=0.9):
    """A predictions file that says the truth of `shift` frames later."""
    labels = load_labels(made.project)
    if demo._has_sleap_io():
        from sleap_io import LabeledFrame, PredictedInstance
    else:
        from sleap import LabeledFrame, PredictedInstance
    frames = []
    for frame in range(FRAMES - shift):
        poses = made.truth.poses[frame + shift][:animals] + move
        instances = []
        for pose in poses:
            if demo._has_sleap_io():
                instance = PredictedInstance.from_numpy(
                    pose,
                    skeleton=labels.skeletons[0],
                    point_scores=np.full(len(pose), score),
                    score=score,
                )
            else:
                instance = PredictedInstance.from_numpy(
                    pose,
                    point_confidences=np.full(len(pose), score),
                    instance_score=score,
                    skeleton=labels.skeletons[0],
                )
            instances.append(instance)
        frames.append(
            LabeledFrame(
                video=labels.videos[0], frame_idx=frame, instances=instances[::-1]
            )
        )
    predicted = type(labels)(
        labeled_frames=frames, videos=labels.videos, skeletons=labels.skeletons
    )
    save_labels(predicted, path)
    return path


def test_has_the_user_labels_that_it_says(made):
    labels = load_labels(made.project)
    frames = {frame.frame_idx: frame for frame in labels.labeled_frames}
    assert tuple(sorted(frames)) == made.truth.labelled
    assert len(made.truth.labelled) == LABELLED
    assert [node.name for node in labels.skeletons[0].nodes] == list(demo.NODES)
    for index, frame in frames.items():
        assert len(frame.user_instances) == 2
        assert len(frame.predicted_instances) == 0
        poses = np.array([instance.numpy() for instance in frame.user_instances])
        np.testing.assert_allclose(poses, made.truth.poses[index], atol=1e-6)


def test_each_frame_of_the_video_shows_the_animals_where_the_truth_says(made):
    video = load_labels(made.project).videos[0]
    assert tuple(video.shape) == (FRAMES, SIZE, SIZE, 1)
    drawn = demo.render(made.truth.poses, SIZE, seed=3).astype(float)
    # Out of order, since SLEAP jumps about; the drawing of each frame is nearest to it.
    for frame in np.random.RandomState(0).permutation(FRAMES):
        seen = np.asarray(video[int(frame)], float).reshape(SIZE, SIZE)
        away = np.abs(drawn - seen).mean(axis=(1, 2))
        assert int(np.argmin(away)) == frame
        for head, thorax, tail in made.truth.poses[frame]:
            bright, grey, dark = (
                seen[int(round(y)), int(round(x))] for x, y in (head, thorax, tail)
            )
            assert bright > 200 > grey > 110 > 60 > dark


def test_two_calls_with_the_same_seed_are_equal(made, tmp_path):
    again = demo.make_project(tmp_path, FRAMES, LABELLED, SIZE, seed=3)
    other = demo.make_project(tmp_path / "other", FRAMES, LABELLED, SIZE, seed=4)
    assert again.truth_file.read_bytes() == made.truth_file.read_bytes()
    assert again.video.read_bytes() == made.video.read_bytes()
    assert not np.allclose(other.truth.poses, made.truth.poses)


def test_the_truth_is_read_back(made):
    truth = demo.read_truth(made.truth_file)
    assert truth._replace(poses=0) == made.truth._replace(poses=0)
    np.testing.assert_array_equal(truth.poses, made.truth.poses)


def test_animals_stay_inside_and_apart_for_any_seed():
    for seed in range(20):
        poses = demo.make_poses(300, 192, seed)
        assert poses.min() > 8
        assert poses.max() < 192 - 8
        gaps = np.linalg.norm(poses[:, 0, :, None] - poses[:, 1, None], axis=-1)
        assert gaps.min() > 25


def test_true_predictions_have_no_error(made, tmp_path):
    path = predictions_of(made, tmp_path / "right.slp")
    assert demo.median_error(path, made.truth) == pytest.approx((0, 1), abs=1e-4)
    moved = predictions_of(made, tmp_path / "moved.slp", move=2.0)
    assert demo.median_error(moved, made.truth) == pytest.approx((8**0.5, 1), abs=1e-4)


def test_wrong_frames_are_seen(made, tmp_path):
    path = predictions_of(made, tmp_path / "late.slp", shift=1)
    assert demo.median_error(path, made.truth).pixels > 3


def test_missing_animals_are_seen(made, tmp_path):
    path = predictions_of(made, tmp_path / "one.slp", animals=1)
    assert demo.median_error(path, made.truth) == pytest.approx((0, 0.5), abs=1e-4)


def test_the_wrong_video_is_seen(made, tmp_path):
    path = predictions_of(made, tmp_path / "right.slp")
    other = made.truth._replace(video="another.avi")
    accuracy = demo.median_error(path, other)
    assert np.isnan(accuracy.pixels)
    assert accuracy.found == 0


def test_user_labels_never_count_as_predictions(made):
    assert demo.median_error(made.project, made.truth).found == 0


def test_runs_as_a_script(tmp_path):
    command = [sys.executable, str(shipped("demo", "project.py")), str(tmp_path)]
    command += ["--frames", "4", "--labelled", "2", "--size", "96"]
    done = subprocess.run(command, stdout=subprocess.PIPE, universal_newlines=True)
    assert done.returncode == 0
    assert demo.PROJECT in done.stdout
    assert demo.read_truth(tmp_path / demo.TRUTH).labelled == (0, 3)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"labelled": 0}, "The number of labelled frames must lie"),
        ({"frames": 5, "labelled": 6}, "The number of labelled frames must lie"),
        ({"size": 100}, "The frame size must be a multiple of 16"),
    ],
)
def test_refuses_what_cannot_be_made(tmp_path, wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        demo.make_project(tmp_path, **wrong)


def test_missing_predictions_are_named(made, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no predictions file"):
        demo.median_error(tmp_path / "none.slp", made.truth)
