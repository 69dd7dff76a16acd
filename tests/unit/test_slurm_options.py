"""What a command asks of SLURM: the dialog's fields, checks and sentences."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.cli import build_parser, slurm_options
from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.resources import Resources

COMMANDS = {
    "train": ["train", "a.slp", "--config", "c.json"],
    "predict": ["predict", "a.slp", "--model", "run"],
    "resubmit": ["resubmit", "4711"],
}

BEFORE = Resources()


class Session:
    """What the options need of one."""

    def __init__(self, rules=()):
        self.profile = ClusterProfile("lab", "Lab", Address("gw"), rules=tuple(rules))

    def partitions(self):
        return ()


def asked(command, *words, rules=(), before=BEFORE):
    """What a command with these words asks for, after what was asked for before."""
    arguments = build_parser().parse_args(COMMANDS[command] + list(words))
    return slurm_options.changed(arguments, Session(rules), before)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_number_alone_is_told_as_the_dialog_tells_it(command, capsys):
    found = asked(command, "--memory", "32", "--time", "6")
    assert (found.memory, found.time) == (32 * 2**20, 360)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": that is")[0] for line in lines] == [
        "sleap-remote: --memory: A number alone is megabytes",
        "sleap-remote: --time: A number alone is minutes",
    ]


def test_what_is_plain_is_not_remarked_upon(capsys):
    found = asked("train", "--memory", "64G", "--time", "12:00:00", "--gpus", "2")
    assert found == Resources(memory=64 * 2**30, time=43200, gpus=2)
    assert capsys.readouterr().err == ""


def test_what_cannot_be_read_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        asked("train", "--time", "6h")
    assert ended.value.code == 2
    assert "such as 6:00:00" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--partition", "cpu"], "fixes the partition at gpu"),
        (["--memory", "17G"], "memory of 16G at most"),
        (["--memory", "1G"], "memory of 4G at least"),
    ],
)
def test_the_profiles_rules_hold(words, said):
    rules = (
        FieldRule("partition", fixed="gpu"),
        FieldRule("memory", 4 * 2**30, 16 * 2**30),
    )
    before = Resources(memory=16 * 2**30)
    assert asked("train", rules=rules, before=before) == before
    with pytest.raises(RemoteError, match=said) as told:
        asked("train", *words, rules=rules, before=before)
    assert "Nothing was submitted" in str(told.value)
