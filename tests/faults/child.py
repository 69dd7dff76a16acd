"""A program of the user's that submits one package, and may be killed while it does.

Reads its orders, a line of JSON, from stdin (the password is among them).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.session import claim, store
from sleap_remote_plugin.session import submit as submission
from sleap_remote_plugin.session.opening import open_session
from tests.cluster.laptop import connect
from tests.faults.trial import submit, submit_chain

#: Step -> (where its function is, its name, which call of it).
STEPS = {
    "folder claimed": (claim, "take", 1),
    "intent in the list": (store.Store, "add", 1),
    "intent on the mount": (submission, "save_intent", 1),
    "seen whole": (submission.Look, "is_whole", 1),
    "announced on the mount": (submission, "save_record", 1),
    "announced in the list": (store.Store, "add", 2),
    "ready to send": (submission, "_still_claimed", 1),
    "answer read": (submission.output, "read_submission", 1),
    "id on the mount": (submission, "save_record", 2),
    "id in the list": (store.Store, "add", 3),
    "claim released": (claim, "release", 1),
}

#: How often the first of two submissions calls each function.
_CALLS = {"add": 3, "save_record": 2}
#: The same steps of the second one; before the first of them both are apart.
THEN_STEPS = {
    "then: " + step: (place, name, which + _CALLS.get(name, 1))
    for step, (place, name, which) in STEPS.items()
}


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(step, when):
    """Be killed by SIGKILL before or after a step, or while sbatch is answered."""
    place, name, which = {**STEPS, **THEN_STEPS}[step]
    real = getattr(place, name)
    calls = []

    def patched(*args, **kwargs):
        calls.append(1)
        if len(calls) != which:
            return real(*args, **kwargs)
        if when == "before":
            die()
        answer = real(*args, **kwargs)
        die()
        return answer

    setattr(place, name, patched)


def die_while_sent(seconds):
    """Be killed so soon after the word for sbatch was given, or once it answered."""
    real = submission._still_claimed

    def ready(*args):
        real(*args)
        threading.Timer(seconds, die).start()

    submission._still_claimed = ready
    submission.output.read_submission = die


def main():
    orders = json.loads(sys.stdin.readline())
    session = open_session(load_profile(Path(orders["profile"])))
    connect(session, orders["password"], set(orders["fingerprints"]))
    session.to_cluster(orders["folder"])
    package = load_package(Path(orders["folder"]))
    if orders.get("step") == "sent":
        die_while_sent(orders["when"])
    elif orders.get("step"):
        die_at(orders["step"], orders["when"])
    if orders.get("at"):  # two windows at the same moment
        print("ready", flush=True)
        sys.stdin.readline()
    try:
        if orders.get("chain"):
            job = submit_chain(session, package).training
        else:
            job = submit(session, package)
    except RemoteError as error:
        print("{}: {}".format(type(error).__name__, error))
        return 1
    finally:
        session.disconnect()
    print("{} {}".format(job.state.value, job.slurm_id))
    return 0


if __name__ == "__main__":
    sys.exit(main())
