"""The lines of an ssh config file and of what it includes; a broken one is told.

As OpenSSH takes lines apart; what they mean is in config.py. Where OpenSSH would
refuse to run at all (a line that it does not understand, a file that others can
write), the line or the file is left out.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Optional, Tuple

from sleap_remote_plugin.words import tr

Tell = Callable[[str], None]

_KEYWORD = re.compile(r'[ \t\r]*"?([^\s="]+)"?(?:[ \t\r]*=[ \t\r]*|[ \t\r]+)(.+)')
_DEEPEST = 16
_MOST_FILES = 256
_LARGEST = 4 << 20  # bytes


@dataclass(frozen=True)
class Line:
    """One setting.

    Attributes
    ----------
    keyword : str
        In lower case.
    words, text : tuple of str, str
        What follows, taken apart and as it stands.
    where : str
        For messages: file and line.
    included : tuple
        The lines of each file that an Include names.
    """

    keyword: str
    words: Tuple[str, ...]
    text: str
    where: str
    included: Tuple[Tuple[Line, ...], ...] = ()


def read_config(path: Path, tell: Tell, is_users: bool = True) -> Tuple[Line, ...]:
    """The lines of a configuration; none where there is no such file.

    Parameters
    ----------
    tell : callable
        Gets a sentence for each thing that is left out.
    is_users : bool
        Whether it is the user's own, so that nobody else may write to it.
    """
    reading = _Reading(path.parent, tell, is_users)
    return reading.lines(path, 0, checked=is_users)


class _Reading:
    def __init__(self, base: Path, tell: Tell, is_users: bool) -> None:
        self._base = base
        self._tell = tell
        self._is_users = is_users
        self._files = 0

    def lines(self, path: Path, depth: int, checked: bool) -> Tuple[Line, ...]:
        self._files += 1
        text = self._text(path, checked)
        found = []
        for number, line in enumerate(text.split("\n"), 1):
            made = self._line(line, "{}, line {}".format(path, number), depth)
            if made is not None:
                found.append(made)
        return tuple(found)

    def _text(self, path: Path, checked: bool) -> str:
        try:
            about = os.stat(str(path))
            if stat.S_ISDIR(about.st_mode):
                raise IsADirectoryError(tr("it is a folder"))
            if not stat.S_ISREG(about.st_mode):
                return ""  # /dev/null, or something that could be waited on for ever
            if checked and others_may_write(about):
                self._tell(
                    tr(
                        "{} is left out: others can write to it. Run chmod go-w on it."
                    ).format(path)
                )
                return ""
            if about.st_size > _LARGEST:
                self._tell(tr("{} is left out: it is too large.").format(path))
                return ""
            data = path.read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            self._tell(tr("{} cannot be read and is left out: {}").format(path, error))
            return ""
        if b"\x00" in data:
            self._tell(tr("{} is left out: it is not text.").format(path))
            return ""
        return data.decode("utf-8-sig", "replace")

    def _line(self, line: str, where: str, depth: int) -> Optional[Line]:
        line = line.rstrip(" \t\r\f")
        if not line or line.lstrip(" \t\r").startswith("#"):
            return None
        match = _KEYWORD.match(line)
        words = None if match is None else split_words(match.group(2))
        if match is None or not words:
            self._tell(tr("{} is not understood: left out.").format(where))
            return None
        keyword = match.group(1).lower()
        included: Tuple[Tuple[Line, ...], ...] = ()
        if keyword == "include":
            included = self._included(words, where, depth)
        return Line(keyword, tuple(words), match.group(2), where, included)

    def _included(
        self, words: List[str], where: str, depth: int
    ) -> Tuple[Tuple[Line, ...], ...]:
        found: List[Tuple[Line, ...]] = []
        for word in words:
            pattern = os.path.expanduser(word)
            if not os.path.isabs(pattern):
                pattern = os.path.join(glob.escape(str(self._base)), pattern)
            for name in sorted(glob.glob(pattern)):
                if depth >= _DEEPEST or self._files >= _MOST_FILES:
                    self._tell(tr("{}: too many Includes: left out.").format(where))
                    return tuple(found)
                found.append(self.lines(Path(name), depth + 1, checked=True))
        return tuple(found)


def others_may_write(about: os.stat_result) -> bool:
    """Whether somebody beside root and us can write to a file.

    A group of our own, with our name and nobody else in it, is us.
    """
    if not hasattr(os, "getuid"):  # Windows has no such bits
        return False
    if about.st_uid not in (0, os.getuid()) or about.st_mode & stat.S_IWOTH:
        return True
    return bool(about.st_mode & stat.S_IWGRP) and not _is_own_group(about.st_gid)


def _is_own_group(gid: int) -> bool:
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(gid), pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return group.gr_gid == user.pw_gid and not set(group.gr_mem) - {user.pw_name}


def split_words(text: str) -> Optional[List[str]]:
    """Words as OpenSSH's argv_split() makes them; None for a quote without its end."""
    words: List[str] = []
    word: Optional[str] = None
    quote = ""
    at = 0
    while at < len(text):
        here, after = text[at], text[at + 1 : at + 2]
        if word is None and not here.strip(" \t"):
            at += 1
            continue
        if word is None:
            if here == "#":
                break
            word = ""
        if here == "\\" and (after in ("'", '"', "\\") or (after == " " and not quote)):
            word += after
            at += 1
        elif not quote and here in " \t":
            words.append(word)
            word = None
        elif not quote and here in "'\"":
            quote = here
        elif here == quote:
            quote = ""
        else:
            word += here
        at += 1
    if quote:
        return None
    if word is not None:
        words.append(word)
    return words
