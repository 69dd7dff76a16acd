"""Which hops lead to the login host: the profile's words, completed by ssh config."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import ConnectionFailed, SignInNeeded
from sleap_remote_plugin.jobs.cluster import Address, is_host_name, is_user_name
from sleap_remote_plugin.ssh.config import HostConfig, SshConfig
from sleap_remote_plugin.ssh.host_keys import known_name, route_name
from sleap_remote_plugin.words import tr

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
    identity_files, identity_agent, offers_keys, known_hosts, strict
        As in `HostConfig`.
    """

    label: str
    hostname: str
    port: int
    user: str
    known_as: str
    route: str
    identity_files: Optional[Tuple[Path, ...]] = None
    identities_only: bool = False
    identity_agent: str = ""
    offers_keys: bool = True
    known_hosts: Optional[Tuple[Path, ...]] = None
    strict: bool = False

    def __str__(self) -> str:
        return self.label


def find_route(
    login: Address, jump: Sequence[Address], user: str, config: SshConfig
) -> Tuple[Hop, ...]:
    """All hops, the first one first.

    The profile's hops and ports win over ssh config, and its user where SLURM is; on
    the way there, a user of ssh config wins over the profile's `user`, as with
    ``ssh -J``. What ssh config says of the first hop's ProxyJump leads further out.

    Raises
    ------
    SignInNeeded
        Nobody says who the user is (`error.user` is empty).
    ConnectionFailed
        ProxyJump leads round in a circle, there is a ProxyCommand that is no jump, or
        a name cannot be one.
    """
    # The profile's 22 is what it says when nothing was said.
    said = [
        config.lookup(one.host, one.user, 0 if one.port == 22 else one.port)
        for one in (*jump, replace(login, user=login.user or user))
    ]
    while said[0].jump:
        jumps = said[0].jump
        said[:0] = [config.lookup(one.host, one.user, one.port) for one in jumps]
        if len(said) > _MOST_HOPS:
            raise _circle(login)
    if said[0].proxy_command:
        raise _not_followed(said[0])
    hops: List[Hop] = []
    for one in said:
        hops.append(_hop(one, user, hops))
    return tuple(hops)


def _hop(said: HostConfig, user: str, before: Sequence[Hop]) -> Hop:
    port = said.port or 22
    who = said.user or user
    label = str(Address(said.host, port))
    if not who:
        raise SignInNeeded(
            tr(
                "The user name on {} is not known yet. Nothing was sent. Say who you "
                "are there: `user` in the profile, or `sleap-remote login --user NAME`."
            ).format(label),
            host=label,
        )
    _check_names(said, who)
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
        identity_agent=said.identity_agent,
        offers_keys=said.offers_keys,
        known_hosts=said.known_hosts,
        strict=said.strict,
    )


def _check_names(said: HostConfig, user: str) -> None:
    hosts = (said.host, said.hostname, said.host_key_alias)
    wrong = ["host {!r}".format(one) for one in hosts if one and not is_host_name(one)]
    if not is_user_name(user):
        wrong.append("user {!r}".format(user))
    if wrong or not said.host:
        raise ConnectionFailed(
            tr(
                "{} cannot be connected to: there is no such name as {}. Nothing was "
                "sent. Correct it in the cluster profile, in the settings or in "
                "~/.ssh/config."
            ).format(ascii(said.host), wrong[0] if wrong else "none")
        )


def _circle(login: Address) -> ConnectionFailed:
    return ConnectionFailed(
        tr(
            "The ssh config leads round in a circle: ProxyJump of {} never ends. "
            "Nothing was sent. Mend ProxyJump in ~/.ssh/config (`Host *` with a "
            "ProxyJump needs `Host BASTION` with `ProxyJump none` before it)."
        ).format(login.host)
    )


def _not_followed(said: HostConfig) -> ConnectionFailed:
    return ConnectionFailed(
        tr(
            "The ssh config reaches {} through a ProxyCommand that is not followed "
            "here. Nothing was sent. Write it as ProxyJump in ~/.ssh/config if it "
            "leads through another host, or name that host under `jump` in the cluster "
            "profile."
        ).format(said.host),
        detail="ProxyCommand " + said.proxy_command,
    )
