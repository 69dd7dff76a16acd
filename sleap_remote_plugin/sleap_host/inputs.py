"""Small project files that stand for a video which SLEAP's commands cannot name.

One video, as the cluster spells it, and the frames to predict on as labelled frames
without an animal: every SLEAP predicts on these when it is given a project and nothing
else, be it a series of images, frames inside a package or more frames than a command
line holds. (As suggestions, SLEAP 1.6 takes minutes to find 100,000 of them.) The file
is of SLEAP 1.3's format, which newer ones read too. The commands are in
jobs/sleap_cli.py.
"""

from __future__ import annotations

import json
import os
import posixpath
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Dict, List, Sequence

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.frames import chosen, numbers_of
from sleap_remote_plugin.jobs.prediction import VideoInput
from sleap_remote_plugin.words import tr

_METADATA = {
    "version": "2.0.0",
    "skeletons": [],
    "nodes": [],
    "videos": [],
    "tracks": [],
    "suggestions": [],
    "negative_anchors": {},
    "provenance": {},
}
_TABLES = {
    "frames": [
        ("frame_id", "u8"),
        ("video", "u4"),
        ("frame_idx", "u8"),
        ("instance_id_start", "u8"),
        ("instance_id_end", "u8"),
    ],
    "instances": [
        ("instance_id", "i8"),
        ("instance_type", "u1"),
        ("frame_id", "u8"),
        ("skeleton", "u4"),
        ("track", "i4"),
        ("from_predicted", "i8"),
        ("score", "f4"),
        ("point_id_start", "u8"),
        ("point_id_end", "u8"),
        ("tracking_score", "f4"),
    ],
    "points": [("x", "f8"), ("y", "f8"), ("visible", "?"), ("complete", "?")],
    "pred_points": [
        ("x", "f8"),
        ("y", "f8"),
        ("visible", "?"),
        ("complete", "?"),
        ("score", "f8"),
    ],
}


def cluster_entry(
    entry: Dict[str, Any], to_cluster: Callable[[str], PurePosixPath]
) -> Dict[str, Any]:
    """A video's entry in a project file, with the cluster's paths.

    Parameters
    ----------
    entry : dict
        ``{"backend": {...}}`` as SLEAP writes it, with local paths.
    to_cluster : callable
        Raises NotOnMount for a path that the cluster does not see.
    """
    there = by_folder(lambda path: str(to_cluster(path)))
    backend = dict(entry["backend"])
    backend["filename"] = there(str(backend["filename"]))
    if backend.get("filenames"):
        backend["filenames"] = [there(str(name)) for name in backend["filenames"]]
    return {"filename": backend["filename"], "backend": backend}


def by_folder(spell: Callable[[str], str]) -> Callable[[str], str]:
    """Spells paths for the cluster as `spell` does, which is asked once a folder."""
    folders: Dict[str, str] = {}

    def there(path: str) -> str:
        folder, name = os.path.split(path)
        if folder not in folders:
            found = spell(path)
            if posixpath.basename(found) != name:  # a copy may be called otherwise
                return found
            folders[folder] = posixpath.dirname(found)  # images come by the thousand
        return posixpath.join(folders[folder], name)

    return there


def write_input(path: Path, entry: Dict[str, Any], frames: Sequence[int]) -> None:
    """Write the file, whole or not at all.

    Parameters
    ----------
    path : Path
        Must not exist.
    entry : dict
        From `cluster_entry`.
    frames : sequence of int
        To predict on, in this order.

    Raises
    ------
    PackageProblem
        The disk would not take it.
    """
    part = path.with_name(".part." + path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(part, entry, frames)
        os.rename(str(part), str(path))
    except OSError as error:
        raise PackageProblem(
            tr(
                "The list of frames for the cluster could not be written to {}: {}. "
                "Nothing was submitted."
            ).format(path.parent, error.strerror or error)
        ) from error
    finally:
        if part.exists():
            part.unlink()


def _write(path: Path, entry: Dict[str, Any], frames: Sequence[int]) -> None:
    import h5py
    import numpy as np

    with h5py.File(str(path), "w") as file:
        metadata = file.create_group("metadata")
        metadata.attrs["format_id"] = 1.2
        metadata.attrs["json"] = np.bytes_(_json(_METADATA))
        for name, rows in (
            ("videos_json", [_json(entry)]),
            ("tracks_json", []),
            ("suggestions_json", []),
        ):
            file.create_dataset(name, data=_rows(rows), maxshape=(None,))
        for name, columns in _TABLES.items():
            length = len(frames) if name == "frames" else 0
            data = np.zeros((length,), dtype=np.dtype(columns))
            if length:
                data["frame_id"] = np.arange(length)
                data["frame_idx"] = frames
            file.create_dataset(name, data=data, maxshape=(None,))


def _rows(texts: List[bytes]) -> Any:
    import numpy as np

    return np.array(texts, dtype="S") if texts else np.array([], dtype="S1")


def _json(value: Any) -> bytes:
    text = json.dumps(value, separators=(",", ":"), default=_plain)
    return text.encode("ascii")


def _plain(value: Any) -> Any:
    """What numpy has instead of numbers."""
    return value.item()


def write_inputs(
    videos: Sequence[VideoInput],
    names: Sequence[str],
    folder: Path,
    to_cluster: Callable[[str], Any],
) -> None:
    """Write the small project of each video that has a name here, into a job's folder.

    Parameters
    ----------
    names : sequence of str
        From `session.plan.input_names`.

    Raises
    ------
    NotOnMount, PackageProblem, RemoteError
        Nothing was submitted.
    """
    for video, name in zip(videos, names):
        if name:
            spans = chosen(video.frames, video.length, video.title)
            entry = cluster_entry(video.entry, to_cluster)
            write_input(folder / name, entry, list(numbers_of(spans)))
