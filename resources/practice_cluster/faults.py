"""Parts that can be made to fail, and put right again, by name.

What is broken is listed in the state folder; breaking what is broken and mending what
is whole change nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from . import accounts, disk, doors, greetings, hosts, network, processes, services
from .settings import NODES, PracticeClusterError

FILE = "faults.json"


@dataclass(frozen=True)
class Fault:
    """What it looks like, how it is made, how it is mended, which kinds there are.

    `kinds` is empty, or what may follow the fault's name and a colon.
    """

    shows: str
    fail: Callable
    mend: Callable
    kinds: tuple = ()


def _daemon(shows, *names):
    def stop(settings, _):
        for name in names:
            services.kill(settings, services.by_name(name))

    def start(settings, _):
        for name in names:
            services.start(settings, services.by_name(name))

    return Fault(shows, stop, start)


def _cable(shows, port):
    return Fault(
        shows,
        lambda settings, _: network.unplug(settings, port),
        lambda settings, _: network.plug_back(settings, port),
    )


def _on_host(shows, fail, mend):
    return Fault(shows, fail, mend, ("bastion", "gateway"))


def _freeze(settings, _):
    for service in services.SSHDS:
        services.freeze(settings, service)


def _thaw(settings, _):
    for service in services.SSHDS:
        services.thaw(settings, service)


def _kill_node(settings, node):
    hosts.kill_host(settings, node)


def _revive_node(settings, node):
    if processes.first_process(settings, node) is None:
        hosts.forget_files(settings, node)
        hosts.start(settings, [node])
        network.plug_in(settings, node)
    for name in ("munged on ", "slurmd on "):
        services.start(settings, services.by_name(name + node))
    processes.wait_for(
        lambda: node not in services.nodes_missing(settings), 30, node + " to be idle"
    )


def _slow_down(settings, time):
    match = re.fullmatch(r"([0-9]{1,5})ms", time)
    if not match:
        raise PracticeClusterError(
            "latency:{}: give the round trip's time as in latency:20ms.".format(time)
        )
    network.start_delay(settings, int(match.group(1)))


FAULTS = {
    "slurmctld": _daemon("squeue and sbatch hang, then fail", "slurmctld"),
    "slurmdbd": _daemon("sacct fails at once, squeue works", "slurmdbd"),
    "mariadb": _daemon("accounting has no database", "mariadb"),
    "bastion": _daemon("its connections end, new ones are refused", "sshd on bastion"),
    "gateway": _daemon("its connections end, new ones are refused", "sshd on gateway"),
    "sshd-frozen": Fault("sshd on both hops accepts and says nothing", _freeze, _thaw),
    "network": _cable("no packet passes between laptop and bastion", "laptop"),
    "inner-network": _cable("no packet reaches or leaves the gateway", "gateway"),
    "latency": Fault(
        "round trips to the bastion take this much longer",
        _slow_down,
        lambda settings, _: network.stop_delay(settings),
        ("20ms",),
    ),
    "node": Fault("a node loses its power", _kill_node, _revive_node, tuple(NODES)),
    "disk-full": Fault(
        "no room left on the disk, for laptop and cluster",
        lambda settings, _: disk.fill(settings),
        lambda settings, _: disk.unfill(settings),
    ),
    "disk-unmounted": Fault(
        "the laptop's mount is gone; an empty folder is in its place",
        lambda settings, _: disk.unmount(settings),
        lambda settings, _: disk.mount(settings),
    ),
    "disk-readonly": Fault(
        "the laptop cannot write to its mount; the cluster can",
        lambda settings, _: disk.make_readonly(settings),
        lambda settings, _: disk.make_writable(settings),
    ),
    "account-locked": _on_host(
        "no password is right; keys are", accounts.lock, accounts.unlock
    ),
    "account-expired": _on_host(
        "nothing lets the user in", accounts.expire, accounts.renew
    ),
    "password-expired": _on_host(
        "a new password is wanted before anything else",
        accounts.expire_password,
        accounts.renew_password,
    ),
    "nologin": _on_host(
        "the host is being serviced: root only", accounts.close, accounts.open_again
    ),
    "host-key-changed": _on_host(
        "its connections end; new ones see other keys",
        doors.change_keys,
        doors.keys_as_before,
    ),
    "push-unanswered": _on_host(
        "a second factor that nobody confirms, until sshd hangs up",
        doors.ask_for_push,
        doors.ask_no_more,
    ),
    "motd": Fault(
        "banner, message of the day and login shells print on both streams",
        greetings.greet,
        greetings.be_quiet,
    ),
    "rc": Fault(
        "the user's .bashrc prints, ends the shell, or becomes zsh",
        greetings.spoil_bashrc,
        greetings.mend_bashrc,
        greetings.BASHRC,
    ),
    "login-shell": Fault(
        "the user's shell is another one",
        accounts.choose_shell,
        accounts.choose_bash,
        accounts.SHELLS,
    ),
}


def present(settings):
    """Names of the faults that are present, in the order in which they were made."""
    try:
        return json.loads(Path(settings.state, FILE).read_text())
    except FileNotFoundError:
        return []


def _remember(settings, names):
    path = Path(settings.state, FILE)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(names))
    new.replace(path)


def spellings():
    """``{name as it is typed: what it looks like}``; NAME:KIND for each kind."""
    return {
        "{}:{}".format(name, kind) if kind else name: fault.shows
        for name, fault in FAULTS.items()
        for kind in fault.kinds or ("",)
    }


def _look_up(what):
    name, _, kind = what.partition(":")
    # Any time may be asked for; it is read where the wire is slowed.
    if what not in spellings() and not (name == "latency" and kind):
        raise PracticeClusterError(
            "{!r} is not something that can fail. What can: {}.".format(
                what, ", ".join(spellings())
            )
        )
    return name, FAULTS[name], kind


def fail(settings, what):
    """Break `what`."""
    kind, fault, detail = _look_up(what)
    names = present(settings)
    if what in names:
        return
    if kind == "latency":
        names = [name for name in names if not name.startswith("latency:")]
    # Remembered first: if this is cut short, mending puts right whatever was done.
    _remember(settings, names + [what])
    try:
        fault.fail(settings, detail)
    except PracticeClusterError:
        fault.mend(settings, detail)
        _remember(settings, names)
        raise


def mend(settings, what=None):
    """Put right `what`, or everything, the newest fault first."""
    if what is not None:
        _look_up(what)
    for name in reversed(present(settings)):
        if what not in (None, name):
            continue
        _, fault, detail = _look_up(name)
        fault.mend(settings, detail)
        _remember(settings, [n for n in present(settings) if n != name])
