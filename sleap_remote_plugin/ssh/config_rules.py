"""Which lines of an ssh config are for a host: Host, Match, and the first value wins.

Lines come from config_file.py; what their values mean is in config.py.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple

from sleap_remote_plugin.ssh.config_file import Line, Tell, split_words
from sleap_remote_plugin.ssh.patterns import list_matches, matches
from sleap_remote_plugin.ssh.tokens import expanded, local_user
from sleap_remote_plugin.words import tr

Runs = Callable[[str, str], bool]

_ONE_WORD = {
    "hostname",
    "user",
    "port",
    "identitiesonly",
    "identityagent",
    "hostkeyalias",
    "stricthostkeychecking",
    "pubkeyauthentication",
    "preferredauthentications",
    "canonicalizehostname",
    "canonicalizemaxdots",
}
_MANY_WORDS = {"userknownhostsfile", "globalknownhostsfile", "canonicaldomains"}
_TESTS = {"host", "originalhost", "user", "localuser", "exec"}


class Said:
    """What the files say of one host.

    Parameters
    ----------
    original, user, port : str, str, int
        As for ``ssh -l user -p port original``; empty where not given.
    tell : callable
        Gets a sentence for what is left out.
    exits_well : callable
        Runs the command of ``Match exec``; it is also given file and line.

    Attributes
    ----------
    values : dict
        Keyword -> first value.
    wants_final : bool
        Whether there is a ``Match final``, which needs a second pass.
    """

    def __init__(
        self, original: str, user: str, port: int, tell: Tell, exits_well: Runs
    ) -> None:
        self.original = original
        self.values: Dict[str, Any] = {}
        self.identity_files: List[str] = []
        self.wants_final = False
        self._tell = tell
        self._exits_well = exits_well
        if user:
            self.values["user"] = user
        if port:
            self.values["port"] = port

    # -- one pass over a file ----------------------------------------------------------

    def read(
        self,
        lines: Sequence[Line],
        host: str,
        final: bool = False,
        active: bool = True,
        never: bool = False,
    ) -> None:
        """Take what is for `host`.

        Parameters
        ----------
        final : bool
            In the second pass.
        active, never : bool
            Whether the lines are in a block that counts; whether none of their own
            blocks can.
        """
        for line in lines:
            if line.keyword == "host":
                active = not never and _host_matches(host, line.words)
            elif line.keyword == "match":
                active = self._fits(line, host, final, not never)
            elif line.keyword == "include":
                for file in line.included:
                    self.read(file, host, final, active, never or not active)
            elif active:
                try:
                    self._set(line)
                except ValueError as error:
                    self._tell(tr("{}: {}: left out.").format(line.where, error))

    def _set(self, line: Line) -> None:
        key, words = line.keyword, line.words
        if key == "identityfile":
            if words[0] not in self.identity_files:
                self.identity_files.append(words[0])
        elif key in ("proxyjump", "proxycommand"):
            self.values.setdefault("proxy", _proxy(line))
        elif key == "port":
            if (
                not re.fullmatch("[0-9]{1,5}", words[0])
                or not 0 < int(words[0]) < 65536
            ):
                raise ValueError(tr("{!r} is not a port").format(words[0]))
            self.values.setdefault(key, int(words[0]))
        elif key in _ONE_WORD:
            self.values.setdefault(key, words[0])
        elif key in _MANY_WORDS:
            self.values.setdefault(key, words)

    # -- Match -------------------------------------------------------------------------

    def _fits(self, line: Line, host: str, final: bool, result: bool) -> bool:
        words = _criteria(line.text)
        while words:
            test = words.pop(0)
            negated, name = test.startswith("!"), test.lstrip("!").lower()
            if name == "all":
                return result and not negated
            if name in ("final", "canonical"):
                self.wants_final |= name == "final"
                result = result and final != negated
                continue
            if name not in _TESTS or not words:
                self._tell(
                    tr(
                        "{}: Match {} is not followed here: its block is left out."
                    ).format(line.where, name)
                )
                return False
            given = words.pop(0)
            # A command is run only where all before it fits.
            if result:
                result = self._test(name, given, host, line.where) != negated
        return result

    def _test(self, name: str, given: str, host: str, where: str) -> bool:
        hostname = self.hostname_of(host)
        if name == "host":
            return list_matches(hostname.lower(), given.lower())
        if name == "originalhost":
            return list_matches(self.original.lower(), given.lower())
        if name == "user":
            return list_matches(self.user, given)
        if name == "localuser":
            return list_matches(local_user(), given)
        return self._exits_well(expanded(given, self.tokens(hostname)), where)

    # -- names -------------------------------------------------------------------------

    @property
    def user(self) -> str:
        """Who ssh would be there."""
        return self.values.get("user") or local_user()

    @property
    def hostname(self) -> str:
        """What ssh would connect to."""
        return self.hostname_of(self.original).lower()

    def hostname_of(self, host: str) -> str:
        """HostName, where one was read so far."""
        try:
            return expanded(self.values.get("hostname", host), {"h": host})
        except ValueError as error:
            self._tell(tr("HostName of {}: {}: left out.").format(host, error))
            return host

    def tokens(self, hostname: str) -> Dict[str, str]:
        """What ``%h`` and the others stand for."""
        here = socket.gethostname()
        return {
            "h": hostname,
            "n": self.original,
            "k": self.values.get("hostkeyalias", hostname),
            "p": str(self.values.get("port", 22)),
            "r": self.user,
            "u": local_user(),
            "i": str(os.getuid() if hasattr(os, "getuid") else 0),
            "d": str(Path.home()),
            "l": here,
            "L": here.split(".")[0],
        }


def _host_matches(host: str, patterns: Sequence[str]) -> bool:
    found = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if matches(host, pattern[1:] if negated else pattern):
            if negated:
                return False
            found = True
    return found


def _criteria(text: str) -> List[str]:
    """The words of a Match line; ``host=name`` is two."""
    words = split_words(text) or []
    found: List[str] = []
    for word in words:
        name, equals, given = word.partition("=")
        is_test = name.lstrip("!").lower() in _TESTS
        found.extend((name, given) if is_test and equals else (word,))
    return found


def _proxy(line: Line) -> Tuple[str, str]:
    """Which of ProxyJump and ProxyCommand it is, and what follows."""
    if line.keyword == "proxycommand":
        return line.keyword, line.text
    return line.keyword, line.text.split("#")[0].strip().strip('"')
