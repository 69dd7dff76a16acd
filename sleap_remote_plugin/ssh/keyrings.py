"""The system's keyring: judged by what it is, called with a deadline of our own.

Which secret is whose is in credentials.py.
"""

from __future__ import annotations

import logging
import time
from typing import Any, Callable, Optional

from sleap_remote_plugin.ssh.deadline import OutOfTime, within
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

_LOGGER = logging.getLogger(__name__)

_UNSAFE_MODULES = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt.")
_UNSAFE_WORDS = ("plaintext", "null", "fail")
#: Seconds until a keyring that hung, or is locked, is tried again.
TRY_AGAIN = 300.0


class NoKeyring(Exception):
    """Why the keyring is not used; a sentence."""


class Keyring:
    """A safe keyring, or none.

    Parameters
    ----------
    service : str
        What the keyring files our entries under.
    find_backend : callable, optional
        Gives the backend to judge; by default what ``keyring`` chose.
    deadline : float
        Seconds for each call. A person may have to unlock it meanwhile.
    clock : callable
        Seconds, for when to try again.
    """

    def __init__(
        self,
        service: str,
        find_backend: Optional[Callable[[], Any]] = None,
        deadline: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.service = service
        self._find_backend = find_backend or chosen_backend
        self._deadline = deadline
        self._clock = clock
        self._backend: Any = None
        self._problem = ""
        self._again = 0.0

    @property
    def problem(self) -> str:
        """Why there is no safe keyring just now, as a sentence; empty: there is."""
        try:
            self._safe_backend()
        except NoKeyring as error:
            return str(error)
        return ""

    @property
    def is_there(self) -> bool:
        """Whether a safe one was found, answering or not."""
        return self._backend is not None

    def retry(self) -> None:
        """Try a keyring again that was given up: the user wants something of it."""
        self._problem = ""

    def read(self, entry: str) -> Optional[Secret]:
        """What is kept there, or None. Raises NoKeyring."""
        backend = self._safe_backend()
        found = self._call(lambda: _hidden(backend.get_password(self.service, entry)))
        return found

    def write(self, entry: str, secret: Secret) -> None:
        """Keep a secret, and read it back. Raises NoKeyring."""
        backend = self._safe_backend()
        self._call(lambda: backend.set_password(self.service, entry, str(secret)))
        if self.read(entry) != secret:
            raise NoKeyring(tr("The keyring did not give the password back."))

    def delete(self, entry: str) -> None:
        """Take an entry out, if it is there. Raises NoKeyring."""
        if self.read(entry) is not None:
            backend = self._safe_backend()
            self._call(lambda: backend.delete_password(self.service, entry))

    def _safe_backend(self) -> Any:
        if self._problem and self._clock() < self._again:
            raise NoKeyring(self._problem)
        self._problem = ""
        if self._backend is None:
            backend = self._call(self._find_backend)
            if backend is None:
                raise self._given_up(_UNSAFE)
            self._backend = backend
        return self._backend

    def _call(self, call: Callable[[], Any]) -> Any:
        try:
            return within(self._deadline, call)
        except OutOfTime:
            raise self._given_up(
                tr(
                    "This computer's keyring did not answer within {:.0f} seconds."
                ).format(self._deadline)
            ) from None
        except Exception as error:  # backends raise whatever their libraries do
            # Its words are left out: a backend might quote what it was given.
            raise self._given_up(_failure(error)) from None

    def _given_up(self, sentence: str) -> NoKeyring:
        _LOGGER.info("the keyring is left alone for now: %s", sentence)
        self._problem, self._again = sentence, self._clock() + TRY_AGAIN
        return NoKeyring(sentence)


_UNSAFE = tr(
    "This computer has no safe keyring (only such as keep passwords readable or forget "
    "them)."
)


def _hidden(text: Optional[str]) -> Optional[Secret]:
    return None if text is None else Secret(text)


def _failure(error: BaseException) -> str:
    name = type(error).__name__
    if name in ("KeyringLocked", "LockedException"):
        return tr("This computer's keyring is locked.")
    if name in ("NoKeyringError", "InitError"):
        return tr("This computer has no keyring that can be reached.")
    return tr("This computer's keyring failed ({}).").format(name)


def is_safe(backend: Any) -> bool:
    """Whether a keyring backend keeps secrets encrypted, and keeps them at all."""
    kind = type(backend)
    if (kind.__module__ + ".").startswith(_UNSAFE_MODULES):
        return False
    if any(word in kind.__name__.lower() for word in _UNSAFE_WORDS):
        return False
    try:
        return backend.priority >= 1
    except Exception as error:  # `priority` raises what its library raises
        _LOGGER.info("keyring %s is not usable: %s", kind.__name__, error)
        return False


def chosen_backend() -> Any:
    """The first safe one of what the user's keyring settings choose, or None."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    backends = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((backend for backend in backends if is_safe(backend)), None)
