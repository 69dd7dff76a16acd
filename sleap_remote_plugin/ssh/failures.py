"""Sentences for connections that fail: what happened, what is safe, what to do."""

from __future__ import annotations

import socket
from typing import Optional

from sleap_remote_plugin.errors import ConnectionClosed, ConnectionFailed, ShellTrouble
from sleap_remote_plugin.ssh.deadline import OutOfTime, Stopped
from sleap_remote_plugin.ssh.library import paramiko
from sleap_remote_plugin.ssh.route import Hop
from sleap_remote_plugin.words import tr

_NOTHING_SENT = tr("Nothing was sent; jobs on the cluster go on.")


def _place(hop: Hop) -> str:
    return "{} (port {})".format(hop.hostname, hop.port)


def _failed(what: str, remedy: str, error: Optional[BaseException]) -> ConnectionFailed:
    detail = "" if error is None else "{}: {}".format(type(error).__name__, error)
    return ConnectionFailed(
        "{} {} {}".format(what, _NOTHING_SENT, remedy), detail=detail
    )


def stopped() -> ConnectionFailed:
    return ConnectionClosed(
        tr("The connection was closed from this side. {}").format(_NOTHING_SENT)
    )


def not_now(host: str) -> ConnectionFailed:
    return ConnectionFailed(
        tr(
            "There is no connection to {} just now. {} It is tried again by itself."
        ).format(host, _NOTHING_SENT)
    )


def not_reached(hop: Hop, error: BaseException, seconds: float) -> ConnectionFailed:
    """No TCP connection to the first hop."""
    place = _place(hop)
    if isinstance(error, Stopped):
        return stopped()
    if isinstance(error, socket.gaierror):
        return _failed(
            tr("The name {} is not known.").format(hop.hostname),
            tr("Check its spelling in the cluster profile, and the network or VPN."),
            error,
        )
    if isinstance(error, ConnectionRefusedError):
        return _failed(
            tr("{} refused the connection: nothing listens there.").format(place),
            tr(
                "Check the port in the cluster profile; if it is right, the host is "
                "being serviced: try later."
            ),
            error,
        )
    if isinstance(error, (OutOfTime, socket.timeout, TimeoutError)):
        return _failed(
            tr("{} did not answer within {:.0f} seconds.").format(place, seconds),
            tr(
                "Check the network, and the VPN where one is needed: a firewall drops "
                "what comes from outside."
            ),
            error,
        )
    return _failed(
        tr("{} cannot be reached from this computer.").format(place),
        tr("Check that it has a network, and the VPN where one is needed."),
        error,
    )


def not_forwarded(hop: Hop, before: Hop, error: BaseException) -> ConnectionFailed:
    """A hop would not lead us on."""
    code = getattr(error, "code", 0)
    if code == 1:
        return _failed(
            tr(
                "{} forbids to be used as a way to {} (TCP forwarding is switched off)."
            ).format(before, _place(hop)),
            tr(
                "Ask the cluster's people for another way in, and put that host under "
                "`jump` in the cluster profile."
            ),
            error,
        )
    if code:
        return _failed(
            tr("{} was reached, but could not reach {} from there.").format(
                before, _place(hop)
            ),
            tr(
                "Check that name and port in the cluster profile; if they are right, "
                "the host is down: try later."
            ),
            error,
        )
    return _failed(
        tr("{} was reached, but did not lead on to {} in time.").format(
            before, _place(hop)
        ),
        tr("Try again; if it stays so, tell the cluster's people."),
        error,
    )


