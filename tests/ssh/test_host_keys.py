from __future__ import annotations

import base64
import hashlib
import hmac
import subprocess

import pytest

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyChanged,
    HostKeyUnknown,
    RemoteError,
)
from sleap_remote_plugin.ssh import known_hosts
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
    assert (tmp_path / "theirs").read_text().startswith("|1|")

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


def hashed(name):
    salt = b"0123456789abcdefghij"
    made = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return "|1|{}|{}".format(*(base64.b64encode(x).decode() for x in (salt, made)))


@pytest.mark.parametrize("style", ["{}", "*.{}.org", "[{}]:22", "|1|"])
def test_of_a_hundred_thousand_lines_the_last_is_found(known, keys, style):
    spell = hashed if style == "|1|" else style.format
    name = "gw" if style == "|1|" else style.format("gw").replace("*", "x")
    words = keys[0][1]
    others = [spell("other") if style == "|1|" else spell(n) for n in range(99999)]
    made = known(*[one + " " + words for one in others], spell("gw") + " " + words)

    assert made.check(name, keys[0][0]).endswith("line 100000")


def test_a_file_that_did_not_change_is_not_read_again(known, keys, monkeypatch):
    made = known("gw " + keys[0][1])
    made.check("gw", keys[0][0])
    monkeypatch.setattr(known_hosts, "_read", lambda path, name: pytest.fail("again"))

    made.check("gw", keys[0][0])


def test_a_line_that_was_added_meanwhile_counts(known, keys, tmp_path):
    made = known("other " + keys[0][1])
    with pytest.raises(HostKeyUnknown):
        made.check("gw", keys[0][0])
    with (tmp_path / "theirs").open("a") as file:
        file.write("gw " + keys[0][1] + "\n")

    made.check("gw", keys[0][0])


def test_lines_from_windows_and_in_other_encodings_are_read(tmp_path, keys):
    path = tmp_path / "theirs"
    line = ("gw " + keys[0][1] + " caf\xe9\r\n").encode("latin-1")
    path.write_bytes(b"# \xff\xfe\r\n\xe9\xe9 ssh-rsa x\r\n\r\n" + line)

    HostKeys(tmp_path / "own", user_files=(path,)).check("gw", keys[0][0])


def test_a_damaged_line_of_the_host_is_told_once(known, keys):
    made = known("gw ssh-ed25519 %%%", "x ssh-rsa %%%", "gw " + keys[0][1])

    assert made.check("gw", keys[0][0]).endswith("line 3")
    (told,) = made.complaints("gw")
    assert "line 1 is damaged" in told


def test_a_key_that_is_of_another_type_than_its_line_says_is_damaged(known, keys):
    made = known("gw " + keys[0][1].replace("ssh-ed25519", "ssh-rsa", 1))

    with pytest.raises(HostKeyUnknown):
        made.check("gw", keys[0][0])


def test_the_files_that_ssh_config_names_are_read_instead(known, keys, tmp_path):
    made = known("gw " + keys[0][1])
    (tmp_path / "named").write_text("gw " + keys[1][1] + "\n")

    made.check("gw", keys[1][0], files=(tmp_path / "named",))
    with pytest.raises(HostKeyUnknown):
        made.check("gw", keys[0][0], files=(tmp_path / "none",))


def test_a_strict_user_is_not_asked(known, keys):
    made = known()

    with pytest.raises(ConnectionFailed, match="StrictHostKeyChecking yes") as caught:
        made.check("gw", keys[0][0], strict=True)
    assert fingerprint(keys[0][0]) in str(caught.value)


def test_whom_to_ask_is_said(tmp_path, keys):
    (tmp_path / "theirs").write_text("gw " + keys[0][1] + "\n@revoked x " + keys[0][1])
    made = HostKeys(tmp_path / "own", (tmp_path / "theirs",), contact="Jo of IT")

    for name, error, key in (
        ("gw", HostKeyChanged, keys[1][0]),
        ("x", HostKeyChanged, keys[0][0]),
        ("new", HostKeyUnknown, keys[0][0]),
    ):
        with pytest.raises(error, match="Jo of IT"):
            made.check(name, key)


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
