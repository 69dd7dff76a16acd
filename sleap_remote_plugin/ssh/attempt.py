"""One host's sign-in, step by step: what it allows, what was tried, what it said.

What is tried, and with which secret, is decided in authentication.py.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, List, Optional, Sequence

from sleap_remote_plugin.ssh import failures, refusals
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.log import ConnectionLog, decoded_banner, visible
from sleap_remote_plugin.ssh.questions import Questions, Unanswered
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

# As OpenSSH does: where both are offered, only the first may ask for a code too.
_SECRET_METHODS = ("keyboard-interactive", "password")
# OpenSSH's MaxAuthTries is 6: one is kept for the password.
_MOST_KEYS = 5
# A person may have to find a telephone first; OpenSSH hangs up after two minutes.
_PATIENCE = 3


class Attempt:
    """What one server allows, and what was tried."""

    def __init__(self, transport: Any, hop: Hop, log: ConnectionLog) -> None:
        self.transport = transport
        self.hop = hop
        self.allowed: Sequence[str] = ()
        self.tried: List[str] = []
        self.gave_secret = False
        self.key_taken = False
        self._log = log
        self._greeting: List[str] = []

    @property
    def secret_method(self) -> Optional[str]:
        """The way to try a secret; None: it takes none, or has refused it."""
        ways = [way for way in _SECRET_METHODS if way in self.allowed]
        return next((way for way in ways if way not in self.tried), None)

    @property
    def keys_left(self) -> int:
        """How many keys may still be offered."""
        tried = len([one for one in self.tried if one not in _SECRET_METHODS])
        takes_secrets = set(_SECRET_METHODS) & set(self.allowed)
        return (_MOST_KEYS if takes_secrets else _MOST_KEYS + 1) - tried

    def said(self) -> List[str]:
        """What the server said since its greeting."""
        now = self._banner()
        return [] if now == self._greeting else now

    def _banner(self) -> List[str]:
        # Transport.get_banner() has none once the server has hung up.
        handler = self.transport.auth_handler
        return list(map(visible, decoded_banner(getattr(handler, "banner", None))))

    # -- ways in --------------------------------------------------------------------

    def without_anything(self) -> bool:
        """Learn the methods; a few servers let in at once."""
        done = self._try("none", lambda: self.transport.auth_none(self.hop.user))
        self._greeting = self._banner()
        self._log.learn(
            self.hop.label,
            tr("takes for signing in: ") + listed(self.allowed),
            offered=tuple(self.allowed),
        )
        return bool(done)

    def with_key(self, name: str, key: Any) -> Optional[bool]:
        user, transport = self.hop.user, self.transport
        done = self._try(name, lambda: transport.auth_publickey(user, key))
        self.key_taken = self.key_taken or done is not None
        return done

    def takes_key(self, name: str, blob: bytes) -> bool:
        """Whether the server takes a key that nobody has opened; asked once.

        Afterwards the connection is of no use when the answer was yes: paramiko has
        no word for it. The user is asked for the passphrase then anyway.
        """
        if not blob:
            return True
        done = self._try(name, lambda: _ask_about_key(self.transport, self.hop, blob))
        return done is not None

    def with_password(self, secret: Secret) -> Optional[bool]:
        self.gave_secret = True
        user, transport = self.hop.user, self.transport
        return self._try(
            "password",
            lambda: transport.auth_password(user, secret, fallback=False),
            waits=True,
        )

    def with_answers(self, questions: Questions) -> Optional[bool]:
        """Raises Unanswered where the user has to be asked first."""
        user, transport = self.hop.user, self.transport
        transport.auth_timeout *= _PATIENCE
        try:
            return self._try(
                "keyboard-interactive",
                lambda: transport.auth_interactive(user, questions),
                waits=True,
            )
        finally:
            transport.auth_timeout /= _PATIENCE
            self.gave_secret = self.gave_secret or questions.gave_secret

    # -- one step -------------------------------------------------------------------

    def _try(
        self, method: str, call: Callable[[], Any], waits: bool = False
    ) -> Optional[bool]:
        """True: in; False: a step further, more is wanted; None: refused.

        Parameters
        ----------
        waits : bool
            The server may be waiting for somebody else: silence is no lost network.
        """
        if method != "none":
            self.tried.append(method)
        try:
            left = call()
        except Unanswered:
            raise
        except _KeyIsTaken:
            self._log.add(self.hop.label, method + tr(": would be taken"))
            return False
        except paramiko.BadAuthenticationType as error:
            self.allowed = error.allowed_types
        except paramiko.AuthenticationException as error:
            if _is_lost(self.transport, error):
                raise self._lost(error, waits) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise self._lost(error, waits) from error
        else:
            self._step(method, left)
            return not left
        if method != "none":
            self._log.add(self.hop.label, method + ": refused")
        return None

    def _step(self, method: str, left: Sequence[str]) -> None:
        if left:
            self.allowed = left
            if method in self.tried:
                self.tried.remove(method)  # it may be wanted a second time
        self._log.learn(
            self.hop.label,
            method + (tr(": accepted, more wanted") if left else ": in"),
            methods=(method,),
        )

    def _lost(self, error: BaseException, waits: bool) -> Exception:
        said = " ".join(self.said())
        if said and waits:
            return refusals.turned_away_with_password(self.hop, said)
        if said:
            return refusals.turned_away(self.hop, said)
        if waits:
            return refusals.confirmation_needed(self.hop, error)
        return failures.sign_in_lost(self.hop, error)


def _is_lost(transport: Any, error: BaseException) -> bool:
    return "timeout" in str(error).lower() or not transport.is_active()


class _KeyIsTaken(Exception):
    """The server would take the key that it was asked about."""


def _ask_about_key(transport: Any, hop: Hop, blob: bytes) -> Sequence[str]:
    """Ask about a public key, as OpenSSH does before it opens the private one."""
    handler = paramiko.auth_handler.AuthOnlyHandler(transport)
    handler.auth_event = event = threading.Event()
    handler.auth_method, handler.username = "publickey", hop.user
    message = paramiko.Message()
    message.add_byte(b"\x32")  # SSH_MSG_USERAUTH_REQUEST
    for text in (hop.user, "ssh-connection", "publickey"):
        message.add_string(text)
    message.add_boolean(False)
    kind = paramiko.Message(blob).get_text()
    message.add_string("rsa-sha2-512" if kind == "ssh-rsa" else kind)
    message.add_string(blob)
    transport.saved_exception = None
    transport.auth_handler = handler
    with transport.lock:
        transport._send_message(message)
    try:
        return handler.wait_for_response(event)
    except paramiko.SSHException as error:
        if "Illegal info request" in str(error):
            raise _KeyIsTaken from None
        raise


def listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"
