"""Environment modules: listed with their files' age, and asked for their SLEAP.

Both module systems (Environment Modules, Lmod) are understood. Which of the modules
is chosen is in jobs/version_match.py; what is remembered, in session/offers.py.
"""

from __future__ import annotations

import re
import shlex
from typing import Dict, List, NamedTuple, Sequence, Tuple

from sleap_remote_plugin.shipped import shipped
from sleap_remote_plugin.slurm.site import read_modules
from sleap_remote_plugin.slurm.text import lines_of

Argv = Tuple[str, ...]

_MARK = "@module-file"
_LIST = """\
list=$(module -t avail {pattern} 2>&1)
printf '%s\\n' "$list"
folder=
printf '%s\\n' "$list" | while IFS= read -r line; do
  case $line in /*:) folder=${{line%:}}; continue ;; esac
  name=${{line%%[ (<]*}}
  [ -n "$folder" ] && [ -n "$name" ] || continue
  for file in "$folder/$name" "$folder/$name.lua"; do
    [ -f "$file" ] && stat -L -c '{mark} %Y.%s '"$name" -- "$file" 2>/dev/null
  done
done
"""
_STATUS = "ok said bare broken none container unknown slow late nomodule"
_LINE = re.compile(
    r"@sleap-module (\S+) ({})(?: (.*))?".format(_STATUS.replace(" ", "|")), re.ASCII
)
_VERSION = re.compile(r"\d+(\.\d+)+[0-9A-Za-z.+-]{0,20}", re.ASCII)


class Listed(NamedTuple):
    """A module, and its file's time and size as one word (empty: not known)."""

    name: str
    stamp: str = ""


class ModuleAnswer(NamedTuple):
    """What a module said when it was asked for its SLEAP.

    Attributes
    ----------
    status : str
        ``ok`` (the version was read off its files), ``said`` (it says so itself),
        ``bare`` (SLEAP without its commands), ``none`` (no SLEAP), ``broken`` (it
        cannot be loaded; `words` are its own), ``container``, ``unknown``, ``slow``,
        ``late`` (its turn did not come), ``nomodule`` (there are no modules at all).
    """

    name: str
    status: str
    version: str = ""
    words: str = ""


def list_modules(pattern: str) -> Argv:
    """Modules whose name begins so, and how old their files are."""
    line = _LIST.format(pattern=shlex.quote(pattern), mark=_MARK)
    return ("bash", "-lc", line)


def read_list(text: str) -> Tuple[Listed, ...]:
    """What `list_modules` printed."""
    stamps: Dict[str, str] = {}
    plain: List[str] = []
    for line in lines_of(text):
        words = line.split()
        if words[:1] != [_MARK]:
            plain.append(line)
        elif len(words) == 3 and re.fullmatch(r"[\d.]{1,40}", words[1], re.ASCII):
            stamps.setdefault(words[2], words[1])
    return tuple(Listed(n, stamps.get(n, "")) for n in read_modules("\n".join(plain)))


def ask_modules(names: Sequence[str], each: int, together: int) -> Argv:
    """Which SLEAP these modules load, in one command.

    Parameters
    ----------
    each, together : int
        Seconds after which a module, and all of them, are given up.
    """
    script = shipped("templates", "sleap_of_modules.sh").read_text("utf-8")
    return ("bash", "-lc", script, "bash", str(together), str(each)) + tuple(names)


def read_answers(text: str) -> Tuple[ModuleAnswer, ...]:
    """What `ask_modules` printed; a foreign line is passed over."""
    found: Dict[str, ModuleAnswer] = {}
    for line in lines_of(text):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            continue
        name, status, words = match.group(1), match.group(2), match.group(3) or ""
        words = words.strip()
        version = ""
        if status in ("ok", "said", "bare"):
            if not _VERSION.fullmatch(words):
                status, words = "unknown", ""
            version, words = words, ""
        found.setdefault(name, ModuleAnswer(name, status, version, words[:300]))
    return tuple(found.values())
