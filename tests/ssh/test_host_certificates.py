"""Certificates of a real sshd, judged by us and by the real ``ssh`` client.

Both read one and the same configuration and known_hosts; only their answers differ.
"""

from __future__ import annotations

import base64
import shutil
import subprocess

import pytest

from sleap_remote_plugin.errors import ConnectionFailed, HostKeyChanged, HostKeyUnknown
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.host_certificates import read_certificate
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.library import paramiko
from tests.ssh.servers import SSHD, USER, Sshd, make_key

pytestmark = pytest.mark.skipif(
    SSHD is None or shutil.which("ssh") is None, reason="there is no OpenSSH here"
)

NAME = "gw.example.org"
FOREVER = ("-V", "always:forever")
FITS = ("-h", "-n", NAME, *FOREVER)
SIGNED = "@cert-authority {name} {ca}"


class Case:
    """One sshd; `signed` is what ssh-keygen is told, None: it has no certificate."""

    def __init__(self, known, expected, signed=FITS, kind="ed25519", ca="ca", alias=1):
        self.known = known
        self.expected = expected
        self.signed = signed
        self.kind = kind
        self.ca = ca
        self.alias = alias


CASES = {
    "signed for the host": Case([SIGNED], True),
    "an ecdsa key": Case([SIGNED], True, kind="ecdsa"),
    "an rsa key": Case([SIGNED], True, kind="rsa"),
    "an ecdsa authority": Case([SIGNED], True, ca="ecdsa_ca"),
    "an rsa authority": Case([SIGNED], True, ca="rsa_ca"),
    "signed with sha-1": Case([SIGNED], False, (*FITS, "-t", "ssh-rsa"), ca="rsa_ca"),
    "no authority known": Case([], False),
    "another authority known": Case(["@cert-authority {name} {other}"], False),
    "the authority of another host": Case(["@cert-authority x.org {ca}"], False),
    "the authority of all hosts": Case(["@cert-authority *.org,!x.org {ca}"], True),
    "the authority is no host key": Case(["{name} {ca}"], False),
    "signed for another host": Case([SIGNED], False, ("-h", "-n", "x", *FOREVER)),
    "signed for two hosts": Case([SIGNED], True, ("-h", "-n", "x," + NAME, *FOREVER)),
    "signed for a pattern": Case(
        [SIGNED], False, ("-h", "-n", "*.example.org", *FOREVER)
    ),
    "signed for any host": Case([SIGNED], True, ("-h", *FOREVER)),
    "expired": Case([SIGNED], False, (*FITS[:3], "-V", "20200101:20200102")),
    "not yet valid": Case([SIGNED], False, (*FITS[:3], "-V", "20400101:20410101")),
    "expired, its key pinned": Case(
        [SIGNED, "{name} {key}"], True, (*FITS[:3], "-V", "20200101:20200102")
    ),
    "expired, another key pinned": Case(
        [SIGNED, "{name} {other}"], False, (*FITS[:3], "-V", "20200101:20200102")
    ),
    "a critical option": Case([SIGNED], False, (*FITS, "-O", "critical:a@b")),
    "its authority revoked": Case([SIGNED, "@revoked * {ca}"], False),
    "its key revoked": Case([SIGNED, "@revoked {name} {key}"], False),
    "pinned and never signed by a known one": Case(["{name} {key}"], True),
    "the authority without the port": Case(
        ["@cert-authority 127.0.0.1 {ca}"], True, ("-h", "-n", "127.0.0.1"), alias=0
    ),
    "the key without the port": Case(["127.0.0.1 {key}"], True, alias=0),
    "another key without the port": Case(["127.0.0.1 {other}"], False, alias=0),
    "another key with the port": Case(
        ["127.0.0.1 {key}", "{name} {other}"], False, signed=None, alias=0
    ),
}


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authorities")
    make_key(folder / "ca")
    make_key(folder / "other")
    make_key(folder / "rsa_ca", "rsa")
    make_key(folder / "ecdsa_ca", "ecdsa")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Sshd(tmp_path_factory.mktemp("certified"), ("ed25519", "ecdsa", "rsa"))
    yield made
    made.stop()


