"""``train --then-predict``, and the prediction that was to follow a training."""

from __future__ import annotations

import argparse
from typing import Any, Optional, Sequence, Tuple

from sleap_remote_plugin.cli import predicting, slurm_options
from sleap_remote_plugin.cli.asking import asking
from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.chain import then_of
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.chain import Sent, Then
from sleap_remote_plugin.session.session import Session

#: What `predict` has too, and what it is where nothing was said.
_CHOICES: Tuple[Tuple[str, Any], ...] = (
    ("video", []),
    ("frames", ""),
    ("labelled", False),
    ("suggested", False),
    ("predicted", False),
    ("random", None),
    ("skip_labelled", False),
    ("skip_unreadable", False),
    ("tracking", []),
    ("option", []),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """``--then-predict``, and with it the choices that `predict` has."""
    group = parser.add_argument_group(
        "then predict", "On what, with the models, once they are there."
    )
    group.add_argument(
        "--then-predict",
        action="store_true",
        help="predict by itself when the training has ended well (default: all videos)",
    )
    predicting.add_choices(group)
    parser.set_defaults(dataset="", input_format="", model=[])


def read_then(
    arguments: argparse.Namespace, session: Session
) -> Optional[Tuple[Any, Any]]:
    """The host that read the videos, and what is to be predicted; None: nothing is.

    Raises
    ------
    RemoteError
        A sentence; nothing was submitted.
    """
    if arguments.then_predict:
        arguments.input = [arguments.project]
        return predicting.read_request(arguments, session)
    given = [name for name, usual in _CHOICES if vars(arguments)[name] != usual]
    if given:
        raise RemoteError(
            "--{} is about the prediction that follows a training: give --then-predict "
            "too. Nothing was submitted.".format(given[0].replace("_", "-"))
        )
    return None


def submit(
    session: Session,
    package: Any,
    resources: Resources,
    what: Tuple[Any, Any],
    then: Resources,
    about: Any,
) -> Sent:
    """Write what stands for a video, and submit both."""
    host, request = what
    folder = predicting.write_inputs(session, host, request, about["project"])
    behind = Then(request, then, about["name"] + " predictions", folder)
    return asking(
        session, lambda: session.submit_chain(package, resources, behind, **about)
    )


def again(
    arguments: argparse.Namespace, session: Session, job: Job, wanted: Resources
) -> Sequence[Job]:
    """A training and its prediction once more; of one that goes on, the latter."""
    then = then_of(job)
    if then is None:
        raise RemoteError(
            "No prediction was to follow this job. Nothing was submitted. Leave "
            "--then-predict out."
        )
    if not job.state.is_final or job.state is JobState.COMPLETED:
        given = slurm_options.given(arguments)
        named = ", ".join(slurm_options.option_of(name) for name in given)
        if named:
            raise RemoteError(
                "The training is not run again, and its prediction asks for what was "
                "said when they were submitted. Nothing was submitted. Leave {} "
                "out.".format(named)
            )
        return [asking(session, lambda: session.submit_then(job))]
    module = session.module_of(job)
    asked = slurm_options.for_the_prediction(arguments, then.resources)
    return both(
        asking(
            session,
            lambda: session.resubmit_chain(job, wanted, asked, job.name, module),
        )
    )


def both(sent: Sent) -> Sequence[Job]:
    """The jobs; raises what is wrong with the second one, once the first is sent."""
    if sent.prediction is None:
        raise RemoteError(
            "The training was submitted as SLURM job {}. {}".format(
                sent.training.slurm_id or "of unknown id", sent.problem
            )
        )
    return [sent.training, sent.prediction]
