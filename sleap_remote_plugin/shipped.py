"""Where the files are that ship with the program: profiles, templates, icons."""

from __future__ import annotations

from pathlib import Path


def shipped(*parts: str) -> Path:
    """Path of a shipped file, in an installed package or in a checkout."""
    package = Path(__file__).resolve().parent
    root = package / "resources"
    if not root.is_dir():
        root = package.parent / "resources"
    return root.joinpath(*parts)
