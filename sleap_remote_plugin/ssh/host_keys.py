"""Pinned host keys: looked up in the user's known_hosts and our own, never guessed.

The user's files are only read. What the user trusts through us goes into our own
file. Host certificates are not looked at: a host is known by its plain key.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    HostKeyChanged,
    HostKeyUnknown,
    RemoteError,
)

_LOGGER = logging.getLogger(__name__)

_HELD_BACK = "Nothing was sent, your password included."


@dataclass(frozen=True)
class PinnedKey:
    """One line of a known_hosts file."""

    key_type: str
    blob: bytes
    where: str
    revoked: bool = False


def fingerprint(key: Any) -> str:
    """``SHA256:...`` as OpenSSH writes it, of a paramiko key or a key's bytes."""
    blob = key if isinstance(key, bytes) else key.asbytes()
    digest = hashlib.sha256(blob).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


def known_name(host: str, port: int = 22) -> str:
    """How known_hosts files a host."""
    return host.lower() if port == 22 else "[{}]:{}".format(host.lower(), port)


def route_name(names: Sequence[str]) -> str:
    """How our own file files a host that is reached through others.

    Two clusters may each have a ``gateway``; the way there tells them apart.
    """
    return "+via+".join(reversed(list(names)))


class HostKeys:
    """Looks keys up and remembers trusted ones.

    Parameters
    ----------
    own_file : Path
        Where trusted keys go; made when the first one is trusted.
    user_files : sequence of Path, optional
        Read before our own; by default OpenSSH's.
    """

    def __init__(
        self, own_file: Path, user_files: Optional[Sequence[Path]] = None
    ) -> None:
        self.own_file = Path(own_file)
        self.user_files = (
            (
                Path("~/.ssh/known_hosts").expanduser(),
                Path("~/.ssh/known_hosts2").expanduser(),
                Path("/etc/ssh/ssh_known_hosts"),
            )
            if user_files is None
            else tuple(Path(path) for path in user_files)
        )
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "HostKeys({!r})".format(str(self.own_file))

    def lookup(self, name: str, route: str = "") -> List[PinnedKey]:
        """What is pinned: the user's under `name`, ours under `route` (or `name`)."""
        found: List[PinnedKey] = []
        for path in self.user_files:
            found.extend(_pinned(path, name))
        found.extend(_pinned(self.own_file, route or name))
        return found

    def key_types(self, name: str, route: str = "") -> Tuple[str, ...]:
        """The types that are pinned: asked for first, as OpenSSH does."""
        pinned = self.lookup(name, route)
        return tuple(dict.fromkeys(pin.key_type for pin in pinned if not pin.revoked))

    def check(self, name: str, key: Any, route: str = "", shown: str = "") -> None:
        """Pass only a pinned key.

        Parameters
        ----------
        name : str
            ``host`` or ``[host]:port``.
        key : paramiko.PKey
            What the host showed.
        route : str
            The name in our own file, where hosts are on the way.
        shown : str
            How messages call the host.

        Raises
        ------
        HostKeyUnknown, HostKeyChanged
        """
        shown = shown or name
        blob, key_type = key.asbytes(), key.get_name()
        pinned = self.lookup(name, route)
        for pin in pinned:
            if pin.revoked and pin.blob == blob:
                raise _revoked(shown, key_type, blob, pin)
        pinned = [pin for pin in pinned if not pin.revoked]
        if any(pin.blob == blob for pin in pinned):
            return
        for pin in pinned:
            if pin.key_type == key_type:
                raise _changed(shown, key_type, blob, pin)
        raise _unknown(shown, route or name, key_type, blob, pinned)

    def trust(self, error: HostKeyUnknown) -> None:
        """Pin the key that `error` shows; the user said yes.

        Raises
        ------
        RemoteError
            Our file cannot be written.
        """
        blob = base64.b64decode(error.key)
        with self._lock:
            if any(pin.blob == blob for pin in _pinned(self.own_file, error.host)):
                return
            line = "{} {} {}\n".format(error.host, error.key_type, error.key)
            try:
                self._append(line.encode("ascii"))
            except (OSError, UnicodeEncodeError) as problem:
                raise RemoteError(
                    "The key of {} could not be remembered in {}: {}. Make that file "
                    "writable and connect again; nothing was sent to the host.".format(
                        error.host, self.own_file, problem
                    )
                ) from problem

    def _append(self, line: bytes) -> None:
        self.own_file.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        handle = os.open(str(self.own_file), flags, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size:
                os.lseek(handle, size - 1, os.SEEK_SET)
                if os.read(handle, 1) != b"\n":
                    line = b"\n" + line
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)


