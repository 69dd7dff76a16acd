"""Text from the cluster, made harmless: no colours, no control characters."""

from __future__ import annotations

import re
from typing import List

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

#: Characters of one field that are kept.
FIELD = 300


def lines_of(text: str) -> List[str]:
    """Lines that say something, without colour codes and control characters."""
    plain = _ANSI.sub("", text).replace("\r", "\n").replace("\t", " ")
    cleaned = _CONTROL.sub("", plain)
    return [line for line in cleaned.split("\n") if line.strip()]


def fields_of(line: str, most: int) -> List[str]:
    """Fields between ``|``; the last of `most` keeps its own ``|``."""
    return [field.strip()[:FIELD] for field in line.split("|", most - 1)]
