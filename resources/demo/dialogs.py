"""SLEAP's own dialogs, set for a project that the demo did not make itself."""

from __future__ import annotations

from typing import Any, Dict

# Whichever of the keys the generation's form has. The lower two are of one head.
_SHORT = {
    "_backbone_name": "unet",
    "optimization.epochs": 3,
    "trainer_config.max_epochs": 3,
    "optimization.initial_learning_rate": 0.001,
    "trainer_config.optimizer.lr": 0.001,
    "model.backbone.unet.filters": 8,
    "model_config.backbone_config.unet.filters": 8,
    "model.backbone.unet.max_stride": 16,
    "model_config.backbone_config.unet.max_stride": 16,
}
_SHORT_PAGE = {
    "model.heads.single_instance.sigma": 5.0,
    "model_config.head_configs.single_instance.confmaps.sigma": 5.0,
    "trainer_config.trainer_accelerator": "cpu",
}
_SHORT_SINGLE = {
    "data.preprocessing.input_scaling": 0.5,
    "data_config.preprocessing.scale": 0.5,
    "model.heads.single_instance.output_stride": 4,
    "model_config.head_configs.single_instance.confmaps.output_stride": 4,
}


def fill_shortly(dialog: Any, pipeline: str) -> None:
    """Set the training dialog to a pipeline, and to as little work as it allows."""
    page = dialog.pipeline_form_widget
    page.current_pipeline = pipeline
    choose_frames(dialog, "nothing", "nothing")
    page.set_form_data(_known(_SHORT_PAGE, page.get_form_data()))
    dialog.on_tab_data_change()
    for head in dialog.shown_tab_names:
        tab = dialog.tabs[head]
        wanted = dict(_SHORT, **(_SHORT_SINGLE if head == "single_instance" else {}))
        tab.set_fields_from_key_val_dict(_known(wanted, tab.get_all_form_data()))


def _known(wanted: Dict[str, Any], there: Dict[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in wanted.items() if key in there}


def choose_whole_video(dialog: Any) -> None:
    """Predict on the entire current video."""
    choose_frames(dialog, "entire current video", "video")


def choose_frames(dialog: Any, text: str, key: str) -> None:
    """Choose what to predict on: by the combo's text, or by the selector's key."""
    selector = getattr(dialog, "frame_target_selector", None)
    if selector is not None:
        from sleap.gui.widgets.frame_target_selector import FrameTargetSelection

        selector.set_selection(
            FrameTargetSelection(target_key=key, exclude_user_labeled=False)
        )
        return
    combo = dialog.pipeline_form_widget.fields["_predict_frames"].list_widget
    options = [combo.itemText(place) for place in range(combo.count())]
    chosen = next(option for option in options if option.startswith(text))
    dialog.pipeline_form_widget.set_form_data({"_predict_frames": chosen})
