"""SLEAP's real inference dialog and metrics window, with runs that came back."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path

import pytest
import yaml

from sleap_remote_plugin.errors import (
    ProjectNotReady,
    ResultsDamaged,
    ResultsMissing,
)
from sleap_remote_plugin.jobs.frames import numbers_of, read_frames
from sleap_remote_plugin.jobs.generation import Generation

pytestmark = pytest.mark.sleap

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "sleap" / "models"


@pytest.fixture
def runs(host, training_dialog, tmp_path):
    """Run folders as a training leaves them (the weights are empty files)."""
    package = tmp_path / "package"
    package.mkdir()
    host.write_configs(host.read_configs(training_dialog), package)
    training_dialog.reject()
    legacy = host.generation is Generation.LEGACY
    ending = "json" if legacy else "yaml"
    found = []
    for head in ("centroid", "centered_instance"):
        run = tmp_path / "elsewhere" / "models" / "261122_100000.{}.n=6".format(head)
        run.mkdir(parents=True)
        config = package / "{}.{}".format(head, ending)
        shutil.copy(str(config), str(run / ("initial_config." + ending)))
        shutil.copy(str(config), str(run / ("training_config." + ending)))
        (run / ("best_model.h5" if legacy else "best.ckpt")).write_bytes(b"")
        found.append(run)
    return found


def choose(dialog, host, target):
    """Choose frames to predict on, as the user does in SLEAP's dialog."""
    if host.generation is Generation.CURRENT:
        from sleap.gui.widgets.frame_target_selector import FrameTargetSelection

        dialog.frame_target_selector.set_selection(
            FrameTargetSelection(target_key=target)
        )
        assert dialog.frame_target_selector.get_selection().target_key == target
        return
    words = {
        "frame": "current frame",
        "video": "entire current video",
        "all_videos": "all videos",
        "user_labeled": "user labeled",
        "random": "random frames (",
        "clip": "selected clip",
        "suggestions": "suggested",
    }
    menu = dialog.pipeline_form_widget.fields["_predict_frames"].list_widget
    options = [menu.itemText(index) for index in range(menu.count())]
    (option,) = [text for text in options if text.startswith(words[target])]
    dialog.pipeline_form_widget.set_form_data({"_predict_frames": option})


@pytest.mark.each_sleap
def test_sleaps_dialog_opens_with_the_runs_chosen(host, runs):
    dialog = host.offer_models(runs)
    assert dialog.isVisible()
    assert dialog.mode == "inference"
    assert dialog.run_button.isEnabled()
    request = host.prediction_request(dialog)
    assert request.models == tuple(str(run) for run in runs)
    assert request.options == ()  # at their default: left to the cluster


def test_runs_offered_in_any_order_are_asked_for_centroid_first(host, runs):
    request = host.prediction_request(host.offer_models(runs[::-1]))
    assert request.models == tuple(str(run) for run in runs)


def test_newer_runs_take_the_place_of_those_offered_before(host, runs, tmp_path):
    host.offer_models(runs).reject()
    newer = []
    for run in runs:
        other = tmp_path / "newer" / run.name
        shutil.copytree(str(run), str(other))
        newer.append(other)
    request = host.prediction_request(host.offer_models(newer))
    assert request.models == tuple(str(run) for run in newer)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no trained models beside the checkout")
def test_models_that_sleap_trained_are_offered(host, tmp_path):
    found = []
    for head in ("centroid", "centered_instance"):
        run = tmp_path / ("run." + head)
        shutil.copytree(str(SHARED / ("minimal_instance.UNet." + head)), str(run))
        found.append(run)
    request = host.prediction_request(host.offer_models(found))
    assert request.models == tuple(str(run) for run in found)


def test_a_run_without_weights_is_a_sentence(host, runs):
    for weights in ("best_model.h5", "best.ckpt"):
        if (runs[1] / weights).exists():
            (runs[1] / weights).unlink()
    with pytest.raises(ResultsMissing, match="no trained weights"):
        host.offer_models(runs)


