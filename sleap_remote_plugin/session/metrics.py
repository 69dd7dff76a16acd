"""Metrics of trained models, read from their run folders; and of the round before.

SLEAP keeps them pickled. They are read here without being unpickled: the folder is on
a shared disk, and a pickle runs what it says.
"""

from __future__ import annotations

import re
import threading
import zipfile
import zlib
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import Job, Task
from sleap_remote_plugin.jobs.metrics import (
    HeadMetrics,
    RunMetrics,
    beside,
    read_metrics,
    rounds_before,
)
from sleap_remote_plugin.jobs.pickled import Array, read_pickle
from sleap_remote_plugin.jobs.untrusted import (
    Unfit,
    open_plain,
    read_json,
    read_whole,
    shown,
)
from sleap_remote_plugin.session.artefacts import inside
from sleap_remote_plugin.words import tr

#: SLEAP 1.5 and newer, its first versions, SLEAP 1.3 and 1.4.
_NAMES = ("metrics.val.0.npz", "val_0_pred_metrics.npz", "metrics.val.npz")
_PLAIN = "metrics.val.0.json"
_MOST_PACKED = 16 << 20
_MOST = 64 << 20
#: What zipfile raises at a damaged archive, or one that is locked or odd.
_BAD_ARCHIVE = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError,
                zlib.error, UnicodeDecodeError)  # fmt: skip
#: Earlier trainings that are looked into for a head.
_MOST_ROUNDS = 5
_HEADER = re.compile(rb"\{'descr': '([^']+)', 'fortran_order': (True|False), "
                     rb"'shape': \(([\d, ]*)\), *\}\s*")  # fmt: skip


def metrics_file(run: Path) -> Optional[Path]:
    """A run's metrics on the validation frames; None: SLEAP wrote none."""
    for name in _NAMES + (_PLAIN,):
        if (run / name).exists():
            return run / name
    return None


def load_metrics(path: Path) -> Any:
    """The values of a metrics file; arrays are `Array`.

    Raises
    ------
    OSError, Unfit
        It cannot be read, or has anything but numbers in it.
    """
    if path.suffix == ".json":
        return read_json(read_whole(path, _MOST))
    values = _members(path)
    return values["metrics"] if set(values) == {"metrics"} else values


def _members(path: Path) -> Dict[str, Any]:
    with open_plain(path) as file:
        if file.seek(0, 2) > _MOST_PACKED:
            raise Unfit(tr("is larger than any metrics of SLEAP, so it was not read"))
        try:
            with zipfile.ZipFile(file) as archive:
                return _unpacked(archive)
        except _BAD_ARCHIVE as error:
            raise Unfit(tr("is not whole")) from error


def _unpacked(archive: zipfile.ZipFile) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    left = _MOST
    for info in archive.infolist()[:64]:
        with archive.open(info) as member:
            data = member.read(left + 1)
        left -= len(data)
        if left < 0:
            raise Unfit(tr("is larger than any metrics of SLEAP, so it was not read"))
        if info.filename.endswith(".npy"):
            found[info.filename[:-4]] = _read_npy(data)
    return found


def _read_npy(data: bytes) -> Any:
    """One member of an .npz (numpy's NEP 1), objects included."""
    if data[:6] != b"\x93NUMPY" or data[6:7] not in (b"\x01", b"\x02"):
        raise Unfit(tr("is not whole"))
    width = 2 if data[6:7] == b"\x01" else 4
    start = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    header = _HEADER.fullmatch(data[8 + width : start])
    if header is None:
        raise Unfit(tr("is not whole"))
    kind, shape = header.group(1).decode("latin-1"), header.group(3).decode()
    if kind == "|O":
        return read_pickle(data[start:])
    numbers = tuple(int(n) for n in shape.split(",") if n.strip())
    return Array(kind, numbers, header.group(2) == b"True", data[start:])


class MetricsReader:
    """Metrics of many jobs; a file that has not changed is not read again."""

    _MOST = 500

    def __init__(self) -> None:
        self._known: Dict[Path, Tuple[Tuple[int, int], HeadMetrics]] = {}
        self._lock = threading.Lock()

    def of(
        self, job: Job, jobs: Sequence[Job], local_folder: Callable[[Job], Path]
    ) -> Tuple[HeadMetrics, ...]:
        """Of each of a training's models, beside the round before.

        Parameters
        ----------
        jobs : sequence of Job
            Among which the round before is looked for.
        """
        folder = local_folder(job)
        now = [self._of_task(folder, task) for task in job.tasks]
        return tuple(self._beside(one, job, jobs, local_folder) for one in now)

    def _beside(
        self,
        now: HeadMetrics,
        job: Job,
        jobs: Sequence[Job],
        local_folder: Callable[[Job], Path],
    ) -> HeadMetrics:
        for earlier in rounds_before(job, jobs)[:_MOST_ROUNDS]:
            for task in earlier.tasks:
                if task.title != now.head:
                    continue
                try:
                    found = self._of_task(local_folder(earlier), task)
                except RemoteError:  # its disk is not there: an older one may do
                    continue
                if not found.fault:
                    return beside(now, found.now, earlier.name)
        return now

    def _of_task(self, folder: Path, task: Task) -> HeadMetrics:
        try:
            run = inside(folder, task.output)
            path = metrics_file(run)
            if path is None and not run.is_dir():
                words = tr("The model's folder {} is not there just now.")
                return HeadMetrics(task.title, fault=words.format(shown(run)))
            if path is None:
                return HeadMetrics(task.title, fault=tr("SLEAP wrote no metrics."))
            inside(folder, str(path.relative_to(folder)))
            return self._of_file(path, task.title)
        except RemoteError as error:
            return HeadMetrics(task.title, fault=str(error))
        except OSError as error:
            words = tr("The metrics cannot be read: {}.").format(
                error.strerror or error
            )
            return HeadMetrics(task.title, fault=words)

    def _of_file(self, path: Path, head: str) -> HeadMetrics:
        status = path.stat()
        mark = (status.st_size, status.st_mtime_ns)
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == mark:
            return known[1]
        try:
            found = HeadMetrics(head, read_metrics(load_metrics(path)))
            if found.now == RunMetrics():
                found = HeadMetrics(head, fault=tr("SLEAP's metrics are empty."))
        except Unfit as error:
            found = HeadMetrics(head, fault="{} {}.".format(shown(path), error))
        with self._lock:
            if len(self._known) >= self._MOST:
                self._known.clear()
            self._known[path] = (mark, found)
        return found
