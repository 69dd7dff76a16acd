"""SLEAP 1.3 and 1.4: TensorFlow, ``.json`` configs, PySide2, ``sleap.io``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.sleap_host import labels_legacy
from sleap_remote_plugin.sleap_host.legacy_objects import LegacyObjects
from sleap_remote_plugin.sleap_host.next_round import NextRoundHost, channels
from sleap_remote_plugin.sleap_host.package import angles, is_local
from sleap_remote_plugin.sleap_host.prediction import TRACKING_ALONE
from sleap_remote_plugin.sleap_host.prediction_legacy import LegacyPrediction
from sleap_remote_plugin.sleap_host.results import ResultsHost
from sleap_remote_plugin.sleap_host.training import TrainingHost
from sleap_remote_plugin.words import tr

_SCALED = tr(
    "The {} model has an input scaling of {}. SLEAP 1.3 and 1.4 fail at the end of "
    "such a training; set it to 1.0 for this model (the centroid model may be scaled)."
)
_PRETRAINED = tr(
    "The {} model starts from a pretrained encoder, which is downloaded when training "
    "starts. Nodes of a cluster often have no internet; then the training fails."
)


class LegacyHost(TrainingHost, LegacyPrediction, ResultsHost, NextRoundHost):
    """A window of SLEAP 1.3 or 1.4."""

    config_names = ("training_config.json",)
    objects = LegacyObjects()

    @property
    def generation(self) -> Generation:
        return Generation.LEGACY

    # -- a new round --------------------------------------------------------------

    def fill_what_sleap_forgets(self, tab: Any, config: Any) -> Dict[str, Any]:
        turned = config.optimization.augmentation_config
        flip = "none"
        if turned.random_flip:
            flip = "horizontal" if turned.flip_horizontal else "vertical"
        tab.set_fields_from_key_val_dict(
            {"optimization.augmentation_config.random_flip": flip}
        )
        images = config.data.preprocessing
        return channels(images.ensure_rgb, images.ensure_grayscale)

    # -- videos -------------------------------------------------------------------

    def video_path(self, video: Any) -> str:
        backend = video.backend
        if _is_embedded(backend):
            return ""
        if self.is_image_sequence(video):
            names = list(backend.filenames or [])
            return str(names[0]) if names else ""
        return str(getattr(backend, "filename", "") or "")

    def video_files(self, video: Any) -> Tuple[str, ...]:
        if self.is_image_sequence(video):
            return tuple(str(name) for name in video.backend.filenames or ())
        name = str(getattr(video.backend, "filename", "") or "")
        return (name,) if name not in ("", ".") else ()

    def video_frames(self, video: Any) -> int:
        backend = video.backend
        if type(backend).__name__ == "MediaVideo" and backend._reader_ is None:
            return 0
        try:
            return int(backend.frames)
        except Exception:
            return 0

    def video_dataset(self, video: Any) -> str:
        return str(getattr(video.backend, "dataset", "") or "")

    def is_image_sequence(self, video: Any) -> bool:
        return type(video.backend).__name__ == "SingleImageVideo"

    # -- training -----------------------------------------------------------------

    def dialog_form(self, dialog: Any) -> Dict[str, Any]:
        form = dict(dialog.pipeline_form_widget.get_form_data())
        if form.get("_pipeline") in ("none", "tracking-only"):  # 1.3's word, 1.4's
            raise ProjectNotReady(TRACKING_ALONE)
        return form

    def training_warnings(self, dialog: Any, heads: Sequence[str]) -> List[str]:
        found = []
        for head in heads:
            form = dialog.tabs[head].get_all_form_data()
            scale = float(form.get("data.preprocessing.input_scaling") or 1.0)
            if head in ("centered_instance", "multi_class_topdown") and scale != 1.0:
                found.append(_SCALED.format(head, scale))
            if form.get("_backbone_name") == "pretrained_encoder":
                found.append(_PRETRAINED.format(head))
        return found

    def make_fit_for_cluster(self, config: Any) -> None:
        outputs, labels = config.outputs, config.data.labels
        # Unticking *visualize* in the form does not reach the file.
        outputs.save_visualizations = False
        if hasattr(outputs, "delete_viz_images"):
            outputs.delete_viz_images = True
        outputs.runs_folder = "models"
        outputs.zmq.publish_updates = False
        outputs.zmq.subscribe_to_controller = False
        outputs.zmq.controller_address = outputs.zmq.publish_address = ""
        outputs.tensorboard.write_logs = False
        outputs.checkpointing.best_model = True  # without it there is no model
        for name in ("training_labels", "validation_labels", "test_labels"):
            if is_local(str(getattr(labels, name, None) or "")):
                setattr(labels, name, None)
        labels.search_path_hints = []
        config.model.base_checkpoint = None

    def rotation(self, form: Dict[str, Any]) -> str:
        if not form.get("optimization.augmentation_config.rotate"):
            return "off"
        key = "optimization.augmentation_config.rotation_{}_angle"
        return angles(form.get(key.format("min")), form.get(key.format("max")))

    def rotate_fully(self, config: Any) -> None:
        turning = config.optimization.augmentation_config
        turning.rotate = True
        turning.rotation_min_angle, turning.rotation_max_angle = -180.0, 180.0

    def starting_point(self, config: Any) -> str:
        start = config.model.base_checkpoint
        return str(Path(start) / "best_model.h5") if start else ""

    def start_from(self, config: Any, run: str, weights: str) -> None:
        config.model.base_checkpoint = run

    def write_config(
        self, info: Any, folder: Path, labels_name: str, frames: int
    ) -> Dict[str, str]:
        from sleap.nn.training import setup_new_run_folder

        outputs = info.config.outputs
        outputs.run_name_suffix = (
            "."
            + info.head_name
            + ("." + outputs.run_name_suffix if outputs.run_name_suffix else "")
        )
        setup_new_run_folder(outputs)
        name = info.head_name + ".json"
        info.config.save_json(str(folder / name))
        run = Path(outputs.run_path).as_posix()
        return {"cfg": name, "run_path": run, "train_labels": labels_name}

    # -- labels packages ----------------------------------------------------------

    def copy_frame(self, frame: Any) -> Any:
        return labels_legacy.copy_frame(frame)

    def reader(self, video: Any) -> Any:
        return labels_legacy.reader(video)

    def read_frame(self, reader: Any, frame: int) -> Any:
        return reader.get_frame(frame)

    def close_reader(self, reader: Any) -> None:
        labels_legacy.close_reader(reader)

    def copies_images(self, reader: Any) -> bool:
        return False

    def write_draft(
        self, snapshot: Any, readers: List[Any], path: Path, tell: Callable[..., bool]
    ) -> None:
        labels_legacy.write_draft(snapshot, readers, path)

    # -- project files ------------------------------------------------------------

    def open_labels(self, path: Path) -> Any:
        from sleap import Labels

        return Labels.load_file(str(path))

    def save_labels_file(self, labels: Any, path: Path) -> None:
        from sleap import Labels

        Labels.save_file(labels, str(path))

    # -- predictions --------------------------------------------------------------

    def load_predictions(self, path: Path) -> Any:
        from sleap import Labels

        return Labels.load_file(str(path))

    def set_video_files(self, video: Any, files: Sequence[str]) -> None:
        video.backend.filename = files[0]
        if self.is_image_sequence(video):
            video.backend.filenames = list(files)


def _is_embedded(backend: Any) -> bool:
    """Whether the frames lie in a ``.pkg.slp``."""
    return hasattr(backend, "filename") and str(backend.filename or "").endswith(".slp")
