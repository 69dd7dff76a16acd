"""What ~/.ssh/config says of a host, read as OpenSSH would, and never fatal.

How lines are read is in config_file.py, which of them count in config_rules.py. What
is not understood, or not followed here, is left out and told. ``Match exec`` runs as
in OpenSSH: from files that nobody but the user and root can write.
"""

from __future__ import annotations

import logging
import os
import re
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Set, Tuple

from sleap_remote_plugin.jobs.cluster import Address, is_host_name, is_user_name
from sleap_remote_plugin.ssh.config_file import Tell, read_config
from sleap_remote_plugin.ssh.config_rules import Said
from sleap_remote_plugin.ssh.deadline import OutOfTime, within
from sleap_remote_plugin.ssh.jumps import jump_of_command, read_jumps
from sleap_remote_plugin.ssh.process import run_process
from sleap_remote_plugin.ssh.tokens import expanded, with_variables
from sleap_remote_plugin.words import tr

_LOGGER = logging.getLogger(__name__)

_YES = ("yes", "true")
_SYSTEM = Path("/etc/ssh/ssh_config")
_USER_KNOWN_HOSTS = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
_SYSTEM_KNOWN_HOSTS = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


@dataclass(frozen=True)
class HostConfig:
    """What is set for a host; empty where nothing is.

    Attributes
    ----------
    hostname : str
        What to connect to; `host` itself where nothing else is said.
    identity_files : tuple of Path or None
        None: nothing is said, so the usual ones; empty: none at all.
    identity_agent : str
        A socket, ``none``, or empty: the usual one.
    offers_keys : bool
        False where the user wants no key to be offered.
    jump : tuple of Address
        ProxyJump, in order; a port of 0 means: as configured for that host.
    proxy_command : str
        One that is no jump; it is not followed here.
    known_hosts : tuple of Path or None
        None: the usual files.
    strict : bool
        Whether an unknown host is refused without asking.
    """

    host: str
    hostname: str
    user: str = ""
    port: Optional[int] = None
    identity_files: Optional[Tuple[Path, ...]] = None
    identities_only: bool = False
    identity_agent: str = ""
    offers_keys: bool = True
    jump: Tuple[Address, ...] = ()
    proxy_command: str = ""
    host_key_alias: str = ""
    known_hosts: Optional[Tuple[Path, ...]] = None
    strict: bool = False


