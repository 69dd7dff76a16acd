"""Metrics as SLEAP's own evaluation writes them, read without being unpickled."""

from __future__ import annotations

import numpy as np
import pytest

from sleap_remote_plugin.jobs.metrics import read_metrics
from sleap_remote_plugin.session.metrics import load_metrics, metrics_file
from sleap_remote_plugin.sleap_host.metrics_window import read_run_metrics

pytestmark = pytest.mark.sleap

NODES = ("head", "thorax", "tail")
SHIFT = 0.75


def points(frame, animal, shift):
    nodes = np.array([[10.0, 10], [20, 20], [30, 35]]) + 60 * animal + frame
    return nodes + [shift, 0.0]


def write_current(run):
    import sleap_io
    from sleap_nn.evaluation import Evaluator, _write_metrics

    skeleton = sleap_io.Skeleton(list(NODES))
    video = sleap_io.Video("/ceph/arena.avi", open_backend=False)

    def labels(kind, shift, **values):
        frames = []
        for frame in range(6):
            found = [
                kind.from_numpy(points(frame, n, shift), skeleton=skeleton, **values)
                for n in range(2)
            ]
            frames.append(
                sleap_io.LabeledFrame(video=video, frame_idx=frame, instances=found)
            )
        return sleap_io.Labels(frames)

    truth = labels(sleap_io.Instance, 0.0)
    scores = {"point_scores": np.ones(3), "score": 0.9}
    found = labels(sleap_io.PredictedInstance, SHIFT, **scores)
    _write_metrics(run / "metrics.val.0.npz", Evaluator(truth, found).evaluate())


def write_legacy(run):
    from sleap import Instance, LabeledFrame, Labels, PredictedInstance, Skeleton, Video
    from sleap.io.video import MediaVideo
    from sleap.nn.evals import evaluate

    skeleton = Skeleton("mouse")
    skeleton.add_nodes(list(NODES))
    video = Video(backend=MediaVideo(filename="/ceph/arena.avi", grayscale=True))

    def labels(make, shift):
        frames = [
            LabeledFrame(
                video, n, [make(points(n, animal, shift)) for animal in (0, 1)]
            )
            for n in range(6)
        ]
        return Labels(frames)

    truth = labels(lambda p: Instance.from_numpy(p, skeleton), 0.0)
    found = labels(
        lambda p: PredictedInstance.from_numpy(p, np.ones(3), 0.9, skeleton), SHIFT
    )
    metrics = evaluate(truth, found)
    np.savez_compressed(str(run / "metrics.val.npz"), metrics=metrics)


def test_what_sleaps_evaluation_writes_is_read(app_module, tmp_path):
    try:
        import sleap_nn.evaluation  # noqa: F401
    except ImportError:
        write_legacy(tmp_path)
    else:
        write_current(tmp_path)
    found = read_metrics(load_metrics(metrics_file(tmp_path)))
    assert found.p50 == pytest.approx(SHIFT)
    assert found.p90 == pytest.approx(SHIFT)
    assert 0 < found.oks_map <= 1
    shown = read_run_metrics(tmp_path)
    assert shown["dist.dists"].shape == (12, 3)
    assert shown["dist.dists"] == pytest.approx(np.full((12, 3), SHIFT))
    assert float(shown["oks_voc.mAP"]) == found.oks_map
    assert int(shown["vis.tp"]) == 36
