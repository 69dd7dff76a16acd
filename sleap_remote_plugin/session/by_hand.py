"""*Save as files*: what a job needs, and how to submit it by hand; nothing is sent."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, Dict

from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.plan import Order, Plan
from sleap_remote_plugin.words import tr

SCRIPT_NAMES = {JobKind.TRAIN: "train.sbatch", JobKind.PREDICT: "predict.sbatch"}
README_NAME = "README.txt"

_README = tr("""\
{title}

Nothing was submitted. To submit it yourself, on {host}:

  cd {folder}
  sbatch {script}
  squeue --me

{elsewhere}Its log is slurm-ID.out in this folder. {then}
The plugin does not follow a job that is submitted by hand.
""")
_SENT = tr("""\
This folder is on your computer, and the cluster sees none of your disks. Copy it to
{folder} there first.

""")
_THEN = {
    JobKind.TRAIN: tr(
        "Its models are in models/: choose\nthem in SLEAP's Predict > Run Inference..."
    ),
    JobKind.PREDICT: tr(
        "Its predictions are in predictions/:\nopen them with SLEAP's "
        "File > Open Project..."
    ),
}


def files_of(plan: Plan, host: str, is_seen: bool) -> Dict[str, str]:
    """Name -> text of the batch script and of the few words about it.

    Parameters
    ----------
    host : str
        Where sbatch is.
    is_seen : bool
        Whether the cluster sees the folder; else it has to be copied there.
    """
    job, script = plan.job, SCRIPT_NAMES[plan.job.kind]
    readme = _README.format(
        title=" ".join(job.name.split()),
        host=host,
        folder=shlex.quote(job.folder),
        script=script,
        elsewhere="" if is_seen else _SENT.format(folder=job.folder),
        then=_THEN[job.kind],
    )
    return {script: plan.script, README_NAME: readme}


def write(folder: Path, files: Dict[str, str]) -> None:
    """Put them into a folder that is there, each whole."""
    for name, text in files.items():
        save_whole(folder / name, text.encode("utf-8"))


class ByHand:
    """What a session makes for a user who submits by hand."""

    profile: ClusterProfile
    places: Places
    check_allowed: Any
    _plan_training: Any
    _plan_prediction: Any

    def training_by_hand(
        self,
        package: TrainingPackage,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
    ) -> Dict[str, str]:
        """Name -> text of what belongs beside an exported package."""
        self.check_allowed(resources)
        order = Order(resources, project, name, module)
        return self._by_hand(self._plan_training(package, order, True))

    def prediction_by_hand(
        self,
        request: PredictionRequest,
        resources: Resources,
        *,
        project: str,
        name: str,
        module: SleapModule,
        folder: Path,
    ) -> Dict[str, str]:
        """The same for a prediction in `folder`, which need not be there yet."""
        self.check_allowed(resources)
        order = Order(resources, project, name, module)
        return self._by_hand(
            self._plan_prediction(request, order, folder, by_hand=True)
        )

    def _by_hand(self, plan: Plan) -> Dict[str, str]:
        login = self.profile.login
        host = tr("this machine") if login is None else login.host
        return files_of(plan, host, self.places.has_mount)
