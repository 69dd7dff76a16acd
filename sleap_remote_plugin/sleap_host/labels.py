"""The labels package of a training: the project's labels with their images.

A snapshot is taken in the GUI thread, in slices; all the rest is for the *files lane*.
Every video is read through a reader of its own, so that SLEAP's window goes on with
its own meanwhile.
"""

from __future__ import annotations

import abc
import contextlib
import copy
import errno
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

from sleap_remote_plugin.errors import Cancelled, PackageProblem
from sleap_remote_plugin.qt.host import ReportProgress
from sleap_remote_plugin.sleap_host import embedding, images
from sleap_remote_plugin.sleap_host.base import SleapHost
from sleap_remote_plugin.words import tr

#: Frames that are copied before the GUI thread may do something else.
_SLICE = 25


_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_SAFE = tr("Nothing was submitted, and the project is as it was.")
_EDITED = tr(
    "The skeleton was edited while the training package was exported. Nothing was "
    "submitted. Save the project, then run again."
)


@dataclass
class LabelsSnapshot:
    """What of a project goes into a package; frames and instances are copies.

    Attributes
    ----------
    home : str
        The project's folder; empty if not known.
    nodes : list
        Names of the nodes and the edges of each skeleton, when this was begun.
    """

    labeled_frames: List[Any]
    videos: List[Any]
    skeletons: List[Any]
    tracks: List[Any]
    suggestions: List[Any] = field(default_factory=list)
    negative_anchors: Dict[Any, Any] = field(default_factory=dict)
    provenance: Dict[str, Any] = field(default_factory=dict)
    home: str = ""
    nodes: List[Any] = field(default_factory=list)

    @property
    def is_as_it_was(self) -> bool:
        """False: a skeleton was edited since, and the copies' points fit it no more."""
        return _names(self.skeletons) == self.nodes


def _names(skeletons: Sequence[Any]) -> List[Any]:
    return [(list(one.node_names), list(one.edge_names)) for one in skeletons]


