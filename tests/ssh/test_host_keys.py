from __future__ import annotations

import subprocess
import time

import pytest

from sleap_remote_plugin.errors import HostKeyChanged, HostKeyUnknown, RemoteError
from sleap_remote_plugin.ssh.host_keys import HostKeys, fingerprint, known_name
from sleap_remote_plugin.ssh.library import paramiko
from tests.ssh.servers import make_key


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Two ed25519 keys and an RSA one: (paramiko's, known_hosts' words)."""
    folder = tmp_path_factory.mktemp("keys")
    made = []
    for name, kind in (("a", "ed25519"), ("b", "ed25519"), ("c", "rsa")):
        path = make_key(folder / name, kind)
        load = paramiko.RSAKey if kind == "rsa" else paramiko.Ed25519Key
        words = path.with_suffix(".pub").read_text().split()[:2]
        made.append((load.from_private_key_file(str(path)), " ".join(words), path))
    return made


@pytest.fixture
def known(tmp_path):
    def make(*lines):
        theirs = tmp_path / "theirs"
        theirs.write_text("\n".join(lines) + "\n")
        return HostKeys(tmp_path / "own", user_files=(theirs, tmp_path / "none"))

    return make


def test_a_fingerprint_is_the_one_that_ssh_keygen_prints(keys):
    key, _, path = keys[0]
    printed = subprocess.check_output(["ssh-keygen", "-lf", str(path)]).decode()

    assert fingerprint(key) == printed.split()[1]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("gw", "gw"),
        ("gw", "other,gw"),
        ("gw.example.org", "*.example.org"),
        ("[gw]:2222", "[gw]:2222"),
        ("[gw]:2222", "[*]:2222"),
        ("gw", "GW"),
    ],
)
def test_names_match_as_in_openssh(known, keys, name, pattern):
    known("{} {}".format(pattern, keys[0][1])).check(name, keys[0][0])


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("gw", "[gw]:2222"), ("gw.a", "*.a,!gw.a"), ("g", "[gw]"), ("gw", "gw2")],
)
def test_names_that_do_not_match_are_unknown(known, keys, name, pattern):
    with pytest.raises(HostKeyUnknown):
        known("{} {}".format(pattern, keys[0][1])).check(name, keys[0][0])


def test_entries_that_ssh_keygen_hashed_are_found(known, keys, tmp_path):
    made = known("gw,[gw]:2222 " + keys[0][1])
    subprocess.run(
        ["ssh-keygen", "-q", "-H", "-f", str(tmp_path / "theirs")],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert "gw" not in (tmp_path / "theirs").read_text().split()[0]

    made.check("gw", keys[0][0])
    made.check("[gw]:2222", keys[0][0])
    with pytest.raises(HostKeyChanged):
        made.check("gw", keys[1][0])


def test_a_changed_key_names_the_line_and_whom_to_ask(known, keys, tmp_path):
    with pytest.raises(HostKeyChanged) as caught:
        known("# mine", "gw " + keys[0][1]).check("gw", keys[1][0])

    said = str(caught.value)
    assert "line 2" in said
    assert fingerprint(keys[1][0]) in said
    assert "Nothing was sent" in said
    assert "Ask the cluster's people" in said


def test_a_revoked_key_is_refused_even_when_it_is_pinned(known, keys):
    made = known("gw " + keys[0][1], "@revoked * " + keys[0][1])

    with pytest.raises(HostKeyChanged, match="revoked"):
        made.check("gw", keys[0][0])


def test_a_new_key_beside_an_old_one_is_known(known, keys):
    known("gw " + keys[0][1], "gw " + keys[1][1]).check("gw", keys[1][0])


def test_a_host_that_drops_its_known_type_is_warned_of(known, keys):
    with pytest.raises(HostKeyUnknown, match="Beware"):
        known("gw " + keys[0][1]).check("gw", keys[2][0])


def test_certificate_authorities_are_not_taken_for_keys(known, keys):
    with pytest.raises(HostKeyUnknown):
        known("@cert-authority gw " + keys[0][1]).check("gw", keys[0][0])


def test_damaged_lines_are_left_out(known, keys):
    made = known("gw ssh-ed25519 %%%", "gw", "\x00\xff", "|1|x gw", "gw " + keys[0][1])

    made.check("gw", keys[0][0])


def test_a_large_known_hosts_is_read_in_a_moment(known, keys):
    words = keys[0][1]
    made = known(*["host{} {}".format(n, words) for n in range(50000)], "gw " + words)

    start = time.monotonic()
    made.check("gw", keys[0][0])
    assert time.monotonic() - start < 5


def test_an_unreadable_known_hosts_is_left_out_and_told(tmp_path, keys):
    (tmp_path / "folder").mkdir()
    made = HostKeys(tmp_path / "own", user_files=(tmp_path / "folder",))

    with pytest.raises(HostKeyUnknown):
        made.check("gw", keys[0][0])
    (told,) = made.complaints("gw")
    assert "cannot be read" in told


def test_trust_keeps_what_another_window_wrote(tmp_path, keys):
    made = HostKeys(tmp_path / "deep" / "own", user_files=())
    with pytest.raises(HostKeyUnknown) as one:
        made.check("gw", keys[0][0])
    with pytest.raises(HostKeyUnknown) as two:
        made.check("other", keys[1][0])
    made.trust(one.value)
    with made.own_file.open("a") as file:
        file.write("third " + keys[2][1])  # without an end of line
    made.trust(two.value)

    for name, (key, _, _) in zip(("gw", "other", "third"), (keys[0], keys[1], keys[2])):
        made.check(name, key)


def test_a_file_that_cannot_be_written_is_told(tmp_path, keys):
    (tmp_path / "file").write_text("")
    made = HostKeys(tmp_path / "file" / "own", user_files=())
    with pytest.raises(HostKeyUnknown) as caught:
        HostKeys(tmp_path / "x", user_files=()).check("gw", keys[0][0])

    with pytest.raises(RemoteError, match="could not be remembered"):
        made.trust(caught.value)


def test_names_are_filed_as_openssh_files_them():
    assert known_name("GW") == "gw"
    assert known_name("gw", 2222) == "[gw]:2222"
