"""``%h`` and ``${HOME}`` in an ssh config, as OpenSSH replaces them."""

from __future__ import annotations

import getpass
import os
import re
from typing import Mapping

from sleap_remote_plugin.words import tr


def expanded(text: str, tokens: Mapping[str, str]) -> str:
    """With each ``%x`` replaced; ``%%`` is one ``%``.

    Raises
    ------
    ValueError
        A token that is not known here.
    """

    def value(match: re.Match) -> str:
        token = match.group(1)
        if token == "%":
            return "%"
        if token not in tokens:
            raise ValueError(tr("%{} in {!r} is not known here").format(token, text))
        return tokens[token]

    return re.sub("(?s)%(.?)", value, text)


def with_variables(text: str) -> str:
    """With each ``${NAME}`` replaced.

    Raises
    ------
    ValueError
        There is no such variable.
    """

    def value(match: re.Match) -> str:
        if match.group(1) not in os.environ:
            raise ValueError(tr("{} in {!r} is not set").format(match.group(), text))
        return os.environ[match.group(1)]

    return re.sub(r"\$\{(\w+)\}", value, text)


def local_user() -> str:
    """Who we are on this machine; empty where nobody knows."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""
