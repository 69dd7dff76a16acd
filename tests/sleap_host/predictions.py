"""Predictions files as SLEAP's own programs write them, made in a moment."""

from __future__ import annotations

import numpy as np


def write_predictions(path, videos, frames, nodes, tracks=(), shift=0.0):
    """Write a file with one predicted instance for each track (or one without).

    Parameters
    ----------
    videos : sequence of str
        Paths as the cluster spells them.
    frames : sequence of (int, int)
        Index of the video in the file, frame.
    nodes : sequence of str
        Node n of frame f is at (f + shift, 10 * the place of the name in the alphabet).
    """
    names = list(tracks) or [None]
    try:
        import sleap_io  # noqa: F401
    except ImportError:
        labels = _legacy(videos, frames, nodes, names, shift)
        from sleap import Labels

        Labels.save_file(labels, str(path))
        return path
    _current(videos, frames, nodes, names, shift).save(
        str(path), embed=False, verbose=False
    )
    return path


def points_for(frame, nodes, shift=0.0, place=0):
    """The (x, y) of each node."""
    order = sorted(nodes)
    return np.array(
        [[frame + shift + 50 * place, 10.0 * order.index(name)] for name in nodes],
        dtype="float64",
    )


def _legacy(videos, frames, nodes, names, shift):
    from sleap import LabeledFrame, Labels, PredictedInstance, Skeleton, Video
    from sleap.instance import Track
    from sleap.io.video import MediaVideo

    skeleton = Skeleton("other")
    skeleton.add_nodes(list(nodes))
    sources = [Video(backend=MediaVideo(filename=v, grayscale=True)) for v in videos]
    tracks = [Track(0, name) if name else None for name in names]
    found = []
    for video, frame in frames:
        instances = [
            PredictedInstance.from_numpy(
                points_for(frame, nodes, shift, place).astype("float32"),
                np.full(len(nodes), 0.9, "float32"),
                0.8,
                skeleton=skeleton,
                track=track,
            )
            for place, track in enumerate(tracks)
        ]
        found.append(LabeledFrame(sources[video], frame, instances))
    return Labels(
        labeled_frames=found,
        videos=sources,
        skeletons=[skeleton],
        tracks=[track for track in tracks if track],
    )


def _current(videos, frames, nodes, names, shift):
    import sleap_io

    skeleton = sleap_io.Skeleton(nodes=list(nodes), name="other")
    sources = [sleap_io.Video(filename=v, open_backend=False) for v in videos]
    tracks = [sleap_io.Track(name) if name else None for name in names]
    found = []
    for video, frame in frames:
        instances = [
            sleap_io.PredictedInstance.from_numpy(
                points_for(frame, nodes, shift, place),
                skeleton=skeleton,
                point_scores=np.full(len(nodes), 0.9),
                score=0.8,
                track=track,
            )
            for place, track in enumerate(tracks)
        ]
        found.append(
            sleap_io.LabeledFrame(
                video=sources[video], frame_idx=frame, instances=instances
            )
        )
    return sleap_io.Labels(
        labeled_frames=found,
        videos=sources,
        skeletons=[skeleton],
        tracks=[track for track in tracks if track],
    )


def described(host, predicted):
    """All user or all predicted instances, to the last bit."""
    found = []
    for frame in host.labels.labeled_frames:
        for instance in frame.instances:
            if host.objects.is_predicted(instance) == predicted:
                points = instance.numpy()
                track = instance.track.name if instance.track else None
                place = [id(v) for v in host.labels.videos].index(id(frame.video))
                found.append((place, frame.frame_idx, track, points.tobytes()))
    return sorted(found, key=str)


def user_labels(host):
    frames = [f for f in host.labels.labeled_frames if f.user_instances]
    found = [
        (id(frame), id(i), i.numpy().tobytes(), id(i.from_predicted))
        for frame in frames
        for i in frame.user_instances
    ]
    return found + described(host, predicted=False)
