"""Predictions into the real open project, and out of it again."""

from __future__ import annotations

import pytest
from predictions import described, points_for, user_labels, write_predictions

from sleap_remote_plugin.errors import RemoteError, ResultsDamaged, ResultsMissing
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.qt.loads import LoadMode
from sleap_remote_plugin.sleap_host.attach import host_of
from sleap_remote_plugin.sleap_host.merge import SLICE

pytestmark = [pytest.mark.sleap, pytest.mark.each_sleap]

NODES = ("head", "thorax", "tail")
CLUSTER = "/ceph/lab/arena.avi"


@pytest.fixture
def video(project):
    return str(project.parent / "arena.avi")


@pytest.fixture
def load(host, tmp_path, video):
    """Write predictions for the only video, and read them for the project."""

    def write_and_read(frames, nodes=NODES, tracks=(), shift=0.0):
        path = write_predictions(
            tmp_path / "p.slp",
            [CLUSTER],
            [(0, frame) for frame in frames],
            nodes,
            tracks,
            shift,
        )
        return host.read_predictions(path, [(video, 0)])

    return write_and_read


def test_predictions_land_on_their_frames(host, load, window):
    summary = host.merge_predictions(load([3, 7], tracks=("a", "b")))
    assert (summary.frames, summary.instances, summary.replaced) == (2, 4, 0)
    found = {
        frame.frame_idx: [
            i.numpy() for i in frame.instances if host.objects.is_predicted(i)
        ]
        for frame in window.labels.labeled_frames
    }
    for frame in (3, 7):
        for place, points in enumerate(found[frame]):
            assert points == pytest.approx(points_for(frame, NODES, 0, place))
    assert [track.name for track in window.labels.tracks] == ["a", "b"]
    assert window.state["has_changes"]


def test_loading_the_same_predictions_twice_changes_nothing(host, load, window):
    frames = list(range(40))
    host.merge_predictions(load(frames, tracks=("a", "b")))
    before = described(host, predicted=True)
    labels = window.labels
    counts = (
        len(labels.labeled_frames),
        len(labels.videos),
        len(labels.skeletons),
        len(labels.tracks),
    )
    assert len(before) == 80
    summary = host.merge_predictions(load(frames, tracks=("a", "b")))
    assert summary.replaced == 80
    assert described(host, predicted=True) == before
    assert counts == (40, 1, 1, 2)
    assert counts == (
        len(labels.labeled_frames),
        len(labels.videos),
        len(labels.skeletons),
        len(labels.tracks),
    )


def test_user_labels_are_bit_identical_after_a_load(host, load, window):
    before = user_labels(host)
    assert len(before) == 24
    host.merge_predictions(load(range(40)))
    assert user_labels(host) == before
    host.merge_predictions(load(range(40), shift=0.5))
    assert user_labels(host) == before


def test_undo_restores_the_predictions_as_they_were(host, load, window):
    host.merge_predictions(load([3, 7, 11], tracks=("a",)))
    before = described(host, predicted=True)
    users = user_labels(host)
    tracks = [track.name for track in window.labels.tracks]
    host.merge_predictions(load([0, 7, 11, 20, 39], tracks=("b",), shift=2.0))
    assert described(host, predicted=True) != before
    host.undo_merge()
    assert described(host, predicted=True) == before
    assert user_labels(host) == users
    assert [track.name for track in window.labels.tracks] == tracks


def test_undo_keeps_what_the_user_did_since(host, load, window):
    import copy

    host.merge_predictions(load([5]))
    frame = next(f for f in window.labels.labeled_frames if f.frame_idx == 5)
    user = copy.copy(window.labels.labeled_frames[0].user_instances[0])
    frame.instances = list(frame.instances) + [user]
    host.undo_merge()
    (left,) = [f for f in window.labels.labeled_frames if f.frame_idx == 5]
    assert [id(i) for i in left.instances] == [id(user)]


def test_loads_are_taken_back_one_by_one(host, load):
    host.merge_predictions(load([5]))
    first = described(host, predicted=True)
    host.merge_predictions(load([5, 6], shift=1.0))
    host.undo_merge()
    assert described(host, predicted=True) == first
    host.undo_merge()
    assert described(host, predicted=True) == []


