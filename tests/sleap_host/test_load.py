"""Loads into a project that was changed meanwhile, and loads that are taken back."""

from __future__ import annotations

import copy
import gc
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from predictions import described, points_for, user_labels, write_predictions

from sleap_remote_plugin.errors import OtherProject, RemoteError, ResultsDamaged
from sleap_remote_plugin.qt import collector
from sleap_remote_plugin.qt.loads import LoadMode
from sleap_remote_plugin.session.predicted import PredictionFile
from sleap_remote_plugin.sleap_host.attach import host_of
from sleap_remote_plugin.sleap_host.merge import SLICE
from tests.sleap_window import put_away

pytestmark = [pytest.mark.sleap, pytest.mark.each_sleap]

NODES = ("head", "thorax", "tail")
CLUSTER = "/ceph/lab/arena.avi"
DATA = Path(__file__).resolve().parents[1] / "data" / "predictions"


def run(host, loaded, mode=LoadMode.REPLACE):
    return host.merge_at_once([loaded], mode)


@pytest.fixture
def video(project):
    return str(project.parent / "arena.avi")


@pytest.fixture
def load(host, tmp_path, video):
    """Predictions for the only video of the project, read."""

    def write_and_read(frames, tracks=(), shift=0.0, nodes=NODES, path=video):
        file = write_predictions(
            tmp_path / "p.slp",
            [CLUSTER],
            [(0, frame) for frame in frames],
            nodes,
            tracks,
            shift,
        )
        return host.read_predictions(file, [(path, 0)])

    return write_and_read


def new_video(path):
    try:
        import sleap_io
    except ImportError:
        from sleap import Video

        return Video.from_filename(str(path), grayscale=True)
    return sleap_io.load_video(str(path), grayscale=True)


@pytest.fixture
def second(window, project):
    """A second video of the same name in the open project."""
    path = project.parent / "second" / "arena.avi"
    path.parent.mkdir()
    shutil.copyfile(str(project.parent / "arena.avi"), str(path))
    window.labels.videos.append(new_video(path))
    return str(path)


def places(host):
    return {row[0] for row in described(host, predicted=True)}


# -- which video ----------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [0, 1])
def test_of_two_videos_with_one_name_only_the_right_one_changes(
    host, second, video, tmp_path, wanted
):
    before = user_labels(host)
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3), (0, 4)], NODES)
    run(host, host.read_predictions(path, [((video, second)[wanted], wanted)]))
    assert places(host) == {wanted}
    assert user_labels(host) == before


@pytest.mark.parametrize("wanted", [0, 1])
def test_videos_in_another_order_by_now_are_found(
    host, second, video, tmp_path, wanted
):
    host.labels.videos.reverse()
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    run(host, host.read_predictions(path, [((video, second)[wanted], wanted)]))
    assert places(host) == {1 - wanted}


def test_a_video_twice_in_the_project_is_told_by_its_place(host, video, tmp_path):
    host.labels.videos.append(new_video(video))
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    run(host, host.read_predictions(path, [(video, 1)]))
    assert places(host) == {1}


def test_a_video_twice_whose_place_is_gone_is_refused(host, video, tmp_path):
    host.labels.videos.append(new_video(video))
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    with pytest.raises(OtherProject, match="more than once"):
        host.read_predictions(path, [(video, 2)])
    assert described(host, predicted=True) == []


def test_a_project_on_another_mount_is_known_by_the_clusters_path(
    host, tmp_path, video
):
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    elsewhere = "Z:\\lab\\arena.avi"
    with pytest.raises(OtherProject):
        host.read_predictions(path, [(elsewhere, 0)])
    loaded = host.read_predictions(path, [(elsewhere, 0)], {video: CLUSTER}.get)
    run(host, loaded)
    assert places(host) == {0}


def test_a_project_saved_under_another_name_is_loaded_into(host, load, window, project):
    loaded = load([3])
    window.state["filename"] = str(project.with_name("labels.v002.slp"))
    run(host, loaded)
    assert len(described(host, predicted=True)) == 1


def test_no_video_of_the_project_gets_another_file_name(host, load, second, window):
    before = [host.video_path(video) for video in window.labels.videos]
    run(host, load(range(40)))
    assert [host.video_path(video) for video in window.labels.videos] == before


