"""From SLEAP's dialog to a job on the cluster, each step on its lane.

project checked -> submit dialog -> signed in -> configs and snapshot (GUI thread)
-> package written and copied (files lane) -> submitted (network lane). A cancel at
any step leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, Tuple

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.errors import (
    Cancelled,
    NotOnMount,
    ProjectNotReady,
    RemoteError,
)
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task, new_uid
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt import export
from sleap_remote_plugin.qt.choices import Choices
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.message import ask, tell_error
from sleap_remote_plugin.qt.dialogs.submit import SAVED, SubmitDialog, WhatToRun
from sleap_remote_plugin.qt.host import Host, Project
from sleap_remote_plugin.qt.project_checks import check_places, check_saved
from sleap_remote_plugin.qt.transfer import Copying
from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.session.chain import Sent
from sleap_remote_plugin.session.copying import can_do_without
from sleap_remote_plugin.session.outside import Wanted
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)


class Submission(QObject):
    """One job on its way to the cluster."""

    row_changed = Signal(object)  # Job that is not in the store yet
    row_gone = Signal(str)  # its uid
    progressed = Signal(str, int, int)  # text, done, total; total 0: not known
    submitted = Signal(object)  # Job
    stopped = Signal(str)  # a sentence: the user stopped it
    agreed = Signal()  # to submit or save it: from now on the dock tells of it
    saved = Signal(str, str)  # a sentence, and the folder that has the files
    said = Signal(str)  # a sentence on what came of it
    ended = Signal(object)  # this

    def __init__(
        self,
        host: Host,
        connection: Connection,
        files: Lane,
        sleap_dialog: Any,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.connection = connection
        self._files = files
        self.sleap_dialog = sleap_dialog
        self.dialog: Optional[SubmitDialog] = None
        self._call: Optional[Call] = None
        self._copying: Optional[Copying] = None
        self._row: Optional[Job] = None
        self._project: Optional[Project] = None
        self._folders: List[Path] = []  # made for it; a cancel takes them away
        self._asked: Any = None  # (Resources, name, SleapModule)
        self.is_cancelled = False
        self._has_read = False  # SLEAP's dialog, for good

    @property
    def needs_sleap_dialog(self) -> bool:
        """Whether what SLEAP's dialog is set to is still to be read for this one."""
        return not self._has_read and not self.is_cancelled

    @property
    def kind(self) -> JobKind:
        raise NotImplementedError

    @property
    def generation(self) -> Generation:
        """Which SLEAP on the cluster can do it."""
        return self.host.generation

    # -- the project ------------------------------------------------------------------

    def start(self) -> None:
        """Check the project, offer to save it, then go on with `_begin`."""
        try:
            self._project = check_saved(self.host.project())
            self._check()
        except RemoteError as error:
            self._fail(error)
            return
        if self._project.has_changes:
            ask(
                self._front(),
                tr(
                    "The project has changes that are not saved. The job is made from "
                    "the project as it is saved, so it has to be saved first."
                ),
                tr("Save and go on"),
                tr("Cancel"),
                self._save_and_begin,
                name="remote_save_question",
                on_no=self._end,
            )
        else:
            self._guarded(self._begin)

    def _check(self) -> None:
        """What this kind of job needs of the project; raises ProjectNotReady."""

    def _save_and_begin(self) -> None:
        self._guarded(self._save)

    def _save(self) -> None:
        self.host.save_project()
        self._project = check_saved(self.host.project())
        if self._project.has_changes:
            raise ProjectNotReady(
                tr("The project was not saved. Nothing was submitted.")
            )
        self._begin()

    def _begin(self) -> None:
        """Read SLEAP's dialog, then `_open_dialog`."""
        raise NotImplementedError

    def _see(self, wanted: Sequence[Wanted], on_seen: Callable[[], None]) -> None:
        """Go on if the cluster can see these files; else offer to copy them."""
        project, kind = self._project, self.kind

        def look() -> None:
            session = self.connection.session()
            try:
                check_places(wanted, session)
            except NotOnMount:
                if project is None or not can_do_without(session, kind, project.path):
                    raise

        self.progressed.emit(tr("Looking whether the cluster sees the files"), 0, 0)
        self._on_seen_then = on_seen
        self._call = self._files.do(look, lambda _: self._seen(on_seen), self._not_seen)

    def _seen(self, on_seen: Callable[[], None]) -> None:
        if not self.is_cancelled:
            self.progressed.emit("", 0, 0)
            self._guarded(on_seen)

    def _not_seen(self, error: BaseException) -> None:
        if self.is_cancelled:
            return
        if isinstance(error, NotOnMount) and error.paths and self._project is not None:
            self._offer_copy(error, self._project.path)
        else:
            self._fail(error)

    def _offer_copy(self, error: NotOnMount, project: str) -> None:
        self.progressed.emit("", 0, 0)
        self._refusal = error
        self._copying = Copying(self.host, self.connection, self.kind, self)
        self._copying.done.connect(self._on_copied)
        self._copying.given_up.connect(self._on_not_copied)
        self._copying.failed.connect(self._on_nothing_to_offer)
        self._copying.asks.connect(self._put_sleap_dialog_away)
        self._copying.start(error, project)

    def _put_sleap_dialog_away(self) -> None:
        """While it is open its window is locked, and a copy may take long."""
        if self.sleap_dialog is not None:
            self.sleap_dialog.hide()

    def _on_copied(self) -> None:
        self._seen(self._on_seen_then)

    def _on_not_copied(self) -> None:
        with contextlib.suppress(RuntimeError):  # Qt's half may be gone
            if self.sleap_dialog is not None:
                self.sleap_dialog.open()
        self._end()

    def _on_nothing_to_offer(self, error: BaseException) -> None:
        """Say what the cluster cannot see, and why there is nothing to offer."""
        refusal = self._refusal
        if isinstance(error, RemoteError):
            words = tr("{}\n\nIt was not copied there for you: {}").format(
                refusal, error
            )
            error = NotOnMount(words, refusal.detail, refusal.paths, refusal.tried)
        self._fail(error)

    # -- the submit dialog ------------------------------------------------------------

    def _open_dialog(self, what: WhatToRun) -> None:
        dialog = SubmitDialog(
            self.connection.profile,
            what,
            self.kind,
            self.generation,
            self._front(),
            self.host.version,
        )
        self.dialog = dialog
        self._parts = what.parts
        dialog.accepted.connect(self._on_submit)
        dialog.rejected.connect(self._end)
        dialog.script_wanted.connect(self._on_script_wanted)
        dialog.save_wanted.connect(self._on_save)
        assert self._project is not None
        Choices(
            self.connection,
            dialog,
            self.host.version,
            self._project.path,
            self._suggest_resources,
            self._choose_module,
            self,
        ).ask()
        dialog.open()

    def _suggest_resources(self, session: Any) -> Resources:
        """*network lane*"""
        return session.suggest_resources(self.kind, self.generation)

    def _choose_module(self, session: Any) -> SleapModule:
        """*network lane*"""
        return session.choose_module(self.generation, self.host.version)

    def _on_script_wanted(self) -> None:
        self._guarded(self._preview)

    def _preview(self) -> None:
        raise NotImplementedError

    def _show_script(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.show_script(text)

    def _script_failed(self, error: BaseException) -> None:
        self._show_script(tr("# The script cannot be shown: {}").format(error))

    def _on_submit(self) -> None:
        """Sign in first: later nobody expects to be asked."""
        assert self.dialog is not None
        self._asked = self._asked_for(self.dialog)
        self.agreed.emit()
        self.progressed.emit(tr("Connecting to ") + self.connection.profile.title, 0, 0)
        self.connection.call(
            self._connect,
            self._on_connected,
            self._fail,
            parent=self._front(),
        )

    def _connect(self, session: Any) -> SleapModule:
        """*network lane* Sign in; then see whether the module is what it seems."""
        session.connect()
        return session.confirm_module(self._asked[2], self.generation)

    @staticmethod
    def _asked_for(dialog: SubmitDialog) -> Tuple[Resources, str, SleapModule]:
        return dialog.resources(), dialog.name(), dialog.module()

    def _on_connected(self, module: SleapModule) -> None:
        self._asked = self._asked[:2] + (module,)
        if self.is_cancelled:
            self._fail(Cancelled(tr("It was cancelled. Nothing was submitted.")))
        else:
            self._guarded(self._send)

    def _send(self) -> None:
        raise NotImplementedError

    # -- save as files -----------------------------------------------------------------

    def _on_save(self) -> None:
        """Instead of submitting; nobody has to be signed in for it."""
        assert self.dialog is not None
        self._asked = self._asked_for(self.dialog)
        self.dialog.done(SAVED)
        self.agreed.emit()
        self._guarded(self._save_files)

    def _save_files(self) -> None:
        raise NotImplementedError

    def _on_saved(self, folder: Path) -> None:
        if self.is_cancelled:  # too late to stop it, and not wanted any more
            self._folders.append(folder)
            self._fail(Cancelled(tr("It was cancelled. Nothing was submitted.")))
            return
        self.saved.emit(self._saved_words(), str(folder))
        self._end()

    def _saved_words(self) -> str:
        return tr(
            "Nothing was submitted. The files and the batch script are in a folder of "
            "their own; README.txt in it says how to submit them:"
        )

    # -- the row in the table ---------------------------------------------------------

    def _show_row(self, state: JobState) -> None:
        assert self._project is not None
        if self._row is None:
            resources, name, _ = self._asked
            self._row = Job(
                uid="new-" + new_uid(),
                kind=self.kind,
                name=name,
                project=self._project.path,
                folder="",
                cluster=self.connection.profile.name,
                resources=resources,
                tasks=tuple(Task(title, "") for title in self._parts),
                created=time.time(),
            )
        self._row = self._row.changed(state=state)
        self.row_changed.emit(self._row)

    def _close_sleap_dialog(self) -> None:
        self._has_read = True
        try:
            self.sleap_dialog.close()
        except RuntimeError:  # Qt's half is gone already
            pass

    # -- the end ----------------------------------------------------------------------

    def cancel(self) -> None:
        """Stop at the next step."""
        self.is_cancelled = True
        if self._call is not None:
            self._call.cancel()
        if self._copying is not None:
            self._copying.cancel()
        if self.dialog is None:  # still looking: nothing is there to be taken back
            self._end()

    def _submit(self, function: Callable[[Any], Any]) -> None:
        if self.is_cancelled:
            self._fail(Cancelled(tr("It was cancelled. Nothing was submitted.")))
            return
        self._show_row(JobState.SUBMITTING)
        self.progressed.emit(tr("Submitting"), 0, 0)
        self.connection.call(function, self._on_submitted, self._fail)

    def _on_submitted(self, sent: Any) -> None:
        """A job; or a training and the prediction that follows it."""
        self._folders = []
        if not isinstance(sent, Sent):
            self.submitted.emit(sent)
        elif sent.prediction is None:
            self.submitted.emit(sent.training)
            tell_error(self._front(), RemoteError(sent.problem))
        else:
            self.submitted.emit(sent.prediction)
            self.submitted.emit(sent.training)
            self.said.emit(
                tr(
                    "“{}” was submitted to {} as job {}, and “{}” as job {}, which "
                    "follows by itself."
                ).format(
                    sent.training.name,
                    self.connection.profile.title,
                    sent.training.slurm_id,
                    sent.prediction.name,
                    sent.prediction.slurm_id or "?",
                )
            )
        self._end()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        parent = self._front()
        folders, self._folders = self._folders, []
        if folders and isinstance(error, Cancelled):
            self._files.do(lambda: _remove(folders))
        self._end()
        if isinstance(error, Cancelled):
            log.info("Not submitted: %s", error)
            self.stopped.emit(_nothing_sent(str(error)))
        else:
            log.warning("Not submitted: %r", error, exc_info=error)
            tell_error(parent, error)

    def _end(self, *_args: Any) -> None:
        if self._row is not None:
            self.row_gone.emit(self._row.uid)
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            if dialog.isVisible():  # it failed meanwhile: what is still to come may go
                dialog.rejected.disconnect(self._end)
                dialog.reject()
            dialog.deleteLater()
        self.ended.emit(self)

    def _front(self) -> QWidget:
        """The widget that a question belongs before."""
        try:
            if self.sleap_dialog is not None and self.sleap_dialog.isVisible():
                return self.sleap_dialog
        except RuntimeError:
            pass
        return self.host.window


def _remove(folders: Sequence[Path]) -> None:
    for folder in folders:
        export.remove_folder(folder)


def _nothing_sent(sentence: str) -> str:
    words = tr("Nothing was submitted.")
    return sentence if words in sentence else "{} {}".format(sentence, words)
