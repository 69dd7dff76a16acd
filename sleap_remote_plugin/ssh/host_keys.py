"""Pinned host keys: looked up in the user's known_hosts and our own, never guessed.

The user's files are only read (known_hosts.py). What the user trusts through us goes
into our own file. A host certificate counts where a ``@cert-authority`` line of the
user's signs for the host; else the host is known by its plain key.
"""

from __future__ import annotations

import base64
import os
import threading
import time
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import HostKeyUnknown, RemoteError
from sleap_remote_plugin.ssh.host_certificates import (
    ALGORITHMS,
    Certificate,
    read_certificate,
)
from sleap_remote_plugin.ssh.host_key_words import ShownKey, fingerprint
from sleap_remote_plugin.ssh.known_hosts import Found, KnownHosts, PinnedKey
from sleap_remote_plugin.words import tr

__all__ = ["HostKeys", "fingerprint", "known_name", "route_name"]

_RSA_ALGORITHMS = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
_USUAL_FILES = (
    "~/.ssh/known_hosts",
    "~/.ssh/known_hosts2",
    "/etc/ssh/ssh_known_hosts",
    "/etc/ssh/ssh_known_hosts2",
)

Files = Optional[Sequence[Path]]


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
    contact : str
        Whom to ask about a key.
    now : callable
        Seconds since the epoch.
    """

    def __init__(
        self,
        own_file: Path,
        user_files: Files = None,
        contact: str = "",
        now: Callable[[], float] = time.time,
    ) -> None:
        self.own_file = Path(own_file)
        self.user_files = tuple(
            Path(path).expanduser()
            for path in (_USUAL_FILES if user_files is None else user_files)
        )
        self._contact = contact or tr("the cluster's people")
        self._now = now
        self._known_hosts = KnownHosts()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "HostKeys({!r})".format(str(self.own_file))

    # -- looking up --------------------------------------------------------------------

    def _found(self, name: str, route: str, files: Files) -> List[Found]:
        """The user's lines under `name`, ours under `route` (or `name`)."""
        users = self.user_files if files is None else files
        found = [self._known_hosts.find(Path(path), name) for path in users]
        return found + [self._known_hosts.find(self.own_file, route or name)]

    def lookup(
        self, name: str, route: str = "", files: Files = None
    ) -> List[PinnedKey]:
        """What is said of a host.

        Parameters
        ----------
        name : str
            ``host`` or ``[host]:port``.
        route : str
            The name in our own file, where hosts are on the way.
        files : sequence of Path, optional
            The known_hosts files that ssh config names for this host.
        """
        return [pin for one in self._found(name, route, files) for pin in one.pins]

    def _without_port(self, name: str, files: Files) -> List[PinnedKey]:
        """What the user's files say of the host whatever its port.

        As in OpenSSH it only helps: another key there is no changed one.
        """
        if not name.startswith("["):
            return []
        users = self.user_files if files is None else files
        found = [self._known_hosts.find(Path(path), _plain(name)) for path in users]
        return [pin for one in found for pin in one.pins]

    def complaints(self, name: str, route: str = "", files: Files = None) -> List[str]:
        """A sentence for each file or line that was left out."""
        found = self._found(name, route, files)
        return [text for one in found for text in one.complaints]

    def algorithms(
        self, name: str, route: str = "", files: Files = None
    ) -> Tuple[str, ...]:
        """What to ask a server for first, as OpenSSH does.

        Certificates only where an authority signs for the host; then the pinned types:
        another key is not a changed one.
        """
        pins = self.lookup(name, route, files) + self._without_port(name, files)
        found: List[str] = []
        for pin in pins:
            if pin.mark == "authority":
                found[:0] = ALGORITHMS
            elif not pin.mark:
                is_rsa = pin.key_type == "ssh-rsa"
                found.extend(_RSA_ALGORITHMS if is_rsa else (pin.key_type,))
        return tuple(dict.fromkeys(found))

    # -- judging -----------------------------------------------------------------------

    def check(
        self,
        name: str,
        key: Any,
        route: str = "",
        shown: str = "",
        files: Files = None,
        strict: bool = False,
    ) -> str:
        """Pass only a pinned key, or one that a known authority signed.

        Parameters
        ----------
        key : paramiko.PKey
            What the host showed.
        shown : str
            How messages call the host.
        strict : bool
            The user's ssh config wants an unknown host to be refused.

        Returns
        -------
        str
            Where it is pinned.

        Raises
        ------
        HostKeyUnknown, HostKeyChanged
        ConnectionFailed
            It is unknown, and `strict`.
        """
        case = ShownKey(shown or name, route or name, key, self._contact)
        pins = self.lookup(name, route, files)
        others = self._without_port(name, files)
        certificate = read_certificate(key)
        self._check_revoked(case, certificate, pins + others)
        where = self._signed(case, certificate, _plain(name), pins + others)
        if where:
            return where
        pinned = [pin for pin in pins if not pin.mark]
        for pin in pinned:
            if pin.blob == case.blob:
                return pin.where
        for pin in pinned:
            if pin.key_type == case.key_type:
                raise case.changed(pin)
        for pin in others:
            if pin.blob == case.blob and not pin.mark:
                return pin.where
        raise case.refused() if strict else case.unknown(pinned)

    def _check_revoked(
        self,
        case: ShownKey,
        certificate: Optional[Certificate],
        pins: Sequence[PinnedKey],
    ) -> None:
        signer = b"" if certificate is None else certificate.authority
        for pin in pins:
            if pin.mark == "revoked" and pin.blob in (case.blob, signer):
                raise case.revoked(pin)

    def _signed(
        self,
        case: ShownKey,
        certificate: Optional[Certificate],
        host: str,
        pins: Sequence[PinnedKey],
    ) -> str:
        """Which authority speaks for the host; empty where none does."""
        if certificate is None:
            return ""
        for pin in pins:
            if pin.mark == "authority" and pin.blob == certificate.authority:
                problem = certificate.problem(host, self._now())
                if not problem:
                    return tr("signed by the authority in ") + pin.where
                case.note = tr(" Its certificate does not count: {}.").format(problem)
        return ""

    # -- trusting ----------------------------------------------------------------------

    def trust(self, error: HostKeyUnknown) -> None:
        """Pin the key that `error` shows; the user said yes.

        Raises
        ------
        RemoteError
            Our file cannot be written.
        """
        blob = base64.b64decode(error.key)
        with self._lock:
            pins = self._known_hosts.find(self.own_file, error.host).pins
            if any(pin.blob == blob for pin in pins):
                return
            line = "{} {} {}\n".format(error.host, error.key_type, error.key)
            try:
                self._append(line.encode("ascii"))
            except (OSError, UnicodeEncodeError) as problem:
                raise RemoteError(
                    tr(
                        "The key of {} could not be remembered in {}: {}. Make that "
                        "file writable and connect again; nothing was sent to the host."
                    ).format(error.host, self.own_file, problem)
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


def _plain(name: str) -> str:
    """The host of ``[host]:port``: certificates name no port."""
    return name[1:].rpartition("]:")[0] if name.startswith("[") else name.lower()
