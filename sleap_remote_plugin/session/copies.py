"""Which files of this machine have a copy on the cluster's disk: a small file here.

The user's project stays as it is: what is submitted says the copy's path, and results
are told by the original's. How copies are made is in transfer.py.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Dict, List, Optional, Tuple

from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.session.sources import Item

log = logging.getLogger(__name__)

FILE_NAME = "copies.json"


@dataclass(frozen=True)
class Copy:
    """One file or folder, and its copy.

    Attributes
    ----------
    cluster : str
        The cluster (profile) that it was copied for.
    source : str
        The original, as the project spells it.
    copied : str
        The copy, as the cluster spells it.
    size, mtime_ns : int
        The original's when it was copied; of a folder: of all files, of the newest.
    sha256 : str
        Of the file; of a folder: of its files' names and digests.
    """

    cluster: str
    source: str
    copied: str
    size: int
    mtime_ns: int
    sha256: str
    is_folder: bool = False


class Copies:
    """The user's copies, and where the jobs of a project that is not there are put.

    Read anew for each question, since windows share it. A file that cannot be read
    counts as empty: then what is there already is found by comparing.
    """

    def __init__(self, path: Path, cluster: str) -> None:
        self.path = path
        self.cluster = cluster
        self._lock = threading.Lock()

    def all(self) -> Tuple[Copy, ...]:
        return tuple(c for c in self._read()[0] if c.cluster == self.cluster)

    def add(self, copy: Copy) -> None:
        """Remember a copy; an earlier one of the same original is forgotten."""
        with self._lock:
            copies, homes, mirrors = self._read()
            kept = [c for c in copies if _key(c) != _key(copy)]
            self._write(kept + [copy], homes, mirrors)

    def find(self, item: Item) -> Optional[Copy]:
        """The copy of just this source, unchanged since."""
        for copy in self.all():
            stamp = (copy.source, copy.size, copy.mtime_ns, copy.is_folder)
            if stamp == (item.source, item.size, item.newest, item.is_folder):
                return copy
        return None

    def of_path(self, path: str) -> Optional[PurePosixPath]:
        """The cluster's copy of a file or folder; None: there is none that is current.

        An original that is not there (any more) is taken to be as it was.
        """
        for copy in self.all():
            if copy.source == path:
                if _is_current(copy):
                    return PurePosixPath(copy.copied)
            elif _holds(copy, path) and _is_older(path, copy.mtime_ns):
                return PurePosixPath(copy.copied) / os.path.basename(path)
        return None

    def stands_for(self, path: str) -> Optional[PurePosixPath]:
        """What the cluster has in a path's place: a copy, or a project's chosen home.

        A project with a home, and the folder that it lies in, are taken to be there.
        """
        found = self.of_path(path)
        if found is not None:
            return found
        other = self._in_other_half(path)
        if other is not None:
            return other
        for project, home in self.homes().items():
            if path == project:
                return PurePosixPath(home) / os.path.basename(project)
            if path == os.path.dirname(project):
                return PurePosixPath(home)
        return None

    # -- job folders that are on no mount ---------------------------------------------

    def keep_mirror(self, here: str, there: str) -> None:
        """A job's folder on this machine, and its other half on the cluster."""
        with self._lock:
            values = self._read()
            mirrors = values[2].setdefault(self.cluster, {})
            mirrors[here] = there
            self._write(*values)

    def other_half(self, here: str) -> str:
        """The cluster's half of a folder here; empty: there is none."""
        return str(self._read()[2].get(self.cluster, {}).get(here, ""))

    def _in_other_half(self, path: str) -> Optional[PurePosixPath]:
        """The same in a job's folder there: what it made is where it made it."""
        mirrors = self._read()[2].get(self.cluster, {})
        for here, there in mirrors.items():
            if path == here:
                return PurePosixPath(there)
            if path.startswith(here + os.sep):
                return PurePosixPath(there, *path[len(here) + 1 :].split(os.sep))
        return None

    def halves(self) -> Dict[str, str]:
        """A cluster's folder -> its half here."""
        mirrors = self._read()[2].get(self.cluster, {})
        return {str(there): str(here) for here, there in mirrors.items()}

    def half_here(self, there: str) -> str:
        """The half here of a cluster's folder; empty: there is none."""
        return self.halves().get(there, "")

    # -- where the jobs of a project go -----------------------------------------------

    def homes(self) -> Dict[str, str]:
        """Project -> the folder for its jobs, as the cluster spells it."""
        return dict(self._read()[1].get(self.cluster, {}))

    def keep_home(self, project: str, folder: str) -> None:
        with self._lock:
            values = self._read()
            values[1].setdefault(self.cluster, {})[project] = folder
            self._write(*values)

    # -- the file ---------------------------------------------------------------------

    def _read(self) -> Tuple[List[Copy], Dict[str, Any], Dict[str, Any]]:
        try:
            values = json.loads(self.path.read_text("utf-8"))
            copies = [Copy(**entry) for entry in values["copies"]]
            return copies, dict(values["homes"]), dict(values.get("mirrors", {}))
        except FileNotFoundError:
            return [], {}, {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("copies %s not read: %s", self.path, error)
            return [], {}, {}

    def _write(
        self, copies: List[Copy], homes: Dict[str, Any], mirrors: Dict[str, Any]
    ) -> None:
        values = {
            "copies": [dataclasses.asdict(c) for c in copies],
            "homes": homes,
            "mirrors": mirrors,
        }
        text = json.dumps(values, indent=1)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        save_whole(self.path, text.encode("utf-8", "surrogatepass"))


def _key(copy: Copy) -> Tuple[str, str]:
    return copy.cluster, copy.source


def _holds(copy: Copy, path: str) -> bool:
    return copy.is_folder and os.path.dirname(path) == copy.source


def _is_current(copy: Copy) -> bool:
    try:
        if copy.is_folder:
            return _is_older(copy.source, copy.mtime_ns, deep=True)
        status = os.stat(copy.source)
    except OSError:
        return True
    return (status.st_size, status.st_mtime_ns) == (copy.size, copy.mtime_ns)


def _is_older(path: str, mtime_ns: int, deep: bool = False) -> bool:
    """Whether a file, or all files below a folder, were written no later."""
    try:
        if not deep:
            return os.stat(path).st_mtime_ns <= mtime_ns
        return all(
            os.stat(os.path.join(folder, name)).st_mtime_ns <= mtime_ns
            for folder, _, names in os.walk(path)
            for name in names
        )
    except OSError:
        return True