def test_a_run_that_is_gone_is_a_sentence(host, tmp_path):
    with pytest.raises(ResultsMissing, match="nowhere"):
        host.offer_models([tmp_path / "nowhere"])


@pytest.mark.parametrize(
    ("target", "frames"),
    [("frame", "3"), ("video", ""), ("user_labeled", "0,8,16,23,31,39")],
)
def test_the_frames_are_those_of_sleaps_dialog(host, window, runs, target, frames):
    window.state["frame_idx"] = 3
    dialog = host.offer_models(runs)
    choose(dialog, host, target)
    (video,) = host.prediction_request(dialog).videos
    assert video.frames == frames
    assert video.index == 0
    assert video.path == host.project().videos[0].path


@pytest.mark.each_sleap
def test_tracking_alone_is_for_this_computer(host):
    dialog = host.open_dialog("inference")
    page = dialog.pipeline_form_widget
    if host.generation is Generation.CURRENT:
        menu = page._pipeline_combo
        menu.setCurrentIndex(menu.findData("tracking-only"))
    else:
        page.pipeline_field.setValue(page.pipeline_field.option_list[-1])
        page.emitPipeline()
    with pytest.raises(ProjectNotReady, match="SLEAP's own Run"):
        host.prediction_request(dialog)


def test_a_selected_clip_is_a_range(host, window, runs):
    window.state["frame_range"] = (5, 10)
    window.state["has_frame_range"] = True
    dialog = host.offer_models(runs)
    choose(dialog, host, "clip")
    (video,) = host.prediction_request(dialog).videos
    assert video.frames == "5-9"


def test_suggested_frames_are_those_that_are_not_labelled(host, window, runs):
    if host.generation is Generation.CURRENT:
        from sleap_io import SuggestionFrame
    else:
        from sleap.gui.suggestions import SuggestionFrame
    video = host.labels.videos[0]
    window.labels.suggestions = [SuggestionFrame(video, n) for n in (3, 8, 12)]
    dialog = host.offer_models(runs)
    choose(dialog, host, "suggestions")
    (found,) = host.prediction_request(dialog).videos
    assert found.frames == "3,12"  # 8 is labelled


def skip_labelled(dialog, host, target):
    if host.generation is not Generation.CURRENT:
        pytest.skip("SLEAP 1.3 and 1.4 have no such choice")
    from sleap.gui.widgets.frame_target_selector import FrameTargetSelection

    dialog.frame_target_selector.set_selection(
        FrameTargetSelection(target_key=target, exclude_user_labeled=True)
    )


def test_labelled_frames_of_a_whole_video_can_be_skipped(host, runs):
    dialog = host.offer_models(runs)
    skip_labelled(dialog, host, "video")
    (video,) = host.prediction_request(dialog).videos
    assert video.frames == "1-7,9-15,17-22,24-30,32-38"


def test_tracking_over_skipped_frames_is_refused_with_what_to_do(host, runs):
    dialog = host.offer_models(runs)
    skip_labelled(dialog, host, "video")
    dialog.pipeline_form_widget.set_form_data({"tracking.tracker": "simple"})
    with pytest.raises(ProjectNotReady, match="your labels are kept"):
        host.prediction_request(dialog)


def test_a_whole_video_is_read_to_its_end(host, runs):
    dialog = host.offer_models(runs)
    choose(dialog, host, "video")
    (video,) = host.prediction_request(dialog).videos
    assert video.frames == ""
    (known,), bad = host.look_at_endings([video], lambda done, total: True)
    assert (known.length, bad) == (40, ())


def test_random_frames_are_in_the_video(host, runs):
    dialog = host.offer_models(runs)
    choose(dialog, host, "random")
    (video,) = host.prediction_request(dialog).videos
    numbers = list(numbers_of(read_frames(video.frames)))
    assert set(numbers) <= set(range(40))
    assert 1 < len(numbers) <= 20


def test_no_frames_is_a_sentence(host, runs):
    dialog = host.offer_models(runs)
    choose(dialog, host, "frame")
    dialog._frame_selection["frame"] = {host.labels.videos[0]: []}
    with pytest.raises(ProjectNotReady, match="No frame is chosen"):
        host.prediction_request(dialog)


