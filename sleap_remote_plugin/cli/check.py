"""``sleap-remote check``: lines as they are found, or all of them as JSON.

The form of the JSON is kept: a list of objects with subject, verdict, text, remedy.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any, List, Set, Tuple

from sleap_remote_plugin.cli.asking import asking, session_of
from sleap_remote_plugin.session.check import CheckLine


def run(arguments: argparse.Namespace) -> int:
    """Exit code 6 where a line failed."""
    from sleap_remote_plugin.sleap_host import attach

    session = session_of(arguments)
    folder = Path(arguments.folder).absolute() if arguments.folder else None
    told = _Told(arguments.json)
    asked = (attach.sleap_version(), folder, told)
    lines: Tuple[CheckLine, ...] = asking(session, lambda: session.check(*asked))
    if arguments.gpu and session.transport.is_connected:
        lines += asking(session, lambda: session.check_gpu(*asked))
    told.clear_step()
    if arguments.json:
        print(json.dumps([dataclasses.asdict(line) for line in lines], indent=1))
    return 6 if any(line.verdict == "fail" for line in lines) else 0


class _Told:
    """Prints each line once, also where the check begins anew after a question.

    What is being looked at is shown in a terminal only, and wiped out again.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._steps = sys.stderr.isatty() and not quiet
        self._printed: Set[CheckLine] = set()
        self._last = ""

    def __call__(self, item: Any) -> bool:
        self.clear_step()
        if isinstance(item, CheckLine):
            if not self._quiet and item not in self._printed:
                self._printed.add(item)
                print(as_text(item), flush=True)
        elif self._steps:
            self._last = "looking at {} ...".format(item)
            print("\r" + self._last, end="", file=sys.stderr, flush=True)
        return True

    def clear_step(self) -> None:
        if self._last:
            blank = " " * len(self._last)
            print("\r" + blank + "\r", end="", file=sys.stderr, flush=True)
            self._last = ""


def as_text(line: CheckLine) -> str:
    """One line, and its remedy below it."""
    parts: List[str] = ["{:5} {}: {}".format(line.verdict, line.subject, line.text)]
    if line.remedy:
        parts.append("      " + line.remedy)
    return "\n".join(parts)
