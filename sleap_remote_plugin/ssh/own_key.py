"""The key that the user signs in with: the one there is, or a new one.

Nothing is ever overwritten. Where its public half goes is in key_install.py.
"""

from __future__ import annotations

import base64
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Tuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.keys import OfferedKeys, key_files
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.refusals import short
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr


@dataclass(frozen=True)
class OwnKey:
    """A key pair of the user's.

    Attributes
    ----------
    name : str
        How the user knows it: a file, or the agent's key.
    public : str
        Type and key, as authorized_keys has them; no comment.
    path : Path or None
        Its private half, where that is a file.
    """

    name: str
    public: str
    path: Optional[Path] = None


def find_own_key(
    hop: Hop, credentials: Credentials, deadlines: Deadlines, log: ConnectionLog
) -> Optional[OwnKey]:
    """The first key that this hop would be offered; one with a passphrase too."""
    with OfferedKeys(hop, deadlines.probe, log, credentials) as keys:
        for name, key in keys.found:
            path = _path_of(hop, name)
            shown = short(path) if path is not None else tr("the SSH agent's key")
            return OwnKey(shown, _public(key.asbytes()), path)
        for locked in keys.locked:
            if locked.blob:
                return OwnKey(short(locked.path), _public(locked.blob), locked.path)
    return None


def make_own_key(hop: Hop, passphrase: Secret) -> OwnKey:
    """A new Ed25519 key, where this hop's first key file is looked for.

    Parameters
    ----------
    passphrase : Secret
        Empty: whoever can read the file can sign in.

    Raises
    ------
    RemoteError
        It could not be written; nothing was changed.
    """
    path = (key_files(hop) or (Path("~/.ssh/id_ed25519").expanduser(),))[0]
    private, public = _pair(passphrase)
    comment = "{}@{}".format(hop.user, socket.gethostname())
    line = "{} {}\n".format(public, comment).encode("ascii", "replace")
    beside = path.with_name(path.name + ".pub")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(beside, line, 0o644)
        try:
            _write_new(path, private, 0o600)
        except OSError:
            beside.unlink()
            raise
    except FileExistsError as error:
        raise RemoteError(
            tr(
                "{} is there already, but is not a key that can be used here. Nothing "
                "was changed. Move it away and try again."
            ).format(error.filename or path)
        ) from error
    except OSError as error:
        raise RemoteError(
            tr(
                "No key could be written to {}: {}. Nothing was changed on the "
                "cluster. Make that folder writable and try again."
            ).format(path.parent, error)
        ) from error
    return OwnKey(short(path), public, path)


def _pair(passphrase: Secret) -> Tuple[bytes, str]:
    made = Ed25519PrivateKey.generate()
    lock: Any = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase.encode("utf-8"))
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, lock
    )
    public = made.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return private, public.decode("ascii")


def _write_new(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise


def _public(blob: bytes) -> str:
    size = int.from_bytes(blob[:4], "big")
    kind = blob[4 : 4 + size].decode("ascii", "replace")
    return "{} {}".format(kind, base64.b64encode(blob).decode("ascii"))


def _path_of(hop: Hop, name: str) -> Optional[Path]:
    return next((p for p in key_files(hop) if name == "key {}".format(p)), None)
