"""A training, and the prediction that follows it by itself.

The prediction is settled before the training is sent: its uid, folder and frames are
in the training's record. Right after it, the prediction is sent with SLURM's
`afterok`, by submit.py as any job. Should that not come about (refused, or this
program was ended), the record still has it: it is offered, and sent once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from pathlib import Path, PurePosixPath
from typing import Callable, NamedTuple, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    AlreadySubmitted,
    NotYours,
    RemoteError,
    StoreProblem,
)
from sleap_remote_plugin.jobs.chain import then_of
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.deeds import Batch
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, job_to_dict
from sleap_remote_plugin.jobs.package import TrainingPackage, run_folders
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.record import RECORD_NAME, load_record
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session import resubmit
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.plan import Order, Plan
from sleap_remote_plugin.session.submitting import Submitting, behind, make_folder
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

_NOT_YET = tr(
    "It is not known yet whether the training reached SLURM, so the prediction that is "
    "to follow it was not sent. Once the training is in the queue, choose it and press "
    "Submit prediction."
)
_NOT_SENT = tr(
    "The training goes on, and the prediction that is to follow it was not submitted: "
    "{} Choose the training and press Submit prediction to try again."
)


#: Stands for the training's id, where that is not known yet.
_ANY_ID = "2147483647"


class Then(NamedTuple):
    """The prediction that is to follow a training.

    Attributes
    ----------
    request : PredictionRequest
        Its `models` and `after` are filled in here.
    folder : Path or None
        The job's, which has the files of `plan.input_names` already.
    """

    request: PredictionRequest
    resources: Resources
    name: str
    folder: Optional[Path] = None


class Sent(NamedTuple):
    """What came of both; `problem` is a sentence where the second was not sent."""

    training: Job
    prediction: Optional[Job] = None
    problem: str = ""


class Chains(Submitting):
    """What a session submits as two jobs, of which the second waits for the first."""

    def submit_chain(
        self,
        package: TrainingPackage,
        resources: Resources,
        then: Then,
        *,
        project: str,
        name: str,
        module: SleapModule,
        parent: str = "",
    ) -> Sent:
        """Train a package, and predict with its models when that has ended well.

        Raises
        ------
        RemoteError
            As submit_training() and submit_prediction() do: neither was sent.
        """
        self.check_allowed(resources)
        self.check_allowed(then.resources.for_another_job())
        order = Order(resources, project, name, module, parent)
        training = self._plan_training(package, order)
        folder = then.folder or self._new_folder(project)
        try:
            following = self._plan_then(then, training.job, package, order, folder)
            job = training.job.changed(then=job_to_dict(following.job))
            sent = self._submit(
                training._replace(job=job), package.folder, package.generation
            )
        except RemoteError:
            _leave_nothing(folder)
            raise
        return self._then(sent, module)

    def preview_chain(
        self,
        package: TrainingPackage,
        resources: Resources,
        then: Then,
        *,
        project: str,
        name: str,
        module: SleapModule,
    ) -> Tuple[str, str]:
        """The batch scripts that `submit_chain` would send.

        In the second one, words stand for the id that SLURM will give the training.
        """
        order = Order(resources, project, name, module)
        training = self._plan_training(package, order)
        folder = self.places.free_folder(project, JobKind.PREDICT)
        following = self._plan_then(
            then, training.job.changed(slurm_id=_ANY_ID), package, order, folder
        )
        script = following.script.replace(
            "afterok:" + _ANY_ID, tr("afterok:<id of the training>")
        )
        return training.script, script

    def _then(self, training: Job, module: SleapModule) -> Sent:
        if not training.slurm_id:
            return Sent(training, problem=_NOT_YET)
        try:
            return Sent(training, self.submit_then(training, module))
        except Exception as error:  # the training is sent, whatever this is
            log.warning("%s: %r", training.slurm_name, error, exc_info=error)
            is_ours = isinstance(error, RemoteError)
            words = str(error) if is_ours else "{!r}.".format(error)
            return Sent(training, problem=_NOT_SENT.format(words))

    def submit_then(self, training: Job, module: Optional[SleapModule] = None) -> Job:
        """Send the prediction that was to follow a training, if it was not sent yet.

        Raises
        ------
        AlreadySubmitted
            It was sent; it is in the list.
        RemoteError
            Nothing was sent: there is none, or the training has no models.
        """
        training = self.store.get(training.uid) or training
        if training.user and self.transport.user not in ("", training.user):
            raise NotYours(
                tr(
                    "This training is {}'s, and so is the prediction that follows it. "
                    "Nothing was submitted. Use its models, and predict with "
                    "them."
                ).format(training.user)
            )
        then = then_of(training)
        if then is None:
            raise RemoteError(
                tr(
                    "No prediction was to follow this training, or its record does not "
                    "tell. Nothing was submitted. Use models, and predict with them."
                )
            )
        self.check_allowed(then.resources)
        folder = self.places.to_local(then.folder)
        self._must_be_new(then, folder)
        request = resubmit.request_of(
            then, lambda cluster: self._here(training, then, cluster)
        )
        order = Order(
            behind(then.resources, training),
            then.project,
            then.name,
            module or self.module_of(then),
            training.uid,
            then.uid,
        )
        there = self._there(self.places.to_local(training.folder), folder)
        plan = self._plan_prediction(request, order, folder, to_cluster=there)
        make_folder(folder / "predictions")
        files = _inputs(request, folder)
        return self._submit(plan._replace(files=files), folder, order.module.generation)

    def resubmit_chain(
        self,
        job: Job,
        resources: Resources,
        then: Resources,
        name: str,
        module: SleapModule,
        batches: Sequence[Batch] = (),
    ) -> Sent:
        """Submit a training again, and its prediction behind it; both are new jobs.

        Parameters
        ----------
        then : Resources
            What the prediction asks for.
        """
        before = then_of(job)
        if before is None:
            return Sent(self.resubmit(job, resources, name, module, batches))
        request = resubmit.request_of(
            before, lambda cluster: self._here(job, before, cluster)
        )
        self.check_allowed(resources)
        self.check_allowed(then.for_another_job())
        return self.submit_chain(
            self.package_again(job, batches),
            resources,
            Then(request, then, before.name),
            project=job.project,
            name=name or job.name,
            module=module,
            parent=job.uid,
        )

    # -- its parts --------------------------------------------------------------------

    def _plan_then(
        self,
        then: Then,
        training: Job,
        package: TrainingPackage,
        order: Order,
        folder: Path,
        by_hand: bool = False,
    ) -> Plan:
        """The prediction before it is sent; behind the training if that has an id."""
        runs = tuple(str(package.folder / run) for run in run_folders(package))
        request = dataclasses.replace(then.request, models=runs, after=training.uid)
        resources = then.resources.for_another_job()
        if not resources.account:  # a cluster may take no job without one
            resources = dataclasses.replace(resources, account=order.resources.account)
        if training.slurm_id:
            resources = behind(resources, training)
        mine = Order(
            resources, order.project, then.name, order.module, parent=training.uid
        )
        there = self._there(package.folder, folder)
        return self._plan_prediction(
            request, mine, folder, by_hand=by_hand, to_cluster=there
        )

    def _new_folder(self, project: str) -> Path:
        folder = self.places.free_folder(project, JobKind.PREDICT)
        while not make_folder(folder / "predictions"):
            folder = self.places.free_folder(project, JobKind.PREDICT)
        return folder

    def _must_be_new(self, then: Job, folder: Path) -> None:
        """The folder's record tells of a prediction that the list has forgotten."""
        record = within(MOUNT_DEADLINE, lambda: _record(folder, then.uid))
        known = self.store.get(then.uid) or record
        if known is None or resubmit.was_never_sent(known):
            return
        if known.state is JobState.PREPARING:  # ended before it was sent
            return
        if self.store.get(then.uid) is None:
            self.store.add(known)
        raise AlreadySubmitted(
            tr(
                "The prediction that follows this training was submitted before, as "
                "SLURM job {}. Nothing was sent a second time. It is in the list of "
                "jobs."
            ).format(known.slurm_id or tr("of unknown id"))
        )

    def _there(self, *folders: Path) -> Callable[[str], PurePosixPath]:
        """Spells a path as the cluster does, also of what is to come in these folders.

        (Where there is no mount, a folder has another name there.)
        """

        def to_cluster(path: str) -> PurePosixPath:
            for folder in folders:
                if folder in Path(path).parents:
                    inside = Path(path).relative_to(folder).as_posix()
                    return self.places.to_cluster(str(folder)) / inside
            return self.places.to_cluster(path)

        return to_cluster

    def _here(self, training: Job, then: Job, cluster: str) -> Optional[str]:
        """A cluster's path as this machine spells it, in either job's folder or not."""
        for job in (training, then):
            if cluster.startswith(job.folder + "/"):
                inside = cluster[len(job.folder) + 1 :]
                return str(self.places.to_local(job.folder) / inside)
        return self.places.mounts.to_local(cluster)


def _record(folder: Path, uid: str) -> Optional[Job]:
    """What a folder's record says of this very job; None where it has none."""
    if not (folder / RECORD_NAME).exists():
        return None
    with contextlib.suppress(StoreProblem):
        found = load_record(folder)
        return found if found.uid == uid else None
    return None


def _inputs(request: PredictionRequest, folder: Path) -> Tuple[str, ...]:
    """Names in the job's folder of the small projects that stand for videos."""
    paths = [Path(video.labels) for video in request.videos if video.labels]
    return tuple(
        path.relative_to(folder).as_posix() for path in paths if folder in path.parents
    )


def _leave_nothing(folder: Path) -> None:
    """Take an empty folder away; what is in it was written for this prediction."""

    def remove() -> None:
        (folder / "predictions").rmdir()
        folder.rmdir()

    with contextlib.suppress(OSError, RemoteError):
        within(MOUNT_DEADLINE, remove)
