"""Videos of SLEAP 1.3 and 1.4 as inputs of a prediction."""

from __future__ import annotations

import copy
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from sleap_remote_plugin.sleap_host.prediction import PredictionHost


class LegacyPrediction(PredictionHost):
    """What is different in SLEAP 1.3 and 1.4."""

    def offer_frames(self, dialog: Any) -> None:
        page = dialog.pipeline_form_widget
        chosen = str(page.get_form_data().get("_predict_frames", ""))
        if not chosen.startswith(("nothing", "current frame")):
            return
        menu = page.fields["_predict_frames"].list_widget
        for text in (menu.itemText(index) for index in range(menu.count())):
            if text.startswith("entire current video"):
                page.set_form_data({"_predict_frames": text})

    def video_input_format(self, video: Any) -> str:
        return str(getattr(video.backend, "input_format", "") or "")

    def frames_inside(self, video: Any) -> Sequence[int]:
        return [int(frame) for frame in video.backend.embedded_frame_inds]

    def video_entry(self, video: Any) -> Dict[str, Any]:
        return dict(type(video).cattr().unstructure(video))

    def open_video(
        self, entry: Dict[str, Any]
    ) -> Tuple[int, Callable[[int], Any], Optional[Callable[[], None]]]:
        from sleap import Video

        backend = copy.deepcopy(entry["backend"])
        if set(backend) <= {"filename", "dataset", "input_format"}:
            video = Video.from_filename(**backend)
        else:
            video = Video.cattr().structure({"backend": backend}, Video)
        close = getattr(video.backend, "close", None)
        return len(video), video.get_frame, close

    def new_video(
        self, names: Sequence[str], is_series: bool, dataset: str, input_format: str
    ) -> Any:
        from sleap import Video

        if is_series:
            return Video.from_image_filenames(list(names))
        more = {"dataset": dataset, "input_format": input_format}
        given = {key: value for key, value in more.items() if value}
        return Video.from_filename(names[0], **given)
