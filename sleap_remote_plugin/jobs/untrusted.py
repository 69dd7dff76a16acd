"""Files that anybody may have written: read within limits, and never carried out.

A job's folder is on a shared disk. A file in it may be a pipe, a device, a gigabyte
long, or made to hurt who opens it. What the values mean is the caller's business.
"""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any, BinaryIO, List, Set

import yaml

from sleap_remote_plugin.words import tr

#: Bytes of a config, a record or a list of jobs: SLEAP's have some thousands.
MOST_TEXT = 8 << 20
_DEEPEST = 100
_MOST_EVENTS = 500_000
_MOST_ALIASES = 20
_LONGEST_NUMBER = 400
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
#: jsonpickle's words in SLEAP's skeletons, and the classes that they may name.
_JSONPICKLE_WORDS = {"object", "type", "reduce", "tuple", "id", "b64", "state"}
_JSONPICKLE_CLASS = re.compile(r"sleap\.skeleton\.(Node|EdgeType|Skeleton)")


class Unfit(ValueError):
    """What is wrong with a file, to stand behind its name: ``is no ordinary file``."""


def shown(text: Any) -> str:
    """A name or text of a stranger's on one line, without power over what shows it."""
    return _CONTROL.sub("\ufffd", str(text))


def open_plain(path: Path) -> BinaryIO:
    """Open an ordinary file; a pipe or a device is not waited for.

    Raises
    ------
    OSError, Unfit
        It cannot be opened, or is no ordinary file.
    """
    if not stat.S_ISREG(os.stat(str(path)).st_mode):
        raise Unfit(tr("is no ordinary file, so it was not opened"))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(str(path), flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Unfit(tr("is no ordinary file, so it was not opened"))
    return file


def read_whole(path: Path, most: int = MOST_TEXT) -> bytes:
    """All bytes of an ordinary file. Raises OSError, Unfit (larger than `most`)."""
    with open_plain(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise Unfit(tr("is larger than {:,} bytes, so it was not read").format(most))
    return data


def read_config(path: Path) -> Any:
    """Values of a ``.json`` or ``.yaml`` file.

    Raises
    ------
    OSError, Unfit
        It cannot be read; or it is cut short, nested too deeply, a bomb of aliases, or
        names code to be run.
    """
    text = read_whole(path)
    return read_json(text) if path.suffix == ".json" else read_yaml(text)


def read_json(data: bytes) -> Any:
    """Values of a JSON text, which must not name code for SLEAP 1.3 to run."""
    try:
        values = json.loads(data.decode("utf-8"), parse_int=_whole_number)
    except RecursionError:
        raise Unfit(tr("is nested too deeply to be read")) from None
    except ValueError as error:
        raise Unfit(tr("is not whole, or no JSON")) from error
    check_jsonpickle(values)
    return values


def read_yaml(data: bytes) -> Any:
    """Values of a YAML text."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = data.decode("utf-8")
        check_yaml(text, loader)
        return yaml.load(text, Loader=loader)
    except Unfit:
        raise
    except RecursionError:
        raise Unfit(tr("is nested too deeply to be read")) from None
    except (ValueError, TypeError, yaml.YAMLError) as error:
        if "nesting depth" in str(error):  # libyaml has a limit of its own by now
            raise Unfit(tr("is nested too deeply to be read")) from error
        raise Unfit(tr("is not whole, or no YAML")) from error


def check_yaml(text: str, loader: Any) -> None:
    """Look at the structure alone: small texts can stand for endless ones."""
    depth = aliases = 0
    open_anchors: List[str] = []
    for count, event in enumerate(yaml.parse(text, Loader=loader)):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
            if event.anchor in open_anchors:
                raise Unfit(tr("contains itself"))
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            open_anchors.append(event.anchor or "")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            open_anchors.pop()
        if depth > _DEEPEST:
            raise Unfit(tr("is nested too deeply to be read"))
        if count > _MOST_EVENTS or aliases > _MOST_ALIASES:
            raise Unfit(tr("repeats itself too often to be read"))


def check_jsonpickle(values: Any) -> None:
    """See that JSON names no code to be run.

    SLEAP 1.3 and 1.4 read skeletons with jsonpickle, which calls what a text names.
    SLEAP's own texts name nodes and kinds of edges, and nothing else.

    Raises
    ------
    Unfit
        Something else is named.
    """
    seen: Set[int] = set()
    left = [values]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left.extend(value)
        elif isinstance(value, dict) and id(value) not in seen:
            seen.add(id(value))
            for key, item in value.items():
                _check_jsonpickle_key(str(key), item)
                left.append(item)


def _check_jsonpickle_key(key: str, item: Any) -> None:
    if not key.startswith("py/"):
        return
    word = key[3:]
    names_class = word in ("object", "type")
    known = word in _JSONPICKLE_WORDS
    if known and names_class:
        known = isinstance(item, str) and bool(_JSONPICKLE_CLASS.fullmatch(item))
    if not known:
        raise Unfit(tr("names code to be run, so it was not opened"))


def _whole_number(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(tr("a number of {} digits").format(len(text)))
    return int(text)
