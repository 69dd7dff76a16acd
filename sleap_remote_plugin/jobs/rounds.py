"""Rounds of a project: the next file's name, and what is written about a round.

Names and text only; files are session/rounds.py's business.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from typing import Iterable, List, Tuple

#: ``labels.v001``, ``mouse v3``, ``mouse_v12``, ``v2``
_NUMBERED = re.compile(
    r"(?P<base>.*?)(?P<mark>(?:^|[ ._-])[vV])(?P<number>[0-9]{1,9})", re.DOTALL
)
_ENDING = ".slp"

HEAD = """\
# Rounds of {base}

One section for each round, the newest last: which file it is, and what was trained,
predicted and loaded before it. It is for people: nothing reads it, and nothing here is
changed later. Notes of your own are welcome anywhere.
"""


@dataclass(frozen=True)
class Numbered:
    """A project's file name, taken apart: ``labels`` ``.v`` ``001``."""

    base: str
    mark: str
    number: int
    width: int

    def name(self, number: int) -> str:
        return "{}{}{:0{}d}{}".format(self.base, self.mark, number, self.width, _ENDING)


def read_name(name: str) -> Numbered:
    """A file name's parts; one without a number is the first round."""
    stem = name[: -len(_ENDING)] if name.lower().endswith(_ENDING) else name
    match = _NUMBERED.fullmatch(stem)
    if match is None:
        return Numbered(stem, ".v", 1, 3)
    number = match.group("number")
    return Numbered(match.group("base"), match.group("mark"), int(number), len(number))


def next_names(name: str, taken: Iterable[str]) -> Iterable[str]:
    """Names for the next round that nothing in the folder bears, the nearest first.

    A name counts as taken, in any letter case, where a file begins with it: a job's
    folder of a round whose project was deleted would be mixed up with the new one's.
    """
    parts = read_name(name)
    there = [one.lower() for one in taken]
    number = parts.number
    while True:
        number += 1
        wanted = parts.name(number)
        if not any(one.startswith(wanted.lower()) for one in there):
            yield wanted


def rounds_name(name: str) -> str:
    """The file that tells of a project's rounds, whatever its number."""
    return (read_name(name).base or "project") + ".rounds.md"


def is_same_family(one: str, other: str) -> bool:
    """Whether two project files are rounds of one project, by their paths' text."""
    folders = [os.path.normcase(os.path.dirname(path)) for path in (one, other)]
    names = [rounds_name(re.split(r"[\\/]", path)[-1]) for path in (one, other)]
    return folders[0] == folders[1] and names[0] == names[1]


@dataclass(frozen=True)
class JobTold:
    """What is told of one job.

    Attributes
    ----------
    files : tuple of (str, str)
        What each is, and where: relative to the project, or as the cluster calls it.
    """

    name: str
    cluster: str
    slurm_id: str = ""
    module: str = ""
    ended: float = 0.0
    files: Tuple[Tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Round:
    """A new round.

    Attributes
    ----------
    project, parent : str
        File names of the new project and of the one that it comes from.
    uid : str
        Tells this section from any other.
    labelled : int
        Frames with labels of the user's.
    """

    project: str
    parent: str
    uid: str
    begun: float
    user: str
    labelled: int
    trained: Tuple[JobTold, ...] = ()
    loaded: Tuple[JobTold, ...] = ()


def render_round(told: Round) -> str:
    """A section of the file of rounds."""
    lines = [
        "## {}".format(_plain(told.project)),
        "",
        "- from {}, {}{}".format(
            _code(told.parent),
            _date(told.begun),
            told.user and " by " + _plain(told.user),
        ),
        "- frames with labels: {}".format(told.labelled),
    ]
    lines += _jobs("trained", told.trained) or ["- trained: nothing on a cluster yet"]
    lines += _jobs("predictions loaded", told.loaded) or ["- predictions loaded: none"]
    lines.append("- round {}".format(told.uid))
    return "\n".join(lines) + "\n"


def _jobs(what: str, jobs: Iterable[JobTold]) -> List[str]:
    lines = []
    for job in jobs:
        words = [
            _plain(job.cluster),
            "SLURM job {}".format(_plain(job.slurm_id)) if job.slurm_id else "",
            _plain(job.module),
            _date(job.ended) if job.ended else "",
        ]
        lines.append(
            "- {}: {} ({})".format(
                what, _plain(job.name), ", ".join(word for word in words if word)
            )
        )
        lines += ["  - {}: {}".format(_plain(k), _code(path)) for k, path in job.files]
    return lines


def _date(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))


def _plain(text: str) -> str:
    """One line of text; names come from files and from the cluster."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return re.sub(r"([\\`*_#<>\[\]])", r"\\\1", line.strip())[:300]


def _code(text: str) -> str:
    line = "".join(c if c.isprintable() else "?" for c in text)
    marks = "``" if "`" in line else "`"
    return "{0}{1}{0}".format(marks, " {} ".format(line) if marks == "``" else line)
