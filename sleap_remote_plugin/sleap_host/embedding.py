"""A labels package out of SLEAP's draft of it: real images, no local paths.

SLEAP writes the draft itself, all but the pictures, which have one pixel each in it.
So the package is what SLEAP of that version would write; only who encodes the images
differs, and what their paths are relative to.
"""

from __future__ import annotations

import json
import ntpath
import posixpath
import re
from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.qt.host import ReportProgress
from sleap_remote_plugin.sleap_host.images import Images
from sleap_remote_plugin.sleap_host.package import is_local
from sleap_remote_plugin.words import tr

#: Texts of SLEAP's that may hold paths: attributes, or rows of a dataset.
_JSON = ("json", "videos_json", "provenance_json")
_PATH_KEYS = ("filename", "filenames")


def finish(
    draft: Path, package: Path, home: str, images: Images, report: ReportProgress
) -> None:
    """Write the package from its draft.

    Parameters
    ----------
    home : str
        The project's folder: the package will lie in a folder beside it, and tells
        where the videos are from there.
    report : callable
        Gets (done, all) in images; False ends it.
    """
    import h5py

    with h5py.File(str(draft), "r") as source, h5py.File(str(package), "w") as target:
        writer = _Writer(home, str(draft), images, report)
        writer.copy(source, target)
    writer.write_rows(package)


class _Writer:
    def __init__(
        self, home: str, draft: str, images: Images, report: ReportProgress
    ) -> None:
        self._paths = Relative(home, draft)
        self._images = images
        self._report = report
        self._done = 0
        self._rows: List[Tuple[int, int]] = []  # video, where its rows begin

    def copy(self, source: Any, target: Any) -> None:
        """A group with all that is in it."""
        import h5py

        self._copy_attributes(source, target)
        for name, item in source.items():
            if isinstance(item, h5py.Group):
                self.copy(item, target.create_group(name))
            elif name in _JSON:
                self._copy_texts(item, target, name)
            else:
                self._copy_dataset(item, source, target, name)

    def _copy_dataset(self, item: Any, source: Any, target: Any, name: str) -> None:
        video = re.fullmatch(r"/video(\d+)/video", item.name)
        frames = self._images.frames(int(video.group(1))) if video else ()
        if not video or not frames:
            source.copy(name, target)
            return
        if list(source["frame_numbers"][()]) != list(frames):
            raise ValueError(tr("SLEAP's package has other frames than were asked for"))
        self._write_images(item, target, name, int(video.group(1)))

    def _write_images(self, item: Any, target: Any, name: str, video: int) -> None:
        """As the draft holds them: rows of one length, or each with its own."""
        import h5py
        import numpy as np

        count = len(self._images.frames(video))
        if h5py.check_vlen_dtype(item.dtype) is None:
            dataset = _rows(target, name, count, self._images.longest(video), item)
            self._rows.append((video, dataset.id.get_offset()))
        else:
            dataset = target.create_dataset(name, shape=(count,), dtype=item.dtype)
            for row, data in enumerate(self._images.of(video)):
                dataset[row] = np.frombuffer(data, dtype="int8")
                self._tell()
        self._copy_attributes(item, dataset)

    def write_rows(self, package: Path) -> None:
        """Put rows of one length where the closed file has room for them.

        HDF5 would keep Python, and with it the window, waiting while the disk writes.
        """
        with package.open("r+b") as file:
            for video, start in self._rows:
                for row, data in enumerate(self._images.of(video)):
                    file.seek(start + row * self._images.longest(video))
                    file.write(data)
                    self._tell()

    def _tell(self) -> None:
        self._done += 1
        if not self._report(self._done, len(self._images)):
            raise Cancelled(tr("The export was stopped. Nothing was submitted."))

    def _copy_attributes(self, source: Any, target: Any) -> None:
        for name, value in source.attrs.items():
            if name in _JSON:
                target.attrs[name] = self._without_paths(value)
            else:
                dtype = source.attrs.get_id(name).dtype
                target.attrs.create(name, value, dtype=dtype)

    def _copy_texts(self, item: Any, target: Any, name: str) -> None:
        clean = self._named(name)
        if item.shape == ():
            target.create_dataset(name, data=clean(item[()]))
            return
        rows = [clean(row) for row in item[()]]
        dtype = item.dtype if item.dtype.kind == "O" else None
        size = (None,) if item.maxshape == (None,) else None
        if rows:
            target.create_dataset(name, data=rows, dtype=dtype, maxshape=size)
        else:
            item.file.copy(item, target, name)

    def _named(self, name: str) -> Callable[[Any], Any]:
        if name == "provenance_json":
            return lambda text: self._without_paths(text, everywhere=True)
        return self._without_paths

    def _without_paths(self, text: Any, everywhere: bool = False) -> Any:
        import numpy as np

        value = json.loads(text)
        clean = self._paths.in_json(value, everywhere)
        if clean == value:
            return text
        written = json.dumps(clean, separators=(",", ":"))
        return written if isinstance(text, str) else np.bytes_(written.encode())


def _rows(target: Any, name: str, count: int, length: int, like: Any) -> Any:
    """A dataset of bytes in one piece of the file, in which nothing is written yet."""
    import h5py

    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_layout(h5py.h5d.CONTIGUOUS)
    settings.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    settings.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    space = h5py.h5s.create_simple((count, length))
    kind = h5py.h5t.py_create(like.dtype)
    made = h5py.h5d.create(target.id, name.encode(), kind, space, settings)
    return h5py.Dataset(made)


class Relative:
    """Paths of this machine, as they are from a folder beside the project.

    Parameters
    ----------
    home : str
        The project's folder; empty if not known.
    itself : str
        The path that stands for the package itself.
    """

    def __init__(self, home: str, itself: str = "") -> None:
        self._home = home
        self._itself = itself.replace("\\", "/")

    def path(self, text: str) -> str:
        """The path from the package; only its name where there is no way to it."""
        if text.replace("\\", "/") == self._itself:
            return "."
        if not is_local(text):
            return text
        windows = bool(re.match(r"[A-Za-z]:|[\\/]{2}", text))
        module: Any = ntpath if windows else posixpath
        name = str(module.basename(text.rstrip("\\/")))
        way = self._way(text, module)
        return name if way is None else "../" + way

    def _way(self, text: str, module: Any) -> Optional[str]:
        """None where both meet in the root only: then the way tells of this machine."""
        try:
            shared = str(module.commonpath([text, self._home]))
            way = str(module.relpath(text, self._home))
        except ValueError:  # another drive, or no home
            return None
        if shared == "/":
            return None
        return way.replace("\\", "/")

    def in_json(self, value: Any, everywhere: bool = False) -> Any:
        """The same value, with every path in it relative.

        Parameters
        ----------
        everywhere : bool
            Whether any text that looks like a path is one; else only those that
            SLEAP names so.
        """
        if isinstance(value, dict):
            return {
                key: self.in_json(
                    each, everywhere or key in _PATH_KEYS or key == "provenance"
                )
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self.in_json(each, everywhere) for each in value]
        return self.path(value) if everywhere and isinstance(value, str) else value
