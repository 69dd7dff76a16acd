from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import ConnectionFailed
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.jumps import jump_of_command, read_jumps
from sleap_remote_plugin.ssh.route import find_route
from tests.ssh.waiting import has_ended, wait_until


@pytest.fixture
def config(tmp_path):
    def make(text, **others):
        for name, content in others.items():
            (tmp_path / name).write_text(content)
        path = tmp_path / "config"
        path.write_text(text)
        return SshConfig([path])

    return make


def test_what_is_said_of_a_host_is_found(config):
    said = config(
        "Host gw\n HostName hpc.example.org\n User jane\n Port 2222\n"
        " IdentityFile /keys/one\n IdentityFile /keys/two\n IdentitiesOnly yes\n"
        " HostKeyAlias cluster\n ProxyJump bob@bastion:2200\n"
    ).lookup("gw")

    assert (said.hostname, said.user, said.port) == ("hpc.example.org", "jane", 2222)
    assert said.identity_files == (Path("/keys/one"), Path("/keys/two"))
    assert said.identities_only
    assert said.host_key_alias == "cluster"
    assert said.jump == (Address("bastion", 2200, "bob"),)


def test_of_an_unnamed_host_only_its_name_is_known(config):
    said = config("Host other\n User jane\n").lookup("gw")

    assert (said.hostname, said.user, said.port, said.jump) == ("gw", "", None, ())


def test_included_files_are_read_in_place(config):
    made = config(
        "Include one\nHost gw\n Include two\n User late\nHost *\n User everybody\n",
        one="Host gw\n Port 2200\n",
        two="HostName inner.example.org\n",
    )

    said = made.lookup("gw")
    assert (said.port, said.hostname, said.user) == (2200, "inner.example.org", "late")
    other = made.lookup("other")
    assert (other.hostname, other.user) == ("other", "everybody")


def test_an_include_that_includes_itself_ends(config):
    made = config("Include config\nHost gw\n User jane\n")

    assert made.lookup("gw").user == "jane"


def test_lines_that_mean_nothing_are_left_out_with_a_word(config, caplog):
    made = config("Host gw\n User jane\n Rubbish\n Port 2200\n")

    assert made.lookup("gw").port == 2200
    assert "line 3 is not understood" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        'Host "gw\n User jane\n',
        "Match nonsense gw\n User jane\n",
        "Host gw\n Port many\n",
        "Host gw\n ProxyJump -oProxyCommand=evil\n",
        "\x00\xff\n",
    ],
)
def test_a_broken_config_is_a_line_in_the_log(config, caplog, text):
    said = config(text).lookup("gw")

    assert said.hostname == "gw"
    assert said.jump == ()
    assert "left out" in caplog.text


def test_a_config_that_cannot_be_read_is_a_line_in_the_log(tmp_path, caplog):
    (tmp_path / "config").mkdir()

    assert SshConfig([tmp_path / "config"]).lookup("gw").hostname == "gw"
    assert "cannot be read" in caplog.text


def test_a_missing_config_is_nothing_to_tell(tmp_path, caplog):
    caplog.set_level(logging.INFO)

    assert SshConfig([tmp_path / "none"]).lookup("gw").hostname == "gw"
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("text", "hops"),
    [
        ("none", ()),
        ("", ()),
        ("a", (Address("a", 0),)),
        ("jane@a:22,b", (Address("a", 22, "jane"), Address("b", 0))),
        ("ssh://jane@[::1]:2200", (Address("::1", 2200, "jane"),)),
    ],
)
def test_proxy_jumps_are_read(text, hops):
    assert read_jumps(text) == hops


@pytest.mark.parametrize("text", ["-oX", "a b", "a:port", "@", "a,,b"])
def test_a_proxy_jump_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="ProxyJump"):
        read_jumps(text)


# -- routes --------------------------------------------------------------------------


def test_the_profile_wins_over_the_config(config):
    made = config("Host gw\n User jane\n Port 2200\n HostName inner\n")

    hop = find_route(Address("gw", 2222, "bob"), (), "joe", made)[0]
    assert (hop.user, hop.port, hop.hostname) == ("bob", 2222, "inner")
    hop = find_route(Address("gw"), (), "", made)[0]
    assert (hop.user, hop.port) == ("jane", 2200)


def test_a_profile_may_name_a_host_alias_with_its_whole_way(config):
    made = config(
        "Host gw\n ProxyJump b\nHost b\n HostName bb\n ProxyJump a:2201\n"
        "Host a\n User other\n"
    )

    route = find_route(Address("gw"), (), "jane", made)

    assert [hop.hostname for hop in route] == ["a", "bb", "gw"]
    assert [hop.port for hop in route] == [2201, 22, 22]
    assert route[-1].route == "gw+via+bb+via+[a]:2201"


def test_a_way_that_leads_round_in_a_circle_is_told(config):
    made = config("Host a\n ProxyJump b\nHost b\n ProxyJump a\n")

    with pytest.raises(ConnectionFailed, match="circle"):
        find_route(Address("a"), (), "jane", made)


