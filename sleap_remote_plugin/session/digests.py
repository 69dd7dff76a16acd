"""SHA-256 of files, by the cluster itself."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Dict, Sequence

from sleap_remote_plugin.errors import CopyStopped
from sleap_remote_plugin.session.target import READ_RATE
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

_RANGE = (
    'cd -- "$1" && if [ "$3" = 1 ] && [ "$(stat -L -c %s -- "$2")" = "$4" ]; '
    'then sha256sum < "$2"; '
    'else tail -c "+$3" -- "$2" | head -c "$4" | sha256sum; fi'
)
_DIGESTS = 'cd -- "$1" && xargs -0 sha256sum --'
_UNESCAPE = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


def range_digest(
    transport: Transport, folder: PurePosixPath, name: str, start: int, count: int
) -> str:
    """The cluster's SHA-256 of a part of a file. Raises RemoteError."""
    argv = ["sh", "-c", _RANGE, "sh", str(folder), "./" + name]
    argv += [str(start + 1), str(count)]
    limit = 60.0 + count / READ_RATE
    result = transport.run(argv, timeout=limit, login_shell=False)
    found = re.match(r"([0-9a-f]{64})\s", result.stdout)
    if result.exit_code != 0 or not found:
        raise CopyStopped(
            tr(
                "What has arrived in {} could not be checked on the cluster. It is "
                "kept; start the copy again."
            ).format(folder),
            detail=result.stderr,
        )
    return found.group(1)


def many_digests(
    transport: Transport, folder: PurePosixPath, names: Sequence[str]
) -> Dict[str, str]:
    """The cluster's SHA-256 of whole files, of those that are there."""
    given = b"".join(("./" + name).encode("utf-8", "surrogateescape") + b"\0"
                     for name in names)  # fmt: skip
    argv = ["sh", "-c", _DIGESTS, "sh", str(folder)]
    result = transport.run(argv, stdin=given, timeout=600.0, login_shell=False)
    return read_digests(result.stdout)


def read_digests(text: str) -> Dict[str, str]:
    """What ``sha256sum`` prints; it escapes names with a line's end or backslash."""
    found = {}
    for is_escaped, digest, name in re.findall(
        r"(?m)^(\\?)([0-9a-f]{64}) [ *]\./([^\n]+)$", text
    ):
        if is_escaped:
            name = re.sub(r"\\[\\nr]", lambda m: _UNESCAPE[m.group()], name)
        found[name] = digest
    return found
