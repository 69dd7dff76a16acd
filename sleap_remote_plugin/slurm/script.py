"""The batch script, from the templates in resources/templates.

What the script's own exit codes mean to the user is in jobs/diagnosis.py, what it
writes beside the job in jobs/record.py.
"""

from __future__ import annotations

import functools
import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.causes import ScriptExit
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.jobs.prediction import PredictionRequest
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER
from sleap_remote_plugin.jobs.resources import Resources, write_memory, write_time
from sleap_remote_plugin.jobs.sbatch_options import extra_options, node_list
from sleap_remote_plugin.jobs.sleap_cli import predict_argv, train_argv
from sleap_remote_plugin.shipped import shipped
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    import jinja2

#: Videos of one job that are predicted on at the same time.
TASKS_AT_ONCE = 8

# A trained run is not started anew by SLURM: SLEAP up to 1.4 would overwrite it and
# newer ones would write beside it. A prediction can be repeated without harm.
_TRAINING_REQUEUE = "--no-requeue"
_PREDICTION_REQUEUE = "--requeue"

# SLURM may send the warning a minute early: a short job would get it at its birth.
_WARNED_FROM = 600


class _Safe(str):
    """Text that a filter made fit for the script."""


def render_training(
    job: Job, package: TrainingPackage, module: SleapModule, by_hand: bool = False
) -> str:
    """The script that trains a package's models, one after the other.

    Parameters
    ----------
    job : Job
        Its `folder` is the package's, as the cluster spells it.
    module : SleapModule
        Which SLEAP; its version decides on the commands.
    by_hand : bool
        It is for the user to submit, as often as wanted: it does not look whether it
        ran before.

    Raises
    ------
    RemoteError
        Something cannot be said to SLURM, the shell or that SLEAP.
    """
    steps = [
        {"argv": train_argv(model, module.sleap), "output": model.run_path}
        for model in package.models
    ]
    return _render("train", job, module, steps, by_hand)


def render_prediction(
    job: Job,
    request: PredictionRequest,
    models: Sequence[str],
    videos: Sequence[str],
    module: SleapModule,
    by_hand: bool = False,
) -> str:
    """The script that predicts on each video; several are tasks of a job array.

    Parameters
    ----------
    job : Job
        `tasks` says where the predictions of each video go.
    models, videos : sequence of str
        As the cluster spells them; `videos` in the order of `request.videos`.
    by_hand : bool
        As for `render_training`.

    Raises
    ------
    RemoteError
        Something cannot be said to SLURM, the shell or that SLEAP.
    """
    if not videos or {len(videos)} != {len(request.videos), len(job.tasks)}:
        raise RemoteError(
            tr(
                "There is no video to predict on. Nothing was submitted; choose at "
                "least one video."
            )
        )
    steps: List[Dict[str, Any]] = []
    for video, asked, task in zip(videos, request.videos, job.tasks):
        folder, name = posixpath.split(task.output)
        part = posixpath.join(folder, ".part." + name)
        argv = predict_argv(
            models,
            video,
            part,
            version=module.sleap,
            frames=asked.frames,
            tracking=request.tracking,
            options=request.options,
            dataset="" if asked.labels else asked.dataset,
            input_format="" if asked.labels else asked.input_format,
        )
        steps.append({"argv": argv, "part": part, "output": task.output})
    awaited = models if request.after else ()
    return _render("predict", job, module, steps, by_hand, awaited)


def render_question(kind: JobKind, resources: Resources, tasks: int) -> str:
    """A script that asks for the same and does nothing, to be asked about only."""
    asked = _directives("sleap-question", "question", kind, resources, tasks)
    return _environment().get_template("question.sbatch.j2").render(**asked)


def render_check(
    name: str, mark: str, output: str, resources: Resources, module: SleapModule
) -> str:
    """The short script of the cluster check; its findings begin with `mark`."""
    return (
        _environment()
        .get_template("check.sbatch.j2")
        .render(
            name=name,
            mark=mark,
            output=output,
            resources=resources,
            memory=write_memory(resources.memory),
            time=write_time(resources.time),
            module=module.name,
        )
    )


