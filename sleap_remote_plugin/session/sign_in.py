"""What is kept of the user's sign-in to one cluster, and a key in its place.

Signing in itself is the transport's; these calls block, and ask nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError, SignInNeeded
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.key_install import KeyInstaller, KeyResult, keys_for
from sleap_remote_plugin.ssh.keys import key_files
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.own_key import OwnKey, find_own_key
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr


@dataclass(frozen=True)
class Kept:
    """What the system's keyring holds for a cluster.

    Attributes
    ----------
    count : int
        Passwords and passphrases.
    problem : str
        Why nothing can be kept; empty: it can.
    """

    count: int = 0
    problem: str = ""


def look_up(transport: Transport, credentials: Optional[Credentials]) -> Kept:
    """What is in the keyring for this cluster; may wait for the keyring."""
    if credentials is None:
        return Kept()
    places = [(hop.user, hop.label) for hop in _route(transport)]
    files = [file for hop in _route(transport) for file in key_files(hop)]
    found = credentials.kept(places, files)
    return Kept(len(found), credentials.keyring_problem)


def forget(transport: Transport, credentials: Optional[Credentials]) -> None:
    """Take passwords and passphrases for every hop out of keyring and memory.

    Raises
    ------
    RemoteError
        The keyring did not let go of one.
    """
    transport.close()
    if credentials is None:
        return
    credentials.retry_keyring()
    told: List[str] = []
    for hop in _route(transport):
        told.append(credentials.forget(hop.user, hop.label))
        told.extend(credentials.forget_passphrase(file) for file in key_files(hop))
    problem = next(filter(None, told), "")
    if problem:
        raise RemoteError(
            tr(
                "{} What SLEAP had in memory is forgotten; what the keyring may hold "
                "is still there. Unlock it and try again, or delete the entries {} in "
                "the system's own password manager."
            ).format(problem, credentials.service)
        )


def own_key(
    transport: Transport, credentials: Optional[Credentials]
) -> Optional[OwnKey]:
    """The key that the login host would be offered; None: there is none yet."""
    if credentials is None:
        return None
    hop = _ssh(transport).route()[-1]
    return find_own_key(hop, credentials, Deadlines(), ConnectionLog())


def install_key(
    transport: Transport,
    credentials: Optional[Credentials],
    host_keys: Optional[HostKeys],
    passphrase: str = "",
) -> Tuple[KeyResult, ...]:
    """Install the user's key on every hop, and try it; a new one where there is none.

    Raises
    ------
    SignInNeeded, SignInRefused, HostKeyUnknown, ConnectionFailed
        The user is asked and the call is made again.
    """
    route = _ssh(transport).route()
    if credentials is None or host_keys is None:
        raise RemoteError(
            tr("This cluster is signed in to without SSH: no key is needed.")
        )
    deadlines, log = Deadlines(), ConnectionLog()
    keys = keys_for(route, Secret(passphrase), credentials, deadlines, log)
    return KeyInstaller(keys, credentials, host_keys, deadlines, log).run()


def _ssh(transport: Transport) -> SSHTransport:
    if not isinstance(transport, SSHTransport):
        raise RemoteError(
            tr("This cluster is signed in to without SSH: no key is needed.")
        )
    return transport


def _route(transport: Transport) -> Tuple[Hop, ...]:
    """The hops; none where it is not known who the user is."""
    try:
        return transport.route() if isinstance(transport, SSHTransport) else ()
    except SignInNeeded:
        return ()
