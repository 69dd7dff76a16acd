"""What a command asks of SLURM: the dialog's fields, checks and sentences."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.cli import build_parser, commands, slurm_options
from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, job_to_dict
from sleap_remote_plugin.jobs.resources import Resources

COMMANDS = {
    "train": ["train", "a.slp", "--config", "c.json"],
    "predict": ["predict", "a.slp", "--model", "run"],
    "resubmit": ["resubmit", "4711"],
}

BEFORE = Resources()


class Session:
    """What the options need of one, and `resubmit`."""

    def __init__(self, rules=(), jobs=()):
        self.profile = ClusterProfile("lab", "Lab", Address("gw"), rules=tuple(rules))
        self.known = tuple(jobs)
        self.sent = []

    def partitions(self):
        return ()

    def jobs(self):
        return self.known

    def resubmit(self, job, wanted):
        self.sent.append(wanted)
        return job


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


ADVANCED = {
    "account": "lab",
    "qos": "short",
    "constraint": "a5000|a6000",
    "exclude": "gpu-1,gpu-2",
    "begin": "22:00",
    "dependency": "afterok:7",
    "mail": "jane@example.org",
}


@pytest.mark.parametrize("command", sorted(COMMANDS))
@pytest.mark.parametrize("name", sorted(ADVANCED))
def test_what_the_dialog_has_in_advanced_is_asked_for(command, name):
    found = asked(command, "--" + name, " {} ".format(ADVANCED[name]))
    assert found == Resources(**{name: ADVANCED[name]})


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_other_options_of_sbatch_are_lines_with_or_without_dashes(command):
    found = asked(command, "--sbatch", "nice=100", "--sbatch=--exclusive")
    assert found.extra == "--nice=100\n--exclusive"


@pytest.mark.parametrize("command", ["predict", "resubmit"])
def test_videos_at_once_are_asked_for(command, capsys):
    assert asked(command, "--at-once", "3").at_once == 3
    for wrong in ("-1", "1000", "two"):
        with pytest.raises(SystemExit):
            asked(command, "--at-once", wrong)
        assert "no number from 0 to 999" in capsys.readouterr().err


def test_what_is_left_out_stays_and_an_empty_value_takes_it_away():
    before = Resources(mail="a@b.c", at_once=2, extra="--nice=1", account="lab")
    assert asked("predict", before=before) == before
    empty = ["--account", "", "--mail", "", "--at-once", "0", "--sbatch", ""]
    assert asked("predict", *empty, before=before) == Resources()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--constraint", "a b"], "names of features"),
        (["--begin", "later"], "22:00, tomorrow"),
        (["--dependency", "4711"], "afterok:4711"),
        (["--mail", "jane"], "one address"),
        (["--account", "a b"], "The account may have"),
        (["--sbatch", "nice 100"], "no option of sbatch"),
        (["--sbatch=-t10"], "no option of sbatch"),
        (["--sbatch", "time=10"], "--time is set by"),
        (["--cpus", "0"], "at least 1 CPU"),
    ],
)
def test_what_the_dialog_would_refuse_is_refused(words, said):
    with pytest.raises(RemoteError, match=said) as told:
        asked("predict", *words)
    assert "Nothing was submitted" in str(told.value)


@pytest.mark.parametrize(
    ("rule", "words", "said"),
    [
        (FieldRule("account", hidden=True), ["--account", "x"], "leave --account out"),
        (FieldRule("extra", hidden=True), ["--sbatch", "nice=1"], "leave --sbatch out"),
        (FieldRule("at_once", most=4), ["--at-once", "5"], "at once of 4 at most"),
        (FieldRule("qos", fixed="normal"), ["--qos", "short"], "fixes the QoS"),
    ],
)
def test_a_field_that_the_dialog_does_not_offer_is_not_taken_here(rule, words, said):
    before = Resources(qos="normal")
    assert asked("predict", rules=[rule], before=before) == before
    with pytest.raises(RemoteError, match=said):
        asked("predict", *words, rules=[rule], before=before)


def test_the_account_that_is_given_pays_for_the_prediction_behind_it_too():
    arguments = build_parser().parse_args(COMMANDS["train"] + ["--account", "lab"])
    mine = Resources(account="old", cpus=2)
    found = slurm_options.for_the_prediction(arguments, mine)
    assert found == Resources(account="lab", cpus=2)
    arguments = build_parser().parse_args(COMMANDS["train"])
    assert slurm_options.for_the_prediction(arguments, mine) == mine


def a_job(uid="u1", kind=JobKind.TRAIN, resources=BEFORE, **values):
    about = dict.fromkeys(("name", "project", "cluster"), "x")
    folder = "/lab/" + uid
    return Job(
        uid=uid, kind=kind, folder=folder, resources=resources, **about, **values
    )


@pytest.fixture
def resubmit(monkeypatch):
    """Gives the command these words about a job; what was sent."""

    def run(job, *words):
        session = Session(jobs=[job])
        monkeypatch.setattr(commands, "session_of", lambda _arguments: session)
        arguments = build_parser().parse_args(["resubmit", job.uid, *words])
        assert arguments.run(arguments) == 0
        return session.sent

    return run


def test_when_to_begin_and_what_to_wait_for_were_of_the_earlier_job(resubmit):
    before = Resources(begin="22:00", dependency="afterok:7", account="lab")
    job = a_job(kind=JobKind.PREDICT, resources=before)
    assert resubmit(job) == [Resources(account="lab")]
    assert resubmit(job, "--begin", "tomorrow")[0].begin == "tomorrow"


def test_a_training_has_no_videos_at_once(resubmit):
    with pytest.raises(RemoteError, match="about the videos of a prediction"):
        resubmit(a_job(), "--at-once", "2")


def test_a_training_that_goes_on_gets_its_prediction_as_it_was_asked_for(resubmit):
    then = a_job("u2", kind=JobKind.PREDICT, parent="u1", request={"after": "u1"})
    job = a_job(state=JobState.RUNNING, then=job_to_dict(then))
    with pytest.raises(RemoteError, match="Leave --qos, --sbatch out"):
        resubmit(job, "--then-predict", "--qos", "short", "--sbatch", "nice=1")
