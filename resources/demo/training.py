"""Training settings that learn the demo project on two CPU cores in about a minute.

They are entered into SLEAP's own training dialog, as a user would, so the keys are
those of SLEAP's forms: ``form`` is the pipeline page, then one page for each head.
Both generations train at least 200 batches an epoch, and neither has a field for
that: time is kept short by a small picture, few filters and few epochs.
"""

from __future__ import annotations

from typing import Any, Dict

# SLEAP 1.3-1.4. Input scaling stays 1 for centered_instance: anything else makes
# these versions fail after training.
LEGACY = {
    "pipeline": "top-down",
    "form": {
        "_predict_frames": "nothing",
        "_save_viz": False,
        "model.heads.centered_instance.anchor_part": "thorax",
        "model.heads.centroid.sigma": 2.5,
        "model.heads.centered_instance.sigma": 2.5,
    },
    "centroid": {
        "_backbone_name": "unet",
        "data.preprocessing.input_scaling": 0.5,
        "model.backbone.unet.max_stride": 16,
        "model.backbone.unet.filters": 8,
        "model.backbone.unet.filters_rate": 1.5,
        "model.backbone.unet.up_interpolate": True,
        "model.heads.centroid.output_stride": 2,
        "optimization.augmentation_config.rotate": True,
        "optimization.augmentation_config.rotation_min_angle": -180,
        "optimization.augmentation_config.rotation_max_angle": 180,
        "optimization.batch_size": 2,
        "optimization.epochs": 3,
        "optimization.initial_learning_rate": 0.001,
    },
    "centered_instance": {
        "_backbone_name": "unet",
        "data.preprocessing.input_scaling": 1.0,
        "data.instance_cropping.crop_size": 64,
        "model.backbone.unet.max_stride": 16,
        "model.backbone.unet.filters": 8,
        "model.backbone.unet.filters_rate": 1.5,
        "model.backbone.unet.up_interpolate": True,
        "model.heads.centered_instance.output_stride": 2,
        "optimization.augmentation_config.rotate": True,
        "optimization.augmentation_config.rotation_min_angle": -180,
        "optimization.augmentation_config.rotation_max_angle": 180,
        "optimization.batch_size": 2,
        "optimization.epochs": 3,
        "optimization.initial_learning_rate": 0.001,
    },
}  # type: Dict[str, Any]

# SLEAP 1.5+.
CURRENT = {
    "pipeline": "top-down",
    "frame_target": "nothing",
    "form": {
        "trainer_config.visualize_preds_during_training": False,
        "trainer_config.keep_viz": False,
        "trainer_config.trainer_accelerator": "cpu",
        "model_config.head_configs.centered_instance.confmaps.anchor_part": "thorax",
        "model_config.head_configs.centroid.confmaps.sigma": 2.5,
        "model_config.head_configs.centered_instance.confmaps.sigma": 2.5,
    },
    "centroid": {
        "_backbone_name": "unet",
        "data_config.preprocessing.scale": 0.5,
        "model_config.backbone_config.unet.max_stride": 16,
        "model_config.backbone_config.unet.filters": 8,
        "model_config.backbone_config.unet.filters_rate": 1.5,
        "model_config.backbone_config.unet.up_interpolate": True,
        "model_config.head_configs.centroid.confmaps.output_stride": 2,
        "_rotation_preset": "±180°",
        "trainer_config.train_data_loader.batch_size": 2,
        "trainer_config.max_epochs": 6,
        "trainer_config.optimizer.lr": 0.001,
    },
    "centered_instance": {
        "_backbone_name": "unet",
        "data_config.preprocessing.scale": 1.0,
        "data_config.preprocessing.crop_size": 64,
        "model_config.backbone_config.unet.max_stride": 16,
        "model_config.backbone_config.unet.filters": 8,
        "model_config.backbone_config.unet.filters_rate": 1.5,
        "model_config.backbone_config.unet.up_interpolate": True,
        "model_config.head_configs.centered_instance.confmaps.output_stride": 2,
        "_rotation_preset": "±180°",
        "trainer_config.train_data_loader.batch_size": 2,
        "trainer_config.max_epochs": 6,
        "trainer_config.optimizer.lr": 0.001,
    },
}  # type: Dict[str, Any]


def settings_for(dialog: Any) -> Dict[str, Any]:
    """The settings whose keys this training dialog's form understands."""
    fields = dialog.pipeline_form_widget.get_form_data()
    is_current = any(key.startswith("trainer_config.") for key in fields)
    return CURRENT if is_current else LEGACY


def fill_dialog(dialog: Any) -> Dict[str, Any]:
    """Enter the settings into a SLEAP training dialog, shown or not.

    The fields are read back: a key that the form lacks, or a value that it refused,
    raises ``ValueError`` rather than training something else. As in SLEAP's window,
    the dialog's ``frame_selection`` must have been set: without it SLEAP 1.3 does not
    offer to predict on nothing.

    Returns
    -------
    dict
        The settings that were entered (`LEGACY` or `CURRENT`).
    """
    settings = settings_for(dialog)
    pipeline = dialog.pipeline_form_widget
    pipeline.current_pipeline = settings["pipeline"]
    if hasattr(dialog, "frame_target_selector"):
        from sleap.gui.widgets.frame_target_selector import FrameTargetSelection

        dialog.frame_target_selector.set_selection(
            FrameTargetSelection(target_key=settings["frame_target"])
        )
    pipeline.set_form_data(settings["form"])
    dialog.on_tab_data_change()
    for head in dialog.shown_tab_names:
        dialog.tabs[head].set_fields_from_key_val_dict(settings[head])

    _check("the pipeline page", settings["form"], pipeline.get_form_data())
    for head in dialog.shown_tab_names:
        _check(head, settings[head], dialog.tabs[head].get_all_form_data())
    return settings


def _check(page: str, wanted: Dict[str, Any], entered: Dict[str, Any]) -> None:
    for key, value in wanted.items():
        if key not in entered:
            raise ValueError(
                "SLEAP's training dialog has no field {} on {}.".format(key, page)
            )
        if not _is_same(value, entered[key]):
            raise ValueError(
                "SLEAP's training dialog holds {!r} in the field {} on {}, "
                "not {!r}.".format(entered[key], key, page, value)
            )


def _is_same(wanted: Any, entered: Any) -> bool:
    if isinstance(wanted, (bool, str)):
        return entered == wanted
    try:
        return abs(float(entered) - float(wanted)) < 1e-9
    except (TypeError, ValueError):
        return False