# -- reading known_hosts -------------------------------------------------------------


def _pinned(path: Path, name: str) -> List[PinnedKey]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        _LOGGER.warning("%s cannot be read and is left out: %s", path, error)
        return []
    return list(_read_pins(data, name, str(path)))


def _read_pins(data: bytes, name: str, where: str) -> Iterator[PinnedKey]:
    for number, line in enumerate(data.splitlines(), 1):
        fields = line.decode("utf-8", "replace").split()
        if not fields or fields[0].startswith("#"):
            continue
        marker = fields.pop(0) if fields[0].startswith("@") else ""
        if marker not in ("", "@revoked") or len(fields) < 3:
            continue
        names, key_type, text = fields[:3]
        if not _names_match(names, name):
            continue
        try:
            blob = base64.b64decode(text.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            _LOGGER.warning("%s, line %d is damaged and is left out", where, number)
            continue
        yield PinnedKey(
            key_type, blob, "{}, line {}".format(where, number), marker == "@revoked"
        )


def _names_match(names: str, name: str) -> bool:
    if names.startswith("|1|"):
        return _hashed_matches(names, name)
    matched = False
    for pattern in names.lower().split(","):
        negated = pattern.startswith("!")
        if _pattern_matches(pattern[1:] if negated else pattern, name.lower()):
            if negated:
                return False
            matched = True
    return matched


def _pattern_matches(pattern: str, name: str) -> bool:
    # Brackets are part of a name here ("[host]:port"), not a set of characters.
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def _hashed_matches(hashed: str, name: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part) for part in hashed[3:].split("|"))
    except (ValueError, binascii.Error):
        return False
    made = hmac.new(salt, name.lower().encode("utf-8"), hashlib.sha1).digest()
    return hmac.compare_digest(made, digest)


# -- sentences -----------------------------------------------------------------------


def _unknown(
    shown: str, filed: str, key_type: str, blob: bytes, others: Sequence[PinnedKey]
) -> HostKeyUnknown:
    warning = ""
    if others:
        warning = (
            " Beware: another type of key is known for it ({}, {}), which it no longer "
            "offers.".format(others[0].key_type, others[0].where)
        )
    return HostKeyUnknown(
        "{} was never connected to from here. Its {} key has the fingerprint {}.{} "
        "{} Compare the fingerprint with the one that the cluster's people publish, "
        "and trust the host only if they are the same.".format(
            shown, key_type, fingerprint(blob), warning, _HELD_BACK
        ),
        host=filed,
        key_type=key_type,
        fingerprint=fingerprint(blob),
        key=base64.b64encode(blob).decode("ascii"),
        shown=shown,
    )


def _changed(shown: str, key_type: str, blob: bytes, pin: PinnedKey) -> HostKeyChanged:
    return HostKeyChanged(
        "{} shows another {} key than before: somebody may be listening in, or the "
        "host was set up anew. {} Ask the cluster's people whether the fingerprint is "
        "now {}; only if they say so, delete the old key ({}) and connect "
        "again.".format(shown, key_type, _HELD_BACK, fingerprint(blob), pin.where),
        detail="pinned {} ({})".format(fingerprint(pin.blob), pin.where),
    )


def _revoked(shown: str, key_type: str, blob: bytes, pin: PinnedKey) -> HostKeyChanged:
    return HostKeyChanged(
        "{} shows a {} key that is marked as revoked ({}; fingerprint {}). {} Ask the "
        "cluster's people; don't sign in there until they have answered.".format(
            shown, key_type, pin.where, fingerprint(blob), _HELD_BACK
        ),
        detail=pin.where,
    )
