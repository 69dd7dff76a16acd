"""*Save as files*: what a job needs, and how to submit it by hand; nothing is sent."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.chain import Then
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.plan import Order, Plan
from sleap_remote_plugin.words import tr

SCRIPT_NAMES = {JobKind.TRAIN: "train.sbatch", JobKind.PREDICT: "predict.sbatch"}
README_NAME = "README.txt"

_README = tr("""\
{title}

Nothing was submitted. To submit it yourself, on {host}:

{commands}

{elsewhere}{log} {then}
The plugin does not follow a job that is submitted by hand.
""")
_SENT = tr("""\
{here} on your computer, and the cluster sees none of your disks. Copy it to
{folders} there first.

""")
_LOG = tr("Its log is slurm-ID.out in this folder.")
_LOGS = tr("The logs are slurm-ID.out in both folders.")
_THEN = {
    JobKind.TRAIN: tr(
        "Its models are in models/: choose\nthem in SLEAP's Predict > Run Inference..."
    ),
    JobKind.PREDICT: tr(
        "Its predictions are in predictions/:\nopen them with SLEAP's "
        "File > Open Project..."
    ),
}
_THEN_BOTH = tr(
    "The second job starts when\nthe first has ended well. Its predictions are in its "
    "predictions/: open them with\nSLEAP's File > Open Project..."
)
#: The id of the first job, for whatever shell; on federated clusters a name follows it.
_BEHIND = (
    "id=$(sbatch --parsable {first})",
    ('sbatch --dependency="afterok:${{id%%;*}}" --kill-on-invalid-dep=yes {second}'),
)


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
    readme = _readme(
        (plan,),
        ("sbatch " + script,),
        host,
        is_seen,
        log=_LOG,
        then=_THEN[job.kind],
    )
    return {script: plan.script, README_NAME: readme}


def files_of_both(
    first: Plan, second: Plan, host: str, is_seen: bool
) -> Tuple[Dict[str, str], Dict[str, str]]:
    """The same for two jobs, of which the second waits for the first."""
    names = [SCRIPT_NAMES[plan.job.kind] for plan in (first, second)]
    commands = [one.format(first=names[0], second=names[1]) for one in _BEHIND]
    readme = _readme(
        (first, second), commands, host, is_seen, log=_LOGS, then=_THEN_BOTH
    )
    return (
        {names[0]: first.script, README_NAME: readme},
        {names[1]: second.script, README_NAME: readme},
    )


def _readme(
    plans: Sequence[Plan],
    commands: Sequence[str],
    host: str,
    is_seen: bool,
    *,
    log: str,
    then: str,
) -> str:
    """`commands` are one for each plan, run in its folder."""
    lines: List[str] = []
    for plan, command in zip(plans, commands):
        lines += ["cd " + shlex.quote(plan.job.folder), command]
    folders = tr(" and ").join(plan.job.folder for plan in plans)
    here = tr("This folder is") if len(plans) == 1 else tr("These folders are")
    return _README.format(
        title=tr(", then ").join(" ".join(plan.job.name.split()) for plan in plans),
        host=host,
        commands="\n".join("  " + line for line in [*lines, "squeue --me"]),
        elsewhere="" if is_seen else _SENT.format(here=here, folders=folders),
        log=log,
        then=then,
    )


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
    _plan_then: Any

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

    def chain_by_hand(
        self,
        package: TrainingPackage,
        resources: Resources,
        then: Then,
        *,
        project: str,
        name: str,
        module: SleapModule,
    ) -> Tuple[Dict[str, str], Dict[str, str]]:
        """The same for a training and for the prediction that is to follow it.

        `then.folder` is the prediction's, which need not be there yet.
        """
        self.check_allowed(resources)
        self.check_allowed(then.resources.for_another_job())
        order = Order(resources, project, name, module)
        first = self._plan_training(package, order, True)
        second = self._plan_then(then, first.job, package, order, then.folder, True)
        return files_of_both(first, second, self._host, self.places.has_mount)

    def _by_hand(self, plan: Plan) -> Dict[str, str]:
        return files_of(plan, self._host, self.places.has_mount)

    @property
    def _host(self) -> str:
        """Where sbatch is."""
        login = self.profile.login
        return tr("this machine") if login is None else login.host
