"""Videos whose last frames cannot be read: what to do, before a job fails on them."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from qtpy.QtCore import Qt
from qtpy.QtGui import QFontDatabase, QGuiApplication
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.jobs.prediction import BadEnding, VideoInput
from sleap_remote_plugin.jobs.reencode import reencode_line
from sleap_remote_plugin.qt.dialogs.buttons import plain
from sleap_remote_plugin.qt.dialogs.lines import sentence

_ENDS = (".h5", ".hdf5", ".slp", ".npy")
#: Videos that are named; the commands are given for all.
_NAMED = 6
_WHY = (
    "SLEAP stops a whole prediction at the first frame that it cannot read. Nothing "
    "was submitted yet."
)
_WITHOUT = (
    "You can predict without these frames now, or write the video anew with the "
    "command below, put the new file into the project (File > Replace Videos...) and "
    "predict on that."
)
_ONLY_ANEW = (
    "Write the video anew with the command below, put the new file into the project "
    "(File > Replace Videos...) and predict on that."
)


def bad_sentence(video: VideoInput, bad: BadEnding) -> str:
    """What is wrong with one video."""
    if bad.lost == 1:
        what = "the last frame that you chose, {}, cannot be read".format(bad.first_bad)
    else:
        what = "the last {:,} frames that you chose, from {} on, cannot be read".format(
            bad.lost, bad.first_bad
        )
    return "{}: {}.".format(video.title, what)


class BadFramesDialog(QDialog):
    """Accepted means: predict without these frames.

    Parameters
    ----------
    bad : sequence of (VideoInput, BadEnding)
        Not empty.
    of : int
        How many videos are predicted on in all.
    """

    def __init__(
        self,
        bad: Sequence[Tuple[VideoInput, BadEnding]],
        of: int,
        is_windows: bool,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_bad_frames_dialog")
        self.setWindowTitle("Frames that cannot be read")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        layout = QVBoxLayout(self)
        can_do = len(bad) < of or any(one.instead is not None for _, one in bad)
        layout.addWidget(sentence("\n".join(_named(bad)), "remote_bad_frames"))
        layout.addWidget(sentence(_WHY))
        self.commands = _commands(bad, is_windows)
        anew = bool(self.commands.toPlainText())
        if anew:
            layout.addWidget(sentence(_WITHOUT if can_do else _ONLY_ANEW))
            layout.addWidget(self.commands, 1)
        layout.addWidget(self._buttons(can_do, anew))

    def _buttons(self, can_do: bool, can_copy: bool) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        if can_copy:
            copy = QPushButton("Copy the command")
            copy.setObjectName("remote_copy_command")
            copy.setAutoDefault(False)
            copy.clicked.connect(self._copy)
            box.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        if can_do:
            go_on = QPushButton("Predict without them")
            go_on.setObjectName("remote_predict_without")
            box.addButton(go_on, QDialogButtonBox.ButtonRole.AcceptRole)
            go_on.setDefault(True)
        plain(box)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    def _copy(self, *_args: bool) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.commands.toPlainText())


def _named(bad: Sequence[Tuple[VideoInput, BadEnding]]) -> List[str]:
    lines = [bad_sentence(video, one) for video, one in bad[:_NAMED]]
    more = len(bad) - _NAMED
    if more > 0:
        lines.append("... and {} more video{}.".format(more, "" if more == 1 else "s"))
    return lines


def _commands(
    bad: Sequence[Tuple[VideoInput, BadEnding]], is_windows: bool
) -> QPlainTextEdit:
    lines = [
        reencode_line(video.path, is_windows)
        for video, _ in bad
        if video.path
        and not video.dataset
        and "filenames" not in video.entry.get("backend", {})
        and not video.path.lower().endswith(_ENDS)
    ]
    view = QPlainTextEdit("\n".join(lines))
    view.setObjectName("remote_reencode")
    view.setReadOnly(True)
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
    view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    view.setAccessibleName("Commands for ffmpeg")
    line = view.fontMetrics().lineSpacing()
    view.setMinimumHeight(line * min(8, 3 + 2 * len(lines)))
    return view