def test_a_load_that_fails_half_way_changes_nothing(host, load, window, monkeypatch):
    host.merge_predictions(load([5]))
    before = described(host, predicted=True)
    users = user_labels(host)
    loaded = load([5, 6, 7], tracks=("a",), shift=1.0)
    monkeypatch.setattr(host.objects, "new_frame", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        host.merge_predictions(loaded)
    assert described(host, predicted=True) == before
    assert user_labels(host) == users
    assert list(window.labels.tracks) == []


def test_a_change_that_fails_half_way_is_taken_back(host, load, window, monkeypatch):
    host.merge_predictions(load([5, 6]))
    before, users = described(host, predicted=True), user_labels(host)
    loaded = load([5, 6, 7], tracks=("a",), shift=1.0)
    put, changed = host.objects.put, []

    def fail_on_the_second(frame, instances):
        if changed:
            raise ZeroDivisionError
        changed.append(frame)
        put(frame, instances)

    monkeypatch.setattr(host.objects, "put", fail_on_the_second)
    with pytest.raises(ZeroDivisionError):
        host.merge_predictions(loaded)
    assert len(changed) == 1
    assert described(host, predicted=True) == before
    assert user_labels(host) == users
    assert list(window.labels.tracks) == []


def test_undo_works_once(host, load):
    with pytest.raises(RemoteError, match="no load"):
        host.undo_merge()
    host.merge_predictions(load([5]))
    host.undo_merge()
    with pytest.raises(RemoteError, match="no load"):
        host.undo_merge()


def test_nothing_is_saved_by_a_load(host, load, project):
    before = project.read_bytes()
    host.merge_predictions(load(range(40)))
    assert project.read_bytes() == before


def test_the_project_can_be_saved_and_opened_after_a_load(
    host, load, window, make_window, project
):
    host.merge_predictions(load(range(40), tracks=("a", "b")))
    before = described(host, predicted=True)
    host.save_project()
    assert not window.state["has_changes"]
    again = host_of(make_window(project))
    assert described(again, predicted=True) == before
    assert len(again.labels.skeletons) == 1


def test_predictions_are_drawn_at_once(host, load, window):
    frame = 9
    window.state["frame_idx"] = frame
    host.merge_predictions(load([frame], tracks=("a", "b")))
    assert len(window.player.view.predicted_instances) == 2
    host.undo_merge()
    assert len(window.player.view.predicted_instances) == 0


def test_coordinates_follow_the_node_names(host, load, window):
    host.merge_predictions(load([4], nodes=("tail", "head", "thorax")))
    (frame,) = [f for f in window.labels.labeled_frames if f.frame_idx == 4]
    (instance,) = frame.instances
    assert instance.skeleton is window.labels.skeletons[0]
    assert list(instance.skeleton.node_names) == list(NODES)
    assert instance.numpy() == pytest.approx(points_for(4, NODES))


def test_another_skeleton_is_refused_with_both_lists(host, load, window):
    before = described(host, predicted=True)
    with pytest.raises(ResultsDamaged) as caught:
        load([4], nodes=("nose", "tail"))
    assert "nose, tail" in str(caught.value)
    assert "head, thorax, tail" in str(caught.value)
    assert described(host, predicted=True) == before
    assert len(window.labels.skeletons) == 1


@pytest.fixture
def two_videos(app_module, project):
    """Two videos with the same file name in different folders."""
    second = project.parent / "second" / "arena.avi"
    second.parent.mkdir()
    second.write_bytes((project.parent / "arena.avi").read_bytes())
    try:
        import sleap_io
    except ImportError:
        from sleap import Labels, Video

        labels = Labels.load_file(str(project))
        labels.videos.append(Video.from_filename(str(second), grayscale=True))
        Labels.save_file(labels, str(project))
    else:
        labels = sleap_io.load_slp(str(project), open_videos=False)
        labels.videos.append(sleap_io.load_video(str(second), grayscale=True))
        labels.save(str(project), embed=False, verbose=False)
    return str(second)


def test_two_videos_with_the_same_name_are_not_mixed_up(
    two_videos, project, make_window, tmp_path
):
    window = make_window(project)
    host = host_of(window)
    assert len(window.labels.videos) == 2
    path = write_predictions(
        tmp_path / "p.slp", [CLUSTER], [(0, f) for f in range(40)], NODES
    )
    before = user_labels(host)
    host.merge_predictions(host.read_predictions(path, [(two_videos, 1)]))
    assert {place for place, _, _, _ in described(host, predicted=True)} == {1}
    assert len(described(host, predicted=True)) == 40
    assert len(window.labels.videos) == 2
    assert user_labels(host) == before


def test_a_video_that_moved_in_the_list_is_found_by_its_whole_path(
    two_videos, project, make_window, tmp_path
):
    window = make_window(project)
    host = host_of(window)
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    host.merge_predictions(host.read_predictions(path, [(two_videos, 0)]))
    assert [row[0] for row in described(host, predicted=True)] == [1]


def test_a_video_that_the_project_lost_is_refused(host, tmp_path):
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    with pytest.raises(ResultsDamaged, match="gone.avi"):
        host.read_predictions(path, [("/data/gone.avi", 0)])


def test_a_file_of_more_videos_than_predicted_is_refused(host, tmp_path, video):
    path = write_predictions(
        tmp_path / "p.slp", [CLUSTER, "/ceph/b.avi"], [(0, 3)], NODES
    )
    with pytest.raises(ResultsDamaged, match="2 videos where 1"):
        host.read_predictions(path, [(video, 0)])


@pytest.mark.parametrize("kind", ["truncated", "empty", "text", "foreign"])
def test_damaged_predictions_are_refused(host, tmp_path, video, kind):
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    if kind == "truncated":
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("Traceback (most recent call last):\n")
    else:
        import h5py

        with h5py.File(str(path), "w") as file:
            file["data"] = [1, 2, 3]
    before = described(host, predicted=True)
    with pytest.raises(ResultsDamaged, match="p.slp"):
        host.read_predictions(path, [(video, 0)])
    assert described(host, predicted=True) == before


def test_missing_predictions_are_refused(host, tmp_path, video):
    with pytest.raises(ResultsMissing):
        host.read_predictions(tmp_path / "no.slp", [(video, 0)])


def test_predictions_for_another_project_are_not_merged(host, load, window):
    loaded = load([3])
    labels = window.labels
    try:
        window.state["labels"] = type(labels)()
        with pytest.raises(ResultsDamaged, match="Another project"):
            host.merge_predictions(loaded)
    finally:
        window.state["labels"] = labels


def test_a_big_file_is_merged_in_small_slices(host, load):
    slices = host.merging([load(range(1000), tracks=("a", "b"))], LoadMode.REPLACE)
    done = [count for count, _ in slices]
    steps = [after - before for before, after in zip(done, done[1:])]
    assert max(steps) <= SLICE
    assert len(described(host, predicted=True)) == 2000


def test_the_generation_is_the_environments(host):
    import sleap

    old = sleap.__version__.startswith(("1.3", "1.4"))
    assert (host.generation is Generation.LEGACY) == old
    assert host.version == sleap.__version__
