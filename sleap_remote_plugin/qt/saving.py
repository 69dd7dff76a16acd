"""*Save as files*: folders for who submits by hand (*files lane*; no Qt here).

What is in them is session/by_hand.py's; each is there with all that it needs, or not at
all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Tuple

from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.package import TrainingPackage
from sleap_remote_plugin.jobs.prediction import VideoInput
from sleap_remote_plugin.qt import export
from sleap_remote_plugin.qt.host import Host
from sleap_remote_plugin.session import by_hand
from sleap_remote_plugin.session.chain import Then
from sleap_remote_plugin.session.plan import input_names

Texts = Dict[str, str]  # name -> text


def save_prediction(
    host: Host,
    session: Any,
    project: str,
    videos: Tuple[VideoInput, ...],
    texts_for: Callable[[Path], Texts],
) -> Path:
    """Make a prediction's folder; `texts_for` gives what a folder of a name gets."""
    target = Path(session.prepare_folder(project, JobKind.PREDICT))
    names = input_names(videos)

    def fill(folder: Path) -> None:
        if any(names):
            host.write_inputs(videos, names, folder, session.to_cluster)
        by_hand.write(folder, texts_for(target))

    found = export.make_folder(target, fill)
    if found != target:  # another window took the name meanwhile
        by_hand.write(found, texts_for(found))
    return found


def save_behind(
    host: Host,
    session: Any,
    project: str,
    package: TrainingPackage,
    then: Then,
    texts_for: Callable[[Then], Tuple[Texts, Texts]],
) -> Path:
    """Make the folder of what follows a package, and tell of it in the package's too.

    `texts_for` gives what both get. If it goes wrong, the package goes as well.
    """

    def both(folder: Path) -> Tuple[Texts, Texts]:
        return texts_for(then._replace(folder=folder))

    made = [package.folder]
    try:
        videos = then.request.videos
        folder = save_prediction(host, session, project, videos, lambda f: both(f)[1])
        made.append(folder)
        by_hand.write(package.folder, both(folder)[0])
    except Exception:  # raised again: both folders are left, or neither
        for one in made:
            export.remove_folder(one)
        raise
    return folder
