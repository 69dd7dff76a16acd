"""The buttons under the table, and which of them apply to a job."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QPushButton, QWidget

from sleap_remote_plugin.jobs.deeds import Deed
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.qt.job_deeds import JOB_DEEDS, text_of_deed
from sleap_remote_plugin.qt.wrapping_row import WrappingRow
from sleap_remote_plugin.session.collect import is_ended_early

#: In this order; those behind them stand at the other end of their line.
AT_THE_START = (
    "remote_load_predictions",
    "remote_next_round",
    "remote_use_models",
    "remote_show_metrics",
    "remote_submit_then",
    "remote_resubmit",
)
AT_THE_END = ("remote_cancel_job", "remote_open_folder")


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


class ResultButtons(WrappingRow):
    """They show what can be done with the selected job."""

    clicked = Signal(str)  # objectName

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("remote_result_buttons")
        self.buttons: Dict[str, QPushButton] = {}
        for name in AT_THE_START + AT_THE_END:
            button = QPushButton(text_of_deed(name))
            button.setObjectName(name)
            button.setToolTip(JOB_DEEDS[name].does)
            button.clicked.connect(self._on_clicked)
            self.buttons[name] = button
            self.add(button, at_end=name in AT_THE_END)
        self.show_for(None, ())

    def show_for(self, job: Optional[Job], wanted: Sequence[str]) -> None:
        """Show those that are wanted."""
        is_part = job is not None and is_ended_early(job)
        for name, button in self.buttons.items():
            button.setText(text_of_deed(name, is_part))
            button.setVisible(name in wanted)
        self.setVisible(bool(wanted))

    def _on_clicked(self, *_args: Any) -> None:
        sender = self.sender()
        if sender is not None:
            self.clicked.emit(sender.objectName())
