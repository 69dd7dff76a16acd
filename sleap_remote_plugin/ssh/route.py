"""Which hops lead to the login host: the profile's words, completed by ssh config."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, Sequence, Tuple

from sleap_remote_plugin.errors import ConnectionFailed, SignInNeeded
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.host_keys import known_name, route_name

_MOST_HOPS = 8


@dataclass(frozen=True)
class Hop:
    """One host on the way.

    Attributes
    ----------
    label : str
        How the profile names it: for messages and as the key of its secret.
    hostname, port : str, int
        What is connected to.
    known_as, route : str
        Names in known_hosts: the user's, and in our own file.
    """

    label: str
    hostname: str
    port: int
    user: str
    known_as: str
    route: str
    identity_files: Tuple[Path, ...] = ()
    identities_only: bool = False

    def __str__(self) -> str:
        return self.label


def find_route(
    login: Address, jump: Sequence[Address], user: str, config: SshConfig
) -> Tuple[Hop, ...]:
    """All hops, the first one first.

    The profile's user, port and hops win over ssh config. What ssh config says of
    the first hop's ProxyJump leads further out.

    Raises
    ------
    SignInNeeded
        Nobody says who the user is (`error.user` is empty).
    ConnectionFailed
        ProxyJump leads round in a circle.
    """
    addresses: List[Address] = [*jump, login]
    while True:
        before = config.lookup(addresses[0].host).jump
        if not before:
            break
        addresses[:0] = before
        if len(addresses) > _MOST_HOPS:
            raise ConnectionFailed(
                "The ssh config leads round in a circle: ProxyJump of {} never ends. "
                "Nothing was sent. Mend ProxyJump in ~/.ssh/config.".format(login.host)
            )
    hops: List[Hop] = []
    for address in addresses:
        hops.append(_hop(address, user, config, hops))
    return tuple(hops)


def _hop(address: Address, user: str, config: SshConfig, before: Sequence[Hop]) -> Hop:
    said = config.lookup(address.host)
    given = address.port if address.port not in (0, 22) else 0
    port = given or said.port or 22
    who = address.user or user or said.user
    label = str(Address(address.host, port))
    if not who:
        raise SignInNeeded(
            "The user name on {} is not known yet. Nothing was sent. Say who you are "
            "there: `user` in the profile, or `sleap-remote login --user NAME`.".format(
                label
            ),
            host=label,
        )
    known_as = said.host_key_alias or known_name(said.hostname, port)
    return Hop(
        label=label,
        hostname=said.hostname,
        port=port,
        user=who,
        known_as=known_as,
        route=route_name([hop.known_as for hop in before] + [known_as]),
        identity_files=said.identity_files,
        identities_only=said.identities_only,
    )