def test_of_a_project_open_twice_only_one_window_changes(
    load, host, project, make_window
):
    other = host_of(make_window(project))
    run(host, load([3, 4]))
    assert len(described(host, predicted=True)) == 2
    assert described(other, predicted=True) == []


# -- whose file -----------------------------------------------------------------------


@pytest.mark.parametrize("generation", ["1.3", "1.6"])
def test_each_generation_loads_what_the_other_predicted(
    host, window, video, project, make_window, generation
):
    path = DATA / "of-{}.slp".format(generation)  # its nodes: tail, head, thorax
    users = user_labels(host)
    run(host, host.read_predictions(path, [(video, 0)]))
    for frame in window.labels.labeled_frames:
        found = [i for i in frame.instances if host.is_predicted(i)]
        assert len(found) == (2 if frame.frame_idx in (3, 4) else 0)
        for place, instance in enumerate(found):
            wanted = points_for(frame.frame_idx, NODES, 0, place)
            assert instance.numpy() == pytest.approx(wanted)
            assert instance.score == pytest.approx(0.8)
    assert user_labels(host) == users
    before = described(host, predicted=True)
    host.save_project()
    assert described(host_of(make_window(project)), predicted=True) == before


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("frames", "video", 7),
        ("frames", "instance_id_end", 10**9),
        ("frames", "instance_id_start", 4),
        ("instances", "skeleton", 3),
        ("instances", "track", 9),
        ("instances", "point_id_end", 10**12),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    host, video, tmp_path, table, field, value
):
    import h5py

    path = tmp_path / "p.slp"
    shutil.copyfile(str(DATA / "of-1.3.slp"), str(path))
    with h5py.File(str(path), "r+") as file:
        rows = file[table][:]
        rows[field][0] = value
        file[table][:] = rows
    before = described(host, predicted=True), user_labels(host)
    with pytest.raises(ResultsDamaged, match="p.slp contradicts itself"):
        host.read_predictions(path, [(video, 0)])
    assert (described(host, predicted=True), user_labels(host)) == before


@pytest.mark.parametrize("what", ["never written", "zeros, packed"])
def test_a_file_that_says_to_be_huge_is_refused_unread(host, video, tmp_path, what):
    import h5py

    path = tmp_path / "p.slp"
    shutil.copyfile(str(DATA / "of-1.6.slp"), str(path))
    with h5py.File(str(path), "r+") as file:
        kind = file["pred_points"].dtype
        del file["pred_points"]
        if what == "never written":
            file.create_dataset("pred_points", (10**11,), kind, chunks=(1000,))
        else:
            rows = np.zeros(10**6, kind)
            file.create_dataset("pred_points", data=rows, compression="gzip")
    with pytest.raises(ResultsDamaged, match="more predictions than it can hold"):
        host.read_predictions(path, [(video, 0)])


# -- skeletons and tracks -------------------------------------------------------------


@pytest.mark.parametrize(
    "nodes",
    [("head", "tail"), NODES + ("wing",), ("head", "thorax", "rump")],
    ids=["fewer", "more", "renamed"],
)
def test_other_nodes_are_refused_with_both_lists(host, load, window, nodes):
    before = described(host, predicted=True), user_labels(host)
    with pytest.raises(ResultsDamaged) as caught:
        load([3], nodes=nodes)
    assert ", ".join(nodes) in str(caught.value)
    assert ", ".join(NODES) in str(caught.value)
    assert (described(host, predicted=True), user_labels(host)) == before
    assert len(window.labels.skeletons) == 1
    assert list(window.labels.skeletons[0].node_names) == list(NODES)


def test_of_two_equal_skeletons_one_is_used_and_none_added(host, load, window):
    twin = copy.deepcopy(window.labels.skeletons[0])
    window.labels.skeletons.insert(0, twin)
    run(host, load([3]))
    assert len(window.labels.skeletons) == 2
    (frame,) = [f for f in window.labels.labeled_frames if f.frame_idx == 3
                and any(map(host.is_predicted, f.instances))]  # fmt: skip
    used = {id(i.skeleton) for i in frame.instances}
    assert used == {id(window.state["skeleton"])}


