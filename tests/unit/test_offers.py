"""What a cluster is asked about its modules, and what of it is remembered."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import ConnectionFailed, ModuleMissing
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.session.offers import Offers, disagreements
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.ssh.transport import CommandResult

LEGACY, CURRENT = Generation.LEGACY, Generation.CURRENT


class Cluster:
    """A transport whose modules are a table: name -> (stamp, answer)."""

    def __init__(self, **modules):
        self.modules = {"SLEAP/" + name: what for name, what in modules.items()}
        self.asked = []
        self.hidden = {}
        self.is_silent = False

    def run(self, argv, **_keywords):
        if self.is_silent:
            raise ConnectionFailed("No connection.")
        if "avail" in argv[2]:
            lines = ["/apps/modulefiles:"] + list(self.modules)
            for name, (stamp, _) in self.modules.items():
                lines.append("@module-file {}.9 {}".format(stamp, name))
            return CommandResult(tuple(argv), 0, "\n".join(lines), "")
        names = argv[6:]
        self.asked.append(tuple(names))
        there = {**self.modules, **self.hidden}
        said = [
            "@sleap-module {} {}".format(
                name, there[name][1] if name in there else "broken unable to locate"
            )
            for name in names
        ]
        return CommandResult(tuple(argv), 0, "\n".join(said), "")


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


def make(tmp_path, cluster, known=(), clock=None):
    profile = ClusterProfile("lab", "Lab HPC", Address("gw"), modules=tuple(known))
    settings = Settings(tmp_path / "settings.json")
    return Offers(profile, cluster, settings, clock or Clock())


def versions(offers, **keywords):
    return {m.name: m.sleap for m in offers.read_modules(**keywords)}


def test_versions_are_read_in_one_command(tmp_path):
    cluster = Cluster(a=(1, "ok 1.3.1"), b=(2, "ok 1.6.3"))
    offers = make(tmp_path, cluster)
    assert versions(offers) == {"SLEAP/a": "1.3.1", "SLEAP/b": "1.6.3"}
    assert cluster.asked == [("SLEAP/a", "SLEAP/b")]


def test_what_was_read_is_remembered_by_other_sessions(tmp_path):
    cluster = Cluster(a=(1, "ok 1.3.1"))
    versions(make(tmp_path, cluster))
    again = make(tmp_path, cluster)
    assert {m.name: m.sleap for m in again.modules()} == {"SLEAP/a": "1.3.1"}
    assert versions(again) == {"SLEAP/a": "1.3.1"}
    assert len(cluster.asked) == 1


def test_a_module_whose_file_changed_is_read_again_and_no_other(tmp_path):
    cluster = Cluster(a=(1, "ok 1.3.1"), b=(1, "ok 1.6.3"))
    versions(make(tmp_path, cluster))
    cluster.modules["SLEAP/a"] = (2, "ok 1.3.4")
    assert versions(make(tmp_path, cluster))["SLEAP/a"] == "1.3.4"
    assert cluster.asked[1:] == [("SLEAP/a",)]


def test_after_a_week_a_version_is_read_again(tmp_path):
    cluster, clock = Cluster(a=(1, "ok 1.3.1")), Clock()
    offers = make(tmp_path, cluster, clock=clock)
    versions(offers)
    clock.now += 8 * 86400
    cluster.modules["SLEAP/a"] = (1, "ok 1.3.4")
    assert versions(offers)["SLEAP/a"] == "1.3.4"


def test_a_refresh_reads_everything_again(tmp_path):
    cluster = Cluster(a=(1, "ok 1.3.1"), b=(1, "ok 1.6.3"))
    offers = make(tmp_path, cluster)
    versions(offers)
    cluster.modules["SLEAP/a"] = (1, "ok 1.3.4")
    assert versions(offers, refresh=True)["SLEAP/a"] == "1.3.4"


def test_what_is_read_wins_over_the_profile(tmp_path):
    known = [SleapModule("SLEAP/a", "1.3.1")]
    offers = make(tmp_path, Cluster(a=(1, "ok 1.6.3")), known)
    assert {m.name: m.sleap for m in offers.modules()} == {"SLEAP/a": "1.3.1"}
    found = offers.read_modules()
    assert found[0].sleap == "1.6.3"
    assert disagreements(offers.profile, found) == (
        "SLEAP/a is SLEAP 1.6.3; the profile says 1.3.1.",
    )


@pytest.mark.parametrize("answer", ["container", "unknown", "said 1.2.0", "slow"])
def test_where_nothing_can_be_read_the_profile_counts(tmp_path, answer):
    known = [SleapModule("SLEAP/a", "1.3.1")]
    (module,) = make(tmp_path, Cluster(a=(1, answer)), known).read_modules()
    assert (module.sleap, module.told_by) == ("1.3.1", "profile")
    assert module.is_usable


def test_a_module_says_its_version_or_has_it_in_its_name(tmp_path):
    cluster = Cluster(**{"a": (1, "said 1.3.3"), "1.6.3": (1, "container"),
                         "2026": (1, "container")})  # fmt: skip
    found = {
        m.name: (m.sleap, m.told_by) for m in make(tmp_path, cluster).read_modules()
    }
    assert found == {
        "SLEAP/a": ("1.3.3", "module"),
        "SLEAP/1.6.3": ("1.6.3", "name"),
        "SLEAP/2026": ("", ""),
    }


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("broken ERROR: needs cuda/11.8", "cannot be loaded: ERROR: needs cuda/11.8"),
        ("none", "no SLEAP in it"),
        ("bare 1.3.1", "SLEAP 1.3.1 without its commands"),
    ],
)
def test_a_module_that_is_no_use_is_named_and_not_chosen(tmp_path, answer, words):
    cluster = Cluster(a=(1, answer), b=(1, "ok 1.6.3"))
    offers = make(tmp_path, cluster)
    bad = offers.read_modules()[0]
    assert (bad.name, bad.fault, bad.is_usable) == ("SLEAP/a", words, False)
    with pytest.raises(ModuleMissing, match="SLEAP/a") as caught:
        offers.choose_module(LEGACY, "1.3.1")
    assert words in str(caught.value)


def test_a_broken_module_that_was_mended_is_tried_again_within_an_hour(tmp_path):
    cluster, clock = Cluster(a=(1, "broken no licence")), Clock()
    offers = make(tmp_path, cluster, clock=clock)
    versions(offers)
    cluster.modules["SLEAP/a"] = (1, "ok 1.3.1")
    clock.now += 2 * 3600
    assert offers.choose_module(LEGACY, "1.3.1").name == "SLEAP/a"


def test_a_module_of_the_profile_that_is_not_listed_is_offered_once_it_loads(tmp_path):
    known = [SleapModule("pose/mine", "1.3.1"), SleapModule("SLEAP/gone", "1.2.9")]
    cluster = Cluster(a=(1, "ok 1.6.3"))
    cluster.hidden["pose/mine"] = (0, "ok 1.3.4")
    offers = make(tmp_path, cluster, known)
    assert [m.name for m in offers.modules()] == ["SLEAP/a"]
    assert versions(offers) == {"SLEAP/a": "1.6.3", "pose/mine": "1.3.4"}


def test_a_choice_that_is_another_sleap_than_thought_is_stopped(tmp_path):
    known = [SleapModule("SLEAP/a", "1.3.1")]
    cluster = Cluster(a=(1, "ok 1.6.3"), b=(1, "ok 1.3.4"))
    offers = make(tmp_path, cluster, known)
    with pytest.raises(ModuleMissing, match="Modules that fit: SLEAP/b"):
        offers.confirm_module(known[0], LEGACY)
    assert offers.confirm_module(SleapModule("SLEAP/b"), LEGACY).sleap == "1.3.4"


def test_a_choice_that_is_gone_or_broken_is_stopped(tmp_path):
    cluster = Cluster(a=(1, "broken no cuda"), b=(1, "ok 1.3.4"))
    offers = make(tmp_path, cluster)
    with pytest.raises(ModuleMissing, match="no cuda.*SLEAP/b"):
        offers.confirm_module(SleapModule("SLEAP/a"), LEGACY)
    with pytest.raises(ModuleMissing, match="not there any more"):
        offers.confirm_module(SleapModule("SLEAP/z"), LEGACY)


def test_a_list_that_could_not_be_had_stops_nobody(tmp_path):
    offers = make(tmp_path, Cluster())
    module = SleapModule("SLEAP/a", "1.3.1")
    assert offers.confirm_module(module, LEGACY) is module


def test_settings_that_somebody_edited_are_read_again(tmp_path):
    cluster = Cluster(a=(1, "ok 1.3.1"))
    offers = make(tmp_path, cluster)
    for odd in ([], "x", {"SLEAP/a": 7}, {"SLEAP/a": {"stamp": "1.9", "read": "soon"}}):
        offers.settings.set("modules.lab", odd)
        assert versions(offers) == {"SLEAP/a": "1.3.1"}


def test_nothing_is_forgotten_while_the_cluster_is_silent(tmp_path):
    cluster = Cluster(a=(1, "ok 1.3.1"))
    versions(make(tmp_path, cluster))
    cluster.is_silent = True
    with pytest.raises(ConnectionFailed):
        make(tmp_path, cluster).read_modules(refresh=True)
    cluster.is_silent = False
    again = make(tmp_path, cluster)
    assert [m.sleap for m in again.modules()] == ["1.3.1"]
