"""Whether a host's name is known here, and what networks this computer has.

Asked by the cluster check, to say why nothing can be reached. Connects to nothing;
link.py does.
"""

from __future__ import annotations

import re
import socket
from typing import Iterable, List, Tuple

import psutil

from sleap_remote_plugin.ssh.deadline import OutOfTime, within

#: Interfaces that lead nowhere outside: this machine's own bridges and containers.
_INSIDE = re.compile(r"(lo|docker|veth|virbr|br-|vmnet|vboxnet)", re.I)
_VPN = re.compile(
    r"(tun|tap|utun|wg|ppp|ipsec|cscotun|gpd|nordlynx|zt)\d*$|.*vpn", re.I
)


def look_up(hostname: str, port: int, seconds: float) -> Tuple[str, ...]:
    """Addresses of a host, in numbers; empty where its name is not known here.

    Also where nobody answered in time.
    """
    try:
        found = within(
            seconds,
            lambda: socket.getaddrinfo(hostname, port, 0, socket.SOCK_STREAM),
        )
    except (OSError, UnicodeError, OutOfTime):
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def networks() -> Tuple[List[str], List[str]]:
    """Interfaces of this computer that are up with an address: (all, VPNs)."""
    states = psutil.net_if_stats()
    up = [
        name
        for name, addresses in psutil.net_if_addrs().items()
        if name in states and states[name].isup and _leads_out(name, addresses)
    ]
    return up, [name for name in up if _VPN.match(name)]


def _leads_out(name: str, addresses: Iterable) -> bool:
    """Whether it has an address of more than this link; macOS has tunnels without."""
    if _INSIDE.match(name):
        return False
    return any(
        entry.family == socket.AF_INET
        or (entry.family == socket.AF_INET6 and not entry.address.startswith("fe80"))
        for entry in addresses
        if not entry.address.startswith(("127.", "169.254."))
    )