@pytest.mark.each_sleap
def test_tracking_options_are_those_of_sleaps_form(host, runs):
    from sleap_remote_plugin.jobs.sleap_cli import predict_argv

    dialog = host.offer_models(runs)
    choose(dialog, host, "video")
    assert host.prediction_request(dialog).tracking == ()
    dialog.pipeline_form_widget.set_form_data({"tracking.tracker": "simple"})
    request = host.prediction_request(dialog)
    options = dict(request.tracking)
    assert options["tracking.tracker"] == "simple"
    assert options["tracking.match"]
    argv = predict_argv(
        ["models/a"],
        "/ceph/v.avi",
        "out.slp",
        version=host.version,
        tracking=request.tracking,
    )
    assert any("track" in word for word in argv[1:])


def test_tracking_on_single_frames_is_refused_with_the_reason(host, runs):
    dialog = host.offer_models(runs)
    choose(dialog, host, "user_labeled")
    dialog.pipeline_form_widget.set_form_data({"tracking.tracker": "simple"})
    with pytest.raises(ProjectNotReady, match="follow one another"):
        host.prediction_request(dialog)


def test_a_dialog_without_models_is_refused(host):
    dialog = host.open_dialog("inference")
    with pytest.raises(ProjectNotReady):
        host.prediction_request(dialog)


def show_metrics(host, runs):
    """As the dock does: read on the files lane, shown here."""
    return host.show_metrics(runs, host.read_metrics(runs))


@pytest.mark.each_sleap
def test_sleaps_metrics_window_shows_the_runs(host, runs, window):
    dialog = show_metrics(host, runs)
    assert dialog.isVisible()
    rows = dialog.table_model.rowCount()
    assert rows == 2
    column = dialog.table_model.properties.index("Model Type")
    names = {
        dialog.table_model.data(dialog.table_model.index(row, column))
        for row in range(rows)
    }
    assert names == {"centroid", "centered_instance"}
    assert window._child_windows["metrics"] is dialog


@pytest.mark.skipif(not SHARED.is_dir(), reason="no trained models beside the checkout")
def test_the_metrics_of_models_that_sleap_trained_are_shown(host):
    runs = [
        SHARED / ("minimal_instance.UNet." + head)
        for head in ("centroid", "centered_instance")
    ]
    dialog = show_metrics(host, runs)
    column = dialog.table_model.properties.index("Dist: Avg")
    for row in range(2):
        text = dialog.table_model.data(dialog.table_model.index(row, column))
        assert float(text) > 0


def test_a_centroid_models_metrics_are_not_dropped(host, runs):
    if host.generation is Generation.LEGACY:
        pytest.skip("SLEAP 1.3 and 1.4 show them by themselves")
    import numpy as np

    distances = {"avg": 1.5, "p75": 2.0, "p95": 3.0, "dists": np.array([[1.0], [2.0]])}
    metrics = {"detection_metrics": {}, "distance_metrics": distances}
    np.savez_compressed(str(runs[0] / "metrics.val.0.npz"), metrics=metrics)
    dialog = show_metrics(host, runs)
    assert dialog.table_model.rowCount() == 2
    column = dialog.table_model.properties.index("Dist: Avg")
    assert dialog.table_model.data(dialog.table_model.index(0, column)) == "1.50000"
    dialog._show_metric_details(dialog.table_model.original_items[0])


def test_inference_settings_of_sleaps_form_travel(host, runs):
    dialog = host.offer_models(runs)
    choose(dialog, host, "video")
    # One field in 1.3, a field and a tick box in 1.6.
    for form in (
        {"max_instances": 2},
        {"_max_instances_disabled": False, "_max_instances": 2},
    ):
        dialog.pipeline_form_widget.set_form_data(form)
    assert ("max_instances", "2") in host.prediction_request(dialog).options


# -- starting points ------------------------------------------------------------------


def listed(dialog, head):
    """Paths of the configs in the menu of a tab, top first."""
    menu = dialog.tabs[head]._cfg_list_widget
    return [str(info.path) for info in menu._cfg_list]