def test_tracks_are_known_by_name_and_not_doubled(host, load, window):
    for shift in (0.0, 1.0, 2.0):
        run(host, load([3, 4], tracks=("a", "b"), shift=shift))
    assert [track.name for track in window.labels.tracks] == ["a", "b"]


def test_tracks_that_share_a_name_stay_two(host, load, window):
    for _ in range(2):
        run(host, load([3, 4], tracks=("a", "a")))
    tracks = window.labels.tracks
    assert [track.name for track in tracks] == ["a", "a"]
    for frame in window.labels.labeled_frames:
        if any(map(host.is_predicted, frame.instances)):
            assert [i.track is t for i, t in zip(frame.instances, tracks)] == [True] * 2


# -- replace, add, clear --------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "frames"),
    [
        (LoadMode.REPLACE, [3, 4, 5, 6]),
        (LoadMode.ADD, [3, 4, 5, 5, 6]),
        (LoadMode.CLEAR, [5, 6]),
    ],
)
def test_what_was_chosen_becomes_of_the_predictions_of_before(
    host, load, window, mode, frames
):
    run(host, load([3, 4, 5]))
    users, before = user_labels(host), described(host, predicted=True)
    loaded = load([5, 6], shift=0.25)
    preview = host.preview_predictions([loaded])
    assert (preview.on_frames, preview.elsewhere) == (1, 2)
    for _ in range(2):  # loading again changes nothing
        summary = run(host, loaded, mode)
        rows = described(host, predicted=True)
        assert sorted(row[1] for row in rows) == frames
        assert user_labels(host) == users
    assert summary.frames == 2
    host.undo_merge()
    host.undo_merge()
    assert described(host, predicted=True) == before
    assert user_labels(host) == users


def test_frames_without_an_animal_are_counted_and_left_alone(
    host, load, tmp_path, video
):
    run(host, load([3, 4]))
    before = described(host, predicted=True)
    path = write_predictions(tmp_path / "e.slp", [CLUSTER], [(0, 3), (0, 9)], NODES)
    import h5py

    with h5py.File(str(path), "r+") as file:
        points = file["pred_points"][:]
        points["x"] = points["y"] = np.nan
        points["visible"] = False
        file["pred_points"][:] = points
    loaded = host.read_predictions(path, [(video, 0)])
    preview = host.preview_predictions([loaded])
    assert (preview.frames, preview.instances, preview.empty) == (0, 0, 2)
    run(host, loaded)
    assert described(host, predicted=True) == before


def test_frames_beyond_the_end_of_the_video_are_counted(host, load, window):
    window.state["frame_idx"] = 0  # shown once: its length is known
    assert host.preview_predictions([load([39])]).beyond == ""
    preview = host.preview_predictions([load([3, 39, 40, 60, 10**9])])
    assert [video.beyond for video in preview.videos] == [3]
    assert preview.beyond.startswith(
        "Beyond the end of arena.avi as it is here: 3 frames"
    )


def test_of_two_frames_of_one_number_one_gets_the_predictions(host, load, window):
    twin = window.labels.labeled_frames[0]
    window.labels.labeled_frames.append(
        host.objects.new_frame(twin.video, twin.frame_idx, [user_instance(host)])
    )
    users = user_labels(host)
    for _ in range(2):
        run(host, load([twin.frame_idx]))
        assert len(described(host, predicted=True)) == 1
    assert user_labels(host) == users


