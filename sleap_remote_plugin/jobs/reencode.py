"""The command that writes a video anew, for the user's own shell."""

from __future__ import annotations

import ntpath
import posixpath
import shlex
from typing import List

#: As SLEAP's makers advise: every frame can be found, and nothing is seen to be lost.
_OPTIONS = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "superfast")


def reencode_argv(path: str, is_windows: bool) -> List[str]:
    """The words of the command; it never writes over the video itself."""
    paths = ntpath if is_windows else posixpath
    stem = paths.splitext(path)[0]
    given = path if not path.startswith("-") else "./" + path
    target = (stem if not stem.startswith("-") else "./" + stem) + ".reencoded.mp4"
    return ["ffmpeg", "-n", "-i", given, *_OPTIONS, "-crf", "23", target]


def reencode_line(path: str, is_windows: bool) -> str:
    """The command as it is pasted: into cmd.exe or PowerShell, or into a shell."""
    words = reencode_argv(path, is_windows)
    if is_windows:
        return " ".join(_windows(word) for word in words)
    return " ".join(shlex.quote(word) for word in words)


def _windows(word: str) -> str:
    """Quoted for cmd.exe: names on Windows have no quotation marks in them."""
    plain = word.replace("\\", "").replace(":", "").replace(".", "").replace("-", "")
    return word if plain.isalnum() else '"{}"'.format(word)