@pytest.mark.parametrize("test", ["localnetwork 10.0.0.0/8", "tagged home", "host"])
def test_a_match_that_is_not_followed_leaves_its_block_out(config, caplog, test):
    said = config("Match {}\n User no\nMatch host gw\n Port 2200\n".format(test))

    found = said.lookup("gw")

    assert (found.user, found.port) == ("", 2200)
    assert "line 1: Match {} is not".format(test.split()[0]) in caplog.text


def test_a_jump_to_itself_is_told(config):
    made = config("Host *\n ProxyJump bastion\n")

    with pytest.raises(ConnectionFailed, match="circle.*ProxyJump none"):
        find_route(Address("gw"), (), "jane", made)


def test_the_users_own_name_on_a_hop_wins_over_the_profiles(config):
    made = config("Host bastion\n User other\nHost gw\n User wrong\n")

    route = find_route(Address("gw"), [Address("bastion")], "jane", made)
    assert [hop.user for hop in route] == ["other", "jane"]
    route = find_route(Address("gw"), [Address("bastion", 22, "me")], "jane", made)
    assert [hop.user for hop in route] == ["me", "jane"]


def test_a_port_of_22_in_a_proxy_jump_is_meant(config):
    made = config("Host gw\n ProxyJump b:22\nHost b\n Port 2200\n")

    assert find_route(Address("gw"), (), "jane", made)[0].port == 22


def test_what_a_hop_may_use_is_handed_on(config):
    made = config(
        'Host gw\n StrictHostKeyChecking yes\n UserKnownHostsFile /a "/b c"\n'
        " GlobalKnownHostsFile none\n IdentityAgent /sock\n PubkeyAuthentication no\n"
        " IdentityFile none\n"
    )

    hop = find_route(Address("gw"), (), "jane", made)[0]

    assert hop.known_hosts == (Path("/a"), Path("/b c"))
    assert (hop.strict, hop.offers_keys, hop.identity_files) == (True, False, ())
    assert hop.identity_agent == "/sock"


def test_tokens_and_variables_in_paths_are_replaced(config, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("KEYS", "/keys")
    made = config(
        "Host gw\n HostName %h.example.org\n User jane\n Port 2200\n"
        " IdentityFile ~/%h-%n\n IdentityFile ${KEYS}/%r@%p\n IdentityFile %d/100%%\n"
        " IdentityFile %u\n IdentityFile %Q\n IdentityFile ${NOT_THERE}/x\n"
    )

    files = made.lookup("gw").identity_files

    assert files[:3] == (
        Path("/home/me/gw.example.org-gw"),
        Path("/keys/jane@2200"),
        Path("/home/me/100%"),
    )
    assert len(files) == 4  # the last two are nothing


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        ("none", "none"),
        ("SSH_AUTH_SOCK", ""),
        ("$MY_AGENT", "/run/agent"),
        ("$NOT_THERE", "none"),
        ('"/with space/agent.sock"', "/with space/agent.sock"),
    ],
)
def test_the_agents_socket_is_read(config, monkeypatch, text, agent):
    monkeypatch.setenv("MY_AGENT", "/run/agent")

    assert config("IdentityAgent " + text).lookup("gw").identity_agent == agent


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("PubkeyAuthentication no", False),
        ("PreferredAuthentications password,keyboard-interactive", False),
        ("PreferredAuthentications publickey,password", True),
        ("PubkeyAuthentication unbound", True),
    ],
)
def test_who_wants_no_keys_offers_none(config, line, offered):
    assert config("Host gw\n" + line).lookup("gw").offers_keys is offered


def test_habits_that_mean_nothing_here_do_no_harm(config, caplog):
    said = config(
        "ControlMaster auto\nControlPath ~/.ssh/%C\nControlPersist 10m\n"
        "UseKeychain yes\n"
        "SendEnv LANG LC_*\nForwardX11 yes\nServerAliveInterval 60\nUser jane\n"
    ).lookup("gw")

    assert said.user == "jane"
    assert caplog.text == ""


def test_a_file_from_windows_is_read(tmp_path):
    path = tmp_path / "config"
    path.write_bytes(b"\xef\xbb\xbfHost gw\r\n  User = jane \r\n\tPort\t2200\r\n")

    said = SshConfig([path]).lookup("gw")

    assert (said.user, said.port) == ("jane", 2200)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"Host *\n User \x00jane\n", "not text"), (b"# \n" * (2 << 20), "too large")],
    ids=["binary", "huge"],
)
def test_a_file_that_is_no_config_is_left_out(tmp_path, caplog, content, why):
    path = tmp_path / "config"
    path.write_bytes(content)

    assert SshConfig([path]).lookup("gw").user == ""
    assert why in caplog.text


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / "config"))

    assert SshConfig([tmp_path / "config"]).lookup("gw").user == ""


def test_includes_that_multiply_end(config, caplog):
    made = config("Include config config config\nUser jane\n")

    assert made.lookup("gw").user == "jane"
    assert "too many Includes" in caplog.text


