"""One-time codes and other questions of a server's own (keyboard-interactive)."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyUnknown,
    SignInNeeded,
    SignInRefused,
)
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.giving import give
from sleap_remote_plugin.ssh.questions import asks_password, wants_change
from tests.ssh.servers import Account, PasswordServer, make_key
from tests.ssh.test_credentials import Store

SECRET = "s3cret"
CODE = ("Duo for jane\n 1. Push to XXX-1234", ["Passcode or option: "], ["123456"])
PASSWORD = ("", ["Password: "], [SECRET])
BOTH = ("", ["Password: ", "Verification code: "], [SECRET, "123456"])


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def credentials(store):
    return Credentials("test", lambda: store)


@pytest.fixture
def hop(quiet_home, host_keys, credentials, tmp_path):
    """A server that asks these rounds, and a transport to it that trusts it."""
    made = []

    def make(*rounds, key_file=None, sign_in=30.0, **values):
        values.setdefault("methods", "keyboard-interactive")
        account = Account(SECRET, rounds=rounds, **values)
        server = PasswordServer(account)
        config = tmp_path / "config"
        config.write_text("IdentityFile {}\n".format(key_file) if key_file else "")
        transport = SSHTransport(
            Address("127.0.0.1", server.port),
            user="jane",
            credentials=credentials,
            host_keys=host_keys,
            ssh_config=SshConfig([config]),
            deadlines=Deadlines(sign_in=sign_in),
        )
        made.extend([transport.close, server.stop])
        with pytest.raises(HostKeyUnknown) as caught:
            transport.connect()
        host_keys.trust(caught.value)
        account.conversations = 0
        return transport, account

    yield make
    for end in made:
        end()


def asked(transport, kind=SignInNeeded):
    with pytest.raises(kind) as caught:
        transport.connect()
    return caught.value


def prompts(error):
    return [prompt for prompt, _ in error.prompts]


@pytest.mark.parametrize("rounds", [(BOTH,), (PASSWORD, CODE)], ids=["one", "two"])
def test_the_code_comes_from_the_user_and_the_password_from_the_keyring(
    hop, credentials, store, rounds
):
    credentials.remember("jane", "any", SECRET, keep=True)
    transport, account = hop(*rounds)
    error = asked(transport)
    give(credentials, error, ["123456"], keep=True)
    transport.connect()

    assert len(error.prompts) == 1
    assert [r for one in account.tries for r in one if r == "123456"] == ["123456"]
    assert list(store.kept.values()) == [SECRET]


def test_nothing_is_sent_where_an_answer_is_missing(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, account = hop(BOTH)
    asked(transport)

    assert account.tries == []


def test_the_servers_own_words_are_shown_beside_its_question(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, _ = hop(PASSWORD, CODE)

    assert "1. Push to XXX-1234" in str(asked(transport))


def test_password_and_code_of_one_round_are_asked_together_and_only_one_is_kept(
    hop, credentials, store
):
    transport, account = hop(BOTH)
    error = asked(transport)
    assert prompts(error) == ["Password:", "Verification code:"]
    give(credentials, error, [SECRET, "123456"], keep=True)
    transport.connect()

    assert account.tries == [[SECRET, "123456"]]
    assert list(store.kept.values()) == [SECRET]


def test_a_reconnect_asks_for_a_code_before_it_rings_a_telephone(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, account = hop(PASSWORD, CODE)
    give(credentials, asked(transport), ["123456"], keep=False)
    transport.connect()
    transport.close()
    before = account.conversations, len(account.tries)

    for _ in range(3):  # as polling would
        error = asked(transport)

    assert prompts(error) == ["Passcode or option:"]
    assert (account.conversations, len(account.tries)) == before
    give(credentials, error, ["123456"], keep=False)
    transport.connect()


def test_a_code_is_never_used_twice(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, account = hop(BOTH)
    give(credentials, asked(transport), ["654321"], keep=False)
    refused = asked(transport, SignInRefused)
    credentials.remember("jane", "any", SECRET, keep=False)
    asked(transport)

    assert "654321" not in str(refused)
    assert account.tries == [[SECRET, "654321"]]


def test_after_a_wrong_pair_both_are_asked_for_and_the_keyring_keeps_what_it_has(
    hop, credentials, store
):
    credentials.remember("jane", "any", SECRET, keep=True)
    transport, account = hop(BOTH)
    give(credentials, asked(transport), ["654321"], keep=False)
    refused = asked(transport, SignInRefused)
    assert prompts(refused) == ["Password", "Verification code:"]
    assert list(store.kept.values()) == [SECRET]

    give(credentials, refused, [SECRET, "123456"], keep=True)
    transport.connect()

    assert account.tries == [[SECRET, "654321"], [SECRET, "123456"]]


def test_a_password_that_was_taken_before_is_not_blamed_for_a_wrong_code(
    hop, credentials
):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, _ = hop(BOTH)
    give(credentials, asked(transport), ["123456"], keep=False)
    transport.connect()
    transport.close()
    give(credentials, asked(transport), ["654321"], keep=False)

    assert prompts(asked(transport, SignInRefused)) == ["Verification code:"]


def test_a_wrong_password_before_the_code_is_refused_alone(hop, credentials, store):
    credentials.remember("jane", "any", "wr0ng", keep=True)
    transport, account = hop(PASSWORD, CODE)
    refused = asked(transport, SignInRefused)

    assert refused.prompts == ()
    assert account.tries == [["wr0ng"]]
    assert store.kept == {}


def test_a_code_alone_follows_a_key_without_a_password(hop, credentials, tmp_path):
    from sleap_remote_plugin.ssh.keys import public_blob

    key = make_key(tmp_path / "mine")
    transport, account = hop(CODE, key_file=key, key=public_blob(key), key_first=True)
    error = asked(transport)
    assert prompts(error) == ["Passcode or option:"]
    give(credentials, error, ["123456"], keep=True)
    transport.connect()

    assert account.tries == [["123456"]]


def test_a_question_asked_once_more_is_a_refusal(hop, credentials):
    again = ("Wrong code.", ["Passcode or option: "], ["no"])
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, account = hop(PASSWORD, CODE, again)
    give(credentials, asked(transport), ["123456"], keep=False)

    refused = asked(transport, SignInRefused)
    assert "Wrong code." in str(refused)
    assert prompts(refused)[-1] == "Passcode or option:"
    assert account.tries[1:] == [[SECRET], ["123456"]]


def test_a_server_that_hangs_up_may_have_waited_for_a_telephone(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, account = hop(PASSWORD, hangs_up=True)
    error = asked(transport)

    assert error.is_confirmation
    assert "phone" in str(error)
    assert credentials.get("jane", "any") == SECRET


def test_a_method_that_asks_nothing_leaves_the_next_one_to_be_tried(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, account = hop(
        ("", [], ["never"]), methods="keyboard-interactive,password"
    )
    transport.connect()

    assert account.tries[-1] == SECRET


def test_a_forced_change_is_told_and_nothing_is_typed_for_the_user(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    change = (
        "You are required to change your password immediately.",
        ["Current password: "],
        ["no"],
    )
    transport, account = hop(PASSWORD, change)
    error = asked(transport, ConnectionFailed)

    assert "to be changed" in str(error)
    assert account.tries == [[SECRET]]


def test_what_a_server_asks_cannot_move_the_cursor(hop, credentials):
    credentials.remember("jane", "any", SECRET, keep=False)
    transport, _ = hop(PASSWORD, ("\x1b[2Jgone", ["Code\x1b[1m\u202e: "], ["1"]))
    error = asked(transport)

    assert str(error).replace("\n", "").isprintable()
    assert prompts(error)[0].isprintable()


@pytest.mark.parametrize(
    ("prompt", "is_password"),
    [
        ("Password:", True),
        ("jane@gateway's password:", True),
        ("Password for jane@code.example.org:", True),
        ("Kennwort:", True),
        ("First Factor:", True),
        ("Second Factor (optional):", False),
        ("Verification code:", False),
        ("One-time password (OATH) for `jane':", False),
        ("Password & verification code:", False),
        ("YubiKey for `jane':", False),
        ("Passcode or option (1-3):", False),
        ("Enter your PIN:", False),
        ("New password:", False),
        ("Retype new password:", False),
        ("(current) UNIX password:", False),
        ("Response:", False),
    ],
)
def test_only_the_accounts_password_is_given_without_asking(prompt, is_password):
    names = ("jane", "gateway", "code.example.org")
    assert asks_password((prompt, False), names) is is_password


def test_what_is_shown_while_it_is_typed_is_no_password():
    assert not asks_password(("Password:", True))


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("You are required to change your password immediately", True),
        ("WARNING: Your password has expired.", True),
        ("Your password will expire in 5 days.", False),
        ("Never tell anybody your password.", False),
    ],
)
def test_a_password_that_has_to_be_changed_is_told_from_one_that_will(words, changes):
    assert wants_change(words) is changes
