"""An export on its way: labels copied in slices, package written, put on the mount.

The GUI thread reads SLEAP's widgets and copies labels, a few milliseconds at a time;
the *files lane* does the rest. What writes and copies is `export` and the host.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional

from qtpy.QtCore import QObject, QTimer, Signal

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.jobs.package import TrainingPackage, load_package
from sleap_remote_plugin.qt import export, leftovers, texts
from sleap_remote_plugin.qt.host import Host, ReportProgress
from sleap_remote_plugin.qt.worker import Call, Lane
from sleap_remote_plugin.session import by_hand
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Seconds of the GUI thread for one turn of copying labels.
_TURN = 0.015

_SAID = {
    "frames": tr("Exporting {name}: frame {done:,} of {total:,}"),
    "images": tr("Writing {name}: image {done:,} of {total:,}"),
    "copy": tr("Copying {name} to its folder: {done_size} of {total_size}"),
}


class Export(QObject):
    """One training package, from SLEAP's dialog to its final place.

    Parameters
    ----------
    configs : object
        What `Host.read_configs` gave.
    labels_name : str
        File name of the labels package.
    project : str
        Its path.
    find_folder : callable
        Gives the package's folder, which does not exist yet; called on the lane.
    full_rotation : bool
        As in `Host.write_configs`.

    Attributes
    ----------
    files_beside : callable or None
        Gives name -> text of what belongs into the package's folder too, for the
        package in its final place; called on the lane.
    """

    files_beside: Optional[Callable[[TrainingPackage], Dict[str, str]]] = None

    progressed = Signal(str, int, int)  # text, done, total; total 0: not known
    done = Signal(object)  # TrainingPackage
    failed = Signal(object)  # the exception

    def __init__(
        self,
        host: Host,
        files: Lane,
        configs: Any,
        labels_name: str,
        project: str,
        find_folder: Callable[[], Path],
        full_rotation: bool = False,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.labels_name = labels_name
        self._files = files
        self._configs = configs
        self._find_folder = find_folder
        self._full_rotation = full_rotation
        self._slices: Iterator[Optional[Any]] = host.labels_slices(project)
        self._call: Optional[Call] = None
        self._cancelled = False

    def start(self) -> None:
        self.progressed.emit(tr("Exporting {}").format(self.labels_name), 0, 0)
        self._take_slices()

    def cancel(self) -> None:
        """Stop at once; `failed` tells when nothing is left."""
        self._cancelled = True
        if self._call is not None:
            self._call.cancel()

    def _take_slices(self) -> None:
        """Copy labels for one turn, then let the window live."""
        until = time.monotonic() + _TURN
        snapshot = None
        try:
            while snapshot is None and time.monotonic() < until:
                if self._cancelled:
                    raise Cancelled(
                        tr("The export was stopped. Nothing was submitted.")
                    )
                snapshot = next(self._slices)
        except Exception as error:
            self.failed.emit(error)
            return
        if snapshot is None:
            QTimer.singleShot(0, self._take_slices)
        else:
            self._write(snapshot)

    def _write(self, snapshot: Any) -> None:
        def write(report: ReportProgress) -> TrainingPackage:
            return self._on_lane(snapshot, report)

        self._call = self._files.do(
            write, self.done.emit, self.failed.emit, self._on_progress
        )

    def _on_lane(self, snapshot: Any, report: ReportProgress) -> TrainingPackage:
        """The configs are written while the frames are encoded: neither waits."""
        leftovers.remove_local()
        labels = self.labels_name
        with leftovers.local_folder() as name, ThreadPoolExecutor(1) as beside:
            local, target = Path(name), self._find_folder()
            configs = beside.submit(
                self.host.write_configs, self._configs, local, self._full_rotation
            )

            def told(done: int, total: int, doing: str) -> bool:
                if configs.done():
                    configs.result()  # an error in them ends it here
                return bool(report(done, total, doing))

            needed = self.host.labels_size(snapshot)
            export.check_place(target, needed)
            export.check_local(local, needed)
            self.host.write_labels(snapshot, local / labels, told)
            configs.result()

            def complete(folder: Path) -> None:
                self.host.check_labels_file(folder / labels, snapshot)
                self._add_files(load_package(folder), folder, target)

            package = export.put_on_mount(
                local,
                target,
                lambda done, total: report(done, total, "copy"),
                complete,
            )
            if package.folder != target:  # another window took the name meanwhile
                self._add_files(package, package.folder, package.folder)
            return package

    def _add_files(self, package: TrainingPackage, here: Path, target: Path) -> None:
        """Write `files_beside` of a package that will be in `target`."""
        if self.files_beside is not None:
            texts_of = self.files_beside(dataclasses.replace(package, folder=target))
            by_hand.write(here, texts_of)

    def _on_progress(self, done: int, total: int, doing: str = "frames") -> None:
        text = _SAID[doing].format(
            name=self.labels_name,
            done=done,
            total=total,
            done_size=texts.size(done),
            total_size=texts.size(total),
        )
        self.progressed.emit(text, *_scaled(done, total))


def _scaled(done: int, total: int) -> tuple:
    """Qt's progress bars count in 32 bits; packages have more bytes than that."""
    if total <= 0:
        return 0, 0
    return int(1000 * min(1.0, done / total)), 1000
