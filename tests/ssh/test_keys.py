"""Key files of every kind, with and without a passphrase, on a real sshd."""

from __future__ import annotations

import os

import pytest

from sleap_remote_plugin.errors import SignInNeeded, SignInRefused
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.giving import give, leave_key_out
from sleap_remote_plugin.ssh.keys import KeyIsLocked, open_key, public_blob
from sleap_remote_plugin.ssh.secret import Secret
from tests.ssh.conftest import connect_trusting
from tests.ssh.servers import USER, Account, PasswordServer, make_key
from tests.ssh.test_agent import add_keys, agent  # noqa: F401 - a fixture
from tests.ssh.test_credentials import Store

PHRASE = "open s3same"
KINDS = ("ed25519", "ecdsa", "rsa")


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def credentials(store):
    return Credentials("test", lambda: store)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Files by (kind, locked)."""
    place = tmp_path_factory.mktemp("keys")
    return {
        (kind, locked): make_key(
            place / "{}-{}".format(kind, locked), kind, PHRASE if locked else ""
        )
        for kind in KINDS
        for locked in (False, True)
    }


@pytest.fixture
def over(quiet_home, bastion, gateway, host_keys, credentials, tmp_path):
    """A transport over both hops, each with a key file of its own."""
    made = []

    def make(first, second, known=credentials):
        lines = []
        for number, (server, key) in enumerate(((bastion, first), (gateway, second))):
            server.let_in(key)
            lines.append(
                "Host hop{}\n HostName 127.0.0.1\n Port {}\n IdentityFile {}\n".format(
                    number, server.port, key
                )
            )
        path = tmp_path / "config"
        path.write_text("".join(lines))
        made.append(
            SSHTransport(
                Address("hop1"),
                [Address("hop0")],
                USER,
                credentials=known,
                host_keys=host_keys,
                ssh_config=SshConfig([path]),
            )
        )
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def asked(transport, host_keys, kind=SignInNeeded):
    with pytest.raises(kind) as caught:
        connect_trusting(transport, host_keys)
    return caught.value


@pytest.mark.parametrize(
    ("first", "second"), [("ed25519", "rsa"), ("rsa", "ecdsa"), ("ecdsa", "ed25519")]
)
def test_keys_of_every_kind_open_both_hops(over, keys, host_keys, first, second):
    transport = over(keys[first, False], keys[second, False])
    connect_trusting(transport, host_keys)

    assert transport.is_connected


@pytest.mark.parametrize("kind", KINDS)
def test_a_passphrase_is_asked_for_once_in_a_life(
    over, keys, host_keys, store, credentials, kind
):
    locked = keys[kind, True]
    transport = over(locked, keys["ed25519", False])
    error = asked(transport, host_keys)
    assert (error.key_file, error.or_password) == (str(locked), False)
    assert give(credentials, error, [PHRASE], keep=True) == ""
    connect_trusting(transport, host_keys)
    assert list(store.kept.items()) == [
        (("sleap-remote:test", "passphrase of {}".format(locked)), PHRASE)
    ]

    later = over(locked, keys["ed25519", False], Credentials("test", lambda: store))
    later.connect()

    assert later.is_connected


def test_a_wrong_passphrase_is_told_kept_nowhere_and_never_seen_by_the_server(
    over, keys, host_keys, store, credentials
):
    transport = over(keys["ed25519", True], keys["rsa", False])
    error = asked(transport, host_keys)
    for _ in range(3):
        give(credentials, error, ["wr0ng"], keep=True)
        error = asked(transport, host_keys, SignInRefused)
        assert error.key_file
        assert "Nothing was sent" in str(error)

    assert store.kept == {}
    assert credentials.passphrase(keys["ed25519", True]) is None
    give(credentials, error, [PHRASE], keep=False)
    connect_trusting(transport, host_keys)


def test_a_passphrase_that_opens_its_key_no_longer_is_forgotten_and_asked_for(
    over, keys, host_keys, store, credentials
):
    locked = keys["ed25519", True]
    credentials.remember_passphrase(locked, "an older one", keep=True)
    error = asked(over(locked, keys["rsa", False]), host_keys)

    assert error.key_file == str(locked)
    assert store.kept == {}


def test_both_hops_may_have_a_locked_key_of_their_own(
    over, keys, host_keys, credentials
):
    transport = over(keys["rsa", True], keys["ecdsa", True])
    for kind in ("rsa", "ecdsa"):
        error = asked(transport, host_keys)
        assert error.key_file == str(keys[kind, True])
        give(credentials, error, [PHRASE], keep=False)
    transport.connect()


@pytest.mark.skipif(not os.path.exists("/usr/bin/ssh-agent"), reason="no ssh-agent")
def test_a_locked_key_that_the_agent_holds_is_not_asked_for(
    agent,  # noqa: F811
    over,
    keys,
    host_keys,
    tmp_path,
):
    plain = make_key(tmp_path / "mine")
    locked = tmp_path / "locked"
    locked.write_bytes(plain.read_bytes())
    locked.chmod(0o600)
    lock(locked)
    plain.with_suffix(".pub").rename(tmp_path / "locked.pub")
    add_keys(plain)
    transport = over(locked, keys["rsa", False])
    (tmp_path / "locked.pub").unlink()  # the file itself says which key it is
    connect_trusting(transport, host_keys)

    assert transport.is_connected


def lock(path):
    import subprocess

    words = ["ssh-keygen", "-q", "-p", "-P", "", "-N", PHRASE, "-f", str(path)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


# -- servers that take a password too --------------------------------------------------


@pytest.fixture
def house(quiet_home, host_keys, credentials, keys):
    """A server that takes a key or a password; a locked key in its usual place."""
    key = make_key(quiet_home / ".ssh" / "id_ed25519", passphrase=PHRASE)
    made = []

    def make(takes_key):
        account = Account(
            "s3cret",
            methods="publickey,password",
            key=public_blob(key) if takes_key else b"",
        )
        server = PasswordServer(account)
        transport = SSHTransport(
            Address("127.0.0.1", server.port),
            user="jane",
            credentials=credentials,
            host_keys=host_keys,
            ssh_config=SshConfig([]),
        )
        made.extend([transport.close, server.stop])
        return transport, account

    yield make
    for end in made:
        end()


def test_a_locked_key_for_other_places_is_no_reason_to_ask(house, host_keys):
    transport, account = house(takes_key=False)
    error = asked(transport, host_keys)

    assert not error.key_file
    assert account.keys_tried == ["ssh-ed25519"]


def test_the_user_may_give_the_password_instead(house, host_keys, credentials):
    transport, account = house(takes_key=True)
    error = asked(transport, host_keys)
    assert error.key_file.endswith("id_ed25519")
    assert error.or_password

    leave_key_out(credentials, error)
    second = asked(transport, host_keys)
    assert not second.key_file
    give(credentials, second, ["s3cret"], keep=False)
    transport.connect()

    assert account.tries == ["s3cret"]


def test_where_a_password_is_known_no_passphrase_is_asked_for(
    house, host_keys, credentials
):
    transport, account = house(takes_key=True)
    credentials.remember("jane", "any", "s3cret", keep=False)
    connect_trusting(transport, host_keys)

    assert account.tries == ["s3cret"]


# -- files -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_public_key_of_a_locked_file_is_known_without_a_pub_beside_it(
    keys, tmp_path, kind
):
    copy = tmp_path / "copy"
    copy.write_bytes(keys[kind, True].read_bytes())

    whole = open_key(keys[kind, True], Secret(PHRASE))
    assert public_blob(copy) == whole.asbytes()


def test_an_old_pem_file_is_opened_with_its_passphrase_and_no_other(tmp_path):
    import subprocess

    path = tmp_path / "pem"
    words = [
        "ssh-keygen",
        "-q",
        "-t",
        "rsa",
        "-m",
        "PEM",
        "-N",
        PHRASE,
        "-f",
        str(path),
    ]
    subprocess.run(words, check=True)
    (tmp_path / "pem.pub").unlink()
    for wrong in (None, Secret("wr0ng")):
        with pytest.raises(KeyIsLocked):
            open_key(path, wrong)

    assert open_key(path, Secret(PHRASE)).get_name() == "ssh-rsa"


@pytest.mark.parametrize(
    "content", ["", "hello", "-----BEGIN OPENSSH PRIVATE KEY-----"]
)
def test_a_file_that_is_no_key_is_said_to_be_none(tmp_path, content):
    path = tmp_path / "none"
    path.write_text(content)

    assert public_blob(path) == b""
    with pytest.raises(ValueError, match="not a key"):
        open_key(path)
