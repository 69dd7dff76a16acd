"""The text files of a training package: written by SLEAP, made fit to be sent."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import Iterator

from sleap_remote_plugin.errors import PackageProblem

#: Written by SLEAP, of no use on the cluster, and full of local paths.
_SCRIPTS = ("train-script.sh", "inference-script.sh")


@contextlib.contextmanager
def working_directory_kept() -> Iterator[None]:
    """Come back to the working directory, which SLEAP leaves when it fails."""
    before = os.getcwd()
    try:
        yield
    finally:
        os.chdir(before)


def tidy(folder: Path) -> None:
    r"""Drop SLEAP's scripts, and end every line of the configs with ``\n`` only.

    Raises
    ------
    PackageProblem
        SLEAP wrote no jobs.yaml.
    """
    for name in _SCRIPTS:
        if (folder / name).exists():
            (folder / name).unlink()
    if not (folder / "jobs.yaml").is_file():
        raise PackageProblem(
            "SLEAP wrote no configuration: is this a SLEAP without training (sleap-nn "
            "missing)? Nothing was submitted. Install SLEAP with its training part, "
            "then export again."
        )
    for path in folder.iterdir():
        if path.suffix in (".json", ".yaml"):  # the labels may lie there already
            data = path.read_bytes()
            if b"\r\n" in data:
                path.write_bytes(data.replace(b"\r\n", b"\n"))


def could_not_write(error: Exception) -> PackageProblem:
    return PackageProblem(
        "SLEAP could not write the training configuration ({}). Nothing was submitted; "
        "check the settings in the training dialog.".format(error),
        detail=repr(error),
    )


def plain(html: str) -> str:
    """A message of SLEAP's dialogs without its markup."""
    text = re.sub(r"<br ?/?>|</div>|</li>", " ", html)
    text = re.sub(r"<[^>]*>|&#\d+;|&nbsp;", " ", text).replace("&ndash;&gt;", "->")
    text = text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    return " ".join(text.split())


def labels_name(project: str) -> str:
    """SLEAP's own name for a project's package: ``labels.v001.pkg.slp``."""
    return Path(project).with_suffix(".pkg.slp").name


def is_absolute(path: object) -> bool:
    """Whether a path is absolute on any system."""
    text = str(path or "")
    return bool(re.match(r"[/\\~]|[A-Za-z]:", text))
