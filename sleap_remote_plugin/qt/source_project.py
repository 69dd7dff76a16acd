"""A training package is open where a project should be: the project is offered.

What is in a package, and why it is no project, project_checks.py says too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Optional, Tuple

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QWidget

from sleap_remote_plugin.jobs.record import RECORD_NAME
from sleap_remote_plugin.qt.dialogs.message import ask
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.words import tr

WHY = tr(
    "{} is a training package: it holds single frames and none of your videos, so jobs "
    "are sent from the project that it was made from."
)
#: A button with a longer name would be wider than its box.
_MOST_LETTERS = 40


def source_candidates(package: str) -> Tuple[Path, ...]:
    """Where a package's project may be, the likeliest first; text only.

    Beside it under SLEAP's own name; above the folder of a training job; where the
    job's record says.
    """
    path = Path(package)
    found = []
    if path.name.endswith(".pkg.slp"):
        found.append(path.with_name(path.name[: -len(".pkg.slp")] + ".slp"))
    job = re.match(r"(.+\.slp)\.training_job(\.\d+)?$", path.parent.name)
    if job:
        found.append(path.parent.parent / job.group(1))
    if found and job:
        found.append(path.parent.parent / found[0].name)
    return tuple(dict.fromkeys(found))


def find_source(package: str) -> Optional[Path]:
    """The project that a package was made from; None where it is not found.

    Looks at disks (*files lane*).
    """
    candidates = list(source_candidates(package))
    try:
        text = (Path(package).parent / RECORD_NAME).read_text("utf-8")
        candidates.insert(0, Path(str(json.loads(text)["job"]["project"])))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    for path in candidates:
        try:
            if path.is_file() and not path.name.endswith(".pkg.slp"):
                return path
        except (OSError, ValueError):
            continue
    return None


class SourceProject(QObject):
    """Offers a package's project, and opens it in SLEAP's own way."""

    def __init__(self, host: Host, files: Lane, parent: Optional[QObject]) -> None:
        super().__init__(parent)
        self.host = host
        self._files = files
        self._found: Optional[Path] = None
        self._front: Optional[QWidget] = None

    def is_offered(self, front: Optional[QWidget] = None) -> bool:
        """Whether a package is open; then its project is looked for and offered."""
        project = self.host.project()
        if project is None or not project.is_package:
            return False
        self._front = front
        path = project.path
        self._files.do(
            lambda: find_source(path),
            lambda found: self._ask(path, found),
            lambda error: self._ask(path, None),
        )
        return True

    def _ask(self, package: str, found: Optional[Path]) -> None:
        self._found = found
        name = Path(package).name or tr("This")
        if found is None:
            text = WHY.format(name) + (
                tr(
                    "\n\nThat project was not found beside it. Open it from where it "
                    "is; nothing in this window is changed."
                )
            )
            button = tr("Open a project...")
        else:
            text = WHY.format(name) + tr("\n\nIt was made from {}").format(found)
            button = tr("Open ") + _short(found.name)
        ask(
            self._parent(),
            text,
            button,
            tr("Cancel"),
            self._open,
            name="remote_source_question",
        )

    def _parent(self) -> Any:
        try:
            if self._front is not None and self._front.isVisible():
                return self._front
        except RuntimeError:  # SLEAP has closed that dialog
            pass
        return self.host.window

    def _open(self) -> None:
        self.host.open_project_file(str(self._found) if self._found is not None else "")


def _short(name: str) -> str:
    if len(name) <= _MOST_LETTERS:
        return name
    return name[: _MOST_LETTERS // 2] + "..." + name[-_MOST_LETTERS // 2 :]
