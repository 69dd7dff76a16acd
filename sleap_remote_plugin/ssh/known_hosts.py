"""known_hosts files: which lines are for a host. Read only; names as in OpenSSH.

What follows from a line is in host_keys.py.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Tuple

from sleap_remote_plugin.ssh.patterns import list_matches, matches
from sleap_remote_plugin.words import tr

_MARKERS = {b"@revoked": "revoked", b"@cert-authority": "authority"}


@dataclass(frozen=True)
class PinnedKey:
    """One line of a known_hosts file.

    Attributes
    ----------
    where : str
        For messages: file and line.
    mark : str
        ``revoked``, ``authority`` (it signs host certificates), or empty.
    """

    key_type: str
    blob: bytes
    where: str
    mark: str = ""


class Found(NamedTuple):
    """The lines of a host in one file, and a sentence for each that is left out."""

    pins: Tuple[PinnedKey, ...] = ()
    complaints: Tuple[str, ...] = ()


class KnownHosts:
    """Looks names up; a file that has not changed is not read again."""

    def __init__(self) -> None:
        self._kept: Dict[Tuple[Path, str], Tuple[Tuple[int, ...], Found]] = {}
        self._lock = threading.Lock()

    def find(self, path: Path, name: str) -> Found:
        """The lines of `name` in a file; none where there is no such file."""
        try:
            about = os.stat(str(path))
            if stat.S_ISDIR(about.st_mode):
                raise IsADirectoryError(tr("it is a folder"))
            if not stat.S_ISREG(about.st_mode):
                return Found()  # /dev/null
            state = (about.st_mtime_ns, about.st_size, about.st_ino)
            with self._lock:
                before, found = self._kept.get((path, name), ((), Found()))
            if before != state:
                found = _read(path, name)
                with self._lock:
                    self._kept[path, name] = (state, found)
        except FileNotFoundError:
            return Found()
        except OSError as error:
            return Found((), (tr("{} cannot be read: {}").format(path, error),))
        return found


def _read(path: Path, name: str) -> Found:
    pins: List[PinnedKey] = []
    complaints: List[str] = []
    with path.open("rb") as file:
        for where, mark, key_type, text in _lines_of(file, name.lower(), str(path)):
            try:
                blob = base64.b64decode(text, validate=True)
            except binascii.Error:
                blob = b""
            if not _is_of_type(blob, key_type):
                complaints.append(tr("{} is damaged and is left out").format(where))
                continue
            pins.append(PinnedKey(key_type.decode("ascii"), blob, where, mark))
    return Found(tuple(pins), tuple(complaints))


def _lines_of(
    file: Iterator[bytes], name: str, path: str
) -> Iterator[Tuple[str, str, bytes, bytes]]:
    for number, line in enumerate(file, 1):
        fields = line.split(None, 4)
        if not fields or fields[0].startswith(b"#"):
            continue
        mark = ""
        if fields[0].startswith(b"@"):
            mark = _MARKERS.get(fields.pop(0), "unknown")
        if mark == "unknown" or len(fields) < 3:
            continue
        if _names_match(fields[0].decode("utf-8", "replace"), name):
            yield "{}, line {}".format(path, number), mark, fields[1], fields[2]


def _is_of_type(blob: bytes, key_type: bytes) -> bool:
    """Whether a key begins with its own type, as each does."""
    return blob.startswith(len(key_type).to_bytes(4, "big") + key_type)


def _names_match(names: str, name: str) -> bool:
    if names.startswith("|1|"):
        return _hashed_matches(names, name)
    if "," not in names and not names.startswith("!"):
        return matches(name, names.lower())
    return list_matches(name, names.lower())


def _hashed_matches(hashed: str, name: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part) for part in hashed[3:].split("|"))
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(hmac.digest(salt, name.encode("utf-8"), "sha1"), digest)
