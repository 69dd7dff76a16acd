"""One line of the cluster check, and how an error becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.session.session import Session


@dataclass(frozen=True)
class CheckLine:
    """One line.

    Attributes
    ----------
    subject : str
        What was looked at; one of a few fixed names (docs/troubleshooting.md).
    verdict : str
        ``ok``; ``warn``: jobs can run all the same; ``fail``: they cannot.
    remedy : str
        What to do; never empty where the verdict is not ok.
    """

    subject: str
    verdict: str
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Asked:
    """Whom and what a check is about.

    Attributes
    ----------
    sleap_version : str
        This machine's SLEAP; empty: not to be compared.
    folder : Path or None
        A folder on the mount to be proven; None: one is looked for.
    shell_works : bool
        Whether commands can be run there, as far as is known yet.
    """

    session: "Session"
    sleap_version: str = ""
    folder: Optional[Path] = None
    shell_works: bool = True

    @property
    def can_run(self) -> bool:
        """Whether the cluster can be asked."""
        return self.session.transport.is_connected and self.shell_works

    @property
    def whom_to_ask(self) -> str:
        return self.session.profile.contact or tr("the cluster's people")


#: An error's sentences: what happened and what is safe, then what to do.
_SAFE = re.compile(r"(.*?Nothing was \w+[^.]*\.)\s+(\S.*)", re.DOTALL)


def line_of(asked: Asked, subject: str, error: BaseException) -> CheckLine:
    """A failed line that says what an error says."""
    text = str(error)
    match = _SAFE.fullmatch(text)
    if match:
        return CheckLine(subject, "fail", match.group(1), match.group(2))
    remedy = tr("Check again; if it stays so, send the connection log to {}.")
    return CheckLine(subject, "fail", text, remedy.format(asked.whom_to_ask))
