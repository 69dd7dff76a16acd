"""A user's whole cycle with marked secrets, as a process of its own.

``python -m tests.cluster.secret_cycle first|again``, in a home of its own, in a session
bus with a keyring; the secrets come on stdin, what came of it goes to stdout. All that
is logged goes to ``~/log``, at DEBUG. Looked at by test_secrets.py.
"""

from __future__ import annotations

import copy
import faulthandler
import json
import logging
import os
import pickle
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from sleap_remote_plugin.errors import (
    HostKeyUnknown,
    RemoteError,
    SignInNeeded,
    SignInRefused,
)
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.session.opening import open_session
from sleap_remote_plugin.ssh.client import ClientTransport
from tests.cluster.laptop import (
    any_generation,
    broken_package,
    submit_training,
    wait_for,
)

OURS = os.sep + "sleap_remote_plugin" + os.sep
log = logging.getLogger("cycle")


class User:
    """Answers what is asked, from the secrets that were given."""

    def __init__(self, secrets):
        self.secrets = secrets
        self.password = "password"
        self.asked = []

    def connect(self, session):
        while True:
            try:
                session.connect()
                return
            except HostKeyUnknown as error:
                session.trust_host(error)
            except SignInRefused as error:
                show(error)
                raise
            except SignInNeeded as error:
                show(error)
                self.answer(session, error)

    def answer(self, session, error):
        if getattr(error, "key_file", ""):
            kind = "passphrase"
        elif error.prompts:
            kind = "code"
        else:
            kind = self.password
        self.asked.append(kind)
        assert self.asked.count(kind) < 4, self.asked
        given = self.secrets[kind]
        if kind == "code":
            given = "\n".join(
                self.secrets["password" if "assword" in prompt else "code"]
                for prompt, _ in error.prompts
            )
        said = session.give_password(error, given, keep=True)
        assert said == "", said


def show(error):
    """Write all that a bug report of this error could hold into the log."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    while trace is not None:
        # Frames of others hold what we gave them; ours must not show it.
        ours = [frame for frame in trace.stack if OURS in frame.filename]
        trace.stack = traceback.StackSummary.from_list(ours)
        for frame, summary in zip(ours, trace.stack):
            log.info("%s locals %s", summary, frame.locals)
        trace = trace.__cause__ or trace.__context__
    log.info("%r %s %s %s", error, error, error.args, vars(error), exc_info=error)


def look_into(thing, seen=None, depth=0):
    """Every repr below an object of ours, and what pickle makes of it."""
    seen = set() if seen is None else seen
    if id(thing) in seen or depth > 12:
        return
    seen.add(id(thing))
    log.info("%s", repr(thing))
    inner = vars(thing).values() if hasattr(thing, "__dict__") else ()
    if isinstance(thing, dict):
        inner = list(thing) + list(thing.values())
    elif isinstance(thing, (list, tuple, set)):
        inner = thing
    for one in list(inner):
        look_into(one, seen, depth + 1)
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        try:
            log.info("%r", way(thing))
        except Exception as error:  # most cannot be copied, which is well
            log.info("%s: %s", way.__name__, error)


def first(practice, secrets):
    """Wrong password, right password, a job, errors; then a key and a code."""
    user = User(dict(secrets))
    session = open_session(load_profile(Path(practice["profile"])))
    user.password = "wrong"
    try:
        user.connect(session)
    except SignInRefused as error:
        user.password = "password"
        user.answer(session, error)
    user.connect(session)
    work(session, Path(practice["mount"], "secrets"))
    fail_on_the_way(session)
    look_into(session)
    faulthandler.dump_traceback(sys.stderr, all_threads=True)
    sign_in_by_key(user, practice)
    sign_in_by_code(user)
    session.disconnect()
    return user.asked


def work(session, place):
    place.mkdir()
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)
    job = wait_for(session, job, lambda job: job.state.is_final)
    log.info("%r %s %s", job, session.log_tail(job), session.diagnose(job))
    for line in session.check(folder=place):
        log.info("%r", line)
    log.info("%s", "\n".join(session.transport.log_lines()))


def fail_on_the_way(session):
    """An error that nobody expected, at the moment when a password is given."""
    session.disconnect()
    for name in ("auth_password", "auth_interactive"):
        setattr(ClientTransport, name, _broken)
    try:
        session.connect()
    except (ZeroDivisionError, RemoteError) as error:
        show(error)
    else:
        raise AssertionError("nothing failed: no password was given")
    finally:
        for name in ("auth_password", "auth_interactive"):
            delattr(ClientTransport, name)


def _broken(*args, **kwargs):
    raise ZeroDivisionError("a bug")


def sign_in_by_key(user, practice):
    profile = load_profile(Path(practice["profile"]))
    ssh = Path("~/.ssh").expanduser()
    (ssh / "config").write_text("Host *\n  IdentityFile ~/.ssh/marked\n")
    session = open_session(replace(profile, name="by-key"))
    user.connect(session)
    session.disconnect()
    (ssh / "config").unlink()
    look_into(session)


def sign_in_by_code(user):
    from tests.ssh.servers import Account, PasswordServer

    given = [user.secrets["password"], user.secrets["code"]]
    account = Account("", "keyboard-interactive", ["Password: ", "Code: "], given)
    server = PasswordServer(account)
    profile = load_profile(Path(os.environ["PROFILE"]))
    there = Address("127.0.0.1", server.port)
    session = open_session(replace(profile, name="by-code", login=there, jump=()))
    try:
        user.connect(session)
        look_into(session)
        session.disconnect()
    finally:
        server.stop()


def again(practice, secrets):
    """A new process: the keyring is asked, the user is not; then all is forgotten."""
    user = User({})
    session = open_session(load_profile(Path(practice["profile"])))
    session.connect()
    assert session.transport.run(["whoami"]).exit_code == 0
    kept = in_keyring(secrets)
    session.forget_password()
    return {"kept": kept, "left": in_keyring(secrets), "asked": user.asked}


def in_keyring(secrets):
    """``[what is kept, under which service]`` of everything in the keyring."""
    import secretstorage

    bus = secretstorage.dbus_init()
    found = []
    for collection in secretstorage.get_all_collections(bus):
        for item in collection.get_all_items():
            text = item.get_secret().decode("utf-8", "replace")
            service = item.get_attributes().get("service", "")
            found += [[k, service] for k, secret in secrets.items() if secret in text]
            shown = "{} {}".format(item.get_label(), item.get_attributes())
            assert not [s for s in secrets.values() if s in shown]
    return sorted(found)


def main(which):
    given = json.load(sys.stdin)
    logging.basicConfig(filename=os.path.expanduser("~/log"), level=logging.DEBUG)
    for name in ("paramiko", "sleap_remote_plugin", "keyring", "secretstorage"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    act = {"first": first, "again": again}[which]
    came_of_it = act(given["practice"], given["secrets"])
    inside = json.dumps(dict(os.environ), ensure_ascii=False)
    leaked = [k for k, secret in given["secrets"].items() if secret in inside]
    json.dump({"result": came_of_it, "environment": leaked}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