class LabelsHost(SleapHost):
    """What a host does for labels packages."""

    def labels_slices(self, project: str = "") -> Iterator[Optional[LabelsSnapshot]]:
        labels = self.labels
        snapshot = LabelsSnapshot(
            labeled_frames=[],
            videos=list(labels.videos),
            skeletons=list(labels.skeletons),
            tracks=list(labels.tracks),
            suggestions=[copy.copy(one) for one in labels.suggestions],
            negative_anchors=dict(getattr(labels, "negative_anchors", {})),
            provenance=dict(labels.provenance),
            home=str(Path(project).parent) if project else "",
            nodes=_names(labels.skeletons),
        )
        frames = iter(list(labels.labeled_frames))
        while True:
            found = list(itertools.islice(frames, _SLICE))
            if not found:
                break
            copies = (self.copy_frame(frame) for frame in found)
            snapshot.labeled_frames += [one for one in copies if one is not None]
            yield None
        yield snapshot

    def labels_snapshot(self, project: str = "") -> LabelsSnapshot:
        """All slices at once."""
        (snapshot,) = [one for one in self.labels_slices(project) if one is not None]
        return snapshot

    def labels_size(self, snapshot: LabelsSnapshot) -> int:
        with self._readers(snapshot) as readers:
            wanted = self._wanted(snapshot, readers)
            if not wanted:
                return 0
            return images.estimate(wanted, *self._reading(snapshot, readers))

    def write_labels(
        self, snapshot: LabelsSnapshot, path: Path, report: ReportProgress
    ) -> None:
        draft = path.with_name(".draft.slp")
        encoded = images.Images(path.parent)
        whole = False
        try:
            with self._readers(snapshot) as readers:
                wanted = self._wanted(snapshot, readers)
                read, name = self._reading(snapshot, readers)
                told = _told(report, "frames")
                images.encode(wanted, read, name, encoded, told)
                self._write_draft(snapshot, readers, draft, report)
            if not snapshot.is_as_it_was:
                raise PackageProblem(_EDITED)
            embedding.finish(
                draft, path, snapshot.home, encoded, _told(report, "images")
            )
            whole = True
        except (Cancelled, PackageProblem):
            raise
        except Exception as error:
            if not snapshot.is_as_it_was:
                raise PackageProblem(_EDITED) from error
            raise self._could_not_export(error, snapshot) from error
        finally:
            encoded.close()
            for left in [draft] if whole else [draft, path]:
                if left.exists():
                    left.unlink()

    def _could_not_export(
        self, error: Exception, snapshot: LabelsSnapshot
    ) -> PackageProblem:
        words, safe = getattr(error, "strerror", None) or str(error), _SAFE
        paths = [self.video_path(video) for video in snapshot.videos]
        gone = [path for path in paths if path and not Path(path).exists()]
        if isinstance(error, OSError) and error.errno in _FULL:
            told = tr(
                "The labelled images could not be exported: there is no space left on "
                "this computer's disk. {} Make space, then try again."
            ).format(safe)
        elif gone:
            told = tr(
                "The project's video {} is not there, and SLEAP writes no training "
                "package without it. {} Bring the file back, or remove the video from "
                "the project; save, and run again."
            ).format(gone[0], safe)
        else:
            told = tr("SLEAP could not write the training package: {}. {}").format(
                words.rstrip("."), safe
            )
        return PackageProblem(told, detail=repr(error))

    def check_labels_file(self, path: Path, snapshot: LabelsSnapshot) -> None:
        import h5py

        frames = -1
        with contextlib.suppress(OSError, KeyError, ValueError):
            with h5py.File(str(path), "r") as file:
                file["metadata"].attrs["json"]
                frames = int(file["frames"].shape[0])
        if frames != len(snapshot.labeled_frames):
            raise PackageProblem(
                tr(
                    "{} was copied, but it cannot be read back where it is now. "
                    "Nothing was submitted, and nothing is left there. Try again; if "
                    "it happens again, tell the people who run that disk."
                ).format(path.name)
            )

    def _write_draft(
        self,
        snapshot: LabelsSnapshot,
        readers: List[Any],
        draft: Path,
        report: ReportProgress,
    ) -> None:
        """SLEAP may copy images itself here, where they are PNGs or JPEGs already."""
        cancelled = False

        def tell(done: int, total: int, *_: Any) -> bool:
            nonlocal cancelled
            cancelled = cancelled or not report(done, total, "frames")
            return not cancelled

        try:
            self.write_draft(snapshot, readers, draft, tell)
        except Exception:
            if not cancelled:
                raise
        if cancelled:
            raise Cancelled(tr("The export was stopped. Nothing was submitted."))

    @contextlib.contextmanager
    def _readers(self, snapshot: LabelsSnapshot) -> Iterator[List[Any]]:
        readers = [self.reader(video) for video in snapshot.videos]
        try:
            yield readers
        finally:
            for reader in readers:
                self.close_reader(reader)

    def _wanted(
        self, snapshot: LabelsSnapshot, readers: Sequence[Any]
    ) -> List[images.Wanted]:
        """(video, frame) of all images that SLEAP does not copy as they are."""
        numbers = {id(video): index for index, video in enumerate(snapshot.videos)}
        found = {(numbers[id(f.video)], int(f.frame_idx))
                 for f in snapshot.labeled_frames}  # fmt: skip
        copied = {n for n, reader in enumerate(readers) if self.copies_images(reader)}
        return sorted(one for one in found if one[0] not in copied)

    def _reading(self, snapshot: LabelsSnapshot, readers: Sequence[Any]) -> Any:
        return (
            lambda video, frame: self.read_frame(readers[video], frame),
            lambda video: self.video_path(snapshot.videos[video]),
        )

    # -- what the generations differ in -------------------------------------------

    @abc.abstractmethod
    def copy_frame(self, frame: Any) -> Any:
        """A labelled frame without predictions; None if it is not labelled."""

    @abc.abstractmethod
    def reader(self, video: Any) -> Any:
        """The same video, opened once more."""

    @abc.abstractmethod
    def read_frame(self, reader: Any, frame: int) -> Any: ...

    @abc.abstractmethod
    def close_reader(self, reader: Any) -> None: ...

    @abc.abstractmethod
    def copies_images(self, reader: Any) -> bool:
        """Whether SLEAP puts this video's encoded images into a package as they are."""

    @abc.abstractmethod
    def write_draft(
        self,
        snapshot: LabelsSnapshot,
        readers: List[Any],
        path: Path,
        tell: Callable[..., bool],
    ) -> None:
        """Have SLEAP write the package, with pictures of one pixel."""


def _told(report: ReportProgress, doing: str) -> Callable[[int, int], bool]:
    return lambda done, total: report(done, total, doing)
