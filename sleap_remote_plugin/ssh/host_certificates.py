"""Host certificates as OpenSSH judges them; which authorities count is not here.

That the host holds the certified key was shown by the key exchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Tuple

from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.words import tr

#: What a server is asked for where an authority is known, the best first.
ALGORITHMS = tuple(
    kind + "-cert-v01@openssh.com"
    for kind in (
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "rsa-sha2-512",
        "rsa-sha2-256",
    )
)

_HOST = 2
# How many fields the key itself has, after the nonce.
_KEY_FIELDS = {"ssh-ed25519": 1, "ecdsa-sha2-nistp": 2, "ssh-rsa": 2}
# OpenSSH's CASignatureAlgorithms, as far as paramiko can check them: no SHA-1.
_SIGNATURES = {
    "ssh-ed25519": "ssh-ed25519",
    "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384": "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521": "ecdsa-sha2-nistp521",
    "rsa-sha2-512": "ssh-rsa",
    "rsa-sha2-256": "ssh-rsa",
}


@dataclass(frozen=True)
class Certificate:
    """What a certificate says; nothing of it is checked yet.

    Attributes
    ----------
    authority : bytes
        The key that is said to have signed it.
    """

    kind: int
    key_id: str
    principals: Tuple[str, ...]
    valid_after: int
    valid_before: int
    critical_options: bytes
    authority: bytes
    signed: bytes
    signature: bytes

    def problem(self, host: str, now: float) -> str:
        """Why it does not count for `host`; empty where it does."""
        if self.kind != _HOST:
            return tr("it is not for hosts")
        if now < self.valid_after:
            return tr("it is not valid yet")
        if now >= self.valid_before:
            return tr("it has expired")
        if self.principals and host not in self.principals:  # no patterns, as there
            return tr("it is for {}").format(", ".join(self.principals[:5]))
        if self.critical_options:
            return tr("it has critical options that are not known")
        if not self._is_signed():
            return tr("its signature is wrong")
        return ""

    def _is_signed(self) -> bool:
        kinds = {"ssh-rsa": paramiko.RSAKey, "ssh-ed25519": paramiko.Ed25519Key}
        try:
            key_type = paramiko.Message(self.authority).get_text()
            algorithm = paramiko.Message(self.signature).get_text()
            if _SIGNATURES.get(algorithm) != key_type:
                return False
            key = kinds.get(key_type, paramiko.ECDSAKey)(data=self.authority)
            return key.verify_ssh_sig(self.signed, paramiko.Message(self.signature))
        except Exception:  # a broken key makes any of a dozen errors
            return False


def read_certificate(key: Any) -> Optional[Certificate]:
    """The certificate that a host showed with its key; None for a plain key."""
    if key.public_blob is None:
        return None
    blob = key.public_blob.key_blob
    try:
        return _read(paramiko.Message(blob), blob)
    except UnicodeDecodeError:
        return None


def _read(message: Any, blob: bytes) -> Optional[Certificate]:
    kind = message.get_text()
    fields = next((n for k, n in _KEY_FIELDS.items() if kind.startswith(k)), None)
    if fields is None:
        return None
    for _ in range(1 + fields):  # the nonce, the key
        message.get_binary()
    message.get_int64()  # serial number
    return _read_rest(message, blob)


def _read_rest(message: Any, blob: bytes) -> Optional[Certificate]:
    kind = message.get_int()
    key_id = message.get_text()
    names = paramiko.Message(message.get_binary())
    principals = []
    while names.get_remainder():
        principals.append(names.get_text())
    after, before = message.get_int64(), message.get_int64()
    options = message.get_binary()
    message.get_binary()  # extensions: for users only
    message.get_binary()  # reserved
    authority = message.get_binary()
    signature = message.get_binary()
    signed = blob[: -4 - len(signature)]
    if message.get_remainder() or blob[len(signed) + 4 :] != signature:
        return None  # cut short
    return Certificate(
        kind,
        key_id,
        tuple(principals),
        after,
        before,
        options,
        authority,
        signed,
        signature,
    )
