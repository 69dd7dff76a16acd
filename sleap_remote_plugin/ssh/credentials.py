"""Secrets: in the keyring when there is a safe one, in memory when there is not.

One password is kept for a user on all hops of a cluster; a hop that refuses it while
another takes it gets one of its own. A key file's passphrase has an entry of its own.
One-time codes are handed on once and kept nowhere. No secret is in any file of ours,
log line, exception or repr. The keyring itself is in keyrings.py, keys in keys.py.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

from sleap_remote_plugin.ssh.keyrings import Keyring, NoKeyring
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.words import tr

_LOGGER = logging.getLogger(__name__)

_FOR_NOW = tr("{} is kept in memory until SLEAP is closed, and asked for again.")

_Place = Tuple[str, str]


class Credentials:
    """Secrets by user and host, and by key file.

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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.service = "sleap-remote:" + cluster
        self._keyring = Keyring(self.service, keyring_backend, deadline, clock)
        self._lock = threading.RLock()
        self._memory: Dict[str, Optional[Secret]] = {}
        self._asks_anew = False
        self._own: Set[_Place] = set()
        self._proven: Set[_Place] = set()
        self._left_out: Set[Path] = set()
        self._wrong: Set[Path] = set()
        self._questions: Dict[_Place, Tuple[tuple, ...]] = {}
        self._answers: Dict[_Place, Dict[str, Secret]] = {}

    def __repr__(self) -> str:
        return "Credentials({!r})".format(self.service)

    def __reduce__(self) -> Any:
        raise TypeError(tr("Credentials are never pickled or copied."))

    # -- passwords ------------------------------------------------------------------

    def get(self, user: str, host: str) -> Optional[Secret]:
        """The password for that hop; None: ask."""
        with self._lock:
            own = self._read(_entry(user, host))
            if own is not None or (user, host) in self._own:
                return own
            return self._read(_entry(user))

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
            self._proven.discard((user, host))
            entry = _entry(user, host if (user, host) in self._own else "")
            return self._keep(entry, Secret(secret), keep, tr("The password"))

    def accepted(self, user: str, host: str) -> None:
        """That hop has taken the password."""
        with self._lock:
            self._proven.add((user, host))

    def is_proven(self, user: str, host: str) -> bool:
        """Whether that hop has taken the password that is known for it."""
        with self._lock:
            return (user, host) in self._proven

    def refused(self, user: str, host: str, accepted_elsewhere: bool = False) -> None:
        """Forget a password that this hop did not take.

        Parameters
        ----------
        accepted_elsewhere : bool
            Another hop has just taken the same one: then this hop gets its own.
        """
        with self._lock:
            self._proven.discard((user, host))
            if self._read(_entry(user, host)) is not None:
                self._drop(_entry(user, host))
            elif accepted_elsewhere:
                self._own.add((user, host))
            else:
                self._drop(_entry(user))

    def doubt(self, user: str, host: str) -> None:
        """Don't use that hop's password again; what is in the keyring stays there."""
        with self._lock:
            self._proven.discard((user, host))
            self._memory[_entry(user, host)] = None
            if (user, host) not in self._own:
                self._memory[_entry(user)] = None

    def ask_anew(self) -> None:
        """Use nothing that is known: the user wants to give other secrets.

        What is in the keyring stays until another secret takes its place.
        """
        with self._lock:
            self._asks_anew = True
            self._memory.clear()
            self._proven.clear()
            self._left_out.clear()
            self._keyring.retry()

    def retry_keyring(self) -> None:
        """Try a keyring again that was given up: the user wants something of it."""
        with self._lock:
            self._keyring.retry()

    def forget(self, user: str, host: str = "") -> str:
        """Forget what is kept for the user, here and in the keyring.

        Returns
        -------
        str
            Empty, or why the keyring may still hold it.
        """
        with self._lock:
            mine = {entry for entry in self._memory if entry.startswith(user + "@")}
            told = [
                self._drop(entry)
                for entry in sorted(mine | {_entry(user, host), _entry(user)})
            ]
            for place in [one for one in self._own if one[0] == user]:
                self._own.discard(place)
            self._proven.discard((user, host))
            self._answers.pop((user, host), None)
            return next(filter(None, told), "")

    # -- passphrases ------------------------------------------------------------------

    def passphrase(self, key_file: Path) -> Optional[Secret]:
        """The passphrase of a key file; None: ask."""
        with self._lock:
            return self._read(_key_entry(key_file))

    def remember_passphrase(self, key_file: Path, secret: str, keep: bool) -> str:
        """Keep a passphrase that was tried on the file; as `remember`."""
        with self._lock:
            self._left_out.discard(Path(key_file))
            entry = _key_entry(key_file)
            return self._keep(entry, Secret(secret), keep, tr("The passphrase"))

    def forget_passphrase(self, key_file: Path) -> str:
        """Forget it, here and in the keyring; as `forget`."""
        with self._lock:
            self._left_out.discard(Path(key_file))
            return self._drop(_key_entry(key_file))

    def wrong_passphrase(self, key_file: Path) -> None:
        """The user gave one that does not open this file."""
        with self._lock:
            self._wrong.add(Path(key_file))

    def take_wrong(self, key_file: Path) -> bool:
        """Whether the user has just given a wrong one; told once."""
        with self._lock:
            was_wrong = Path(key_file) in self._wrong
            self._wrong.discard(Path(key_file))
            return was_wrong

    def leave_out(self, key_file: Path) -> None:
        """The user has no passphrase for this file, and takes another way in."""
        with self._lock:
            self._left_out.add(Path(key_file))

    def is_left_out(self, key_file: Path) -> bool:
        with self._lock:
            return Path(key_file) in self._left_out

    # -- answers to other questions: used once, never stored --------------------------

    def expect(self, user: str, host: str, prompts: Sequence[tuple]) -> None:
        """That hop asks these each time, beside the password."""
        with self._lock:
            self._questions[(user, host)] = tuple(prompts)

    def expected(self, user: str, host: str) -> Tuple[tuple, ...]:
        with self._lock:
            return self._questions.get((user, host), ())

    def answer_once(
        self, user: str, host: str, prompts: Sequence[tuple], answers: Sequence[str]
    ) -> None:
        """Answers to `SignInNeeded.prompts`, such as a one-time code, in order."""
        texts = [str(prompt) for prompt, _ in prompts]
        with self._lock:
            self._answers[(user, host)] = dict(zip(texts, map(Secret, answers)))

    def take_answers(self, user: str, host: str) -> Dict[str, Secret]:
        """By prompt; whoever takes them uses them up."""
        with self._lock:
            return self._answers.pop((user, host), {})

    # -- the keyring ------------------------------------------------------------------

    @property
    def keyring_problem(self) -> str:
        """Why there is no safe keyring just now, as a sentence; empty: there is."""
        with self._lock:
            return self._keyring.problem

    def kept(self, places: Sequence[_Place], key_files: Sequence[Path]) -> List[str]:
        """What the keyring holds for these: for the settings. Raises nothing."""
        entries = [_entry(user, host) for user, host in places]
        entries += [_entry(user) for user, _ in places] + list(
            map(_key_entry, key_files)
        )
        found = []
        with self._lock:
            for entry in dict.fromkeys(entries):
                try:
                    if self._keyring.read(entry) is not None:
                        found.append(entry)
                except NoKeyring as error:
                    _LOGGER.info("%s", error)
        return found

    def _keep(self, entry: str, secret: Secret, keep: bool, what: str) -> str:
        self._memory[entry] = secret
        if not keep:
            return ""
        try:
            self._keyring.write(entry, secret)
        except NoKeyring as error:
            return "{} {}".format(error, _FOR_NOW.format(what))
        return ""

    def _read(self, entry: str) -> Optional[Secret]:
        if entry in self._memory or self._asks_anew:
            return self._memory.get(entry)
        try:
            self._memory[entry] = self._keyring.read(entry)
        except NoKeyring as error:
            _LOGGER.info("nothing from the keyring: %s", error)
            return None
        return self._memory[entry]

    def _drop(self, entry: str) -> str:
        self._memory[entry] = None
        try:
            self._keyring.delete(entry)
        except NoKeyring as error:
            _LOGGER.info("nothing was deleted from the keyring: %s", error)
            return str(error) if self._keyring.is_there else ""
        return ""


def _entry(user: str, host: str = "") -> str:
    return "{}@{}".format(user, host) if host else user


def _key_entry(key_file: Path) -> str:
    return tr("passphrase of {}").format(key_file)
