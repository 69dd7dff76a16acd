"""The labels package: what SLEAP itself would write, sooner, and fit to leave."""

from __future__ import annotations

import json
import os
import re

import pytest

from sleap_remote_plugin.errors import Cancelled, PackageProblem
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.sleap_host import headless

pytestmark = [pytest.mark.sleap, pytest.mark.each_sleap]


def go_on(*_progress):
    return True


@pytest.fixture
def host(project):
    """A project with all kinds of videos, without a window."""
    found = headless._open(project)
    add = _add_legacy if found.generation is Generation.LEGACY else _add_current
    add(found.labels, project.parent)
    return found


def pictures(folder):
    """Three colour pictures, and a film of five in an HDF5 file."""
    import cv2
    import h5py
    import numpy as np

    random = np.random.RandomState(0)
    names = []
    for number in range(3):
        names.append(str(folder / "picture {}.png".format(number)))
        cv2.imwrite(names[-1], random.randint(0, 255, (64, 48, 3), "uint8"))
    film = folder / "film.h5"
    with h5py.File(str(film), "w") as file:
        file["box"] = random.randint(0, 255, (5, 64, 48, 1), "uint8")
    return names, str(film)


def _add_legacy(labels, folder):
    from sleap import Instance, LabeledFrame, Track, Video
    from sleap.gui.suggestions import SuggestionFrame

    names, film = pictures(folder)
    first = labels.videos[0]
    more = [
        Video.from_image_filenames(names),
        Video.from_hdf5("box", film, input_format="channels_last"),
        Video.from_filename(first.backend.filename, grayscale=False),
    ]
    track = Track(0, "a: b")
    for video, frame in [(more[0], 2), (more[0], 0), (more[1], 4)]:
        instance = Instance.from_numpy(
            labels[0].instances[0].numpy(), labels.skeleton, track=track
        )
        labels.append(LabeledFrame(video=video, frame_idx=frame, instances=[instance]))
    labels.videos.append(more[2])  # nothing is labelled in this one
    labels.tracks = [track]
    labels.suggestions = [SuggestionFrame(more[0], 1), SuggestionFrame(first, 30)]
    labels.negative_anchors = {first: [(3, 10.0, 11.0)]}
    labels.provenance = {"filename": str(folder / "labels.v001.slp"), "n": 1}
    labels.update_cache()


def _add_current(labels, folder):
    import sleap_io

    names, film = pictures(folder)
    first = labels.videos[0]
    more = [
        sleap_io.Video.from_filename(names),
        sleap_io.Video.from_filename(film, dataset="box"),
        sleap_io.Video.from_filename(first.filename, grayscale=False),
    ]
    # Else SLEAP looks, and sometimes writes down what it saw.
    for video, grayscale in zip([first, *more], [True, False, True, False]):
        video.grayscale = grayscale
    track = sleap_io.Track("a: b")
    points = labels[0].instances[0].numpy()
    for video, frame in [(more[0], 2), (more[0], 0), (more[1], 4)]:
        instance = sleap_io.Instance.from_numpy(points, labels.skeleton, track=track)
        labels.append(sleap_io.LabeledFrame(video, frame, [instance]))
    labels.append(sleap_io.LabeledFrame(first, 39, [], is_negative=True))
    labels.videos.append(more[2])
    labels.suggestions = [
        sleap_io.SuggestionFrame(more[0], 1),
        sleap_io.SuggestionFrame(first, 30),
    ]
    labels.provenance["n"] = 1


def sleaps_own(host, path):
    if host.generation is Generation.LEGACY:
        from sleap import Labels

        Labels.save_file(host.labels, str(path), save_frame_data=True)
    else:
        import sleap_io

        sleap_io.save_file(
            host.labels, str(path), embed="user", plugin="opencv", verbose=False
        )


def contents(path):
    """All that an HDF5 file holds; of paths in it only the names."""
    import h5py

    found = {}

    def add(name, item):
        for key, value in item.attrs.items():
            found[name + "@" + key] = nameless(value)
        if isinstance(item, h5py.Dataset):
            rows = item[()].tolist() if item.shape != () else [item[()]]
            found[name] = (item.shape, [nameless(row) for row in rows])

    with h5py.File(str(path), "r") as file:
        file.visititems(add)
    return found


def in_one_order(text):
    """SLEAP 1.3 numbers a skeleton's nodes in any order: here by their names."""
    found = json.loads(text)
    if not isinstance(found, dict) or "skeletons" not in found:
        return text
    names = [node["name"] for node in found["nodes"]]
    found["nodes"].sort(key=lambda node: node["name"])
    for skeleton in found["skeletons"]:
        skeleton["nodes"] = [names[node["id"]] for node in skeleton["nodes"]]
        skeleton["links"] = [
            (link["edge_insert_idx"], names[link["source"]], names[link["target"]])
            for link in skeleton["links"]
        ]
    return json.dumps(found, sort_keys=True)


def nameless(value):
    text = value.decode("latin1") if isinstance(value, bytes) else value
    if not isinstance(text, str) or not text.startswith(("{", "[")):
        return value.tobytes() if hasattr(value, "tobytes") else value
    text = in_one_order(text)
    text = re.sub(r'"(?:[^"]*/)?([^"/]+)"', r'"\1"', text)
    return re.sub(r'"(ours|theirs)\.pkg\.slp"', '"."', text)