def sign(authority, public, options):
    subprocess.run(
        ["ssh-keygen", "-q", "-s", str(authority), "-I", "host", *options, str(public)],
        check=True,
    )


def words(path):
    return " ".join(path.read_text().split()[:2])


@pytest.fixture
def certified(server, authorities, tmp_path, quiet_home):
    """Restarts the server for a case; returns the configuration for both clients."""

    def make(case):
        server.stop()
        public = server.folder / (case.kind + ".pub")
        server.extra = ""
        if case.signed is not None:
            sign(authorities / case.ca, public, case.signed)
            certificate = server.folder / (case.kind + "-cert.pub")
            server.extra = "HostCertificate {}".format(certificate)
        server.kinds = (case.kind,)
        server.start()
        return configured(case, public)

    def configured(case, public):
        name = NAME if case.alias else "[127.0.0.1]:{}".format(server.port)
        known = tmp_path / "known_hosts"
        values = {
            "name": name,
            "ca": words(authorities / (case.ca + ".pub")),
            "other": words(authorities / "other.pub"),
            "key": words(public),
        }
        known.write_text("".join(line.format(**values) + "\n" for line in case.known))
        config = tmp_path / "config"
        config.write_text(
            "Host gw\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {}\n"
            " UserKnownHostsFile {}\n GlobalKnownHostsFile none\n"
            " StrictHostKeyChecking yes\n{}".format(
                server.port,
                USER,
                server.user_key,
                known,
                " HostKeyAlias {}\n".format(NAME) if case.alias else "",
            )
        )
        return config

    return make


def theirs(config):
    done = subprocess.run(
        ["ssh", "-F", str(config), "-o", "BatchMode=yes", "gw", "true"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert done.returncode in (0, 255), done.stderr.decode()
    return done.returncode == 0


@pytest.fixture
def connect(tmp_path, credentials):
    made = []

    def make(config):
        transport = SSHTransport(
            Address("gw"),
            credentials=credentials,
            host_keys=HostKeys(tmp_path / "own"),
            ssh_config=SshConfig([config]),
        )
        made.append(transport)
        transport.connect()
        return transport

    yield make
    for transport in made:
        transport.close()


@pytest.mark.parametrize("name", CASES)
def test_a_host_is_judged_as_openssh_judges_it(certified, connect, name):
    case = CASES[name]
    config = certified(case)

    assert ours(connect, config) is case.expected
    assert theirs(config) is case.expected


def ours(connect, config):
    try:
        connect(config)
    except HostKeyChanged:
        return False
    except ConnectionFailed as error:
        if "is not in your known_hosts" not in str(error):
            raise
        return False
    return True


def test_a_certificate_that_does_not_count_is_explained(certified, connect, tmp_path):
    config = certified(CASES["expired"])
    config.write_text(config.read_text().replace("StrictHostKeyChecking yes", ""))

    with pytest.raises(HostKeyUnknown, match="certificate does not count.*expired"):
        connect(config)


def test_the_log_says_which_line_vouched_for_the_host(certified, connect):
    transport = connect(certified(CASES["signed for the host"]))

    lines = [one for one in transport.log_lines() if "signed by the authority" in one]
    assert len(lines) == 1
    assert "line 1" in lines[0]


def test_a_certificate_that_was_tampered_with_counts_for_nothing(authorities, tmp_path):
    key = make_key(tmp_path / "key")
    sign(authorities / "ca", tmp_path / "key.pub", FITS)
    text = (tmp_path / "key-cert.pub").read_text().split()[1]
    whole = base64.b64decode(text)

    def judged(blob):
        shown = paramiko.Ed25519Key(
            data=paramiko.Ed25519Key(filename=str(key)).asbytes()
        )
        shown.public_blob = paramiko.pkey.PublicBlob(
            paramiko.Message(blob).get_text(), blob
        )
        certificate = read_certificate(shown)
        return "unreadable" if certificate is None else certificate.problem(NAME, 1e9)

    assert judged(whole) == ""
    for at in range(40, len(whole), 7):
        changed = bytearray(whole)
        changed[at] ^= 1
        assert judged(bytes(changed)), at
    for length in range(40, len(whole), 11):
        assert judged(whole[:length]), length
