"""What each command does: the session's calls, and their answers as text or JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any, Dict, Sequence

from sleap_remote_plugin.cli import chaining, predicting, slurm_options
from sleap_remote_plugin.cli.asking import (
    asking,
    install_key,
    log_in,
    session_of,
    use_in_window,
)
from sleap_remote_plugin.cli.copying import make_visible
from sleap_remote_plugin.errors import ConnectionFailed, RemoteError, ResultsMissing
from sleap_remote_plugin.jobs.field_rules import within_rules
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import (
    Job,
    JobKind,
    JobState,
    job_to_dict,
    ran_for,
)
from sleap_remote_plugin.jobs.record import RECORD_NAME, load_record
from sleap_remote_plugin.jobs.resources import Resources, write_time
from sleap_remote_plugin.session.backoff import Backoff
from sleap_remote_plugin.session.places import speller
from sleap_remote_plugin.session.session import Session


def show(arguments: argparse.Namespace, value: Any, lines: Sequence[str]) -> None:
    """Print data as JSON, or as lines."""
    if getattr(arguments, "json", False):
        print(json.dumps(value, indent=1))
    else:
        for line in lines:
            print(line)


def label(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin import launch

    use_in_window(arguments)
    return launch.main(arguments.sleap)


def enable(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import autoload

    use_in_window(arguments)
    for path in autoload.enable():
        print("wrote {}".format(path))
    print(
        "The ordinary sleap-label has the menu now; `sleap-remote disable` undoes it."
    )
    return 0


def disable(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import autoload

    removed = autoload.disable()
    for path in removed:
        print("removed {}".format(path))
    print("The ordinary sleap-label is as it was.")
    return 0


def login(arguments: argparse.Namespace) -> int:
    session = session_of(arguments)
    if arguments.forget:
        session.forget_password()
        print("What was kept for {} is forgotten.".format(session.profile.title))
        return 0
    if arguments.user:
        session.set_user(arguments.user)
    log_in(session, arguments)
    print("Signed in to {} as {}.".format(session.profile.title, session.user))
    return install_key(session) if arguments.install_key else 0


def train(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import headless

    session = session_of(arguments)
    project = str(Path(arguments.project).absolute())
    configs = [Path(config) for config in arguments.config]
    generation = headless.generation()
    then = chaining.read_then(arguments, session)
    make_visible(arguments, session, project)
    folder = session.prepare_folder(project, JobKind.TRAIN)
    module = asking(
        session, lambda: session.choose_module(generation, headless.version())
    )
    wanted = _resources(arguments, session, JobKind.TRAIN, generation)
    package = headless.export_package(Path(project), configs, folder)
    about: Dict[str, Any] = {
        "project": project,
        "name": _name(arguments, project),
        "module": module,
    }
    if then is None:
        job = asking(session, lambda: session.submit_training(package, wanted, **about))
        return _submitted(arguments, job)
    suggested = session.suggest_resources(JobKind.PREDICT, generation)
    asked = slurm_options.for_the_prediction(arguments, suggested)
    sent = chaining.submit(session, package, wanted, then, asked, about)
    return _submitted(arguments, *chaining.both(sent))


def predict(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import headless

    session = session_of(arguments)
    host, request = predicting.read_request(arguments, session)
    generation = headless.generation_of_model(Path(request.models[0]))
    module = asking(
        session, lambda: session.choose_module(generation, headless.version())
    )
    project = str(Path(arguments.input[0]).absolute())
    about = {
        "resources": _resources(arguments, session, JobKind.PREDICT, generation),
        "project": project,
        "name": _name(arguments, project),
        "module": module,
    }
    return _submitted(
        arguments, predicting.submit(arguments, session, host, request, about)
    )


def _name(arguments: argparse.Namespace, path: str) -> str:
    return arguments.name or Path(path).stem


def _resources(
    arguments: argparse.Namespace,
    session: Session,
    kind: JobKind,
    generation: Generation,
) -> Resources:
    suggested = session.suggest_resources(kind, generation)
    return slurm_options.changed(arguments, session, suggested)


def _submitted(arguments: argparse.Namespace, *sent: Job) -> int:
    lines = []
    for job in sent:
        unsure = job.state is JobState.UNCONFIRMED
        text = job.note if unsure else "Submitted as SLURM job {}.".format(job.slurm_id)
        lines.append("{}  {}".format(job.uid, text))
    values = [job_to_dict(job) for job in sent]
    show(arguments, values[0] if len(values) == 1 else values, lines)
    return 5 if any(job.state is JobState.UNCONFIRMED for job in sent) else 0


def jobs(arguments: argparse.Namespace) -> int:
    session = session_of(arguments)
    if arguments.find:
        folder = Path(arguments.find).absolute()
        if not folder.is_dir():
            raise ResultsMissing("There is no folder {}.".format(folder))
        found = session.find_jobs(folder)
        print("\n".join((str(found),) + found.troubles), file=sys.stderr)
    backoff = Backoff()
    while True:
        try:
            if session.next_poll() is not None:
                asking(session, session.refresh)
                for text in session.troubles:
                    print("sleap-remote: {}".format(text), file=sys.stderr)
            backoff.reset()
        except ConnectionFailed as error:
            if not arguments.watch:
                raise
            print("sleap-remote: {}".format(error), file=sys.stderr)
            time.sleep(backoff.failed())
            continue
        known = session.jobs()
        lines = [_line(job, session.clock()) for job in known]
        show(arguments, [job_to_dict(job) for job in known], lines)
        if not known and not arguments.json:
            print("No jobs on {} yet.".format(session.profile.title), file=sys.stderr)
        wait = session.next_poll()
        if not arguments.watch or wait is None:
            break
        time.sleep(wait)
    good = (JobState.COMPLETED, JobState.CANCELLED)
    bad = [j for j in known if j.state.is_final and j.state not in good]
    return 7 if arguments.watch and bad else 0


def _line(job: Job, now: float) -> str:
    ran = ran_for(job, now)
    elapsed = write_time(int(ran)) if ran is not None else "-"
    return "{}  {:>8}  {:7}  {:13}  {:>10}  {}  {}".format(
        job.uid,
        job.slurm_id or "-",
        job.kind.value,
        job.state.value,
        elapsed,
        job.name,
        job.note,
    ).rstrip()


def find_job(session: Session, text: str) -> Job:
    """The job of that uid, start of a uid, or SLURM id."""
    found = [j for j in session.jobs() if j.slurm_id == text or j.uid.startswith(text)]
    if len(found) != 1:
        raise RemoteError(
            "{} job of {} is called {}; `sleap-remote jobs` lists them.".format(
                "More than one" if found else "No", session.profile.title, text
            )
        )
    return found[0]


def logs(arguments: argparse.Namespace) -> int:
    session = session_of(arguments)
    job = find_job(session, arguments.job)
    print(session.log_tail(job, arguments.bytes))
    diagnosis = session.diagnose(job)
    if diagnosis is not None:
        print("\n{}\n{}".format(diagnosis.cause, diagnosis.remedy), file=sys.stderr)
    return 0


def cancel(arguments: argparse.Namespace) -> int:
    session = session_of(arguments)
    job = find_job(session, arguments.job)
    job = asking(session, lambda: session.cancel(job))
    show(arguments, job_to_dict(job), [_line(job, session.clock())])
    return 0


def resubmit(arguments: argparse.Namespace) -> int:
    session = session_of(arguments)
    folder = Path(arguments.job)
    kept = (folder / RECORD_NAME).is_file()
    job = load_record(folder) if kept else find_job(session, arguments.job)
    if arguments.name:
        job = job.changed(name=arguments.name)
    if arguments.at_once is not None and job.kind is JobKind.TRAIN:
        raise RemoteError(
            "--at-once is about the videos of a prediction; this is a training. "
            "Nothing was submitted."
        )
    before = job.resources.for_another_job()
    asked = within_rules(before, session.profile.rules, before)
    wanted = slurm_options.changed(arguments, session, asked)
    if arguments.then_predict:
        return _submitted(arguments, *chaining.again(arguments, session, job, wanted))
    return _submitted(arguments, asking(session, lambda: session.resubmit(job, wanted)))


def load(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import headless

    session = session_of(arguments)
    job = find_job(session, arguments.job)
    if job.kind is not JobKind.PREDICT:
        raise RemoteError("This job trained models; it has no predictions to load.")
    results = session.results(job)
    summary = headless.load_predictions(
        Path(arguments.into), results.predictions, speller(session)
    )
    show(
        arguments,
        dataclasses.asdict(summary),
        [
            "{} frames with {} predicted instances are in {} now ({} replaced). It was "
            "kept as {} before.".format(
                summary.frames,
                summary.instances,
                arguments.into,
                summary.replaced,
                summary.backup,
            )
        ]
        + [text for text in (summary.remark, results.note) if text],
    )
    return 0
