"""Signs in to one hop: agent, key files, then a password or the server's questions.

A password is tried exactly once for each hop and connect, since accounts lock.
"""

from __future__ import annotations

import re
from typing import Any, Callable, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    RemoteError,
    SignInNeeded,
    SignInRefused,
)
from sleap_remote_plugin.ssh import failures
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.keys import OfferedKeys
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.route import Hop

# OpenSSH's MaxAuthTries is 6: one is kept for the password.
_MOST_KEYS = 5
_SECRET_METHODS = ("password", "keyboard-interactive")
_CHANGED_PASSWORD = re.compile(r"\b(new|retype|again)\b", re.IGNORECASE)
_OTHER_SECRET = re.compile(
    r"code|token|otp|one[- ]?time|verif|duo|factor|\bpin\b|challenge", re.IGNORECASE
)


class SignIn:
    """One sign-in, over all hops of a connect.

    Parameters
    ----------
    credentials : Credentials
    """

    def __init__(
        self, credentials: Credentials, deadlines: Deadlines, log: ConnectionLog
    ) -> None:
        self._credentials = credentials
        self._deadlines = deadlines
        self._log = log
        self._accepted: List[Tuple[str, str]] = []

    def __call__(self, transport: Any, hop: Hop) -> None:
        """Sign in to `hop` over its transport, whose host key was checked.

        Raises
        ------
        SignInNeeded, SignInRefused, ConnectionFailed
        """
        transport.auth_timeout = self._deadlines.sign_in
        attempt = _Attempt(transport, hop, self._log)
        if attempt.without_anything():
            return
        with OfferedKeys(hop, self._deadlines.probe, self._log) as keys:
            if attempt.with_keys(keys):
                return
            locked = ", ".join(str(path) for path in keys.locked)
        while not self._with_secret(attempt, locked):
            pass

    def _with_secret(self, attempt: _Attempt, locked: str) -> bool:
        hop = attempt.hop
        method = next((m for m in _SECRET_METHODS if m in attempt.allowed), None)
        if method is None or method in attempt.tried:
            raise failures.no_way_in(
                hop, _listed(attempt.allowed), _listed(attempt.tried), locked
            )
        secret = self._credentials.get(hop.user, hop.label)
        answers = self._credentials.take_answers(hop.user, hop.label)
        if secret is None and not answers:
            raise _needed(hop)
        questions = _Questions("" if attempt.gave_secret else secret, answers)
        done = attempt.with_secret(method, secret or "", questions)
        if done is None:
            self._say_no(hop, secret, questions)
        if secret is not None:
            self._accepted.append((hop.user, secret))
        return bool(done)

    def _say_no(self, hop: Hop, secret: Optional[str], questions: _Questions) -> None:
        if questions.unanswered:
            raise _questions_needed(hop, questions)
        elsewhere = (hop.user, secret) in self._accepted
        self._credentials.refused(hop.user, hop.label, accepted_elsewhere=elsewhere)
        raise _refused(hop)


