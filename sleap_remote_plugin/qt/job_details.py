"""What is known of the selected job: a note, and a page for each question about it.

Each page is a room of its own; what they show was found by findings.py.
"""

from __future__ import annotations

import time
from typing import Dict, Optional, Tuple

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from sleap_remote_plugin.jobs.deeds import Deed, Offer
from sleap_remote_plugin.jobs.history import history_of
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.qt import texts
from sleap_remote_plugin.qt.diagnosis_box import DiagnosisBox
from sleap_remote_plugin.qt.files_page import FilesPage
from sleap_remote_plugin.qt.findings import Findings
from sleap_remote_plugin.qt.history_page import HistoryPage
from sleap_remote_plugin.qt.job_log import LogPage
from sleap_remote_plugin.qt.progress_page import ProgressPage
from sleap_remote_plugin.qt.resources_page import ResourcesPage
from sleap_remote_plugin.qt.roomy_tabs import RoomyTabs
from sleap_remote_plugin.session.log_parts import part_titles
from sleap_remote_plugin.words import tr

__all__ = ["Findings", "JobDetails"]

#: Jobs of which the last look is remembered.
_MOST_KNOWN = 50
#: Ends that are nobody's fault: their note is no alarm.
_MILD = (JobState.CANCELLED, JobState.PREEMPTED, JobState.LOST, JobState.INCOMPLETE)


class JobDetails(QWidget):
    """The lower half of the dock."""

    deed_wanted = Signal(str, object)  # uid, Offer: not those that are done here
    open_wanted = Signal(str, bool)  # path on this machine, whether it is a text
    log_part_wanted = Signal(int)  # which of the job's tasks; -1: all

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.box = DiagnosisBox()
        self.box.wanted.connect(self._on_deed)
        self.diagnosis = self.box.label
        layout.addWidget(self.box)
        self.stale = QLabel()
        self.stale.setObjectName("remote_details_stale")
        self.stale.setWordWrap(True)
        self.stale.setTextFormat(Qt.TextFormat.PlainText)
        self.stale.setContentsMargins(4, 0, 4, 0)
        self.stale.hide()
        layout.addWidget(self.stale)
        self.tabs = RoomyTabs()
        self.tabs.setObjectName("remote_details_tabs")
        layout.addWidget(self.tabs, 1)
        self.progress = ProgressPage()
        self.log = LogPage()
        self.log.part_chosen.connect(self.log_part_wanted)
        self.log.whole_wanted.connect(self._on_whole_log)
        self.resources = ResourcesPage()
        self.history = HistoryPage()
        self.files = FilesPage()
        self.files.open_wanted.connect(self.open_wanted)
        for page, title in (
            (self.progress, tr("Progress")),
            (self.log, tr("Log")),
            (self.resources, tr("Resources")),
            (self.history, tr("History")),
            (self.files, tr("Files")),
        ):
            self.tabs.addTab(page, title)
        self._uid = ""
        self._ended_badly = False
        self._known: Dict[str, Findings] = {}

    # -- what is shown ----------------------------------------------------------------

    def show_job(self, job: Job, findings: Findings) -> None:
        """Show a job; what is not known anew is shown as it was seen last."""
        is_other = job.uid != self._uid
        ended_badly = job.state.is_final and job.state is not JobState.COMPLETED
        if is_other:
            self._uid = job.uid
            self.tabs.setCurrentWidget(self.log if ended_badly else self.progress)
            self.log.part.setCurrentIndex(0)
            self.log.clear()
        elif ended_badly and not self._ended_badly:
            self.tabs.setCurrentWidget(self.log)  # it failed while it was looked at
        self._ended_badly = ended_badly
        shown, stale = self._with_known(job, findings)
        self.stale.setText(stale)
        self.stale.setVisible(bool(stale))
        self._say(job, shown)
        self.progress.show_job(job, shown)
        is_training = job.kind is JobKind.TRAIN
        all_of_them = tr("All models") if is_training else tr("All videos")
        self.log.offer_parts(part_titles(job), all_of_them)
        self.log.say_without(job)
        if shown.part == self.log.chosen_part():
            self.log.show_log(shown.log)
        self.log.whole.setEnabled(self._log_path(0) is not None)
        self.resources.show_job(job)
        self.history.show_lines(shown.history or history_of(job, ()))
        self.files.show_places(shown.files)

    def offered(self) -> Optional[Deed]:
        """What the note's button does; None where it has none."""
        return self.box.offered()

    def _with_known(self, job: Job, findings: Findings) -> Tuple[Findings, str]:
        """The findings, or those of the last look that brought any; and its time."""
        before = self._known.get(job.uid)
        if findings.trouble:
            if before is None:
                return findings, ""
            stale = tr("Progress, log and files are shown as of {}.").format(
                texts.clock(before.seen)
            )
            kept = before._replace(trouble=findings.trouble, offer=findings.offer)
            return kept, stale
        if findings.is_first and before is not None:
            return before._replace(progress=findings.progress or before.progress), ""
        if findings.seen:
            self._known.pop(job.uid, None)
            self._known[job.uid] = findings
            while len(self._known) > _MOST_KNOWN:
                self._known.pop(next(iter(self._known)))
        return findings, ""

    def _say(self, job: Job, found: Findings) -> None:
        """The note above the pages: what went wrong, or what should be known."""
        if found.trouble:
            self.box.say("off", "", found.trouble, "", found.offer)
        elif found.diagnosis is not None:
            told = found.diagnosis
            sign = "warn" if job.state in _MILD else "fail"
            missing = job.note if job.state is JobState.INCOMPLETE else ""
            lines = (told.remedy, missing, found.left)
            remedy = "\n".join(text for text in lines if text)
            self.box.say(sign, told.cause, remedy, told.evidence, found.offer)
        else:
            sentences = (job.note, found.left, texts.start_text(job, time.time()))
            words = " ".join(text for text in sentences if text)
            is_waiting = job.state in (JobState.QUEUED, JobState.UNCONFIRMED)
            self.box.say("busy" if is_waiting else "warn", "", words)

    # -- what was clicked -------------------------------------------------------------

    def _on_deed(self, offer: Offer) -> None:
        if offer.deed is Deed.SHOW_LOG:
            self.tabs.setCurrentWidget(self.log)
            self.log.follow()
            self.log.text.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._uid:
            self.deed_wanted.emit(self._uid, offer)

    def _log_path(self, number: int) -> Optional[str]:
        """Path of one of the job's logs on this machine, where it is there."""
        known = self._known.get(self._uid)
        places = known.files if known is not None else ()
        logs = [p for p in places if p.title.split(":")[0] == tr("Log")]
        if 0 <= number < len(logs) and logs[number].here and logs[number].is_there:
            return logs[number].here
        return None

    def _on_whole_log(self, part: int) -> None:
        known = self._known.get(self._uid)
        logs = [p for p in known.files if p.title.startswith("Log: ")] if known else []
        path = self._log_path(max(part, 0) if logs else 0)
        if path is not None:
            self.open_wanted.emit(path, True)