def _directives(
    name: str,
    uid: str,
    kind: JobKind,
    resources: Resources,
    tasks: int,
    awaited: Sequence[str] = (),
) -> Dict[str, Any]:
    """What templates/directives.j2 needs."""
    training = kind is JobKind.TRAIN
    return {
        "name": name,
        "uid": uid,
        "resources": resources,
        "memory": write_memory(resources.memory),
        "time": write_time(resources.time),
        "tasks": tasks,
        "awaited": list(awaited),
        "at_once": resources.at_once or TASKS_AT_ONCE,
        "extra": extra_options(resources.extra),
        "requeue": _TRAINING_REQUEUE if training else _PREDICTION_REQUEUE,
        "warned": resources.time >= _WARNED_FROM,
    }


def _render(
    template: str,
    job: Job,
    module: SleapModule,
    steps: Sequence[Dict[str, Any]],
    by_hand: bool,
    awaited: Sequence[str] = (),
) -> str:
    """Fill a template; `awaited` are models that another job makes before."""
    tasks = len(steps) if job.kind is JobKind.PREDICT else 1
    text = (
        _environment()
        .get_template(template + ".sbatch.j2")
        .render(
            limit=max(0, int(job.resources.time) - 2),
            folder=job.folder,
            witness=WITNESS_FOLDER,
            module=module.name,
            program=steps[0]["argv"][0],
            steps=steps,
            by_hand=by_hand,
            codes={code.name.lower(): int(code) for code in ScriptExit},
            **_directives(
                job.slurm_name, job.uid, job.kind, job.resources, tasks, awaited
            ),
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"


@functools.lru_cache(maxsize=None)
def _environment() -> jinja2.Environment:
    """Made once: reading the templates takes as long as a round trip."""
    import jinja2  # slow: not when SLEAP starts

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(shipped("templates"))),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_only_safe,
    )
    environment.filters["sh"] = _sh
    environment.filters["argv"] = _argv
    environment.filters["directive"] = _directive
    environment.filters["option"] = _option
    environment.filters["nodes"] = _nodes
    return environment


def _only_safe(value: Any) -> Any:
    """Refuse what no filter has seen; a mistake in a template, not a user's."""
    if isinstance(value, (_Safe, int)) and not isinstance(value, bool):
        return value
    raise TypeError("{!r} is in a batch script without a filter".format(value))


def _sh(text: str) -> _Safe:
    """One word of the shell, whatever it holds."""
    try:
        str(text).encode("utf-8")
    except UnicodeEncodeError:
        raise _unfit(text, tr("a character that is no Unicode text")) from None
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", str(text)):
        raise _unfit(text, tr("a line break or another control character"))
    return _Safe(shlex.quote(str(text)))


def _argv(parts: Sequence[str]) -> _Safe:
    return _Safe(" ".join(_sh(part) for part in parts))


def _directive(text: str) -> _Safe:
    """A value of an ``#SBATCH`` line, which the shell never sees."""
    if not re.fullmatch(r"[A-Za-z0-9_.,:+-]+", str(text), re.ASCII):
        raise RemoteError(
            tr(
                "{!r} cannot be asked of SLURM: letters, digits and _ . , : + - are "
                "allowed. Nothing was submitted; change it in the dialog."
            ).format(text)
        )
    return _Safe(text)


def _option(text: str) -> _Safe:
    """The same with more of sbatch's own signs; for ``#SBATCH`` lines only."""
    if not re.fullmatch(r"[A-Za-z0-9_.,:+=@%/?|&*()\[\]-]+", str(text), re.ASCII):
        raise RemoteError(
            tr(
                "{!r} cannot be asked of SLURM: spaces, quotes, $ and letters with "
                "accents are not allowed. Nothing was submitted; change it in the "
                "dialog."
            ).format(text)
        )
    return _Safe(text)


def _nodes(text: str) -> _Safe:
    return _option(node_list(text))


def _unfit(text: Any, what: str) -> RemoteError:
    return RemoteError(
        tr(
            "The name {} has {}, which a batch script cannot hold. Nothing was "
            "submitted; rename the file or folder."
        ).format(ascii(text), what)
    )
