"""The buttons under the table: which of them apply to a job, and how they lie."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton

from sleap_remote_plugin.jobs.deeds import Deed
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.session.collect import is_ended_early
from sleap_remote_plugin.words import tr

#: objectName, text, what it does (tooltip)
RESULT_BUTTONS = (
    (
        "remote_load_predictions",
        tr("Load predictions"),
        tr("Put this job's predictions into the open project. Your own labels stay."),
    ),
    (
        "remote_next_round",
        tr("Next round"),
        tr("Save the project under its next number, and set training as it was."),
    ),
    (
        "remote_use_models",
        tr("Use models"),
        tr("Open SLEAP's inference dialog with the models of this job."),
    ),
    (
        "remote_show_metrics",
        tr("Metrics"),
        tr("Show how good the trained models are, in SLEAP's own window."),
    ),
    (
        "remote_submit_then",
        tr("Submit prediction"),
        tr(
            "The prediction that was to follow this training was not submitted: do it "
            "now."
        ),
    ),
    (
        "remote_resubmit",
        tr("Submit again..."),
        tr("The same once more, with other memory, time or GPU if you like."),
    ),
    ("remote_cancel_job", tr("Cancel job"), tr("Stop this job on the cluster.")),
    ("remote_open_folder", tr("Open folder"), tr("Show the job's files.")),
)

TITLES = {name: text for name, text, _ in RESULT_BUTTONS}

#: The same buttons of a job that ended early.
OF_WHAT_IS_THERE = {
    "remote_load_predictions": tr("Load what is there"),
    "remote_use_models": tr("Use what is there"),
}


def buttons_for(
    job: Optional[Job],
    is_usable: bool = False,
    is_loaded: bool = False,
    is_owed: bool = False,
) -> Tuple[str, ...]:
    """Names (objectName) of the buttons that apply to a job.

    Parameters
    ----------
    is_usable : bool
        Whether a job that ended early made something of use.
    is_loaded : bool
        Whether its predictions are in the open project.
    is_owed : bool
        Whether a prediction was to follow, and was not sent.
    """
    if job is None or job.state in (JobState.PREPARING, JobState.SUBMITTING):
        return ()
    names = []
    some_are_whole = is_usable or any(task.exit_code == 0 for task in job.tasks)
    is_whole = job.state is JobState.COMPLETED
    if job.kind is JobKind.PREDICT and (
        is_whole or (job.state.is_final and some_are_whole)
    ):
        names.append("remote_load_predictions")
    if is_loaded:
        names.append("remote_next_round")
    if job.kind is JobKind.TRAIN and (is_whole or (job.state.is_final and is_usable)):
        names.append("remote_use_models")
    if job.kind is JobKind.TRAIN and is_whole:
        names.append("remote_show_metrics")
    if is_owed:
        names.append("remote_submit_then")
    if job.state.is_final and job.state is not JobState.COMPLETED:
        names.append("remote_resubmit")
    if not job.state.is_final:
        names.append("remote_cancel_job")
    return tuple(names) + ("remote_open_folder",)


#: The same deeds as the note above the pages offers them; one button is enough.
IN_THE_NOTE = {
    "remote_resubmit": Deed.AGAIN,
    "remote_open_folder": Deed.OPEN_FOLDER,
}


def not_in_the_note(names: Sequence[str], offered: Optional[Deed]) -> Tuple[str, ...]:
    """The buttons without that of the deed that the note offers."""
    if offered is None:
        return tuple(names)
    return tuple(name for name in names if IN_THE_NOTE.get(name) is not offered)


class ResultButtons(QObject):
    """They show what can be done with the selected job.

    Attributes
    ----------
    layout : QBoxLayout
        Theirs, to be put below the job.
    """

    clicked = Signal(str)  # objectName

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.buttons: Dict[str, QPushButton] = {}
        rows = (QHBoxLayout(), QHBoxLayout())
        for name, text, tip in RESULT_BUTTONS:
            button = QPushButton(text)
            button.setObjectName(name)
            button.setToolTip(tip)
            # Hidden before it is laid out: else all together make the dock too wide.
            button.hide()
            button.clicked.connect(self._on_clicked)
            self.buttons[name] = button
            rows[name in ("remote_cancel_job", "remote_open_folder")].addWidget(button)
        rows[0].addStretch(1)
        rows[1].insertStretch(0, 1)
        self.layout = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for row in rows:
            self.layout.addLayout(row)

    def show_for(self, job: Optional[Job], wanted: Sequence[str], width: int) -> None:
        """Show those that are wanted, within so many pixels."""
        is_early = job is not None and is_ended_early(job)
        for name in OF_WHAT_IS_THERE:
            text = OF_WHAT_IS_THERE[name] if is_early else TITLES[name]
            self.buttons[name].setText(text)
        self.arrange(wanted, width)
        for name, button in self.buttons.items():
            button.setVisible(name in wanted)

    def arrange(self, wanted: Sequence[str], width: int) -> None:
        """Buttons in one line, or in two where one would make the dock wider."""
        widths = [self.buttons[name].sizeHint().width() + 8 for name in wanted]
        fits = sum(widths) + 12 <= width
        direction = QBoxLayout.Direction
        self.layout.setDirection(
            direction.LeftToRight if fits else direction.TopToBottom
        )

    def _on_clicked(self, *_args: Any) -> None:
        sender = self.sender()
        if sender is not None:
            self.clicked.emit(sender.objectName())
