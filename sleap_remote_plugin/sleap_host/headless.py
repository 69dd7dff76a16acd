"""SLEAP's files without its window, for the command line.

The same host that works in a window, on labels that were opened from a file.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Optional, Sequence

from sleap_remote_plugin.errors import (
    PackageProblem,
    ProjectNotReady,
    ResultsDamaged,
)
from sleap_remote_plugin.jobs.generation import Generation, generation_of_configs
from sleap_remote_plugin.jobs.group import take_rights
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.qt.export import check_place, put_on_mount
from sleap_remote_plugin.qt.leftovers import local_folder
from sleap_remote_plugin.session.predicted import PredictionFile
from sleap_remote_plugin.sleap_host import attach, choosing, package
from sleap_remote_plugin.words import tr


@dataclass(frozen=True)
class LoadSummary:
    """What a load of predictions changed, and where the project is as it was.

    Attributes
    ----------
    remark : str
        A sentence on what is unusual; may be empty.
    """

    frames: int
    instances: int
    replaced: int
    backup: str
    remark: str = ""


def version() -> str:
    """Version of the SLEAP here; an error in a sentence where there is none."""
    found = attach.sleap_version()
    if not found:
        raise ProjectNotReady(
            tr(
                "This command needs SLEAP, which is not in this environment. Install "
                "the plugin into the environment that SLEAP is in."
            )
        )
    return found


def generation() -> Generation:
    """Generation of this environment's SLEAP."""
    version()
    return _host_on(None).generation


def generation_of_model(run: Path) -> Generation:
    """Generation that trained a run folder.

    Raises
    ------
    ProjectNotReady
        The folder is no trained run.
    """
    names = [path.name for path in run.glob("training_config.*")]
    found = generation_of_configs(names)
    if found is None:
        raise ProjectNotReady(
            tr(
                "{} is no folder of a trained model: it has no training_config. Name "
                "the folder under models/ that the training made."
            ).format(run)
        )
    return found


def open_inputs(paths: Sequence[str], dataset: str = "", input_format: str = "") -> Any:
    """A host on one project, or on videos and folders of images without one.

    Raises
    ------
    ProjectNotReady
        One of them cannot be opened.
    """
    if paths[0].endswith(".slp"):
        return _open(Path(paths[0]))
    version()
    host = _host_on(None)
    return _host_on(choosing.without_project(host, paths, dataset, input_format))


def export_package(
    project: Path, configs: Sequence[Path], folder: Path
) -> TrainingPackage:
    """Write a training package of a saved project; complete, or not there.

    Parameters
    ----------
    configs : sequence of Path
        Training profiles, one for each model.
    folder : Path
        Where the package goes; it does not exist yet. (Should another window be
        quicker, the package gets the next free name.)

    Raises
    ------
    ProjectNotReady, PackageProblem
        A sentence on what is missing; nothing is left.
    """
    host = _open(project)
    if not host.labels.user_labeled_frames:
        raise ProjectNotReady(
            tr(
                "{} has no labelled frames to learn from. Label some frames in SLEAP "
                "and save the project."
            ).format(project.name)
        )
    labels_name = package.labels_name(str(project))
    with local_folder() as name:
        local = Path(name)
        infos = [_config(host, path) for path in configs]
        frames = len(host.labels.user_labeled_frames)
        host.write_models(infos, local, labels_name, frames)
        snapshot = host.labels_snapshot(str(project))
        check_place(folder, host.labels_size(snapshot))
        host.write_labels(snapshot, local / labels_name, _go_on)
        return put_on_mount(
            local,
            folder,
            _go_on,
            lambda place: host.check_labels_file(place / labels_name, snapshot),
        )


def load_predictions(
    project: Path,
    predictions: Sequence[PredictionFile],
    cluster_path: Optional[Callable[[str], str]] = None,
) -> LoadSummary:
    """Put predictions into a project file; a copy of it is kept beside it.

    A link stays one: what it leads to is written. Who may read and write the project
    may still.

    Parameters
    ----------
    cluster_path : callable, optional
        As `Host.read_predictions` has it.

    Raises
    ------
    ResultsDamaged, ProjectNotReady
        The project is as it was.
    """
    host = _open(project)
    loaded = []
    for one in predictions:
        index = one.video_index if one.video_index >= 0 else _video(host, one.video)
        meant = one.meant._replace(place=index)
        loaded.append(host.read_predictions(one.path, [meant], cluster_path))
    remark = host.preview_predictions(loaded).beyond
    summary = host.merge_at_once(loaded)
    if project.is_symlink():
        project = project.resolve()
    backup = _free_name(project)
    part = project.with_name(".{}.part.slp".format(project.stem))
    try:
        host.save_labels_file(host.labels, part)
        shutil.copyfile(str(project), str(backup))
        for made in (part, backup):
            take_rights(made, project)
        os.replace(str(part), str(project))
    except OSError as error:
        raise ResultsDamaged(
            tr("{} could not be written: {}. It is as it was.").format(
                project, error.strerror or error
            )
        ) from error
    finally:
        if part.exists():
            part.unlink()
    return LoadSummary(
        summary.frames, summary.instances, summary.replaced, str(backup), remark
    )


def _video(host: Any, path: str) -> int:
    """The project's video of that path, where the job was not made from a project."""
    paths = [host.video_path(video) for video in host.labels.videos]
    if paths.count(path) != 1:
        raise ResultsDamaged(
            tr(
                "The predictions are of {}, which is not a video of this project. "
                "Nothing was loaded."
            ).format(path)
        )
    return paths.index(path)


def _free_name(project: Path) -> Path:
    number = 1
    while True:
        found = project.with_name("{}.before-load-{}.slp".format(project.stem, number))
        if not found.exists():
            return found
        number += 1


def _open(project: Path) -> Any:
    version()
    host = _host_on(None)
    try:
        labels = host.open_labels(project)
    except Exception as error:
        raise ProjectNotReady(
            tr("{} cannot be opened as a SLEAP project: {}").format(project, error),
            detail=repr(error),
        ) from error
    return _host_on(labels)


def _host_on(labels: Any) -> Any:
    # SLEAP's modules want a Qt platform even where no window is made.
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return attach.host_class()(
        SimpleNamespace(
            labels=labels, state={"skeleton": None}, _handle_learning_finished=_go_on
        )
    )


def _config(host: Any, path: Path) -> Any:
    from sleap.gui.learning.configs import TrainingConfigsGetter

    info = TrainingConfigsGetter([]).try_loading_path(str(path))
    if info is None or not info.head_name:
        raise PackageProblem(
            tr(
                "{} is no training profile of this SLEAP. Nothing was submitted; save "
                "one from SLEAP's training dialog."
            ).format(path)
        )
    return info


def _go_on(*_progress: Any) -> bool:
    return True
