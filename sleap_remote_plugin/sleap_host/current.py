"""SLEAP 1.5 and newer: PyTorch (sleap-nn), ``.yaml`` configs, PySide6, ``sleap-io``."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.sleap_host.current_objects import CurrentObjects
from sleap_remote_plugin.sleap_host.models import ModelsHost
from sleap_remote_plugin.sleap_host.prediction import PredictionHost
from sleap_remote_plugin.sleap_host.results import ResultsHost
from sleap_remote_plugin.sleap_host.training import TrainingHost

_PRETRAINED = (
    "The {} model starts from pretrained weights, which are downloaded when training "
    "starts. Nodes of a cluster often have no internet; then the training fails."
)

#: What a config must not take along, and what stands there instead.
_FIT = {
    "trainer_config.visualize_preds_during_training": False,
    "trainer_config.keep_viz": False,
    "trainer_config.save_ckpt": True,
    "trainer_config.ckpt_dir": "models",
    "trainer_config.resume_ckpt_path": None,
    # What suits this computer says nothing about the node.
    "trainer_config.trainer_accelerator": "auto",
    "trainer_config.trainer_devices": None,
    "trainer_config.trainer_device_indices": None,
    "trainer_config.use_wandb": False,
    "trainer_config.wandb.api_key": None,
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


class CurrentHost(TrainingHost, PredictionHost, ResultsHost, ModelsHost):
    """A window of SLEAP 1.5 or newer."""

    config_names = ("training_config.yaml", "training_config.json")

    @property
    def generation(self) -> Generation:
        return Generation.CURRENT

    # -- videos -------------------------------------------------------------------

    def video_path(self, video: Any) -> str:
        name = video.filename
        if isinstance(name, (list, tuple)):
            return str(name[0]) if name else ""
        return "" if str(name).endswith(".slp") else str(name)
    objects = CurrentObjects()

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
            raise ProjectNotReady(
                "Tracking alone needs no GPU: run it here, with SLEAP's own Run."
            )
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

    def write_files(
        self, folder: Path, labels_name: str, infos: Sequence[Any], form: Dict[str, Any]
    ) -> None:
        from sleap.gui.learning import runners

        runners.write_pipeline_files(
            output_dir=str(folder),
            labels_filename=labels_name,
            config_info_list=list(infos),
            inference_params=form,
            items_for_inference=runners.ItemsForInference([], 0),
            num_user_labeled_frames=len(self.labels.user_labeled_frames),
        )

    def labels_snapshot(self) -> Any:
        import sleap_io

        labels = self.labels
        return sleap_io.Labels(
            labeled_frames=[
                sleap_io.LabeledFrame(
                    video=frame.video,
                    frame_idx=frame.frame_idx,
                    instances=[_copy(instance) for instance in frame.user_instances],
                    is_negative=frame.is_negative,
                )
                for frame in labels.labeled_frames
                if frame.user_instances or frame.is_negative
            ],
            videos=list(labels.videos),
            skeletons=list(labels.skeletons),
            tracks=list(labels.tracks),
        )

    def save_labels(self, snapshot: Any, path: Path, tell: Callable[..., bool]) -> None:
        import sleap_io

        # Readers of its own: SLEAP goes on reading the project's in the GUI thread.
        twins = {id(video): _reopened(video) for video in snapshot.videos}
        labels = sleap_io.Labels(
            labeled_frames=[
                sleap_io.LabeledFrame(
                    video=twins[id(frame.video)],
                    frame_idx=frame.frame_idx,
                    instances=frame.instances,
                    is_negative=frame.is_negative,
                )
                for frame in snapshot.labeled_frames
            ],
            videos=list(twins.values()),
            skeletons=snapshot.skeletons,
            tracks=snapshot.tracks,
        )
        try:
            sleap_io.save_file(
                labels, str(path), format="slp", embed="user", progress_callback=tell
            )
        finally:
            for video in twins.values():
                video.close()

    # -- prediction ---------------------------------------------------------------

    def frames_to_skip(self, dialog: Any) -> Dict[int, Sequence[int]]:
        if not dialog.frame_target_selector.get_selection().exclude_user_labeled:
            return {}
        found: Dict[int, List[int]] = {}
        for frame in self.labels.user_labeled_frames:
            found.setdefault(id(frame.video), []).append(frame.frame_idx)
        return dict(found)

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

    def set_video_path(self, video: Any, local: str) -> None:
        video.replace_filename(local, open=False)

    def with_all_metrics(self, info: Any) -> Any:
        return _with_all_metrics(info)


@contextlib.contextmanager
def _preferences_untouched(page: Any) -> Iterator[None]:
    """Reading the training form writes the user's preferences: not for us."""
    page._save_training_preferences = lambda data: None
    try:
        yield
    finally:
        del page._save_training_preferences


def _reopened(video: Any) -> Any:
    import sleap_io

    return sleap_io.Video(
        filename=video.filename,
        backend_metadata=dict(video.backend_metadata),
        source_video=video.source_video,
        open_backend=True,
    )


def _copy(instance: Any) -> Any:
    twin = copy.copy(instance)
    twin.points = instance.points.copy()
    twin.from_predicted = None  # predictions stay at home
    return twin


def _with_all_metrics(info: Any) -> Any:
    """SLEAP drops a row that lacks some metrics, as a centroid model's does."""
    import sleap_io
    from sleap.gui.dialogs.metrics import METRICS_KEY_LABELS
    from sleap.gui.learning.configs import ConfigFileInfo

    class Run(ConfigFileInfo):
        @property
        def metrics(self) -> Any:
            try:
                return super().metrics
            except KeyError:
                found = dict.fromkeys(METRICS_KEY_LABELS, float("nan"))
                found.update(_distances(self._get_file_path("metrics.val.0.npz")))
                return found

        @property
        def skeleton(self) -> Any:
            # SLEAP plots one column of distances for each node; here is one in all.
            if self.head_name == "centroid":
                return sleap_io.Skeleton(["centroid"])
            return super().skeleton

    run = Run(path=info.path, filename=info.filename, head_name=info.head_name)
    run._run_name_cache = info._run_name_cache
    return run


def _distances(path: str) -> Dict[str, Any]:
    import numpy as np

    with np.load(path, allow_pickle=True) as data:
        found = data["metrics"].item().get("distance_metrics", {})
    return {"dist." + name: value for name, value in found.items()}
