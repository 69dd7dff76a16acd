"""The last frames of a request's videos: read ahead, and asked about where bad."""

from __future__ import annotations

import sys
from typing import Callable, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.jobs.prediction import BadEnding, VideoInput
from sleap_remote_plugin.qt.dialogs.bad_frames import BadFramesDialog
from sleap_remote_plugin.qt.host import Host, ReportProgress
from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.words import tr

Found = Tuple[Tuple[VideoInput, ...], Tuple[BadEnding, ...]]


class Endings(QObject):
    """Reads them on the files lane; nothing is told or asked before `needed`.

    Parameters
    ----------
    check : callable, optional
        Called on the lane first; what it raises is told as `failed`.
    """

    progressed = Signal(str, int, int)  # text, done, total
    known = Signal(object)  # the videos, without what cannot be read
    refused = Signal()  # the user does not want it without these frames
    failed = Signal(object)  # the exception

    def __init__(
        self,
        host: Host,
        files: Lane,
        videos: Sequence[VideoInput],
        front: Callable[[], QWidget],
        check: Optional[Callable[[], None]] = None,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._videos = tuple(videos)
        self._front = front
        self._found: Optional[Found] = None
        self._is_needed = False
        self._is_cancelled = self._is_left = False

        def look(report: ReportProgress) -> Found:
            if check is not None:
                check()
            return host.look_at_endings(self._videos, report)

        self._call: Call = files.do(
            look, self._on_found, self._on_failed, self._on_progress
        )

    def needed(self) -> None:
        """The user has pressed Submit: go on as soon as they are known."""
        self._is_needed = True
        if self._found is None:
            self._on_progress(0, len(self._videos))
        else:
            self._go_on()

    def cancel(self) -> None:
        self._is_cancelled = True
        self._call.cancel()

    def leave(self) -> None:
        """Stop, and say nothing more: who asked is gone."""
        self._is_left = True
        self.cancel()

    def _on_progress(self, done: int, total: int) -> None:
        if self._is_needed and not self._is_cancelled:
            text = tr("Reading the last frames of the videos")
            self.progressed.emit(text, done, total)

    def _on_found(self, found: Found) -> None:
        self._found = found
        if self._is_needed and not self._is_left:
            self._go_on()

    def _on_failed(self, error: BaseException) -> None:
        if not self._is_left:
            self.failed.emit(error)

    def _go_on(self) -> None:
        assert self._found is not None
        if self._is_cancelled:
            self.failed.emit(Cancelled(tr("It was cancelled. Nothing was submitted.")))
            return
        videos, bad = self._found
        if not bad:
            self.known.emit(videos)
            return
        self._question = BadFramesDialog(
            [(videos[one.place], one) for one in bad],
            len(videos),
            sys.platform == "win32",
            self._front(),
        )
        self._question.accepted.connect(self._on_without)
        self._question.rejected.connect(self.refused)
        self._question.open()

    def _on_without(self) -> None:
        assert self._found is not None
        videos, bad = self._found
        instead = {one.place: one.instead for one in bad}
        left = (instead.get(place, video) for place, video in enumerate(videos))
        self.known.emit(tuple(video for video in left if video is not None))
