"""The check's first lines: network, each hop, its key, how we got in, the shell.

What a hop's sentences say when it cannot be reached is in ssh/failures.py.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Iterator, List, Optional, Sequence, Tuple, Union

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyChanged,
    RemoteError,
)
from sleap_remote_plugin.session.check_line import Asked, CheckLine, line_of
from sleap_remote_plugin.slurm.text import lines_of
from sleap_remote_plugin.ssh import reach
from sleap_remote_plugin.ssh.log import HopReport
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.ssh.route import Hop

#: Seconds for a name to be looked up, and for a shell that does nothing.
LOOKUP_DEADLINE = 10.0
SHELL_DEADLINE = 20.0
#: Seconds that the two clocks may differ.
MOST_CLOCK_DIFFERENCE = 60.0

_SHELLS = ("bash", "zsh", "sh", "dash", "ksh")


def connection_lines(asked: Asked) -> Iterator[Union[str, CheckLine]]:
    """From this computer's network to being signed in.

    Raises
    ------
    SignInNeeded, HostKeyUnknown
        The user is asked, and the check is made again.
    """
    transport = asked.session.transport
    from sleap_remote_plugin.ssh.connection import SSHTransport  # slow: not at start

    if not isinstance(transport, SSHTransport):
        yield CheckLine(
            tr("Connection"), "ok", tr("This machine itself is used; no SSH.")
        )
        return
    hops = transport.route()
    yield tr("the name of {}").format(hops[0])
    known = _name_line(hops[0], transport.is_connected)
    yield known
    if known.verdict == "fail":
        return
    yield tr("the way to {}").format(hops[-1])
    failure: Optional[RemoteError] = None
    try:
        transport.connect()
    except (ConnectionFailed, HostKeyChanged) as error:
        failure = error
    reports = transport.hop_reports
    yield from hop_lines(asked, hops, reports, failure)
    yield from _key_lines(reports)
    yield from _sign_in_line(reports)


def _name_line(hop: Hop, connected: bool) -> CheckLine:
    addresses = reach.look_up(hop.hostname, hop.port, LOOKUP_DEADLINE)
    if addresses:
        shown = ", ".join(addresses[:3])
        text = tr("The name {} is known: {}.").format(hop.hostname, shown)
        if shown == hop.hostname:
            text = tr("{} is an address; no name is looked up.").format(shown)
        return CheckLine(tr("Network"), "ok", text)
    text = tr("The name {} is not known on this computer.").format(hop.hostname)
    return CheckLine(tr("Network"), "warn" if connected else "fail", text, _advice())


def _advice() -> str:
    """What this computer's networks let suspect."""
    up, vpns = reach.networks()
    if not up:
        return tr(
            "This computer has no network connection: connect it, and check again."
        )
    if vpns:
        return tr(
            "A VPN seems to be up ({}): if it is not the institute's, connect that "
            "one. Else check the name in the cluster profile."
        ).format(", ".join(vpns))
    return tr(
        "This computer has a network ({}), but no VPN seems to be up. Connect the VPN "
        "if you are outside the institute; else check the name in the cluster "
        "profile."
    ).format(", ".join(up[:3]))


# -- each hop ------------------------------------------------------------------------


def hop_lines(
    asked: Asked,
    hops: Sequence[Hop],
    reports: Sequence[HopReport],
    failure: Optional[RemoteError],
) -> Iterator[CheckLine]:
    """A line for each hop: signed in, the one that failed, those behind it."""
    known = {report.hop: report for report in reports}
    stopped_at: Optional[Hop] = None
    for hop in hops:
        report = known.get(hop.label, HopReport(hop.label))
        subject = _subject(hop, hops)
        if stopped_at is not None:
            yield CheckLine(
                subject,
                "warn",
                tr("{} was not looked at: it is reached through {}.").format(
                    hop, stopped_at
                ),
                tr("Mend what failed before it, and check again."),
            )
        elif report.user:
            yield CheckLine(subject, "ok", _reached(hop, report))
        elif failure is not None:
            stopped_at = hop
            yield _failed_hop(asked, subject, hop is hops[0], report, failure)


def _subject(hop: Hop, hops: Sequence[Hop]) -> str:
    if hop is hops[-1]:
        return tr("Gateway")
    number = list(hops).index(hop) + 1
    return tr("Bastion") if len(hops) == 2 else "Bastion {}".format(number)


def _reached(hop: Hop, report: HopReport) -> str:
    text = tr("{} was reached{} and let {} in within {:.1f} s ({}).")
    at = "" if report.address == hop.hostname else tr(" at {}").format(report.address)
    if report.address.startswith("through "):
        at = " " + report.address
    software = report.software.replace("SSH-2.0-", "", 1) or tr(
        "its software is unknown"
    )
    return text.format(hop, at, report.user, max(0.1, report.seconds), software)


