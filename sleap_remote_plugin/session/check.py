"""The cluster check: the how-to's prerequisites and troubleshooting as a list of lines.

Each line says how something stands and what to do about it. A line that failed hides
nothing that can still be said; what could not be looked at is named at the end. What
is looked at is in check_connection.py, check_slurm.py, check_disks.py and, as a short
job on request, check_gpu.py.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Iterator, List, Optional, Tuple, Union

from sleap_remote_plugin.errors import (
    Cancelled,
    CommandTimedOut,
    HostKeyUnknown,
    RemoteError,
    SignInNeeded,
)
from sleap_remote_plugin.session.check_connection import connection_lines, shell_lines
from sleap_remote_plugin.session.check_disks import mount_lines, room_lines
from sleap_remote_plugin.session.check_gpu import gpu_lines
from sleap_remote_plugin.session.check_line import Asked, CheckLine, line_of
from sleap_remote_plugin.session.check_slurm import (
    module_lines,
    partition_lines,
    program_lines,
)
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.session.session import Session

__all__ = ["CheckLine", "Told", "check_cluster", "check_gpu"]

#: Gets each line as it is found, and in between what is being looked at (a str).
#: Answers whether to go on.
Told = Callable[[Union[str, CheckLine]], bool]
Look = Callable[[Asked], Iterator[Union[str, CheckLine]]]

#: (what it is called in an error's line, how it is looked at, whether it needs SSH)
_LOOKS: Tuple[Tuple[str, Look, bool], ...] = (
    (tr("Connection"), connection_lines, False),
    (tr("Login shell"), shell_lines, True),
    (tr("SLURM's commands"), program_lines, True),
    (tr("Partitions"), partition_lines, True),
    (tr("SLEAP modules"), module_lines, True),
    (tr("Mount"), mount_lines, False),
    (tr("Free space"), room_lines, False),
)


def check_cluster(
    session: "Session",
    sleap_version: str = "",
    folder: Optional[Path] = None,
    told: Optional[Told] = None,
) -> Tuple[CheckLine, ...]:
    """Look at everything that a job will need.

    Parameters
    ----------
    sleap_version : str
        This machine's SLEAP, to be compared with the cluster's modules.
    folder : Path or None
        A folder on the mount to be proven; else one is looked for on each mount.
    told : callable, optional
        Gets lines as they are found.

    Raises
    ------
    SignInNeeded, HostKeyUnknown
        As connect() does: the user is asked, and the check is run again.
    Cancelled
        `told` said so.
    """
    asked = Asked(session, sleap_version, folder)
    round_ = _Round(asked, told)
    skipped: List[str] = []
    for title, look, needs_ssh in _LOOKS:
        if needs_ssh and not round_.asked.can_run:
            skipped.append(title)
            continue
        answered = round_.take(title, look)
        if look is shell_lines and not answered:
            round_.asked = dataclasses.replace(asked, shell_works=False)
    if skipped:
        text = tr("{}: the cluster cannot be asked.").format(", ".join(skipped))
        remedy = tr("Mend what failed above, and check again.")
        round_.add(CheckLine(tr("Not looked at"), "warn", text, remedy))
    return tuple(round_.lines)


def check_gpu(
    session: "Session",
    sleap_version: str = "",
    folder: Optional[Path] = None,
    told: Optional[Told] = None,
) -> Tuple[CheckLine, ...]:
    """Run a short job on a GPU node: nvidia-smi, Python, SLEAP and its view of the GPU.

    Takes what check_cluster() takes, and raises what it raises.
    """
    round_ = _Round(Asked(session, sleap_version, folder), told)
    round_.take(tr("GPU job"), gpu_lines)
    return tuple(round_.lines)


class _Round:
    """Collects lines, tells them, and turns errors into lines."""

    def __init__(self, asked: Asked, told: Optional[Told]) -> None:
        self.lines: List[CheckLine] = []
        self.asked = asked
        self._told = told

    def take(self, title: str, look: Look) -> bool:
        """Add all lines of a look; False where an error ended it."""
        found = look(self.asked)
        try:
            for one in found:
                self.add(one)
        except (SignInNeeded, HostKeyUnknown, Cancelled):
            raise
        except CommandTimedOut as error:
            self.add(_timed_out(self.asked, title, error))
        except (RemoteError, OSError) as error:
            self.add(line_of(self.asked, title, error))
        else:
            return True
        finally:
            found.close()  # type: ignore[attr-defined]
        return False

    def add(self, one: Union[str, CheckLine]) -> None:
        if isinstance(one, CheckLine):
            self.lines.append(one)
        if self._told is not None and not self._told(one):
            raise Cancelled(tr("The check was cancelled. Nothing was changed."))


def _timed_out(asked: Asked, title: str, error: CommandTimedOut) -> CheckLine:
    return CheckLine(
        title,
        "fail",
        tr("The cluster gave no answer in time: {}").format(str(error)),
        tr("It may be busy: check again in a few minutes, then tell {}.").format(
            asked.whom_to_ask
        ),
    )