def test_what_is_left_out_is_told_once(tmp_path):
    told = []
    path = tmp_path / "config"
    path.write_text("Rubbish\nMatch tagged x\n User no\n")
    made = SshConfig([path], tell=told.append)
    made.lookup("gw")
    made.lookup("other")

    assert len(told) == 2
    assert all(str(path) in sentence for sentence in told)


# -- Match exec ----------------------------------------------------------------------


def test_the_command_of_a_match_gets_its_tokens_and_no_stdin(config, tmp_path):
    seen = tmp_path / "seen"
    made = config(
        "Host gw\n HostName inner\n Port 2200\n User jane\n"
        'Match exec "echo %h %n %p %r > {} && ! read line"\n HostKeyAlias yes\n'.format(
            seen
        )
    )

    assert made.lookup("gw").host_key_alias == "yes"
    assert seen.read_text() == "inner gw 2200 jane\n"


def test_a_command_is_not_run_where_the_match_failed_before(config, tmp_path):
    made = config('Match host other exec "touch {}"\n User no\n'.format(tmp_path / "x"))

    assert made.lookup("gw").user == ""
    assert not (tmp_path / "x").exists()


def test_a_command_runs_once_for_each_way_it_reads(config, tmp_path):
    made = config('Match exec "echo %n >> {}"\n User yes\n'.format(tmp_path / "runs"))

    assert [made.lookup(host).user for host in ("a", "b", "a")] == ["yes"] * 3
    assert (tmp_path / "runs").read_text() == "a\nb\n"


def test_a_command_that_hangs_is_ended_and_told(tmp_path):
    path, pid = tmp_path / "config", tmp_path / "pid"
    path.write_text(
        'Match exec "sleep 600 & echo $! > {}; wait"\n User no\n'.format(pid)
    )
    told = []

    assert SshConfig([path], tell=told.append, deadline=1.0).lookup("gw").user == ""
    assert "its block is left out" in told[0]
    wait_until(lambda: has_ended(pid))


@pytest.mark.parametrize("name", ["config", "more"])
def test_a_command_in_a_file_that_others_can_write_is_not_run(config, tmp_path, name):
    line = 'Match exec "touch {}"\n User no\n'.format(tmp_path / "touched")
    (tmp_path / "more").write_text(line)
    (tmp_path / "config").write_text("Include more\n" + line)
    (tmp_path / name).chmod(0o646)
    if name == "more":
        (tmp_path / "config").write_text("Include more\nUser jane\n")
    told = []

    said = SshConfig([tmp_path / "config"], tell=told.append).lookup("gw")

    assert said.user == ("jane" if name == "more" else "")
    assert not (tmp_path / "touched").exists()
    assert "others can write" in told[0]


# -- ProxyCommand --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "hops"),
    [
        ("none", ()),
        ("ssh -W %h:%p bastion", (Address("bastion", 0),)),
        ("ssh -q -W [%h]:%p me@bastion", (Address("bastion", 0, "me"),)),
        (
            "exec /usr/bin/ssh -qxT -p 2201 -l me bastion -W %h:%p",
            (Address("bastion", 2201, "me"),),
        ),
        ("ssh -p2201 -l me -W %h:%p bastion", (Address("bastion", 2201, "me"),)),
        ("ssh bastion -W %h:%p", (Address("bastion", 0),)),
        ("ssh bastion nc %h %p", (Address("bastion", 0),)),
        ("ssh bastion nc other 22", None),
        ("ssh -W other:22 bastion", None),
        ("ssh -oX=y -W %h:%p bastion", None),
        ("ssh -W %h:%p bastion; touch x", None),
        ("nc -X connect -x proxy:3128 %h %p", None),
        ('ssh -W "%h:%p bastion', None),
    ],
)
def test_a_proxy_command_that_is_a_jump_is_read_as_one(command, hops):
    assert jump_of_command(command) == hops


def test_a_proxy_command_leads_through_its_host(config):
    made = config("Host gw\n ProxyCommand ssh -W %h:%p b\nHost b\n Port 2201\n")

    route = find_route(Address("gw"), (), "jane", made)

    assert [(hop.hostname, hop.port) for hop in route] == [("b", 2201), ("gw", 22)]


def test_another_proxy_command_is_told_not_run(config, tmp_path):
    made = config("Host gw\n ProxyCommand touch {}\n".format(tmp_path / "touched"))

    with pytest.raises(ConnectionFailed, match="ProxyCommand.*not followed.*`jump`"):
        find_route(Address("gw"), (), "jane", made)
    # The profile's own hops lead there without it.
    assert len(find_route(Address("gw"), [Address("b")], "jane", made)) == 2
    assert not (tmp_path / "touched").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_config_is_left_out(config, tmp_path, caplog):
    made_path = tmp_path / "config"
    made_path.write_text("Host gw\n User jane\n")
    made_path.chmod(0)

    assert SshConfig([made_path]).lookup("gw").user == ""
