"""Videos of SLEAP 1.5 and newer as inputs of a prediction."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.sleap_host.prediction import PredictionHost
from sleap_remote_plugin.words import tr


class CurrentPrediction(PredictionHost):
    """What is different in SLEAP 1.5 and newer."""

    def offer_frames(self, dialog: Any) -> None:
        from sleap.gui.widgets.frame_target_selector import FrameTargetSelection

        selector = dialog.frame_target_selector
        if selector.get_selection().target_key in ("nothing", "frame"):
            selector.set_selection(FrameTargetSelection(target_key="video"))

    def frames_to_skip(self, dialog: Any) -> Dict[int, Sequence[int]]:
        if not dialog.frame_target_selector.get_selection().exclude_user_labeled:
            return {}
        found: Dict[int, List[int]] = {}
        for frame in self.labels.user_labeled_frames:
            found.setdefault(id(frame.video), []).append(frame.frame_idx)
        return dict(found)

    def chosen_for_existing(self, dialog: Any) -> str:
        chosen = dialog.frame_target_selector.get_selection()
        if getattr(chosen, "clear_all_first", False):
            return "clear"
        return str(getattr(chosen, "prediction_mode", ""))

    def video_input_format(self, video: Any) -> str:
        if not self.video_dataset(video):
            return ""
        found = getattr(video.backend, "input_format", None)
        return str(found or video.backend_metadata.get("input_format") or "")

    def frames_inside(self, video: Any) -> Sequence[int]:
        if video.backend is None:
            video.open()
        return [int(frame) for frame in video.backend.embedded_frame_inds]

    def video_entry(self, video: Any) -> Dict[str, Any]:
        backend = dict(video.backend_metadata)
        if "crop" in backend or hasattr(video.backend, "inner"):
            raise ProjectNotReady(
                tr(
                    "The video {} is cropped in this project, and the cluster would "
                    "predict on all of it. Predict on it here, or choose frames of "
                    "another video."
                ).format(self.video_path(video))
            )
        for name in ("dataset", "input_format", "grayscale"):
            value = getattr(video.backend, name, None)
            if value is not None:
                backend[name] = value
        name = video.filename
        if self.is_image_sequence(video):
            backend["filenames"] = [str(one) for one in name]
            name = name[0]
        backend["filename"] = str(name)
        return {"backend": backend}

    def open_video(
        self, entry: Dict[str, Any]
    ) -> Tuple[int, Callable[[int], Any], Optional[Callable[[], None]]]:
        import sleap_io

        backend = dict(entry["backend"])
        names = backend.pop("filenames", None) or backend["filename"]
        video = sleap_io.Video(
            filename=names, backend_metadata=backend, open_backend=True
        )
        if video.backend is None:
            raise FileNotFoundError(str(backend["filename"]))
        # Not what the project says of it: the file may be another by now.
        return len(video.backend), video.backend.get_frame, video.close

    def new_video(
        self, names: Sequence[str], is_series: bool, dataset: str, input_format: str
    ) -> Any:
        import sleap_io

        if is_series:
            return sleap_io.load_video(list(names))
        more = {"dataset": dataset, "input_format": input_format}
        given = {key: value for key, value in more.items() if value}
        return sleap_io.load_video(names[0], **given)
