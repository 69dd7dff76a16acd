"""Which SLEAP a cluster's modules load, read on a real cluster with real modules."""

from __future__ import annotations

import dataclasses

import pytest
from practice_cluster.trial_modules import TRIALS

from sleap_remote_plugin.errors import ModuleMissing
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.slurm import modules

pytestmark = pytest.mark.cluster


@pytest.fixture
def unknowing(session):
    """The session, with a profile that tells no version."""
    session.use_profile(dataclasses.replace(session.profile, modules=()))
    return session


def test_the_versions_are_those_of_the_environments_behind_the_modules(
    unknowing, practice
):
    found = {m.name: (m.sleap, m.told_by) for m in unknowing.read_modules()}
    assert found == {
        name: (version, "cluster") for name, version in practice.sleap_versions.items()
    }


def test_a_known_version_costs_no_second_question(unknowing, monkeypatch):
    unknowing.read_modules()
    asked = []
    run = unknowing.transport.run
    monkeypatch.setattr(
        unknowing.transport,
        "run",
        lambda argv, **keywords: asked.append(argv) or run(argv, **keywords),
    )
    unknowing.offers.forget()
    assert all(m.sleap for m in unknowing.read_modules())
    assert len(asked) == 1  # the list, with the age of each module's file


def test_a_modulefile_that_changed_is_read_again(unknowing, practice):
    before = {m.name: m.sleap for m in unknowing.read_modules()}
    name = sorted(before)[0]
    path = "{}/apps/modulefiles/{}".format(practice.cluster_mount, name)
    practice.run_as_root("gateway", ["cp", "-p", path, path + ".kept"])
    try:
        practice.run_as_root("gateway", ["sh", "-c", "echo >> {}".format(path)])
        practice.run_as_root("gateway", ["touch", "-d", "2001-01-01", path])
        key = "modules." + unknowing.profile.name
        old = unknowing.settings.get(key)[name]["stamp"]
        unknowing.offers.forget()
        unknowing.read_modules()
        assert unknowing.settings.get(key)[name]["stamp"] != old
    finally:
        practice.run_as_root("gateway", ["mv", path + ".kept", path])


def test_installations_of_every_kind_are_told_apart(session):
    argv = modules.ask_modules(sorted(TRIALS), 15, 60)
    answers = modules.read_answers(session.transport.run(argv, timeout=90).stdout)
    assert {a.name: (a.status, a.version) for a in answers} == TRIALS


def test_a_broken_module_is_named_with_its_own_words(session):
    profile = dataclasses.replace(session.profile, module_pattern="trials", modules=())
    session.use_profile(profile)
    found = {m.name: m for m in session.read_modules()}
    assert set(found) == set(TRIALS)
    assert "no-such-thing" in found["trials/broken"].fault
    assert not found["trials/broken"].is_usable
    chosen = session.choose_module(Generation.CURRENT, "1.6.3")
    assert chosen.name == "trials/uv-tool"


def test_a_version_that_the_profile_has_wrong_stops_before_anything_is_sent(
    session, practice
):
    name = practice.modules.get("current")
    if name is None:
        pytest.skip("needs a module of SLEAP 1.5 or newer")
    lie = SleapModule(name, "1.3.1")
    session.use_profile(dataclasses.replace(session.profile, modules=(lie,)))
    with pytest.raises(ModuleMissing, match="Nothing was submitted or exported"):
        session.confirm_module(lie, Generation.LEGACY)
