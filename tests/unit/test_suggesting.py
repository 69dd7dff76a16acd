"""What a cluster offers: asked cheaply, remembered, and suggested within the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from sleap_remote_plugin.errors import ConnectionFailed
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.suggesting import Suggesting
from sleap_remote_plugin.ssh.transport import CommandResult

DATA = Path(__file__).resolve().parents[1] / "data" / "slurm"
SINFO = (DATA / "sinfo_gpus.txt").read_text("utf-8")
GB = 2**30
TRAIN, CURRENT = JobKind.TRAIN, Generation.CURRENT


class Cluster:
    """A transport: program -> (exit code, text) or an exception."""

    user = "jane"
    is_connected = True

    def __init__(self, **answers):
        self.answers = {"sinfo": (0, SINFO), **answers}
        self.asked = []

    def run(self, argv, **_keywords):
        self.asked.append(argv[0])
        answer = self.answers.get(argv[0], (127, ""))
        if isinstance(answer, Exception):
            raise answer
        return CommandResult(tuple(argv), answer[0], answer[1], "")


class Told(Suggesting):
    def __init__(self, tmp_path, cluster, rules=(), limits=()):
        self.profile = ClusterProfile(
            "lab", "Lab", Address("gw"), rules=tuple(rules), limits=tuple(limits)
        )
        self.transport = cluster
        self.settings = Settings(tmp_path / "settings.json")
        self.now = 1.8e9
        self.clock = lambda: self.now

    def jobs(self):
        return ()


def test_one_sinfo_and_one_sacctmgr_tell_all_of_it(tmp_path):
    cluster = Cluster(sacctmgr=(0, "lab||normal,short|normal\n"))
    session = Told(tmp_path, cluster)
    site = session.site()
    assert {one.name: one.free_gpus() for one in site.partitions}["gpu"] == 1
    assert site.accounts[0].qos == ("normal", "short")
    session.site()
    session.partitions()
    assert cluster.asked == ["sinfo", "sacctmgr"]
    session.now += 30
    session.site()
    assert cluster.asked == ["sinfo", "sacctmgr", "sinfo"]


@pytest.mark.parametrize(
    "answer", [(127, ""), (1, "sacctmgr: error\n"), ConnectionFailed("It broke.")]
)
def test_where_no_accounts_are_told_there_are_none_to_choose(tmp_path, answer):
    session = Told(tmp_path, Cluster(sacctmgr=answer))
    site = session.site()
    assert (site.accounts, len(site.partitions)) == ((), 4)


def test_it_is_remembered_with_its_age_for_when_there_is_no_connection(tmp_path):
    first = Told(tmp_path, Cluster(sacctmgr=(0, "lab||normal|\n")))
    site = first.site()
    offline = Told(tmp_path, Cluster(sinfo=ConnectionFailed("No network.")))
    assert offline.known_site() == site
    assert offline.known_site().asked == 1.8e9
    with pytest.raises(ConnectionFailed):
        offline.site()


@pytest.mark.parametrize("kept", [None, 3, [], {"partitions": [{"name": 1}]}, "x"])
def test_what_cannot_be_read_is_not_remembered(tmp_path, kept):
    limits = (Partition("gpu"),)
    session = Told(tmp_path, Cluster(), limits=limits)
    session.settings.set("site.lab", kept)
    assert (session.known_site().partitions, session.known_site().asked) == (limits, 0)


def test_where_sinfo_says_nothing_the_profile_counts(tmp_path):
    limits = (Partition("gpu"),)
    session = Told(tmp_path, Cluster(sinfo=(1, "")), limits=limits)
    assert session.partitions() == limits
    assert session.site().asked == 0


def test_no_start_is_asked_for_without_a_connection(tmp_path):
    cluster = Cluster()
    cluster.is_connected = False
    found = Told(tmp_path, cluster).estimate_start(TRAIN, Resources(), 1)
    assert (found.wait, cluster.asked) == (None, [])


def test_what_was_asked_for_last_is_suggested_as_the_profile_allows_it_now(tmp_path):
    session = Told(tmp_path, Cluster(), rules=(FieldRule("memory", most=16 * GB),))
    assert session.suggest_resources(TRAIN, CURRENT).memory == 16 * GB
    session.settings.keep_resources("lab", TRAIN, CURRENT, Resources(cpus=3))
    asked = session.suggest_resources(TRAIN, CURRENT)
    assert (asked.cpus, asked.memory) == (3, 16 * GB)


# -- the command line ------------------------------------------------------------------
