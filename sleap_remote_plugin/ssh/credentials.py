"""Secrets: in the keyring when there is a safe one, in memory when there is not.

One password is kept for a user on all hops of a cluster; a hop that refuses it while
another takes it gets one of its own. No secret is in any file of ours, log line,
exception or repr. Private keys are not here.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

from sleap_remote_plugin.ssh.deadline import OutOfTime, within

_LOGGER = logging.getLogger(__name__)

_UNSAFE_MODULES = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt.")
_UNSAFE_WORDS = ("plaintext", "null", "fail")
_FOR_NOW = "The password is kept in memory until SLEAP is closed, and asked for again."

_Place = Tuple[str, str]


class _NoKeyring(Exception):
    """Why the keyring is not used; a sentence."""


class Credentials:
    """Passwords by user and host.

    Parameters
    ----------
    cluster : str
        The profile's name: each has passwords of its own. The keyring shows it as
        the service ``sleap-remote:<cluster>``.
    keyring_backend : callable, optional
        Gives the backend to judge; by default what ``keyring`` chose.
    deadline : float
        Seconds for each keyring call. A person may have to unlock it meanwhile.
    """

    def __init__(
        self,
        cluster: str,
        keyring_backend: Optional[Callable[[], Any]] = None,
        deadline: float = 20.0,
    ) -> None:
        self.service = "sleap-remote:" + cluster
        self._find_backend = keyring_backend or _chosen_backend
        self._deadline = deadline
        self._lock = threading.RLock()
        self._memory: Dict[_Place, Optional[str]] = {}
        self._own: Set[_Place] = set()
        self._answers: Dict[_Place, List[str]] = {}
        self._backend: Any = None
        self._problem = ""

    def __repr__(self) -> str:
        return "Credentials({!r})".format(self.service)

    def __reduce__(self) -> Any:
        raise TypeError("Credentials are never pickled or copied.")

    # -- passwords ------------------------------------------------------------------

    def get(self, user: str, host: str) -> Optional[str]:
        """The password for that hop; None: ask."""
        with self._lock:
            own = self._read((user, host))
            if own is not None or (user, host) in self._own:
                return own
            return self._read((user, ""))

    def remember(self, user: str, host: str, secret: str, keep: bool) -> str:
        """Keep a password that the user gave.

        Parameters
        ----------
        keep : bool
            In the keyring too.

        Returns
        -------
        str
            Empty, or why it is in memory only, for the user.
        """
        with self._lock:
            place = (user, host if (user, host) in self._own else "")
            self._memory[place] = secret
            if not keep:
                return ""
            try:
                self._store(place, secret)
            except _NoKeyring as error:
                return "{} {}".format(error, _FOR_NOW)
            return ""

    def refused(self, user: str, host: str, accepted_elsewhere: bool = False) -> None:
        """Forget a password that this hop did not take.

        Parameters
        ----------
        accepted_elsewhere : bool
            Another hop has just taken the same one: then this hop gets its own.
        """
        with self._lock:
            if self._read((user, host)) is not None:
                self._drop((user, host))
            elif accepted_elsewhere:
                self._own.add((user, host))
            else:
                self._drop((user, ""))

    def forget(self, user: str, host: str = "") -> None:
        """Forget what is kept for the user, here and in the keyring."""
        with self._lock:
            hosts = {place[1] for place in self._memory if place[0] == user}
            for one in sorted(hosts | {host, ""}):
                self._drop((user, one))
                self._own.discard((user, one))
                self._answers.pop((user, one), None)

    # -- answers to other questions: used once, never stored --------------------------

    def answer_once(self, user: str, host: str, answers: Sequence[str]) -> None:
        """Answers to `SignInNeeded.prompts`, such as a one-time code, in order."""
        with self._lock:
            self._answers[(user, host)] = list(answers)

    def take_answers(self, user: str, host: str) -> List[str]:
        with self._lock:
            return self._answers.pop((user, host), [])

    # -- the keyring ------------------------------------------------------------------

    @property
    def keyring_problem(self) -> str:
        """Why there is no safe keyring, as a sentence; empty: there is one."""
        with self._lock:
            try:
                self._safe_backend()
            except _NoKeyring as error:
                return str(error)
            return ""

    def _read(self, place: _Place) -> Optional[str]:
        if place not in self._memory:
            try:
                backend = self._safe_backend()
                self._memory[place] = self._call(
                    backend.get_password, self.service, _entry(place)
                )
            except _NoKeyring as error:
                _LOGGER.info("no password from the keyring: %s", error)
                self._memory[place] = None
        return self._memory[place]

    def _store(self, place: _Place, secret: str) -> None:
        backend = self._safe_backend()
        self._call(backend.set_password, self.service, _entry(place), secret)
        if self._call(backend.get_password, self.service, _entry(place)) != secret:
            raise _NoKeyring("The keyring did not give the password back.")

    def _drop(self, place: _Place) -> None:
        self._memory[place] = None
        try:
            backend = self._safe_backend()
            if self._call(backend.get_password, self.service, _entry(place)) is None:
                return
            self._call(backend.delete_password, self.service, _entry(place))
        except _NoKeyring as error:
            _LOGGER.info("nothing was deleted from the keyring: %s", error)

    def _safe_backend(self) -> Any:
        if self._problem:
            raise _NoKeyring(self._problem)
        if self._backend is None:
            backend = self._call(self._find_backend)
            self._problem = "" if backend is not None else _unsafe_sentence()
            if backend is None:
                raise _NoKeyring(self._problem)
            self._backend = backend
        return self._backend

    def _call(self, call: Callable[..., Any], *args: str) -> Any:
        try:
            return within(self._deadline, lambda: call(*args))
        except OutOfTime:
            self._problem = (
                "This computer's keyring did not answer within {:.0f} seconds.".format(
                    self._deadline
                )
            )
            raise _NoKeyring(self._problem) from None
        except Exception as error:  # backends raise whatever their libraries do
            # Its words are left out: a backend might quote what it was given.
            raise _NoKeyring(_failure(error)) from None


def _entry(place: _Place) -> str:
    user, host = place
    return "{}@{}".format(user, host) if host else user


def _failure(error: BaseException) -> str:
    name = type(error).__name__
    if name == "KeyringLocked":
        return "This computer's keyring is locked."
    if name in ("NoKeyringError", "InitError"):
        return "This computer has no keyring that can be reached."
    return "This computer's keyring failed ({}).".format(name)


def _unsafe_sentence() -> str:
    return (
        "This computer has no safe keyring (only such as keep passwords readable or "
        "forget them)."
    )


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


def _chosen_backend() -> Any:
    """The first safe one of what the user's keyring settings choose, or None."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    backends = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((backend for backend in backends if is_safe(backend)), None)
