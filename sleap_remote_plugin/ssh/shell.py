"""Command lines that every login shell hands on unchanged, and output without noise.

sshd gives a line to whatever shell the user has: bash, zsh, csh, fish. Its start-up
files may print, wait, leave, or be another shell. So the line begins with ``exec
sh``, holds no character that one of those shells reads in its own way, and what
comes before our marker is not the command's.
"""

from __future__ import annotations

import re
import secrets
import shlex
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Sequence

#: Read differently by csh (``!``), fish (backslash) or csh again (a new line), even
#: in single quotes.
_HOSTILE = re.compile(r"[!\\\n\r]")
_SAFE_BYTES = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)
_SAFE_BYTES = _SAFE_BYTES | frozenset(b" _-+./,:;=@")

#: How much noise is kept for the log.
_NOISE_KEPT = 2000

#: What programs need of a login shell's environment.
_KEPT = re.compile(
    r"PATH|LD_LIBRARY_PATH|LANG|LC_[A-Z]+|TZ|(SLURM|SBATCH|SQUEUE|SACCT|SINFO|SCANCEL)_\w+"
)
_SECRET = re.compile(r"JWT|TOKEN|KEY|SECRET|PASS", re.I)
_LONGEST_VALUE = 16384

#: For ``bash -l``: its environment, its umask, and the words that it keeps to itself.
QUESTION = (
    "env -0; printf '\\0'; umask; compgen -A function; compgen -b; compgen -k; true"
)


#: What a checked program waits for.
GO = "go"


def quoted(argv: Sequence[str]) -> str:
    return " ".join(shlex.quote(str(part)) for part in argv)


def for_any_shell(script: str) -> str:
    """One line that runs a POSIX script, whatever shell reads it."""
    if not _HOSTILE.search(script):
        return "exec sh -c " + shlex.quote(script)
    coded = "".join(
        chr(byte) if byte in _SAFE_BYTES else "\\{:03o}".format(byte)
        for byte in script.encode("utf-8", "surrogateescape")
    )
    return 'exec sh -c \'eval "$(printf "' + coded + '")"\''


class Markers:
    """Where the command's own output begins and ends; other words for each command.

    They are printed in two halves, so that a shell that echoes what it runs does not
    print them whole.
    """

    def __init__(self, nonce: str = "") -> None:
        nonce = nonce or secrets.token_hex(6)
        self._halves = {
            "begin": ("<begin-", nonce + ">"),
            "end": ("<end-", nonce + ">"),
            "checked": ("<checked-", nonce + ">"),
        }

    def __getitem__(self, which: str) -> bytes:
        return "".join(self._halves[which]).encode("ascii")

    def print(self, which: str) -> str:
        """Shell words that print it on both streams."""
        one = self.print_once(which)
        return "{0}; {0} >&2; ".format(one)

    def print_once(self, which: str) -> str:
        """Shell words that print it on standard output."""
        return "printf %s%s {0} {1}".format(*map(shlex.quote, self._halves[which]))


class LoginShell(NamedTuple):
    """What ``bash -l`` has, asked once a connection.

    Attributes
    ----------
    variables : dict
        Of its environment, what programs need.
    umask : str
    own_words : frozenset of str
        Functions, builtins and keywords: no programs.
    """

    variables: Dict[str, str]
    umask: str
    own_words: FrozenSet[str]


def read_login_shell(output: bytes) -> Optional[LoginShell]:
    """The answer to `QUESTION`; None where programs had better run in the shell.

    So it is with a secret among SLURM's variables: it must not be in a command line.
    """
    text = output.decode("utf-8", "surrogateescape")
    environment, separator, words = text.partition("\0\0")
    lines = words.split("\n")
    if not separator or not re.fullmatch(r"0?[0-7]{3,4}", lines[0]):
        return None
    found: Dict[str, str] = {}
    for entry in environment.split("\0"):
        name, _, value = entry.partition("=")
        if not _KEPT.fullmatch(name):
            continue
        if _SECRET.search(name) or len(value) > _LONGEST_VALUE:
            return None
        found[name] = value
    if "PATH" not in found:
        return None
    return LoginShell(found, lines[0], frozenset(lines[1:]))


def plain_line(argv: Sequence[str], markers: Markers) -> str:
    """Run a program with the environment that sshd gives."""
    return for_any_shell(markers.print("begin") + "exec " + quoted(argv))


def login_line(argv: Sequence[str], markers: Markers, first: str = "") -> str:
    """Run it in ``bash -l``, with its functions and all; `first`: see checked()."""
    return login_script(first + quoted(argv), markers)


def checked(check: Sequence[str], markers: Markers) -> str:
    """Shell words before a program: run a check, and wait for the word to go on.

    Where the word does not come, the input ends, and the program is not run.
    """
    return '{} 2>/dev/null </dev/null; {}; read -r word && [ "$word" = {} ] && '.format(
        quoted(check), markers.print_once("checked"), GO
    )


def login_script(script: str, markers: Markers) -> str:
    inner = "{}{}; code=$?; {}exit $code".format(
        markers.print("begin"), script, markers.print("end")
    )
    return for_any_shell("exec " + quoted(["bash", "-lc", inner]))


def direct_line(
    argv: Sequence[str], shell: LoginShell, markers: Markers, first: str = ""
) -> str:
    """Run a program as ``bash -l`` would, without starting one."""
    settings = ["umask {}; ".format(shell.umask)]
    settings += [
        "export {}={}; ".format(name, shlex.quote(value))
        for name, value in sorted(shell.variables.items())
    ]
    start = markers.print("begin") + first + "exec "
    return for_any_shell("".join(settings) + start + quoted(argv))


class Stream:
    """One stream of a command: what comes before its marker is noise."""

    def __init__(self, markers: Markers) -> None:
        self._begin, self._end = markers["begin"], markers["end"]
        self._head = bytearray()
        self._parts: List[bytes] = []
        self.begun = False
        self.size = 0

    def take(self, data: bytes) -> None:
        self.size += len(data)
        if self.begun:
            self._parts.append(data)
            return
        self._head += data
        place = self._head.find(self._begin)
        if place >= 0:
            self.begun = True
            self._parts.append(bytes(self._head[place + len(self._begin) :]))
            del self._head[place:]
        elif len(self._head) > 2 * _NOISE_KEPT:
            del self._head[_NOISE_KEPT : -len(self._begin)]

    @property
    def noise(self) -> str:
        """The first of what the start-up files printed."""
        return bytes(self._head[:_NOISE_KEPT]).decode("utf-8", "replace")

    def before(self, mark: bytes) -> Optional[bytes]:
        """What the command printed before a mark; None: the mark did not come yet."""
        whole = b"".join(self._parts)
        self._parts = [whole]
        place = whole.find(mark)
        return None if place < 0 else whole[:place]

    def output(self) -> bytes:
        """The command's own; where it never began, whatever there was."""
        if not self.begun:
            return bytes(self._head)
        whole = b"".join(self._parts)
        end = whole.rfind(self._end)
        return whole if end < 0 else whole[:end]
