"""The less usual options of sbatch: what their values may be, in sentences.

Their names are sbatch's own (`man sbatch`); how they get into the script is
slurm/script.py's.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from typing import Dict, List, Tuple

from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.words import tr

#: Options that the batch script sets itself, that have a field of their own, or that
#: ask once more for what a field asks for.
OURS = (
    "account",
    "array",
    "begin",
    "chdir",
    "clusters",
    "comment",
    "constraint",
    "cpus-per-gpu",
    "cpus-per-task",
    "dependency",
    "error",
    "exclude",
    "export",
    "gpus",
    "gpus-per-node",
    "gpus-per-socket",
    "gpus-per-task",
    "gres",
    "hold",
    "input",
    "job-name",
    "mail-type",
    "mail-user",
    "mem",
    "mem-per-cpu",
    "mem-per-gpu",
    "no-requeue",
    "nodes",
    "ntasks",
    "open-mode",
    "output",
    "parsable",
    "partition",
    "qos",
    "requeue",
    "signal",
    "test-only",
    "time",
    "time-min",
    "tres-per-task",
    "uid",
    "wait",
    "wrap",
)

_OPTION = re.compile(r"--([a-z][a-z0-9-]*)(?:=([A-Za-z0-9_.,:+@%/|&*()\[\]-]+))?")

_NODES = r"[A-Za-z0-9_.+-]+(\[\d+(-\d+)?(,\d+(-\d+)?)*\][A-Za-z0-9_.+-]*)*"
_TIMES = ("%H:%M", "%H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")

_VALUES: Dict[str, Tuple[str, str]] = {
    "constraint": (
        r"[A-Za-z0-9_.,:+|&*()\[\]-]+",
        tr("The constraint is names of features, such as a5000|a6000."),
    ),
    "exclude": (
        "{0}( *, *{0})*".format(_NODES),
        tr(
            "The excluded nodes are names with commas between them, such as "
            "gpu-1,gpu-[3-5]."
        ),
    ),
    "mail": (
        r"[A-Za-z0-9_.+-]+@[A-Za-z0-9.-]+",
        tr("The e-mail address is one address, such as jane@example.org."),
    ),
    "begin": (
        r"now(\+\d+(seconds?|minutes?|hours?|days?|weeks?)?)?"
        r"|midnight|noon|teatime|today|tomorrow"
        r"|\d{1,2}:\d{2}(:\d{2})?|\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?",
        tr(
            "Begin is a time of sbatch's: 22:00, tomorrow, now+2hours or "
            "2026-05-08T22:00."
        ),
    ),
    "dependency": (
        r"singleton|[a-z]+:\d[\d_:+]*([,?][a-z]+:\d[\d_:+]*)*",
        tr(
            "A dependency is a word of sbatch's and the ids of jobs, such as "
            "afterok:4711, or singleton."
        ),
    ),
}


def option_problems(wanted: Resources) -> List[Problem]:
    """What sbatch would not take, or would not be safe."""
    found = []
    for name, (pattern, sentence) in _VALUES.items():
        value = getattr(wanted, name)
        if value and not _is_taken(name, pattern, value):
            found.append(Problem(name, sentence))
    for line in extra_options(wanted.extra):
        found += [Problem("extra", sentence) for sentence in _of_extra(line)]
    return found


def _is_taken(field: str, pattern: str, value: str) -> bool:
    if not re.fullmatch(pattern, value, re.ASCII):
        return False
    has_numbers = field == "begin" and (":" in value or "-" in value)
    return not has_numbers or _is_time(value)


def _is_time(text: str) -> bool:
    """Whether there is such an hour, and such a day."""
    for form in _TIMES:
        with contextlib.suppress(ValueError):
            datetime.strptime(text, form)
            return True
    return False


def node_list(text: str) -> str:
    """As sbatch takes it: without blanks beside the commas."""
    return re.sub(" *, *", ",", text)


def extra_options(text: str) -> Tuple[str, ...]:
    """The lines of the field that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _of_extra(line: str) -> List[str]:
    match = _OPTION.fullmatch(line)
    if match is None:
        return [
            tr(
                "“{}” is no option of sbatch: write one a line, as --nice=100, without "
                "quotes or spaces."
            ).format(line)
        ]
    # sbatch takes the beginning of an option's name for the option.
    taken = [name for name in OURS if name.startswith(match.group(1))]
    if taken:
        return [
            tr("--{} is set by the other fields or by the script.").format(taken[0])
        ]
    return []
