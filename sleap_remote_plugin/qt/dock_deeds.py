"""What the dock asks for of one job: the buttons below it, its note's, a drop."""

from __future__ import annotations

from typing import Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.jobs.deeds import Deed, Offer
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.chaining import Chaining
from sleap_remote_plugin.qt.in_use import InUse
from sleap_remote_plugin.qt.job_drag import MIME, can_be_dragged
from sleap_remote_plugin.qt.job_list import JobList
from sleap_remote_plugin.qt.results import Results
from sleap_remote_plugin.qt.sending import Sending
from sleap_remote_plugin.words import tr


class DockDeeds(QObject):
    """Each is done by the part that it is about, on the cluster in use."""

    check_wanted = Signal()
    round_wanted = Signal()

    def __init__(
        self,
        in_use: InUse,
        sending: Sending,
        chaining: Chaining,
        job_list: JobList,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.in_use = in_use
        self.sending = sending
        self.chaining = chaining
        self.job_list = job_list
        dock = self.dock = in_use.dock
        dock.undo_clicked.connect(self._on_undo)
        dock.job_selected.connect(self._on_selected)
        dock.result_clicked.connect(self._on_result)
        dock.details.deed_wanted.connect(self._on_deed)
        dock.details.open_wanted.connect(self._on_open)
        dock.details.log_part_wanted.connect(self._on_log_part)
        in_use.host.accept_drops(MIME, self._on_dropped)

    def look_at(self, before: Tuple[Job, ...], jobs: Tuple[Job, ...]) -> None:
        """Go on to a training's predictions; tell of those that were not sent."""
        came = self.chaining.what_came(self.dock.selected_uid(), before, jobs)
        if came:  # the training was looked at: its predictions are next
            self.dock.select(came)
        if not self.sending.under_way:
            self.chaining.look(jobs)

    def _on_selected(self, uid: str) -> None:
        follower = self.in_use.follower
        if follower is not None and not self.sending.has(uid):
            follower.select(uid)

    def _on_result(self, name: str, uid: str) -> None:
        job, connection = self.dock.model.job(uid), self.in_use.connection
        if job is None or connection is None or self.in_use.results is None:
            return
        if name == "remote_resubmit":
            self.sending.send_again(connection, job)
        elif name == "remote_next_round":
            self.round_wanted.emit()
        elif name == "remote_submit_then":
            self.chaining.send(connection, job)
        elif name == "remote_cancel_job":
            self._cancel(job, self.in_use.results)
        elif name == "remote_forget_job":
            self.job_list.forget(connection, job)
        else:
            self.in_use.results.do(name, job)

    def _cancel(self, job: Job, results: Results) -> None:
        # Imported with the first question: SLEAP's start does not pay for it.
        from sleap_remote_plugin.session.cancel import waiting_for

        results.cancel(job, waiting_for(job, self.dock.model.jobs()))

    def _on_deed(self, uid: str, offer: Offer) -> None:
        """The button beside a job's diagnosis."""
        job, connection = self.dock.model.job(uid), self.in_use.connection
        if job is None or connection is None:
            return
        if offer.deed.submits:
            self.sending.send_again(connection, job, offer)
        elif offer.deed is Deed.SIGN_IN:
            self.in_use.refresh()
        elif offer.deed is Deed.CHECK:
            self.check_wanted.emit()
        elif offer.deed is Deed.OPEN_FOLDER and self.in_use.results is not None:
            self.in_use.results.open_folder(job)

    def _on_open(self, path: str, is_text: bool) -> None:
        if self.in_use.results is not None:
            self.in_use.results.open_path(path, is_text)

    def _on_log_part(self, part: int) -> None:
        if self.in_use.follower is not None:
            self.in_use.follower.choose_part(part)

    def _on_undo(self) -> None:
        if self.in_use.results is not None:
            self.in_use.results.undo()

    def _on_dropped(self, uid: str) -> None:
        """A job was dropped onto SLEAP's video, maybe from another window's table."""
        job = self.dock.model.job(uid)
        if job is None:
            self.in_use.words.say(
                tr("That job is not in this window's list. Press Refresh.")
            )
        elif can_be_dragged(job):
            self._on_result("remote_load_predictions", uid)
