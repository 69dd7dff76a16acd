"""A copy of a project for colleagues: its videos are their copies.

SLEAP looks beside a project for videos that are not at their paths, by their names
alone: of two with one name it would show one. So the copy of the project has the
copies' paths, whose names differ. Only files are read and written, not what SLEAP has
opened.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Set

from sleap_remote_plugin.errors import CopyStopped, NotOnMount
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.mount import MOUNT_DEADLINE, within
from sleap_remote_plugin.session.sources import SERIES, Item, SourceFile, find_items
from sleap_remote_plugin.session.target import Target
from sleap_remote_plugin.session.transfer import Transfer
from sleap_remote_plugin.session.transfer_progress import Told
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.session.session import Session

_VIDEOS = "videos_json"


class ProjectTransfer(Transfer):
    """Copies one project file, whose videos were copied before.

    Parameters
    ----------
    scratch : Path
        A folder of this machine's own, there until the copy is made.
    copied : dict
        Source -> the copy's path on the cluster, of the videos.
    """

    def __init__(
        self,
        session: "Session",
        project: str,
        target: Target,
        copied: Dict[str, str],
        scratch: Path,
        told: Told,
    ) -> None:
        (item,) = within(MOUNT_DEADLINE, lambda: find_items([project]))
        before = within(MOUNT_DEADLINE, lambda: _read(project))
        after = within(
            MOUNT_DEADLINE, lambda: _with_new_paths(before, session.copies, copied)
        )
        if after != before:
            item = _prepared(item, after, scratch)
        # What is there is compared each time: it depends on more than the project.
        own = Copies(scratch / "copies.json", session.copies.cluster)
        super().__init__([item], target, own, told)
        self._seen = {
            path: _seen(session, path)
            for path in map(_path, after)
            if path not in ("", ".")
        }

    def _copy_item(self, item: Item) -> str:
        for path, seen in self._seen.items():
            self._check_name(item, path, seen)
        return super()._copy_item(item)

    def _check_name(self, item: Item, path: str, seen: Optional[PurePosixPath]) -> None:
        """Raise CopyStopped where another file there has a video's name."""
        name = _name(path)
        own = self.target.cluster / name
        if not name or own in (PurePosixPath(path), seen):
            return
        if self._files.step(lambda: self.target.size(name)) is None:
            return
        raise CopyStopped(
            tr(
                "The project {} was not put there: SLEAP would show its labels of {} "
                "on another video, {}, which has the same name. Choose another folder, "
                "or take the tick away and go on without the project. Your own is as "
                "it was."
            ).format(item.name, path, own)
        )


class _NewPaths:
    """The copies' paths, for the paths of videos as a project file spells them."""

    def __init__(self, copies: Copies, copied: Dict[str, str], paths: Set[str]) -> None:
        found = {
            copy.source: copy.copied
            for copy in copies.all()
            if copies.of_path(copy.source) is not None
        }
        found.update(copied)
        self._by_name: Dict[str, Set[str]] = {}
        for source, there in copied.items():
            self._by_name.setdefault(_name(source), set()).add(there)
        self._names = Counter(_name(path) for path in paths)
        self._found = {_real(source): there for source, there in found.items()}
        self._folders: Dict[str, str] = {}

    def of_file(self, path: str) -> str:
        """Of a single file; itself where it has no copy."""
        found = self._found.get(_real(path)) or self.of_image(path)
        if found == path and not os.path.exists(path):
            # SLEAP found it elsewhere by its name, and the project is not saved since.
            same = self._by_name.get(_name(path), ())
            if len(same) == 1 and self._names[_name(path)] == 1:
                (found,) = same
        return found

    def of_image(self, path: str) -> str:
        """Of an image of a series, which is copied as a folder."""
        folder = os.path.dirname(path)
        if folder not in self._folders:
            self._folders[folder] = self._found.get(_real(folder), "")
        there = self._folders[folder]
        return str(PurePosixPath(there, _name(path))) if there else path


def _with_new_paths(
    videos: List[Dict[str, Any]], copies: Copies, copied: Dict[str, str]
) -> List[Dict[str, Any]]:
    new = _NewPaths(copies, copied, {_path(row) for row in videos})
    return [_changed(row, new) for row in videos]


def _prepared(item: Item, videos: List[Dict[str, Any]], scratch: Path) -> Item:
    """The project with these videos, as a file of this machine."""
    path = scratch / "project.slp"
    stamp = item.files[0].mtime_ns
    try:
        shutil.copyfile(item.source, str(path))
        _write(path, videos)
        os.utime(str(path), ns=(stamp, stamp))
        status = path.stat()
    except OSError as error:
        raise CopyStopped(
            tr(
                "The copy of {} could not be prepared in {}: {}. Your project is as it "
                "was."
            ).format(item.name, scratch, error.strerror or error)
        ) from error
    file = SourceFile(str(path), "", status.st_size, status.st_mtime_ns)
    return Item(item.source, item.name, (file,))


def _read(project: str) -> List[Dict[str, Any]]:
    """What a project file says of its videos."""
    import h5py

    try:
        with h5py.File(project, "r") as file:
            rows = [
                row if isinstance(row, str) else bytes(row) for row in file[_VIDEOS]
            ]
        found = [json.loads(row) for row in rows]
        for row in found:
            _path(row)
        return found
    except Exception as error:  # whatever h5py and json make of a file like this
        raise CopyStopped(
            tr(
                "{} was not put there: which videos it has cannot be read from it. "
                "Save the project in SLEAP as a .slp file and try again, or take the "
                "tick away and go on without it."
            ).format(os.path.basename(project)),
            detail=repr(error),
        ) from error


def _write(path: Path, videos: List[Dict[str, Any]]) -> None:
    """Put rows in the others' place, in the form that the file's SLEAP has."""
    import h5py

    rows = [json.dumps(row, separators=(",", ":")).encode("ascii") for row in videos]
    with h5py.File(str(path), "r+") as file:
        kind: Any = file[_VIDEOS].dtype
        if kind.kind == "S":
            kind = "S{}".format(max(len(row) for row in rows))
        del file[_VIDEOS]
        # Without times: made again, it is the same file.
        file.create_dataset(
            _VIDEOS, data=rows, dtype=kind, maxshape=(None,), track_times=False
        )


def _changed(value: Any, new: _NewPaths, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _changed(one, new, name) for name, one in value.items()}
    if isinstance(value, list) and key in ("filename", "filenames"):
        few = len(value) <= SERIES
        of: Callable[[str], str] = new.of_file if few else new.of_image
        return [of(one) for one in value]
    if isinstance(value, str) and key == "filename" and value not in ("", "."):
        return new.of_file(value)
    return value


def _seen(session: "Session", path: str) -> Optional[PurePosixPath]:
    try:
        return session.to_cluster(path)
    except NotOnMount:
        return None


def _path(row: Dict[str, Any]) -> str:
    """By which SLEAP looks for a video; of a series its first image's."""
    found = row.get("backend", {}).get("filename") or row.get("filename") or ""
    return str(found[0] if isinstance(found, list) else found)


def _name(path: str) -> str:
    """As SLEAP takes it, whichever system wrote the path."""
    return re.split(r"[\\/]", path)[-1]


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))
