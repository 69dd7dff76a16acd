"""The user's own keys, in the order in which they are offered to a host.

How they are offered is in authentication.py; where passphrases are in credentials.py.
"""

from __future__ import annotations

import base64
import binascii
import logging
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Optional, Tuple

from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import OutOfTime, within
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

_LOGGER = logging.getLogger(__name__)

_USUAL_FILES = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
_KINDS: Tuple[Any, ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_MAGIC = b"openssh-key-v1\0"


class KeyIsLocked(Exception):
    """A key file wants a passphrase, or another one."""


@dataclass(frozen=True)
class LockedKey:
    """A key file that nobody has opened; `blob` is its public key, where known."""

    path: Path
    blob: bytes


class OfferedKeys:
    """Keys of the agent and of files; a context, since the agent is connected to.

    Parameters
    ----------
    credentials : Credentials
        Knows passphrases; one that opens its file no longer is forgotten.

    Attributes
    ----------
    found : list of (str, key)
        What to call it, and the key: those that ssh config names first.
    locked : list of LockedKey
        Files with a passphrase that nobody told; not those that the agent holds.
    """

    def __init__(
        self,
        hop: Hop,
        deadline: float,
        log: ConnectionLog,
        credentials: Credentials,
    ) -> None:
        self.found: List[Tuple[str, Any]] = []
        self.locked: List[LockedKey] = []
        self._hop = hop
        self._deadline = deadline
        self._log = log
        self._credentials = credentials
        self._agent: Any = None

    def __enter__(self) -> OfferedKeys:
        if not self._hop.offers_keys:
            self._log.add(self._hop.label, tr("ssh config wants no key to be offered"))
            return self
        paths = key_files(self._hop)
        agent_keys = [(tr("agent key"), key) for key in self._agent_keys()]
        in_agent = {key.asbytes() for _, key in agent_keys}
        blobs = {path: public_blob(path) for path in paths}
        wanted = {blob for blob in blobs.values() if blob}
        first = [pair for pair in agent_keys if pair[1].asbytes() in wanted]
        rest = [pair for pair in agent_keys if pair not in first]
        loaded = [
            self._load(path, blobs[path])
            for path in paths
            if blobs[path] not in in_agent
        ]
        files = [pair for pair in loaded if pair is not None]
        files = [pair for pair in files if pair[1].asbytes() not in in_agent]
        if self._hop.identities_only:
            rest = []
        named = bool(self._hop.identity_files)
        self.found = first + (files + rest if named else rest + files)
        return self

    def __exit__(self, *ignored: Any) -> None:
        if self._agent is not None:
            self._agent.close()

    def _agent_keys(self) -> Tuple[Any, ...]:
        where = self._hop.identity_agent
        if where == "none":
            return ()
        try:
            self._agent = within(
                self._deadline,
                lambda: _AgentAt(where) if where else paramiko.Agent(),
                discard=lambda agent: agent.close(),
            )
            return self._agent.get_keys()
        except OutOfTime:
            self._log.add(
                self._hop.label, tr("the SSH agent does not answer: left out")
            )
        except (paramiko.SSHException, OSError) as error:
            self._log.add(self._hop.label, tr("the SSH agent failed: {}").format(error))
        return ()

    def _load(self, path: Path, blob: bytes) -> Optional[Tuple[str, Any]]:
        if not path.exists():
            return None
        try:
            return "key {}".format(path), self._opened(path)
        except KeyIsLocked:
            self.locked.append(LockedKey(path, blob))
            self._log.add(self._hop.label, tr("{} has a passphrase").format(path))
        except (OSError, ValueError) as error:
            self._log.add(self._hop.label, "{}: {}".format(path, error))
        return None

    def _opened(self, path: Path) -> Any:
        try:
            return open_key(path)
        except KeyIsLocked:
            passphrase = self._credentials.passphrase(path)
            if passphrase is None:
                raise
        try:
            return open_key(path, passphrase)
        except KeyIsLocked:
            self._credentials.forget_passphrase(path)
            raise


_AgentSSH: Any = paramiko.agent.AgentSSH


class _AgentAt(_AgentSSH):
    """The agent at a socket of its own: IdentityAgent of ssh config."""

    def __init__(self, path: str) -> None:
        super().__init__()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(path)
            self._connect(sock)
        except BaseException:
            sock.close()
            raise

    def close(self) -> None:
        self._close()


def key_files(hop: Hop) -> Tuple[Path, ...]:
    """The key files for a hop: those that ssh config names, or the usual ones."""
    if hop.identity_files is not None:
        return hop.identity_files
    return tuple(Path(one).expanduser() for one in _USUAL_FILES)


def open_key(path: Path, passphrase: Optional[Secret] = None) -> Any:
    """The private key in a file.

    Raises
    ------
    KeyIsLocked
        It has a passphrase, and this is not it.
    ValueError
        It is not a key that can be used.
    OSError
    """
    kind_here = _key_type(public_blob(path))
    kinds = sorted(_KINDS, key=lambda kind: _stem(kind) not in kind_here)
    locked = False
    for kind in kinds:
        try:
            return kind.from_private_key_file(str(path), passphrase)
        except paramiko.PasswordRequiredException:
            raise KeyIsLocked(str(path)) from None
        except OSError:
            raise
        except Exception as error:  # a wrong passphrase makes any of a dozen errors
            locked = locked or passphrase is not None
            _LOGGER.debug("%s is no %s: %s", path, kind.__name__, type(error).__name__)
            if locked and _stem(kind) in kind_here:
                break
    if locked:
        raise KeyIsLocked(str(path)) from None
    raise ValueError(tr("it is not a key that can be used"))


def _stem(kind: Any) -> str:
    return kind.__name__[: -len("Key")].lower()


def _key_type(blob: bytes) -> str:
    return _strings(blob)[0].decode("ascii", "replace") if blob else ""


def public_blob(path: Path) -> bytes:
    """The public key of a private key file, however locked; empty where unknown.

    It is in the file itself in OpenSSH's format, or in a ``.pub`` beside it.
    """
    try:
        lines = path.read_bytes().split(b"-----")
        data = base64.b64decode(lines[2] if len(lines) > 2 else b"")
        if data.startswith(_MAGIC):
            _cipher, _kdf, _options, rest = _strings(data[len(_MAGIC) :], 3)
            return _strings(rest[4:])[0]
        public = path.parent / (path.name + ".pub")
        return paramiko.pkey.PublicBlob.from_file(str(public)).key_blob
    except (OSError, ValueError, IndexError, binascii.Error, struct.error) as error:
        _LOGGER.debug("%s: its public key is not known: %s", path, error)
        return b""


def _strings(data: bytes, count: int = 1) -> List[bytes]:
    """The first strings of SSH's wire format, and what is left."""
    found = []
    for _ in range(count):
        (size,) = struct.unpack(">I", data[:4])
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found + [data]
