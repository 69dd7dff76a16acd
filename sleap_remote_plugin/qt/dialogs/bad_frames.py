"""Videos whose last frames cannot be read: what to do, before a job fails on them."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication
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
from sleap_remote_plugin.qt.dialogs.buttons import make_default, plain
from sleap_remote_plugin.qt.dialogs.lines import sentence
from sleap_remote_plugin.qt.fixed_font import fixed_font
from sleap_remote_plugin.words import tr

_ENDS = (".h5", ".hdf5", ".slp", ".npy")
_WHY = tr(
    "Frames that you chose cannot be read. SLEAP stops a whole prediction at the first "
    "of them. Nothing was submitted yet."
)
_WITHOUT = tr(
    "You can predict without these frames now, or write the video anew with the "
    "command above, put the new file into the project (File > Replace Videos...) and "
    "predict on that."
)
_ONLY_ANEW = tr(
    "Write the video anew with the command above, put the new file into the project "
    "(File > Replace Videos...) and predict on that."
)


def bad_sentence(video: VideoInput, bad: BadEnding) -> str:
    """What is wrong with one video."""
    if bad.lost == 1:
        what = tr("the last frame that you chose, {}, cannot be read").format(
            bad.first_bad
        )
    else:
        what = tr(
            "the last {:,} frames that you chose, from {} on, cannot be read"
        ).format(bad.lost, bad.first_bad)
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
        self.setWindowTitle(tr("Frames that cannot be read"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        layout = QVBoxLayout(self)
        can_do = len(bad) < of or any(one.instead is not None for _, one in bad)
        lines = [_command(video, is_windows) for video, _ in bad]
        #: For ffmpeg, one a line; empty where it cannot help.
        self.commands = "\n".join(line for line in lines if line)
        layout.addWidget(sentence(_WHY))
        layout.addWidget(_list(bad, lines), 1)
        if self.commands:
            layout.addWidget(sentence(_WITHOUT if can_do else _ONLY_ANEW))
        self.default: Optional[QPushButton] = None
        layout.addWidget(self._buttons(can_do, bool(self.commands)))
        if self.default is not None:
            make_default(self.default)
        lines = self.fontMetrics().lineSpacing() * min(20, 6 * len(bad) + 12)
        self.resize(640, min(lines, 460))

    def _buttons(self, can_do: bool, can_copy: bool) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        if can_copy:
            copy = QPushButton(tr("Copy the command"))
            copy.setObjectName("remote_copy_command")
            copy.setAutoDefault(False)
            copy.clicked.connect(self._copy)
            box.addButton(copy, QDialogButtonBox.ButtonRole.ResetRole)
        if can_do:
            go_on = QPushButton(tr("Predict without them"))
            go_on.setObjectName("remote_predict_without")
            box.addButton(go_on, QDialogButtonBox.ButtonRole.AcceptRole)
            self.default = go_on
        plain(box)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    def _copy(self, *_args: bool) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.commands)


def _command(video: VideoInput, is_windows: bool) -> str:
    """The line for ffmpeg; empty for what is no video file of its kind."""
    is_series = "filenames" in video.entry.get("backend", {})
    is_other = bool(video.dataset) or video.path.lower().endswith(_ENDS)
    if not video.path or is_series or is_other:
        return ""
    return reencode_line(video.path, is_windows)


def _list(
    bad: Sequence[Tuple[VideoInput, BadEnding]], commands: Sequence[str]
) -> QPlainTextEdit:
    """Each bad video, and what mends it."""
    parts = [
        "\n".join(filter(None, (bad_sentence(video, one), command)))
        for (video, one), command in zip(bad, commands)
    ]
    view = QPlainTextEdit("\n\n".join(parts))
    view.setObjectName("remote_bad_frames")
    view.setReadOnly(True)
    view.setFont(fixed_font())
    view.setAccessibleName(tr("Videos and the commands that write them anew"))
    view.setMinimumHeight(view.fontMetrics().lineSpacing() * 5)
    return view