def _failed_hop(
    asked: Asked, subject: str, is_first: bool, report: HopReport, failure: RemoteError
) -> CheckLine:
    if isinstance(failure, HostKeyChanged):
        return line_of(asked, tr("Host keys"), failure)
    line = line_of(asked, subject, failure)
    refused = "ConnectionRefused" in failure.detail
    if report.address or refused or not is_first:
        return line
    return CheckLine(subject, "fail", line.text, line.remedy + " " + _advice())


def _key_lines(reports: Sequence[HopReport]) -> Iterator[CheckLine]:
    for report in reports:
        if report.pinned:
            text = tr("{} shows {}, which is pinned: {}.")
            yield CheckLine(
                tr("Host keys"),
                "ok",
                text.format(report.hop, report.key, report.pinned),
            )


def _sign_in_line(reports: Sequence[HopReport]) -> Iterator[CheckLine]:
    """By what each hop was signed in to."""
    words = [
        tr("{} by {}").format(
            report.hop, " and ".join(report.methods) or tr("nothing at all")
        )
        for report in reports
        if report.user
    ]
    if words:
        users = " and ".join(dict.fromkeys(r.user for r in reports if r.user))
        text = tr("Signed in as {}: {}.").format(users, "; ".join(words))
        yield CheckLine("Sign-in", "ok", text)


# -- the shell, and the clock --------------------------------------------------------


def shell_lines(asked: Asked) -> Iterator[Union[str, CheckLine]]:
    """Whether the login shell keeps quiet, which one it is, and the clock there."""
    transport = asked.session.transport
    yield tr("the login shell")
    quiet = transport.run(
        ["sh", "-c", _DO_NOTHING], timeout=SHELL_DEADLINE, login_shell=False
    )
    yield shell_line(quiet.exit_code, quiet.stdout, quiet.stderr)
    mark = secrets.token_hex(8)
    began = asked.session.clock()
    told = transport.run(
        ["sh", "-c", 'echo "$1"; date +%s; echo "${SHELL:-}"', "sh", mark],
        login_shell=False,
    )
    ended = asked.session.clock()
    now, shell = _after(mark, told.stdout)
    if shell and shell.rsplit("/", 1)[-1] not in _SHELLS:
        text = tr("Your shell there is {}; commands are given to bash all the same.")
        yield CheckLine(tr("Login shell"), "ok", text.format(shell))
    if now.isdecimal():
        yield clock_line(int(now), began, ended)


#: A shell as sshd starts it (bash reads ~/.bashrc then), and one as our commands have.
_DO_NOTHING = (
    'env -u SHLVL "${SHELL:-/bin/sh}" -c true; code=$?; '
    "bash -lc true || code=$?; exit $code"
)
_QUIET = tr(
    "In ~/.bashrc and ~/.profile on the cluster, put `[[ $- == *i* ]] || return` "
    "before what prints, asks, exits or starts another shell: jobs run them too."
)


def shell_line(exit_code: int, stdout: str, stderr: str) -> CheckLine:
    """What a login shell did that was told to do nothing."""
    if exit_code:
        return CheckLine(
            tr("Login shell"),
            "fail",
            tr(
                "A command that does nothing ended with exit code {}: something in "
                "your start files there ends the shell.{}"
            ).format(exit_code, _said("stderr", stderr)),
            _QUIET,
        )
    noise = _said("stdout", stdout) + _said("stderr", stderr)
    if noise:
        return CheckLine(
            tr("Login shell"),
            "warn",
            tr(
                "Your start files there print something for every command.{} It is "
                "passed over."
            ).format(noise),
            _QUIET,
        )
    return CheckLine(tr("Login shell"), "ok", tr("It prints nothing of its own."))


def _said(stream: str, text: str) -> str:
    lines = [line.strip()[:120] for line in lines_of(text)]
    if not lines:
        return ""
    more = tr(" and {} more lines").format(len(lines) - 2) if len(lines) > 2 else ""
    return " On {}: “{}”{}.".format(stream, " / ".join(lines[:2]), more)


def _after(mark: str, text: str) -> Tuple[str, str]:
    """The two lines after the mark; a shell's noise comes before."""
    lines: List[str] = [line.strip() for line in text.splitlines()]
    if mark not in lines:
        return "", ""
    rest = lines[lines.index(mark) + 1 :] + ["", ""]
    return rest[0], rest[1]


def clock_line(there: int, began: float, ended: float) -> CheckLine:
    """How far the cluster's clock is from ours, less what the question took."""
    ahead = there - (began + ended) / 2
    sure = max(0.0, abs(ahead) - (ended - began) / 2 - 1.0)
    if sure <= MOST_CLOCK_DIFFERENCE:
        return CheckLine(tr("Clock"), "ok", tr("This computer and the cluster agree."))
    return CheckLine(
        tr("Clock"),
        "warn",
        tr("The cluster's clock is {:.0f} seconds {} this computer's.").format(
            abs(ahead), tr("ahead of") if ahead > 0 else "behind"
        ),
        tr(
            "Let this computer set its clock by the network: times of jobs are wrong "
            "here until then, and one-time codes may be refused."
        ),
    )