class SshConfig:
    """The user's SSH configuration.

    Parameters
    ----------
    files : sequence of Path, optional
        By default OpenSSH's: the user's, then the system's.
    tell : callable, optional
        Gets a sentence for each thing that is left out, beside the program's log.
    deadline : float
        Seconds for a command of ``Match exec``, and for the resolver.
    """

    def __init__(
        self,
        files: Optional[Sequence[Path]] = None,
        tell: Optional[Tell] = None,
        deadline: float = 10.0,
    ) -> None:
        self._listener = tell
        self._deadline = deadline
        self._told: Set[str] = set()
        self._ran: Dict[str, bool] = {}
        if files is None:
            files = (Path("~/.ssh/config").expanduser(), _SYSTEM)
        self._files = tuple(
            read_config(Path(path), self._tell, is_users=Path(path) != _SYSTEM)
            for path in files
        )

    def lookup(self, host: str, user: str = "", port: int = 0) -> HostConfig:
        """What is said of `host`, as for ``ssh -l user -p port host``.

        Nothing of what can be no name: Match exec would hand it to a shell.
        """
        if not is_host_name(host) or (user and not is_user_name(user)):
            return HostConfig(host, host, user, port or None)
        said = Said(host, user, port, self._tell, self._exits_well)
        for lines in self._files:
            said.read(lines, host)
        canonical = self._canonical(said)
        if canonical or said.wants_final:
            hostname = said.values["hostname"] = canonical or said.hostname
            for lines in self._files:
                said.read(lines, hostname, final=True)
        return self._result(said)

    def _tell(self, sentence: str) -> None:
        if sentence in self._told:
            return
        self._told.add(sentence)
        _LOGGER.warning("%s", sentence)
        if self._listener is not None:
            self._listener(sentence)

    def _exits_well(self, command: str, where: str) -> bool:
        """Run a command of ``Match exec`` through the user's shell, once."""
        if command not in self._ran:
            self._ran[command] = self._run(command, where)
        return self._ran[command]

    def _run(self, command: str, where: str) -> bool:
        shell = os.environ.get("SHELL") or "/bin/sh"
        try:
            ended = run_process([shell, "-c", command], seconds=self._deadline)
        except (OSError, ValueError, OutOfTime) as error:
            self._tell(
                tr(
                    "{}: the command of Match exec did not run to its end ({}): its "
                    "block is left out."
                ).format(where, str(error) or type(error).__name__)
            )
            return False
        return ended.exit_code == 0

    def _canonical(self, said: Said) -> str:
        """The full name, where the config wants one and the resolver knows it."""
        mode = said.values.get("canonicalizehostname", "no").lower()
        proxied = said.values.get("proxy", ("", "none"))[1].lower() != "none"
        if mode not in (*_YES, "always") or (proxied and mode != "always"):
            return ""
        dots = said.values.get("canonicalizemaxdots", "1")
        if said.hostname.count(".") > (int(dots) if dots.isdecimal() else 1):
            return ""
        for domain in said.values.get("canonicaldomains", ()):
            full = "{}.{}".format(said.hostname, domain)
            if self._is_known(full):
                return full
        return ""

    def _is_known(self, name: str) -> bool:
        try:
            within(self._deadline, lambda: socket.getaddrinfo(name, None))
        except (OSError, UnicodeError):
            return False
        except OutOfTime:
            self._tell(tr("The resolver did not answer for {}: left out.").format(name))
            return False
        return True

    # -- what the values mean ----------------------------------------------------------

    def _result(self, said: Said) -> HostConfig:
        values, tokens = said.values, said.tokens(said.hostname)
        methods = values.get("preferredauthentications", "publickey").split(",")
        keys = values.get("pubkeyauthentication", "yes").lower()
        jump, command = self._way(said, tokens)
        return HostConfig(
            host=said.original,
            hostname=said.hostname,
            user=values.get("user", ""),
            port=values.get("port"),
            identity_files=self._identity_files(said, tokens),
            identities_only=values.get("identitiesonly", "no").lower() in _YES,
            identity_agent=self._agent(values.get("identityagent", ""), tokens),
            offers_keys=keys not in ("no", "false") and "publickey" in methods,
            jump=jump,
            proxy_command=command,
            host_key_alias=values.get("hostkeyalias", ""),
            known_hosts=self._known_hosts(said, tokens),
            strict=values.get("stricthostkeychecking", "ask").lower() in _YES,
        )

    def _way(
        self, said: Said, tokens: Dict[str, str]
    ) -> Tuple[Tuple[Address, ...], str]:
        kind, text = said.values.get("proxy", ("", "none"))
        try:
            if kind != "proxycommand":
                return read_jumps(expanded(text, tokens)), ""
            jump = jump_of_command(text)
            if jump is None:
                return (), text
            return tuple(
                replace(
                    hop,
                    host=expanded(hop.host, tokens),
                    user=expanded(hop.user, tokens),
                )
                for hop in jump
            ), ""
        except ValueError as error:
            self._tell(tr("{}: {}: left out.").format(said.original, error))
            return (), ""

    def _identity_files(
        self, said: Said, tokens: Dict[str, str]
    ) -> Optional[Tuple[Path, ...]]:
        if not said.identity_files:
            return None
        return self._paths(said.identity_files, tokens)

    def _known_hosts(
        self, said: Said, tokens: Dict[str, str]
    ) -> Optional[Tuple[Path, ...]]:
        users = said.values.get("userknownhostsfile")
        systems = said.values.get("globalknownhostsfile")
        if users is None and systems is None:
            return None
        return self._paths(
            [*(users or _USER_KNOWN_HOSTS), *(systems or _SYSTEM_KNOWN_HOSTS)], tokens
        )

    def _agent(self, text: str, tokens: Dict[str, str]) -> str:
        if text in ("", "SSH_AUTH_SOCK"):
            return ""
        if re.fullmatch(r"\$\w+", text):
            return os.environ.get(text[1:], "none")
        return "".join(str(path) for path in self._paths([text], tokens)) or "none"

    def _paths(self, names: Sequence[str], tokens: Dict[str, str]) -> Tuple[Path, ...]:
        """Files as they are named; ``none`` is no file."""
        found: List[Path] = []
        for name in names:
            if name.lower() == "none":
                continue
            try:
                name = with_variables(expanded(os.path.expanduser(name), tokens))
                found.append(Path(name))
            except ValueError as error:
                self._tell(tr("{}: left out.").format(error))
        return tuple(found)
