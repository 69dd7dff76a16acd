"""Text without what may be a secret in it, for files that leave this computer."""

from __future__ import annotations

import re
from typing import Any

#: What stands where something was left out.
LEFT_OUT = "[left out]"

_NAME = r"pass(?:word|wd|phrase|code)?|pwd|secret|token|jwt|api[_-]?key|private[_-]?key"
_NAME += r"|authorization|credentials?|cookie|otp|access[_-]?key"

_IS_SECRET = re.compile(r"(?i)(?:{})\Z".format(_NAME))

#: What a log says after a way of signing in: how it went.
_OUTCOME = r"[ ](?:would be taken|refused|accepted|accepted, more wanted|in)$"

_LONG = re.compile(r"(?m)^(.{2000}).+$")

#: A pattern, and what takes its place.
_PATTERNS = (
    (
        re.compile(
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----"
            r".*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
            re.S,
        ),
        LEFT_OUT,
    ),
    # scheme://user:password@host
    (
        re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,200}):[^\s@]{1,200}@"),
        r"\1:" + LEFT_OUT + "@",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 " + LEFT_OUT),
    # name = value, "name": "value", --name value, NAME=value
    (
        re.compile(
            r"(?im)((?:\b|_|--)(?:{})[\"']?\s*[=:](?!{})\s*)"
            r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[^\s,;}}\]]+)".format(
                _NAME, _OUTCOME
            )
        ),
        r"\1" + LEFT_OUT,
    ),
    (
        re.compile(r"(?i)(--(?:{})\s+)(\"[^\"\n]*\"|'[^'\n]*'|\S+)".format(_NAME)),
        r"\1" + LEFT_OUT,
    ),
    # JSON web tokens; keys that say what they are; long hexadecimal ones
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), LEFT_OUT),
    (
        re.compile(
            r"\b(?:ghp|gho|ghs|github_pat|glpat|hf|sk|xox[abp]|AKIA)[_-]?\w{12,}"
        ),
        LEFT_OUT,
    ),
    (re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{40}(?![0-9a-fA-F])"), LEFT_OUT),
)


def redacted(text: str) -> str:
    """The text with passwords, tokens and private keys taken out.

    Lines that nobody would read to their end are cut: what a pattern may cost grows
    with the square of a line.
    """
    text = _LONG.sub(r"\1 [cut]", text)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def redacted_values(values: Any) -> Any:
    """The same for what JSON holds; a value is left out by its name too."""
    if isinstance(values, dict):
        return {
            str(name): LEFT_OUT
            if _IS_SECRET.search(str(name))
            else redacted_values(value)
            for name, value in values.items()
        }
    if isinstance(values, list):
        return [redacted_values(value) for value in values]
    return redacted(values) if isinstance(values, str) else values