@pytest.mark.parametrize("mode", [LoadMode.REPLACE, LoadMode.CLEAR, LoadMode.ADD])
def test_what_a_session_of_cameras_is_made_of_is_not_replaced(
    host, load, window, tmp_path, mode
):
    sio = pytest.importorskip("sleap_io")
    run(host, load([3]))
    (frame,) = [one for one in window.labels.labeled_frames if one.frame_idx == 3]
    (instance,) = [one for one in frame.instances if host.is_predicted(one)]
    camera = sio.Camera(name="top")
    session = sio.RecordingSession(camera_group=sio.CameraGroup(cameras=[camera]))
    session.add_video(frame.video, camera)
    session.frame_groups[3] = sio.FrameGroup(
        frame_idx=3,
        instance_groups=[sio.InstanceGroup(instance_by_camera={camera: instance})],
        labeled_frame_by_camera={camera: frame},
    )
    window.labels.sessions.append(session)
    before = described(host, predicted=True)
    if mode is LoadMode.ADD:
        run(host, load([3, 4]), mode)
        assert instance in frame.instances
    else:
        with pytest.raises(RemoteError, match="session of several cameras"):
            run(host, load([3] if mode is LoadMode.REPLACE else [4]), mode)
        assert described(host, predicted=True) == before
    sio.save_slp(window.labels, str(tmp_path / "saved.slp"), embed=False)
    assert sio.load_slp(str(tmp_path / "saved.slp")).sessions


# -- while it is loaded ---------------------------------------------------------------


def test_nothing_is_changed_before_the_last_slice(host, load, window):
    users, before = user_labels(host), described(host, predicted=True)
    slices = host.merging([load(range(40), tracks=("a",))], LoadMode.REPLACE)
    done, total = next(slices)
    assert 0 < done <= total == 40
    assert (described(host, predicted=True), user_labels(host)) == (before, users)
    slices.close()
    assert (described(host, predicted=True), user_labels(host)) == (before, users)
    assert list(window.labels.tracks) == []
    assert not host.can_undo
    assert not window.state["has_changes"]


def finish(slices):
    for _ in slices:
        pass


def user_instance(host):
    frames = [f for f in host.labels.labeled_frames if f.user_instances]
    twin = copy.copy(frames[0].user_instances[0])
    return twin


def until(slices, is_planned):
    """Up to the first slice, or to where only the change of the project is left."""
    for done, total in slices:
        if done == total or not is_planned:
            return


@pytest.mark.parametrize("is_planned", [False, True])
def test_what_the_user_does_meanwhile_is_kept(host, load, window, is_planned):
    run(host, load([5]))
    slices = host.merging([load([5, 6], shift=1.0)], LoadMode.REPLACE)
    until(slices, is_planned)
    frame = next(f for f in window.labels.labeled_frames if f.frame_idx == 5)
    added = user_instance(host)
    if is_planned:
        frame.instances.append(added)
    else:
        frame.instances = list(frame.instances) + [added]
    deleted = next(f for f in window.labels.labeled_frames if f.user_instances)
    window.labels.labeled_frames.remove(deleted)
    finish(slices)
    assert added in frame.instances
    assert deleted not in window.labels.labeled_frames
    assert sorted(row[1] for row in described(host, predicted=True)) == [5, 6]


@pytest.mark.parametrize("is_planned", [False, True])
def test_a_frame_labelled_meanwhile_is_there_once(host, load, window, is_planned):
    slices = host.merging([load([5, 6])], LoadMode.REPLACE)
    until(slices, is_planned)
    mine = user_instance(host)
    frame = host.objects.new_frame(window.labels.videos[0], 6, [mine])
    window.labels.append(frame)
    finish(slices)
    numbers = [f.frame_idx for f in window.labels.labeled_frames]
    assert len(numbers) == len(set(numbers)) == 8
    assert frame.instances[0] is mine
    assert [host.is_predicted(i) for i in frame.instances] == [False, True]
    host.undo_merge()
    assert frame.instances == [mine]


def test_a_video_removed_meanwhile_ends_the_load(host, load, second, window, tmp_path):
    path = write_predictions(tmp_path / "p.slp", [CLUSTER], [(0, 3)], NODES)
    slices = host.merging(
        [host.read_predictions(path, [(second, 1)])], LoadMode.REPLACE
    )
    next(slices)
    del window.labels.videos[1]
    with pytest.raises(OtherProject):
        finish(slices)
    assert described(host, predicted=True) == []


