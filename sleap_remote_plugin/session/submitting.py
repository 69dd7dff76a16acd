"""Jobs as the user orders them, made into plans and submitted.

What a submission does step by step is submit.py; what a job's script says, plan.py.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Dict, Optional, Sequence

from sleap_remote_plugin.errors import (
    PackageProblem,
    RemoteError,
    RequestNotAllowed,
)
from sleap_remote_plugin.jobs.chain import how_it_ended
from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.deeds import Batch
from sleap_remote_plugin.jobs.field_rules import rule_problems
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.group import let_the_group_read
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session import resubmit
from sleap_remote_plugin.session.mirrors import Mirrors
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.offers import Offers
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.plan import (
    Order,
    Plan,
    plan_prediction,
    plan_training,
)
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.smaller import change_package, with_smaller_batch
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.submit import submit
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr


class Submitting:
    """What a session submits; session.py has the rest of it."""

    profile: ClusterProfile
    transport: Transport
    store: Store
    settings: Settings
    places: Places
    offers: Offers
    mirrors: Mirrors
    clock: Callable[[], float]

    def submit_training(
        self,
        package: TrainingPackage,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
        parent: str = "",
    ) -> Job:
        """Train an exported package that lies on the mount. Raises as submit() does."""
        self.check_allowed(resources)
        order = Order(resources, project, name, module, parent)
        plan = self._plan_training(package, order)
        return self._submit(plan, package.folder, package.generation)

    def submit_prediction(
        self,
        request: PredictionRequest,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
        parent: str = "",
        folder: Optional[Path] = None,
    ) -> Job:
        """Predict with trained models; project, models and videos are on the mount.

        Parameters
        ----------
        folder : Path, optional
            The job's, which has the files of `plan.input_names` already.
        """
        self.check_allowed(resources)
        order = Order(resources, project, name, module, parent)
        if folder is not None:
            plan = self._plan_prediction(request, order, folder)
            make_folder(folder / "predictions")
            return self._submit(plan, folder, module.generation)
        folder = self.places.free_folder(project, JobKind.PREDICT)
        plan = self._plan_prediction(request, order, folder)
        while not make_folder(folder / "predictions"):
            folder = self.places.free_folder(project, JobKind.PREDICT)
            plan = self._plan_prediction(request, order, folder)
        return self._submit(plan, folder, module.generation)

    def resubmit(
        self,
        job: Job,
        resources: Optional[Resources] = None,
        name: str = "",
        module: Optional[SleapModule] = None,
        batches: Sequence[Batch] = (),
    ) -> Job:
        """Submit the same again, as a job of its own that knows its parent.

        Of several videos only those that have no predictions yet.

        Parameters
        ----------
        job : Job
            Listed or not: a refused one is in its folder's record only.
        resources, name, module
            Others than last time.
        batches : sequence of Batch
            Smaller batch sizes, for the new job's copy of the package.

        Raises
        ------
        PackageProblem, ...
            Nothing was submitted. As submit() does, too.
        """
        wanted = resources or job.resources
        self.check_allowed(wanted)
        about: Dict[str, Any] = {
            "project": job.project,
            "name": name or job.name,
            "parent": job.uid,
        }
        module = module or self.module_of(job)
        folder = self.places.to_local(job.folder)
        if job.kind is JobKind.PREDICT:
            request = self._request_again(job, folder, batches)
            wanted = self._behind(wanted, request)
            return self.submit_prediction(request, wanted, module=module, **about)
        package = self.package_again(job, batches)
        return self.submit_training(package, wanted, module=module, **about)

    def package_again(self, job: Job, batches: Sequence[Batch] = ()) -> TrainingPackage:
        """A training's package, for another job of it. Raises PackageProblem."""
        folder = self.places.to_local(job.folder)
        if resubmit.was_never_sent(job):
            return within(MOUNT_DEADLINE, lambda: load_package(folder))
        beside = str(folder.parent / Path(job.project).name)
        new = self.places.free_folder(beside, JobKind.TRAIN)
        package = resubmit.copied_package(folder, new)
        try:
            change_package(package, batches)
        except PackageProblem:
            shutil.rmtree(str(new), ignore_errors=True)
            raise
        return package

    def _behind(self, wanted: Resources, request: PredictionRequest) -> Resources:
        """The same, after the training whose models are asked for has ended."""
        training = self.store.get(request.after) if request.after else None
        return wanted if training is None else behind(wanted, training)

    def preview_resubmit(
        self,
        job: Job,
        resources: Resources,
        name: str,
        module: SleapModule,
        batches: Sequence[Batch] = (),
    ) -> str:
        """The batch script that `resubmit` would send."""
        folder = self.places.to_local(job.folder)
        if job.kind is JobKind.PREDICT:
            request = self._request_again(job, folder, batches)
            return self.preview_prediction(
                request,
                self._behind(resources, request),
                project=job.project,
                name=name,
                module=module,
            )
        package = within(MOUNT_DEADLINE, lambda: load_package(folder))
        if not resubmit.was_never_sent(job):
            beside = str(folder.parent / Path(job.project).name)
            new = self.places.free_folder(beside, JobKind.TRAIN)
            package = dataclasses.replace(package, folder=new)
        return self.preview_training(
            package, resources, project=job.project, name=name, module=module
        )

    def _request_again(
        self, job: Job, folder: Path, batches: Sequence[Batch]
    ) -> PredictionRequest:
        request = resubmit.request_of(job, self.places.mounts.to_local)
        places = within(MOUNT_DEADLINE, lambda: resubmit.still_wanted(job, folder))
        return with_smaller_batch(resubmit.with_videos(request, places), batches)

    def module_of(self, job: Job) -> SleapModule:
        """The module that a job had; the one that fits best where it is gone."""
        for module in self.offers.read_modules():
            if module.name == job.module:
                return module
        return self.offers.choose_module(Generation(job.generation), "")

    def preview_training(
        self,
        package: TrainingPackage,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
    ) -> str:
        """The batch script that `submit_training` would send."""
        order = Order(resources, project, name, module)
        return self._plan_training(package, order).script

    def preview_prediction(
        self,
        request: PredictionRequest,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
    ) -> str:
        """The batch script that `submit_prediction` would send."""
        folder = self.places.free_folder(project, JobKind.PREDICT)
        order = Order(resources, project, name, module)
        return self._plan_prediction(request, order, folder).script

    def check_allowed(self, resources: Resources) -> None:
        """Raise RequestNotAllowed where the profile's rules are against it."""
        found = rule_problems(resources, self.profile.rules)
        if found:
            raise RequestNotAllowed(
                tr("{} Nothing was submitted. Ask for something else{}.").format(
                    " ".join(problem.text for problem in found),
                    tr(", or ask ") + self.profile.contact
                    if self.profile.contact
                    else "",
                )
            )

    # -- plans --------------------------------------------------------------------

    def _plan_training(
        self, package: TrainingPackage, order: Order, by_hand: bool = False
    ) -> Plan:
        folder = str(self.places.to_cluster(str(package.folder)))
        cluster = self.profile.name
        return plan_training(package, order, folder, cluster, self.clock(), by_hand)

    def _plan_prediction(
        self,
        request: PredictionRequest,
        order: Order,
        folder: Path,
        *,
        by_hand: bool = False,
        to_cluster: Optional[Callable[[str], PurePosixPath]] = None,
    ) -> Plan:
        return plan_prediction(
            request,
            order,
            str(self.places.to_cluster(str(folder))),
            self.profile.name,
            self.clock(),
            to_cluster or self.places.to_cluster,
            by_hand,
        )

    def _submit(
        self, plan: Plan, folder: Path, generation: Optional[Generation]
    ) -> Job:
        transport = self.mirrors.send(folder) or self.transport
        try:
            job = submit(
                plan.job.changed(user=self.transport.user),
                folder,
                plan.script,
                plan.files,
                transport,
                self.store,
                self.clock,
            )
        finally:
            self.mirrors.after(transport)
        if generation is not None:
            self.settings.keep_resources(
                self.profile.name, job.kind, generation, job.resources
            )
        return job


