"""Days on which nobody can connect: each a sentence, nothing kept, mended unrestarted.

Real sshd on two hops. What breaks under a running command is in test_bad_moments.py,
shells that interfere are in test_bad_shells.py, the window in test_bad_window.py.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

import pytest

from sleap_remote_plugin.errors import (
    ConnectionFailed,
    HostKeyChanged,
    RemoteError,
    SignInNeeded,
    SignInRefused,
)
from tests.cluster.bad_days import TESTED_ONCE, Laptop, assert_sentence

pytestmark = pytest.mark.cluster

DOOR = Laptop.CONFIG
QUICK = {"connect": 2.0, "handshake": 2.0}


@dataclass(frozen=True)
class BadDay:
    """What is wrong, and what the user is told.

    Attributes
    ----------
    fault : str
        What the practice cluster breaks; empty: `config` is wrong.
    password : bool
        Sign in with the password that is in the keyring; else with a key.
    method : str
        The bastion's way of signing in, as the practice cluster calls it.
    safe : str
        What the sentence says of what was not done.
    keeps_password : bool
        Whether the password is still in the keyring afterwards.
    """

    fault: str = ""
    says: tuple = ()
    error: type = ConnectionFailed
    config: str = DOOR
    password: bool = False
    method: str = "any"
    deadlines: dict = field(default_factory=dict)
    safe: str = "Nothing was sent"
    keeps_password: bool = True


def password(fault, *says, **more):
    return BadDay(fault, says, password=True, **more)


# The same code for both paramikos: tested once.
ONCE = {
    "a host name that is wrong": BadDay(
        says=("no-such-host.invalid is not known", "Check its spelling"),
        config="Host door\n HostName no-such-host.invalid\n",
    ),
    "a port where nothing listens": BadDay(
        says=("port 2299) refused", "Check the port"),
        config="Host door\n HostName {bastion}\n Port 2299\n",
    ),
    "a port of another program": BadDay(
        says=("controller (port 6817) closed the connection", "Check the port"),
        config=DOOR + "Host gateway\n HostName controller\n Port 6817\n",
    ),
    "a host behind the bastion that does not exist": BadDay(
        says=("was reached, but could not reach", "no-such-host"),
        config=DOOR + "Host gateway\n HostName no-such-host\n",
    ),
    "jumps that lead round in a circle": BadDay(
        says=("circle", "ProxyJump", "~/.ssh/config"),
        config="Host door\n ProxyJump other\nHost other\n ProxyJump door\n",
    ),
    "a firewall that drops": BadDay(
        "network", ("did not answer within 2 seconds", "VPN"), deadlines=QUICK
    ),
    "a bastion that is down": BadDay("bastion", ("refused the connection", "later")),
    "a gateway that is down": BadDay(
        "gateway", ("was reached, but could not reach gateway", "try later")
    ),
    "a gateway whose cable is out": BadDay(
        "inner-network", ("did not lead on to gateway",), deadlines=QUICK
    ),
    "an sshd that takes connections and is silent": BadDay(
        "sshd-frozen", ("did not speak within 2 seconds",), deadlines=QUICK
    ),
}
# A host that turns a right password away says why; the password is not forgotten.
TURNED_AWAY = {"error": RemoteError, "safe": ""}
CHANGE_IT = ("password of jane to be changed", "in a terminal")
SIGN_IN = {
    "a bastion with another host key": password(
        "host-key-changed:bastion",
        "shows another ssh-ed25519 key",
        "Ask the cluster's people",
        error=HostKeyChanged,
    ),
    "a gateway with another host key": password(
        "host-key-changed:gateway",
        "gateway (reached through door) shows another ssh-ed25519 key",
        "Ask the cluster's people",
        error=HostKeyChanged,
    ),
    "an account that is locked on the bastion": password(
        "account-locked:bastion",
        "door did not take the password",
        error=SignInRefused,
        safe="tried once",
        keeps_password=False,
    ),
    "an account that is locked on the gateway": password(
        "account-locked:gateway",
        "gateway did not take the password",
        error=SignInRefused,
        safe="tried once",
    ),
    "an account that has expired, with a key": BadDay(
        "account-expired:bastion", ("door", "Your account has expired")
    ),
    "an account that has expired, with a password": password(
        "account-expired:bastion", "door", "Your account has expired", **TURNED_AWAY
    ),
    "an account that has expired on the gateway": password(
        "account-expired:gateway", "gateway", "Your account has expired", **TURNED_AWAY
    ),
    "a bastion that is being serviced": password(
        "nologin:bastion", "door", "being serviced until Monday", **TURNED_AWAY
    ),
    "a gateway that is being serviced": BadDay(
        "nologin:gateway", ("gateway", "being serviced until Monday")
    ),
    "a password that must be changed on the bastion, with a key": BadDay(
        "password-expired:bastion", CHANGE_IT, safe="Nothing was"
    ),
    "a password that must be changed on the bastion": password(
        "password-expired:bastion", *CHANGE_IT, safe="Nothing was"
    ),
    "a password that must be changed, asked by keyboard": password(
        "password-expired:bastion",
        *CHANGE_IT,
        safe="Nothing was",
        method="keyboard-interactive",
    ),
    "a password that must be changed on the gateway": password(
        "password-expired:gateway", *CHANGE_IT, safe="Nothing was"
    ),
    "a second factor that is not confirmed in time": password(
        "push-unanswered:bastion",
        "door",
        "confirm",
        error=SignInNeeded,
        safe="Nothing else was sent",
        method="keyboard-interactive",
    ),
    "a second factor that is not confirmed on the gateway": password(
        "push-unanswered:gateway",
        "gateway",
        "confirm",
        error=SignInNeeded,
        safe="Nothing else was sent",
    ),
}
DAYS = [pytest.param(day, id=name, marks=TESTED_ONCE) for name, day in ONCE.items()]
DAYS += [pytest.param(day, id=name) for name, day in SIGN_IN.items()]


@pytest.mark.parametrize("day", DAYS)
def test_the_user_is_told_nothing_is_kept_and_it_is_mended_unrestarted(
    home, alone, whole_practice, day
):
    laptop = Laptop(
        home,
        whole_practice,
        with_key=not day.password,
        method=day.method,
        **day.deadlines,
    )
    laptop.write_config(day.config)
    if day.fault:
        whole_practice.fail(day.fault)
    before = laptop.stored()
    with pytest.raises(day.error) as caught:
        laptop.works()

    assert_sentence(caught.value, day.safe, *day.says)
    assert whole_practice.password not in str(caught.value) + caught.value.detail
    assert not laptop.session.transport.is_connected
    assert laptop.stored() == (before if day.keeps_password else before[:2] + ({},))

    if day.fault:
        whole_practice.mend()
    laptop.write_config()
    if isinstance(caught.value, SignInNeeded):
        laptop.session.give_password(caught.value, whole_practice.password, True)
    laptop.works()
    assert laptop.session.transport.run(["hostname"]).stdout == "gateway\n"


# -- known_hosts ---------------------------------------------------------------------


def _is_a_folder(path):
    path.mkdir()


def _is_garbage(path):
    path.write_bytes(os.urandom(20000) + b"\ngateway ssh-ed25519 AAAA\n@revoked\n|1|\n")


def _is_gone(path):
    assert not path.exists()


@TESTED_ONCE
@pytest.mark.parametrize("spoil", [_is_a_folder, _is_garbage, _is_gone])
def test_known_hosts_that_cannot_be_read_makes_hosts_unknown_and_stays_as_it_is(
    home, alone, whole_practice, spoil
):
    laptop = Laptop(home, whole_practice)
    laptop.known_hosts.unlink()
    spoil(laptop.known_hosts)
    before = laptop.stored()

    assert laptop.trust_all() == 2

    laptop.works()
    files, _, _ = laptop.stored()
    assert {name: files[name] for name in before[0]} == before[0]


@TESTED_ONCE
def test_known_hosts_that_is_huge_and_half_garbage_is_believed_where_it_is_whole(
    home, alone, whole_practice
):
    laptop = Laptop(home, whole_practice)
    known = laptop.known_hosts.read_bytes()
    line = known.split(b" ", 1)[1].splitlines()[0]
    many = b"".join(b"host%d.example.org %s\n" % (n, line) for n in range(40000))
    laptop.known_hosts.write_bytes(many + os.urandom(5000) + b"\n" + known)

    laptop.works()


@TESTED_ONCE
def test_known_hosts_that_nobody_ever_fills_is_left_out(home, alone, whole_practice):
    laptop = Laptop(home, whole_practice)
    laptop.known_hosts.unlink()
    os.mkfifo(str(laptop.known_hosts))
    asked = []
    thread = threading.Thread(
        target=lambda: asked.append(laptop.trust_all()), daemon=True
    )
    thread.start()
    thread.join(60)
    # Whoever reads it still is let go, however the test ends.
    os.close(os.open(str(laptop.known_hosts), os.O_RDWR | os.O_NONBLOCK))

    assert asked == [2]
