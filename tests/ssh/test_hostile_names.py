"""Names that are meant to be something else: refused with a sentence, never run."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyUnknown,
    ProfileError,
    RemoteError,
)
from sleap_remote_plugin.jobs.cluster import Address, is_host_name, is_user_name
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.local import LocalTransport
from sleap_remote_plugin.ssh.route import find_route

HOSTS = [
    "-oProxyCommand=touch x",
    "-l",
    "a b",
    "a\nb",
    "$(id)",
    "`id`",
    "a;id",
    "a'b",
    'a"b',
    "*",
    "!gw",
    "a,b",
    "|1|x|y",
    "@revoked",
    "#gw",
    "a/../b",
    "",
    "a\u2028b",
    "x" * 300,
]
USERS = [
    "-l",
    "a b -x",
    "$(id)",
    "`id`",
    "a;id",
    "a'b",
    'a"b',
    "a\nb",
    "a\\",
    "a|b",
    " ",
]
GOOD_HOSTS = [
    "gw",
    "hpc-gw2",
    "a_b.example.org",
    "::1",
    "fe80::1%eth0",
    "bücher.example",
]
GOOD_USERS = [
    "jane",
    "j.doe",
    "DOMAIN\\jane",
    "jane@lab.org",
    "Jane Doe",
    "jané",
    "_x$",
]

# What a shell would run, if it ever came to one; `pwned` leaves a file behind.
FRAGMENTS = st.sampled_from(
    [
        "$(pwned)",
        "`pwned`",
        ";pwned;",
        "'; pwned; '",
        '"; pwned; "',
        "\npwned\n",
        "&& pwned",
        "| pwned",
        "$IFS",
        "${HOME}",
        "-rf",
        "--",
        "#",
        "~",
        "*",
        "\\",
        "!!",
        " ",
        "{a,b}",
        "é鼠",
        "x",
    ]
)
HOSTILE = st.lists(FRAGMENTS, min_size=1, max_size=5).map("".join)
FEW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_that_is_no_name_is_refused_by_the_route(name):
    with pytest.raises(ConnectionFailed, match="Nothing was sent"):
        find_route(Address(name), (), "jane", SshConfig([]))


@pytest.mark.parametrize("name", USERS)
def test_a_user_that_is_no_name_is_refused_by_the_route(name):
    with pytest.raises(ConnectionFailed, match="no such name as user"):
        find_route(Address("gw"), (), name, SshConfig([]))


@pytest.mark.parametrize("name", GOOD_HOSTS)
def test_ordinary_hosts_are_fine(name):
    assert find_route(Address(name), (), "jane", SshConfig([]))[0].hostname == name


@pytest.mark.parametrize("name", GOOD_USERS)
def test_ordinary_users_are_fine(name):
    assert find_route(Address("gw"), (), name, SshConfig([]))[0].user == name


@pytest.mark.parametrize(
    "line",
    [
        "HostName $(id)",
        "HostName -oX",
        "HostName %h;id",
        'HostName "a b"',
        "HostKeyAlias *",
        "HostKeyAlias a,b",
        "User $(id)",
        "User -l",
    ],
)
def test_a_name_of_ssh_config_is_held_to_the_same_rule(tmp_path, line):
    path = tmp_path / "config"
    path.write_text("Host gw\n " + line + "\n")
    user = "" if line.startswith("User") else "jane"

    with pytest.raises(ConnectionFailed, match="no such name"):
        find_route(Address("gw", 22, user), (), "", SshConfig([path]))


def profile_with(tmp_path, **fields):
    given_ = {"name": "c", "login": "gw", "mounts": [{"cluster": "/c", "local": "/c"}]}
    given_.update(fields)
    path = tmp_path / "c.yaml"
    path.write_text(json.dumps(given_), "utf-8")  # JSON is YAML
    return path


@pytest.mark.parametrize("name", HOSTS)
def test_a_profile_with_such_a_host_is_told_with_its_line(tmp_path, name):
    for fields in (
        {"login": {"host": name}},
        {"login": name},
        {"jump": [name]},
        {"jump": ["ok", {"host": name, "port": 22}]},
    ):
        if fields == {"login": ""}:  # as good as null: this machine
            continue
        with pytest.raises(ProfileError, match="line 1"):
            load_profile(profile_with(tmp_path, **fields))


@pytest.mark.parametrize("name", USERS)
def test_a_profile_with_such_a_user_is_told_with_its_line(tmp_path, name):
    for fields in (
        {"user": name},
        {"login": {"host": "gw", "user": name}},
        {"login": name + "@gw"},
    ):
        with pytest.raises(ProfileError, match="line 1"):
            load_profile(profile_with(tmp_path, **fields))


def route_or_sentence(host, user):
    try:
        return find_route(Address(host), (), user, SshConfig([]))[0], ""
    except RemoteError as error:
        return None, str(error)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_names_give_a_route_or_a_sentence(host, user):
    hop, sentence = route_or_sentence(host, user)

    if hop is None:
        assert "Nothing was sent" in sentence
    else:
        assert is_host_name(host)
        assert is_user_name(user)


ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@given(ASCII.filter(is_host_name))
@settings(deadline=None)
def test_a_pinned_name_is_that_hosts_only(tmp_path_factory, name):
    keys = HostKeys(tmp_path_factory.mktemp("pins") / "own", ())
    with pytest.raises(HostKeyUnknown) as caught:
        keys.check(name, KEY)
    keys.trust(caught.value)

    keys.check(name, KEY)
    with pytest.raises(HostKeyUnknown):
        keys.check("another." + name, KEY)


KEY = paramiko.ECDSAKey.generate()


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A login shell in which `pwned` works, and whose `show` tells its words."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "pwned").write_text("#!/bin/sh\n: > {}\n".format(tmp_path / "pwned"))
    (tools / "show").write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    profile = 'PATH="{}:$PATH"\nmodule() {{ show "$@"; }}\n'.format(tools)
    (tmp_path / ".bash_profile").write_text(profile)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "{}:{}".format(tools, os.environ["PATH"]))
    transport = LocalTransport()
    # The trap is set: without quoting it snaps.
    transport.run(["sh", "-c", "echo $(pwned)"])
    assert (tmp_path / "pwned").exists()
    (tmp_path / "pwned").unlink()
    return transport, tmp_path / "pwned"


def test_hostile_arguments_run_nothing_in_a_login_shell(shell):
    transport, pwned = shell

    @FEW
    @given(st.lists(HOSTILE, min_size=1, max_size=3))
    def run_nothing(arguments):
        said = transport.run(["show", *arguments]).stdout
        assert said.split("\0")[:-1] == arguments
        assert not pwned.exists()

    run_nothing()


def test_hostile_names_are_refused_before_match_exec_sees_them(shell, tmp_path):
    _, pwned = shell
    path = tmp_path / "config"
    path.write_text('Match exec "show %n %r"\n Port 2200\n')
    # The trap is set, as it is in OpenSSH: the user's own command quotes nothing.
    config = path.parent / "trap"
    config.write_text('Match exec "show $(pwned)"\n Port 2200\n')
    SshConfig([config]).lookup("gw")
    assert pwned.exists()
    pwned.unlink()

    @FEW
    @given(HOSTILE)
    def run_nothing(name):
        for host, user in (("gw", name + ";pwned"), (name + ";pwned", "jane")):
            with pytest.raises(ConnectionFailed, match="Nothing was sent"):
                find_route(Address(host), (), user, SshConfig([path]))
            SshConfig([path]).lookup(host, user)
        assert not pwned.exists()

    run_nothing()
