"""*Train then predict...* in SLEAP's real window: what its training dialog says."""

from __future__ import annotations

import pytest
import yaml

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from tests.sleap_host.clicked import (  # noqa: F401
    click,
    cluster,
    controller,
    ours,
    visible,
)
from tests.sleap_host.test_inference import choose

pytestmark = pytest.mark.sleap


def chosen(dialog, host):
    """What SLEAP's dialog says under *Predict On*."""
    if host.generation is Generation.CURRENT:
        return dialog.frame_target_selector.get_selection().target_key
    return dialog.pipeline_form_widget.get_form_data()["_predict_frames"]


def test_frames_are_offered_where_sleap_offers_none_of_use(host, window):
    dialog = host.open_dialog("training")
    assert chosen(dialog, host) in ("nothing", "frame")  # SLEAP 1.3 and 1.6
    asked = host.request_after_training(dialog)
    assert asked.models == ()
    if host.generation is Generation.LEGACY:  # "nothing": what can be offered
        assert [video.frames for video in asked.videos] == [""]

    host.offer_frames(dialog)
    assert chosen(dialog, host).startswith(("entire current video", "video"))
    (video,) = host.request_after_training(dialog).videos
    assert (video.frames, video.index) == ("", 0)
    assert video.path == host.project().videos[0].path
    assert host.request_after_training(dialog).tracking == ()

    choose(dialog, host, "user_labeled")
    host.offer_frames(dialog)  # what was chosen stays
    (video,) = host.request_after_training(dialog).videos
    assert video.frames == "0,8,16,23,31,39"
    dialog.reject()


def test_a_selected_clip_stays_what_is_predicted_on(host, window):
    window.state["frame_range"] = (5, 10)
    window.state["has_frame_range"] = True
    dialog = host.open_dialog("training")
    choose(dialog, host, "clip")
    host.offer_frames(dialog)
    (video,) = host.request_after_training(dialog).videos
    assert video.frames == "5-9"
    dialog.reject()


def test_one_entry_and_two_buttons_send_both(
    ours,  # noqa: F811
    host,
    qtbot,
    cluster,  # noqa: F811
    project,
):
    from demo.training import fill_dialog

    ours.menu.entries["remote_train_then_predict"].trigger()
    dialog = ours.host.window._child_windows["training"]
    fill_dialog(dialog)  # which says "nothing" again
    choose(dialog, host, "video")
    click(qtbot, "remote_run_button")
    row = visible(qtbot, "remote_submit_dialog").then
    assert row.is_wanted
    assert row.what.text() == "On all of arena.avi"
    click(qtbot, "remote_submit")
    qtbot.waitUntil(lambda: bool(cluster.chains), timeout=60000)

    (then,) = cluster.chains
    (video,) = then.request.videos
    assert (video.title, video.frames, video.length) == ("arena.avi", "", 40)
    package = cluster.submissions[0][0]
    # The package itself predicts on nothing, as for a training alone.
    written = yaml.safe_load((package.folder / "jobs.yaml").read_text("utf-8"))
    assert written["inference"] == []
    qtbot.waitUntil(lambda: len(ours.dock.model.jobs()) == 2, timeout=20000)
    kinds = {job.kind for job in ours.dock.model.jobs()}
    assert kinds == {JobKind.TRAIN, JobKind.PREDICT}
    assert not ours.chaining.is_meant(dialog)