@pytest.mark.parametrize("edit", ["renamed", "added", "removed"])
def test_nodes_edited_while_instances_are_made_are_a_sentence(host, load, window, edit):
    before = described(host, predicted=True)
    slices = host.merging([load(range(300), ("a",))], LoadMode.REPLACE)
    done, total = next(slices)
    assert done == SLICE < total  # the next slice makes instances
    skeleton, labels = window.labels.skeletons[0], window.labels
    is_legacy = hasattr(skeleton, "relabel_node")
    if edit == "renamed" and is_legacy:
        skeleton.relabel_node("head", "nose")
    elif edit == "renamed":
        labels.rename_nodes({"head": "nose"})
    elif edit == "added":
        skeleton.add_node("wing")
    elif is_legacy:
        skeleton.delete_node("head")
    else:
        labels.remove_nodes(["head"])
    with pytest.raises(ResultsDamaged, match="another skeleton"):
        finish(slices)
    assert described(host, predicted=True) == before


def test_a_skeleton_that_fits_again_meanwhile_is_loaded_into(host, load, window):
    slices = host.merging([load(range(300))], LoadMode.REPLACE)
    next(slices)
    twin = copy.deepcopy(window.labels.skeletons[0])
    window.labels.skeletons.append(twin)
    again, _ = next(slices)
    assert again == SLICE  # begun anew
    finish(slices)
    assert len(described(host, predicted=True)) == 300


def test_a_track_made_meanwhile_is_used(host, load, window):
    slices = host.merging([load([3], tracks=("a",))], LoadMode.REPLACE)
    next(slices)
    window.labels.tracks.append(host.objects.new_track(0, "a"))
    finish(slices)
    assert [track.name for track in window.labels.tracks] == ["a"]


# -- and back -------------------------------------------------------------------------


def test_undo_keeps_a_corrected_prediction(host, load, window):
    run(host, load([5]))
    frame = next(f for f in window.labels.labeled_frames if f.frame_idx == 5)
    mine = user_instance(host)
    mine.from_predicted = frame.instances[0]
    frame.instances.append(mine)
    host.undo_merge()
    (left,) = [f for f in window.labels.labeled_frames if f.frame_idx == 5]
    assert left.instances == [mine]


def test_undo_leaves_later_predictions_alone(host, load, window):
    run(host, load([5, 6]))
    run(host, load([5, 6], shift=1.0))
    frame = next(f for f in window.labels.labeled_frames if f.frame_idx == 5)
    (later,) = host.objects.new_instances(
        _points(5, 2.0), [0.5], [0.0], [None], window.labels.skeletons[0]
    )
    frame.instances = [later]
    assert host.undo_merge() == 1
    assert frame.instances == [later]
    (other,) = [f for f in window.labels.labeled_frames if f.frame_idx == 6]
    assert other.instances[0].numpy() == pytest.approx(points_for(6, NODES))


def _points(frame, shift):
    from sleap_remote_plugin.sleap_host.tables import POINT

    points = np.zeros((1, len(NODES)), POINT)
    points["x"], points["y"] = points_for(frame, NODES, shift).T
    points["visible"] = True
    return points


def test_undo_fits_to_nodes_that_came_since(host, load, window, project, make_window):
    run(host, load([5]))
    run(host, load([5], shift=1.0))
    skeleton = window.labels.skeletons[0]
    skeleton.add_node("wing")
    for frame in window.labels.labeled_frames:
        for instance in frame.instances:
            host.objects.fit_to_skeleton(instance)
    host.undo_merge()
    (frame,) = [f for f in window.labels.labeled_frames if f.frame_idx == 5]
    points = frame.instances[0].numpy()
    assert points[:3] == pytest.approx(points_for(5, NODES))
    assert np.isnan(points[3]).all()
    host.save_project()
    again = host_of(make_window(project))
    assert len(described(again, predicted=True)) == 1


def test_undo_after_saving_under_another_name(host, load, window, project):
    run(host, load([5]))
    window.state["filename"] = str(project.with_name("labels.v002.slp"))
    host.undo_merge()
    assert described(host, predicted=True) == []
    assert window.state["has_changes"]


# -- what SLEAP keeps beside the labels -----------------------------------------------


