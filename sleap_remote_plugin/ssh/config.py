"""What ~/.ssh/config says of a host, read as OpenSSH would, and never fatal.

paramiko matches and expands; ``Include`` and broken lines are dealt with here. An
Include inside a Host block is pasted there; Host blocks in the included file then
apply by themselves. ``Match exec`` and other tests that are not evaluated here leave
their block out: paramiko would run the first with our stdin, and take the others as
true.
"""

from __future__ import annotations

import glob
import logging
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.deadline import OutOfTime, within
from sleap_remote_plugin.ssh.library import paramiko

_LOGGER = logging.getLogger(__name__)

_SETTING = re.compile(r"\w+(?:\s*=\s*|\s+).+")
_INCLUDE = re.compile(r"include(?:\s*=\s*|\s+)(.+)", re.IGNORECASE)
_BLOCK = re.compile(r"(host|match)(?:\s*=\s*|\s+)(.+)", re.IGNORECASE)
_NEVER = "Host !*"
_MATCHES = {"host", "originalhost", "user", "localuser"}
_BARE_MATCHES = {"all", "canonical", "final"}
_DEEPEST = 16


@dataclass(frozen=True)
class HostConfig:
    """What is set for a host; empty where nothing is.

    Attributes
    ----------
    hostname : str
        What to connect to; `host` itself where nothing else is said.
    jump : tuple of Address
        ProxyJump, in order; a port of 0 means: as configured for that host.
    """

    host: str
    hostname: str
    user: str = ""
    port: Optional[int] = None
    identity_files: Tuple[Path, ...] = ()
    identities_only: bool = False
    jump: Tuple[Address, ...] = ()
    host_key_alias: str = ""


class SshConfig:
    """The user's SSH configuration.

    Parameters
    ----------
    files : sequence of Path, optional
        By default OpenSSH's: the user's, then the system's.
    """

    def __init__(self, files: Optional[Sequence[Path]] = None) -> None:
        if files is None:
            files = (
                Path("~/.ssh/config").expanduser(),
                Path("/etc/ssh/ssh_config"),
            )
        texts = [_understood(Path(path)) for path in files]
        self._config = paramiko.SSHConfig.from_text("".join(texts))

    def lookup(self, host: str) -> HostConfig:
        """What is said of `host`; only the name itself where that fails."""
        try:
            # CanonicalizeHostname asks the resolver, which may hang.
            found = within(10.0, lambda: self._config.lookup(host))
            return _host_config(host, found)
        except OutOfTime:
            _LOGGER.warning("%s was not made canonical in time: left out", host)
        except (paramiko.SSHException, ValueError, KeyError, OSError) as error:
            _LOGGER.warning("the SSH settings of %s are left out: %s", host, error)
        return HostConfig(host, host)


def _understood(path: Path) -> str:
    """The file's text with its includes; empty when it cannot be understood."""
    # A file begins outside the last block of the one before.
    text = "\n".join(["Host *", *_expanded(path, 0, "Host *"), ""])
    try:
        paramiko.SSHConfig.from_text(text)
    except (paramiko.SSHException, ValueError) as error:
        _LOGGER.warning("%s is not understood and is left out: %s", path, error)
        return ""
    return text


def _expanded(path: Path, depth: int, block: str) -> Iterator[str]:
    """The lines of a file that is read inside `block`."""
    try:
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        _LOGGER.warning("%s cannot be read and is left out: %s", path, error)
        return
    for number, line in enumerate((one.strip() for one in lines), 1):
        include = _INCLUDE.match(line)
        if include and depth < _DEEPEST:
            for included in _included(include.group(1), path):
                for inner in _expanded(included, depth + 1, block):
                    yield inner
            yield block
        elif not line or line.startswith("#") or include:
            continue
        elif _BLOCK.match(line):
            block = line if _is_evaluated(line) else _NEVER
            if block is _NEVER:
                _LOGGER.warning("%s, line %d: its block is left out", path, number)
            yield block
        elif _SETTING.match(line):
            yield line
        else:
            _LOGGER.warning("%s, line %d is not understood: left out", path, number)


def _is_evaluated(line: str) -> bool:
    """Whether a Host or Match line is one that paramiko judges rightly."""
    kind, text = _BLOCK.match(line).groups()  # type: ignore[union-attr]
    try:
        words = shlex.split(text)
    except ValueError:
        return False
    if kind.lower() == "host":
        return True
    while words:
        test = words.pop(0).lstrip("!").lower()
        if test in _MATCHES and words:
            words.pop(0)
        elif test not in _BARE_MATCHES:
            return False
    return True


def _included(text: str, path: Path) -> Iterator[Path]:
    try:
        patterns = shlex.split(text)
    except ValueError as error:
        _LOGGER.warning("an Include in %s is not understood: %s", path, error)
        return
    for pattern in patterns:
        full = os.path.expanduser(pattern)
        if not os.path.isabs(full):
            full = str(path.parent / full)
        for name in sorted(glob.glob(full)):
            yield Path(name)


def _host_config(host: str, found: Mapping[str, Any]) -> HostConfig:
    files = found.get("identityfile", [])
    return HostConfig(
        host=host,
        hostname=found.get("hostname", host),
        user=found.get("user", ""),
        port=int(found["port"]) if "port" in found else None,
        identity_files=tuple(Path(one).expanduser() for one in files),
        identities_only=found.get("identitiesonly", "no").lower() == "yes",
        jump=read_jumps(found.get("proxyjump", "")),
        host_key_alias=found.get("hostkeyalias", ""),
    )


def read_jumps(text: str) -> Tuple[Address, ...]:
    """ProxyJump's hops; none for ``none``. A port of 0 means that none was given.

    Raises
    ------
    ValueError
        A hop is not ``user@host:port``.
    """
    if text.strip().lower() in ("", "none"):
        return ()
    hops = []
    for part in text.split(","):
        match = re.match(
            r"(?:ssh://)?(?:(?P<user>[^@\s]+)@)?"
            r"(?:\[(?P<ip6>[^]]+)\]|(?P<host>[^:@\s/\[-][^:@\s/]*))"
            r"(?::(?P<port>\d{1,5}))?/?$",
            part.strip(),
        )
        if match is None:
            raise ValueError("ProxyJump {!r} is not user@host:port".format(text))
        hops.append(
            Address(
                match.group("host") or match.group("ip6"),
                int(match.group("port") or 0),
                match.group("user") or "",
            )
        )
    return tuple(hops)
