"""SLEAP 1.5 and newer: PyTorch (sleap-nn), ``.yaml`` configs, PySide6, ``sleap-io``."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.sleap_host import current_objects, labels_current
from sleap_remote_plugin.sleap_host.current_objects import CurrentObjects
from sleap_remote_plugin.sleap_host.next_round import NextRoundHost, channels
from sleap_remote_plugin.sleap_host.package import angles
from sleap_remote_plugin.sleap_host.prediction import TRACKING_ALONE
from sleap_remote_plugin.sleap_host.prediction_current import CurrentPrediction
from sleap_remote_plugin.sleap_host.results import ResultsHost
from sleap_remote_plugin.sleap_host.training import TrainingHost
from sleap_remote_plugin.words import tr

_PRETRAINED = tr(
    "The {} model starts from pretrained weights, which are downloaded when training "
    "starts. Nodes of a cluster often have no internet; then the training fails."
)

#: What a config must not take along, and what stands there instead.
_FIT = {
    "trainer_config.visualize_preds_during_training": False,
    "trainer_config.keep_viz": False,
    "trainer_config.save_ckpt": True,
    "trainer_config.model_ckpt.save_last": True,  # to go on from after a time limit
    "trainer_config.ckpt_dir": "models",
    "trainer_config.resume_ckpt_path": None,
    # What suits this computer says nothing about the node.
    "trainer_config.trainer_accelerator": "auto",
    "trainer_config.trainer_devices": None,
    "trainer_config.trainer_device_indices": None,
    "trainer_config.use_wandb": False,
    "trainer_config.wandb.api_key": None,
    "trainer_config.wandb.entity": None,
    "trainer_config.wandb.project": None,
    "trainer_config.wandb.group": None,
    "trainer_config.wandb.name": None,
    "trainer_config.wandb.prv_runid": None,
    "trainer_config.wandb.save_viz_imgs_wandb": False,
    "trainer_config.zmq.controller_port": None,
    "trainer_config.zmq.publish_port": None,
    "data_config.val_labels_path": None,
    "data_config.test_file_path": None,
    "data_config.cache_img_path": None,
    "model_config.pretrained_backbone_weights": None,
    "model_config.pretrained_head_weights": None,
}

#: Weights that training goes on from.
_WEIGHTS = (
    "model_config.pretrained_backbone_weights",
    "model_config.pretrained_head_weights",
)


class CurrentHost(TrainingHost, CurrentPrediction, ResultsHost, NextRoundHost):
    """A window of SLEAP 1.5 or newer."""

    config_names = ("training_config.yaml", "training_config.json")
    objects = CurrentObjects()

    @property
    def generation(self) -> Generation:
        return Generation.CURRENT

    def count_labelled(self, labels: Any) -> int:
        # Where most frames have predictions only, `user_labeled_frames` takes ten times
        # as long to find that out.
        from sleap_io import LabeledFrame

        others = current_objects.others(LabeledFrame)
        return sum(
            frame.has_user_instances
            or (any(others(frame)) and getattr(frame, "is_user_labeled", True))
            for frame in labels.labeled_frames
        )

    # -- a new round --------------------------------------------------------------

    def fill_what_sleap_forgets(self, tab: Any, config: Any) -> Dict[str, Any]:
        from omegaconf import OmegaConf

        images = OmegaConf.select(config, "data_config.preprocessing") or {}
        return channels(images.get("ensure_rgb"), images.get("ensure_grayscale"))

    # -- videos -------------------------------------------------------------------

    def video_path(self, video: Any) -> str:
        name = video.filename
        if isinstance(name, (list, tuple)):
            return str(name[0]) if name else ""
        return "" if str(name).endswith(".slp") else str(name)

    def video_files(self, video: Any) -> Tuple[str, ...]:
        name = video.filename
        if isinstance(name, (list, tuple)):
            return tuple(str(one) for one in name)
        return (str(name),) if str(name) not in ("", ".") else ()

    def video_frames(self, video: Any) -> int:
        shape = video.backend_metadata.get("shape")
        if shape is None and video.backend is not None:
            shape = video.shape
        return int(shape[0]) if shape else 0

    def video_dataset(self, video: Any) -> str:
        backend = video.backend
        found = getattr(backend, "dataset", None) if backend is not None else None
        return str(found or video.backend_metadata.get("dataset") or "")

    def is_image_sequence(self, video: Any) -> bool:
        return isinstance(video.filename, (list, tuple))

    # -- training -----------------------------------------------------------------

    def dialog_form(self, dialog: Any) -> Dict[str, Any]:
        if dialog.pipeline_form_widget.current_pipeline_key == "tracking-only":
            raise ProjectNotReady(TRACKING_ALONE)
        with _preferences_untouched(dialog.pipeline_form_widget):
            return dict(dialog.pipeline_form_widget.get_form_data())

    def training_warnings(self, dialog: Any, heads: Sequence[str]) -> List[str]:
        found = []
        for head in heads:
            form = dialog.tabs[head].get_all_form_data()
            backbone = form.get("_backbone_name")
            key = "model_config.backbone_config.{}.pre_trained_weights".format(backbone)
            if form.get(key):
                found.append(_PRETRAINED.format(head))
        return found

    def make_fit_for_cluster(self, config: Any) -> None:
        from omegaconf import OmegaConf

        for key, value in _FIT.items():
            OmegaConf.update(config, key, value, force_add=True)

    def rotation(self, form: Dict[str, Any]) -> str:
        preset = str(form.get("_rotation_preset") or "Off")
        if preset == "Custom":
            angle = form.get("_rotation_custom_angle", 45)
            return angles(-float(angle), angle)
        return "off" if preset == "Off" else preset

    def rotate_fully(self, config: Any) -> None:
        from omegaconf import OmegaConf

        key = "data_config.augmentation_config.geometric.rotation_"
        for name, value in (("min", -180.0), ("max", 180.0), ("p", 1.0)):
            OmegaConf.update(config, key + name, value, force_add=True)

    def starting_point(self, config: Any) -> str:
        from omegaconf import OmegaConf

        return str(OmegaConf.select(config, _WEIGHTS[0], default=None) or "")

    def start_from(self, config: Any, run: str, weights: str) -> None:
        from omegaconf import OmegaConf

        for key in _WEIGHTS:
            OmegaConf.update(config, key, "{}/{}".format(run, weights), force_add=True)

    def write_config(
        self, info: Any, folder: Path, labels_name: str, frames: int
    ) -> Dict[str, str]:
        from omegaconf import OmegaConf
        from sleap.gui.config_utils import filter_cfg
        from sleap.gui.learning.runners import setup_new_run_folder
        from sleap_nn.config.training_job_config import verify_training_cfg

        base = "{}.n={}".format(info.head_name, frames)
        run = Path(setup_new_run_folder(info.config, base_run_name=base))
        info.config.trainer_config.run_name = run.name
        info.config.trainer_config.ckpt_dir = run.parent.as_posix()
        config = verify_training_cfg(filter_cfg(info.config))
        config.data_config.train_labels_path = [labels_name]
        name = info.head_name + ".yaml"
        OmegaConf.save(config, str(folder / name))
        return {"cfg": name, "run_path": run.as_posix(), "train_labels": labels_name}

    def report_dialog(self, mode: str) -> None:
        if mode == "training":  # its import takes seconds, and is needed soon
            threading.Thread(target=_import_training, daemon=True).start()
        super().report_dialog(mode)

    # -- labels packages ----------------------------------------------------------

    def copy_frame(self, frame: Any) -> Any:
        return labels_current.copy_frame(frame)

    def reader(self, video: Any) -> Any:
        return labels_current.reader(video)

    def read_frame(self, reader: Any, frame: int) -> Any:
        return reader[frame]

    def close_reader(self, reader: Any) -> None:
        reader.close()

    def copies_images(self, reader: Any) -> bool:
        return labels_current.copies_images(reader)

    def write_draft(
        self, snapshot: Any, readers: List[Any], path: Path, tell: Callable[..., bool]
    ) -> None:
        labels_current.write_draft(snapshot, readers, path, tell)

    # -- project files ------------------------------------------------------------

    def open_labels(self, path: Path) -> Any:
        import sleap_io

        return sleap_io.load_slp(str(path))

    def save_labels_file(self, labels: Any, path: Path) -> None:
        import sleap_io

        sleap_io.save_slp(labels, str(path), embed=False)

    # -- predictions --------------------------------------------------------------

    def load_predictions(self, path: Path) -> Any:
        import sleap_io

        return sleap_io.load_slp(str(path), open_videos=False)

    def set_video_files(self, video: Any, files: Sequence[str]) -> None:
        name = list(files) if self.is_image_sequence(video) else files[0]
        video.replace_filename(name, open=True)


def _import_training() -> None:
    """Ahead of `CurrentHost.write_config`, while SLEAP's dialog is filled in."""
    with contextlib.suppress(Exception):
        import sleap_nn.config.training_job_config  # noqa: F401


@contextlib.contextmanager
def _preferences_untouched(page: Any) -> Iterator[None]:
    """Reading the training form writes the user's preferences: not for us."""
    page._save_training_preferences = lambda data: None
    try:
        yield
    finally:
        del page._save_training_preferences
