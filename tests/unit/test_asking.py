"""What the command line asks in a terminal, and what it does with the answers."""

from __future__ import annotations

import sys

import pytest

from sleap_remote_plugin.cli import asking as cli
from sleap_remote_plugin.errors import SignInNeeded, SignInRefused


class Session:
    """Raises one error after the other, and notes what it is given."""

    user = "jane"

    def __init__(self, *errors):
        self.errors = list(errors)
        self.given = []

    def call(self):
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def give_password(self, error, text, keep):
        self.given.append((text, keep))
        return ""

    def use_password_instead(self, error):
        self.given.append("instead")


@pytest.fixture
def typed(monkeypatch):
    """What is typed, with and without being shown."""

    def make(*lines):
        left = list(lines)

        def read(kind):
            def ask(prompt):
                asked.append((kind, prompt))
                return left.pop(0)

            return ask

        monkeypatch.setattr("builtins.input", read("shown"))
        monkeypatch.setattr(cli.getpass, "getpass", read("hidden"))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        return asked

    asked = []
    return make


def locked(cls=SignInNeeded, or_password=True):
    return cls("It is locked.", "jane", "gw", key_file="/k", or_password=or_password)


def test_a_wrong_passphrase_is_asked_for_again(typed):
    asked = typed("wrong", "right")
    session = Session(locked(), locked(SignInRefused))

    assert cli.asking(session, session.call) == "done"
    assert asked == [("hidden", "Passphrase: ")] * 2
    assert session.given == [("wrong", True), ("right", True)]


def test_no_passphrase_at_all_means_the_password(typed):
    typed("", "sesame")
    session = Session(locked(), SignInNeeded("Password, please.", "jane", "gw"))
    cli.asking(session, session.call)

    assert session.given == ["instead", ("sesame", True)]


def test_where_only_the_key_is_taken_no_passphrase_ends_it(typed):
    typed("")
    session = Session(locked(or_password=False))
    with pytest.raises(SignInNeeded):
        cli.asking(session, session.call)


def test_a_wrong_password_is_not_asked_for_again(typed):
    asked = typed()
    session = Session(SignInRefused("Wrong.", "jane", "gw"))
    with pytest.raises(SignInRefused):
        cli.asking(session, session.call)

    assert asked == []


def test_questions_are_asked_as_the_server_wants_them_shown(typed):
    asked = typed("123456", "2")
    prompts = [("Code:", False), ("Phone or text", True)]
    session = Session(SignInNeeded("It asks.", "jane", "gw", prompts=prompts))
    cli.asking(session, session.call)

    assert asked == [("hidden", "Code: "), ("shown", "Phone or text: ")]
    assert session.given == [("123456\n2", True)]
    assert "123456" not in repr(session.given)


def test_a_confirmation_that_did_not_come_ends_the_command(typed):
    typed()
    session = Session(SignInNeeded("It waited.", "jane", "gw", is_confirmation=True))
    with pytest.raises(SignInNeeded):
        cli.asking(session, session.call)


def test_without_a_terminal_nothing_is_asked(typed, monkeypatch):
    asked = typed()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    session = Session(locked())
    with pytest.raises(SignInNeeded):
        cli.asking(session, session.call)

    assert asked == []
