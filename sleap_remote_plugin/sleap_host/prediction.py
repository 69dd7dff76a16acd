"""A prediction request out of SLEAP's inference dialog."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Sequence, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.sleap_host import frames
from sleap_remote_plugin.sleap_host.base import SleapHost


class PredictionHost(SleapHost):
    """What a host does for prediction."""

    def prediction_request(self, dialog: Any) -> PredictionRequest:
        self._saved_project()
        self._check_dialog(dialog)
        form = self.dialog_form(dialog)
        models = self._models(dialog)
        options = frames.tracking_options(form)
        skipped = self.frames_to_skip(dialog)
        videos = []
        for video, chosen in dialog.get_selected_frames_to_predict(form).items():
            if frames.decode(chosen) == ([], None):
                continue
            length = self.video_frames(video) if len(chosen) == 2 else 0
            try:
                text = frames.write(chosen, length, skipped.get(id(video), ()))
            except ValueError:
                continue
            videos.append(self._video_input(video, text))
        if not videos:
            raise ProjectNotReady(
                "No frame is chosen to predict on. Choose some under *Predict On* in "
                "SLEAP's dialog."
            )
        if options and not all(frames.is_gapless(video.frames) for video in videos):
            raise ProjectNotReady(
                "Tracking needs frames that follow one another, and single frames are "
                "chosen. Choose a clip or whole videos, or set the tracker to none."
            )
        others = frames.inference_options(form)
        return PredictionRequest(models, tuple(videos), options, others)

    def _models(self, dialog: Any) -> Tuple[str, ...]:
        infos = [
            dialog.tabs[name].trained_config_info_to_use
            for name in dialog.shown_tab_names
        ]
        if not infos or any(info is None for info in infos):
            raise ProjectNotReady(
                "There is no trained model for this pipeline. Train one first, or "
                "choose another pipeline in SLEAP's dialog."
            )
        return tuple(str(Path(info.path).parent) for info in infos)

    def _video_input(self, video: Any, text: str) -> VideoInput:
        path = self.video_path(video)
        index = [id(v) for v in self.labels.videos].index(id(video))
        if not path or self.is_image_sequence(video):
            raise ProjectNotReady(
                "Video {} of the project is not one video file but {}, which the "
                "cluster cannot predict on. Choose frames of another video.".format(
                    index + 1, "a series of images" if path else "inside the project"
                )
            )
        return VideoInput(path, index, text, self.video_dataset(video))

    # -- what the generations differ in -------------------------------------------

    def frames_to_skip(self, dialog: Any) -> Dict[int, Sequence[int]]:
        """id(video) -> frames that the user wants left out."""
        return {}
