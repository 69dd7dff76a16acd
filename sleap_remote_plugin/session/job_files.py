"""Where a job's files are, here and on the cluster, and which of them are there.

Looks only; what a file is worth is collect.py's.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import List, NamedTuple, Optional

from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.record import SCRIPT_NAME
from sleap_remote_plugin.jobs.untrusted import shown
from sleap_remote_plugin.session.follow import log_names
from sleap_remote_plugin.words import tr

#: Logs, models or predictions that are named one by one; a large array has more.
MOST = 50


class FilePlace(NamedTuple):
    """A file or folder of a job.

    Attributes
    ----------
    title : str
        What it is.
    here : str
        Its path on this machine; empty: on no disk of it.
    there : str
        Its path on the cluster; empty: the cluster does not have it.
    is_there : bool or None
        None: it could not be looked at.
    is_text : bool
        Whether a click may open the file itself, and not only its folder.
    """

    title: str
    here: str
    there: str = ""
    is_there: Optional[bool] = None
    is_text: bool = False


def places_of(job: Job, folder: Optional[Path], rounds: str) -> List[FilePlace]:
    """The job's files in the order in which they are looked for.

    Parameters
    ----------
    folder : Path or None
        The job's as this machine spells it; None: on no disk of it.
    rounds : str
        The file that tells of the project's rounds; empty: there is none.
    """
    project = Path(job.project) if job.project else None
    found = []
    if project is not None:
        found.append(FilePlace(tr("Project"), job.project, "", _there(project)))
    if rounds:
        found.append(FilePlace(tr("Rounds"), rounds, "", True, True))
    if not job.folder:
        return found
    here = str(folder) if folder is not None else ""
    found.append(FilePlace(tr("Folder"), here, job.folder, _there(folder)))
    found.append(_in(job, folder, tr("Script"), SCRIPT_NAME, True))
    logs = log_names(job)
    for place, name in enumerate(logs[:MOST]):
        title = tr("Log") if len(logs) == 1 else "Log: " + job.tasks[place].title
        found.append(_in(job, folder, title, name, True))
    what = tr("Model") if job.kind is JobKind.TRAIN else tr("Predictions")
    for task in job.tasks[:MOST]:
        title = "{}: {}".format(what, shown(task.title))
        found.append(_in(job, folder, title, task.output, False))
    return found


def _in(
    job: Job, folder: Optional[Path], title: str, name: str, is_text: bool
) -> FilePlace:
    path = folder / name if folder is not None and name else None
    return FilePlace(
        shown(title),
        str(path) if path is not None else "",
        posixpath.join(job.folder, name) if name else "",
        _there(path),
        is_text,
    )


def _there(path: Optional[Path]) -> Optional[bool]:
    if path is None:
        return None
    try:
        return path.exists()
    except (OSError, ValueError):
        return None