class _Attempt:
    """What one server allows, and what was tried."""

    def __init__(self, transport: Any, hop: Hop, log: ConnectionLog) -> None:
        self.transport = transport
        self.hop = hop
        self.allowed: Sequence[str] = ()
        self.tried: List[str] = []
        self.gave_secret = False
        self._log = log

    def without_anything(self) -> bool:
        """Learn the methods; a few servers let in at once."""
        done = self._try("none", lambda: self.transport.auth_none(self.hop.user))
        self._log.learn(
            self.hop.label,
            "takes for signing in: " + _listed(self.allowed),
            offered=tuple(self.allowed),
        )
        return bool(done)

    def with_keys(self, keys: OfferedKeys) -> bool:
        if "publickey" not in self.allowed:
            return False
        only_keys = not set(_SECRET_METHODS) & set(self.allowed)
        most = _MOST_KEYS + 1 if only_keys else _MOST_KEYS
        for name, key in keys.found[:most]:
            done = self._try(name, self._offer(key))
            if done is not None:
                return done
        if len(keys.found) > most:
            left = "{} more keys were not offered".format(len(keys.found) - most)
            self._log.add(self.hop.label, left)
        return False

    def _offer(self, key: Any) -> Callable[[], Any]:
        return lambda: self.transport.auth_publickey(self.hop.user, key)

    def with_secret(
        self, method: str, secret: str, questions: _Questions
    ) -> Optional[bool]:
        self.gave_secret = True
        user, transport = self.hop.user, self.transport
        if method == "password":
            return self._try(
                method,
                lambda: transport.auth_password(user, secret, fallback=False),
                secret_sent=True,
            )
        return self._try(
            method,
            lambda: transport.auth_interactive(user, questions),
            secret_sent=True,
        )

    def _try(
        self, method: str, call: Callable[[], Any], secret_sent: bool = False
    ) -> Optional[bool]:
        """True: in; False: a step further, more is wanted; None: refused."""
        if method != "none":
            self.tried.append(method)
        try:
            left = call()
        except paramiko.BadAuthenticationType as error:
            self.allowed = error.allowed_types
        except paramiko.AuthenticationException as error:
            timed_out = "timeout" in str(error).lower()
            alive = self.transport.is_active() or secret_sent
            if timed_out or not alive:
                raise failures.sign_in_lost(self.hop, error) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise failures.sign_in_lost(self.hop, error) from error
        else:
            if left:
                self.allowed = left
            self._log.learn(
                self.hop.label,
                method + (": accepted, more wanted" if left else ": in"),
                methods=(method,),
            )
            return not left
        if method != "none":
            self._log.add(self.hop.label, method + ": refused")
        return None


class _Questions:
    """Answers a keyboard-interactive server; called on paramiko's thread."""

    def __init__(self, secret: Optional[str], answers: Sequence[str]) -> None:
        self._secret = secret
        self._answers = list(answers)
        self.unanswered: List[Tuple[str, bool]] = []

    def __repr__(self) -> str:
        return "_Questions()"

    def __call__(
        self, title: str, instructions: str, prompts: Sequence[Tuple[str, bool]]
    ) -> List[str]:
        return [self._answer(prompt, shown) for prompt, shown in prompts]

    def _answer(self, prompt: str, shown: bool) -> str:
        if self._secret and not shown and _asks_password(prompt):
            secret, self._secret = self._secret, None
            return secret
        if self._answers:
            return self._answers.pop(0)
        self.unanswered.append((prompt.strip(), shown))
        return ""


def _asks_password(prompt: str) -> bool:
    if _CHANGED_PASSWORD.search(prompt) or re.search("one[- ]?time", prompt, re.I):
        return False
    return "password" in prompt.lower() or not _OTHER_SECRET.search(prompt)


# -- sentences -----------------------------------------------------------------------


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"


def _needed(hop: Hop) -> SignInNeeded:
    return SignInNeeded(
        "{} asks for the password of {}.".format(hop, hop.user), hop.user, hop.label
    )


def _refused(hop: Hop) -> SignInRefused:
    return SignInRefused(
        "{} did not take the password of {}. It was tried once and is forgotten, since "
        "accounts are locked after several wrong ones. Enter it again with care; if it "
        "is right, it may have expired: sign in once in a terminal.".format(
            hop, hop.user
        ),
        hop.user,
        hop.label,
    )


def _questions_needed(hop: Hop, questions: _Questions) -> RemoteError:
    asked = questions.unanswered
    if any(_CHANGED_PASSWORD.search(prompt) for prompt, _ in asked):
        return ConnectionFailed(
            "{} wants the password of {} to be changed. Nothing was changed. Sign in "
            "once in a terminal (ssh {}@{}), change it, and come back.".format(
                hop, hop.user, hop.user, hop.hostname
            )
        )
    return SignInNeeded(
        "{} asks: {}".format(hop, " / ".join(prompt for prompt, _ in asked)),
        hop.user,
        hop.label,
        prompts=asked,
    )
