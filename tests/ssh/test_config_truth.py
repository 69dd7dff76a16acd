"""What the real ``ssh -G`` says of the same configuration."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.ssh.config import SshConfig

pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh here")

CONFIGS = {
    "the first value wins": "Host gw\n Port 1\nHost *\n Port 2\n User all\n",
    "before any block": "Port 7\nHost gw\n User jane\n",
    "case and equals signs": "hOsT=gw\n\tPORT = 2200\n  user=jane\nHostName= x.org\n",
    "quotes": 'Host "gw"\n User "jane doe"\n IdentityFile "/a b/key"\n',
    "escapes": "Host gw\n User jane\\ doe\n IdentityFile /a\\ b\n",
    "comments": "# Host\nHost gw # this one\n User jane # her\n   # more\n Port 5\n",
    "carriage returns": "Host gw\r\n User jane\r\n\r\n Port 2200\r\n",
    "several patterns": "Host a gw b\n User jane\nHost a,gw\n Port 3\n",
    "negation": "Host g* !gw\n User no\nHost !x\n User no\nHost !x g?\n Port 4\n",
    "brackets are letters": "Host [g]w\n User no\nHost [gw]\n Port 3\n",
    "the name given is matched": "Host gw\n HostName in\nHost in\n User no\n",
    "Match host is the name meant": "Host gw\n HostName in\nMatch host in\n User y\n",
    "Match originalhost": "HostName in\nMatch originalhost gw,x\n User y\n",
    "Match user": "User jane\nMatch user j*\n Port 3\nMatch user !j*,*\n Port 4\n",
    "Match localuser": "Match localuser {me}\n Port 3\n",
    "Match two": "Match host gw user jane\n Port 3\nMatch host gw\n User x\n",
    "Match not": "Match !host gw\n Port 3\nMatch !host x\n Port 4\n",
    "Match all": "Host x\n User no\nMatch all\n User yes\n",
    "Match final": "Match final host in\n User late\nHost gw\n HostName in\n",
    "Match canonical": "Match canonical\n User no\nMatch !canonical\n Port 3\n",
    "Match exec": 'Match exec "test %h = gw"\n Port 3\nMatch exec false\n User no\n',
    "Match not exec": 'Match !exec "test %n = x"\n Port 3\n',
    "percent in HostName": "Host gw\n HostName %h.example.org\n",
    "capitals": "Host GW\n User no\nHost gw\n HostName IN.Example.ORG\n",
    "a jump": "Host gw\n ProxyJump me@b:2201,c\n",
    "no jump": "Host gw\n ProxyJump none\nHost *\n ProxyJump b\n",
    "jump before command": "ProxyJump b\nProxyCommand ssh -W %h:%p c\n",
    "command before jump": "ProxyCommand none\nProxyJump b\n",
    "known hosts": 'UserKnownHostsFile /a "/b c" /d\nGlobalKnownHostsFile /dev/null\n',
    "known hosts of the host": "UserKnownHostsFile /a/%h /b/%n\n",
    "no known hosts": "UserKnownHostsFile none\n",
    "strict": "StrictHostKeyChecking yes\n",
    "not strict": "StrictHostKeyChecking accept-new\n",
    "identities": "IdentityFile /a\nHost gw\n IdentityFile /b\n IdentityFile /a\n",
    "identities only": "IdentitiesOnly=yes\nIdentityFile /a\n",
    "no keys": "PubkeyAuthentication no\n",
    "alias": "Host gw\n HostKeyAlias cluster\n",
    "include": "Include one\nHost gw\n User late\n",
    "include by a pattern": "Include conf.d/*\n",
    "include in a block": "Host gw\n Include two\n Port 9\nHost x\n Include two\n",
    "include in a block of another": "Host x\n Include one\nHost gw\n Port 9\n",
    "include after an include": "Host gw\n Include one\n User after\n",
    "include of nothing": "Include none/*\nUser jane\n",
    "include in a match": "Match host gw\n Include one two\nHost *\n Port 8\n",
    "include within": "Include nested\nUser last\n",
}
FILES = {
    "one": "Host gw\n User one\nHost other\n Port 1111\n",
    "two": "HostName two.example.org\n",
    "nested": "Host gw\n Include two\nInclude one\n",
    "conf.d/10-a": "Host gw\n Port 10\n",
    "conf.d/20-b": "Host gw\n Port 20\n User twenty\n",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with ~/.ssh and files to include."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    for name, text in FILES.items():
        path = tmp_path / ".ssh" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o644)
    return tmp_path


def compare(home, text, host="gw", user="", port=0):
    path = home / ".ssh" / "config"
    path.write_bytes(text.encode())
    options = (["-l", user] if user else []) + (["-p", str(port)] if port else [])
    asked = subprocess.run(
        ["ssh", "-G", "-F", str(path), *options, host],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert asked.returncode == 0, asked.stderr.decode()
    assert ours(path, host, user, port) == theirs(asked.stdout.decode())


def theirs(output):
    found = {}
    for line in output.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    files = [one for one in found["identityfile"] if not one.startswith("~/.ssh/id_")]
    known = " ".join(found["userknownhostsfile"] + found["globalknownhostsfile"])
    known = known.replace("none ", "")
    return {
        "hostname": found["hostname"][0],
        "user": found["user"][0],
        "port": int(found["port"][0]),
        "jump": found.get("proxyjump", ["none"])[0],
        "alias": found.get("hostkeyalias", [""])[0],
        "files": files,
        "only": found["identitiesonly"][0] == "yes",
        "keys": found["pubkeyauthentication"][0] not in ("no", "false"),
        "strict": found["stricthostkeychecking"][0] in ("yes", "true"),
        "known": None if "/.ssh/known_hosts " in known else known,
    }


def ours(path, host, user, port):
    said = SshConfig([path]).lookup(host, user, port)
    known = said.known_hosts
    if known is not None:
        known = " ".join(str(one) for one in known)
    jumps = [
        "{}{}{}".format(
            hop.user + "@" if hop.user else "",
            hop.host,
            ":{}".format(hop.port) if hop.port else "",
        )
        for hop in said.jump
    ]
    return {
        "hostname": said.hostname,
        "user": said.user or getpass.getuser(),
        "port": said.port or 22,
        "jump": ",".join(jumps) or "none",
        "alias": said.host_key_alias,
        "files": [str(one) for one in said.identity_files or ()],
        "only": said.identities_only,
        "keys": said.offers_keys,
        "strict": said.strict,
        "known": known,
    }


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_says_what_openssh_says(home, name):
    text = CONFIGS[name].replace("{me}", getpass.getuser())
    compare(home, text)
    compare(home, text, "other")
    compare(home, text, "gw", "jane", 2222)


HOSTS = st.sampled_from(["gw", "other", "in.example.org", "gw2"])
PATTERN = st.sampled_from(
    ["gw", "g*", "*", "other", "!gw", "!o*", "?w", "in.*", "[gw]"]
)
TESTS = st.sampled_from(
    [
        "host gw",
        "host in.*,gw",
        "!host other",
        "originalhost g*",
        "user jane",
        "!user j*",
        "final",
        "!final",
        "canonical",
        'exec "test %h = gw"',
        "!exec false",
    ]
)
SETTING = st.sampled_from(
    [
        "HostName in.example.org",
        "HostName %h.inner",
        "User jane",
        "User bob",
        "Port 2200",
        "Port 2201",
        "ProxyJump b",
        "ProxyJump none",
        "ProxyCommand none",
        "IdentityFile /a",
        "IdentityFile /b",
        "IdentitiesOnly yes",
        "HostKeyAlias one",
        "StrictHostKeyChecking yes",
        "StrictHostKeyChecking no",
        "PubkeyAuthentication no",
        "UserKnownHostsFile /x /y",
        "Include one",
        "Include two nested",
        "Include conf.d/*",
    ]
)
BLOCK = st.one_of(
    st.lists(PATTERN, min_size=1, max_size=3).map(
        lambda some: "Host " + " ".join(some)
    ),
    st.lists(TESTS, min_size=1, max_size=3).map(lambda some: "Match " + " ".join(some)),
    st.just("Match all"),
)
STYLE = st.sampled_from(
    [
        lambda line: line,
        lambda line: "   " + line.replace(" ", "  ", 1),
        lambda line: "\t" + line.replace(" ", "=", 1),
        lambda line: line.upper().split(" ")[0] + " = " + line.split(" ", 1)[1],
        lambda line: line + "  \r",
        lambda line: "\n# a comment\n" + line,
    ]
)
LINE = st.tuples(st.one_of(SETTING, SETTING, BLOCK), STYLE).map(
    lambda made: made[1](made[0])
)


def test_any_config_says_what_openssh_says(home):
    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(LINE, min_size=1, max_size=9), HOSTS)
    def says_it(lines, host):
        compare(home, "\n".join(lines) + "\n", host)

    says_it()


def test_a_file_that_openssh_refuses_for_its_permissions_is_left_out(home):
    path = home / ".ssh" / "config"
    for mode in (0o644, 0o600, 0o646, 0o606):
        path.write_text("Include more\n")
        (home / ".ssh" / "more").write_text("User jane\n")
        os.chmod(str(home / ".ssh" / "more"), mode)
        asked = subprocess.run(
            ["ssh", "-G", "-F", str(path), "gw"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        taken = SshConfig([path]).lookup("gw").user == "jane"
        assert taken is (asked.returncode == 0), oct(mode)
