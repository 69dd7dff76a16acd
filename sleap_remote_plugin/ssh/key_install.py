"""Puts the user's public key onto each hop, as ssh-copy-id does, and tries it.

The password is used for this once; whether it is kept is the user's answer to the
question for it. Which key it is, is in own_key.py.
"""

from __future__ import annotations

import shlex
import socket
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from sleap_remote_plugin.errors import RemoteError, SignInNeeded
from sleap_remote_plugin.ssh.attempt import Attempt
from sleap_remote_plugin.ssh.authentication import SignIn
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Clock, Deadlines
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.keys import KeyIsLocked, OfferedKeys, open_key
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.link import Link
from sleap_remote_plugin.ssh.log import ConnectionLog, visible
from sleap_remote_plugin.ssh.own_key import OwnKey, find_own_key, make_own_key
from sleap_remote_plugin.ssh.refusals import passphrase_needed, passphrase_wrong
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.ssh.secret import Secret
from sleap_remote_plugin.ssh.stdin import send_end
from sleap_remote_plugin.words import tr

_MARK = "sleap-remote-key:"
_MOST_OUTPUT = 1 << 16
_SECONDS = 20.0

# Read by sh from its stdin, so that any login shell will do.
_SCRIPT = """\
key={key}
line={line}
file=.ssh/authorized_keys
say() {{ echo "{mark}$1"; exit 0; }}
umask 077
cd || say no-home
[ -d .ssh ] || mkdir .ssh || say not-written
has() {{ grep -v '^[[:space:]]*#' "$file" 2>/dev/null | grep -qF -- "$key"; }}
state=there
if ! has; then
    state=added
    if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then
        echo >> "$file" || say not-written
    fi
    echo "$line" >> "$file" || say not-written
    has || say not-written
fi
chmod 700 .ssh && chmod 600 "$file" || say not-private
restorecon -F .ssh "$file" 2>/dev/null
case $(ls -ld .) in
    ?????w*|????????w*) state=$state-loose ;;
esac
say "$state"
"""


@dataclass(frozen=True)
class KeyResult:
    """What came of it at one hop; `works`: the key alone signs in there."""

    hop: str
    works: bool
    text: str


class KeyInstaller:
    """Installs keys on hops; raises as connecting does, and may then be run again.

    Parameters
    ----------
    keys : mapping
        The key for each hop.
    """

    def __init__(
        self,
        keys: Dict[Hop, OwnKey],
        credentials: Credentials,
        host_keys: HostKeys,
        deadlines: Deadlines,
        log: ConnectionLog,
    ) -> None:
        self._keys = keys
        self._hops = tuple(keys)
        self._credentials = credentials
        self._host_keys = host_keys
        self._deadlines = deadlines
        self._log = log
        self._words: Dict[Hop, Tuple[str, str]] = {}

    def run(self) -> Tuple[KeyResult, ...]:
        """Install on every hop, then sign in to each with the key alone.

        Raises
        ------
        SignInNeeded, SignInRefused, HostKeyUnknown, ConnectionFailed
        """
        self._visit(self._hops, self._install)
        return tuple(self._result(number) for number in range(len(self._hops)))

    def _visit(self, hops: Sequence[Hop], arrive: Any) -> None:
        link = Link(hops, arrive, self._host_keys, self._deadlines, self._log)
        try:
            link.open()
        finally:
            link.close()

    def _sign_in(self) -> SignIn:
        return SignIn(self._credentials, self._deadlines, self._log)

    def _install(self, transport: Any, hop: Hop) -> None:
        self._sign_in()(transport, hop)
        key = self._keys[hop]
        try:
            said = _run(transport, install_script(key), _SECONDS)
        except (paramiko.SSHException, EOFError, OSError) as error:
            said = "{}: {}".format(type(error).__name__, error)
        word = said.rsplit(_MARK, 1)[1].split()[0] if _MARK in said else ""
        self._words[hop] = (word, visible(said.split(_MARK)[0].strip()))
        self._log.add(hop.label, "key {}: {}".format(key.name, word or said))

    # -- trying it ---------------------------------------------------------------------

    def _result(self, number: int) -> KeyResult:
        hop = self._hops[number]
        word, said = self._words[hop]
        if word.split("-")[0] not in ("added", "there"):
            return KeyResult(hop.label, False, _not_installed(hop, word, said))
        trial = _Trial(self._sign_in(), hop, self._keys[hop], self._log)
        try:
            with OfferedKeys(
                hop, self._deadlines.probe, self._log, self._credentials
            ) as offered:
                trial.key = _private(self._keys[hop], offered, hop, self._credentials)
                self._visit(self._hops[: number + 1], trial)
        except _Arrived:
            pass
        except SignInNeeded as error:
            if error.key_file:
                raise
            return KeyResult(hop.label, False, _not_tried(hop, word))
        return KeyResult(hop.label, trial.works, _tried(hop, word, trial))


