"""What the session cannot know is asked in the terminal, and the call made again."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Callable, Sequence, Tuple, TypeVar

from sleap_remote_plugin.errors import HostKeyUnknown, SignInNeeded, SignInRefused
from sleap_remote_plugin.jobs.profile_file import find_profile, preferred_profile
from sleap_remote_plugin.session.opening import open_session, open_settings
from sleap_remote_plugin.session.session import Session
from sleap_remote_plugin.ssh.secret import Secret

T = TypeVar("T")


def asking(session: Session, call: Callable[[], T]) -> T:
    """Make a call, and again after each thing that the user has to answer."""
    while True:
        try:
            return call()
        except HostKeyUnknown as unknown:
            _ask_trust(session, unknown)
        except SignInNeeded as needed:
            _ask_password(session, needed)


def _ask_trust(session: Session, unknown: HostKeyUnknown) -> None:
    if not sys.stdin.isatty():
        raise unknown
    print(unknown, file=sys.stderr)
    answer = input("Trust this host from now on? [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        raise unknown
    session.trust_host(unknown)


def _ask_password(session: Session, needed: SignInNeeded) -> None:
    # A wrong passphrase costs nothing on the server; a wrong password may lock.
    is_last = isinstance(needed, SignInRefused) and not needed.key_file
    if is_last or needed.is_confirmation or not sys.stdin.isatty():
        raise needed
    if not needed.user and not session.user:
        session.set_user(input("User name on {}: ".format(session.profile.title)))
        return
    print(needed, file=sys.stderr)
    if needed.or_password:
        print("(Enter nothing to use the password instead.)", file=sys.stderr)
    answers = [Secret(_answer(*prompt)) for prompt in _prompts(needed)]
    if needed.key_file and not answers[0]:
        if not needed.or_password:
            raise needed
        session.use_password_instead(needed)
        return
    told = session.give_password(needed, Secret("\n".join(answers)), keep=True)
    if told:
        print(told, file=sys.stderr)


def _prompts(needed: SignInNeeded) -> Sequence[Tuple[str, bool]]:
    word = "Passphrase: " if needed.key_file else "Password: "
    return needed.prompts or ((word, False),)


def _answer(prompt: str, shown: bool) -> str:
    prompt = prompt.rstrip(": ") + ": "
    return input(prompt) if shown else getpass.getpass(prompt)


def install_key(session: Session) -> int:
    """Put the user's key onto each host, and say how that went."""
    passphrase = Secret("")
    if session.own_key() is None and sys.stdin.isatty():
        print(
            "You have no SSH key yet: a new one is made. With a passphrase, nobody "
            "else can use its file; the system keyring remembers it.",
            file=sys.stderr,
        )
        passphrase = _new_passphrase()
    results = asking(session, lambda: session.install_key(passphrase))
    for result in results:
        print(result.text)
    return 0 if all(result.works for result in results) else 1


def _new_passphrase() -> Secret:
    while True:
        first = Secret(getpass.getpass("Passphrase (empty for none): "))
        if first == Secret(getpass.getpass("Once more: ")):
            return first
        print("The two are not the same. Once more:", file=sys.stderr)


def session_of(arguments: argparse.Namespace) -> Session:
    name = arguments.cluster
    if name:
        return open_session(find_profile(name))
    return open_session(preferred_profile(open_settings().get("window.profile")))


def use_in_window(arguments: argparse.Namespace) -> None:
    """Have SLEAP's window use the named profile from now on."""
    if arguments.cluster:
        profile = find_profile(arguments.cluster)
        open_settings().set("window.profile", profile.name)


def log_in(session: Session, arguments: argparse.Namespace) -> None:
    """Sign in with what was given beforehand; ask for the rest."""
    trusted = set(arguments.trust)
    password = Secret("")
    if arguments.password_stdin:
        password = Secret(sys.stdin.readline().rstrip("\r\n"))
    while True:
        try:
            session.connect()
            return
        except HostKeyUnknown as unknown:
            if unknown.fingerprint in trusted:
                session.trust_host(unknown)
            else:
                _ask_trust(session, unknown)
        except SignInNeeded as needed:
            asks = (needed.key_file, needed.prompts, needed.is_confirmation)
            plainly = not any(asks)
            if password and plainly and not isinstance(needed, SignInRefused):
                told = session.give_password(needed, password, keep=True)
                print(told or "The password is in the keyring.", file=sys.stderr)
                password = Secret("")
            elif password and needed.or_password:
                session.use_password_instead(needed)
            else:
                _ask_password(session, needed)
