"""What the session cannot know is asked in the terminal, and the call made again."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Callable, TypeVar

from sleap_remote_plugin.errors import HostKeyUnknown, SignInNeeded, SignInRefused
from sleap_remote_plugin.jobs.profile_file import find_profile, preferred_profile
from sleap_remote_plugin.session.session import Session, open_session, open_settings

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
    if isinstance(needed, SignInRefused) or not sys.stdin.isatty():
        raise needed
    if not needed.user and not session.user:
        session.set_user(input("User name on {}: ".format(session.profile.title)))
        return
    print(needed, file=sys.stderr)
    prompts = [prompt for prompt, _ in needed.prompts] or ["Password: "]
    answers = [getpass.getpass(prompt) for prompt in prompts]
    told = session.give_password(needed, "\n".join(answers), keep=True)
    if told:
        print(told, file=sys.stderr)


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
    password = sys.stdin.readline().rstrip("\r\n") if arguments.password_stdin else ""
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
            if password and not isinstance(needed, SignInRefused):
                told = session.give_password(needed, password, keep=True)
                print(told or "The password is in the keyring.", file=sys.stderr)
                password = ""
            else:
                _ask_password(session, needed)
