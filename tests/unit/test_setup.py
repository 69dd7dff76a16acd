from __future__ import annotations

from types import SimpleNamespace

import pytest

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.paths import Mount, MountMap
from sleap_remote_plugin.session.setup import (
    User,
    completed,
    find_user,
    look_at_modules,
    new_cluster,
)
from sleap_remote_plugin.ssh.local import LocalTransport


@pytest.mark.parametrize(
    ("name", "login", "jump", "profile"),
    [
        ("My lab", "gw", "", ("my-lab", "My lab", Address("gw"), ())),
        ("", "gw.lab", "", ("gw.lab", "gw.lab", Address("gw.lab"), ())),
        (
            "Lab",
            "jane@gw:2222",
            "b, me@c:23",
            (
                "lab",
                "Lab",
                Address("gw", 2222, "jane"),
                (Address("b"), Address("c", 23, "me")),
            ),
        ),
    ],
)
def test_another_cluster_needs_a_login_host_only(name, login, jump, profile):
    found = new_cluster(name, login, jump)
    assert (found.name, found.title, found.login, found.jump) == profile


@pytest.mark.parametrize(
    ("name", "login", "jump", "words"),
    [
        ("Lab", " ", "", "which host"),
        ("Lab", "a b", "", "is no host"),
        ("Lab", "-oProxyCommand=x", "", "is no host"),
        ("Lab", "gw", "b:x", "is no host"),
        ("Lab", "gw,gw2", "", "one login host"),
        ("Taken", "gw", "", "called taken already"),
        ("小鼠", "gw", "", "letters or digits"),
    ],
)
def test_what_is_wrong_with_another_cluster_is_a_sentence(name, login, jump, words):
    with pytest.raises(ProfileError, match=words):
        new_cluster(name, login, jump, ["taken"])


def a_session(user="", before="", own="", login=Address("gw"), modules=()):  # noqa: B008
    profile = ClusterProfile("lab", "Lab", login, user=own)
    return SimpleNamespace(
        profile=profile,
        user=user,
        transport=None,
        settings={"user.lab": before},
        read_modules=lambda refresh: modules,
    )


@pytest.mark.parametrize(
    ("values", "name", "settled"),
    [
        ({"user": "sam"}, "sam", True),  # as ssh config says
        ({"user": "sam", "before": "jane"}, "jane", False),
        ({"user": "sam", "own": "jane"}, "jane", False),
        ({"login": Address("gw", 22, "jo"), "own": "x"}, "jo", True),
        ({"login": None, "user": "me"}, "me", True),
    ],
)
def test_who_the_user_is_comes_from_the_nearest_word(values, name, settled):
    found = find_user(a_session(**values))
    assert (found.name, found.is_settled) == (name, settled)


def test_on_a_machine_of_the_cluster_nobody_is_asked_for():
    session = a_session(user="me", own="jane")
    session.transport = LocalTransport()
    assert find_user(session).is_settled


MODULES = (SleapModule("SLEAP/a", "1.3.1"), SleapModule("SLEAP/b", "1.6.3"))


@pytest.mark.parametrize(
    ("modules", "version", "verdict", "words"),
    [
        (MODULES, "1.6.3", "ok", "SLEAP/b has SLEAP 1.6.3"),
        (MODULES, "1.6.6", "warn", 'uv tool install --python 3.13 "sleap[nn]==1.6.3"'),
        (MODULES, "1.3.4", "warn", "sleap=1.3.1"),
        (MODULES[:1], "1.6.6", "warn", "sleap=1.3.1"),
        ((SleapModule("SLEAP/x"),), "1.6.6", "warn", "Ask the cluster's people"),
        ((), "1.6.6", "fail", "Ask for SLEAP"),
    ],
)
def test_which_module_fits_is_said_with_what_to_do(modules, version, verdict, words):
    line = look_at_modules(a_session(modules=modules), version).lines[-1]
    assert line.verdict == verdict
    assert words in line.text + line.remedy


def test_what_was_found_completes_the_profile_and_loses_nothing():
    profile = ClusterProfile(
        "lab",
        "Lab",
        Address("gw"),
        mounts=(Mount("/mnt/win", "/win"), Mount("Z:\\", "/ceph")),
        modules=MODULES[:1],
    )
    proven = (Mount("/mnt/c", "/ceph"), Mount("/mnt/win", "/winstor"))
    found = completed(profile, User("jane", False), proven, MODULES)
    assert found.user == "jane"
    assert found.modules == MODULES
    assert set(found.mounts) == {*proven, Mount("Z:\\", "/ceph")}
    assert str(MountMap(found.mounts).to_cluster("/mnt/win/x")) == "/winstor/x"
    assert completed(found, User("jane", False), proven, MODULES) == found


def test_a_user_of_ssh_config_stays_there():
    profile = ClusterProfile("lab", "Lab", Address("gw"))
    assert completed(profile, User("jane", True)).user == ""