def behind(wanted: Resources, training: Job) -> Resources:
    """What a prediction asks for whose models a training makes, or has made.

    Raises
    ------
    RemoteError
        It makes none.
    """
    if training.state is JobState.COMPLETED:
        return wanted
    if training.state.is_final:
        raise RemoteError(
            tr(
                "The training “{}” {}, so there are no whole models to predict with. "
                "Nothing was submitted. Submit the training again, and let the "
                "prediction follow it; or use what there is of its models."
            ).format(training.name, how_it_ended(training))
        )
    if not training.slurm_id:
        raise RemoteError(
            tr(
                "It is not known yet whether the training “{}” reached SLURM. Nothing "
                "was submitted. Try again when it is in the queue."
            ).format(training.name)
        )
    asked = [part for part in (wanted.dependency,) if part]
    return dataclasses.replace(
        wanted, dependency=",".join(asked + ["afterok:" + training.slurm_id])
    )


def _make(folder: Path) -> None:
    folder.mkdir(parents=True)
    let_the_group_read(folder.parent, folder.parent.parent)


def make_folder(folder: Path) -> bool:
    """Make a folder; False where another window has just made it."""
    try:
        within(MOUNT_DEADLINE, lambda: _make(folder))
    except FileExistsError:
        return False
    return True
