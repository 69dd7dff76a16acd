"""Where the files are that ship with the program: profiles, templates, icons."""

from __future__ import annotations

import email
from pathlib import Path
from typing import Optional


def shipped(*parts: str) -> Path:
    """Path of a shipped file, in an installed package or in a checkout."""
    package = Path(__file__).resolve().parent
    root = package / "resources"
    if not root.is_dir():
        root = package.parent / "resources"
    return root.joinpath(*parts)


def guide_folder() -> Optional[Path]:
    """The guide's pages, in an installed package or in a checkout; None: not there."""
    for folder in (shipped("guide"), shipped().parent / "docs"):
        if (folder / "index.md").is_file():
            return folder
    return None


def documentation_url() -> str:
    """What the package's metadata names as its documentation; empty: nothing."""
    installed = Path(__file__).resolve().parent.parent
    for file in installed.glob("sleap_remote_plugin-*.dist-info/METADATA"):
        metadata = email.message_from_string(file.read_text("utf-8"))
        for entry in metadata.get_all("Project-URL") or []:
            label, _, url = entry.partition(",")
            if label.strip().lower() == "documentation":
                return url.strip()
    return ""
