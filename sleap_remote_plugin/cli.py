"""``sleap-remote``: the same session as the window's, for a terminal and for scripts.

Exit codes: 0 done; 1 it did not work (the sentence is on stderr); 2 wrong usage;
3 not signed in, or a host that is not trusted; 4 no connection; 5 it is not known
yet whether SLURM took the job; 6 the check found a fault; 7 a watched job ended badly.
"""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, TypeVar

from sleap_remote_plugin import __version__
from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyChanged,
    HostKeyUnknown,
    RemoteError,
    SignInNeeded,
    SignInRefused,
)
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, job_to_dict
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.profile_file import find_profile, preferred_profile
from sleap_remote_plugin.jobs.resources import (
    Resources,
    problems,
    read_memory,
    read_time,
    write_time,
)
from sleap_remote_plugin.session.session import Session, open_session, open_settings

T = TypeVar("T")


# -- asking in a terminal ------------------------------------------------------------


def asking(session: Session, call: Callable[[], T]) -> T:
    """Make a call, and again after each thing that the user has to answer."""
    while True:
        try:
            return call()
        except HostKeyUnknown as unknown:
            _ask_trust(session, unknown)
        except SignInNeeded as needed:
            _ask_password(session, needed)


def _ask_trust(session: Session, unknown: HostKeyUnknown) -> None:
    if not sys.stdin.isatty():
        raise unknown
    print(unknown, file=sys.stderr)
    answer = input("Trust this host from now on? [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        raise unknown
    session.trust_host(unknown)


def _ask_password(session: Session, needed: SignInNeeded) -> None:
    if isinstance(needed, SignInRefused) or not sys.stdin.isatty():
        raise needed
    if not needed.user and not session.user:
        session.set_user(input("User name on {}: ".format(session.profile.title)))
        return
    print(needed, file=sys.stderr)
    prompts = [prompt for prompt, _ in needed.prompts] or ["Password: "]
    answers = [getpass.getpass(prompt) for prompt in prompts]
    told = session.give_password(needed, "\n".join(answers), keep=True)
    if told:
        print(told, file=sys.stderr)


def session_of(arguments: argparse.Namespace) -> Session:
    name = arguments.cluster
    if name:
        return open_session(find_profile(name))
    return open_session(preferred_profile(open_settings().get("window.profile")))


def show(arguments: argparse.Namespace, value: Any, lines: Sequence[str]) -> None:
    """Print data as JSON, or as lines."""
    if getattr(arguments, "json", False):
        print(json.dumps(value, indent=1))
    else:
        for line in lines:
            print(line)


# -- commands ------------------------------------------------------------------------


def label(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin import launch

    return launch.main(arguments.sleap)


def enable(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import autoload

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
        print("The password for {} is forgotten.".format(session.profile.title))
        return 0
    if arguments.user:
        session.set_user(arguments.user)
    _log_in(session, arguments)
    print("Signed in to {} as {}.".format(session.profile.title, session.user))
    return 0


def _log_in(session: Session, arguments: argparse.Namespace) -> None:
    """Sign in with what was given beforehand; ask for the rest."""
    trusted = set(arguments.trust)
    password = sys.stdin.readline().rstrip("\r\n") if arguments.password_stdin else ""
    while True:
        try:
            session.connect()
            return
        except HostKeyUnknown as unknown:
            if unknown.fingerprint in trusted:
                session.trust_host(unknown)
            else:
                _ask_trust(session, unknown)
        except SignInNeeded as needed:
            if password and not isinstance(needed, SignInRefused):
                told = session.give_password(needed, password, keep=True)
                print(told or "The password is in the keyring.", file=sys.stderr)
                password = ""
            else:
                _ask_password(session, needed)


def check(arguments: argparse.Namespace) -> int:
    session = session_of(arguments)
    folder = Path(arguments.folder) if arguments.folder else None
    lines = asking(session, lambda: session.check(_own_version(), folder))
    show(
        arguments,
        [dataclasses.asdict(line) for line in lines],
        [
            "{:5} {}: {}{}".format(
                line.verdict,
                line.subject,
                line.text,
                " " + line.remedy if line.remedy and line.verdict != "ok" else "",
            )
            for line in lines
        ],
    )
    return 6 if any(line.verdict == "fail" for line in lines) else 0


def _own_version() -> str:
    from sleap_remote_plugin.sleap_host import attach

    return attach.sleap_version()


def train(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import headless

    session = session_of(arguments)
    project = str(Path(arguments.project).absolute())
    configs = [Path(config) for config in arguments.config]
    generation = headless.generation()
    folder = session.prepare_folder(project, JobKind.TRAIN)
    module = asking(
        session, lambda: session.choose_module(generation, headless.version())
    )
    wanted = _resources(arguments, session, JobKind.TRAIN, generation)
    headless.export_package(Path(project), configs, folder)
    package = load_package(folder)
    job = asking(
        session,
        lambda: session.submit_training(
            package,
            wanted,
            project=project,
            name=_name(arguments, project),
            module=module,
        ),
    )
    return _submitted(arguments, job)


def predict(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import headless

    session = session_of(arguments)
    inputs = [str(Path(path).absolute()) for path in arguments.input]
    if len(inputs) > 1 and any(path.endswith(".slp") for path in inputs):
        raise RemoteError(
            "Name one project, or videos. Predictions of several projects are several "
            "jobs. Nothing was submitted."
        )
    videos: List[VideoInput] = []
    for path in inputs:
        if path.endswith(".slp"):
            videos.extend(headless.videos_of(Path(path)))
        else:
            videos.append(VideoInput(path))
    videos = [dataclasses.replace(v, frames=arguments.frames) for v in videos]
    models = tuple(str(Path(model).absolute()) for model in arguments.model)
    generation = headless.generation_of_model(Path(models[0]))
    module = asking(
        session, lambda: session.choose_module(generation, headless.version())
    )
    request = PredictionRequest(models, tuple(videos))
    wanted = _resources(arguments, session, JobKind.PREDICT, generation)
    job = asking(
        session,
        lambda: session.submit_prediction(
            request,
            wanted,
            project=inputs[0],
            name=_name(arguments, inputs[0]),
            module=module,
        ),
    )
    return _submitted(arguments, job)


def _name(arguments: argparse.Namespace, path: str) -> str:
    return arguments.name or Path(path).stem


def _resources(
    arguments: argparse.Namespace,
    session: Session,
    kind: JobKind,
    generation: Generation,
) -> Resources:
    wanted = session.suggest_resources(kind, generation)
    given = {
        key: getattr(arguments, key)
        for key in ("partition", "gpus", "gpu_type", "cpus", "memory", "time")
        if getattr(arguments, key) is not None
    }
    wanted = dataclasses.replace(wanted, **given)
    partitions = asking(session, session.partitions)
    found = problems(wanted, partitions)
    if found:
        raise RemoteError(" ".join(found) + " Nothing was submitted.")
    return wanted


def _submitted(arguments: argparse.Namespace, job: Job) -> int:
    unsure = job.state is JobState.UNCONFIRMED
    text = job.note if unsure else "Submitted as SLURM job {}.".format(job.slurm_id)
    show(arguments, job_to_dict(job), ["{}  {}".format(job.uid, text)])
    return 5 if unsure else 0


def jobs(arguments: argparse.Namespace) -> int:
    session = session_of(arguments)
    while True:
        if session.next_poll() is not None:
            asking(session, session.refresh)
        known = session.jobs()
        show(arguments, [job_to_dict(j) for j in known], [_line(j) for j in known])
        wait = session.next_poll()
        if not arguments.watch or wait is None:
            break
        time.sleep(wait)
    good = (JobState.COMPLETED, JobState.CANCELLED)
    bad = [j for j in known if j.state.is_final and j.state not in good]
    return 7 if arguments.watch and bad else 0


def _line(job: Job) -> str:
    elapsed = write_time(int(job.elapsed)) if job.elapsed is not None else "-"
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
    show(arguments, job_to_dict(job), [_line(job)])
    return 0


def load(arguments: argparse.Namespace) -> int:
    from sleap_remote_plugin.sleap_host import headless

    session = session_of(arguments)
    job = find_job(session, arguments.job)
    if job.kind is not JobKind.PREDICT:
        raise RemoteError("This job trained models; it has no predictions to load.")
    results = session.results(job)
    summary = headless.load_predictions(Path(arguments.into), results.predictions)
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
        ],
    )
    return 0


# -- the parser ----------------------------------------------------------------------


def _positive(read: Callable[[str], int]) -> Callable[[str], int]:
    def convert(text: str) -> int:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sleap-remote",
        description="Run SLEAP's training and prediction on a SLURM cluster.",
        epilog="Example: sleap-remote label labels.v001.slp",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="show what is done")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True

    def command(
        name: str,
        run: Callable[[argparse.Namespace], int],
        text: str,
        example: str,
        data: Optional[bool] = False,
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=text, description=text, epilog="Example: sleap-remote " + example
        )
        made.set_defaults(run=run)
        if data is None:  # needs no cluster
            return made
        made.add_argument(
            "--cluster", metavar="NAME", help="the profile (default: the one in use)"
        )
        if data:
            made.add_argument("--json", action="store_true", help="print JSON")
        return made

    one = command("label", label, "SLEAP with the menu.", "label labels.v001.slp", None)
    one.add_argument(
        "sleap",
        nargs=argparse.REMAINDER,
        metavar="PROJECT",
        help="a project to open, and SLEAP's own options",
    )
    command("enable", enable, "Give sleap-label the menu.", "enable", None)
    command("disable", disable, "Take it away again.", "disable", None)
    one = command(
        "login", login, "Sign in, and keep the password.", "login --user jane"
    )
    one.add_argument("--user", help="user name on the cluster")
    one.add_argument("--forget", action="store_true", help="forget the password")
    one.add_argument(
        "--password-stdin", action="store_true", help="read the password from stdin"
    )
    one.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="SHA256:...",
        help="trust a host that shows this fingerprint (as the cluster publishes it)",
    )
    one = command("check", check, "Look at all that a job needs.", "check --json", True)
    one.add_argument("--folder", help="a folder on the mount, to be proven")
    _job_commands(command)
    return parser


def _job_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    one = command(
        "train",
        train,
        "Train on a project's user labels.",
        "train labels.v001.slp --config centroid.json --config centered_instance.json",
        True,
    )
    one.add_argument("project", help="a saved project on the mount")
    one.add_argument(
        "--config",
        action="append",
        required=True,
        help="a training profile; one a model",
    )
    _resource_options(one)
    one = command(
        "predict",
        predict,
        "Predict on a project's videos, or on videos.",
        "predict video.mp4 --model models/centroid --model models/centered_instance",
        True,
    )
    one.add_argument("input", nargs="+", help="projects or videos on the mount")
    one.add_argument(
        "--model", action="append", required=True, help="a trained run's folder"
    )
    one.add_argument("--frames", default="", help="0-99 or 1,5,9 (default: all)")
    _resource_options(one)
    one = command(
        "jobs", jobs, "List the jobs and how they stand.", "jobs --watch", True
    )
    one.add_argument("--watch", action="store_true", help="until all have ended")
    one = command("logs", logs, "Show the end of a job's log.", "logs 4711")
    one.add_argument("job", help="its SLURM id or uid")
    one.add_argument("--bytes", type=int, default=65536, help="how much (65536)")
    one = command("cancel", cancel, "Cancel a job.", "cancel 4711", True)
    one.add_argument("job", help="its SLURM id or uid")
    one = command(
        "load",
        load,
        "Put a job's predictions into a project.",
        "load 4711 --into labels.v001.slp",
        True,
    )
    one.add_argument("job", help="its SLURM id or uid")
    one.add_argument("--into", required=True, help="the project; a copy is kept")


def _resource_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="", help="what you call the job")
    parser.add_argument("--partition")
    parser.add_argument("--gpus", type=int, metavar="N")
    parser.add_argument("--gpu-type", metavar="TYPE")
    parser.add_argument("--cpus", type=int, metavar="N")
    parser.add_argument("--memory", type=_positive(read_memory), metavar="32G")
    parser.add_argument("--time", type=_positive(read_time), metavar="6:00:00")


def main(argv: Optional[Sequence[str]] = None) -> int:
    arguments = build_parser().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.ERROR,
        format="%(name)s: %(message)s",
    )
    try:
        return arguments.run(arguments)
    except RemoteError as error:
        print("sleap-remote: {}".format(error), file=sys.stderr)
        if error.detail and arguments.verbose:
            print(error.detail, file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        print("Stopped. Jobs on the cluster go on.", file=sys.stderr)
        return 130


def _exit_code(error: RemoteError) -> int:
    if isinstance(error, (SignInNeeded, HostKeyUnknown, HostKeyChanged)):
        return 3
    return 4 if isinstance(error, ConnectionFailed) else 1


if __name__ == "__main__":
    sys.exit(main())
