"""Passwords and questions, counted by a stand-in server (real ones need accounts)."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback

import pytest

from sleap_remote_plugin.errors import ConnectionFailed, SignInNeeded, SignInRefused
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.giving import give
from sleap_remote_plugin.ssh.secret import Secret
from tests.ssh.conftest import connect_trusting
from tests.ssh.servers import Account, PasswordServer
from tests.ssh.test_credentials import Store

SECRET = "s3cret-M4RKER-ümlaut"


@pytest.fixture
def serve(quiet_home):
    servers = []

    def make(*args, **kwargs):
        servers.append(PasswordServer(Account(*args, **kwargs)))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def transport_to(host_keys, credentials):
    made = []

    def make(*servers):
        addresses = [Address("127.0.0.1", server.port) for server in servers]
        transport = SSHTransport(
            addresses[-1],
            addresses[:-1],
            "jane",
            credentials=credentials,
            host_keys=host_keys,
            ssh_config=SshConfig([]),
        )
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


BOTH_WAYS = pytest.mark.parametrize("methods", ["password", "keyboard-interactive"])


@BOTH_WAYS
def test_a_missing_password_is_asked_for_and_then_used(
    serve, transport_to, host_keys, credentials, methods
):
    server = serve(SECRET, methods)
    transport = transport_to(server)
    with pytest.raises(SignInNeeded) as caught:
        connect_trusting(transport, host_keys)
    assert not isinstance(caught.value, SignInRefused)
    assert server.account.tries == []

    credentials.remember(caught.value.user, caught.value.host, SECRET, keep=False)
    transport.connect()

    assert len(server.account.tries) == 1
    assert transport.is_connected


@BOTH_WAYS
def test_a_wrong_password_is_tried_once_and_forgotten(
    serve, transport_to, host_keys, credentials, methods
):
    server = serve(SECRET, methods)
    transport = transport_to(server)
    label = "127.0.0.1:{}".format(server.port)
    credentials.remember("jane", label, "wrong", keep=False)

    with pytest.raises(SignInRefused) as caught:
        connect_trusting(transport, host_keys)
    assert "wrong" not in str(caught.value).split("several wrong ones")[0]
    with pytest.raises(SignInNeeded) as again:
        transport.connect()

    assert not isinstance(again.value, SignInRefused)
    assert len(server.account.tries) == 1


def test_a_server_that_takes_both_is_told_a_wrong_password_once(
    serve, transport_to, host_keys, credentials
):
    server = serve(SECRET, "password,keyboard-interactive")
    credentials.remember("jane", "any", "wrong", keep=False)
    with pytest.raises(SignInRefused):
        connect_trusting(transport_to(server), host_keys)

    assert server.account.tries == [["wrong"]]


def test_one_password_opens_both_hops(serve, transport_to, host_keys, credentials):
    first, second = serve(SECRET), serve(SECRET)
    credentials.remember("jane", "127.0.0.1:{}".format(first.port), SECRET, keep=False)
    connect_trusting(transport_to(first, second), host_keys)

    assert second.account.tries == [SECRET]


def test_a_second_hop_with_another_password_gets_its_own(
    serve, transport_to, host_keys, credentials
):
    first, second = serve(SECRET), serve("other")
    transport = transport_to(first, second)
    credentials.remember("jane", "first", SECRET, keep=False)
    with pytest.raises(SignInRefused) as caught:
        connect_trusting(transport, host_keys)
    assert caught.value.host == "127.0.0.1:{}".format(second.port)

    credentials.remember("jane", caught.value.host, "other", keep=False)
    transport.connect()

    assert set(first.account.tries) == {SECRET}
    assert second.account.tries == [SECRET, "other"]


def test_a_code_is_asked_for_and_never_answered_with_the_password(
    serve, transport_to, host_keys, credentials
):
    server = serve(
        SECRET,
        "keyboard-interactive",
        prompts=["Password: ", "Verification code: "],
        answers=[SECRET, "123456"],
    )
    transport = transport_to(server)
    credentials.remember("jane", "any", SECRET, keep=False)
    with pytest.raises(SignInNeeded) as caught:
        connect_trusting(transport, host_keys)
    assert caught.value.prompts == (("Verification code:", False),)

    give(credentials, caught.value, ["123456"], keep=True)
    transport.connect()

    assert server.account.tries == [[SECRET, "123456"]]
    assert credentials.take_answers("jane", caught.value.host) == {}


def test_an_expired_password_is_not_changed_by_us(
    serve, transport_to, host_keys, credentials
):
    server = serve(
        SECRET,
        "keyboard-interactive",
        prompts=["Current password: ", "New password: ", "Retype new password: "],
        answers=["never"],
    )
    credentials.remember("jane", "any", SECRET, keep=False)
    with pytest.raises(ConnectionFailed, match="to be changed"):
        connect_trusting(transport_to(server), host_keys)


def test_different_users_on_the_hops_have_a_password_each(
    serve, host_keys, credentials
):
    first, second = serve("one"), serve("two")
    transport = SSHTransport(
        Address("127.0.0.1", second.port, "jd12"),
        [Address("127.0.0.1", first.port, "jane")],
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=SshConfig([]),
    )
    for user, secret in (("jane", "one"), ("jd12", "two")):
        with pytest.raises(SignInNeeded) as caught:
            connect_trusting(transport, host_keys)
        assert caught.value.user == user
        assert not isinstance(caught.value, SignInRefused)
        give(credentials, caught.value, [secret], keep=False)
    transport.connect()

    assert set(first.account.tries) == {"one"}
    assert second.account.tries == ["two"]
    assert {first.account.user, second.account.user} == {"jane", "jd12"}
    transport.close()


def test_without_a_user_name_the_name_is_asked_for(host_keys, credentials):
    transport = SSHTransport(
        Address("login"),
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=SshConfig([]),
    )
    with pytest.raises(SignInNeeded, match="user name") as caught:
        transport.connect()
    assert caught.value.user == ""


def test_no_secret_is_in_any_log_or_repr(
    serve, transport_to, host_keys, credentials, caplog
):
    caplog.set_level(logging.DEBUG)
    server = serve(SECRET)
    transport = transport_to(server)
    credentials.remember("jane", "any", SECRET, keep=True)
    connect_trusting(transport, host_keys)
    credentials.remember("jane", "any", "wr0ng-M4RKER", keep=False)
    transport.close()
    with pytest.raises(SignInRefused) as caught:
        transport.connect()

    texts = [
        caplog.text,
        repr(credentials),
        repr(transport),
        "\n".join(transport.log_lines()),
        str(caught.value),
        repr(caught.value),
        caught.value.detail,
    ]
    assert "M4RKER" not in "".join(texts)


@pytest.mark.parametrize("secret", ["wr0ng-M4RKER", "s3cret-M4RKER-ümlaut"])
def test_no_traceback_of_ours_shows_a_secret_with_its_variables(
    serve, transport_to, host_keys, credentials, secret
):
    """As a crash reporter prints it: every frame with its local variables."""
    server = serve(
        SECRET,
        "keyboard-interactive",
        rounds=[("", ["Password: "], [SECRET]), ("", ["Code: "], ["M4RKER-code"])],
    )
    transport = transport_to(server)
    store = Store()
    known = Credentials("test", lambda: store)
    transport._credentials = known
    known.remember("jane", "any", secret, keep=True)
    with pytest.raises(SignInNeeded) as caught:
        connect_trusting(transport, host_keys)
    shown = [frames_of_ours(caught.value)]
    if caught.value.prompts:
        give(known, caught.value, ["M4RKER-wrong"], keep=False)
        with pytest.raises(SignInRefused) as refused:
            transport.connect()
        shown.append(frames_of_ours(refused.value))

    assert "_with_answers" in shown[-1]
    assert "M4RKER" not in "".join(shown)


def frames_of_ours(error):
    """The frames of the product, with their variables, through all causes."""
    lines, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        for frame in told.stack:
            if "sleap_remote_plugin" in frame.filename:
                lines.append("{} {}".format(frame.name, frame.locals))
        error = error.__cause__ or error.__context__
    return "\n".join(lines)


def test_a_secret_hides_from_everything_but_its_use():
    secret = Secret("M4RKER")

    assert secret == "M4RKER"
    assert "M4RKER" not in "{!r} {} {}".format(secret, [secret], {"a": secret})
    for give_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            give_away(secret)
