"""What ``train``, ``predict`` and ``resubmit`` ask of SLURM, as the submit dialog does.

What is left out stays as it was; what is given is checked like a field of the dialog.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
from typing import Any, Callable, Dict

from sleap_remote_plugin.cli.asking import asking
from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.field_rules import NAMES, rule_of
from sleap_remote_plugin.jobs.limits import problems
from sleap_remote_plugin.jobs.misread import notes_on_measures
from sleap_remote_plugin.jobs.resources import (
    Resources,
    read_memory,
    read_time,
    write_memory,
    write_time,
)
from sleap_remote_plugin.session.session import Session

#: `Resources`' field -> what stands for its value, and what it is.
_ADVANCED = (
    ("account", "NAME", "whose share of the cluster pays for the job"),
    ("qos", "NAME", "a named set of limits and priority"),
    ("constraint", "FEATURES", "only nodes with these features, such as a5000|a6000"),
    ("exclude", "NODES", "stay away from these nodes: gpu-1,gpu-[3-5]"),
    ("begin", "WHEN", "not before: 22:00, tomorrow, now+2hours"),
    ("dependency", "JOBS", "only after other jobs: afterok:4711"),
    ("mail", "ADDRESS", "SLURM writes there at the end"),
)
_READ: Dict[str, Callable[[str], int]] = {"memory": read_memory, "time": read_time}
_USUAL = ("partition", "gpus", "gpu_type", "cpus", "memory", "time")
_FIELDS = (*_USUAL, *(name for name, _, _ in _ADVANCED), "at_once", "extra")
#: Options that are not called as their field is.
_OPTIONS = {"extra": "sbatch"}


def add_options(parser: argparse.ArgumentParser, videos: bool) -> None:
    """One for each field of the dialog.

    Parameters
    ----------
    videos : bool
        Whether the job may have several, of which some wait for others.
    """
    parser.add_argument("--name", default="", help="what you call the job")
    asked = parser.add_argument_group(
        "what is asked of SLURM",
        "What is left out stays as profile or job have it; an empty value takes it "
        "away.",
    )
    asked.add_argument("--partition", metavar="NAME")
    asked.add_argument("--gpus", type=int, metavar="N")
    asked.add_argument("--gpu-type", metavar="TYPE")
    asked.add_argument("--cpus", type=int, metavar="N")
    asked.add_argument(
        "--memory",
        type=_read_by(read_memory),
        metavar="32G",
        help="with its unit: a number alone is megabytes",
    )
    asked.add_argument(
        "--time",
        type=_read_by(read_time),
        metavar="6:00:00",
        help="hours:minutes:seconds or days-hours: a number alone is minutes",
    )
    for name, value, text in _ADVANCED:
        asked.add_argument("--" + name, type=str.strip, metavar=value, help=text)
    parser.set_defaults(at_once=None)
    if videos:
        asked.add_argument(
            "--at-once",
            type=_at_once,
            metavar="N",
            help="how many videos at the same time (0: the usual number)",
        )
    asked.add_argument(
        "--sbatch",
        dest="extra",
        action="append",
        type=_line,
        metavar="NAME=VALUE",
        help="another option of sbatch, such as nice=100; may be repeated",
    )


def _read_by(read: Callable[[str], int]) -> Callable[[str], str]:
    """Takes the text as it is typed, where it can be read."""

    def convert(text: str) -> str:
        try:
            read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        return text

    return convert


def _at_once(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise argparse.ArgumentTypeError("{!r} is no number from 0 to 999".format(text))
    return int(text)


def _line(text: str) -> str:
    """As it stands in a script: with dashes, which a shell's word need not have."""
    text = text.strip()
    return text if not text or text.startswith("-") else "--" + text


def changed(
    arguments: argparse.Namespace, session: Session, wanted: Resources
) -> Resources:
    """These resources, with what was given; checked.

    Raises
    ------
    RemoteError
        What cannot be had; nothing was submitted.
    """
    values = given(arguments)
    rules = session.profile.rules
    found = tuple(_not_offered(name) for name in values if rule_of(rules, name).hidden)
    wanted = dataclasses.replace(wanted, **values)
    if not found:
        found = problems(wanted, asking(session, session.partitions), rules)
    if found:
        raise RemoteError(" ".join(found) + " Nothing was submitted.")
    _tell_what_was_read(arguments, wanted)
    return wanted


def for_the_prediction(arguments: argparse.Namespace, wanted: Resources) -> Resources:
    """What follows a training is paid for by the account that was given."""
    account = arguments.account
    return wanted if account is None else dataclasses.replace(wanted, account=account)


def given(arguments: argparse.Namespace) -> Dict[str, Any]:
    """Field -> value of what stands in the command."""
    typed = {name: getattr(arguments, name) for name in _FIELDS}
    values = {name: value for name, value in typed.items() if value is not None}
    for name, read in _READ.items():
        if name in values:
            values[name] = read(values[name])
    if "extra" in values:
        values["extra"] = "\n".join(line for line in values["extra"] if line)
    return values


def option_of(field: str) -> str:
    """``--gpu-type``: as the command has it."""
    return "--" + _OPTIONS.get(field, field).replace("_", "-")


def _not_offered(name: str) -> str:
    return "The cluster's profile decides on the {}: leave {} out.".format(
        NAMES[name], option_of(name)
    )


def _tell_what_was_read(arguments: argparse.Namespace, wanted: Resources) -> None:
    """As the dialog says it beside the field."""
    memory = arguments.memory or write_memory(wanted.memory)
    time = arguments.time or write_time(wanted.time)
    for note in notes_on_measures(memory, time):
        line = "sleap-remote: --{}: {}".format(note.field, note.text)
        print(line, file=sys.stderr)
