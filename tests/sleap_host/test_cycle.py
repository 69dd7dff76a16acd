"""From loaded predictions to the next training, clicked in SLEAP's real window.

The cluster is a stand-in: what it would have made lies in folders beside the project.
"""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from tests.qt.standins import a_job
from tests.sleap_host.clicked import (  # noqa: F401
    click,
    cluster,
    controller,
    ours,
)
from tests.sleap_host.predictions import write_predictions
from tests.sleap_host.test_next_round import (
    as_trained,
    change_settings,
    configs_of,
    read_config,
    settings,
    write_package,
)

pytestmark = [pytest.mark.sleap, pytest.mark.each_sleap]


def jobs_of(project):
    video = str(project.parent / "arena.avi")
    trained = a_job(
        "t1",
        name="labels top-down",
        project=str(project),
        folder="/ceph/lab/labels.v001.slp.training_job",
        tasks=(Task("centroid", "models/run of centroid"),),
        state=JobState.COMPLETED,
    )
    predicted = a_job(
        "p1",
        name="arena",
        kind=JobKind.PREDICT,
        project=str(project),
        folder="/ceph/lab/labels.v001.slp.prediction_job",
        tasks=(Task("arena.avi", "predictions/arena.predictions.slp", video, 0),),
        state=JobState.COMPLETED,
        slurm_id="418",
    )
    return predicted, trained


def test_load_then_next_round_then_training_as_before(
    ours,  # noqa: F811
    host,
    window,
    qtbot,
    cluster,  # noqa: F811
    project,
    training_dialog,
):
    # Round one: trained and predicted, on the cluster.
    change_settings(host, training_dialog)
    package = write_package(
        host, training_dialog, project.parent / "labels.v001.slp.training_job"
    )
    (package / host.training_plan(training_dialog).labels_name).write_bytes(b"images")
    as_trained(package, host)
    training_dialog.close()
    predictions = project.parent / "labels.v001.slp.prediction_job" / "predictions"
    predictions.mkdir(parents=True)
    nodes = [node.name for node in window.labels.skeletons[0].nodes]
    write_predictions(
        predictions / "arena.predictions.slp",
        ["/ceph/lab/arena.avi"],
        [(0, frame) for frame in range(10, 20)],
        nodes,
    )
    cluster.stored = jobs_of(project)
    ours.follower.start()
    qtbot.waitUntil(lambda: len(ours.dock.model.jobs()) == 2)
    ours.show_job("p1")
    before = project.read_bytes()

    click(qtbot, "remote_load_predictions")
    click(qtbot, "remote_load_accept")
    qtbot.waitUntil(lambda: window.state["has_changes"], timeout=20000)
    click(qtbot, "remote_next_round")
    second = project.with_name("labels.v002.slp")
    qtbot.waitUntil(lambda: window.state["filename"] == str(second), timeout=20000)
    dialog = window._child_windows["training"]
    qtbot.waitUntil(dialog.isVisible, timeout=20000)

    # The new file has the predictions, the old one is as it was saved.
    assert project.read_bytes() == before
    assert not window.state["has_changes"]
    saved = host.open_labels(second)
    predicted = [
        i
        for frame in saved.labeled_frames
        for i in frame.instances
        if type(i).__name__ == "PredictedInstance"
    ]
    assert len(predicted) == 10
    assert len(saved.user_labeled_frames) == 6
    # SLEAP's dialog would send what was sent before, with the new project's name.
    again = write_package(host, dialog, project.parent / "again")
    for one, other in zip(configs_of(package, host), configs_of(again, host)):
        assert settings(read_config(other)) == settings(read_config(one))
    assert host.training_plan(dialog).labels_name == "labels.v002.pkg.slp"
    # And people can read how it came about.
    text = project.with_name("labels.rounds.md").read_text("utf-8")
    assert "## labels.v002.slp\n\n- from `labels.v001.slp`" in text
    assert "- frames with labels: 6" in text
    assert "- trained: labels top-down (Practice HPC, SLURM job 417" in text
    assert "`labels.v001.slp.training_job/models/run of centroid`" in text
    assert "- predictions loaded: arena (Practice HPC, SLURM job 418" in text
    # The load can still be taken back; the file of the round is not touched by that.
    saved_bytes = second.read_bytes()
    assert host.can_undo
    dialog.close()
    click(qtbot, "remote_undo_load")
    qtbot.waitUntil(lambda: not host.can_undo)
    assert second.read_bytes() == saved_bytes
