"""``sleap-remote``: the same session as the window's, for a terminal and for scripts.

Exit codes: 0 done; 1 it did not work (the sentence is on stderr); 2 wrong usage;
3 not signed in, or a host that is not trusted; 4 no connection; 5 it is not known
yet whether SLURM took the job; 6 the check found a fault; 7 a watched job ended badly.
"""

from __future__ import annotations

import argparse
import logging
import sys
from typing import Callable, Optional, Sequence

from sleap_remote_plugin import __version__
from sleap_remote_plugin.cli import chaining, check, slurm_options
from sleap_remote_plugin.cli import commands as do
from sleap_remote_plugin.cli.predicting import add_options as add_prediction_options
from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyChanged,
    HostKeyUnknown,
    RemoteError,
    SignInNeeded,
)


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
        data: bool = False,
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=text, description=text, epilog="Example: sleap-remote " + example
        )
        made.set_defaults(run=run)
        made.add_argument(
            "--cluster", metavar="NAME", help="the profile (default: the one in use)"
        )
        made.add_argument(
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,  # else it would undo one before the command
            help="show what is done, also each step of the connection",
        )
        if data:
            made.add_argument("--json", action="store_true", help="print JSON")
        return made

    one = command("label", do.label, "SLEAP with the menu.", "label labels.v001.slp")
    one.add_argument(
        "sleap",
        nargs=argparse.REMAINDER,
        metavar="PROJECT",
        help="a project to open, and SLEAP's own options",
    )
    command("enable", do.enable, "Give sleap-label the menu.", "enable")
    command("disable", do.disable, "Take the menu away from it again.", "disable")
    one = command(
        "login", do.login, "Sign in, and keep the password.", "login --user jane"
    )
    one.add_argument("--user", help="user name on the cluster")
    one.add_argument(
        "--forget", action="store_true", help="forget passwords and passphrases"
    )
    one.add_argument(
        "--install-key",
        action="store_true",
        help="put your SSH key onto each host; who has none gets one",
    )
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
    one = command(
        "check", _check, "Look at all that a job needs.", "check --json", True
    )
    one.add_argument(
        "--setup", action="store_true", help="set the cluster up, step by step"
    )
    one.add_argument("--folder", help="a folder on the mount, to be proven")
    one.add_argument(
        "--gpu", action="store_true", help="also run a short job on a GPU node"
    )
    _job_commands(command)
    return parser


def _check(arguments: argparse.Namespace) -> int:
    if arguments.setup:
        from sleap_remote_plugin.cli import setup

        return setup.run(arguments)
    return check.run(arguments)


def _job_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    one = command(
        "train",
        do.train,
        "Train on a project's user labels.",
        "train labels.v001.slp --config centroid.json --config centered_instance.json",
        True,
    )
    one.add_argument("project", help="a saved project on the mount")
    one.add_argument(
        "--config",
        action="append",
        required=True,
        metavar="FILE",
        help="a training profile of SLEAP's; once for each model",
    )
    chaining.add_options(one)
    _copy_option(one)
    slurm_options.add_options(one, videos=False)
    one = command(
        "predict",
        do.predict,
        "Predict on a project's videos, or on videos.",
        "predict video.mp4 --model models/centroid --model models/centered_instance",
        True,
    )
    add_prediction_options(one)
    _copy_option(one)
    slurm_options.add_options(one, videos=True)
    one = command(
        "jobs", do.jobs, "List the jobs and how they stand.", "jobs --watch", True
    )
    one.add_argument(
        "--watch", action="store_true", help="follow them until all have ended"
    )
    one.add_argument(
        "--find",
        metavar="FOLDER",
        help="first add those whose records are in or below this folder",
    )
    one = command("logs", do.logs, "Show the end of a job's log.", "logs 4711")
    one.add_argument("job", help="its SLURM id or uid")
    one.add_argument(
        "--bytes", type=int, default=65536, metavar="N", help="how much (65536)"
    )
    one = command("cancel", do.cancel, "Cancel a job.", "cancel 4711", True)
    one.add_argument("job", help="its SLURM id or uid")
    one = command(
        "resubmit",
        do.resubmit,
        "Submit a job again, with what is changed here; of several videos only those "
        "that have no predictions yet.",
        "resubmit 4711 --time 12:00:00",
        True,
    )
    one.add_argument("job", help="its SLURM id or uid, or the folder of a kept package")
    one.add_argument(
        "--then-predict",
        action="store_true",
        help="of a training: the prediction that was to follow it, too; alone, where "
        "the training goes on or has finished",
    )
    slurm_options.add_options(one, videos=True)
    one = command(
        "load",
        do.load,
        "Put a job's predictions into a project.",
        "load 4711 --into labels.v001.slp",
        True,
    )
    one.add_argument("job", help="its SLURM id or uid")
    one.add_argument(
        "--into",
        required=True,
        metavar="PROJECT",
        help="the project; it is kept beside it as it was",
    )


def _copy_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--copy-to",
        metavar="FOLDER",
        help="copy what the cluster cannot see there first: a folder on a mount; where "
        "nothing is mounted, one of the cluster's, such as ~/sleap",
    )


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
