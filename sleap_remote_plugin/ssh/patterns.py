"""OpenSSH's patterns: ``*`` and ``?``, lists with commas, ``!`` for not.

Brackets are plain characters here (``[host]:port``), unlike in file names.
"""

from __future__ import annotations


def matches(text: str, pattern: str) -> bool:
    """Whether the whole of `text` fits, in time that no pattern can blow up."""
    if "*" not in pattern and "?" not in pattern:
        return text == pattern
    at, place = 0, 0
    star, resume = -1, 0
    while at < len(text):
        here = pattern[place : place + 1]
        if here == "*":
            star, resume = place, at
            place += 1
        elif here in ("?", text[at]):
            at += 1
            place += 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return not pattern[place:].strip("*")


def list_matches(text: str, patterns: str) -> bool:
    """Whether one of the patterns fits and none with a ``!`` does."""
    found = False
    for pattern in patterns.split(","):
        negated = pattern.startswith("!")
        if matches(text, pattern[1:] if negated else pattern):
            if negated:
                return False
            found = True
    return found
