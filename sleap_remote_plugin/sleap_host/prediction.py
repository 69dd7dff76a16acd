"""A prediction request out of SLEAP's inference dialog."""

from __future__ import annotations

import abc
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.frames import Span, numbers_of, spans_of, without
from sleap_remote_plugin.jobs.prediction import (
    BadEnding,
    PredictionRequest,
    VideoInput,
)
from sleap_remote_plugin.jobs.sleap_cli import fits_argument
from sleap_remote_plugin.qt.host import ReportProgress
from sleap_remote_plugin.sleap_host import frames, inputs, last_frames
from sleap_remote_plugin.sleap_host.base import SleapHost
from sleap_remote_plugin.words import tr

_GAPS = tr(
    "Tracking needs frames that follow one another, and single frames are chosen. "
    "Choose a clip or whole videos, or set the tracker to none."
)
_SKIPPED = tr(
    "Tracking needs frames that follow one another, and skipping the frames that you "
    "labelled leaves gaps. Untick that (your labels are kept when the predictions are "
    "loaded), or set the tracker to none."
)
TRACKING_ALONE = tr("Tracking alone needs no GPU: run it here, with SLEAP's own Run.")


class PredictionHost(SleapHost):
    """What a host does for prediction."""

    def prediction_request(self, dialog: Any) -> PredictionRequest:
        self._saved_project()
        self._check_dialog(dialog)
        form = self.dialog_form(dialog)
        chosen = dialog.get_selected_frames_to_predict(form)
        return self._request(dialog, form, chosen, self._models(dialog))

    def request_after_training(self, dialog: Any) -> PredictionRequest:
        form = self.dialog_form(dialog)
        chosen = dialog.get_selected_frames_to_predict(form)
        if not chosen:  # "nothing"
            chosen = dialog.frame_selection["video"]
        return self._request(dialog, form, chosen, ())

    def _request(
        self,
        dialog: Any,
        form: Dict[str, Any],
        selected: Dict[Any, Any],
        models: Tuple[str, ...],
    ) -> PredictionRequest:
        tracking = frames.tracking_options(form)
        skipped = self.frames_to_skip(dialog)
        videos = []
        for video, chosen in selected.items():
            spans = frames.spans_chosen(chosen)
            left = without(spans, skipped.get(id(video), ()))
            if tracking and len(left) > 1:
                raise ProjectNotReady(_GAPS if len(spans) > 1 else _SKIPPED)
            if left:
                videos.append(self.video_input(video, left))
        if not videos:
            raise ProjectNotReady(
                tr(
                    "No frame is chosen to predict on. Choose some under “Predict On” "
                    "in SLEAP's dialog."
                )
            )
        others = frames.inference_options(form)
        existing = self.chosen_for_existing(dialog)
        return PredictionRequest(models, tuple(videos), tracking, others, existing)

    def look_at_endings(
        self, videos: Sequence[VideoInput], report: ReportProgress
    ) -> Tuple[Tuple[VideoInput, ...], Tuple[BadEnding, ...]]:
        return last_frames.look_at_endings(self.open_video, videos, report)

    def write_inputs(
        self,
        videos: Sequence[VideoInput],
        names: Sequence[str],
        folder: Path,
        to_cluster: Callable[[str], PurePosixPath],
    ) -> None:
        inputs.write_inputs(videos, names, folder, to_cluster)

    def _models(self, dialog: Any) -> Tuple[str, ...]:
        infos = [
            dialog.tabs[name].trained_config_info_to_use
            for name in dialog.shown_tab_names
        ]
        if not infos or any(info is None for info in infos):
            raise ProjectNotReady(
                tr(
                    "There is no trained model for this pipeline. Train one first, or "
                    "choose another pipeline in SLEAP's dialog."
                )
            )
        return tuple(str(Path(info.path).parent) for info in infos)

    def video_input(
        self, video: Any, spans: Sequence[Span], whole: bool = False
    ) -> VideoInput:
        """A video of the project, and the frames of it; all of them with `whole`.

        Raises
        ------
        ProjectNotReady
            The cluster cannot be given this video.
        """
        index = [id(v) for v in self.labels.videos].index(id(video))
        length, inside = self.video_frames(video), not self.video_path(video)
        text = "" if whole else frames.frames_text(spans, length)
        if inside:  # frame numbers are those of the video that it was made from
            kept = self.frames_inside(video)
            if text:
                kept = sorted(set(kept) & set(numbers_of(spans)))
            spans = spans_of(kept)
            text = frames.frames_text(spans, 0)
        if inside and not spans:
            raise ProjectNotReady(
                tr(
                    "Video {} lies inside the project, which has none of the frames "
                    "that are chosen. Choose frames of another video."
                ).format(index + 1)
            )
        return VideoInput(
            self.video_path(video),
            index,
            text,
            self.video_dataset(video),
            self.video_input_format(video),
            0 if inside else length,
            entry=self.video_entry(video),
            as_project=inside
            or self.is_image_sequence(video)
            or bool(text and not fits_argument(spans)),
            package="".join(self.video_files(video)) if inside else "",
        )

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def offer_frames(self, dialog: Any) -> None: ...

    def frames_to_skip(self, dialog: Any) -> Dict[int, Sequence[int]]:
        """id(video) -> frames that the user wants left out."""
        return {}

    def chosen_for_existing(self, dialog: Any) -> str:
        """What becomes of the project's predictions; empty where it is not asked."""
        return ""

    @abc.abstractmethod
    def video_input_format(self, video: Any) -> str:
        """Order of the axes in an HDF5 video; empty for any other."""

    @abc.abstractmethod
    def frames_inside(self, video: Any) -> Sequence[int]:
        """Frames of a video inside the project, by their number in the original."""

    @abc.abstractmethod
    def video_entry(self, video: Any) -> Dict[str, Any]:
        """What SLEAP writes of it into a project file, with its path as it is here.

        Raises
        ------
        ProjectNotReady
            It is shown otherwise than it is in its file.
        """

    @abc.abstractmethod
    def new_video(
        self, names: Sequence[str], is_series: bool, dataset: str, input_format: str
    ) -> Any:
        """A video that is in no project; of a series `names` are all its images."""

    @abc.abstractmethod
    def open_video(
        self, entry: Dict[str, Any]
    ) -> Tuple[int, Callable[[int], Any], Optional[Callable[[], None]]]:
        """Open a video once more, for another thread: length, read, close."""