def test_runs_are_starting_points_in_the_training_dialog(host, runs):
    dialog = host.open_dialog("training")
    dialog.pipeline_form_widget.current_pipeline = "top-down"
    tab = dialog.tabs["centroid"]
    chosen = tab._cfg_list_widget.getSelectedConfigInfo()
    before = tab.get_all_form_data()
    host.add_models(dialog, runs)
    for head, run in zip(("centroid", "centered_instance"), runs):
        assert listed(dialog, head)[0].startswith(str(run))
    menu = tab._cfg_list_widget
    assert menu.itemText(menu._menu_cfg_idx_offset).startswith("[Trained]")
    # What the user had chosen and typed stays as it was.
    assert menu.getSelectedConfigInfo() is chosen
    assert tab.get_all_form_data() == before
    # Chosen, it can be trained further.
    menu.setCurrentIndex(menu._menu_cfg_idx_offset)
    assert tab.has_trained_config_selected


def test_runs_that_are_listed_twice_are_there_once(host, runs):
    dialog = host.open_dialog("training")
    dialog.pipeline_form_widget.current_pipeline = "top-down"
    host.add_models(dialog, runs)
    host.add_models(dialog, runs)
    assert len([p for p in listed(dialog, "centroid") if str(runs[0]) in p]) == 1


def test_runs_are_found_in_an_inference_dialog_that_the_user_opened(host, runs):
    dialog = host.open_dialog("inference")
    dialog.pipeline_form_widget.current_pipeline = "top-down"
    assert not dialog.run_button.isEnabled()
    host.add_models(dialog, runs)
    assert dialog.run_button.isEnabled()
    assert host.prediction_request(dialog).models == tuple(str(run) for run in runs)


# -- hostile folders ------------------------------------------------------------------


class Evil:
    """Makes a folder when it is unpickled, as any code could."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def write_evil_metrics(folder, trace):
    import numpy as np

    for name in ("metrics.val.0.npz", "metrics.val.npz"):
        values = np.array({"dist.p50": Evil(trace)}, dtype=object)
        np.savez(str(folder / name), metrics=values)


def test_metrics_that_name_code_are_refused_and_not_run(host, runs, tmp_path):
    write_evil_metrics(runs[1], tmp_path / "trace")
    with pytest.raises(ResultsDamaged, match="other than numbers") as caught:
        host.read_metrics(runs)
    assert str(runs[1]) in str(caught.value)
    assert not (tmp_path / "trace").exists()


def test_metrics_that_a_config_points_to_elsewhere_are_not_opened(
    host, runs, tmp_path, window
):
    elsewhere = tmp_path / "evil"
    elsewhere.mkdir()
    write_evil_metrics(elsewhere, tmp_path / "trace")
    for name in ("training_config.json", "training_config.yaml"):
        config = runs[1] / name
        if config.exists():
            config.write_text(pointed_at(config.read_text("utf-8"), elsewhere), "utf-8")
    dialog = show_metrics(host, runs)
    assert dialog.table_model.rowCount() == 2
    dialog._show_metric_details(dialog.table_model.original_items[1])
    assert not (tmp_path / "trace").exists()


def pointed_at(config, folder):
    """A config whose run lies in another folder, if it were believed."""
    if config.lstrip().startswith("{"):
        values = json.loads(config)
        values["outputs"]["runs_folder"] = str(folder.parent)
        values["outputs"]["run_name"] = folder.name
        values["outputs"]["run_name_prefix"] = values["outputs"]["run_name_suffix"] = ""
        return json.dumps(values)
    values = yaml.safe_load(config)
    values["trainer_config"]["ckpt_dir"] = str(folder)
    return yaml.safe_dump(values)


def test_weights_that_name_code_are_not_opened(host, runs, tmp_path):
    trace = tmp_path / "trace"
    for run in runs:
        for name in ("best_model.h5", "best.ckpt"):
            if (run / name).exists():
                (run / name).write_bytes(pickle.dumps(Evil(trace)))
    host.offer_models(runs)
    show_metrics(host, runs)
    assert not trace.exists()