def test_a_package_is_sleaps_own_but_for_paths(host, project, tmp_path):
    ours, theirs = tmp_path / "ours.pkg.slp", tmp_path / "theirs.pkg.slp"
    host.write_labels(host.labels_snapshot(str(project)), ours, go_on)
    sleaps_own(host, theirs)
    mine, sleaps = contents(ours), contents(theirs)
    assert sorted(mine) == sorted(sleaps)
    for name, value in sleaps.items():
        assert repr(mine[name]) == repr(value), name  # (nan is not nan)
    assert len([name for name in mine if name.endswith("/video")]) == 4


def test_nothing_in_a_package_tells_where_it_was_made(host, project, tmp_path):
    host.labels.provenance["args"] = {"model_paths": [str(tmp_path / "models")]}
    path = tmp_path / "ours.pkg.slp"
    host.write_labels(host.labels_snapshot(str(project)), path, go_on)
    data = path.read_bytes()
    for place in (tmp_path, project.parent):
        assert str(place).encode() not in data
    assert b"../arena.avi" in data
    assert [p.name for p in tmp_path.glob("*.slp")] == ["ours.pkg.slp"]


def test_source_videos_are_found_from_the_package(host, project):
    folder = project.parent / "job"
    folder.mkdir()
    path = folder / "ours.pkg.slp"
    host.write_labels(host.labels_snapshot(str(project)), path, go_on)
    import h5py

    with h5py.File(str(path), "r") as file:
        source = json.loads(file["video0/source_video"].attrs["json"])
    found = source["backend"]["filename"]
    assert os.path.samefile(str(folder / found), str(project.parent / "arena.avi"))


def test_predictions_stay_at_home(host, project, tmp_path):
    frame = host.labels.labeled_frames[0]
    if host.generation is Generation.LEGACY:
        from sleap import PredictedInstance

        predicted = PredictedInstance.from_numpy(
            frame.instances[0].numpy(),
            point_confidences=[1.0] * 3,
            instance_score=1.0,
            skeleton=host.labels.skeleton,
        )
    else:
        from sleap_io import PredictedInstance

        predicted = PredictedInstance.from_numpy(
            frame.instances[0].numpy(), host.labels.skeleton, score=1.0
        )
    frame.instances.append(predicted)
    path = tmp_path / "ours.pkg.slp"
    host.write_labels(host.labels_snapshot(str(project)), path, go_on)
    import h5py

    with h5py.File(str(path), "r") as file:
        assert not file["instances"]["instance_type"].any()
        assert len(file["pred_points"]) == 0


def test_each_frame_is_told(host, project, tmp_path):
    told = []
    host.write_labels(
        host.labels_snapshot(str(project)),
        tmp_path / "ours.pkg.slp",
        lambda *what: told.append(what) or True,
    )
    frames = [done for done, total, doing in told if doing == "frames"]
    images = [what for what in told if what[2] == "images"]
    assert sorted(set(frames)) == list(range(len(set(frames))))
    assert [done for done, _, _ in images] == list(range(1, images[-1][1] + 1))


@pytest.mark.parametrize("when", [1, 4, ("images", 2)])
def test_a_cancel_at_any_frame_leaves_nothing(host, project, tmp_path, when):
    told = []

    def stop(done, total, doing):
        told.append(doing)
        return not (len(told) == when or (doing, done) == when)

    with pytest.raises(Cancelled, match="Nothing was submitted"):
        host.write_labels(
            host.labels_snapshot(str(project)), tmp_path / "ours.pkg.slp", stop
        )
    assert [p.name for p in tmp_path.glob("*.slp")] == []
    assert len(told) == when or told[-1] == "images"  # not one more was asked for


def test_a_frame_that_is_not_there_is_named(host, project, tmp_path):
    snapshot = host.labels_snapshot(str(project))
    snapshot.labeled_frames[2].frame_idx = 4711
    with pytest.raises(PackageProblem) as caught:
        host.write_labels(snapshot, tmp_path / "ours.pkg.slp", go_on)
    text = str(caught.value)
    assert "frame 4711 of {}".format(project.parent / "arena.avi") in text
    assert 'ffmpeg -y -i "{}"'.format(project.parent / "arena.avi") in text
    assert not (tmp_path / "ours.pkg.slp").exists()


def test_a_video_that_is_gone_is_named(host, project, tmp_path):
    snapshot = host.labels_snapshot(str(project))
    (project.parent / "arena.avi").unlink()
    with pytest.raises(PackageProblem, match=r"arena\.avi cannot be read.*not there"):
        host.labels_size(snapshot)


def test_the_size_is_known_about_before(host, project, tmp_path):
    snapshot = host.labels_snapshot(str(project))
    path = tmp_path / "ours.pkg.slp"
    size = host.labels_size(snapshot)
    host.write_labels(snapshot, path, go_on)
    assert 0.5 < path.stat().st_size / size < 2


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "gone"])
def test_a_copy_that_cannot_be_opened_is_not_taken_for_one(
    host, project, tmp_path, damage
):
    snapshot = host.labels_snapshot(str(project))
    path = tmp_path / "ours.pkg.slp"
    host.write_labels(snapshot, path, go_on)
    host.check_labels_file(path, snapshot)
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "other":
        snapshot.labeled_frames.pop()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    with pytest.raises(PackageProblem, match="cannot be read back"):
        host.check_labels_file(path, snapshot)