def no_handshake(
    hop: Hop, error: Optional[BaseException], seconds: float
) -> ConnectionFailed:
    """Connected, but no SSH came of it."""
    place = _place(hop)
    if isinstance(error, Stopped):
        return stopped()
    if isinstance(error, OutOfTime):
        return _failed(
            tr("{} takes connections but did not speak within {:.0f} seconds.").format(
                place, seconds
            ),
            tr("The host may be overloaded: try again in a few minutes."),
            error,
        )
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return _failed(
            tr("{} and this program have no cipher or key type in common.").format(
                place
            ),
            tr("The host's SSH is very old or very strict: tell the cluster's people."),
            error,
        )
    if error is not None and "Indecipherable" in str(error):
        return _failed(
            tr("{} answers, but not as an SSH server.").format(place),
            tr("Check the port in the cluster profile (22 is usual)."),
            error,
        )
    return _failed(
        tr("{} closed the connection before the sign-in.").format(place),
        tr(
            "Check the port in the cluster profile (22 is usual); if it is right, try "
            "again in a minute: hosts do that when too many connect, and for a while "
            "after wrong passwords."
        ),
        error,
    )


def sign_in_lost(hop: Hop, error: BaseException) -> ConnectionFailed:
    """The connection ended, or fell silent, while signing in."""
    return _failed(
        tr("The connection to {} ended while signing in.").format(hop),
        tr("Try again; if it stays so, the host may not let more people in just now."),
        error,
    )


def no_way_in(hop: Hop, offered: str, tried: str) -> ConnectionFailed:
    """The server takes nothing that we have."""
    remedy = tr(
        "Install your public key there (ssh-copy-id, or ask the cluster's people), or "
        "name the right key under IdentityFile in ~/.ssh/config."
    )
    return _failed(
        tr("{} lets {} in only by {}; tried: {}.").format(
            hop, hop.user, offered, tried or tr("nothing, since no key was found")
        ),
        remedy,
        None,
    )


def no_session(hop: Hop, error: Optional[BaseException]) -> ConnectionFailed:
    return _failed(
        tr("{} does not take another command just now.").format(hop),
        tr("Try again; if it stays so, sign out and in again."),
        error,
    )


def lost(
    hop: Hop, sent: bool, error: Optional[BaseException] = None
) -> ConnectionFailed:
    """The connection broke under a command."""
    doubt = (
        tr(
            "Its last answer is missing, and nothing is sent twice by itself; jobs on "
            "the cluster go on."
        )
        if sent
        else _NOTHING_SENT
    )
    return ConnectionFailed(
        tr(
            "The connection to {} was lost. {} Check the network or VPN; it is "
            "connected again at the next try."
        ).format(hop, doubt),
        detail="" if error is None else "{}: {}".format(type(error).__name__, error),
        sent=sent,
    )


def check_unanswered(hop: Hop) -> ConnectionFailed:
    """The look that comes before a command did not end in time."""
    return _failed(
        tr("{} did not say in time what it sees of the job's files.").format(hop),
        tr("Try again: its disk or the host itself may be busy."),
        None,
    )


# -- the shell on the other side -----------------------------------------------------


def shell_in_the_way(hop: Hop, noise: str, code: int) -> ShellTrouble:
    """The line was taken, but what it begins with never came back."""
    return ShellTrouble(
        tr(
            "On {}, the start-up files of your shell (~/.bashrc, ~/.bash_profile, "
            "~/.cshrc, ~/.zshenv or config.fish) end it, or start another shell, "
            "before a command can run. Jobs on the cluster go on. Let those lines act "
            "in terminals only: in ~/.bashrc, put `[[ $- == *i* ]] || return` at its "
            "top."
        ).format(hop),
        detail=tr("exit code {}; it printed: {}").format(
            code, noise.strip() or "nothing"
        ),
        sent=True,
    )


def shell_is_slow(hop: Hop, seconds: float) -> ShellTrouble:
    return ShellTrouble(
        tr(
            "On {}, your login shell gave no answer within {:.0f} seconds. {} Look "
            "whether a start-up file there (~/.bash_profile, ~/.bashrc) waits for "
            "something; else the host is busy: try again in a minute."
        ).format(hop, seconds, _NOTHING_SENT)
    )


def flooded(hop: Hop, most: int) -> ShellTrouble:
    return ShellTrouble(
        tr(
            "A command on {} printed more than {} MB and was left. Jobs on the cluster "
            "go on. Look whether a start-up file of your shell there (~/.bashrc) "
            "prints without end; else try again."
        ).format(hop, most >> 20),
        sent=True,
    )