def test_sleaps_cache_is_as_it_would_make_it(host, load, window):
    cache = getattr(window.labels, "_cache", None)
    if cache is None:
        pytest.skip("sleap-io makes its indices when they are asked for")
    run(host, load([3, 4, 5, 20], tracks=("a", "b")))

    def state():
        tracks = {
            track: ranges.list
            for track, ranges in cache._track_occupancy[window.labels.videos[0]].items()
        }
        counts = [
            window.labels.get_labeled_frame_count(window.labels.videos[0], kind)
            for kind in ("", "user", "predicted")
        ]
        frames = dict(cache._frame_idx_map[window.labels.videos[0]])
        return tracks, frames, list(cache._lf_by_video[window.labels.videos[0]]), counts

    ours = state()
    window.labels.update_cache()
    assert state() == ours


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_is_as_it_was_after_a_load(host, load, is_on):
    before = gc.isenabled()
    gc.enable() if is_on else gc.disable()
    try:
        slices = host.merging([load(range(40))], LoadMode.REPLACE)
        next(slices)
        assert collector._at_rest
        slices.close()
        assert not collector._at_rest
        run(host, load(range(40)))
        assert (gc.isenabled(), collector._at_rest) == (is_on, [])
    finally:
        gc.enable() if before else gc.disable()


# -- in the window --------------------------------------------------------------------


@pytest.fixture
def loading(host, window, project, tmp_path, video):
    """The deed behind the button, on a job that is done."""
    from sleap_remote_plugin.qt.loading import Loading
    from sleap_remote_plugin.qt.worker import Lane

    path = write_predictions(
        tmp_path / "p.slp", [CLUSTER], [(0, n) for n in range(40)], NODES, ("a", "b")
    )
    one = PredictionFile(path, video, 0)
    session = SimpleNamespace(
        results=lambda job: SimpleNamespace(predictions=(one,)),
        to_cluster=lambda local: CLUSTER if str(local) == video else "/ceph/other",
        places=SimpleNamespace(to_local=lambda cluster: video),
    )
    made = Loading(
        host, SimpleNamespace(session=lambda: session), Lane("files"), window
    )
    made.job = SimpleNamespace(
        name="labels predictions", project=str(project), request={}
    )
    yield made
    made._files.close()


def test_a_load_from_click_to_undo(loading, host, window, qtbot, project):
    saved, users = project.read_bytes(), user_labels(host)
    said = []
    loading.said.connect(lambda text, undo: said.append((text, undo)))
    loading.load(loading.job)
    qtbot.waitUntil(lambda: loading._dialog is not None)
    dialog = loading._dialog
    assert dialog.preview.instances == 80
    window.state["frame_idx"] = 7  # the window goes on working
    dialog.accept()
    qtbot.waitUntil(lambda: bool(said))
    assert said[0][1]
    assert "Loaded 80 predicted instances on 40 frames" in said[0][0]
    assert len(window.player.view.predicted_instances) == 2
    assert window.state["has_changes"]
    assert user_labels(host) == users
    loading.undo()
    assert described(host, predicted=True) == []
    assert user_labels(host) == users
    assert project.read_bytes() == saved


def test_with_another_project_open_they_come_on_their_own(
    loading, host, window, qtbot, project, monkeypatch
):
    opened = []
    monkeypatch.setattr(
        type(window),
        "loadProjectFile",
        lambda *args: pytest.fail("a file was opened"),
        raising=False,
    )
    open_it = host.open_as_project
    monkeypatch.setattr(
        host, "open_as_project", lambda labels: opened.append(open_it(labels))
    )
    users = described(host, predicted=False)
    other_name = project.with_name("elsewhere.avi")
    shutil.copyfile(str(project.with_name("arena.avi")), str(other_name))
    host.set_video_files(window.labels.videos[0], [str(other_name)])
    loading.load(loading.job)
    from qtpy.QtWidgets import QApplication, QPushButton

    def button():
        for top in QApplication.topLevelWidgets():
            for one in top.findChildren(QPushButton, "remote_load_alone_yes"):
                if one.isVisible():
                    return one
        return None

    qtbot.waitUntil(lambda: button() is not None)
    button().click()
    qtbot.waitUntil(lambda: bool(opened))
    (other,) = opened
    assert other is not window
    alone = host_of(other)
    assert len(described(alone, predicted=True)) == 80
    assert other.state["filename"] is None
    assert other.state["has_changes"]
    assert described(host, predicted=True) == []
    assert described(host, predicted=False) == users
    put_away(other)
    qtbot.wait(50)
