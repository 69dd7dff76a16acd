"""What the user is told of a host's key: never seen, changed, revoked.

Which of them it is, is host_keys.py's.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Sequence

from sleap_remote_plugin.errors import ConnectionFailed, HostKeyChanged, HostKeyUnknown
from sleap_remote_plugin.ssh.known_hosts import PinnedKey
from sleap_remote_plugin.words import tr

_HELD_BACK = tr("Nothing was sent, your password included.")


def fingerprint(key: Any) -> str:
    """``SHA256:...`` as OpenSSH writes it, of a paramiko key or a key's bytes."""
    blob = key if isinstance(key, bytes) else key.asbytes()
    digest = hashlib.sha256(blob).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


class ShownKey:
    """One key that one host showed, and the sentences about it."""

    def __init__(self, shown: str, filed: str, key: Any, contact: str) -> None:
        self.shown = shown
        self.filed = filed
        self.key_type: str = key.get_name()
        self.blob: bytes = key.asbytes()
        self.fingerprint = fingerprint(self.blob)
        self.contact = contact
        self.note = ""

    def unknown(self, others: Sequence[PinnedKey]) -> HostKeyUnknown:
        if others:
            self.note += tr(
                " Beware: another type of key is known for it ({}, {}), which it no "
                "longer offers."
            ).format(others[0].key_type, others[0].where)
        return HostKeyUnknown(
            tr(
                "{} was never connected to from here. Its {} key has the fingerprint "
                "{}.{} {} Compare the fingerprint with the one that {} publish, and "
                "trust the host only if they are the same."
            ).format(
                self.shown,
                self.key_type,
                self.fingerprint,
                self.note,
                _HELD_BACK,
                self.contact,
            ),
            host=self.filed,
            key_type=self.key_type,
            fingerprint=self.fingerprint,
            key=base64.b64encode(self.blob).decode("ascii"),
            shown=self.shown,
            warning=self.note.strip(),
        )

    def refused(self) -> ConnectionFailed:
        return ConnectionFailed(
            tr(
                "{} is not in your known_hosts, and your ssh config refuses such hosts "
                "(StrictHostKeyChecking yes). {}{} Its {} key has the fingerprint {}. "
                "Ask {} whether that is right, then connect once with ssh in a "
                "terminal, or set StrictHostKeyChecking to ask."
            ).format(
                self.shown,
                _HELD_BACK,
                self.note,
                self.key_type,
                self.fingerprint,
                self.contact,
            )
        )

    def changed(self, pin: PinnedKey) -> HostKeyChanged:
        return HostKeyChanged(
            tr(
                "{} shows another {} key than before: somebody may be listening in, or "
                "the host was set up anew.{} {} Ask {} whether the fingerprint is now "
                "{}; only if they say so, delete the old key ({}) and connect again."
            ).format(
                self.shown,
                self.key_type,
                self.note,
                _HELD_BACK,
                self.contact,
                self.fingerprint,
                pin.where,
            ),
            detail="pinned {} ({})".format(fingerprint(pin.blob), pin.where),
        )

    def revoked(self, pin: PinnedKey) -> HostKeyChanged:
        return HostKeyChanged(
            tr(
                "{} shows a {} key that is marked as revoked ({}; fingerprint {}). {} "
                "Ask {}; don't sign in there until they have answered."
            ).format(
                self.shown,
                self.key_type,
                pin.where,
                self.fingerprint,
                _HELD_BACK,
                self.contact,
            ),
            detail=pin.where,
        )
