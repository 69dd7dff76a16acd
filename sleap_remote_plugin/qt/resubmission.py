"""A job submitted again, with changes: the same package or request, a new job."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from qtpy.QtCore import QObject

from sleap_remote_plugin.jobs.another_try import another_try
from sleap_remote_plugin.jobs.chain import then_of
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.deeds import Batch, Deed, Offer
from sleap_remote_plugin.jobs.field_rules import within_rules
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, Task
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.version_match import best_module
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.submit import WhatToRun
from sleap_remote_plugin.qt.dialogs.then_predict import ThenPredict, frames_in_words
from sleap_remote_plugin.qt.host import Host, Project
from sleap_remote_plugin.qt.submission import Submission
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr


class Resubmission(Submission):
    """From a job in the list: nothing is exported, SLEAP's dialogs are not needed."""

    def __init__(
        self,
        host: Host,
        connection: Connection,
        files: Lane,
        job: Job,
        parent: Optional[QObject] = None,
        offer: Optional[Offer] = None,
    ) -> None:
        super().__init__(host, connection, files, None, parent)
        self.job = job
        self._project = Project(job.project, False, 0)
        self.offer = offer
        profile = connection.profile
        wanted, self._why = another_try(job, profile.limits, offer)
        self._wanted = within_rules(wanted, profile.rules, wanted)

    @property
    def kind(self) -> JobKind:
        return self.job.kind

    @property
    def generation(self) -> Generation:
        name = self.job.generation
        return Generation(name) if name else self.host.generation

    def start(self) -> None:
        """Open the submit dialog, filled in as the job was."""
        self._guarded(self._begin)

    def _begin(self) -> None:
        job = self.job
        tasks = left_of(job)
        detail = tr("again, as SLURM job {}; its files stay as they are").format(
            job.slurm_id or tr("of unknown id")
        )
        if len(tasks) < len(job.tasks):
            detail += tr(
                "; only the {} of {} videos that have no predictions yet"
            ).format(len(tasks), len(job.tasks))
        self._open_dialog(
            WhatToRun(
                title=", ".join(task.title for task in tasks),
                detail=detail,
                name=job.name,
                parts=tuple(task.title for task in tasks),
                warnings=(self._why,) if self._why else (),
                then=follows(job),
            )
        )
        assert self.dialog is not None
        self.dialog.save.hide()  # its files are there already
        then = then_of(job)
        if then is not None and self.dialog is not None and self.dialog.then:
            self.dialog.then.suggest(then.resources)

    def _suggest_resources(self, session: Any) -> Resources:
        return self._wanted

    def _choose_module(self, session: Any) -> SleapModule:
        """The module that it had; another one where that did not do."""
        had = session.module_of(self.job)
        if self.offer is None or self.offer.deed is not Deed.OTHER_MODULE:
            return had
        others = [one for one in session.modules() if one.name != self.job.module]
        return best_module(others, self.generation, self.host.version) or had

    def _preview(self) -> None:
        assert self.dialog is not None
        job, asked, batches = self.job, self._asked_for(self.dialog), self._batches()
        self.connection.local(
            lambda session: session.preview_resubmit(job, *asked, batches=batches),
            self._show_script,
            self._script_failed,
        )

    def _send(self) -> None:
        job, asked, batches = self.job, self._asked, self._batches()
        row = self.dialog.then if self.dialog is not None else None
        if row is None or not row.is_wanted:
            self._submit(lambda session: session.resubmit(job, *asked, batches=batches))
            return
        (resources, name, module), then = asked, row.resources()
        self._submit(
            lambda session: session.resubmit_chain(
                job, resources, then, name, module, batches
            )
        )

    def _batches(self) -> Tuple[Batch, ...]:
        return self.offer.batches if self.offer is not None else ()


def follows(job: Job) -> Optional[ThenPredict]:
    """What was to follow a training, and is to follow it again."""
    then = then_of(job)
    if then is None:
        return None
    videos = tuple(
        VideoInput(video.get("path", ""), frames=str(video.get("frames", "")))
        for video in then.request.get("videos", ())
    )
    return ThenPredict(frames_in_words(PredictionRequest((), videos)), True)


def left_of(job: Job) -> Tuple[Task, ...]:
    """What is done again, as the list has it; the session looks at the files."""
    if job.kind is not JobKind.PREDICT:
        return job.tasks
    left = tuple(task for task in job.tasks if task.exit_code != 0)
    return left or job.tasks
