"""Whether the cluster sees a job's files whole: the script by SHA-256, others by size.

The script tells of a uid that was made for this job alone, so that where it is seen,
this folder and the cluster's are one. Why they are not is found out in mount.py.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import List, Tuple

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.jobs.record import SCRIPT_NAME
from sleap_remote_plugin.session.spelling import find_otherwise
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

#: Seconds that files written here may take to be seen whole on the cluster.
VISIBLE_WITHIN = 30.0

_LOOK = (
    'cd -- "$1" && n=$2 && shift 2 && [ -w . ] && sha256sum -- "$1" && shift && '
    'for name; do if [ "$n" -gt 0 ]; then n=$((n - 1)); wc -c < "$name"; '
    'elif ! [ -e "$name" ]; then echo gone; fi; done'
)
_GONE = "gone"
#: So many files outside of the job's folder are asked for.
_MOST_NEEDED = 100


class Look:
    """What the cluster is asked, and what it must say.

    Parameters
    ----------
    folder : Path
        The job's, as this machine spells it.
    on_cluster : str
        The same, as the cluster does.
    script : str
        The batch script.
    names : tuple of str
        Other files in the folder, as they are here and should be there.
    needed : tuple of str
        What the job reads elsewhere, as the cluster spells it. It may be on a disk that
        only the nodes see, so the job is sent without it, but for one reason: the
        cluster spells it otherwise.

    Attributes
    ----------
    missing : tuple of str
        Those that are not even here; they are never seen whole.
    """

    def __init__(
        self,
        folder: Path,
        on_cluster: str,
        script: str,
        names: Tuple[str, ...],
        needed: Tuple[str, ...] = (),
    ) -> None:
        found = [(name, _size(folder / name)) for name in names]
        self.missing = tuple(name for name, size in found if not size)
        digest = hashlib.sha256(script.encode("utf-8")).hexdigest()
        self._wanted = [digest] + [size for _, size in found]
        self.on_cluster = on_cluster
        self._paths = tuple("{}/{}".format(on_cluster, name) for name in names)
        self._needed = needed[:_MOST_NEEDED]
        start = ("sh", "-c", _LOOK, "sh", on_cluster, str(len(names)), SCRIPT_NAME)
        self.argv = start + names + self._needed

    def is_whole(self, printed: str) -> bool:
        """Whether all of the job's folder is there."""
        return [line for line in _words(printed) if line != _GONE] == self._wanted

    def lacks(self, printed: str) -> bool:
        """Whether the login host does not see something that the job reads."""
        return _GONE in _words(printed)

    def check_spelling(self, transport: Transport) -> None:
        """Raises MountNotProven where the cluster has it under another spelling."""
        found = find_otherwise(self._paths + self._needed, transport)
        if found is not None:
            raise found.error()

    def wait(self, transport: Transport) -> None:
        """Look until all is there. Raises MountNotProven, after `VISIBLE_WITHIN`."""
        deadline, is_first = time.monotonic() + VISIBLE_WITHIN, True
        while True:
            seen = transport.run(self.argv, login_shell=False)
            if self.is_whole(seen.stdout):
                return
            if is_first:  # it would never come
                is_first = False
                self.check_spelling(transport)
            if time.monotonic() > deadline:
                raise self.not_whole(seen.stdout + seen.stderr)
            time.sleep(0.5)

    def not_whole(self, detail: str = "") -> MountNotProven:
        return MountNotProven(
            tr(
                "The cluster does not see the job's files whole in {} yet. Nothing was "
                "submitted, and the package is kept. Try again in a minute."
            ).format(self.on_cluster),
            detail=detail,
        )


def _size(path: Path) -> str:
    try:
        return str(path.stat().st_size)
    except OSError:
        return ""


def _words(text: str) -> List[str]:
    """First words of lines; wc of some systems puts spaces before its number."""
    return [line.split()[0] for line in text.split("\n") if line.strip()]
