"""What ``train``, ``predict`` and ``resubmit`` ask of SLURM, as the submit dialog does.

What is left out stays as it was; what is given is checked like a field of the dialog.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import Any, Callable, Dict

from sleap_remote_plugin.cli.asking import asking
from sleap_remote_plugin.errors import RemoteError
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


def add_options(parser: argparse.ArgumentParser) -> None:
    """One for each field of the dialog."""
    parser.add_argument("--name", default="", help="what you call the job")
    asked = parser.add_argument_group(
        "what is asked of SLURM", "What is left out stays as profile or job have it."
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


def _read_by(read: Callable[[str], int]) -> Callable[[str], str]:
    """Takes the text as it is typed, where it can be read."""

    def convert(text: str) -> str:
        try:
            read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        return text

    return convert


def changed(
    arguments: argparse.Namespace, session: Session, wanted: Resources
) -> Resources:
    """These resources, with what was given; checked.

    Raises
    ------
    RemoteError
        What cannot be had; nothing was submitted.
    """
    wanted = dataclasses.replace(wanted, **_given(arguments))
    partitions = asking(session, session.partitions)
    found = problems(wanted, partitions, session.profile.rules)
    if found:
        raise RemoteError(" ".join(found) + " Nothing was submitted.")
    _tell_what_was_read(arguments, wanted)
    return wanted


def _given(arguments: argparse.Namespace) -> Dict[str, Any]:
    """Field -> value of what stands in the command."""
    read = {"memory": read_memory, "time": read_time}
    names = ("partition", "gpus", "gpu_type", "cpus", "memory", "time")
    values = {name: getattr(arguments, name) for name in names}
    return {
        name: read[name](value) if name in read else value
        for name, value in values.items()
        if value is not None
    }


def _tell_what_was_read(arguments: argparse.Namespace, wanted: Resources) -> None:
    """As the dialog says it beside the field."""
    memory = arguments.memory or write_memory(wanted.memory)
    time = arguments.time or write_time(wanted.time)
    for note in notes_on_measures(memory, time):
        line = "sleap-remote: --{}: {}".format(note.field, note.text)
        print(line, file=sys.stderr)
