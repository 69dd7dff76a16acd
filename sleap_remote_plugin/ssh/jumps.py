"""ProxyJump, and the ProxyCommand that means the same, as addresses."""

from __future__ import annotations

import re
import shlex
from typing import List, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.words import tr

_HOP = re.compile(
    r"(?:ssh://)?(?:(?P<user>[^@\s-][^@\s]*)@)?"
    r"(?:\[(?P<ip6>[^]\s-][^]\s]*)\]|(?P<host>[^:@\s/\[-][^:@\s/]*))"
    r"(?::(?P<port>\d{1,5}))?/?"
)
_FLAGS = re.compile(r"-[qxTAa46Cnk]+")


def read_jumps(text: str) -> Tuple[Address, ...]:
    """ProxyJump's hops; none for ``none``. A port of 0 means that none was given.

    Raises
    ------
    ValueError
        A hop is not ``user@host:port``.
    """
    if text.strip().lower() in ("", "none"):
        return ()
    return tuple(_read_hop(part.strip(), text) for part in text.split(","))


def _read_hop(part: str, text: str) -> Address:
    match = _HOP.fullmatch(part)
    port = int(match.group("port") or 0) if match else 0
    if match is None or port > 65535 or match.group("port") == "0":
        raise ValueError(tr("ProxyJump {!r} is not user@host:port").format(text))
    return Address(
        match.group("host") or match.group("ip6"), port, match.group("user") or ""
    )


def jump_of_command(command: str) -> Optional[Tuple[Address, ...]]:
    """The hop of ``ssh -W %h:%p bastion`` or ``ssh bastion nc %h %p``.

    Empty for ``none``; None for any other command.
    """
    if command.strip().lower() == "none":
        return ()
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if words[:1] == ["exec"]:
        del words[0]
    if not words or words[0].rsplit("/", 1)[-1] not in ("ssh", "ssh.exe"):
        return None
    return _hop_of_ssh(words[1:])


def _hop_of_ssh(words: Sequence[str]) -> Optional[Tuple[Address, ...]]:
    rest: List[str] = []
    options = {"-W": "", "-l": "", "-p": ""}
    left = list(words)
    while left:
        word = left.pop(0)
        if word[:2] in options and not rest[1:]:
            if not word[2:] and not left:
                return None
            options[word[:2]] = word[2:] or left.pop(0)
        elif rest or not word.startswith("-"):
            rest.append(word)
        elif not _FLAGS.fullmatch(word):
            return None
    leads_on = options["-W"] in ("%h:%p", "[%h]:%p") and len(rest) == 1
    if not leads_on and (options["-W"] or rest[1:] != ["nc", "%h", "%p"]):
        return None
    try:
        hop = _read_hop(rest[0], rest[0])
        port = int(options["-p"] or hop.port)
    except ValueError:
        return None
    return (Address(hop.host, port, hop.user or options["-l"]),)
