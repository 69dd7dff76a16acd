"""``fields:`` of a profile: rules for what a job may ask for, read line by line."""

from __future__ import annotations

from typing import Any, Callable, Dict, Tuple

from sleap_remote_plugin.jobs.field_rules import NAMES, FieldRule, in_words
from sleap_remote_plugin.jobs.resources import read_memory, read_time
from sleap_remote_plugin.words import tr

_KEYS = ("min", "max", "fixed", "hidden", "help")
_NUMBERS = {"gpus": (0, 64), "cpus": (1, 4096), "at_once": (0, 999)}
_MEASURES: Dict[str, Callable[[str], int]] = {"memory": read_memory, "time": read_time}
_YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}


def read_rules(reader: Any, node: Any) -> Tuple[FieldRule, ...]:
    """The rules of a profile's ``fields:``; `reader` is profile_file's.

    Raises
    ------
    ProfileError
        The message names the line, and what is allowed there.
    """
    if reader.is_null(node):
        return ()
    fields = reader.mapping(node, tuple(NAMES))
    return tuple(_rule(reader, name, entry) for name, entry in fields.items())


def _rule(reader: Any, field: str, node: Any) -> FieldRule:
    entry = reader.mapping(node, _KEYS)
    is_number = field in _NUMBERS or field in _MEASURES
    for key in ("min", "max"):
        if key in entry and not is_number:
            raise reader.wrong(
                entry[key], tr("`{}` is for numbers; use `fixed` here.").format(key)
            )
    rule = FieldRule(
        field,
        least=_value(reader, field, entry["min"]) if "min" in entry else None,
        most=_value(reader, field, entry["max"]) if "max" in entry else None,
        fixed=_value(reader, field, entry["fixed"]) if "fixed" in entry else None,
        hidden=_yes_or_no(reader, entry.get("hidden")),
        help=reader.text(entry.get("help")),
    )
    low, high = rule.least, rule.most
    if low is not None and high is not None and low > high:
        raise reader.wrong(
            entry["min"],
            tr("`min` is more than `max`, {}.").format(in_words(field, high)),
        )
    if rule.fixed is not None and (low, high) != (None, None):
        raise reader.wrong(entry["fixed"], tr("`fixed` goes without `min` and `max`."))
    return rule


def _value(reader: Any, field: str, node: Any) -> Any:
    if field in _NUMBERS:
        return reader.number(node, *_NUMBERS[field])
    if field in _MEASURES:
        return reader.measured(node, _MEASURES[field])
    return reader.text(node)


def _yes_or_no(reader: Any, node: Any) -> bool:
    if reader.is_null(node):
        return False
    word = reader.text(node).lower()
    if word not in _YES_OR_NO:
        raise reader.wrong(node, tr("expected yes or no."))
    return _YES_OR_NO[word]
