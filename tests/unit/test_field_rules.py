"""A profile's rules for each field: read, told with their line, enforced."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.field_rules import FieldRule, rule_of, within_rules
from sleap_remote_plugin.jobs.limits import field_problems
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.jobs.profile_writing import profile_text
from sleap_remote_plugin.jobs.resources import Resources

GB = 2**30
HEAD = "name: lab\nlogin: gw\nmounts: [{cluster: /d, local: /mnt/d}]\nfields:\n"


def load(tmp_path, lines):
    path = tmp_path / "lab.yaml"
    path.write_text(HEAD + lines)
    return load_profile(path)


def test_rules_are_read(tmp_path):
    rules = load(
        tmp_path,
        "  partition: {fixed: gpu}\n"
        "  memory: {min: 8G, max: 128G, help: Our nodes have 128G.}\n"
        '  time: {max: "1-00"}\n'
        "  gpus: {fixed: 1}\n"
        "  qos: {hidden: yes}\n",
    ).rules
    assert rule_of(rules, "partition").fixed == "gpu"
    assert rule_of(rules, "memory") == FieldRule(
        "memory", 8 * GB, 128 * GB, help="Our nodes have 128G."
    )
    assert rule_of(rules, "time").most == 86400
    assert rule_of(rules, "gpus").fixed == 1
    assert rule_of(rules, "qos").hidden
    assert rule_of(rules, "cpus") == FieldRule("cpus")


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ("  memry: {max: 1G}\n", 5, "allowed are partition, gpus"),
        ("  memory: {most: 1G}\n", 5, "allowed are min, max, fixed, hidden, help"),
        ("  memory:\n    max: plenty\n", 6, "such as 32G"),
        ("  time:\n    max: 6:00:00\n", 6, "in quotes"),
        ("  gpus:\n    max: 65\n", 6, "from 0 to 64"),
        ("  partition:\n    max: gpu\n", 6, "use `fixed`"),
        ("  cpus:\n    min: 9\n    max: 8\n", 6, "more than `max`, 8"),
        ("  cpus:\n    min: 9\n    fixed: 8\n", 7, "without `min`"),
        ("  qos:\n    hidden: perhaps\n", 6, "yes or no"),
        ("  qos: hidden\n", 5, "expected `key: value`"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, lines, line, words):
    with pytest.raises(ProfileError) as told:
        load(tmp_path, lines)
    assert "line {}:".format(line) in str(told.value)
    assert words in str(told.value)


def test_rules_stay_when_the_set_up_writes_the_profile(tmp_path):
    profile = load(tmp_path, "  memory: {max: 64G}  # as the board decided\n")
    import dataclasses

    text = profile_text(dataclasses.replace(profile, user="jane"))
    assert "max: 64G}  # as the board decided" in text
    (tmp_path / "lab.yaml").write_text(text)
    assert load_profile(tmp_path / "lab.yaml").rules == profile.rules


@pytest.mark.parametrize(
    ("rule", "wanted", "words"),
    [
        (FieldRule("memory", most=16 * GB), Resources(), "memory of 16G at most"),
        (FieldRule("time", least=36000), Resources(), "time of 10:00:00 at least"),
        (FieldRule("cpus", most=4), Resources(), "number of CPUs of 4 at most"),
        (FieldRule("qos", fixed="day"), Resources(), "fixes the QoS at day"),
        (FieldRule("gpus", fixed=2), Resources(), "fixes the number of GPUs at 2"),
        (FieldRule("account", fixed=""), Resources(account="a"), "at empty"),
        (FieldRule("memory", 1, 64 * GB), Resources(), ""),
        (FieldRule("qos", hidden=True), Resources(qos="x"), ""),
    ],
)
def test_what_the_profile_does_not_allow_is_said_of_its_field(rule, wanted, words):
    found = field_problems(wanted, (), (rule,))
    assert [one.field for one in found] == ([rule.field] if words else [])
    assert all(words in one.text for one in found)


def test_a_suggestion_is_brought_within_the_rules():
    rules = (
        FieldRule("partition", fixed="gpu"),
        FieldRule("memory", most=16 * GB),
        FieldRule("cpus", least=12),
        FieldRule("qos", hidden=True),
    )
    default = Resources(qos="normal")
    last = Resources("cpu", qos="mine")
    found = within_rules(last, rules, default)
    assert found == Resources("gpu", memory=16 * GB, cpus=12, qos="normal")
    assert field_problems(found, (), rules) == ()
