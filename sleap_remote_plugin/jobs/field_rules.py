"""A profile's rules for what a job may ask for: least, most, fixed, hidden, help.

How they stand in a profile is profile_rules.py's.
"""

from __future__ import annotations

import dataclasses
from typing import Any, List, Optional, Sequence

from sleap_remote_plugin.jobs.problem import Problem
from sleap_remote_plugin.jobs.resources import Resources, write_memory, write_time
from sleap_remote_plugin.words import tr

#: `Resources`' fields, as dialogs and sentences call them.
NAMES = {
    "partition": "partition",
    "gpus": tr("number of GPUs"),
    "gpu_type": tr("GPU type"),
    "cpus": tr("number of CPUs"),
    "memory": "memory",
    "time": "time",
    "account": "account",
    "qos": "QoS",
    "exclude": tr("list of excluded nodes"),
    "constraint": "constraint",
    "begin": "begin",
    "dependency": "dependency",
    "mail": tr("e-mail address"),
    "at_once": tr("number of videos at once"),
    "extra": tr("other options"),
}


@dataclasses.dataclass(frozen=True)
class FieldRule:
    """What a profile says of one field.

    Attributes
    ----------
    field : str
        That of `Resources`.
    least, most : int or None
        Of a number; bytes or seconds for memory and time.
    fixed : str, int or None
        The only value; None: any.
    hidden : bool
        It is in no dialog; the fixed value or the profile's default counts.
    help : str
        A sentence that takes the place of the dialog's own; empty: none.
    """

    field: str
    least: Optional[int] = None
    most: Optional[int] = None
    fixed: Any = None
    hidden: bool = False
    help: str = ""


def rule_of(rules: Sequence[FieldRule], field: str) -> FieldRule:
    """The rule for a field; one that allows everything where there is none."""
    for rule in rules:
        if rule.field == field:
            return rule
    return FieldRule(field)


def within_rules(
    resources: Resources, rules: Sequence[FieldRule], default: Resources
) -> Resources:
    """A suggestion as the rules allow it.

    Parameters
    ----------
    default : Resources
        The profile's, which counts for hidden fields.
    """
    changed = {}
    for rule in rules:
        value = getattr(default if rule.hidden else resources, rule.field)
        if rule.fixed is not None:
            value = rule.fixed
        if rule.least is not None:
            value = max(value, rule.least)
        if rule.most is not None:
            value = min(value, rule.most)
        changed[rule.field] = value
    return dataclasses.replace(resources, **changed)


def rule_problems(wanted: Resources, rules: Sequence[FieldRule]) -> List[Problem]:
    """Sentences on what the profile does not allow."""
    found = []
    for rule in rules:
        text = _against(getattr(wanted, rule.field), rule)
        if text:
            found.append(Problem(rule.field, text))
    return found


def _against(value: Any, rule: FieldRule) -> str:
    name = NAMES[rule.field]
    if rule.fixed is not None and value != rule.fixed:
        fixed = in_words(rule.field, rule.fixed) or "empty"
        return tr("The cluster's profile fixes the {} at {}.").format(name, fixed)
    if rule.most is not None and value > rule.most:
        most = in_words(rule.field, rule.most)
        return tr("The cluster's profile allows a {} of {} at most.").format(name, most)
    if rule.least is not None and value < rule.least:
        least = in_words(rule.field, rule.least)
        return tr("The cluster's profile wants a {} of {} at least.").format(
            name, least
        )
    return ""


def in_words(field: str, value: Any) -> str:
    """A value as it is typed and shown."""
    if field == "memory":
        return write_memory(value)
    if field == "time":
        return write_time(value)
    return str(value)
