"""Whether the cluster sees a job's files whole: the script by SHA-256, others by size.

The script tells of a uid that was made for this job alone, so that where it is seen,
this folder and the cluster's are one. Why they are not is found out in mount.py.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Tuple

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.jobs.record import SCRIPT_NAME
from sleap_remote_plugin.ssh.transport import Transport

#: Seconds that files written here may take to be seen whole on the cluster.
VISIBLE_WITHIN = 30.0

_LOOK = (
    'cd -- "$1" && shift && [ -w . ] && sha256sum -- "$1" && shift && '
    'for name; do wc -c < "$name"; done'
)


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

    Attributes
    ----------
    missing : tuple of str
        Those that are not even here; they are never seen whole.
    """

    def __init__(
        self, folder: Path, on_cluster: str, script: str, names: Tuple[str, ...]
    ) -> None:
        found = [(name, _size(folder / name)) for name in names]
        self.missing = tuple(name for name, size in found if not size)
        digest = hashlib.sha256(script.encode("utf-8")).hexdigest()
        self._wanted = [digest] + [size for _, size in found]
        self.on_cluster = on_cluster
        self.argv = ("sh", "-c", _LOOK, "sh", on_cluster, SCRIPT_NAME) + names

    def is_whole(self, printed: str) -> bool:
        """Whether all is there."""
        lines = [line.split(" ")[0] for line in _lines(printed)]
        return lines == self._wanted

    def wait(self, transport: Transport) -> None:
        """Look until all is there. Raises MountNotProven, after `VISIBLE_WITHIN`."""
        deadline = time.monotonic() + VISIBLE_WITHIN
        while True:
            seen = transport.run(self.argv, login_shell=False)
            if self.is_whole(seen.stdout):
                return
            if time.monotonic() > deadline:
                raise self.not_whole(seen.stdout + seen.stderr)
            time.sleep(0.5)

    def not_whole(self, detail: str = "") -> MountNotProven:
        return MountNotProven(
            "The cluster does not see the job's files whole in {} yet. Nothing was "
            "submitted, and the package is kept. Try again in a minute.".format(
                self.on_cluster
            ),
            detail=detail,
        )


def _size(path: Path) -> str:
    try:
        return str(path.stat().st_size)
    except OSError:
        return ""


def _lines(text: str) -> Tuple[str, ...]:
    """Lines that are not empty; wc of some systems puts spaces before its number."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())
