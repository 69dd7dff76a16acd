"""What a load of predictions will change; accepted means: load them."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QRadioButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sleap_remote_plugin.qt.dialogs.buttons import make_default, plain
from sleap_remote_plugin.qt.dialogs.own_height import take_own_height
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.loads import LoadMode, LoadPreview
from sleap_remote_plugin.qt.roomy_rows import make_roomy
from sleap_remote_plugin.qt.states import SIGNS, is_dark
from sleap_remote_plugin.words import counted, tr

#: mode -> objectName, text, what becomes of the predictions of before
_MODES = (
    (
        LoadMode.REPLACE,
        "remote_load_replace",
        tr("Replace those on the same frames"),
        tr("{} will be replaced."),
    ),
    (
        LoadMode.ADD,
        "remote_load_add",
        tr("Keep them all, and add the new ones"),
        tr("None is removed; what was loaded before is not added again."),
    ),
    (
        LoadMode.CLEAR,
        "remote_load_clear",
        tr("Remove all of the project's first"),
        tr("{} will be removed, on all videos."),
    ),
)
_ROWS_SHOWN = 6
_RIGHT = int(Qt.AlignmentFlag.AlignRight) | int(Qt.AlignmentFlag.AlignVCenter)


class LoadDialog(QDialog):
    """A small page beside the window, which stays usable.

    Parameters
    ----------
    title : str
        The job's name.
    remark : str
        A sentence on what is unusual; may be empty.
    """

    def __init__(
        self,
        title: str,
        preview: LoadPreview,
        remark: str = "",
        mode: LoadMode = LoadMode.REPLACE,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("remote_load_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Load predictions"))
        self.preview = preview
        layout = QVBoxLayout(self)
        name = ElidedLabel(title)
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        layout.addWidget(name)
        layout.addWidget(_wrapped(_what(preview), "remote_load_what"))
        layout.addWidget(_table(preview))
        for sentence in _remarks(preview, remark):
            layout.addWidget(_warning(sentence))
        layout.addWidget(self._choice(preview))
        self.outcome = _wrapped("", "remote_load_outcome")
        layout.addWidget(self.outcome)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        load = buttons.addButton(tr("Load"), QDialogButtonBox.ButtonRole.AcceptRole)
        load.setObjectName("remote_load_accept")
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("remote_load_cancel")
        cancel.setAutoDefault(False)
        plain(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        make_default(load)
        self._buttons[mode].setChecked(True)
        self._show_outcome()
        self.setMinimumWidth(420)
        load.setFocus()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        take_own_height(self)

    def _choice(self, preview: LoadPreview) -> QGroupBox:
        box = QGroupBox(tr("Predictions that are in the project already"))
        layout = QVBoxLayout(box)
        self._group = QButtonGroup(self)
        self._buttons: Dict[LoadMode, QRadioButton] = {}
        for mode, name, text, _ in _MODES:
            count = preview.removed(mode)
            label = text if mode is LoadMode.ADD else "{} ({:,})".format(text, count)
            button = QRadioButton(label)
            button.setObjectName(name)
            button.toggled.connect(self._show_outcome)
            self._group.addButton(button)
            self._buttons[mode] = button
            layout.addWidget(button)
        box.setVisible(bool(preview.on_frames or preview.elsewhere))
        return box

    @property
    def mode(self) -> LoadMode:
        return next(mode for mode, b in self._buttons.items() if b.isChecked())

    def _show_outcome(self, *_args: bool) -> None:
        if self._group.checkedButton() is None:
            return
        count = self.preview.removed(self.mode)
        sentence = next(words for mode, _, _, words in _MODES if mode is self.mode)
        said = ""
        if self.preview.on_frames or self.preview.elsewhere:
            said = sentence.format(counted(count, "prediction")) + " "
        self.outcome.setText(
            said
            + tr(
                "Your own labels stay as they are. Nothing is saved, and Undo load "
                "takes it all back."
            )
        )


def _what(preview: LoadPreview) -> str:
    text = tr("{} on {}").format(
        counted(preview.instances, "predicted instance"),
        counted(preview.frames, "frame"),
    )
    if preview.labelled:
        text += tr(", {:,} of which you labelled").format(preview.labelled)
    text += "."
    if preview.empty:
        text += tr(" On {} no animal was found; these stay as they are.").format(
            counted(preview.empty, "more frame")
        )
    return text


def _remarks(preview: LoadPreview, remark: str) -> Sequence[str]:
    found = [remark] if remark else []
    nothing = sum(not video.frames for video in preview.videos)
    if nothing:
        found.append(tr("No animal was found in {}.").format(counted(nothing, "video")))
    if preview.beyond:
        found.append(preview.beyond)
    return found


def _table(preview: LoadPreview) -> QTreeWidget:
    table = QTreeWidget()
    table.setObjectName("remote_load_videos")
    table.setAccessibleName(tr("Videos, and what is loaded for each"))
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    make_roomy(table)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setHeaderLabels([tr("Video"), tr("Frames"), tr("Instances")])
    for video in preview.videos:
        counts = ["{:,}".format(video.frames), "{:,}".format(video.instances)]
        item = QTreeWidgetItem([video.path or tr("(inside the project)")] + counts)
        item.setToolTip(0, video.path)
        for column in (1, 2):
            item.setData(column, Qt.ItemDataRole.TextAlignmentRole, _RIGHT)
        table.addTopLevelItem(item)
    header = table.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in (1, 2):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    rows = max(1, min(_ROWS_SHOWN, len(preview.videos)))
    height = table.sizeHintForRow(0) if preview.videos else 20
    table.setFixedHeight(rows * height + header.sizeHint().height() + 6)
    return table


def _wrapped(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _warning(sentence: str) -> QLabel:
    label = _wrapped(sentence, "remote_load_remark")
    colours = SIGNS["warn"][1]
    label.setStyleSheet("color: " + colours[is_dark(label.palette())])
    return label
