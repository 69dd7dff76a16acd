from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import ConnectionFailed
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig, read_jumps
from sleap_remote_plugin.ssh.route import find_route


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


def test_a_match_that_we_do_not_evaluate_leaves_its_block_out(config, tmp_path, caplog):
    touched = tmp_path / "touched"
    made = config(
        'Match exec "touch {}"\n User no\nMatch host gw\n Port 2200\n'.format(touched)
    )

    said = made.lookup("gw")

    assert (said.user, said.port) == ("", 2200)
    assert not touched.exists()
    assert "left out" in caplog.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_config_is_left_out(config, tmp_path, caplog):
    made_path = tmp_path / "config"
    made_path.write_text("Host gw\n User jane\n")
    made_path.chmod(0)

    assert SshConfig([made_path]).lookup("gw").user == ""