def install_script(key: OwnKey) -> bytes:
    """What ``sh`` reads: adds the key once, and says how that went."""
    comment = " sleap-remote@" + socket.gethostname()
    script = _SCRIPT.format(
        key=shlex.quote(key.public.split()[1]),
        line=shlex.quote(key.public + comment),
        mark=_MARK,
    )
    return script.encode("ascii", "replace")


def keys_for(
    hops: Sequence[Hop],
    passphrase: Secret,
    credentials: Credentials,
    deadlines: Deadlines,
    log: ConnectionLog,
) -> Dict[Hop, OwnKey]:
    """The user's key for each hop; where there is none, a new one is made.

    Raises
    ------
    RemoteError
        None could be made.
    """
    keys: Dict[Hop, OwnKey] = {}
    for hop in hops:
        key = find_own_key(hop, credentials, deadlines, log)
        if key is None:
            key = make_own_key(hop, passphrase)
            if passphrase and key.path is not None:
                credentials.remember_passphrase(key.path, passphrase, keep=True)
        keys[hop] = key
    return keys


class _Arrived(Exception):
    """The trial at the last hop is over; nothing more is wanted of it."""


class _Trial:
    """Signs in to the last hop with one key, to those before it as usual."""

    def __init__(self, sign_in: SignIn, hop: Hop, own: OwnKey, log: ConnectionLog):
        self._sign_in = sign_in
        self._hop = hop
        self._own = own
        self._log = log
        self.key: Any = None
        self.works = False
        self.more: List[str] = []

    def __call__(self, transport: Any, hop: Hop) -> None:
        if hop is not self._hop:
            self._sign_in(transport, hop)
            return
        attempt = Attempt(transport, hop, self._log)
        if not attempt.without_anything() and "publickey" in attempt.allowed:
            done = attempt.with_key("only {}".format(self._own.name), self.key)
            self.works = bool(done)
            self.more = list(attempt.allowed) if done is False else []
        raise _Arrived(tr("the key was tried"))


def _private(
    own: OwnKey, offered: OfferedKeys, hop: Hop, credentials: Credentials
) -> Any:
    for _, key in offered.found:
        if own.public.split()[1] == key.get_base64():
            return key
    if own.path is None:
        raise RemoteError(
            tr(
                "The SSH agent no longer has the key. Nothing more was done. Add it "
                "with ssh-add and try again."
            )
        )
    try:
        return open_key(own.path, credentials.passphrase(own.path))
    except KeyIsLocked:
        ask = passphrase_needed
        if credentials.take_wrong(own.path):
            ask = passphrase_wrong
        raise ask(hop, own.path, False) from None


def _run(transport: Any, script: bytes, seconds: float) -> str:
    """What ``sh`` says to a script; both streams, our own deadline."""
    clock = Clock(seconds)
    channel = transport.open_session(timeout=seconds)
    try:
        channel.set_combine_stderr(True)
        channel.settimeout(seconds)
        channel.exec_command("sh")
        channel.sendall(script)
        send_end(channel)
        said = b""
        while not clock.is_over and len(said) < _MOST_OUTPUT:
            channel.settimeout(max(clock.left, 0.01))
            data = channel.recv(4096)
            if not data:
                break
            said += data
    except socket.timeout:
        pass  # what was said until then is judged
    finally:
        channel.close()
    return said.decode("utf-8", "replace")


# -- sentences -------------------------------------------------------------------------


def _not_installed(hop: Hop, word: str, said: str) -> str:
    if word:
        reason = {
            "no-home": tr("your home folder there cannot be entered"),
            "not-private": tr("~/.ssh there belongs to somebody else"),
        }.get(word, tr("~/.ssh/authorized_keys there cannot be written"))
    else:
        reason = tr("it runs no commands for you")
    words = tr(" It says: {}").format(said[:300]) if said else ""
    return tr(
        "{}: the key was not installed, since {}.{} You sign in there as before. Ask "
        "the cluster's people how keys are installed."
    ).format(hop, reason, words)


def _not_tried(hop: Hop, word: str) -> str:
    return tr(
        "{}: the key {}, but could not be tried, since a host on the way asks for more "
        "than a key."
    ).format(hop, _how(word))


def _tried(hop: Hop, word: str, trial: _Trial) -> str:
    if trial.works:
        return tr("{}: the key {}, and signs in without a password.").format(
            hop, _how(word)
        )
    if trial.more:
        return tr("{}: the key {} and is taken, but {} is asked for as well.").format(
            hop, _how(word), ", ".join(trial.more)
        )
    why = tr("The host may not allow keys, or look for them elsewhere")
    if word.endswith("-loose"):
        why = tr(
            "Your home folder there can be written by others, and then SSH does not "
            "believe it: `chmod go-w ~` there mends that"
        )
    return tr(
        "{}: the key {}, but the host does not take it. {}. You sign in there as "
        "before."
    ).format(hop, _how(word), why)


def _how(word: str) -> str:
    return tr("was installed") if word.startswith("added") else tr("was there already")
